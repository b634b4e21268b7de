# SPDX-License-Identifier: BSD-2-Clause
"""Devices without behaviour: their tables are sound, and what drivers probe is there."""

import pytest

from sel4emu.devices.banks import BANKS


def read(kind: str, offset: int, size: int = 4) -> int:
    """A register after reset."""
    return BANKS[kind](kind, 0x5000_0000, 0x4000).read(offset, size)


@pytest.mark.parametrize("kind", BANKS)
def test_table_is_sound(kind: str) -> None:
    """Registers lie side by side, have names of their own, and fit their width."""
    model = BANKS[kind]
    names = [register.name for register in model.table.values()]
    assert len(names) == len(set(names))
    for offset, register in model.table.items():
        assert offset % model.width == 0
        assert register.reset >> 8 * model.width == 0


@pytest.mark.parametrize(
    ("kind", "offset", "value"),
    [
        ("ata", 0xBC, 0x7F),
        ("audmux", 0x38, 0x1),
        ("iim", 0x24, 0x28),
        ("esdctl", 0x10, 0x8000_0000),
        ("spba", 0x7C, 0x7),
        ("scc", 0x1000, 0x9),
        ("ssi", 0x14, 0x3003),
        ("sdma", 0x5C, 0x50),
        ("sdma", 0x17C, 0),
        ("rompatch", 0xD4, 0),
    ],
)
def test_value_after_reset(kind: str, offset: int, value: int) -> None:
    """Flags that say ready, revisions and identification."""
    assert read(kind, offset) == value


def test_fuses_and_revision_cannot_be_written() -> None:
    """IIM: not blown, silicon 2.0."""
    fuses = BANKS["iim"]("iim", 0x5001_C000, 0x4000)
    for offset in (0x24, 0x800, 0xC7C, 0x107C):
        before = fuses.read(offset, 4)
        fuses.write(offset, 4, 0xFF)
        assert fuses.read(offset, 4) == before


def test_no_drive_answers() -> None:
    """ATA: patterns in the drive's registers do not come back, and it is not busy."""
    drives = BANKS["ata"]("ata", 0x43F8_C000, 0x4000)
    drives.write(0xA8, 1, 0x55)
    assert drives.read(0xA8, 1) == 0x7F
    assert not drives.read(0xD8, 1) & 0x80


def test_interrupt_flags_of_the_ipu() -> None:
    """What a driver writes to clear them does not set them."""
    unit = BANKS["ipu"]("ipu", 0x53FC_0000, 0x4000)
    for offset in range(0x3C, 0x50, 4):
        unit.write(offset, 4, 0xFFFF_FFFF)
        assert unit.read(offset, 4) == 0


def test_halfword_registers() -> None:
    """KPP: neighbouring halfwords, flags cleared by a one."""
    keypad = BANKS["kpp"]("kpp", 0x43FA_8000, 0x4000)
    keypad.write(4, 2, 0x1234)
    keypad.write(6, 2, 0x5678)
    assert keypad.read(4, 4) == 0x5678_1234
    assert keypad.read(2, 2) == 0x400
