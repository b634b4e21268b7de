# SPDX-License-Identifier: BSD-2-Clause
"""What EPIT and GPT have in common: a prescaled counter whose value is computed when asked for.

Modelled: the counter is a function of the cycle (nothing happens at a tick); a flag is set at the
very cycle at which the counter reaches its target. An event is scheduled only where that raises
the interrupt line; flags that are polled are brought up to date when their register is read. Where
the guest changes PLLs or dividers the counter follows; the part of a step that has passed is lost.

Not modelled: synchronisation delays between the bus clock and the counter's clock, and the low
power modes: a counter runs in every mode of the processor, whatever WAITEN, DOZEN, STOPEN and
DBGEN say, because kernels for this board wait for their tick with WAITEN clear.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sel4emu.devices.base import RegisterDevice, Wiring
from sel4emu.devices.clock import Clocks, TickClock
from sel4emu.events import Event


@dataclass(frozen=True, slots=True)
class Course:
    """How a counter runs: from `position` at tick `start` of `clock`, a step each `divider` ticks.

    Positions count up to `limit`, and on to 0. A negative position is one that the counter passes
    only once, on its way from a value beyond its limit to its normal round.
    """

    clock: TickClock
    divider: int
    start: int
    position: int
    limit: int

    def steps(self, cycle: int) -> int:
        """Steps made by `cycle`."""
        return max(0, self.clock.ticks(cycle) - self.start) // self.divider

    def position_at(self, cycle: int) -> int:
        """The position at `cycle`."""
        return self._place(self.position + self.steps(cycle))

    def cycle_reaching(self, target: int, after: int) -> int | None:
        """The first cycle later than the step at `after` at which a step leads to `target`."""
        if target > self.limit:
            return None
        first = max(self.steps(after) + 1, -self.position if target >= 0 else 0)
        if target < 0:
            step = target - self.position
            if step < first:
                return None
        else:
            step = first + (target - self.position - first) % (self.limit + 1)
        return self.clock.cycle_of(self.start + step * self.divider)

    def cycle_entering(self, after: int) -> int | None:
        """The cycle, later than the step at `after`, at which a negative position comes to 0."""
        if self.steps(after) >= -self.position:
            return None
        return self.clock.cycle_of(self.start - self.position * self.divider)

    def rebased(self, cycle: int, position: int, limit: int) -> "Course":
        """The run from `cycle` on with another position and limit; no part of a step is lost."""
        start = self.start + self.steps(cycle) * self.divider
        return Course(self.clock, self.divider, start, position, limit)

    def _place(self, distance: int) -> int:
        return distance if distance < 0 else distance % (self.limit + 1)


@dataclass(frozen=True, slots=True)
class Rate:
    """What drives a counter: a clock and the number of its ticks a step."""

    clock: TickClock
    divider: int


class Timer(RegisterDevice):
    """A counter with flags that are set when it reaches a target, and an interrupt line.

    A subclass says how its registers determine the rate, the limit, the targets and the line.
    """

    # Offsets of registers.
    control: ClassVar[int]
    status: ClassVar[int]
    count: ClassVar[int]
    # Bits of the control register: the one that resets, and those that a reset leaves.
    software_reset: ClassVar[int]
    kept_by_reset: ClassVar[int]
    #: The flag that a counter sets on its way from beyond its limit to 0; 0: none.
    overflow: ClassVar[int] = 0
    #: The numbers of the slow crystal among the clock sources.
    crystal_sources: ClassVar[Sequence[int]]

    def __init__(self, name: str, base: int, size: int, wiring: Wiring) -> None:
        super().__init__(name, base, size)
        self.sources = self._sources(wiring.clocks)
        self._events = wiring.events
        self._now = wiring.now
        self._line = wiring.line
        self._event: Event | None = None
        self._course: Course | None = None
        self._value = 0  # the counter while it stands still
        self._checked = 0  # flags are right for everything up to this cycle
        self.reset()
        wiring.signals.watch_clocks(self._change_clocks)

    def _change_clocks(self, clocks: Clocks) -> None:
        self._catch_up()
        self.sources = self._sources(clocks)
        self._settle()

    def _sources(self, clocks: Clocks) -> Mapping[int, TickClock]:
        """The clocks on the chip by the number that the control register has for each."""
        crystal = TickClock(clocks.cpu, clocks.ckil)
        return {
            1: TickClock(clocks.cpu, clocks.ipg),
            2: TickClock(clocks.cpu, clocks.ipg_highfreq),
            **dict.fromkeys(self.crystal_sources, crystal),
        }

    @abstractmethod
    def rate(self) -> Rate | None:
        """What the registers say drives the counter; None: it stands still."""

    @abstractmethod
    def limit(self) -> int:
        """The last position before the counter starts again at 0."""

    @abstractmethod
    def targets(self, limit: int) -> Mapping[int, int]:
        """For each flag of the status register, the position that sets it."""

    @abstractmethod
    def wanted_flags(self) -> int:
        """The flags that raise the interrupt line as the registers stand."""

    @abstractmethod
    def position_of(self, value: int, limit: int) -> int:
        """The position at which the counter register holds `value`."""

    @abstractmethod
    def value_of(self, position: int, limit: int) -> int:
        """What the counter register holds at a position."""

    @abstractmethod
    def initial_value(self) -> int:
        """The counter after a reset."""

    @abstractmethod
    def apply(self, offset: int, old: int) -> None:
        """The effects of a write to the register at `offset`, which held `old`.

        A write that resets has no others.
        """

    def reset(self) -> None:
        """Registers and counter as after power-on."""
        super().reset()
        self._checked = self._now()
        self.clear_counter()
        self._settle()

    def clear_counter(self) -> None:
        """Stop the counter and give it its initial value."""
        self._course = None
        self._value = self.initial_value()

    def counter(self) -> int:
        """The counter register now."""
        course = self._course
        if course is None:
            return self._value
        return self.value_of(course.position_at(self._now()), course.limit)

    def load_counter(self, value: int) -> None:
        """Give the counter a value from which it goes on, a whole step from now."""
        self._course = None
        self._value = value

    def read_word(self, offset: int) -> int:
        """The register at a word offset: the counter computed, the flags up to date."""
        if offset == self.count:
            return self.counter()
        if offset == self.status:
            self._catch_up()
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register: first what happened under the old settings, then the new ones."""
        self._catch_up()
        old = self.registers.get(offset, 0)
        super().write_word(offset, value, mask)
        if offset == self.control and self.registers[offset] & self.software_reset:
            self._reset_by_software()
        else:
            self.apply(offset, old)
        self._settle()

    def _reset_by_software(self) -> None:
        kept = self.registers[self.control] & self.kept_by_reset
        self._fill_registers()
        self.registers[self.control] = kept
        self.clear_counter()

    def _catch_up(self) -> None:
        now = self._now()
        course = self._course
        if course is not None:
            for flag, cycle in self._coming(course):
                if cycle <= now:
                    self.registers[self.status] |= flag
        self._checked = now

    def _coming(self, course: Course) -> Iterator[tuple[int, int]]:
        """Each flag, and the first cycle after the last look at which it is set."""
        for flag, target in self.targets(course.limit).items():
            reached = course.cycle_reaching(target, self._checked)
            if reached is not None:
                yield flag, reached
        entered = course.cycle_entering(self._checked)
        if entered is not None:
            yield self.overflow, entered

    def _settle(self) -> None:
        """Make the run of the counter, the line and the event agree with the registers."""
        self._steer()
        raised = bool(self.registers[self.status] & self.wanted_flags())
        if self._event is not None:
            self._events.cancel(self._event)
            self._event = None
        if not raised:
            self._schedule()
        self._line(raised)

    def _steer(self) -> None:
        rate, limit, course = self.rate(), self.limit(), self._course
        now, value = self._now(), self.counter()
        position = self.position_of(value, limit)
        if rate is None:
            self._value = value
            self._course = None
        elif course is None or (course.clock, course.divider) != (rate.clock, rate.divider):
            start = rate.clock.ticks(now)
            self._course = Course(rate.clock, rate.divider, start, position, limit)
        elif course.limit != limit:
            self._course = course.rebased(now, position, limit)

    def _schedule(self) -> None:
        course = self._course
        if course is None:
            return
        wanted = self.wanted_flags()
        cycles = [cycle for flag, cycle in self._coming(course) if flag & wanted]
        if cycles:
            self._event = self._events.schedule(min(cycles), self._due, self.name)

    def _due(self) -> None:
        self._event = None
        self._catch_up()
        self._settle()
