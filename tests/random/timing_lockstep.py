# SPDX-License-Identifier: BSD-2-Clause
"""Holds the machine's cycle model against the reference, instruction by instruction."""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from sel4emu.disassembly import disassemble
from sel4emu.machine import Machine
from sel4emu.native.blocks import set_bounds
from sel4emu.reference import Control, CycleModel, Executed
from sel4emu.stop import StopReason
from sel4emu.timing import load_timing
from tests.random import timing_memory as memory
from tests.random.timing_programs import Program

STEPS_MAX: Final = 1500
CYCLES_MAX: Final = 400_000
TRACED: Final = 10
_THUMB: Final = 1 << 5
_SRS: Final = 0xF84D_0500
_NAMES: Final = (*(f"r{n}" for n in range(13)), "sp", "lr", "pc")
_BANKS: Final = tuple(
    f"{register}_{mode}"
    for mode in ("usr", "fiq", "irq", "svc", "abt", "und")
    for register in ("sp", "lr")
)
#: Exceptions that the last executed instruction causes, and those that come before another.
_CAUSED: Final = ("svc", "undefined", "data_abort")
_LINK_AHEAD: Final = {"prefetch_abort": 4, "irq": 4, "fiq": 4}
_CAUSES: Final = (
    "issue", "interlock", "branch", "system", "fetch", "data", "tlb", "write_buffer", "device",
)  # fmt: skip
_EVENTS: Final = {
    "instruction_miss": 0x00,
    "instruction_micro_tlb_miss": 0x03,
    "data_micro_tlb_miss": 0x04,
    "branch": 0x05,
    "mispredict": 0x06,
    "data_access_cacheable": 0x09,
    "data_access": 0x0A,
    "data_miss": 0x0B,
    "half_line_write_back": 0x0C,
    "taken": 0x0D,
    "main_tlb_miss": 0x0F,
    "external_access": 0x10,
    "lsu_wait": 0x11,
    "drain": 0x12,
}
#: Tables of the record that only make the model faster: what they hold stays right.
_SHORTCUTS: Final = frozenset({"decoded", "blocks", "arena", "fill_generation", "block_generation"})
_UNTOUCHED: Final = frozenset({"profile_address", "profile_rows", "profile_last"})


@dataclass(frozen=True)
class Moment:
    """The machine between two instructions."""

    registers: tuple[int, ...]
    cpsr: int
    control: Control
    counters: Mapping[str, int]

    @property
    def address(self) -> int:
        """Of the next instruction."""
        return self.registers[15]


class Bench:
    """One machine for many programs: each starts in it as in a new one."""

    def __init__(self, level: str) -> None:
        self.machine = Machine.from_board(timing=level)
        self.cpu = self.machine.cpu
        self.record = self.cpu.state[0]
        self._context = self.cpu.uc.context_save()
        self._state = self.cpu.state.copy()
        names = self.cpu.state.dtype.names or ()
        self._fields = [name for name in names if name not in _SHORTCUTS | _UNTOUCHED]
        self._arrays = {name: value.copy() for name, value in self._model_arrays().items()}

    def _model_arrays(self) -> Mapping[str, Any]:
        """What the native code keeps outside of its record, the noted translations apart."""
        return {
            name: value
            for name, value in vars(self.cpu).items()
            if isinstance(value, np.ndarray) and value is not self.cpu.state and name != "_fills"
        }

    def start(self, program: Program) -> None:
        """Reset the machine, and put a program into it."""
        self._reset()
        for address, image in program.images.items():
            self.machine.write_physical(address, image)
        for name, value in program.registers.items():
            self.machine.registers[name] = value

    def _reset(self) -> None:
        self.cpu.forget_translations()
        for name in self._fields:
            self.record[name] = self._state[0][name]
        set_bounds(self.record, 1, 0)
        for name, value in self._model_arrays().items():
            value[...] = self._arrays[name]
        self.cpu.uc.context_restore(self._context)
        self.cpu.flush_translations()
        for mapped in self.machine.devices:
            mapped.device.reset()
        for address, size in memory.WRITTEN:
            ram = self.machine.bus.require_memory(address, size)
            ram.data[address - ram.base : address - ram.base + size] = 0

    def run(self, program: Program, chance: random.Random | None = None, *, hot: int = 0) -> None:
        """Run the program to its end, in pieces of random lengths if there is `chance`.

        With `hot`, blocks that have run so often already are accounted for as a whole.
        """
        self.start(program)
        if hot:
            self.record["hot"] = hot
        while True:
            cycles = CYCLES_MAX if chance is None else chance.randrange(1, 400)
            stop = self.machine.run(program.end, cycles=cycles)
            if stop.reason is StopReason.ADDRESS:
                return
            reached = self.machine.cycles < CYCLES_MAX
            assert reached and stop.reason is StopReason.CYCLE, (program.seed, stop)

    def step_through(self, program: Program) -> None:
        """Run the program one instruction at a time."""
        self.start(program)
        for _ in range(STEPS_MAX):
            if self.machine.registers["pc"] == program.end:
                return
            self.machine.step()
        raise AssertionError(f"the program of seed {program.seed} does not end")

    def outcome(self) -> dict[str, int]:
        """Every counter and register."""
        registers = dict(self.machine.registers)
        banks = {name: self.cpu.read(name) for name in _BANKS}
        counters = dict(self.machine.counters)
        del counters["tlb_fills"]  # how often Unicorn asked is its own affair
        return {**counters, **registers, **banks}

    def moment(self) -> Moment:
        """The machine as it is now."""
        registers = self.machine.registers
        record = self.record
        fields = ("sctlr", "actlr", "ttbr0", "ttbr1", "ttbcr", "dacr", "fcse", "context_id")
        locks = ("tlb_lockdown", "dcache_lockdown", "icache_lockdown")
        second = ("l2_lockdown_data", "l2_lockdown_instructions")
        control = Control(
            **{name: int(record[name]) for name in (*fields, *locks, *second)},
            l2_enabled=bool(int(record["l2_control"]) & 1),
        )
        return Moment(
            tuple(registers[name] for name in _NAMES),
            registers["cpsr"],
            control,
            self.machine.counters,
        )


