# SPDX-License-Identifier: BSD-2-Clause
"""Small states of the protection model on the running kernel, where threads grant by IPC.

An entity is a thread with its own CNode. It has two doors, endpoints on which it alone waits, with
Read and Write. "x holds Grant over y" is that the CNode of x has an Endpoint capability with Write
and Grant to both doors of y: who has them can hand y any capability, and hands its own
capabilities to y's doors to others.

Two, because a capability to the endpoint by which it is sent is not copied but told by its badge:
what leads to the one door goes through the other. So a grant of the model is two messages, each
with one capability.

A receiver needs a CNode capability to say where it wants what it is sent: Grant over itself. The
entities that somebody holds Grant over have it. That changes no answer about leaks: whoever grants
can give each of them Grant over itself anyway. Who is no such entity cannot receive.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from kernel import abi, layout
from kernel.abi import Label, ObjectType, Syscall
from kernel.layout import CapType
from kernel.model.operations import Operation, SysGrant
from kernel.object.capability import read_cap
from tests.equivalence.arena import NODE, PEERS, Arena, Peer

DOORS: Final = (0, 1)
RADIX: Final = 4
#: Slots of an entity's CNode, which are its capability addresses too.
SELF, PARK, OWN_DOORS, FOREIGN_DOORS = 1, 2, 3, 8
_GUARD_WORD: Final = (abi.WORD_BITS - RADIX) << abi.CAPDATA_GUARD_SIZE_SHIFT
_SEND_RIGHTS: Final = abi.RIGHT_WRITE | abi.RIGHT_GRANT
_WAIT_RIGHTS: Final = abi.RIGHT_READ | abi.RIGHT_WRITE


def _slot(entity: int, door: int) -> int:
    return FOREIGN_DOORS + len(DOORS) * entity + door


class Society:
    """Entities 0 to PEERS - 1, and who holds Grant over whom at first.

    `writers` have Write without Grant to the doors of the second of each pair.
    """

    def __init__(
        self,
        arena: Arena,
        pairs: Iterable[tuple[int, int]],
        *,
        writers: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._arena = arena
        self._lock = arena.lock
        self._peers: tuple[Peer, ...] = arena.peers
        pairs = set(pairs)
        made = arena.retype(arena.spare[0], ObjectType.ENDPOINT, 0, len(DOORS) * PEERS + 1)
        self._park = made.pop()
        self._doors = [made[len(DOORS) * n : len(DOORS) * (n + 1)] for n in range(PEERS)]
        for entity in range(PEERS):
            self._furnish(entity, is_granted=entity in {target for _, target in pairs})
        for holder, target in pairs:
            self._open(holder, target, _SEND_RIGHTS)
        for holder, target in writers:
            self._open(holder, target, abi.RIGHT_WRITE)

    # Building -----------------------------------------------------------------------------------

    def _furnish(self, entity: int, *, is_granted: bool) -> None:
        node, space = self._arena.nodes[entity], self._arena.spaces[entity % 2]
        if is_granted:
            self._place(entity, SELF, node, abi.RIGHTS_ALL)
        self._place(entity, PARK, self._park, abi.RIGHT_READ)
        for door in DOORS:
            self._place(entity, OWN_DOORS + door, self._doors[entity][door], _WAIT_RIGHTS)
        words = (0, _GUARD_WORD, 0)
        self._lock.must(self._peers[entity].slot, Label.TCB_SET_SPACE, words, (node, space))

    def _open(self, holder: int, target: int, rights: int) -> None:
        for door in DOORS:
            self._place(holder, _slot(target, door), self._doors[target][door], rights)

    def _place(self, entity: int, index: int, source: int, rights: int) -> None:
        words = (index, RADIX, source, abi.WORD_BITS, rights)
        self._lock.must(self._arena.nodes[entity], Label.CNODE_COPY, words, NODE)

    # Acting -------------------------------------------------------------------------------------

    def run(self, command: Operation) -> None:
        """A grant of the model, done by the thread of the entity that acts."""
        assert isinstance(command, SysGrant), command
        self.grant(command.e, command.c1.entity, command.c2.entity)

    def grant(self, actor: int, to: int, what: int) -> None:
        """The actor tries to hand `to` its capabilities to `what`; nothing says that it can."""
        for door in DOORS:
            through = 1 - door
            self._wait(to, through, _slot(what, door))
            self._arena.start(self._peers[actor])
            via, sent = _slot(to, through), _slot(what, door)
            self._lock.invoke(Syscall.SEND, via, caps=(sent,))
            self._settle()

    def _wait(self, entity: int, door: int, index: int) -> None:
        """An entity waits at one of its doors, for a capability in a slot of its CNode."""
        self._arena.start(self._peers[entity])
        place = {abi.IPC_RECEIVE_CNODE: SELF, abi.IPC_RECEIVE_INDEX: index}
        place[abi.IPC_RECEIVE_DEPTH] = RADIX
        registers = {"r0": OWN_DOORS + door, "r1": 0, "r7": Syscall.WAIT & abi.WORD_MASK}
        self._lock.step(registers, place)
        self._settle()

    def _settle(self) -> None:
        """Whoever is left running waits where nobody sends; the root thread is current again."""
        for _ in range(PEERS + 1):
            if self._lock.current == self._lock.root:
                return
            self._lock.invoke(Syscall.WAIT, PARK)
        raise AssertionError("the threads do not come to rest")

    # Looking ------------------------------------------------------------------------------------

    def pairs(self) -> set[tuple[int, int]]:
        """Who holds Grant over whom now: the capabilities in the CNodes, as the kernel has them."""
        everybody = range(PEERS)
        return {(x, y) for x in everybody for y in everybody if all(self._held(x, y))}

    def any_pairs(self) -> set[tuple[int, int]]:
        """Who can send capabilities to whom by at least one door."""
        everybody = range(PEERS)
        return {(x, y) for x in everybody for y in everybody if any(self._held(x, y))}

    def _held(self, holder: int, target: int) -> Iterator[bool]:
        """For each door of `target`, whether any slot of `holder` has what passes through it."""
        node = self._lock.object_at(self._arena.nodes[holder])
        slots = range(node, node + (layout.SLOT_BYTES << RADIX), layout.SLOT_BYTES)
        caps = [read_cap(self._lock.ks, slot) for slot in slots]
        granting = {
            cap.get(layout.ENDPOINT_POINTER)
            for cap in caps
            if cap.type is CapType.ENDPOINT
            and cap.get(layout.ENDPOINT_RIGHTS) & _SEND_RIGHTS == _SEND_RIGHTS
        }
        return (self._lock.object_at(door) in granting for door in self._doors[target])
