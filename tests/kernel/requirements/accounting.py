# SPDX-License-Identifier: BSD-2-Clause
"""To what each byte of RAM belongs, read from the derivation tree alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kernel import layout
from kernel.layout import CapType
from kernel.object import mdb, zombie
from kernel.object.capability import Cap, object_address, object_bytes, read_cap
from kernel.object.mdb import listed_slots
from kernel.snapshot import object_name
from kernel.state import State


class Claim(NamedTuple):
    """Window addresses from `start` up to `end` belong to one object."""

    start: int
    end: int
    owner: str


@dataclass
class _Untyped:
    cap: Cap
    depth: int
    children: set[tuple[int, int]] = field(default_factory=set)


def memory_of(cap: Cap) -> tuple[int, int] | None:
    """The RAM that a capability's object occupies."""
    if zombie.is_container(cap):
        cap = zombie.former(cap)
    address, size = object_address(cap), object_bytes(cap)
    if address is None or not size:
        return None
    if cap.type is CapType.FRAME:
        if cap.get(layout.FRAME_DEVICE):
            return None
        address = layout.window_address(address)
    return address, address + size


def _left_over(untyped: _Untyped) -> Iterator[Claim]:
    """What an Untyped has not given away."""
    memory = memory_of(untyped.cap)
    assert memory is not None
    at, end = memory
    for start, stop in sorted(untyped.children):
        if start > at:
            yield Claim(at, start, object_name(untyped.cap))
        at = max(at, stop)
    if at < end:
        yield Claim(at, end, object_name(untyped.cap))


def claims(ks: State) -> list[Claim]:
    """Every claim on RAM, sorted: each typed object's, and of each Untyped what is left of it."""
    found: set[Claim] = set()
    above: list[_Untyped] = []
    every: list[_Untyped] = []
    for slot in listed_slots(ks):
        cap, depth = read_cap(ks, slot), mdb.depth(ks, slot)
        while above and above[-1].depth >= depth:
            above.pop()
        memory = memory_of(cap)
        if memory is None:
            continue
        if above:
            above[-1].children.add(memory)
        if cap.type is CapType.UNTYPED:
            above.append(_Untyped(cap, depth))
            every.append(above[-1])
        else:
            found.add(Claim(*memory, object_name(cap)))
    for untyped in every:
        found.update(_left_over(untyped))
    return sorted(found)


def accounting_errors(ks: State, start: int, end: int) -> list[str]:
    """Where a byte of start..end belongs to nothing or to two things; none means a partition."""
    errors = []
    at = start
    for claim in claims(ks):
        if claim.start > at:
            errors.append(f"0x{at:08x} to 0x{claim.start:08x} belongs to nothing")
        if claim.start < at:
            errors.append(f"{claim.owner} at 0x{claim.start:08x} has bytes that another has too")
        at = max(at, claim.end)
    if at != end:
        errors.append(f"memory ends at 0x{at:08x} in place of 0x{end:08x}")
    return errors
