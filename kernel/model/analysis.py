# SPDX-License-Identifier: BSD-2-Clause
"""The questions about a state: leaks, subsystems, access domains, isolation (R6.1 to R6.11).

Both closures are equivalence relations, so each is decided by the classes that a union-find makes
of the capabilities with a right of its mask: time and memory are linear in the state, and a further
question costs next to nothing. Theorems 1 to 3 turn these answers about the present state into
answers about every state that can follow.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from kernel.model.state import GRW, Capability, Right, State, grant_cap


class Classes:
    """Entities in classes, by capabilities that have a right of a mask, in either direction."""

    def __init__(self, s: State, mask: Right) -> None:
        self._parent: dict[int, int] = {}
        for holder, c in s.all_caps():
            if c.rights & mask:
                self._join(holder, c.entity)

    def find(self, x: int) -> int:
        """The entity that stands for the class of `x`; paths are halved on the way."""
        parent = self._parent
        while (up := parent.get(x, x)) != x:
            parent[x] = x = parent.get(up, up)
        return x

    def same(self, x: int, y: int) -> bool:
        return self.find(x) == self.find(y)

    def members(self, x: int) -> frozenset[int]:
        """The whole class of `x`."""
        return self._members.get(self.find(x), frozenset({x}))

    @cached_property
    def _members(self) -> dict[int, frozenset[int]]:
        members: dict[int, list[int]] = defaultdict(list)
        for x in list(self._parent):
            members[self.find(x)].append(x)
        return {name: frozenset(entities) for name, entities in members.items()}

    def _join(self, x: int, y: int) -> None:
        low, high = sorted((self.find(x), self.find(y)))
        self._parent.setdefault(low, low)
        self._parent[high] = low


def provides(caps: Iterable[Capability], c: Capability) -> bool:
    """Whether `caps` hold at least the authority of `c` (R6.1)."""
    return any(d.entity == c.entity and c.rights in d.rights for d in caps)


def leak(s: State, x: int, y: int) -> bool:
    """Whether `x` can add a capability to `y` (R6.2)."""
    return provides(s.caps(x), grant_cap(y))


def connected(s: State, x: int, y: int) -> bool:
    """Whether one of the two can leak to the other (R6.4)."""
    return leak(s, x, y) or leak(s, y, x)


def connection(s: State) -> Classes:
    """The transitive closure of `connected`: its classes are the subsystems (R6.4, R6.5)."""
    return Classes(s, Right.GRANT)


def granted(s: State, x: int) -> bool:
    """Whether somebody can add a capability to `x`."""
    return any(c.entity == x and Right.GRANT in c.rights for _, c in s.all_caps())


def can_ever_leak(s: State, x: int, y: int) -> bool:
    """Whether `x` can come to leak to `y` in a sane state (Decision 6); `witness` says how.

    Connection is symmetric, authority is not: nobody gains anything while nobody can give to it.
    """
    return leak(s, x, y) or (connection(s).same(x, y) and granted(s, x) and granted(s, y))


def sub_sys(s: State, e: int) -> frozenset[int]:
    """The entities of the subsystem of `e` (R6.5)."""
    return connection(s).members(e)


def sub_sys_caps(s: State, e: int) -> frozenset[Capability]:
    """The collective authority of the subsystem of `e` (R6.6)."""
    return frozenset[Capability]().union(*(s.caps(x) for x in sub_sys(s, e)))


def dominates(c: Capability, caps: Iterable[Capability]) -> bool:
    """Whether `caps` have no more authority over the entity of `c` than `c` has (R6.7)."""
    return all(d.rights in c.rights for d in caps if d.entity == c.entity)


def can_grw(s: State, x: int, y: int) -> bool:
    """Whether `x` can read, write or grant to `y` (R6.8)."""
    return any(c.entity == y and c.rights & GRW for c in s.caps(x))


def can_access(s: State, x: int, y: int) -> bool:
    """Whether information can flow between the two, or they can arrange for it (R6.9)."""
    return can_grw(s, x, y) or can_grw(s, y, x)


def access(s: State) -> Classes:
    """The transitive closure of `can_access`: its classes are the access domains (R6.9)."""
    return Classes(s, GRW)


def access_domain(s: State, x: int) -> frozenset[int]:
    """The entities that `x` can exchange information with, however indirectly (R6.10)."""
    return access(s).members(x)


def isolated(s: State, x: int, y: int) -> bool:
    """Whether the access domains of the two have no entity in common (R6.11)."""
    return not access(s).same(x, y)
