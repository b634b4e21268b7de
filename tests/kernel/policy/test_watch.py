# SPDX-License-Identifier: BSD-2-Clause
"""Later states against the bounds that the first one sets."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.layout import CapType
from kernel.model.operations import (
    Operation,
    SysCreate,
    SysGrant,
    SysRemove,
    nothing_derived,
    step,
)
from kernel.model.state import ALL_RIGHTS, Capability, Right, State
from kernel.policy.entities import Abstraction, End, Entity, Numbering, assemble
from kernel.policy.watch import Watch

R, W, G, C = Right.READ, Right.WRITE, Right.GRANT, Right.CREATE

A, B = (Entity(CapType.TCB, 0xF000_0000 + 0x200 * n, 9) for n in range(2))
SPACE_A, SPACE_B = (Entity(CapType.CNODE, 0xF001_0000 + 0x2000 * n, 13) for n in range(2))
MEMORY_A, MEMORY_B = (Entity(CapType.UNTYPED, 0xF100_0000 + 0x10_0000 * n, 20) for n in range(2))
PAGE_A = Entity(CapType.FRAME, 0x8000_0000, 12)
NEW = Entity(CapType.CNODE, 0xF100_0000, 8)
NEWER = Entity(CapType.FRAME, 0x8100_1000, 12)
ENDPOINT = Entity(CapType.ENDPOINT, 0xF0F0_0000, 4)

Holdings = dict[Entity, dict[Entity, Right]]
#: next_state(held, ends) -> the rules that are broken then.
NextState = Callable[[Holdings, list[End]], list[str]]


def _start() -> tuple[Holdings, list[End]]:
    held: Holdings = {
        A: {SPACE_A: G},
        B: {SPACE_B: G},
        SPACE_A: {SPACE_A: G, A: R | W | G, MEMORY_A: C, PAGE_A: R},
        SPACE_B: {SPACE_B: G, B: R | W | G, MEMORY_B: C},
    }
    return held, []


def _with_channel() -> tuple[Holdings, list[End]]:
    return _start()[0], [End(ENDPOINT, SPACE_A, W), End(ENDPOINT, SPACE_B, R)]


def _watching(start: tuple[Holdings, list[End]]) -> NextState:
    numbering = Numbering()

    def state(held: Holdings, ends: list[End]) -> Abstraction:
        return assemble(held, ends, {A: "a", B: "b"}, numbering)

    watch = Watch(state(*start))

    def next_state(held: Holdings, ends: list[End]) -> list[str]:
        return [each.rule for each in watch.check(state(held, ends))]

    return next_state


@pytest.fixture
def apart() -> NextState:
    """Two isolated subsystems."""
    return _watching(_start())


@pytest.fixture
def joined() -> NextState:
    """A subsystem that may send to the other."""
    return _watching(_with_channel())


def test_the_same_and_less(apart: NextState) -> None:
    """A state with nothing more breaks nothing; nor does one with less."""
    held, ends = _start()
    assert apart(held, ends) == []
    del held[SPACE_B][MEMORY_B]
    assert apart(held, ends) == []


def test_authority_over_what_exists(apart: NextState) -> None:
    """A capability to another's memory is a gain that Theorem 2 excludes."""
    held, ends = _start()
    held[SPACE_B][MEMORY_A] = C
    assert apart(held, ends) == ["R6.31"]


def test_amplified_rights(apart: NextState) -> None:
    """More rights over what was held already are a gain too."""
    held, ends = _start()
    held[SPACE_A][PAGE_A] = R | W
    assert apart(held, ends) == ["R6.31"]


def test_grant_joins_subsystems(apart: NextState) -> None:
    """Grant over another's part connects the two: Lemma 17, Theorem 2 and Theorem 3 fall."""
    held, ends = _start()
    held[SPACE_A][B] = G
    assert set(apart(held, ends)) == {"R6.25", "R6.31", "R6.39"}


def test_a_channel_ends_isolation(apart: NextState) -> None:
    """A channel between isolated subsystems breaks Theorem 3, and is Write over the other."""
    assert set(apart(*_with_channel())) == {"R6.31", "R6.39"}


