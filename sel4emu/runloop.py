# SPDX-License-Identifier: BSD-2-Clause
"""The run loop: starts the processor, and decides what to do each time that it stops.

It is entered for events, interrupts, aborts, traps, wait-for-interrupt and limits; system calls
and undefined instructions are entered natively and do not pass here. Time spent waiting for an
interrupt is skipped, and counted as `idle` (part of the executed cycles).
"""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Final

from unicorn import UC_ERR_EXCEPTION, UC_ERR_OK, UcError

from sel4emu.arguments import duration, whole_number
from sel4emu.cpu import GENERAL
from sel4emu.deadend import (
    can_interrupt,
    can_wake,
    is_endless_wait,
    is_harmless,
    is_void,
    reset_is_due,
)
from sel4emu.errors import MachineCrash
from sel4emu.events import NEVER
from sel4emu.exceptions import ExceptionUnit
from sel4emu.native.hooks import ROM_TRAP_FIRST
from sel4emu.native.state import BREAKPOINTS, Attention
from sel4emu.native.state import Stop as NativeStop
from sel4emu.recursion import RecursionWatch
from sel4emu.semihosting import serve_semihosting
from sel4emu.stop import Stop, StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

Until = int | str | Callable[["Machine"], bool] | None

#: Cycles between two looks at the host: Ctrl-C, time limit, stuck loops.
SLICE_CYCLES: Final = 8_000_000
SLICE_CYCLES_LEAST: Final = 20_000
SLICE_SECONDS: Final = 0.1
#: Idle guest time that is gathered before the host waits for it, and the longest such wait.
IDLE_SECONDS: Final = 0.01
LONGEST_WAIT_SECONDS: Final = 0.25
#: Instructions of the longest loop that is looked at, to see whether it ever ends.
LONGEST_LOOP: Final = 64
#: Bytes of zeros that must lie ahead of a guest that runs through zeros, to give it up.
VOID_AHEAD: Final = 1 << 20
#: What only asks for a stop, to be looked at here.
_FOR_PYTHON: Final = int(Attention.REQUEST | Attention.RECURSION | Attention.VOID)