class Lockstep:
    """A program's way through both models."""

    def __init__(self, bench: Bench, program: Program) -> None:
        self.bench = bench
        self.program = program
        self.model = CycleModel(_figures(), self._word_at, self._is_device)
        self._trace: deque[Executed | str] = deque(maxlen=TRACED)
        self._stored_stack: int | None = None

    def _word_at(self, address: int) -> int | None:
        ram = self.bench.machine.bus.memory_at(address, 4)
        return None if ram is None else int(ram.words[(address - ram.base) >> 2])

    def _is_device(self, address: int) -> bool:
        return self.bench.machine.bus.device_at(address) is not None

    def run(self) -> str:
        """Step to the end of the program: the first difference, or nothing."""
        self.bench.start(self.program)
        before = self.bench.moment()
        for _ in range(STEPS_MAX):
            if before.address == self.program.end:
                return ""
            self._stored_stack = self._stack_of_store(before)
            self.bench.machine.step()
            after = self.bench.moment()
            self._follow(before, after)
            found = self._compare(before, after)
            if found:
                return found
            before = after
        raise AssertionError(f"the program of seed {self.program.seed} does not end")

    def _follow(self, before: Moment, after: Moment) -> None:
        """Tell the reference what happened in a step: an instruction, and what it ran into."""
        happened = {
            name
            for name in (*_CAUSED, *_LINK_AHEAD)
            if after.counters[f"exception_{name}"] != before.counters[f"exception_{name}"]
        }
        asynchronous = [name for name in happened if name in _LINK_AHEAD]
        executed = self._executed(before, before.address)
        if asynchronous and not self._at_vector(after, asynchronous[0]):
            self._enter(asynchronous[0], after)  # taken before the step's instruction
            vector = self._vector(asynchronous[0])
            executed = self._executed(before, vector)
            asynchronous = []
        self._execute(executed, before.control)
        for name in happened & set(_CAUSED):
            self.model.exception(name, executed.address + executed.size)
            self._trace.append(f"          {name}")
        for name in asynchronous:
            self._enter(name, after)
        self.model.settle(after.address)

    def _enter(self, name: str, after: Moment) -> None:
        bank = {"prefetch_abort": "abt", "irq": "irq", "fiq": "fiq"}[name]
        link = self.bench.cpu.read(f"lr_{bank}") - _LINK_AHEAD[name] & 0xFFFF_FFFF
        self.model.exception(name, link, after.control)
        self._trace.append(f"{link:08x}  {name}")

    def _vector(self, name: str) -> int:
        base = memory.HIGH_VECTORS if self.program.setup.high_vectors else 0
        return base + {"prefetch_abort": 0xC, "irq": 0x18, "fiq": 0x1C}[name]

    def _at_vector(self, moment: Moment, name: str) -> bool:
        return moment.address == self._vector(name)

    def _executed(self, before: Moment, address: int) -> Executed:
        """The instruction at an address; the registers are those before the step."""
        thumb = bool(before.cpsr & _THUMB) and address == before.address
        word, size = self.program.half(address), 4
        assert word >= 0, f"seed {self.program.seed}: 0x{address:08x} holds no code"
        second = self.program.half(address + 2)
        pair = thumb and word & 0xF800 == 0xF000 and second & 0xE800 == 0xE800
        if not thumb or pair:
            word |= second << 16
        else:
            size = 2
        registers = (*before.registers[:15], address)
        return Executed(address, word, size, thumb, registers, before.cpsr, self._stored_stack)

    def _stack_of_store(self, moment: Moment) -> int | None:
        """If the next instruction is SRS, r13 of the mode that it names."""
        word = self.program.half(moment.address) | self.program.half(moment.address + 2) << 16
        if moment.cpsr & _THUMB or word & 0xFE5F_FFE0 != _SRS:
            return None
        return self.bench.cpu.read_in_mode("sp", word & 0x1F)

    def _execute(self, executed: Executed, control: Control) -> None:
        self._trace.append(executed)
        self.model.execute(executed, control)

    def _compare(self, before: Moment, after: Moment) -> str:
        """What the models count differently, with the last instructions; empty if nothing."""
        breakdown, events = self.model.breakdown, self.model.events
        expected = {"cycles": self.model.cycles}
        expected |= {f"cycle_{name}": breakdown[name] for name in _CAUSES}
        expected |= {f"event_{name}": events.get(number, 0) for name, number in _EVENTS.items()}
        differences = [
            f"  {name}: native {after.counters[name]}, reference {count}"
            for name, count in expected.items()
            if after.counters[name] != count
        ]
        if not differences:
            return ""
        registers = " ".join(f"{value:08x}" for value in before.registers)
        title = f"seed {self.program.seed}, native and reference differ; {self.program.setup}"
        state = f"  cpsr {before.cpsr:08x}, r0 to r15: {registers}"
        return "\n".join([title, *differences, state, *map(_described, self._trace)])


def _described(entry: Executed | str) -> str:
    if isinstance(entry, str):
        return entry
    text = disassemble(entry.word, entry.address, thumb=entry.thumb)
    return f"{entry.address:08x}  {entry.word:08x}  {text}"


@cache
def _figures() -> Mapping[str, int]:
    return {name: entry.value for name, entry in load_timing().entries.items()}
