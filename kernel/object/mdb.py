# SPDX-License-Identifier: BSD-2-Clause
"""The derivation list: a circular doubly linked list in pre-order, with depths (R4.39, R4.40).

The children of a capability are the entries behind it with a greater depth, up to the first
entry whose depth is not greater. The first entry of the ring always has depth 0, so such a walk
ends there at the latest. An entry that is not in the list has two zero words.

Positions: a child stands directly behind its parent, an imitated sibling directly before its
source. So all capabilities to one object stay next to each other, and whether one is the last
shows in its two neighbours (R4.44, R4.48).

Deletion of a capability with descendants makes these its parent's: each loses one level. That
takes steps, and the deleted capability is the cursor: as a tombstone it moves behind each entry
that it has lifted. So depths before a tombstone are final, and an entry behind it that is deeper
than the tombstone counts one level too many. `following` and all that rests on it reckon with
that: every other operation sees the tree as it will be, wherever the cursors stand. A tombstone
always has a descendant left, hence never more than 127 of them stand in a row.
"""

from collections.abc import Iterator
from typing import Final

from kernel import layout, limits
from kernel.api.errors import SyscallError, range_error
from kernel.layout import (
    MDB_DEPTH,
    MDB_MASTER,
    MDB_MAX_DEPTH,
    MDB_NEXT,
    MDB_PREV,
    MDB_REVOCABLE,
    TOMBSTONE_LEVEL,
)
from kernel.object.capability import NULL_CAP, Cap, read_cap, same_object, write_cap
from kernel.object.zombie import is_tombstone, tombstone
from kernel.state import State

WORD_NEXT: Final = 4 * MDB_NEXT.word
WORD_PREV: Final = 4 * MDB_PREV.word
#: What MDB_NEXT reads when nothing is linked.
NOT_LINKED: Final = layout.WINDOW_BASE


def next_slot(ks: State, slot: int) -> int:
    """The following entry of the ring."""
    return ks.get(slot, MDB_NEXT)


def prev_slot(ks: State, slot: int) -> int:
    """The preceding entry of the ring."""
    return ks.get(slot, MDB_PREV)


def depth(ks: State, slot: int) -> int:
    """How many ancestors an entry has, as its neighbours count (see the head of this file)."""
    level = ks.get(slot, MDB_DEPTH)
    if level == MDB_MAX_DEPTH:
        cap = read_cap(ks, slot)
        return cap.get(TOMBSTONE_LEVEL) if is_tombstone(cap) else level
    return level


def _is_tombstone_at(ks: State, slot: int) -> bool:
    return ks.get(slot, MDB_DEPTH) == MDB_MAX_DEPTH and is_tombstone(read_cap(ks, slot))


def is_revocable(ks: State, slot: int) -> bool:
    """Whether copies of the capability become its children."""
    return bool(ks.get(slot, MDB_REVOCABLE))


def is_master(ks: State, slot: int) -> bool:
    """Whether the capability came from a retype (R4.128), boot, or an imitation of such a one."""
    return bool(ks.get(slot, MDB_MASTER))


def following(ks: State, slot: int) -> tuple[int, int]:
    """The next entry that is no tombstone, and its depth as `slot` counts."""
    entry = next_slot(ks, slot)
    level = ks.get(entry, MDB_DEPTH)
    return (entry, level) if level != MDB_MAX_DEPTH else _following(ks, slot, entry)


def _following(ks: State, slot: int, entry: int) -> tuple[int, int]:
    stones: list[int] = []
    while entry != slot and _is_tombstone_at(ks, entry):
        stones.append(depth(ks, entry))
        entry = next_slot(ks, entry)
    level = depth(ks, entry)
    for limit in reversed(stones):
        level -= level > limit
    return entry, level


def preceding(ks: State, slot: int) -> int:
    """The last entry before `slot` that is no tombstone (`slot` itself if it is the only one)."""
    entry = prev_slot(ks, slot)
    while entry != slot and _is_tombstone_at(ks, entry):
        entry = prev_slot(ks, entry)
    return entry


def listed_slots(ks: State) -> Iterator[int]:
    """Every slot of the list in its order, tombstones among them."""
    first = slot = ks.load(layout.KV_MDB_ROOT)
    while slot:
        yield slot
        behind = next_slot(ks, slot)
        slot = 0 if behind == first else behind


def entries(ks: State) -> Iterator[tuple[int, int]]:
    """All entries in order but the tombstones, each with the depth that it has in the end."""
    stones: list[int] = []
    for slot in listed_slots(ks):
        level = depth(ks, slot)
        if _is_tombstone_at(ks, slot):
            stones.append(level)
        else:
            still_above: list[int] = []
            for limit in reversed(stones):
                if level > limit:
                    still_above.insert(0, limit)
                    level -= 1
            stones = still_above
            yield slot, level


