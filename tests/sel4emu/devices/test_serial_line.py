# SPDX-License-Identifier: BSD-2-Clause
"""The idle line takes everything and says nothing."""

import logging

import pytest

from sel4emu.devices.serial_line import IdleLine


def test_counts_its_bytes_and_logs_the_first(caplog: pytest.LogCaptureFixture) -> None:
    """One line in the log names the port; the console has nothing of it."""
    caplog.set_level(logging.INFO)
    line = IdleLine("uart2")
    for byte in b"hello":
        line.transmit(byte)
    assert line.count == 5
    assert caplog.messages == ["uart2: output, first byte 0x68, goes to an idle line"]


def test_never_sends() -> None:
    """A receiver need not wait."""
    line = IdleLine("uart2")
    assert line.at_end
    assert line.next_byte() is None
