# SPDX-License-Identifier: BSD-2-Clause
"""The cycle model in plain Python: the oracle that the compiled model is held against.

Written from the rules of docs/TIMING.md alone, for reading and not for speed; it shares no code
with the model that runs. Start reading at `model.py`, which follows the rules' order.
"""

from sel4emu.reference.model import CycleModel
from sel4emu.reference.records import Control, Executed

__all__ = ["Control", "CycleModel", "Executed"]