class RunLoop:
    """Drives one machine."""

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._cpu = machine.cpu
        self._record = machine.cpu.state[0]
        self._exceptions = ExceptionUnit(machine.cpu)
        self._outcome: Stop | None = None
        self._interrupted = False
        self._watchful = False
        self._recursion = RecursionWatch(machine, self._step_undisturbed)
        self._waiting_at: int | None = None
        self._idle_seconds = 0.0
        self._end_cycle = NEVER
        self._slice = SLICE_CYCLES
        self._slice_end = 0
        self._slice_started = 0.0
        self.trap_handler: Callable[[int], None] | None = None

    @property
    def _waiting(self) -> bool:
        """Whether WFI was executed and nothing, nor the host by moving PC, has ended the wait."""
        return self._waiting_at is not None and self._waiting_at == self._cpu.read("pc")

    def end(self, stop: Stop) -> None:
        """Have the run end before the next instruction."""
        self._outcome = stop
        self._request()

    def _request(self) -> None:
        self._record["attention"] |= int(Attention.REQUEST)

    # Entry points ---------------------------------------------------------------------------

    def run(
        self, until: Until, *, cycles: int | None, seconds: float | None, watchful: bool | None
    ) -> Stop:
        """See `Machine.run`."""
        end_cycle = NEVER
        if cycles is not None:
            end_cycle = min(NEVER, self._now() + whole_number("cycles", cycles, 0, NEVER))
        end_time = None
        if seconds is not None:
            end_time = time.monotonic() + duration("seconds", seconds)
        unlimited = cycles is None and seconds is None
        self._watchful = unlimited if watchful is None else watchful
        self._outcome = None
        with self._catching_interrupts():
            if callable(until):
                return self._run_until_true(until, end_cycle, end_time)
            with self._breakpoint(until):
                return self._run(end_cycle, end_time)

    def step(self, count: int) -> Stop:
        """See `Machine.step`."""
        count = whole_number("count", count, 0, NEVER)
        self._outcome = None
        self._watchful = False
        with self._catching_interrupts(), self._instruction_limit(count):
            return self._run(NEVER, None)

    @contextlib.contextmanager
    def _instruction_limit(self, count: int) -> Iterator[None]:
        """Stop before another instruction than the next `count`; waiting ends a step, too."""
        limit = min(NEVER, int(self._record["instructions"]) + count)
        self._record["instruction_limit"] = limit
        self._record["attention"] |= int(Attention.STEP)
        try:
            yield
        finally:
            self._record["attention"] &= ~int(Attention.STEP) & 0xFFFF_FFFF

    def _run_until_true(
        self, predicate: Callable[["Machine"], bool], end_cycle: int, end_time: float | None
    ) -> Stop:
        while not predicate(self._machine):
            self._outcome = None
            pause = end_cycle
            if self._waiting:  # nothing to see before the next event
                pause = min(end_cycle, max(self._now() + 1, self._machine.events.next_cycle))
            with self._instruction_limit(1):
                outcome = self._run(pause, end_time)
            paused = outcome.reason is StopReason.CYCLE and self._now() < end_cycle
            if outcome.reason is not StopReason.STEP and not paused:
                final = outcome.reason in (StopReason.HALT, StopReason.CRASH)
                if final or not predicate(self._machine):
                    return outcome
                break
        return Stop(StopReason.PREDICATE)

    def _address(self, until: int | str) -> int:
        if not isinstance(until, str):
            return whole_number("until", until, 0, 0xFFFF_FFFF)
        if until not in self._machine.symbols:
            raise KeyError(f"no loaded image has a symbol '{until}'")
        return self._machine.symbols[until] & ~1

    @contextlib.contextmanager
    def _breakpoint(self, until: int | str | None) -> Iterator[None]:
        if until is None:
            yield
            return
        address = self._address(until)
        index = int(self._record["breakpoint_count"])
        assert index < BREAKPOINTS, "too many breakpoints"
        self._record["breakpoints"][index] = address
        self._record["breakpoint_count"] = index + 1
        self._record["attention"] |= int(Attention.BREAKPOINT)
        # A run that starts at the address has to leave it before it can arrive there.
        self._record["resume_at"] = address
        self._record["skip_breakpoint"] = self._cpu.read("pc") == address
        try:
            yield
        finally:
            self._record["breakpoint_count"] = index
            if index == 0:
                self._record["attention"] &= ~int(Attention.BREAKPOINT) & 0xFFFF_FFFF

    @contextlib.contextmanager
    def _catching_interrupts(self) -> Iterator[None]:
        """Turn Ctrl-C into a request to stop: nothing may be raised inside Unicorn."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(_number: int, _frame: FrameType | None) -> None:
            self._interrupted = True
            self._request()

        self._interrupted = False
        previous = signal.signal(signal.SIGINT, note)
        try:
            yield
            if self._interrupted:  # too late for the run to notice
                raise KeyboardInterrupt
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)

    # The loop -------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._record["cycles"])

    def _run(self, end_cycle: int, end_time: float | None) -> Stop:
        self._end_cycle = end_cycle
        try:
            while True:
                outcome = self._check_limits(end_cycle, end_time)
                if outcome is not None:
                    return outcome
                self._machine.events.run_due()
                if self._waiting:
                    if self._stepped():
                        return Stop(StopReason.STEP)
                    self._wait()
                else:
                    self._waiting_at = None
                    self._start_processor()
        except MachineCrash as crash:
            return Stop(StopReason.CRASH, str(crash))

    def _stepped(self) -> bool:
        """Whether the instructions to be stepped over have been executed."""
        stepping = int(self._record["attention"]) & Attention.STEP
        limit = int(self._record["instruction_limit"])
        return bool(stepping) and int(self._record["instructions"]) >= limit

    def _start_processor(self) -> None:
        if not self._now() < self._slice_end <= self._now() + self._slice:
            self._slice_end = self._now() + self._slice
        next_event = self._machine.events.next_cycle
        # A stop to have a block translated anew must not put off the slice's end.
        self._record["next_event"] = min(self._end_cycle, self._slice_end, next_event)
        error = self._cpu.start()
        self._machine.bus.failure.raise_again()
        self._handle(error)

    def _check_limits(self, end_cycle: int, end_time: float | None) -> Stop | None:
        attention = int(self._record["attention"])
        self._record["attention"] = attention & ~_FOR_PYTHON
        if attention & Attention.RECURSION:
            self._look_for_recursion()
        if attention & Attention.VOID:
            self._look_for_void()
        if self._outcome is not None:
            return self._outcome
        if self._interrupted:
            raise KeyboardInterrupt
        if self._now() >= end_cycle:
            return Stop(StopReason.CYCLE, f"{self._now()} cycles have passed")
        if end_time is None:
            self._slice = SLICE_CYCLES
            return None
        left = end_time - time.monotonic()
        if left <= 0:
            return Stop(StopReason.TIME, "the time limit was reached")
        self._fit_slice(left)
        return None

    def _fit_slice(self, left: float) -> None:
        """Look at the clock about ten times a second, and often enough near the end.

        Code that runs for the first time is a hundred times slower than a loop.
        """
        now = time.monotonic()
        took, self._slice_started = now - self._slice_started, now
        if took > min(SLICE_SECONDS, left):
            self._slice = max(self._slice // 2, SLICE_CYCLES_LEAST)
        elif took < SLICE_SECONDS / 4:
            self._slice = min(self._slice * 2, SLICE_CYCLES)

    def _handle(self, error: int) -> None:
        """Act on the processor's stop."""
        stop = NativeStop(int(self._record["stop"]))
        self._record["stop"] = NativeStop.NONE
        if error == UC_ERR_EXCEPTION:
            self._cpu.abandon_instruction()
            self._exceptions.take_abort()
            return
        self._cpu.finish_instruction()
        if error != UC_ERR_OK:
            raise MachineCrash(f"the processor stopped at {self._where()}: {UcError(error)}")
        if stop is NativeStop.EVENT:
            if self._watchful and self._now() >= self._slice_end:
                self._look_for_endless_loop()
        elif stop is NativeStop.INTERRUPT:
            self._exceptions.take_interrupt()
        elif stop is NativeStop.TRAP:
            self._trap(int(self._record["stop_argument"]))
        elif stop is NativeStop.REFUSED_FETCH:
            self._exceptions.take_abort()
        elif stop is NativeStop.ALIGNMENT:
            self._exceptions.take_reported()
        elif stop is NativeStop.CHECK_ALIGNMENT:
            if not self._exceptions.take_unaligned():
                self._record["aligned_at"] = self._cpu.read("pc")
        elif stop is NativeStop.SEMIHOSTING:
            self._machine.bus.touched = True
            serve_semihosting(self._machine)
        elif stop is NativeStop.STEP:
            self._outcome = Stop(StopReason.STEP)
        elif stop is NativeStop.MONITOR:
            self._machine.set_monitor_line(raised=bool(self._record["monitor_line"]))
        elif stop is NativeStop.TRANSLATE_BARE:
            self._cpu.translate_bare(int(self._record["stop_argument"]))
        elif stop is NativeStop.TRANSLATE_HOOKED:
            self._cpu.translate_hooked(int(self._record["stop_argument"]))
        elif stop is NativeStop.FORGET_BLOCKS:
            self._cpu.forget_translations()
        elif stop is NativeStop.UNKNOWN_EXCEPTION:
            number = int(self._record["stop_argument"])
            raise MachineCrash(f"Unicorn raised its exception {number} at {self._where()}")
        elif stop is NativeStop.BREAKPOINT:
            self._outcome = Stop(StopReason.ADDRESS, f"reached {self._where()}")
        elif stop is NativeStop.NONE:
            self._waiting_at = self._cpu.read("pc")
            if self._watchful:
                self._look_for_endless_wait()

    def _where(self) -> str:
        pc = self._cpu.read("pc")
        symbol = self._machine.symbol_at(pc)
        return f"0x{pc:08x} <{symbol}>" if symbol else f"0x{pc:08x}"

    def _trap(self, number: int) -> None:
        if number >= ROM_TRAP_FIRST or self.trap_handler is None:
            raise MachineCrash(self._exceptions.describe_unhandled(number))
        self._machine.bus.touched = True
        self._cpu.write("pc", self._cpu.read("pc") + 4)
        self.trap_handler(number)

    # Waiting --------------------------------------------------------------------------------

    def _wait(self) -> None:
        """WFI was executed: let time pass to the next event, until a line is raised.

        A raised line ends the wait also where CPSR masks it (ARM ARM A2.7.3).
        """
        if self._record["irq_line"] or self._record["fiq_line"]:
            self._waiting_at = None
            return
        next_event = self._machine.events.next_cycle
        if next_event == NEVER or (self._watchful and self._waits_in_vain()):
            self._outcome = Stop(
                StopReason.STUCK,
                f"waiting for an interrupt at {self._where()}, and no device can raise one",
            )
            return
        self._skip_to(min(next_event, self._end_cycle))

    def _skip_to(self, cycle: int) -> None:
        skipped = max(0, cycle - self._now())
        self._record["cycles"] += skipped
        self._record["idle"] += skipped
        if self._machine.console.at_end:
            return
        # A person may be typing: let the guest's idle time pass as on the board.
        self._idle_seconds += skipped / self._machine.board.clocks.cpu
        if self._idle_seconds >= IDLE_SECONDS:
            self._machine.console.wait(min(self._idle_seconds, LONGEST_WAIT_SECONDS))
            self._idle_seconds = 0.0

    def _waits_in_vain(self) -> bool:
        """No source is enabled, so no line is ever raised."""
        return not can_wake(self._machine) and not reset_is_due(self._machine)

    # Dead ends ------------------------------------------------------------------------------

    def _look_for_endless_wait(self) -> None:
        """A line that ends WFI cannot be taken: see whether the guest only comes back to it."""
        machine = self._machine
        if can_interrupt(machine) or reset_is_due(machine) or not is_endless_wait(machine):
            return
        self._outcome = Stop(
            StopReason.STUCK,
            f"waiting for ever at {self._where()}, with its interrupts masked",
        )

    def _look_for_endless_loop(self) -> None:
        """At a slice's end: a loop that only computes, and nothing that could interrupt it."""
        begin = self._registers()
        for length in range(1, LONGEST_LOOP + 1):
            if not is_harmless(self._machine) or not self._step_undisturbed():
                return
            if self._registers() == begin:
                what = "branching to itself" if length == 1 else "in a loop that changes nothing"
                self._outcome = Stop(
                    StopReason.STUCK, f"{what} at {self._where()}, and no interrupt can end that"
                )
                return

    def _is_undisturbed(self) -> bool:
        """Whether nothing but the guest's next instruction can change anything, ever."""
        machine = self._machine
        if int(self._record["attention"]) & Attention.STEP or reset_is_due(machine):
            return False
        raised = self._record["irq_line"] or self._record["fiq_line"]
        idle = machine.events.next_cycle == NEVER and not raised
        return idle or not can_interrupt(machine)

    def _registers(self) -> tuple[int, ...]:
        return tuple(self._cpu.read(name) for name in GENERAL)

    def _look_for_void(self) -> None:
        """Zeros are instructions without effect, but nobody's program has megabytes of them.

        Where something else or nothing at all follows soon, the guest is let run into that.
        """
        length, end = int(self._record["void_bytes"]), int(self._record["void_next"])
        self._record["void_bytes"] = 0
        if is_void(self._machine, end - length, length + VOID_AHEAD):
            raise MachineCrash(
                f"running through memory of zeros, from 0x{end - length:08x} to 0x{end:08x} by now"
            )

    def _look_for_recursion(self) -> None:
        """Privileged code has raised many exceptions: see whether anything changes between them."""
        if int(self._record["attention"]) & Attention.STEP:
            return
        if self._recursion.is_endless():
            raise MachineCrash(self._exceptions.describe_recursion(self._recursion.depth))

    def _step_undisturbed(self) -> bool:
        """One instruction of a guest that nothing can disturb; False if it is not, or ends."""
        if not self._is_undisturbed():
            return False
        with self._instruction_limit(1):
            outcome = self._run(self._end_cycle, None)
        self._outcome = None
        if outcome.reason not in (StopReason.STEP, StopReason.CYCLE):
            self._outcome = outcome
        return outcome.reason is StopReason.STEP
