# SPDX-License-Identifier: BSD-2-Clause
"""What a random sequence knows of itself while it is built."""

import pytest

from oracle.random_builder import USR, Builder, Checks
from oracle.random_dice import Dice
from sel4emu.disassembly import disassemble


def builder(**changes: bool) -> Builder:
    checks = Checks(changes.get("strict", False), changes.get("unaligned", True))
    return Builder(Dice(1), anchor=3, mode=USR, thumb=False, checks=checks)


@pytest.mark.parametrize("value", [0, 1, 0xFF, 0x100, -1, -0x1FF, 0x1_23F0, 0x1F_FFFF])
def test_constants_are_added_exactly(value: int) -> None:
    """The immediates of the instructions add up to the value, whatever its size and sign."""
    b = builder()
    b.add_constant(2, 3, value)
    total = 0
    for offset in range(0, b.here, 4):
        text = disassemble(int.from_bytes(b.code[offset : offset + 4], "little"), 0)
        name, _, operands = text.partition(" ")
        total += int(operands.rpartition("#")[2], 0) * (1 if name == "add" else -1)
        assert operands.startswith("r2, r3" if offset == 0 else "r2, r2")
    assert total == value


@pytest.mark.parametrize("value", [0, 0xFFFF_FFFF, 0x8000_0001, 0x101, 0xF300_009F, 0xC000_0003])
def test_constants_are_set_exactly(value: int) -> None:
    """MOV and ORR put the value together."""
    b = builder()
    b.set_constant(2, value)
    total = 0
    for offset in range(0, b.here, 4):
        word = int.from_bytes(b.code[offset : offset + 4], "little")
        rotation = 2 * (word >> 8 & 15)
        chunk = word & 0xFF
        total |= (chunk >> rotation | chunk << (32 - rotation)) & 0xFFFF_FFFF
        assert word & 0xFFE0_F000 == (0xE380_2000 if offset else 0xE3A0_2000)
    assert total == value


def test_reserved_registers_are_not_drawn() -> None:
    """Neither the anchor nor a reserved register is ever a target; afterwards it is again."""
    b = builder()
    with b.reserving(0, 1):
        assert {b.target(2, below=8) for _ in range(200)} == {4, 5, 6, 7}
    assert {b.target(2, below=8) for _ in range(200)} == {0, 1, 4, 5, 6, 7}


def test_addresses_that_would_be_rotated_are_not_drawn() -> None:
    """With SCTLR.A and U clear every place is aligned; with U set some are not."""
    forced = builder(unaligned=False)
    assert all(forced.offset(4) % 4 == 0 for _ in range(300))
    free = builder()
    assert any(free.offset(4) % 4 for _ in range(300))
