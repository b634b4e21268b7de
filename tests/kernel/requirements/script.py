# SPDX-License-Identifier: BSD-2-Clause
"""Generated scripts over the tables of refusals: several threads, good, wrong and hostile calls.

A script starts on the stage as built and makes a few calls; each one finds what those before it
have left. What has been seen least is tried first, and counted only if it is what it should be:
a refusal by its error, its details and the reason in the log.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.invariants import invs
from kernel.thread import lookup_ipc_buffer
from tests.kernel.conftest import Answer
from tests.kernel.requirements.refusals import REFUSALS, SUCCESSES, Call, Row
from tests.kernel.requirements.stage import ROOT, Stage, Word

CALLS_A_SCRIPT: Final = 10
WORKERS: Final = 3
#: Below the priority that `Stage.lower_priority` leaves the root thread.
WORKER_PRIORITY: Final = 40
CANDIDATES: Final = 3
UNKNOWN_SYSCALL: Final = -99
_BAD_ADDRESS: Final = 0x7FFF_0001
_ENDINGS: Final = frozenset({Syscall.DEBUG_HALT, Syscall.DEBUG_EXIT})
_FAULTING: Final = (Syscall.CALL, Syscall.SEND, Syscall.WAIT, Syscall.REPLY_WAIT)

#: No calls lead to these states, so none may go on from them.
_IMPOSSIBLE: Final = (Stage.lose_pool, Stage.replace_pool)

#: What is counted: a label with the number of its row (None: its success), or a system call with
#: whether it faults.
Goal = tuple[str, str]
T = TypeVar("T")


class Refusal(NamedTuple):
    """A row of the tables, and the reason that the log gives for each of its calls."""

    goal: Goal
    label: Label
    row: Row
    reasons: tuple[str, ...]


class ScriptStage(Stage):
    """A stage with several threads that make calls, each with an IPC buffer of its own."""

    workers: tuple[int, ...] = ()

    def _build(self) -> None:
        super()._build()
        tcbs = self.make(ObjectType.TCB, 0, WORKERS)
        frames = self.make(ObjectType.SMALL_PAGE, 0, WORKERS)
        for number in range(WORKERS):
            self._start(tcbs + number, frames + number)
        pointers = (self.ks.get(self.slot(tcbs + n), layout.TCB_POINTER) for n in range(WORKERS))
        self.workers = tuple(pointers)

    def _start(self, tcb: int, frame: int) -> None:
        words = (self.slots["ep"], WORKER_PRIORITY, 0, 0, 0x1000)
        caps = (InitialCap.CNODE, InitialCap.VSPACE, frame)
        assert self.call(tcb, Label.TCB_CONFIGURE, words, caps).label == 0, self.port.logs
        assert self.call(tcb, Label.TCB_WRITE_REGISTERS, (1, 2, 0x2_0000, 0)).label == 0

    def _buffer_of(self, thread: int) -> int:
        return lookup_ipc_buffer(self.ks, thread, for_receiver=False)


class Checker:
    """All invariants after every call; they are worked out again only where a word has changed.

    Invariants are functions of the words that they load. While none of these words changes, the
    loads and the answer stay the same.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._ram = np.frombuffer(stage.port.ram, dtype=np.uint32)
        self.evaluated = 0
        self.history: list[str] = []
        self._first = self._evaluate()
        self._last = self._first

    def _evaluate(self) -> tuple[np.ndarray, np.ndarray]:
        ks, seen = self._stage.ks, set[int]()
        load = ks.load

        def recorded(address: int) -> int:
            seen.add(address)
            return load(address)

        ks.load = recorded
        try:
            problems = invs(ks)
        finally:
            ks.load = load
        assert problems == [], (problems, self.history)
        self.evaluated += 1
        places = (np.fromiter(seen, dtype=np.int64) - layout.WINDOW_BASE) >> 2
        return places, self._ram[places]

    def _is_as(self, known: tuple[np.ndarray, np.ndarray]) -> bool:
        places, values = known
        return bool((self._ram[places] == values).all())

    def check(self) -> None:
        """Every invariant holds now."""
        if not self._is_as(self._last):
            self._last = self._first if self._is_as(self._first) else self._evaluate()