def is_leaf(ks: State, slot: int) -> bool:
    """Whether nothing is derived from the capability: one look at the next entry (R4.29)."""
    return following(ks, slot)[1] <= depth(ks, slot)


def siblings(ks: State, slot: int) -> list[int]:
    """Those of the two neighbours that are siblings of an entry."""
    behind, level = following(ks, slot)
    found = [behind] if behind != slot and level == depth(ks, slot) else []
    before = preceding(ks, slot)
    if before != slot and following(ks, before)[1] == depth(ks, before):
        found.append(before)
    return found


def is_last_reference(ks: State, slot: int) -> bool:
    """Whether both neighbours name other objects (R4.48); tombstones are looked past."""
    cap = read_cap(ks, slot)
    neighbours = following(ks, slot)[0], preceding(ks, slot)
    return not any(other != slot and same_object(cap, read_cap(ks, other)) for other in neighbours)


def depth_overflow() -> SyscallError:
    """The error for a child that would lie too deep."""
    return range_error(
        0, MDB_MAX_DEPTH, "the derivation would be too deep: copy from a capability nearer the root"
    )


def check_child(ks: State, parent: int) -> None:
    """Refuse a child below the deepest level (R4.40)."""
    if depth(ks, parent) >= MDB_MAX_DEPTH:
        raise depth_overflow()


def check_copy(ks: State, source: int) -> None:
    """Refuse a copy that would become a child below the deepest level."""
    if is_revocable(ks, source):
        check_child(ks, source)


def _write_entry(
    ks: State, slot: int, following: int, preceding: int, level: int, revocable: bool, master: bool
) -> None:
    word = MDB_DEPTH.put(MDB_REVOCABLE.put(0, int(revocable)), level)
    ks.store(slot + WORD_NEXT, MDB_NEXT.put(word, following))
    ks.store(slot + WORD_PREV, MDB_MASTER.put(MDB_PREV.put(0, preceding), int(master)))


def _insert(
    ks: State, preceding: int, slot: int, following: int, level: int, tags: tuple[bool, bool]
) -> None:
    revocable, master = tags
    _write_entry(ks, slot, following, preceding, level, revocable, master)
    ks.put(preceding, MDB_NEXT, slot)
    ks.put(following, MDB_PREV, slot)


def insert_root(ks: State, slot: int, cap: Cap) -> None:
    """Put an original of boot at the end of the ring, at depth 0."""
    write_cap(ks, slot, cap)
    first = ks.load(layout.KV_MDB_ROOT)
    if first == 0:
        ks.store(layout.KV_MDB_ROOT, slot)
        _write_entry(ks, slot, slot, slot, 0, revocable=True, master=True)
    else:
        _insert(ks, prev_slot(ks, first), slot, first, 0, (True, True))


def insert_child(
    ks: State, parent: int, slot: int, cap: Cap, *, revocable: bool = False, master: bool = False
) -> None:
    """Put `cap` in an empty slot as the first child of `parent`."""
    write_cap(ks, slot, cap)
    level = depth(ks, parent) + 1
    _insert(ks, parent, slot, next_slot(ks, parent), level, (revocable, master))


def insert_children(ks: State, parent: int, children: list[tuple[int, Cap]]) -> None:
    """Put new masters behind `parent` in the order given: the first one is its neighbour."""
    preceding, following = parent, next_slot(ks, parent)
    level = depth(ks, parent) + 1
    for slot, cap in children:
        write_cap(ks, slot, cap)
        _insert(ks, preceding, slot, following, level, (True, True))
        preceding = slot


def insert_sibling(
    ks: State, source: int, slot: int, cap: Cap, *, revocable: bool, master: bool
) -> None:
    """Put `cap` in an empty slot as the sibling directly before `source`."""
    write_cap(ks, slot, cap)
    _insert(ks, prev_slot(ks, source), slot, source, depth(ks, source), (revocable, master))


def insert_copy(ks: State, source: int, slot: int, cap: Cap, *, revocable: bool) -> None:
    """Copy's rule: a child of a revocable source, else a sibling directly before it."""
    if is_revocable(ks, source):
        insert_child(ks, source, slot, cap, revocable=revocable)
    else:
        insert_sibling(ks, source, slot, cap, revocable=revocable, master=False)


def insert_imitation(ks: State, source: int, slot: int, cap: Cap) -> None:
    """Imitate's rule: a sibling directly before the source, with the source's tags (R4.42)."""
    tags = {"revocable": is_revocable(ks, source), "master": is_master(ks, source)}
    insert_sibling(ks, source, slot, cap, **tags)


def _unlink(ks: State, slot: int) -> None:
    """Close the ring around an entry."""
    behind, before = next_slot(ks, slot), prev_slot(ks, slot)
    ks.put(before, MDB_NEXT, behind)
    ks.put(behind, MDB_PREV, before)
    if ks.load(layout.KV_MDB_ROOT) == slot:
        ks.store(layout.KV_MDB_ROOT, 0 if behind == slot else behind)


