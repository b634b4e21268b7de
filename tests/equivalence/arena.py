# SPDX-License-Identifier: BSD-2-Clause
"""A small world for both kernels, built by system calls: peers, address spaces, endpoints.

The root thread has priority ROOT_PRIORITY; peers are started one after the other. Everything is
named by slots of the initial CNode.
"""

from dataclasses import dataclass
from typing import Final

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import ThreadState
from kernel.object.vspace import asid_entry
from tests.equivalence.lockstep import LOOP, Lockstep

ROOT_PRIORITY: Final = 100
PEER_PRIORITY: Final = 101
PEERS: Final = 4
SPACES: Final = 2
ENDPOINTS: Final = 3
BUFFER_VADDR: Final = 0x4_0000
PIECE_BITS: Final = 15
NODE: Final = (InitialCap.CNODE,)


@dataclass(frozen=True, slots=True)
class Peer:
    """A thread: its TCB capability's slot, its TCB, and its address."""

    slot: int
    tcb: int


class Arena:
    """See the module; `reset` brings back the state after building."""

    def __init__(self, lock: Lockstep) -> None:
        self.lock = lock
        self.next_slot = lock.info(abi.BI_EMPTY)
        self.big, self._second = self._largest_untypeds()
        self._pieces = self._split()
        self.endpoints = self.make(ObjectType.ENDPOINT, count=ENDPOINTS)
        self.async_endpoint = self.make(ObjectType.ASYNC_ENDPOINT)[0]
        self.directories = self.make(ObjectType.PAGE_DIRECTORY, count=SPACES)
        self.spaces = (int(InitialCap.VSPACE), *self.directories)
        self._open_spaces()
        self.buffers = self.make(ObjectType.SMALL_PAGE, count=PEERS)
        self.large_frame = self.retype(self._pieces_of(17), ObjectType.LARGE_PAGE)
        self.nodes = self.make(ObjectType.CNODE, 4, 4)
        tcbs = self.make(ObjectType.TCB, count=PEERS)
        self.peers = tuple(self._configure(n, slot) for n, slot in enumerate(tcbs))
        self.caps = self._endpoint_caps()
        self.spare = [self._pieces.pop() for _ in range(4)]
        root = InitialCap.TCB
        lock.must(root, Label.TCB_SET_PRIORITY, (ROOT_PRIORITY,))
        self._saved = lock.save()
        self._saved_next = self.next_slot

    def reset(self) -> None:
        """Back to the state after building."""
        self.lock.restore(self._saved)
        self.next_slot = self._saved_next

    # Building -----------------------------------------------------------------------------------

    def _largest_untypeds(self) -> tuple[int, int]:
        lock = self.lock
        first, end = lock.info(abi.BI_UNTYPED), lock.info(abi.BI_UNTYPED + 4)
        sizes = {n: lock.ks.get(lock.slot(n), layout.UNTYPED_SIZE_BITS) for n in range(first, end)}
        by_size = sorted(sizes, key=lambda slot: sizes[slot], reverse=True)
        return by_size[0], by_size[1]

    def _split(self) -> list[int]:
        self._halves = self.retype(self._second, ObjectType.UNTYPED, 17, 4)
        return self.retype(self._halves.pop(), ObjectType.UNTYPED, PIECE_BITS, 4) + self.retype(
            self._halves.pop(), ObjectType.UNTYPED, PIECE_BITS - 2, 16
        )

    def _pieces_of(self, bits: int) -> int:
        assert bits == 17
        return self._halves.pop()

    def slots(self, count: int = 1) -> int:
        """Fresh slots of the initial CNode; the first one."""
        first = self.next_slot
        self.next_slot += count
        return first

    def retype(
        self, untyped: int, kind: ObjectType, size_bits: int = 0, count: int = 1
    ) -> list[int]:
        """Make objects in fresh slots."""
        first = self.slots(count)
        words = (kind, size_bits, 0, 0, first, count)
        self.lock.must(untyped, Label.UNTYPED_RETYPE, words, NODE)
        return list(range(first, first + count))

    def make(self, kind: ObjectType, size_bits: int = 0, count: int = 1) -> list[int]:
        """Make objects from a piece of memory of their own."""
        large = kind is ObjectType.PAGE_DIRECTORY or kind is ObjectType.SMALL_PAGE
        piece = self._pieces.pop(0 if large else -1)
        return self.retype(piece, kind, size_bits, count)

    def copy(self, source: int, *, rights: int = abi.RIGHTS_ALL, badge: int | None = None) -> int:
        """Copy, or Mint with a badge (or guard word), into a fresh slot."""
        target = self.slots()
        words = [target, 32, source, 32, rights]
        label = Label.CNODE_COPY
        if badge is not None:
            words.append(badge)
            label = Label.CNODE_MINT
        self.lock.must(InitialCap.CNODE, label, words, NODE)
        return target

    def _open_spaces(self) -> None:
        """Give each PageDirectory an ASID and map the page of the loop."""
        lock = self.lock
        tables = self.make(ObjectType.PAGE_TABLE, 0, SPACES)
        code = lock.info(abi.BI_IMAGE_FRAMES)
        for directory, table in zip(self.directories, tables, strict=True):
            lock.must(InitialCap.ASID_POOL, Label.ASID_POOL_ASSIGN, (), (directory,))
            lock.must(table, Label.PAGE_TABLE_MAP, (LOOP & ~0xFFFFF, 1), (directory,))
            frame = self.copy(code)
            lock.must(frame, Label.PAGE_MAP, (LOOP, abi.RIGHTS_ALL, 1), (directory,))

    def _configure(self, number: int, slot: int) -> Peer:
        space = self.spaces[number % len(self.spaces)]
        words = (0, PEER_PRIORITY, 0, 0, BUFFER_VADDR + 0x1000 * number + 0x200 * number)
        caps = (InitialCap.CNODE, space, self.buffers[number])
        self.lock.must(slot, Label.TCB_CONFIGURE, words, caps)
        tcb = self.lock.object_at(slot)
        return Peer(slot, tcb & ~0x1FF)

    def _endpoint_caps(self) -> dict[str, int]:
        """Capabilities of many kinds, most of them to the first endpoint."""
        endpoint = self.endpoints[0]
        write, read, grant = abi.RIGHT_WRITE, abi.RIGHT_READ, abi.RIGHT_GRANT
        return {
            "full": endpoint,
            "badged": self.copy(endpoint, badge=0xFFF_FFFF),
            "badge 1": self.copy(endpoint, badge=1, rights=write | grant),
            "send": self.copy(endpoint, rights=write),
            "send grant": self.copy(endpoint, rights=write | grant),
            "receive": self.copy(endpoint, rights=read),
            "receive grant": self.copy(endpoint, rights=read | grant),
            "grant": self.copy(endpoint, rights=grant),
            "async": self.async_endpoint,
            "empty": self.slots(),
            "node": self.nodes[0],
            "outside": 0x7FFF_0001,
        }

    # Threads ------------------------------------------------------------------------------------

    def start(self, peer: Peer) -> None:
        """Make a peer current: the root thread starts it at the loop with a higher priority."""
        lock = self.lock
        assert lock.current == lock.root
        lock.poke(peer.tcb + layout.TCB_PRIORITY, PEER_PRIORITY)
        words = (1, 3, LOOP, 0x1234_5670, 0xF000_0000)
        lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, words)
        assert lock.current == peer.tcb

    def park(self, peer: Peer, cap: str = "full", number: int = Syscall.WAIT) -> None:
        """Have a peer wait (or send, or call) at an endpoint; the root thread is current again."""
        self.start(peer)
        self.lock.invoke(number, self.caps[cap], (0x10 + peer.slot, 2, 3))
        assert self.lock.current == self.lock.root

    def ready(self, peer: Peer, priority: int) -> None:
        """Have a peer that has run wait in a ready queue below the root thread's priority."""
        assert priority < ROOT_PRIORITY
        self.start(peer)
        self.lock.invoke(Syscall.SEND, peer.slot, (priority,), label=Label.TCB_SET_PRIORITY)
        assert self.lock.current == self.lock.root
        assert self.lock.ks.load(peer.tcb + layout.TCB_STATE) == ThreadState.RUNNING

    def set_priority(self, tcb: int, priority: int) -> None:
        """Change the priority of a thread that is in no ready queue."""
        self.lock.poke(tcb + layout.TCB_PRIORITY, priority)

    def kill_space(self, peer: Peer) -> None:
        """The ASID entry of a peer's address space dies."""
        asid = self.lock.ks.get(peer.tcb + layout.TCB_VTABLE, layout.PAGE_DIRECTORY_ASID)
        self.lock.poke(asid_entry(asid), 0)