def _rows(label: Label) -> list[Row]:
    rows: list[Row] = []
    for entry in REFUSALS[label]:
        rows += [entry] if isinstance(entry, Row) else entry.rows
    return rows


class Generator:
    """Makes scripts from a seed; `seen` counts goals, `calls` all system calls."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.stage = ScriptStage()
        self.calls = 0
        self.callers: Counter[int] = Counter()
        self.refusals = [
            Refusal((label.name, f"{n} {row.error.name}"), label, row, self._reasons(label, row))
            for label in REFUSALS
            for n, row in enumerate(_rows(label), 1)
        ]
        self.stage.restore()
        self._types = {
            label: self.stage.cap_type(self.stage.number(call.target))
            for label, call in SUCCESSES.items()
        }
        self.seen: Counter[Goal] = Counter(dict.fromkeys(self._goals(), 0))
        self.checker = Checker(self.stage)
        self._makers: tuple[tuple[int, Callable[[], None]], ...] = (
            (66, self._refused),
            (12, self._good),
            (8, self._system_call),
            (7, self._wrong),
            (7, self._hostile),
        )

    def _goals(self) -> list[Goal]:
        goals = [refusal.goal for refusal in self.refusals]
        goals += [(label.name, "success") for label in SUCCESSES]
        goals += [(number.name, "success") for number in Syscall]
        goals += [(number.name, "fault") for number in _FAULTING]
        return [*goals, ("UNKNOWN", "fault")]

    def _reasons(self, label: Label, row: Row) -> tuple[str, ...]:
        """What the log says about each call of a row on the stage as built."""
        self.stage.restore()
        row.prepare(self.stage)
        for call in row.calls:
            self.stage.named_call(call.target, label, call.words, call.caps)
        return tuple(map(_reason, self.stage.port.logs[-len(row.calls) :]))

    def run(self) -> None:
        """One script: from the stage as built until nobody runs or it is long enough."""
        stage = self.stage
        stage.restore()
        stage.port.logs.clear()
        stage.port.device_stores.clear()
        stage.port.console = ""
        self.checker.history.clear()
        actor = self.random.choice((stage.root_thread, *stage.workers))
        if self.random.random() >= 0.2:
            stage.run(actor)
        elif self._prepared() in _IMPOSSIBLE:
            return
        for _ in range(CALLS_A_SCRIPT):
            if stage.ks.current == stage.ks.load(layout.KV_IDLE) or stage.port.halts:
                break
            weights = [weight for weight, _ in self._makers]
            self.random.choices([make for _, make in self._makers], weights)[0]()
        stage.port.halts.clear()

    # One system call ----------------------------------------------------------------------------

    def _syscall(
        self, number: int, cptr: int, words: tuple[int, ...], label: int, caps: tuple[int, ...]
    ) -> tuple[int, Answer]:
        """The current thread makes it, and every invariant holds then; the thread, its answer."""
        stage, thread = self.stage, self.stage.ks.current
        if not lookup_ipc_buffer(stage.ks, thread, for_receiver=False):
            words, caps = words[: abi.MSG_REGISTERS], ()
        self.checker.history.append(
            f"0x{thread:x}: {number} on {cptr}, label {label}, words {words}, caps {caps}"
        )
        answer = stage.syscall(number, cptr, words, label=label, caps=caps)
        self.calls += 1
        self.callers[thread] += 1
        self.checker.check()
        return thread, answer

    def _call(self, call: Call, label: int) -> Answer:
        words, caps = self.stage.numbers(call.words), self.stage.numbers(call.caps)
        target = self.stage.number(call.target)
        return self._syscall(Syscall.CALL, target, words, label, caps)[1]

    # Kinds of calls -----------------------------------------------------------------------------

    def _rarest(self, choices: Sequence[T], goal: Callable[[T], Goal]) -> T:
        """The least seen of a few."""
        drawn = self.random.sample(choices, min(CANDIDATES, len(choices)))
        return min(drawn, key=lambda choice: self.seen[goal(choice)])

    def _refuse(self, refusal: Refusal) -> None:
        which = self.random.randrange(len(refusal.row.calls))
        logs = len(self.stage.port.logs)
        answer = self._call(refusal.row.calls[which], refusal.label)
        is_it = answer.label == refusal.row.error and len(self.stage.port.logs) == logs + 1
        details = refusal.row.details
        if is_it and (not details or tuple(answer.words) == details):
            self.seen[refusal.goal] += _reason(self.stage.port.logs[-1]) == refusal.reasons[which]

    def _plain(self, refusal: Refusal) -> bool:
        return refusal.row.prepare is Stage.nothing_more

    def _refused(self) -> None:
        plain = [refusal for refusal in self.refusals if self._plain(refusal)]
        self._refuse(self._rarest(plain, lambda refusal: refusal.goal))

    def _prepared(self) -> Callable[[Stage], None]:
        """A row whose stage must be changed first, on the stage as built; and that change."""
        special = [refusal for refusal in self.refusals if not self._plain(refusal)]
        refusal = self._rarest(special, lambda refusal: refusal.goal)
        refusal.row.prepare(self.stage)
        self._refuse(refusal)
        return refusal.row.prepare

    def _good(self) -> None:
        label = self._rarest(list(SUCCESSES), lambda label: (label.name, "success"))
        call = SUCCESSES[label]
        is_as_built = self.stage.cap_type(self.stage.number(call.target)) == self._types[label]
        answer = self._call(call, label)
        self.seen[label.name, "success"] += is_as_built and answer.label == Error.NO_ERROR

    def _system_call(self) -> None:
        """A message to an endpoint, a call about time or debugging, or one that faults."""
        goals = [goal for goal in self.seen if goal[0] in _SYSCALLS]
        name, outcome = self._rarest(goals, lambda goal: goal)
        number = _SYSCALLS[name]
        cptr = _BAD_ADDRESS if outcome == "fault" else self.stage.slots["ep"]
        if number == Syscall.DEBUG_NAME_THREAD:
            cptr = self.stage.slots["target"]
        words = tuple(self.random.getrandbits(32) for _ in range(self.random.randrange(10)))
        caps = self.random.choice(((), (), (self._slot(),)))
        thread, _ = self._syscall(number, cptr, words, self.random.randrange(1 << 20), caps)
        faulted = self.stage.ks.load(thread + layout.TCB_FAULT) != abi.Fault.NONE
        self.seen[name, outcome] += faulted == (outcome == "fault")

    def _wrong(self) -> None:
        """A call of the tables with one thing changed."""
        refusal = self.random.choice(self.refusals)
        label = self.random.choice((refusal.label, self.random.choice(list(SUCCESSES))))
        call = SUCCESSES.get(label, refusal.row.calls[0])
        at = self.random.randrange(1 + len(call.words) + len(call.caps))
        if at == 0:
            call = call._replace(target=self._slot())
        elif at <= len(call.words):
            call = call._replace(words=self._changed(call.words, at - 1, self._wild()))
        else:
            at -= 1 + len(call.words)
            call = call._replace(caps=self._changed(call.caps, at, self._slot()))
        self._call(call, label)

    def _changed(self, words: tuple[Word, ...], at: int, word: int) -> tuple[Word, ...]:
        return (*words[:at], word, *words[at + 1 :])

    def _hostile(self) -> None:
        """Any method of anything with any words."""
        source = self.random
        number = source.choice((Syscall.CALL,) * 6 + (*_FAULTING, Syscall.NB_SEND, Syscall.REPLY))
        words = tuple(self._wild() for _ in range(source.randrange(10)))
        caps = tuple(source.choice((*ROOT, self._slot())) for _ in range(source.randrange(4)))
        label = source.choice((*Label, source.getrandbits(20)))
        self._syscall(number, self._slot(), words, label, caps)

    def _slot(self) -> int:
        """A slot with something in it, nearly always."""
        source = self.random
        named = source.choice(list(self.stage.slots.values()))
        return source.choice((named, named, source.randrange(self.stage.free_slot + 20)))

    def _wild(self) -> int:
        source = self.random
        return source.choice(
            (source.randrange(64), source.getrandbits(32), 32, 0, self._slot(), abi.WORD_MASK)
        )


def _reason(line: str) -> str:
    return line.split(": ", 2)[2]


_SYSCALLS: Final[dict[str, int]] = {number.name: number for number in Syscall} | {
    "UNKNOWN": UNKNOWN_SYSCALL
}
