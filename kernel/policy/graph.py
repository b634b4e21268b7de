# SPDX-License-Identifier: BSD-2-Clause
"""Connected components of the graph that some capabilities make, in linear time.

A capability joins its holder and its target, whichever way authority then flows (R6.4, R6.9).
Union-find decides; a spanning forest, made at the same time, holds a path between any two
entities of a component. All arrays are native; the cost an element is constant (see
`benchmarks/policy.py`).
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kernel.policy import native
from kernel.policy.statefile import ProtectionState


class Components:
    """The components that the capabilities with any right of `mask` make of a state."""

    def __init__(self, state: ProtectionState, mask: int) -> None:
        self._state = state
        self.mask = mask
        self.roots: NDArray[np.int32] = np.arange(state.entities, dtype=np.int32)
        self._sizes = np.ones(state.entities, np.int32)
        wanted = (state.rights & mask) != 0
        self._joining = native.join_all(
            self.roots, self._sizes, state.holders, state.targets, wanted
        )

    def joined(self, one: int, other: int) -> bool:
        """Whether two entities are in one component."""
        return bool(self.roots[one] == self.roots[other])

    def size(self, entity: int) -> int:
        """How many entities are in the component of one."""
        return int(self._sizes[self.roots[entity]])

    def members(self, entity: int) -> NDArray[np.int64]:
        """The entities in the component of one, ascending."""
        order, starts = self._grouped
        start = starts[self.roots[entity]]
        return order[start : start + self.size(entity)]

    def path(self, one: int, other: int) -> list[int]:
        """Capabilities (their numbers) that lead from one entity to another; none for itself.

        The way is the one through the spanning forest, not always the shortest.
        """
        assert self.joined(one, other), "there is no way"
        depth, upward = self._trees
        forth: list[int] = []
        back: list[int] = []
        while one != other:
            if depth[one] >= depth[other]:
                forth.append(int(upward[one]))
                one = self._across(int(upward[one]), one)
            else:
                back.append(int(upward[other]))
                other = self._across(int(upward[other]), other)
        return forth + back[::-1]

    def _across(self, edge: int, entity: int) -> int:
        holder, target = int(self._state.holders[edge]), int(self._state.targets[edge])
        return target if holder == entity else holder

    @cached_property
    def _grouped(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The entities in the order of their components, and where each component starts."""
        starts, order = native.index_by(self.roots, len(self.roots))
        return order, starts

    @cached_property
    def _trees(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        state, edges = self._state, np.flatnonzero(self._joining)
        offsets, touching = native.adjacency(state.entities, state.holders, state.targets, edges)
        depth, upward = native.root_trees(
            self.roots, offsets, touching, state.holders, state.targets
        )
        return depth, upward
