# SPDX-License-Identifier: BSD-2-Clause
"""The storing device keeps what is written, at every width."""

from sel4emu.devices.registers import RegisterFile


def test_words_keep_their_values_until_reset() -> None:
    """An unwritten word reads 0; a written one reads back; a reset forgets."""
    device = RegisterFile("iomuxc", 0x43FA_C000, 0x4000)
    device.write(0x3FFC, 4, 0xDEAD_BEEF)
    device.write(0x3FFD, 1, 0x55)
    assert device.read(0x3FFC, 4) == 0xDEAD_55EF
    assert device.read(0x3FFE, 2) == 0xDEAD
    assert device.read(0, 4) == 0
    device.reset()
    assert device.read(0x3FFC, 4) == 0
