# SPDX-License-Identifier: BSD-2-Clause
"""Changes of flow, from their issue to the address they lead to (rule 5).

Modelled: all three predictors, folding, the distance from the flags, returns, the prefetch unit
that runs on behind a branch.
Not modelled: which instructions the prefetch unit has fetched by then.
"""

from dataclasses import dataclass
from typing import Final

from sel4emu.reference.fetch import FetchSide
from sel4emu.reference.operation import ALWAYS, Figures, Flow, FlowKind, Operation
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.predictor import BranchTargetCache, Entry, ReturnStack
from sel4emu.reference.records import ACTLR_DB, ACTLR_RS, ACTLR_SB, WORD, Control, Executed

RUN_AHEAD: Final = 0x00
BRANCHES: Final = 0x05
MISPREDICTS: Final = 0x06
TAKEN: Final = 0x0D


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of flow at `issued` that is settled when the next instruction is known."""

    flow: Flow
    condition: int
    issued: int
    delay: int
    address: int
    behind: int
    thumb: bool
    after_hit: bool
    control: Control


class ChangesOfFlow:
    """The predictors, the time of the flags, and the branch that is not settled yet."""

    def __init__(self, figures: Figures, clock: Clock, fetch: FetchSide) -> None:
        self._figures = figures
        self._clock = clock
        self._fetch = fetch
        self.branches = BranchTargetCache()
        self._returns = ReturnStack()
        self.flag_time = 0
        self._pending: Pending | None = None
        # Whether the last instruction, and whether the one before it, was a branch that hit.
        self._hit = self._after_hit = False

    def next_instruction(self) -> None:
        """The instruction accounted next has its predecessor's hit before it."""
        self._after_hit, self._hit = self._hit, False

    def begin(self, operation: Operation, executed: Executed, control: Control, delay: int) -> None:
        """A change of flow has issued; a load of PC comes `delay` late."""
        assert operation.flow is not None
        self._pending = Pending(
            operation.flow,
            operation.condition,
            self._clock.now,
            delay,
            executed.address,
            executed.address + executed.size & WORD,
            executed.thumb,
            self._after_hit,
            control,
        )

    def abort(self) -> None:
        """A load of PC that aborts counts its issue and goes nowhere."""
        if self._pending:
            self._pending = None
            self._clock.spend("issue", self._figures["load_store.issue"])

    def fail(self, figure: int) -> None:
        """A branch to a register whose condition does not hold."""
        self._clock.events[BRANCHES] += 1
        self._spend(figure, folded=False)

    def settle(self, address: int) -> None:
        """Resolve the branch executed last: the next instruction is at `address`."""
        branch, self._pending = self._pending, None
        if branch is None:
            return
        # Only of a branch with an offset and a condition it is not known before.
        computed = branch.flow.kind is not FlowKind.DIRECT
        taken = computed or branch.condition >= ALWAYS or address != branch.behind
        self._clock.spend("data", branch.delay)
        self._clock.events[BRANCHES] += 1
        self._clock.events[TAKEN] += taken
        figure, folded = self._figure(branch, address, taken=taken)
        if branch.flow.call and taken and branch.control.predicts(ACTLR_RS):
            self._returns.push(branch.behind)
        self._spend(figure, folded=folded)
        if branch.flow.kind is FlowKind.EXCEPTION_RETURN:
            self._fetch.flush()
        elif taken and figure > self._figures["branch.predicted"]:
            self._run_ahead(branch)

    def _spend(self, figure: int, *, folded: bool) -> None:
        issue = 0 if folded else min(figure, 1)
        self._clock.spend("issue", issue)
        self._clock.spend("branch", figure - issue)

    def _run_ahead(self, branch: Pending) -> None:
        if self._fetch.runs_ahead(branch.address, branch.control):
            self._clock.events[RUN_AHEAD] += 1
            self._clock.spend("branch", self._figures["branch.run_ahead"])

    def _figure(self, branch: Pending, address: int, *, taken: bool) -> tuple[int, bool]:
        """(cycles of a settled change of flow, whether it was folded)."""
        kind = branch.flow.kind
        if kind is FlowKind.DIRECT:
            return self._direct(branch, taken=taken)
        if kind is FlowKind.INDIRECT:
            return self._late_figure(branch), False
        if kind in {FlowKind.RETURN, FlowKind.LOAD_RETURN}:
            return self._return(branch, address, taken=taken), False
        return branch.flow.figure, False

    def _late_figure(self, branch: Pending) -> int:
        """m: the less, the longer ago the flags were set."""
        least = self._figures["branch.mispredict_min"]
        if branch.condition >= ALWAYS:
            return least
        distance = branch.issued - self.flag_time
        return max(self._figures["branch.mispredict_max"] - distance, least)

    def _mispredict(self, branch: Pending) -> int:
        self._clock.events[MISPREDICTS] += 1
        return self._late_figure(branch)

    def _direct(self, branch: Pending, *, taken: bool) -> tuple[int, bool]:
        """A branch with an immediate, by the dynamic predictor if it knows it."""
        if branch.control.predicts(ACTLR_DB):
            entry = self.branches.find(branch.address, thumb=branch.thumb)
            if entry:
                return self._predicted(branch, entry, taken=taken)
            self.branches.enter(branch.address, thumb=branch.thumb, taken=taken)
        return self._unknown(branch, taken=taken), False

    def _predicted(self, branch: Pending, entry: Entry, *, taken: bool) -> tuple[int, bool]:
        guess = branch.condition >= ALWAYS or entry.counter >= 2
        entry.move(taken=taken)
        self._hit = True
        if guess != taken:
            return self._mispredict(branch), False
        if branch.flow.foldable and not branch.after_hit:
            return self._figures["branch.folded"], True
        return self._figures["branch.predicted"], False

    def _unknown(self, branch: Pending, *, taken: bool) -> int:
        """A branch that is in no table, by the static rule if that is on."""
        unconditional = branch.condition >= ALWAYS
        static = branch.control.predicts(ACTLR_SB)
        guess = static and (unconditional or branch.flow.backward)
        if guess != taken:
            return self._mispredict(branch)
        return self._figures["branch.static_taken" if taken else "branch.static_not_taken"]

    def _return(self, branch: Pending, address: int, *, taken: bool) -> int:
        loads = branch.flow.kind is FlowKind.LOAD_RETURN
        name = "branch.load_return" if loads else "branch.return"
        guess = self._returns.top if branch.control.predicts(ACTLR_RS) else None
        if guess is not None and taken:
            self._returns.pop()
        if branch.condition < ALWAYS:
            return self._figures[f"{name}_empty"] if loads else self._late_figure(branch)
        if guess is None:
            return self._figures[f"{name}_empty"]
        if guess == address:
            return self._figures[f"{name}_correct"]
        self._clock.events[MISPREDICTS] += 1
        return self._figures[f"{name}_wrong"]
