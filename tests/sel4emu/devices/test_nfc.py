# SPDX-License-Identifier: BSD-2-Clause
"""NFC: operations end, and a missing flash reads as ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import nfc

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

COMMAND, ADDRESS, READ_ID = 1, 2, 2 << 3


@pytest.fixture
def flash(bench: Bench) -> nfc.Nfc:
    """The controller after reset."""
    return nfc.Nfc("nfc", 0xB800_0000, 0x1000, bench.wiring())


def test_identification_of_a_missing_flash(bench: Bench, flash: nfc.Nfc) -> None:
    """Each step sets INT, which the driver clears; the identification is all ones."""
    flash.write(0, 4, 0x1234_5678)
    for operation in (COMMAND, ADDRESS, READ_ID):
        flash.write(nfc.CONFIG2, 2, operation)
        assert flash.read(nfc.CONFIG2, 2) == nfc.CONFIG2_INT
        assert bench.level
        flash.write(nfc.CONFIG2, 2, 0)
        assert not bench.level
    assert flash.read(0, 4) == 0xFFFF_FFFF


def test_masked_interrupt(bench: Bench, flash: nfc.Nfc) -> None:
    """INT_MSK keeps the line low; the flag can still be polled."""
    flash.write(nfc.CONFIG1, 2, nfc.CONFIG1_INT_MSK)
    flash.write(nfc.CONFIG2, 2, COMMAND)
    assert flash.read(nfc.CONFIG2, 2) & nfc.CONFIG2_INT
    assert not bench.level
