# SPDX-License-Identifier: BSD-2-Clause
"""Register tables: widths of access, write masks, unknown registers."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from sel4emu.devices.base import Register, RegisterDevice


class Plain(RegisterDevice):
    """Three registers of different kinds."""

    table: ClassVar[Mapping[int, Register]] = {
        0x0: Register("DATA", reset=0x1122_3344),
        0x4: Register("HALF", reset=0xAA00_0000, writable=0x0000_FFFF),
        0x8: Register("FLAGS", reset=0x0000_F0F0, writable=0, clear_by_one=0x0000_00FF),
    }


@pytest.fixture
def plain() -> Plain:
    """A device of three registers."""
    return Plain("plain", 0x5000_0000, 0x1000)


def test_narrow_reads_see_the_bytes_of_the_word(plain: Plain) -> None:
    """Bytes and halfwords are little-endian parts of the register."""
    assert [plain.read(n, 1) for n in range(4)] == [0x44, 0x33, 0x22, 0x11]
    assert plain.read(2, 2) == 0x1122


def test_unaligned_access_spans_two_registers(plain: Plain) -> None:
    """A word at offset 2 is the upper half of one register and the lower of the next."""
    plain.write(2, 4, 0xBEEF_CAFE)
    assert plain.read(0, 4) == 0xCAFE_3344
    assert plain.read(4, 4) == 0xAA00_BEEF
    assert plain.read(2, 4) == 0xBEEF_CAFE


def test_narrow_write_keeps_the_other_bytes(plain: Plain) -> None:
    """A byte write changes one byte."""
    plain.write(1, 1, 0x5A)
    assert plain.read(0, 4) == 0x1122_5A44


def test_write_mask_protects_bits(plain: Plain) -> None:
    """Only writable bits change."""
    plain.write(4, 4, 0xFFFF_FFFF)
    assert plain.read(4, 4) == 0xAA00_FFFF


def test_write_one_clears_only_where_a_one_is_written(plain: Plain) -> None:
    """Flags with a one are cleared; those outside of the access or the mask stay."""
    plain.write(8, 4, 0xFFFF_FF10)
    assert plain.read(8, 4) == 0xF0E0
    plain.write(9, 1, 0xFF)
    assert plain.read(8, 4) == 0xF0E0


def test_unknown_register_reads_zero_and_is_logged_once(
    plain: Plain, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the device and the physical address, and does not repeat itself."""
    for _ in range(3):
        plain.write(0x20, 4, 7)
        assert plain.read(0x20, 4) == 0
    assert caplog.messages == ["plain: write at 0x50000020, which has no register"]


def test_reset_restores_every_register(plain: Plain) -> None:
    """After a reset the device is as it was made."""
    plain.write(0, 4, 0)
    plain.reset()
    assert plain.read(0, 4) == 0x1122_3344
