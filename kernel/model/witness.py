# SPDX-License-Identifier: BSD-2-Clause
"""How one entity comes to leak to another: the operations, when it can.

This is the proof of Decision 6 as a program. All operations are grants: who leaks to two entities
makes the one leak to the other. Along the path of connections between the two, each entity comes
into a circle of entities that leak to each other, or, where nobody can give to it, at least leaks
to one of the circle.
"""

from collections import deque
from itertools import pairwise
from typing import Final

from kernel.model.analysis import can_ever_leak, leak
from kernel.model.operations import Operation, SysGrant, nothing_derived, step
from kernel.model.state import ALL_RIGHTS, Capability, Right, State


def connection_path(s: State, x: int, y: int) -> list[int]:
    """A shortest path of connected entities from `x` to `y`; empty if there is none."""
    neighbours: dict[int, list[int]] = {}
    for holder, c in sorted(s.all_caps(), key=lambda at: (at[0], at[1].entity)):
        if Right.GRANT in c.rights:
            neighbours.setdefault(holder, []).append(c.entity)
            neighbours.setdefault(c.entity, []).append(holder)
    came_from = {x: x}
    queue = deque([x])
    while queue and y not in came_from:
        at = queue.popleft()
        for to in neighbours.get(at, []):
            if to not in came_from:
                came_from[to] = at
                queue.append(to)
    return _walk_back(came_from, x, y) if y in came_from else []


def _walk_back(came_from: dict[int, int], x: int, y: int) -> list[int]:
    path = [y]
    while path[-1] != x:
        path.append(came_from[path[-1]])
    return path[::-1]


class Plan:
    """Grants that follow from each other, and the state that they lead to."""

    def __init__(self, s: State, x: int) -> None:
        self.ops: Final[list[Operation]] = []
        self._s = s
        self._x = x
        #: The entity of the circle that the path has come to, or that its end leaks to.
        self._near = x
        self._give_itself(x)

    def go(self, at: int, to: int) -> None:
        """Takes one edge of the path, in whichever direction it leads."""
        if leak(self._s, at, to):
            if self._near == at:
                self._give(self._x, at, at)
            self._give(at, to, self._near)
        else:
            self.come_in(at)

    def come_in(self, at: int) -> None:
        """Brings the end of the path into the circle, since somebody can give to it."""
        near, x = self._near, self._x
        if near == at:
            return
        self._give_itself(at)
        self._give(at, near, at)
        self._give(near, x, at)
        self._give(near, at, x)
        self._near = at

    def _give_itself(self, to: int) -> None:
        giver = next(e for e, c in self._s.all_caps() if c.entity == to and Right.GRANT in c.rights)
        self._give(giver, to, to)

    def _give(self, giver: int, to: int, what: int) -> None:
        """Makes `to` leak to `what`, both of which `giver` leaks to."""
        if leak(self._s, to, what):
            return
        grant = SysGrant(giver, self._cap(giver, to), self._cap(giver, what), ALL_RIGHTS)
        self.ops.append(grant)
        self._s = step(nothing_derived, grant, self._s)

    def _cap(self, holder: int, to: int) -> Capability:
        """The capability by which `holder` leaks to an entity; the one with the fewest rights."""
        found = [c for c in self._s.caps(holder) if c.entity == to and Right.GRANT in c.rights]
        return min(found, key=lambda c: c.rights.value)


def witness(s: State, x: int, y: int) -> list[Operation] | None:
    """Operations after which `x` leaks to `y`, the first runs first; None if it never can.

    The state must be sane. The list is at most a few times as long as the path between the two.
    """
    if not can_ever_leak(s, x, y):
        return None
    if leak(s, x, y):
        return []
    plan = Plan(s, x)
    path = connection_path(s, x, y)
    for at, to in pairwise(path):
        plan.go(at, to)
    plan.come_in(y)
    return plan.ops
