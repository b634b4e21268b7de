# SPDX-License-Identifier: BSD-2-Clause
"""Operands, conditions and switches, worked out by hand."""

from dataclasses import replace

import pytest

from sel4emu.reference.records import (
    ACTLR_DB,
    SCTLR_FI,
    SCTLR_Z,
    Control,
    Executed,
    bits,
    condition_passes,
)

N, Z, C, V = 8, 4, 2, 1
#: For each condition, the values of NZCV (as a number) under which it holds.
HOLDS = {
    0: {n for n in range(16) if n & Z},
    2: {n for n in range(16) if n & C},
    4: {n for n in range(16) if n & N},
    6: {n for n in range(16) if n & V},
    8: {2, 3, 10, 11},
    10: {0, 2, 4, 6, 9, 11, 13, 15},
    12: {0, 2, 9, 11},
}


@pytest.mark.parametrize("condition", HOLDS)
def test_conditions(condition: int) -> None:
    """Each condition holds under its flags, and its opposite under all the others."""
    passing = {flags for flags in range(16) if condition_passes(condition, flags << 28)}
    failing = {flags for flags in range(16) if condition_passes(condition + 1, flags << 28)}
    assert passing == HOLDS[condition]
    assert failing == set(range(16)) - passing


def test_always() -> None:
    """The last two condition fields hold under any flags."""
    assert all(condition_passes(field, flags << 28) for field in (14, 15) for flags in range(16))


def test_pc_as_an_operand() -> None:
    """PC is two instructions ahead; in Thumb, it is rounded down to a word."""
    arm = Executed(0x1000, 0, 4, False, (0,) * 15 + (0x1000,), 0x10)
    thumb = replace(arm, thumb=True, address=0x1002)
    assert arm.value(15) == 0x1008 and thumb.value(15) == 0x1004


def test_privilege() -> None:
    """Only mode 0x10 is the user's."""
    user = Executed(0, 0, 4, False, (0,) * 16, 0x10)
    assert not user.privileged and replace(user, cpsr=0x1F).privileged


def test_predictors_need_z(control: Control) -> None:
    """Without SCTLR.Z no predictor works, whatever ACTLR says."""
    assert control.predicts(ACTLR_DB)
    assert not replace(control, sctlr=control.sctlr & ~SCTLR_Z).predicts(ACTLR_DB)
    assert not replace(control, actlr=0).predicts(ACTLR_DB)


def test_hit_under_miss_takes_two_bits_to_switch_off(control: Control) -> None:
    """ACTLR bit 31 and SCTLR.FI together end it, neither alone."""
    hidden, fast = 1 << 31, control.sctlr | SCTLR_FI
    assert replace(control, actlr=hidden).hit_under_miss
    assert replace(control, sctlr=fast).hit_under_miss
    assert not replace(control, actlr=hidden, sctlr=fast).hit_under_miss


def test_bits() -> None:
    """A field has both its ends."""
    assert bits(0xABCD, 11, 4) == 0xBC
