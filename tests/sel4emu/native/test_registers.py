# SPDX-License-Identifier: BSD-2-Clause
"""Condition codes against their table."""

from collections.abc import Callable
from typing import Final

import pytest

from sel4emu.native.registers import condition_passed

#: ARM ARM table A3-1.
TABLE: Final[list[Callable[[bool, bool, bool, bool], bool]]] = [
    lambda n, z, c, v: z,  # EQ
    lambda n, z, c, v: not z,  # NE
    lambda n, z, c, v: c,  # CS
    lambda n, z, c, v: not c,  # CC
    lambda n, z, c, v: n,  # MI
    lambda n, z, c, v: not n,  # PL
    lambda n, z, c, v: v,  # VS
    lambda n, z, c, v: not v,  # VC
    lambda n, z, c, v: c and not z,  # HI
    lambda n, z, c, v: not c or z,  # LS
    lambda n, z, c, v: n == v,  # GE
    lambda n, z, c, v: n != v,  # LT
    lambda n, z, c, v: not z and n == v,  # GT
    lambda n, z, c, v: z or n != v,  # LE
    lambda n, z, c, v: True,  # AL
    lambda n, z, c, v: True,  # unconditional space
]


@pytest.mark.parametrize("condition", range(16))
def test_condition_codes(condition: int) -> None:
    """All 16 conditions on all 16 settings of the flags."""
    for flags in range(16):
        n, z, c, v = (bool(flags >> bit & 1) for bit in (3, 2, 1, 0))
        passed = bool(condition_passed(condition, flags << 28 | 0x1D3))
        assert passed == TABLE[condition](n, z, c, v), (condition, flags)
