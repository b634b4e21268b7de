# SPDX-License-Identifier: BSD-2-Clause
"""The instruction side (rule 6, and rule 2's first step).

Modelled: when pages and lines are looked up, fills in wrapping order, misses in sequence that
start early, whether the line behind a branch is missing.
Not modelled: the prefetch buffer's entries one by one.
"""

from dataclasses import dataclass
from typing import Final

from sel4emu.reference.buffers import Memory
from sel4emu.reference.cache import DOUBLEWORD, LINE, Cache, Line
from sel4emu.reference.operation import Figures
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import SCTLR_I, Control
from sel4emu.reference.translation import (
    DEVICE,
    UNTRANSLATED_CODE,
    Lockdown,
    MemoryType,
    Translator,
)

PAGE: Final = 4096
SETS: Final = 128
WAYS: Final = 4
MISS: Final = 0x00
MICRO_MISS: Final = 0x03


@dataclass(frozen=True, slots=True)
class CodePage:
    """The 4 KB of code being executed, by virtual and physical address."""

    address: int
    physical: int
    memory: MemoryType


class FetchSide:
    """Where instructions come from."""

    def __init__(self, figures: Figures, memory: Memory, translator: Translator) -> None:
        self._lead = figures["fetch.sequential_lead"]
        self._beat = figures["bus.beat"]
        self._memory = memory
        self._translator = translator
        self.cache = Cache(SETS, WAYS)
        self._page: CodePage | None = None
        self._line: int | None = None
        # The last line that was filled: its address, the first doubleword and when that came.
        self._filled = (-1, 0, 0)

    def restart(self) -> None:
        """The next instruction's line is looked up, whichever it is."""
        self._line = None

    def flush(self) -> None:
        """So is its page."""
        self._page = None
        self._line = None

    def fetch(
        self, address: int, control: Control, clock: Clock, lockdown: Lockdown, *, in_sequence: bool
    ) -> None:
        """Wait for the instruction at a virtual address."""
        page = self._look_up(address, control, clock, lockdown)
        physical = page.physical | address % PAGE
        if self._line != address // LINE:
            self._line = address // LINE
            if not (self._keeps(page, control) and self.cache.find(physical)):
                self._fill(physical, page, control, clock, in_sequence=in_sequence)
        line, first, there = self._filled
        if line == physical & -LINE:
            beats = (physical // DOUBLEWORD - first) % 4
            clock.wait("fetch", there + beats * self._beat)

    def refuse(self, address: int, control: Control, clock: Clock, lockdown: Lockdown) -> None:
        """Look up the page of an instruction that may not be fetched."""
        self._look_up(address, control, clock, lockdown)

    def _look_up(
        self, address: int, control: Control, clock: Clock, lockdown: Lockdown
    ) -> CodePage:
        start = address & -PAGE
        if self._page is not None and self._page.address == start:
            return self._page
        self._page = CodePage(start, start, UNTRANSLATED_CODE)
        if control.mmu_on:
            found = self._translator.find(start, control, clock, lockdown, MICRO_MISS)
            memory = found.memory if found else DEVICE
            self._page = CodePage(start, found.physical_of(start) if found else start, memory)
        return self._page

    @staticmethod
    def _keeps(page: CodePage, control: Control) -> bool:
        """Whether lines of a page go into the instruction cache."""
        return bool(control.sctlr & SCTLR_I) and page.memory.cacheable

    def _fill(
        self, physical: int, page: CodePage, control: Control, clock: Clock, *, in_sequence: bool
    ) -> None:
        """Read a line, and keep it if it may be kept."""
        begin = clock.now - self._lead if in_sequence else clock.now
        start = max(begin, self._memory.bus_free)
        read = self._memory.read(physical, control, outer=page.memory.outer, instructions=True)
        if self._keeps(page, control):
            clock.events[MISS] += 1
            place = self.cache.choose(
                physical, control.icache_lockdown & 0xF, round_robin=control.round_robin
            )
            if place:
                self.cache.fill(place, Line(physical & -LINE))
        there = start + read.latency
        self._filled = (physical & -LINE, physical // DOUBLEWORD, there)
        self._memory.bus_free = there + 3 * self._beat + read.victim
        clock.wait("fetch", there)

    def runs_ahead(self, address: int, control: Control) -> bool:
        """Whether the line behind a branch, in its page, would have to be fetched."""
        behind = (address & -LINE) + LINE
        page = self._page
        if page is None or behind & -PAGE != page.address or not self._keeps(page, control):
            return False
        return self.cache.find(page.physical | behind % PAGE) is None
