# SPDX-License-Identifier: BSD-2-Clause
"""What writes to coprocessor 15 and to the L2 controller do to the model (rules 8 and 9).

Modelled: barriers, maintenance of caches, TLBs and the branch target cache, and what registers
of the MMU throw away. Operations by address find the physical address without a cost.
Not modelled: prefetching of instruction lines (c7,c13,1) and of ranges.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sel4emu.reference.buffers import Memory
from sel4emu.reference.cache import LINE, Cache, Line
from sel4emu.reference.data import DataSide, split
from sel4emu.reference.fetch import FetchSide
from sel4emu.reference.operation import Figures, SystemWrite
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.predictor import BranchTargetCache
from sel4emu.reference.records import WORD, Control, bits
from sel4emu.reference.translation import MainTlb, MicroTlb, WordAt, walk

DRAIN: Final = 0x12
ISB: Final = (5, 4)
DSB: Final = (10, 4)
DMB: Final = (10, 5)

#: CRm of c7 operations on data: whether lines are cleaned, and whether they are dropped.
DATA_OPERATIONS: Final = {6: (False, True), 10: (True, False), 14: (True, True)}
RANGES: Final = {6: (False, True), 12: (True, False), 14: (True, True)}

L2CC: Final = 0x3000_0000
L2CC_SIZE: Final = 0x1000
#: Registers of the L2 controller: operand, whether lines are cleaned, whether dropped.
L2_OPERATIONS: Final = {
    0x770: ("address", False, True),
    0x77C: ("ways", False, True),
    0x7B0: ("address", True, False),
    0x7B8: ("index", True, False),
    0x7BC: ("ways", True, False),
    0x7F0: ("address", True, True),
    0x7F8: ("index", True, True),
    0x7FC: ("ways", True, True),
}


@dataclass(frozen=True, slots=True)
class System:
    """The parts of the model that system operations reach."""

    figures: Figures
    clock: Clock
    memory: Memory
    data: DataSide
    fetch: FetchSide
    branches: BranchTargetCache
    micro_tlbs: tuple[MicroTlb, MicroTlb]
    main_tlb: MainTlb
    word_at: WordAt

    def write(self, write: SystemWrite, control: Control) -> None:
        """An MCR or MCRR, behind its own issue cycle."""
        if write.range_end is not None:
            self._range(write, control)
        elif write.crn == 7:
            self._cache_operation(write, control)
        elif write.crn == 8:
            self._tlb_operation(write)
        elif (write.crn, write.crm, write.opc2) in {(1, 0, 0), (13, 0, 0)}:
            self._flush_translation()
        elif write.crn in {2, 3}:
            self.fetch.flush()
        elif (write.crn, write.crm, write.opc2) == (13, 0, 1):
            self.branches.clear()
            self.fetch.flush()

    # ---- translation -------------------------------------------------------------------------

    def _flush_translation(self) -> None:
        for micro in self.micro_tlbs:
            micro.clear()
        self.fetch.flush()

    def _tlb_operation(self, write: SystemWrite) -> None:
        self._flush_translation()
        if write.crm not in {5, 6, 7}:
            return
        if write.opc2 == 0:
            self.main_tlb.clear()
        elif write.opc2 == 1:
            self.main_tlb.drop_address(write.value)
        elif write.opc2 == 2:
            self.main_tlb.drop_asid(write.value & 0xFF)

    def _physical(self, address: int, control: Control) -> int | None:
        """Where the tables put a modified virtual address now."""
        if not control.mmu_on:
            return address
        page = walk(address, control, self.word_at).page
        return page.physical_of(address) if page else None

    # ---- barriers and first-level caches -----------------------------------------------------

    def _cache_operation(self, write: SystemWrite, control: Control) -> None:
        place = (write.crm, write.opc2)
        if place in {DSB, DMB}:
            self._barrier("system.dsb" if place == DSB else "system.dmb")
        elif place == ISB:
            self.clock.spend("system", self.figures["system.isb"])
            self.fetch.restart()
        elif write.crm == 5:
            self._instruction_operation(write, control)
        elif place == (7, 0):
            self._instruction_lines(self.fetch.cache.everything())
            self._data_lines(self.data.cache.everything(), control, cleans=False, drops=True)
        elif write.crm in DATA_OPERATIONS and write.opc2 <= 2:
            cleans, drops = DATA_OPERATIONS[write.crm]
            lines = self._selected(self.data.cache, write, control)
            self._data_lines(lines, control, cleans=cleans, drops=drops)

    def _barrier(self, figure: str) -> None:
        """Wait until everything written is out."""
        self.clock.events[DRAIN] += 1
        buffers = (self.data.write_buffer.empty_at, self.data.eviction.free, self.memory.bus_free)
        self.clock.wait("write_buffer", max(buffers))
        self.clock.spend("system", self.figures[figure])

    def _instruction_operation(self, write: SystemWrite, control: Control) -> None:
        if write.opc2 <= 2:
            self._instruction_lines(self._selected(self.fetch.cache, write, control))
        if write.opc2 in {0, 6}:
            self.branches.clear()
        if write.opc2 == 7:
            self.branches.drop(write.value)

    def _selected(
        self, cache: Cache, write: SystemWrite, control: Control
    ) -> Iterable[Line | None]:
        """The lines of an operation on all (0), by address (1), or by set and way (2)."""
        if write.opc2 == 0:
            return cache.everything()
        if write.opc2 == 2:
            return [cache.at(bits(write.value, 11, 5), bits(write.value, 31, 30))]
        physical = self._physical(write.value, control)
        return [None if physical is None else cache.find(physical)]

    def _range(self, write: SystemWrite, control: Control) -> None:
        """Every line from the start to the end of a range, the last one included."""
        assert write.range_end is not None
        start, end = write.value & -LINE, write.range_end & -LINE
        for address, _ in split(start, max(0, end - start + LINE), LINE):
            physical = self._physical(address & WORD, control)
            if write.crm == 5:
                found = None if physical is None else self.fetch.cache.find(physical)
                self._instruction_lines([found])
            elif write.crm in RANGES:
                cleans, drops = RANGES[write.crm]
                line = None if physical is None else self.data.cache.find(physical)
                self._data_lines([line], control, cleans=cleans, drops=drops)

    def _instruction_lines(self, lines: Iterable[Line | None]) -> None:
        """Make lines invalid; the fetch starts anew."""
        for line in lines:
            self.clock.spend("system", self.figures["system.cache_line"])
            if line:
                self.fetch.cache.drop(line)
        self.fetch.restart()

    def _data_lines(
        self, lines: Iterable[Line | None], control: Control, *, cleans: bool, drops: bool
    ) -> None:
        """Examine lines one by one; a dirty one that is cleaned needs the eviction buffer."""
        eviction = self.data.eviction
        for line in lines:
            self.clock.spend("system", self.figures["system.cache_line"])
            if line and cleans and line.dirty:
                self.clock.wait("write_buffer", eviction.free)
                eviction.put(self.clock, line, self.clock.now, control)
            if line and drops:
                self.data.cache.drop(line)

    # ---- second-level cache ------------------------------------------------------------------

    def maintain_l2(self, address: int, value: int) -> None:
        """A word written to a peripheral, which may be the L2 controller's register."""
        if not L2CC <= address < L2CC + L2CC_SIZE or address - L2CC not in L2_OPERATIONS:
            return
        operand, cleans, drops = L2_OPERATIONS[address - L2CC]
        for line in self._l2_lines(operand, value):
            self.clock.spend("device", self.figures["l2.line_operation"])
            if line and cleans and line.dirty:
                self.clock.spend("device", self.figures["sdram.line_write"])
                line.dirty = 0
            if line and drops:
                self.memory.l2.drop(line)

    def _l2_lines(self, operand: str, value: int) -> Iterable[Line | None]:
        cache = self.memory.l2
        if operand == "address":
            return [cache.find(value)]
        if operand == "index":
            return [cache.at(bits(value, 13, 5), bits(value, 31, 29))]
        return [line for way in range(8) if value >> way & 1 for line in tuple(cache.way(way))]
