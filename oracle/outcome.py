# SPDX-License-Identifier: BSD-2-Clause
"""What a program left behind on a machine, and where every program ends."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

#: A program ends by jumping here: privileged, with this megabyte of memory mapped flat.
FINISH: Final = 0x87F0_0000


class Ending(Enum):
    """How a run ended; the value is the word used in reports and golden data."""

    FINISHED = "finished"  # the program jumped to FINISH
    TIMEOUT = "timeout"  # the limit passed first
    STOPPED = "stopped"  # the machine ended by itself: a crash, a reset


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run: how it ended, the console's bytes, and the regions asked for.

    `regions` has one item for each region, in order, and is empty unless the program finished.
    `detail` is a sentence for people about another ending; it is not compared.
    """

    ending: Ending
    console: bytes
    regions: tuple[bytes, ...]
    detail: str = ""
