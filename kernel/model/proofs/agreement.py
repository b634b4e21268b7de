# SPDX-License-Identifier: BSD-2-Clause
"""One model, not two: the Python model answers what the extracted Coq model answers.

A scenario is a state, a derivation and operations. Both models run it and answer in one text form:
after each operation whether it was legal and the whole state, at the end the state that `execute`
and `run` make of all operations, and every question about the last state for every pair of
entities. Scenarios are generated from a seed; some are kept as data with the extracted model's
answers, so that the agreement can be checked where there is no OCaml.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from kernel.model import analysis
from kernel.model.operations import (
    Derived,
    Operation,
    SysCreate,
    SysGrant,
    SysNoOp,
    SysRead,
    SysRemove,
    SysRevoke,
    SysWrite,
    execute,
    legal,
    run,
    step,
)
from kernel.model.state import (
    ALL_RIGHTS,
    INITIAL_STATE,
    NO_RIGHTS,
    Capability,
    Right,
    State,
    sane,
)
from kernel.model.text import (
    cap_text,
    in_order,
    operation_text,
    parse_cap,
    parse_operation,
    parse_state,
    state_lines,
)

CORPUS: Final = Path(__file__).with_name("corpus.json")
CORPUS_SCENARIOS: Final = 250
CORPUS_SEED: Final = 2010
OPERATIONS_EACH: Final = 20
#: No scenario names an entity from here on.
BOUND: Final = 48


@dataclass(frozen=True)
class Scenario:
    """Where the models start, what derivation they use, and what they run."""

    first: State
    derived: tuple[tuple[Capability, Derived], ...]
    ops: tuple[Operation, ...]

    def cdt(self, _s: State, c: Capability) -> Sequence[Derived]:
        """The derivation: what the scenario lists under the capability."""
        return [entry for parent, entry in self.derived if parent == c]


# Text


def scenario_lines(scenario: Scenario) -> Iterator[str]:
    yield from state_lines(scenario.first)
    for parent, (holder, lost) in scenario.derived:
        (one,) = lost
        yield f"derived {cap_text(parent)} {cap_text(holder)} {cap_text(one)}"
    yield from map(operation_text, scenario.ops)
    yield "end"


def parse_derived(line: str) -> tuple[Capability, Derived]:
    """The derivation that one line `derived PARENT HOLDER LOST` gives."""
    words = line.split()[1:]
    parent, holder, lost = (parse_cap(words[at], words[at + 1]) for at in (0, 2, 4))
    return parent, (holder, (lost,))


def parse_scenario(lines: Sequence[str]) -> Scenario:
    """The scenario that `scenario_lines` writes so."""
    state = [line for line in lines if line.startswith("entities ") or line[0].isdigit()]
    derived = [line for line in lines if line.startswith("derived ")]
    ops = [line for line in lines[len(state) + len(derived) :] if line != "end"]
    return Scenario(
        parse_state(state),
        tuple(parse_derived(line) for line in derived),
        tuple(parse_operation(line) for line in ops),
    )


def state_text(s: State) -> str:
    """The number of entities, then `ENTITY:TARGET.RIGHTS,...` for each that holds something."""
    entities: dict[int, list[str]] = defaultdict(list)
    for holder, c in in_order(s):
        entities[holder].append(f"{c.entity}.{c.rights.value}")
    return " ".join([str(s.next_id), *(f"{e}:{','.join(held)}" for e, held in entities.items())])


# The Python model's answers


def rows(n: int, question: Callable[[int, int], bool]) -> str:
    """A row of bits for each of `n` entities, a bit for each of them."""
    return " ".join("".join(str(int(question(x, y))) for y in range(n)) for x in range(n))


def lacking(caps: frozenset[Capability], over: int) -> str:
    """For each right, whether `caps` lack it over an entity: all rights but it dominate them."""
    return "".join(
        str(int(analysis.dominates(Capability(over, ALL_RIGHTS & ~right), caps))) for right in Right
    )


def question_lines(s: State) -> Iterator[str]:
    """Every question about a state; the closures are decided in sane states only."""
    n = s.next_id
    yield f"leak {rows(n, lambda x, y: analysis.leak(s, x, y))}"
    yield f"connected {rows(n, lambda x, y: analysis.connected(s, x, y))}"
    yield f"grw {rows(n, lambda x, y: analysis.can_grw(s, x, y))}"
    yield f"access {rows(n, lambda x, y: analysis.can_access(s, x, y))}"
    if not sane(s):
        yield "insane"
        return
    yield f"connected* {rows(n, analysis.connection(s).same)}"
    yield f"access* {rows(n, lambda x, y: x in analysis.access_domain(s, y))}"
    yield f"isolated {rows(n, lambda x, y: analysis.isolated(s, x, y))}"
    yield f"ever {rows(n, lambda x, y: analysis.can_ever_leak(s, x, y))}"
    authority = [analysis.sub_sys_caps(s, e) for e in range(n)]
    yield f"lacks {' '.join(','.join(lacking(caps, x) for x in range(n)) for caps in authority)}"


def answers(scenario: Scenario) -> Iterator[str]:
    """What the Python model says to a scenario, line for line what the extracted one prints."""
    s = scenario.first
    for a in scenario.ops:
        was_legal = legal(a, s)
        s = step(scenario.cdt, a, s)
        yield f"{int(was_legal)} {state_text(s)}"
    yield f"execute {state_text(execute(scenario.cdt, scenario.ops, scenario.first))}"
    yield f"run {state_text(run(scenario.cdt, scenario.ops, scenario.first))}"
    yield from question_lines(s)


# Generation


class Generator:
    """Scenarios from a seed: small and crowded, so that most operations are legal and matter."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def scenario(self) -> Scenario:
        first = self._state()
        derived: list[tuple[Capability, Derived]] = []
        ops: list[Operation] = []
        s = first
        for _ in range(OPERATIONS_EACH):
            a = self._operation(s)
            if isinstance(a, SysRevoke):
                derived += self._derived(a.c, s)
            ops.append(a)
            s = step(Scenario(first, tuple(derived), ()).cdt, a, s)
        return Scenario(first, tuple(derived), tuple(ops))

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _rights(self) -> Right:
        """Any rights, but rather many than few."""
        return Right(self._random.randrange(16) | self._random.randrange(16))

    def _cap(self, entities: int) -> Capability:
        return Capability(self._random.randrange(entities), self._rights())

    def _state(self) -> State:
        """The initial state, a sane one, or one where anything can be anywhere."""
        if self._chance(10):
            return INITIAL_STATE
        n = self._random.randint(1, 7)
        places = n + 2 if self._chance(15) else n
        heap: dict[int, list[Capability]] = defaultdict(list)
        for _ in range(self._random.randint(n, 4 * n)):
            heap[self._random.randrange(places)].append(self._cap(places))
        return State.of(heap, n)

    def _held(self, s: State, e: int, right: Right) -> Capability:
        """Mostly a capability that `e` holds, with the right if it can be."""
        held = sorted(s.caps(e), key=lambda c: (c.entity, c.rights.value))
        fit = [c for c in held if right in c.rights]
        if held and self._chance(85):
            return self._random.choice(fit or held)
        return self._cap(s.next_id + 2)

    def _actor(self, s: State) -> int:
        """Mostly an entity that holds something."""
        actors = sorted(s.heap)
        if actors and self._chance(90):
            return self._random.choice(actors)
        return self._random.randrange(s.next_id + 2)

    def _operation(self, s: State) -> Operation:
        e = self._actor(s)
        match self._random.choices(range(7), weights=(1, 2, 2, 5, 8, 5, 4))[0]:
            case 0:
                return SysNoOp(e)
            case 1:
                return SysRead(e, self._held(s, e, Right.READ))
            case 2:
                return SysWrite(e, self._held(s, e, Right.WRITE))
            case 3:
                return SysCreate(e, self._held(s, e, Right.CREATE), self._held(s, e, Right.GRANT))
            case 4:
                to, what = self._held(s, e, Right.GRANT), self._held(s, e, NO_RIGHTS)
                return SysGrant(e, to, what, self._rights())
            case 5:
                frm = self._held(s, e, NO_RIGHTS)
                return SysRemove(e, frm, self._held(s, frm.entity, NO_RIGHTS))
            case _:
                return SysRevoke(e, self._held(s, e, NO_RIGHTS))

    def _derived(self, parent: Capability, s: State) -> Iterator[tuple[Capability, Derived]]:
        """A few removals, most of capabilities that are there."""
        for _ in range(self._random.randint(0, 3)):
            holder = Capability(self._actor(s), self._rights())
            yield parent, (holder, (self._held(s, holder.entity, NO_RIGHTS),))


def scenarios(seed: int, count: int) -> list[Scenario]:
    """The first `count` scenarios of a seed."""
    generator = Generator(seed)
    return [generator.scenario() for _ in range(count)]


# The corpus


def corpus_text(inputs: Sequence[Sequence[str]], outputs: Sequence[Sequence[str]]) -> str:
    """The corpus as it is kept: each scenario's lines with the extracted model's answers."""
    entries = [
        {"scenario": list(lines), "answers": list(said)}
        for lines, said in zip(inputs, outputs, strict=True)
    ]
    return json.dumps(entries, indent=0, separators=(",", ":")) + "\n"


def read_corpus(path: Path = CORPUS) -> list[tuple[Scenario, list[str]]]:
    """The scenarios that are kept, with the extracted model's answers."""
    entries = json.loads(path.read_text(encoding="ascii"))
    return [(parse_scenario(entry["scenario"]), entry["answers"]) for entry in entries]
