# SPDX-License-Identifier: BSD-2-Clause
"""The seven operations: when they are legal and what they do (R5.9 to R5.21).

An operation's first argument `e` is who acts, the second the capability that is invoked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import assert_never

from kernel.model.state import NULL_ENTITY, Capability, Entity, Right, State, all_cap


@dataclass(frozen=True, slots=True)
class SysNoOp:
    """Changes nothing and needs nothing."""

    e: int


@dataclass(frozen=True, slots=True)
class SysRead:
    """Reads from the entity of `c`."""

    e: int
    c: Capability


@dataclass(frozen=True, slots=True)
class SysWrite:
    """Writes to the entity of `c`."""

    e: int
    c: Capability


@dataclass(frozen=True, slots=True)
class SysCreate:
    """Makes an entity from `c1`; the entity of `c2` gains all rights to it."""

    e: int
    c1: Capability
    c2: Capability


@dataclass(frozen=True, slots=True)
class SysGrant:
    """Gives the entity of `c1` a copy of `c2` with no more than `rights`."""

    e: int
    c1: Capability
    c2: Capability
    rights: Right


@dataclass(frozen=True, slots=True)
class SysRemove:
    """Takes `c2` from the entity of `c1`."""

    e: int
    c1: Capability
    c2: Capability


@dataclass(frozen=True, slots=True)
class SysRevoke:
    """Takes what was derived from `c` from whoever holds it."""

    e: int
    c: Capability


Operation = SysNoOp | SysRead | SysWrite | SysCreate | SysGrant | SysRemove | SysRevoke

#: One entry of a derivation: the entity that the first names loses each of the second.
Derived = tuple[Capability, Sequence[Capability]]
#: What was derived from a capability. The model leaves open how it is computed (R5.16).
Derivation = Callable[[State, Capability], Sequence[Derived]]


def nothing_derived(_s: State, _c: Capability) -> Sequence[Derived]:
    """The derivation in which nothing is derived from anything."""
    return ()


def legal(a: Operation, s: State) -> bool:
    """Whether who acts exists, holds what it invokes or passes on, and has the rights for it."""
    held = s.caps(a.e)
    if not s.is_entity(a.e):
        return False
    match a:
        case SysNoOp():
            return True
        case SysRead(_, c):
            return c in held and Right.READ in c.rights
        case SysWrite(_, c):
            return c in held and Right.WRITE in c.rights
        case SysCreate(_, c1, c2):
            return (
                c1 in held and c2 in held and Right.CREATE in c1.rights and Right.GRANT in c2.rights
            )
        case SysGrant(_, c1, c2, _):
            return c1 in held and c2 in held and Right.GRANT in c1.rights
        case SysRemove(_, c1, _):
            return c1 in held
        case SysRevoke(_, c):
            return c in held
        case _:
            assert_never(a)


def diminish(c: Capability, rights: Right) -> Capability:
    return Capability(c.entity, c.rights & rights)


def place(e: int, caps: Entity, s: State) -> State:
    """The state in which `e` holds exactly `caps`."""
    heap = dict(s.heap)
    heap.pop(e, None)
    if caps:
        heap[e] = caps
    return State(MappingProxyType(heap), s.next_id)


def create_operation(c2: Capability, s: State) -> State:
    """The new entity is empty; the entity that `c2` names gains all rights to it (R5.12)."""
    new = s.next_id
    parent = s.caps(c2.entity) | {all_cap(new)}
    placed = place(c2.entity, parent, place(new, NULL_ENTITY, s))
    return State(placed.heap, new + 1)


def grant_operation(c1: Capability, c2: Capability, rights: Right, s: State) -> State:
    return place(c1.entity, s.caps(c1.entity) | {diminish(c2, rights)}, s)


def remove_operation(c1: Capability, c2: Capability, s: State) -> State:
    return place(c1.entity, s.caps(c1.entity) - {c2}, s)


def revoke_operation(cdt: Derivation, c: Capability, s: State) -> State:
    """Removes all that the derivation names; removals commute, so any order will do (R5.15)."""
    for d, caps in cdt(s, c):
        s = place(d.entity, s.caps(d.entity).difference(caps), s)
    return s


def effect(cdt: Derivation, a: Operation, s: State) -> State:
    """What a legal operation does."""
    match a:
        case SysNoOp() | SysRead() | SysWrite():
            return s
        case SysCreate(_, _, c2):
            return create_operation(c2, s)
        case SysGrant(_, c1, c2, rights):
            return grant_operation(c1, c2, rights, s)
        case SysRemove(_, c1, c2):
            return remove_operation(c1, c2, s)
        case SysRevoke(_, c):
            return revoke_operation(cdt, c, s)
        case _:
            assert_never(a)


def step(cdt: Derivation, a: Operation, s: State) -> State:
    """The successor of `s`; an illegal operation changes nothing (R5.17)."""
    return effect(cdt, a, s) if legal(a, s) else s


def run(cdt: Derivation, ops: Iterable[Operation], s: State) -> State:
    """The state after `ops` in the order of writing: the first runs first."""
    return reduce(lambda t, a: step(cdt, a, t), ops, s)


def execute(cdt: Derivation, ops: Sequence[Operation], s: State) -> State:
    """The state after `ops` in the order of the theorems: the last runs first (R5.18)."""
    return run(cdt, reversed(ops), s)
