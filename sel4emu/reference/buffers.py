# SPDX-License-Identifier: BSD-2-Clause
"""What lies between the first-level caches and memory: L2, the bus, two buffers (rule 7).

Modelled: latencies and their dependence on L2; when the bus is free; the drain of the write
buffer, one doubleword after the other; the eviction buffer's one line.
Not modelled: merging of neighbouring writes, arbitration, refresh of the SDRAM.
"""

from dataclasses import dataclass
from typing import Final

from sel4emu.reference.cache import LINE, Cache, Line
from sel4emu.reference.operation import Figures
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import Control

L2_SETS: Final = 512
L2_WAYS: Final = 8
HALF_LINE_WRITTEN: Final = 0x0C


@dataclass(frozen=True, slots=True)
class ExternalRead:
    """Cycles until the first word is there, and for which a written victim holds the bus."""

    latency: int
    victim: int


class Memory:
    """L2 with SDRAM behind it, and the bus that leads there."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self.l2 = Cache(L2_SETS, L2_WAYS)
        self.bus_free = 0

    def read(
        self, address: int, control: Control, *, outer: bool, instructions: bool = False
    ) -> ExternalRead:
        """An external read; it allocates in L2."""
        if not control.l2_enabled:
            return ExternalRead(self._figures["sdram.latency"], 0)
        if outer and self.l2.find(address):
            return ExternalRead(self._figures["l2.hit"], 0)
        locked = control.l2_lockdown_instructions if instructions else control.l2_lockdown_data
        victim = self._allocate(address, locked, dirty=0) if outer else 0
        return ExternalRead(self._figures["sdram.latency_behind_l2"], victim)

    def write(self, address: int, control: Control, *, outer: bool) -> int:
        """Drained data; returns the cycles that a dirty victim of L2 costs."""
        if not (control.l2_enabled and outer):
            return 0
        line = self.l2.find(address)
        if line is None:
            return self._allocate(address, control.l2_lockdown_data, dirty=1)
        line.dirty = 1
        return 0

    def _allocate(self, address: int, locked: int, *, dirty: int) -> int:
        place = self.l2.choose(address, locked, round_robin=False)
        if place is None:
            return 0
        self.l2.fill(place, Line(address & -LINE, dirty))
        written = place.victim is not None and place.victim.dirty
        return self._figures["sdram.line_write"] if written else 0


class WriteBuffer:
    """Doublewords on their way out: (line, end of the drain), oldest first."""

    def __init__(self, figures: Figures) -> None:
        self._depth = figures["write_buffer.entries"]
        self._entries: list[tuple[int, int]] = []
        self.empty_at = 0

    def put(self, clock: Clock, address: int, cycles: int) -> None:
        """One doubleword; waits for the oldest one if there is no room."""
        self._entries = [entry for entry in self._entries if entry[1] > clock.now]
        if len(self._entries) == self._depth:
            _, end = self._entries.pop(0)
            clock.wait("write_buffer", end)
        self.empty_at = max(self.empty_at, clock.now) + cycles
        self._entries.append((address & -LINE, self.empty_at))

    def end_of_line(self, address: int) -> int:
        """When the last entry of a line is out."""
        return max((end for line, end in self._entries if line == address & -LINE), default=0)


class EvictionBuffer:
    """One dirty line on its way out."""

    def __init__(self, figures: Figures, memory: Memory) -> None:
        self._half_line = figures["write_buffer.half_line"]
        self._memory = memory
        self.free = 0

    def put(self, clock: Clock, line: Line, start: int, control: Control) -> None:
        """Take a dirty line at `start`, when the buffer is free, and leave the line clean."""
        halves = line.dirty.bit_count()
        clock.events[HALF_LINE_WRITTEN] += halves
        written = self._memory.write(line.address, control, outer=line.outer)
        self.free = start + halves * self._half_line + written
        line.dirty = 0
