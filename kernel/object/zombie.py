# SPDX-License-Identifier: BSD-2-Clause
"""Opaque capabilities: what is left of a capability whose removal takes several steps (R4.81).

A zombie cannot be invoked, followed or copied. It carries the progress of the work, so that any
Delete on it goes on where the last one stopped. There are three sorts: a container (CNode, TCB)
that is being emptied, another object in the middle of destruction or recycling, and a tombstone,
which is no object's capability any more and only keeps a place in the derivation list.
"""

from typing import Final

from kernel import layout
from kernel.layout import CapType, ZombieKind
from kernel.object.capability import Cap, cnode_cap, cnode_radix, make_cap, tcb_cap

CONTAINERS: Final = frozenset({CapType.CNODE, CapType.TCB})
_CONTAINER_KINDS: Final = frozenset({ZombieKind.CNODE, ZombieKind.TCB})


def kind(cap: Cap) -> ZombieKind | None:
    """Which sort of zombie a capability is; None for one that is alive."""
    return ZombieKind(cap.get(layout.ZOMBIE_KIND)) if cap.type is CapType.ZOMBIE else None


def is_tombstone(cap: Cap) -> bool:
    """Whether a capability only keeps a place in the derivation list."""
    return kind(cap) is ZombieKind.TOMBSTONE


def is_container(cap: Cap) -> bool:
    """Whether a capability is a CNode or TCB that is being emptied."""
    return kind(cap) in _CONTAINER_KINDS


def slot_count(cap: Cap) -> int:
    """The number of slots of a (live) CNode or TCB."""
    return 1 << cnode_radix(cap) if cap.type is CapType.CNODE else len(layout.TCB_SLOTS)


def of_container(cap: Cap) -> Cap:
    """The zombie of a CNode or TCB of which no slot is emptied yet."""
    if cap.type is CapType.TCB:
        return make_cap(
            CapType.ZOMBIE,
            (layout.ZOMBIE_POINTER, cap.get(layout.TCB_POINTER)),
            (layout.ZOMBIE_KIND, ZombieKind.TCB),
            (layout.ZOMBIE_NEXT, slot_count(cap)),
        )
    return make_cap(
        CapType.ZOMBIE,
        (layout.ZOMBIE_POINTER, cap.get(layout.CNODE_POINTER)),
        (layout.ZOMBIE_KIND, ZombieKind.CNODE),
        (layout.ZOMBIE_RADIX, cnode_radix(cap)),
        (layout.ZOMBIE_NEXT, 1 << cnode_radix(cap)),
    )


def _opaque(cap: Cap, zombie_kind: ZombieKind, field: layout.Field, value: int) -> Cap:
    bare = Cap(layout.CAP_TYPE.put(cap.word0, CapType.ZOMBIE), 0)
    bare = bare.having(layout.ZOMBIE_KIND, zombie_kind).having(layout.ZOMBIE_TYPE, cap.type)
    return bare.having(field, value)


def of_object(cap: Cap, pieces: int) -> Cap:
    """The zombie of an object that is no container, with `pieces` of work left."""
    return _opaque(cap, ZombieKind.OBJECT, layout.ZOMBIE_NEXT, pieces)


def tombstone(cap: Cap, level: int) -> Cap:
    """What a deleted capability at depth `level` becomes while it has descendants."""
    return _opaque(cap, ZombieKind.TOMBSTONE, layout.TOMBSTONE_LEVEL, level)


def former(cap: Cap) -> Cap:
    """The capability that a zombie was, fresh: no guard, no mapping, no badge."""
    match kind(cap):
        case ZombieKind.CNODE:
            return cnode_cap(cap.get(layout.ZOMBIE_POINTER), cap.get(layout.ZOMBIE_RADIX))
        case ZombieKind.TCB:
            return tcb_cap(cap.get(layout.ZOMBIE_POINTER))
        case None:
            return cap
    return Cap(layout.CAP_TYPE.put(cap.word0, cap.get(layout.ZOMBIE_TYPE)), 0)
