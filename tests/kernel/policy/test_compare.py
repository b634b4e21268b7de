# SPDX-License-Identifier: BSD-2-Clause
"""A made-up live state against a description: each deviation is named by the rule it breaks."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kernel.layout import CapType
from kernel.model.state import Right
from kernel.policy.compare import RULES, compare
from kernel.policy.description import Description
from kernel.policy.entities import End, Entity, Numbering, assemble
from kernel.policy.promise import promise

R, W, G, C = Right.READ, Right.WRITE, Right.GRANT, Right.CREATE
Describe = Callable[..., Description]

TEXT = """
"a" { text { 0 to 4K }; resource { 1 }; comm { this -> b }; };
"b" { text { 4K to 8K }; resource { 1 }; device clock; };
"c" { text { 8K to 12K }; resource { 1 }; };
"""
BASE, STEP = 0xF100_0000, 0x0010_0000
COMM = Entity(CapType.ENDPOINT, 0xF0F0_0000, 4)
CLOCK = Entity(CapType.FRAME, 0x53F9_0000, 12)
CLOCK_IRQ = Entity(CapType.IRQ_HANDLER, 29, 0)


@dataclass
class Live:
    """Three subsystems as the manager should leave them; a test changes something."""

    held: dict[Entity, dict[Entity, Right]] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    threads: dict[Entity, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, name in enumerate("abc"):
            thread, cnode = self.thread(number), self.cnode(number)
            directory, table = self.directory(number), self.table(number)
            self.threads[thread] = name
            self.held[thread] = {cnode: G, directory: G}
            self.held[directory] = {table: G}
            self.held[table] = {self.page(number): R | W}
            self.held[cnode] = {
                cnode: G, thread: R | W | G, directory: G, table: G, self.page(number): R | W,
                self.memory(number): C,
            }  # fmt: skip
        self.held[self.cnode(1)] |= {CLOCK: R | W, CLOCK_IRQ: W}
        self.ends += [End(COMM, self.cnode(0), W), End(COMM, self.cnode(1), R)]

    def thread(self, number: int) -> Entity:
        return Entity(CapType.TCB, BASE + 0x200 * number, 9)

    def cnode(self, number: int) -> Entity:
        return Entity(CapType.CNODE, BASE + 0x1_0000 + 0x2000 * number, 13)

    def directory(self, number: int) -> Entity:
        return Entity(CapType.PAGE_DIRECTORY, BASE + 0x2_0000 + 0x4000 * number, 14)

    def table(self, number: int) -> Entity:
        return Entity(CapType.PAGE_TABLE, BASE + 0x4_0000 + 0x400 * number, 10)

    def page(self, number: int) -> Entity:
        return Entity(CapType.FRAME, 0x8105_0000 + 0x1000 * number, 12)

    def memory(self, number: int) -> Entity:
        return Entity(CapType.UNTYPED, BASE + STEP * (1 + number), 20)

    def give(self, number: int, entity: Entity, rights: Right) -> None:
        """One more capability for a subsystem."""
        self.held[self.cnode(number)][entity] = rights


@pytest.fixture
def rule(describe: Describe) -> Callable[[Live], str | None]:
    """The rule that a live state breaks first, None if none."""
    promised = promise(describe(TEXT))

    def judge(live: Live) -> str | None:
        found = compare(assemble(live.held, live.ends, live.threads, Numbering()), promised)
        assert len({each.rule for each in found}) <= 2
        return str(found[0]).partition(" ")[0] if found else None

    return judge


def test_the_promised_state(rule: Callable[[Live], str | None]) -> None:
    """A state with everything that was promised and nothing else breaks no rule."""
    assert rule(Live()) is None


def _no_thread(live: Live) -> None:
    live.threads[live.thread(2)] = "somebody"


def _shared_cnode(live: Live) -> None:
    live.give(1, live.cnode(0), G)


def _shared_table(live: Live) -> None:
    live.held[live.directory(1)][live.table(0)] = G


def _shared_directory(live: Live) -> None:
    live.held[live.thread(1)][live.directory(0)] = G


def _thread_of_another(live: Live) -> None:
    live.give(2, live.thread(0), R | W | G)


def _grant(live: Live) -> None:
    live.ends[0] = End(COMM, live.cnode(0), W | G)


def _grant_to_wait(live: Live) -> None:
    live.ends[1] = End(COMM, live.cnode(1), R | G)


def _reverse(live: Live) -> None:
    live.ends += [End(COMM, live.cnode(0), R), End(COMM, live.cnode(1), W)]


def _third_listens(live: Live) -> None:
    live.ends.append(End(COMM, live.cnode(2), R))


def _no_channel(live: Live) -> None:
    live.ends.pop()


def _other_kind(live: Live) -> None:
    event = Entity(CapType.ASYNC_ENDPOINT, 0xF0F0_0000, 4)
    live.ends = [End(event, end.holder, end.rights) for end in live.ends]


def _shared_page_in_domain(live: Live) -> None:
    live.give(1, live.page(0), R)


def _shared_page(live: Live) -> None:
    live.held[live.table(2)][live.page(0)] = R


def _memory_twice(live: Live) -> None:
    live.give(2, live.memory(0), C)


def _memory_missing(live: Live) -> None:
    del live.held[live.cnode(0)][live.memory(0)]


def _memory_over_memory(live: Live) -> None:
    """Of the right size, but its second half is somebody else's."""
    del live.held[live.cnode(0)][live.memory(0)]
    live.give(0, Entity(CapType.UNTYPED, live.memory(1).address + STEP // 2, 20), C)


def _memory_over_object(live: Live) -> None:
    live.held[live.table(0)][Entity(CapType.FRAME, live.memory(2).address - 0x7000_0000, 12)] = R


def _device_of_another(live: Live) -> None:
    live.give(0, Entity(CapType.FRAME, 0x53FA_4000, 12), R)


def _device_missing(live: Live) -> None:
    del live.held[live.cnode(1)][CLOCK_IRQ]


def _power(live: Live) -> None:
    live.give(2, Entity(CapType.IRQ_CONTROL, 0, 0), G)


def _manager_lives(live: Live) -> None:
    live.threads[Entity(CapType.TCB, BASE + 0x8000, 9)] = "manager"


def _manager_is_given_away(live: Live) -> None:
    thread = Entity(CapType.TCB, BASE + 0x8000, 9)
    live.threads[thread] = "manager"
    live.give(0, thread, R | W | G)


def _manager_keeps_an_endpoint(live: Live) -> None:
    live.ends.append(End(COMM, Entity(CapType.CNODE, BASE + 0xF_0000, 12), W))


def _manager_keeps(live: Live) -> None:
    dead = Entity(CapType.CNODE, BASE + 0xF_0000, 12)
    live.held[dead] = {dead: G, live.thread(0): R | W | G}


def _manager_keeps_memory(live: Live) -> None:
    dead = Entity(CapType.CNODE, BASE + 0xF_0000, 12)
    live.held[dead] = {dead: G, Entity(CapType.UNTYPED, BASE + STEP * 8, 20): C}


def _no_grant_over_itself(live: Live) -> None:
    for holder in (live.thread(2), live.cnode(2), live.directory(2)):
        live.held[holder] = {e: rights & ~G for e, rights in live.held[holder].items()}


def _device_read_only(live: Live) -> None:
    live.give(1, CLOCK, R)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (_no_thread, "R6.51"),
        (_shared_cnode, "R6.59"),
        (_shared_table, "R6.59"),
        (_shared_directory, "R6.59"),
        (_thread_of_another, "R6.60"),
        (_grant, "R6.58"),
        (_grant_to_wait, "R6.58"),
        (_reverse, "R6.54"),
        (_third_listens, "R6.61"),
        (_no_channel, "R6.54"),
        (_other_kind, "R6.54"),
        (_shared_page_in_domain, "R6.44"),
        (_shared_page, "R6.61"),
        (_memory_twice, "R6.53"),
        (_memory_missing, "R6.53"),
        (_memory_over_memory, "R6.53"),
        (_memory_over_object, "R6.53"),
        (_device_of_another, "R6.44"),
        (_device_missing, "R6.44"),
        (_power, "R6.44"),
        (_manager_lives, "R6.45"),
        (_manager_is_given_away, "R6.45"),
        (_manager_keeps, "R6.45"),
        (_manager_keeps_an_endpoint, "R6.45"),
        (_manager_keeps_memory, "R6.45"),
        (_no_grant_over_itself, "R6.46"),
        (_device_read_only, "R6.46"),
    ],
)
def test_each_deviation_has_its_rule(
    rule: Callable[[Live], str | None], change: Callable[[Live], None], broken: str
) -> None:
    """One change of the promised state breaks the rule that forbids it."""
    live = Live()
    change(live)
    assert rule(live) == broken
    assert broken in RULES


def test_what_the_manager_ran_in_may_stay(rule: Callable[[Live], str | None]) -> None:
    """A CNode that only itself can name, with pages of nobody else, harms nobody."""
    live = Live()
    dead = Entity(CapType.CNODE, BASE + 0xF_0000, 12)
    live.held[dead] = {dead: G, Entity(CapType.FRAME, 0x8010_0000, 12): R | W}
    assert rule(live) is None