def test_a_shared_page_ends_isolation(apart: NextState) -> None:
    """A page is a channel; the reader gains authority over what existed."""
    held, ends = _start()
    held[SPACE_B][PAGE_A] = R
    assert set(apart(held, ends)) == {"R6.31", "R6.39"}


def test_a_channel_may_be_used_from_any_part(joined: NextState) -> None:
    """Whether the receiver's thread or its CSpace holds the end is the same authority."""
    held, ends = _with_channel()
    assert joined(held, [*ends, End(ENDPOINT, B, R), End(ENDPOINT, A, W)]) == []


def test_a_channel_is_one_way(joined: NextState) -> None:
    """The receiver must not come to send, nor the sender to grant."""
    held, ends = _with_channel()
    assert joined(held, [*ends, End(ENDPOINT, SPACE_B, W), End(ENDPOINT, SPACE_A, R)]) == ["R6.31"]
    assert "R6.25" in joined(held, [End(ENDPOINT, SPACE_A, W | G), ends[1]])


def test_what_is_created_is_ones_own(apart: NextState) -> None:
    """New entities and authority over them are no gain, however much."""
    held, ends = _start()
    held[SPACE_A][NEW] = G
    held[NEW] = {NEWER: R | W, MEMORY_A: C}
    assert apart(held, ends) == []


def test_created_entities_are_not_shared(apart: NextState) -> None:
    """What one created does not come to the other: its parts belong to its creator's class."""
    held, ends = _start()
    held[SPACE_A][NEW] = G
    held[NEW] = {}
    assert apart(held, ends) == []
    del held[SPACE_A][NEW]
    held[SPACE_B][NEW] = G
    assert apart(held, ends) == ["R6.25", "R6.39"]


def test_a_severed_part_is_still_bounded(apart: NextState) -> None:
    """Nobody can gain through an entity that its creator cut loose."""
    held, ends = _start()
    held[SPACE_A][NEW] = G
    held[NEW] = {}
    assert apart(held, ends) == []
    del held[SPACE_A][NEW]
    held[NEW] = {MEMORY_B: C}
    assert apart(held, ends) == ["R6.31"]


def test_a_place_that_is_used_again(apart: NextState) -> None:
    """Where an object was destroyed and another made, the bound is gone with the first."""
    held, ends = _start()
    del held[SPACE_A][PAGE_A]
    assert apart(held, ends) == []
    held[SPACE_A][PAGE_A] = R | W
    assert apart(held, ends) == []


def _random_state(source: random.Random) -> State:
    entities = range(source.randint(2, 9))
    heap: dict[int, set[Capability]] = {}
    for _ in range(source.randint(0, 14)):
        rights = Right(source.randrange(16) & source.randrange(16))
        caps = heap.setdefault(source.choice(entities), set())
        caps.add(Capability(source.choice(entities), rights))
    return State.of(heap, len(entities))


def _random_operation(source: random.Random, state: State) -> Operation:
    """Any operation on capabilities that somebody holds; most are illegal."""
    held = list(state.all_caps())
    (actor, first), (_, second) = source.choice(held), source.choice(held)
    mine = [capability for holder, capability in held if holder == actor]
    second = source.choice([second, *mine])
    return source.choice(
        (
            SysCreate(actor, first, second),
            SysGrant(actor, first, second, Right(source.randrange(16)) or ALL_RIGHTS),
            SysRemove(actor, first, second),
        )
    )


def _as_live(state: State) -> Abstraction:
    """A model state as if each entity were an object, half of them parts of subjects."""
    kinds = (CapType.CNODE, CapType.UNTYPED)
    numbers = {Entity(kinds[n % 2], n << 12, 12): n for n in range(state.next_id)}
    return Abstraction(numbers, {}, (), {}, state)


@given(st.integers(0, 1 << 32))
def test_nothing_that_the_model_does_is_refused(seed: int) -> None:
    """The theorems hold: from no state leads an operation to one that the watch would refuse."""
    source = random.Random(seed)
    state = _random_state(source)
    watch = Watch(_as_live(state))
    for _ in range(30 if state.heap else 0):
        operation = _random_operation(source, state)
        state = step(nothing_derived, operation, state)
        assert watch.check(_as_live(state)) == [], operation
        if not state.heap:
            break
