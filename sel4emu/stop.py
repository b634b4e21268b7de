# SPDX-License-Identifier: BSD-2-Clause
"""Why a run ended, as a value."""

from dataclasses import dataclass
from enum import Enum


class StopReason(Enum):
    """What ended a run; the value is the word used in reports."""

    CYCLE = "cycle"  # the cycle asked for was reached
    TIME = "time"  # the host time asked for has passed
    ADDRESS = "address"
    PREDICATE = "predicate"
    STEP = "step"
    HALT = "halt"  # the guest ended the run itself
    STUCK = "stuck"  # nothing can ever happen again
    CRASH = "crash"
    TEXT = "text"  # the console has printed what was waited for
    SCRIPT = "script"  # the script is done
    SCRIPT_TIME = "script-time"  # a text that the script expects has not come in time


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a run: the reason, a sentence for people, and the guest's own status if any."""

    reason: StopReason
    message: str = ""
    status: int = 0
