# SPDX-License-Identifier: BSD-2-Clause
"""The cycle model of docs/TIMING.md, one instruction after the other, in the rules' order.

Modelled: rules 1 to 11 but for `idle` and `modelled` cycles, which are charged from outside.
Not modelled: what the page lists as left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sel4emu.reference.buffers import Memory
from sel4emu.reference.data import DataSide
from sel4emu.reference.decode_arm import decode_arm
from sel4emu.reference.decode_thumb import arm_equivalent
from sel4emu.reference.fetch import FetchSide
from sel4emu.reference.flow import ChangesOfFlow
from sel4emu.reference.operation import (
    SP,
    AccessKind,
    Flow,
    FlowKind,
    Operation,
    SystemWrite,
    undefined,
)
from sel4emu.reference.pipeline import Clock, Scoreboard
from sel4emu.reference.records import (
    MODE_USER,
    WORD,
    Control,
    Executed,
    bits,
    condition_passes,
)
from sel4emu.reference.system import System
from sel4emu.reference.translation import Lockdown, MainTlb, Translator

MODE_SYSTEM: Final = 0x1F
INSTRUCTIONS: Final = 0x07
UNIT_WAIT: Final = 0x11
ALL_CYCLES: Final = 0xFF
FETCH_CYCLES: Final = 0x01
WAIT_CYCLES: Final = 0x02

#: Events that are counted one by one; the others are sums of cycles.
COUNTED: Final = (
    0x00, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0F, 0x10, 0x11, 0x12,
)  # fmt: skip

FPEXC_ENABLE: Final = 1 << 30
COPROCESSOR_ACCESS: Final = (1, 0, 2)

#: Exceptions whose instruction was executed, and counted.
SYNCHRONOUS: Final = frozenset({"svc", "undefined", "data_abort"})
INTERRUPTS: Final = frozenset({"irq", "fiq"})


class CycleModel:
    """The oracle. Times are cycles; `events` has the numbers of rule 11."""

    def __init__(
        self,
        parameters: Mapping[str, int],
        word_at: Callable[[int], int | None],
        is_device: Callable[[int], bool],
    ) -> None:
        """`parameters`: "section.key" -> value. `word_at`: physical word of RAM and ROM."""
        self._figures = dict(parameters)
        self._clock = Clock()
        self._scoreboard = Scoreboard(self._figures)
        self._lockdown, main = Lockdown(), MainTlb()
        memory = Memory(self._figures)
        data_tlb = Translator(self._figures, main, memory, word_at)
        code_tlb = Translator(self._figures, main, memory, word_at)
        self._data = DataSide(self._figures, memory, data_tlb, word_at, is_device)
        self._fetch = FetchSide(self._figures, memory, code_tlb)
        self._flow = ChangesOfFlow(self._figures, self._clock, self._fetch)
        self._system = System(
            self._figures,
            self._clock,
            memory,
            self._data,
            self._fetch,
            self._flow.branches,
            (data_tlb.micro, code_tlb.micro),
            main,
            word_at,
        )
        self._control: Control | None = None
        self._next_in_sequence: int | None = None
        self._fault_before_issue = False
        self._coprocessor_access = self._vfp_control = 0
        self._stacks: dict[int, int] = {}

    @property
    def cycles(self) -> int:
        """T; without a branch that is not settled yet."""
        return self._clock.now

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles by cause; their sum is `cycles`."""
        return dict(self._clock.breakdown)

    @property
    def events(self) -> dict[int, int]:
        """How often each event of rule 11 has happened, zeros included."""
        spent = self._clock.breakdown
        return {number: self._clock.events[number] for number in COUNTED} | {
            FETCH_CYCLES: spent["fetch"],
            WAIT_CYCLES: spent["interlock"] + spent["data"],
            ALL_CYCLES: self._clock.now,
        }

    # ---- one instruction (rule 2) ------------------------------------------------------------

    def execute(self, instruction: Executed, control: Control) -> None:
        """Account for an instruction; first, the branch before it is settled."""
        self.settle(instruction.address)
        self._control = control
        self._lockdown.load(control.tlb_lockdown)
        self._note_stack(instruction)
        if instruction.thumb and instruction.size == 4:
            first, second = instruction.word & 0xFFFF, instruction.word >> 16
            self._step(replace(instruction, word=first, size=2), control)
            middle = instruction.address + 2
            self._step(replace(instruction, address=middle, word=second, size=2), control)
        else:
            self._step(self._with_stack(instruction), control)

    def _step(self, executed: Executed, control: Control) -> None:
        address = executed.address
        self._fault_before_issue = False
        in_sequence = address == self._next_in_sequence
        self._fetch.fetch(address, control, self._clock, self._lockdown, in_sequence=in_sequence)
        self._next_in_sequence = address + executed.size & WORD
        operation = self._decode(executed, control)
        passes = condition_passes(operation.condition, executed.cpsr)
        access = operation.access
        if operation.refused or (passes and access and access.raw % access.alignment):
            self._fault_before_issue = True
            return
        self._clock.events[INSTRUCTIONS] += 1
        self._flow.next_instruction()
        if passes or _is_direct(operation):
            self._issue(operation, executed, control)
        else:
            self._fail(operation)

    def _decode(self, executed: Executed, control: Control) -> Operation:
        word = executed.word
        if executed.thumb:
            kind = word >> 11
            if kind == 0x1E:  # the first half of BL or BLX
                return Operation(issue=1)
            if kind in {0x1D, 0x1F}:
                return Operation(issue=1, flow=Flow(FlowKind.DIRECT, call=True))
            equivalent = arm_equivalent(word)
            if equivalent is None:
                return undefined()
            word = equivalent
        operation = decode_arm(word, executed, control, self._figures)
        if operation.vfp and not self._vfp_enabled(operation, privileged=executed.privileged):
            return undefined(operation.condition)
        return operation

    def _fail(self, operation: Operation) -> None:
        """An instruction whose condition does not hold."""
        until = self._scoreboard.sources_ready(operation, passes=False)
        self._scoreboard.wait(self._clock, until)
        if operation.failed is None:
            self._clock.spend("issue", self._figures["instruction.failed_condition"])
            return
        self._flow.fail(operation.failed)

    def _issue(self, operation: Operation, executed: Executed, control: Control) -> None:
        """Steps 2 to 4 of rule 2 for an instruction whose condition passes."""
        clock, board = self._clock, self._scoreboard
        until = board.issue_time(operation)
        if operation.access:
            clock.events[UNIT_WAIT] += max(0, board.unit_free - max(clock.now, until))
            until = max(until, board.unit_free)
        board.wait(clock, until)
        delay, aborts = self._touch_memory(operation, executed, control)
        if aborts:
            clock.spend("issue", operation.issue)
            return
        board.record(operation, clock.now, delay)
        if operation.flow:
            self._flow.begin(operation, executed, control, delay)
            return
        clock.spend("issue", operation.issue)
        if operation.sets_flags:
            self._flow.flag_time = clock.now
        if operation.vfp and operation.vfp.enable is not None:
            self._vfp_control = operation.vfp.enable
        if operation.system:
            self._note_access(operation.system)
            self._system.write(operation.system, control)

    def _touch_memory(
        self, operation: Operation, executed: Executed, control: Control
    ) -> tuple[int, bool]:
        """(how late loads are, whether the access is refused); the clock has moved by waits."""
        access, clock, board = operation.access, self._clock, self._scoreboard
        if access is None:
            return 0, False
        outcome = self._data.access(
            access, control, clock, self._lockdown, privileged=executed.privileged
        )
        if outcome.refused and access.kind is not AccessKind.PRELOAD:
            return 0, True
        for address, value in outcome.writes:
            self._system.maintain_l2(address, value)
        board.unit_free = clock.now + operation.memory_cycles
        if outcome.delay:
            latency = self._figures["load_store.load_latency"]
            board.miss_until = max(board.miss_until, clock.now + latency + outcome.delay)
            if not control.hit_under_miss:
                board.unit_free += outcome.delay
        return outcome.delay, False

    def settle(self, address: int) -> None:
        """Resolve the branch executed last: the next instruction is at `address`."""
        self._flow.settle(address)

    # ---- exceptions --------------------------------------------------------------------------

    def exception(self, kind: str, address: int, control: Control | None = None) -> None:
        """Enter an exception; execution would have gone on at `address`.

        A refused fetch is looked up under `control`, by default that of the last instruction.
        """
        entry = self._figures["exception.entry"]
        if kind in SYNCHRONOUS:
            self._flow.abort()
            counted = 0 if self._fault_before_issue else 1
            self._clock.spend("system", entry - counted)
        elif kind in INTERRUPTS:
            self.settle(address)
            self._clock.spend("system", self._figures["exception.interrupt_entry"])
        else:
            assert kind == "prefetch_abort", kind
            self.settle(address)
            self._refuse_fetch(address, control or self._control)
            self._clock.spend("system", entry)
        self._fault_before_issue = False
        self._flow.next_instruction()
        self._next_in_sequence = None
        self._fetch.flush()

    def _refuse_fetch(self, address: int, control: Control | None) -> None:
        if control:
            self._fetch.refuse(address, control, self._clock, self._lockdown)

    # ---- what only the stream of instructions tells ------------------------------------------

    def _note_access(self, write: SystemWrite) -> None:
        if (write.crn, write.crm, write.opc2) == COPROCESSOR_ACCESS and write.range_end is None:
            self._coprocessor_access = write.value

    def _vfp_enabled(self, operation: Operation, *, privileged: bool) -> bool:
        """Whether CPACR and FPEXC let an instruction reach the VFP."""
        assert operation.vfp is not None
        rights = bits(self._coprocessor_access, 21, 20) & bits(self._coprocessor_access, 23, 22)
        if rights != 3 and not (privileged and rights == 1):
            return False
        control_only = operation.vfp.control_only
        return privileged if control_only else bool(self._vfp_control & FPEXC_ENABLE)

    def _note_stack(self, executed: Executed) -> None:
        self._stacks[_stack_of(executed.mode)] = executed.registers[SP]

    def _with_stack(self, executed: Executed) -> Executed:
        """SRS with the stack of its mode, as far as it has been seen; its write-back is noted."""
        if executed.thumb or executed.word & 0xFE5F_FFE0 != 0xF84D_0500:
            return executed
        mode = _stack_of(executed.word & 0x1F)
        stack = executed.srs_stack
        if stack is None:
            stack = self._stacks.get(mode)
        if stack is not None and executed.word >> 21 & 1:
            self._stacks[mode] = stack + (8 if executed.word >> 23 & 1 else -8) & WORD
        return replace(executed, srs_stack=stack)


def _is_direct(operation: Operation) -> bool:
    return operation.flow is not None and operation.flow.kind is FlowKind.DIRECT


def _stack_of(mode: int) -> int:
    """System mode shares the user's stack pointer."""
    return MODE_USER if mode == MODE_SYSTEM else mode
