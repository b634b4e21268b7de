# SPDX-License-Identifier: BSD-2-Clause
"""Numbers of entities, and channels between the holders of an endpoint."""

from kernel.layout import CapType
from kernel.model.state import Capability, Right
from kernel.policy.entities import End, Entity, Numbering, assemble

ENDPOINT = Entity(CapType.ENDPOINT, 0xF000_0000, 4)
ONE, OTHER, THIRD = (Entity(CapType.CNODE, 0xF001_0000 + n * 0x1000, 8) for n in range(3))


def test_a_number_is_never_used_twice() -> None:
    """An object that was destroyed and made again at its place is a new entity."""
    numbering = Numbering()
    first = numbering.number([ONE, OTHER])
    assert numbering.number([ONE]) == {ONE: first[ONE]}
    again = numbering.number([ONE, OTHER])
    assert again == {ONE: first[ONE], OTHER: 2}
    assert numbering.next_id == 3


def test_senders_have_their_rights_over_receivers() -> None:
    """Write on an endpoint is Write over everybody who may wait there, Grant likewise."""
    ends = [
        End(ENDPOINT, ONE, Right.WRITE),
        End(ENDPOINT, OTHER, Right.READ),
        End(ENDPOINT, THIRD, Right.WRITE | Right.GRANT),
    ]
    live = assemble({}, ends, {}, Numbering())
    one, other, third = (live.numbers[each] for each in (ONE, OTHER, THIRD))
    assert live.state.caps(one) == {Capability(other, Right.WRITE)}
    assert live.state.caps(third) == {Capability(other, Right.WRITE | Right.GRANT)}
    assert not live.state.caps(other)


def test_grant_without_write_sends_nothing() -> None:
    """Who cannot send cannot grant either; who sends where nobody waits reaches nobody."""
    ends = [End(ENDPOINT, ONE, Right.GRANT), End(ENDPOINT, OTHER, Right.READ)]
    assert not list(assemble({}, ends, {}, Numbering()).state.all_caps())
    alone = [End(ENDPOINT, ONE, Right.WRITE)]
    assert not list(assemble({}, alone, {}, Numbering()).state.all_caps())


def test_an_entity_in_words() -> None:
    """Type and address; a number that has gone is only a number."""
    live = assemble({ONE: {}}, [], {}, Numbering())
    assert live.name_of(live.numbers[ONE]) == "cnode 0xf0010000"
    assert live.name_of(99) == "entity 99"
