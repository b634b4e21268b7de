# SPDX-License-Identifier: BSD-2-Clause
"""Time by cause, and the times at which registers can be used (rules 1 to 3).

Modelled: normal, Early, Late and address uses; locks of stored registers; accumulators
behind multiplies; writers under the opposite condition; the load/store unit and the VFP unit;
the split of a wait into data and interlock.
Not modelled: which bypass delivers a value.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sel4emu.reference.operation import ALWAYS, PC, Figures, Operation

CAUSES: Final = (
    "issue", "interlock", "branch", "system", "fetch", "data", "tlb", "write_buffer", "device",
    "idle", "modelled",
)  # fmt: skip
REGISTERS: Final = 32


@dataclass(slots=True)
class Clock:
    """T, or the time t of the instruction being accounted; each cycle belongs to one cause."""

    now: int = 0
    breakdown: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0))
    events: Counter[int] = field(default_factory=Counter)

    def spend(self, cause: str, cycles: int) -> None:
        assert cycles >= 0
        self.now += cycles
        self.breakdown[cause] += cycles

    def wait(self, cause: str, until: int) -> None:
        """Let time pass until a moment, if it has not come yet."""
        self.spend(cause, max(0, until - self.now))


class Scoreboard:
    """When each register can be read, used for an address, and overwritten."""

    def __init__(self, figures: Figures) -> None:
        self._early = figures["instruction.early"]
        self._late = figures["instruction.late"]
        self._writeback = figures["load_store.writeback_latency"]
        self.ready = [0] * REGISTERS
        self.address = [0] * REGISTERS
        self.lock = [0] * REGISTERS
        self._writer_condition = [ALWAYS] * REGISTERS
        self._multiplied = [False] * REGISTERS
        self.unit_free = 0
        self.miss_until = 0
        self.vfp_free = 0
        self.vfp_last = 0

    def sources_ready(self, operation: Operation, *, passes: bool) -> int:
        """When every source can be read.

        One that the opposite condition wrote does not count for an instruction that fails.
        """
        uses = [
            *((register, self.ready[register]) for register in operation.normal),
            *((register, self.ready[register] + self._early) for register in operation.early),
            *((register, self.ready[register] - self._late) for register in operation.late),
            *((register, self._accumulator(register)) for register in operation.accumulators),
            *((register, self.address[register]) for register in operation.address),
        ]
        return max(
            (
                time
                for register, time in uses
                if register != PC and (passes or not self._opposite(register, operation.condition))
            ),
            default=0,
        )

    def _accumulator(self, register: int) -> int:
        """A product is there for the next multiply's addition a cycle before others can use it."""
        return self.ready[register] - (self._late if self._multiplied[register] else 0)

    def _opposite(self, register: int, condition: int) -> bool:
        writer = self._writer_condition[register]
        return writer < ALWAYS and condition < ALWAYS and writer == condition ^ 1

    def issue_time(self, operation: Operation) -> int:
        """When an instruction whose condition passes can issue, the load/store unit apart."""
        times = [self.sources_ready(operation, passes=True)]
        times += [self.ready[register] for register in operation.whole_list if register != PC]
        times += [self.lock[register] for register in operation.destinations]
        if operation.vfp and operation.vfp.busy:
            times.append(self.vfp_free)
        if operation.vfp and operation.vfp.waits_for_last:
            times.append(self.vfp_last)
        return max(times)

    def wait(self, clock: Clock, until: int) -> None:
        """A wait for registers or the unit: up to `miss_until` it is the data side's fault."""
        clock.wait("data", min(until, self.miss_until))
        clock.wait("interlock", until)

    def record(self, operation: Operation, now: int, delay: int) -> None:
        """Enter what an instruction at `now` writes, its loads `delay` cycles late."""
        for register in operation.writeback:
            self.ready[register] = self.address[register] = now + self._writeback
            self._writer_condition[register] = operation.condition
            self._multiplied[register] = False
        for result in operation.results:
            ready = now + result.latency + (delay if result.loaded else 0)
            self.ready[result.register] = ready
            self.address[result.register] = ready + self._early
            self._writer_condition[result.register] = operation.condition
            self._multiplied[result.register] = operation.multiplies
        for register, cycles in operation.locks:
            self.lock[register] = now + cycles
        if operation.vfp and operation.vfp.busy:
            self.vfp_free = now + operation.vfp.busy
            self.vfp_last = max(self.vfp_last, now + operation.vfp.latency)
