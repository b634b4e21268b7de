# SPDX-License-Identifier: BSD-2-Clause
"""L2CC: what a kernel does to it when it boots."""

import pytest

from sel4emu.devices import l2cc


@pytest.fixture
def cache() -> l2cc.L2cc:
    """The controller after reset."""
    return l2cc.L2cc("l2cc", 0x3000_0000, 0x1000)


def test_boot_sequence_of_a_kernel(cache: l2cc.L2cc) -> None:
    """Set the auxiliary register, invalidate all ways, poll until done, enable."""
    assert not cache.enabled
    cache.write(l2cc.AUX, 4, 0x0003_001B)
    cache.write(0x77C, 4, 0xFF)
    assert cache.read(0x77C, 4) == 0
    cache.write(l2cc.CONTROL, 4, 1)
    assert cache.enabled
    assert cache.read(l2cc.CONTROL, 4) == 1
    assert cache.read(l2cc.AUX, 4) == 0x0003_001B


@pytest.mark.parametrize("offset", l2cc.MAINTENANCE, ids=l2cc.MAINTENANCE.values())
def test_maintenance_is_complete_at_once(
    cache: l2cc.L2cc, offset: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Every operation is a known register and reads 0 after it was started."""
    cache.write(offset, 4, 0xFFFF_FFFF)
    assert cache.read(offset, 4) == 0
    assert caplog.messages == []


def test_identification_cannot_be_written(cache: l2cc.L2cc) -> None:
    """The identification names ARM as the maker."""
    cache.write(l2cc.ID, 4, 0)
    assert cache.read(l2cc.ID, 4) >> 24 == 0x41


def test_event_counters_can_be_set_up(cache: l2cc.L2cc, caplog: pytest.LogCaptureFixture) -> None:
    """Their registers are known, each counter has its reset bit, and no interrupt is reported."""
    for number, offset in enumerate(l2cc.EVENT_VALUES):
        cache.write(offset, 4, 100 + number)
    cache.write(l2cc.EVENT_CONTROL, 4, 1 | l2cc.EVENT_RESETS[0])
    assert cache.read(l2cc.EVENT_CONTROL, 4) == 1
    assert [cache.read(offset, 4) for offset in l2cc.EVENT_VALUES] == [0, 101]
    assert cache.read(0x218, 4) == cache.read(0x21C, 4) == 0
    assert caplog.messages == []


def test_identification_names_the_part(cache: l2cc.L2cc) -> None:
    """A kernel that tells the L210 from its successors looks at bits 9 to 6."""
    assert cache.read(l2cc.ID, 4) >> 6 & 0xF == 1
