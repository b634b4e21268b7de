# SPDX-License-Identifier: BSD-2-Clause
"""The loops over millions of capabilities, compiled: parsing, union-find, indexing.

All take and fill numpy arrays; they know no files and raise nothing.
"""

from typing import Any, Final

import numpy as np
from numba import njit

# What `parse` reports.
GOOD: Final = 0
NOT_A_NUMBER: Final = 1
NO_SUCH_ENTITY: Final = 2
BAD_RIGHTS: Final = 3
MORE_TEXT: Final = 4

_NEWLINE: Final = ord("\n")
_HASH: Final = ord("#")
_DIGITS: Final = (ord("0"), ord("9"))
_DASH: Final = ord("-")
_NONE: Final = -1


@njit(cache=True)
def _skip_blanks(data: Any, at: Any) -> Any:
    while at < len(data) and (data[at] == 32 or data[at] == 9 or data[at] == 13):
        at += 1
    return at


@njit(cache=True)
def _number(data: Any, at: Any, limit: Any) -> Any:
    """The number at `at` and what is behind it; -1 for none, -2 for one not below `limit`."""
    start = at
    value = np.int64(0)
    while at < len(data) and _DIGITS[0] <= data[at] <= _DIGITS[1]:
        value = min(value * 10 + (data[at] - _DIGITS[0]), limit)
        at += 1
    if at == start:
        return np.int64(-1), at
    return (np.int64(-2) if value >= limit else value), at


@njit(cache=True)
def _rights(data: Any, at: Any, bits_of_letter: Any) -> Any:
    """The rights at `at` and what is behind them; -1 if these are none."""
    if at < len(data) and data[at] == _DASH:
        return np.int64(0), at + 1
    start = at
    value = np.int64(0)
    while at < len(data) and data[at] > 32 and data[at] != _HASH:
        bit = np.int64(bits_of_letter[data[at]])
        if bit == 0 or value & bit:
            return np.int64(-1), at
        value |= bit
        at += 1
    return (value if at > start else np.int64(-1)), at


@njit(cache=True)
def _end_of_line(data: Any, at: Any) -> Any:
    """Behind the line break of a line that holds no more than a comment; -1 if it does."""
    at = _skip_blanks(data, at)
    if at < len(data) and data[at] == _HASH:
        while at < len(data) and data[at] != _NEWLINE:
            at += 1
    if at == len(data):
        return at
    return at + 1 if data[at] == _NEWLINE else -1


@njit(cache=True)
def parse(
    data: Any, start: Any, entities: Any, bits: Any, holders: Any, targets: Any, rights: Any
) -> Any:
    """Fill the arrays; returns how many capabilities, or the kind and place of the mistake."""
    at = start
    count = 0
    while at < len(data):
        line = at
        behind = _end_of_line(data, at)
        if behind >= 0:
            at = behind
            continue
        holder, at = _number(data, _skip_blanks(data, at), entities)
        target, at = _number(data, _skip_blanks(data, at), entities)
        if holder < 0 or target < 0:
            missing = holder == -1 or (holder >= 0 and target == -1)
            return (NOT_A_NUMBER if missing else NO_SUCH_ENTITY), line
        value, at = _rights(data, _skip_blanks(data, at), bits)
        if value < 0:
            return BAD_RIGHTS, line
        at = _end_of_line(data, at)
        if at < 0:
            return MORE_TEXT, line
        holders[count] = holder
        targets[count] = target
        rights[count] = value
        count += 1
    return GOOD, count


@njit(cache=True)
def _find(parents: Any, entity: Any) -> Any:
    """The representative of an entity, halving the way to it."""
    while parents[entity] != entity:
        parents[entity] = parents[parents[entity]]
        entity = parents[entity]
    return entity


@njit(cache=True)
def join_all(parents: Any, sizes: Any, holders: Any, targets: Any, wanted: Any) -> Any:
    """Union over the wanted capabilities; returns which of them joined two components."""
    joining = np.zeros(len(holders), np.bool_)
    for i in range(len(holders)):
        if not wanted[i]:
            continue
        one = _find(parents, holders[i])
        other = _find(parents, targets[i])
        if one == other:
            continue
        if sizes[one] < sizes[other]:
            one, other = other, one
        parents[other] = one
        sizes[one] += sizes[other]
        joining[i] = True
    for entity in range(len(parents)):
        parents[entity] = _find(parents, entity)
    return joining


@njit(cache=True)
def adjacency(entities: Any, holders: Any, targets: Any, edges: Any) -> Any:
    """For each entity, the forest's capabilities that touch it: offsets and edge numbers."""
    offsets = np.zeros(entities + 1, np.int64)
    for edge in edges:
        offsets[holders[edge] + 1] += 1
        offsets[targets[edge] + 1] += 1
    for entity in range(entities):
        offsets[entity + 1] += offsets[entity]
    places = offsets[:-1].copy()
    touching = np.empty(2 * len(edges), np.int64)
    for edge in edges:
        for entity in (holders[edge], targets[edge]):
            touching[places[entity]] = edge
            places[entity] += 1
    return offsets, touching


@njit(cache=True)
def root_trees(roots: Any, offsets: Any, touching: Any, holders: Any, targets: Any) -> Any:
    """For each entity its depth in its tree, and the capability that leads towards the root."""
    entities = len(roots)
    upward = np.full(entities, _NONE, np.int64)
    depth = np.zeros(entities, np.int32)
    waiting = np.empty(entities, np.int32)
    for root in range(entities):
        if roots[root] != root:
            continue
        waiting[0] = root
        first, last = 0, 1
        while first < last:
            entity = waiting[first]
            first += 1
            for place in range(offsets[entity], offsets[entity + 1]):
                edge = touching[place]
                if edge == upward[entity]:
                    continue
                other = targets[edge] if holders[edge] == entity else holders[edge]
                upward[other] = edge
                depth[other] = depth[entity] + 1
                waiting[last] = other
                last += 1
    return depth, upward


@njit(cache=True)
def index_by(values: Any, size: Any) -> Any:
    """Positions of each value: offsets into a list of positions, by counting (linear)."""
    offsets = np.zeros(size + 1, np.int64)
    for value in values:
        offsets[value + 1] += 1
    for i in range(size):
        offsets[i + 1] += offsets[i]
    places = offsets[:-1].copy()
    order = np.empty(len(values), np.int64)
    for position in range(len(values)):
        order[places[values[position]]] = position
        places[values[position]] += 1
    return offsets, order
