# SPDX-License-Identifier: BSD-2-Clause
"""One-wire: operations end, nobody is present, bits are ones."""

from sel4emu.devices import onewire


def test_nobody_answers() -> None:
    """A reset pulse is over, without presence; a bit that is read is a one."""
    line = onewire.OneWire("onewire", 0x43F9_C000, 0x4000)
    line.write(onewire.CONTROL, 1, onewire.CONTROL_RPP)
    status = line.read(onewire.CONTROL, 1)
    assert status & (onewire.CONTROL_RPP | onewire.CONTROL_PST) == 0
    line.write(onewire.CONTROL, 2, onewire.CONTROL_WR1)
    assert line.read(onewire.CONTROL, 2) == onewire.CONTROL_RDST
    line.write(onewire.TIME_DIVIDER, 1, 65)
    assert line.read(onewire.TIME_DIVIDER, 2) == 65
