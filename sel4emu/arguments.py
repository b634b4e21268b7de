# SPDX-License-Identifier: BSD-2-Clause
"""Checks of what a Python program asks of a machine; a mistake raises at once, with a sentence.

TypeError for a value of another type, ValueError for one out of range. Whole numbers are what
`operator.index` takes: numpy's integers too, floating point never.
"""

import math
import operator
from typing import SupportsIndex


def whole_number(name: str, value: SupportsIndex, least: int, most: int) -> int:
    """`value` as an int from `least` to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if not least <= number <= most:
        raise ValueError(f"{name} must be from {least} to {most}, not {number}")
    return number


def duration(name: str, seconds: float) -> float:
    """`seconds` as a time that is finite and not negative."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {seconds!r}")
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{name} must be finite and not negative, not {seconds}")
    return float(seconds)