def _take_out(ks: State, slot: int) -> None:
    _unlink(ks, slot)
    clear_slot(ks, slot)


def remove(ks: State, slot: int) -> None:
    """Take a leaf out of the list and empty its slot.

    Tombstones that stood for its sake alone go with it: a tombstone always has a descendant.
    """
    before = prev_slot(ks, slot)
    if before == slot or not _is_tombstone_at(ks, before):
        _take_out(ks, slot)
        return
    level = following(ks, slot)[1]
    _take_out(ks, slot)
    while _is_tombstone_at(ks, before):
        stone, before = before, prev_slot(ks, before)
        if level > depth(ks, stone):
            level -= 1
        else:
            _take_out(ks, stone)


def effort(ks: State, slot: int) -> int:
    """Units of work of a step at an entry, whose neighbours are looked at several times.

    Beside a row of tombstones each look is long, so that one step is enough between two looks
    for an interrupt.
    """
    beside = next_slot(ks, slot), prev_slot(ks, slot)
    in_row = any(_is_tombstone_at(ks, entry) for entry in beside)
    return limits.WORK_UNITS_PER_CHECK if in_row else 1


def bury(ks: State, slot: int) -> None:
    """Make an entry that has descendants a tombstone, in its place."""
    write_cap(ks, slot, tombstone(read_cap(ks, slot), depth(ks, slot)))
    ks.put(slot, MDB_DEPTH, MDB_MAX_DEPTH)


def pass_descendant(ks: State, slot: int) -> None:
    """One step of a tombstone: lift the next entry by one level and go behind it.

    Of several tombstones in a row the last one steps: it is the next entry's nearest ancestor.
    A tombstone that has no descendant left is taken out.
    """
    entry = next_slot(ks, slot)
    while _is_tombstone_at(ks, entry):
        slot, entry = entry, next_slot(ks, entry)
    ks.put(entry, MDB_DEPTH, depth(ks, entry) - 1)
    _unlink(ks, slot)
    behind = next_slot(ks, entry)
    ks.put(entry, MDB_NEXT, slot)
    ks.put(slot, MDB_PREV, entry)
    ks.put(slot, MDB_NEXT, behind)
    ks.put(behind, MDB_PREV, slot)
    if is_leaf(ks, slot):
        remove(ks, slot)


def clear_slot(ks: State, slot: int) -> None:
    """Empty a slot that is not (or no longer) in the list."""
    write_cap(ks, slot, NULL_CAP)
    ks.store(slot + WORD_NEXT, 0)
    ks.store(slot + WORD_PREV, 0)


def _read_entry(ks: State, slot: int) -> tuple[int, int]:
    return ks.load(slot + WORD_NEXT), ks.load(slot + WORD_PREV)


def move(ks: State, source: int, target: int, cap: Cap) -> None:
    """Put `cap` in the empty `target` at the place of `source`, which is emptied (R4.50)."""
    word_next, word_prev = _read_entry(ks, source)
    clear_slot(ks, source)
    write_cap(ks, target, cap)
    following, preceding = MDB_NEXT.get(word_next), MDB_PREV.get(word_prev)
    alone = following == source
    ks.store(target + WORD_NEXT, MDB_NEXT.put(word_next, target if alone else following))
    ks.store(target + WORD_PREV, MDB_PREV.put(word_prev, target if alone else preceding))
    if not alone:
        ks.put(preceding, MDB_NEXT, target)
        ks.put(following, MDB_PREV, target)
    if ks.load(layout.KV_MDB_ROOT) == source:
        ks.store(layout.KV_MDB_ROOT, target)


def swap(ks: State, one: int, other: int, cap_one: Cap, cap_other: Cap) -> None:
    """Exchange the places of two listed slots: `cap_one` goes to `other` and the reverse."""
    entries = {one: _read_entry(ks, one), other: _read_entry(ks, other)}
    exchange = {one: other, other: one}
    for slot, (word_next, word_prev) in entries.items():
        target = exchange[slot]
        following, preceding = MDB_NEXT.get(word_next), MDB_PREV.get(word_prev)
        ks.store(target + WORD_NEXT, MDB_NEXT.put(word_next, exchange.get(following, following)))
        ks.store(target + WORD_PREV, MDB_PREV.put(word_prev, exchange.get(preceding, preceding)))
        if preceding not in exchange:
            ks.put(preceding, MDB_NEXT, target)
        if following not in exchange:
            ks.put(following, MDB_PREV, target)
    write_cap(ks, other, cap_one)
    write_cap(ks, one, cap_other)
    root = ks.load(layout.KV_MDB_ROOT)
    ks.store(layout.KV_MDB_ROOT, exchange.get(root, root))
