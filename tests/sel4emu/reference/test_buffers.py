# SPDX-License-Identifier: BSD-2-Clause
"""External reads, drained writes and evictions in cycles."""

from dataclasses import replace

import pytest

from sel4emu.reference.buffers import EvictionBuffer, ExternalRead, Memory, WriteBuffer
from sel4emu.reference.cache import Line
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import Control

L2_SET_STRIDE = 16 << 10


@pytest.fixture
def l2_on(control: Control) -> Control:
    """The second-level cache enabled."""
    return replace(control, l2_enabled=True)


def test_latencies(figures: dict[str, int], control: Control, l2_on: Control) -> None:
    """60 without L2; with it 96 for a miss and 26 for a hit, which uncached reads never are."""
    memory = Memory(figures)
    assert memory.read(0x100, control, outer=True) == ExternalRead(60, 0)
    assert memory.read(0x100, l2_on, outer=False) == ExternalRead(96, 0)
    assert memory.read(0x100, l2_on, outer=True) == ExternalRead(96, 0)
    assert memory.read(0x118, l2_on, outer=True) == ExternalRead(26, 0)
    assert memory.read(0x118, l2_on, outer=False) == ExternalRead(96, 0)


def test_dirty_victim_of_l2(figures: dict[str, int], l2_on: Control) -> None:
    """Eight written lines fill a set; the ninth line's victim is written for 16 cycles."""
    memory = Memory(figures)
    for number in range(8):
        assert memory.write(number * L2_SET_STRIDE, l2_on, outer=True) == 0
    assert memory.read(8 * L2_SET_STRIDE, l2_on, outer=True) == ExternalRead(96, 16)


def test_l2_lockdown(figures: dict[str, int], l2_on: Control) -> None:
    """Locked for data, L2 still takes instructions."""
    memory, locked = Memory(figures), replace(l2_on, l2_lockdown_data=0xFF)
    memory.read(0x100, locked, outer=True)
    assert memory.l2.find(0x100) is None
    memory.read(0x100, locked, outer=True, instructions=True)
    assert memory.l2.find(0x100)


def test_write_buffer_drains_in_order(figures: dict[str, int]) -> None:
    """Four stores at 10 leave at 22, 34, 46, 58; a fifth waits for the first until 22."""
    buffer, clock = WriteBuffer(figures), Clock(now=10)
    for number in range(4):
        buffer.put(clock, 32 * number, 12)
    assert clock.now == 10 and buffer.empty_at == 58 and buffer.end_of_line(40) == 34
    buffer.put(clock, 0, 12)
    assert clock.now == 22 and clock.breakdown["write_buffer"] == 12 and buffer.empty_at == 70


def test_write_buffer_starts_when_a_store_comes(figures: dict[str, int]) -> None:
    """After a pause, the drain begins at the store."""
    buffer, clock = WriteBuffer(figures), Clock(now=10)
    buffer.put(clock, 0, 12)
    clock.now = 100
    buffer.put(clock, 0, 40)
    assert buffer.empty_at == 140


def test_eviction(figures: dict[str, int], l2_on: Control) -> None:
    """Two dirty halves take sixteen cycles, count twice, and leave the line clean and in L2."""
    memory, clock = Memory(figures), Clock()
    buffer, line = EvictionBuffer(figures, memory), Line(0x100, dirty=3, outer=True)
    buffer.put(clock, line, 50, l2_on)
    assert buffer.free == 66 and clock.events[0x0C] == 2 and not line.dirty
    kept = memory.l2.find(0x100)
    assert kept and kept.dirty
