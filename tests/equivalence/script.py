# SPDX-License-Identifier: BSD-2-Clause
"""Generated system calls: good, wrong and hostile ones, from a seed.

A world starts all peers of an arena, with random priorities, fault handlers and CSpaces of one
to three levels; a script then is the mind of whichever thread is current.
"""

import random
from collections.abc import Callable
from typing import Final

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.invariants import invs
from kernel.layout import QueueState
from sel4emu.stop import StopReason
from tests.equivalence.arena import Arena
from tests.equivalence.lockstep import LOOP

#: Both halves of a system call: registers, and words of the IPC buffer.
Call = tuple[dict[str, int], dict[int, int]]
PRIORITIES: Final = (0, 31, 32, 99, 100, 100, 100, 100)
INVARIANTS_EVERY: Final = 40
#: Time and the end of the run are no business of a script.
_FORBIDDEN: Final = frozenset(
    int(number) & abi.WORD_MASK
    for number in (Syscall.CYCLE_RESET, Syscall.CYCLE_READ, Syscall.DEBUG_PUT_CHAR)
)
_CNODE_LABELS: Final = (
    Label.CNODE_COPY, Label.CNODE_COPY, Label.CNODE_MINT, Label.CNODE_MOVE, Label.CNODE_MUTATE,
    Label.CNODE_DELETE, Label.CNODE_DELETE, Label.CNODE_REVOKE, Label.CNODE_RECYCLE,
    Label.CNODE_SAVE_CALLER, Label.CNODE_ROTATE, Label.CNODE_IMITATE,
)  # fmt: skip
_TCB_LABELS: Final = (
    Label.TCB_SET_PRIORITY, Label.TCB_SET_PRIORITY, Label.TCB_SUSPEND, Label.TCB_RESUME,
    Label.TCB_RESUME, Label.TCB_WRITE_REGISTERS, Label.TCB_READ_REGISTERS,
    Label.TCB_COPY_REGISTERS, Label.TCB_SET_IPC_BUFFER, Label.TCB_SET_SPACE, Label.TCB_CONFIGURE,
)  # fmt: skip


def _message(number: int, cptr: int, info: int, words: list[int], caps: list[int]) -> Call:
    registers = {"r0": cptr, "r1": info, "r7": number & abi.WORD_MASK}
    registers |= {f"r{2 + n}": word & abi.WORD_MASK for n, word in enumerate(words[:4])}
    buffer = {abi.IPC_MSG + 4 * n: word for n, word in enumerate(words) if n >= 4}
    return registers, buffer | {abi.IPC_CAPS_OR_BADGES + 4 * n: c for n, c in enumerate(caps)}


class World:
    """An arena with all peers started, in a mixture of priorities and CSpaces from a seed."""

    def __init__(self, arena: Arena, seed: int) -> None:
        arena.reset()
        self.arena = arena
        self.lock = arena.lock
        self.random = random.Random(seed)
        self.prefixes: dict[int, int] = {}
        self._populate()
        self._saved = self.lock.save()

    def reset(self) -> None:
        """Back to where all peers have just been started."""
        self.lock.restore(self._saved)

    def _cspaces(self) -> list[tuple[int, int, int]]:
        """(root capability, guard word, prefix of addresses) of one, two and three levels."""
        arena = self.arena
        flat = arena.copy(InitialCap.CNODE, badge=0)
        two, three = arena.nodes[2], arena.nodes[3]
        middle = arena.copy(two, badge=4 << 3 | 0x5 << 8)
        for node, index, source in ((two, 6, flat), (three, 7, middle)):
            words = (index, 4, source, 32)
            self.lock.must(node, Label.CNODE_MOVE, words, (InitialCap.CNODE,))
        return [
            (int(InitialCap.CNODE), 0, 0),
            (two, 12 << 3 | 0xABC << 8, 0xABC6_0000),
            (three, 4 << 3 | 0x9 << 8, 0x9756_0000),
        ]

    def _populate(self) -> None:
        """Give each peer a CSpace, a priority and perhaps a fault handler, and start it."""
        arena, source = self.arena, self.random
        spaces = self._cspaces()
        for number, peer in enumerate(arena.peers):
            root, data, prefix = spaces[(number + source.randrange(2)) % len(spaces)]
            handler = source.choice((0, arena.endpoints[1] | prefix))
            space = arena.spaces[number % len(arena.spaces)]
            self.lock.must(peer.slot, Label.TCB_SET_SPACE, (handler, data, 0), (root, space))
            self.prefixes[peer.tcb] = prefix
            level = source.choice(PRIORITIES)
            self.lock.must(peer.slot, Label.TCB_SET_PRIORITY, (level,))
            self.lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, (1, 3, LOOP, 0, 0))
        self.lock.must(InitialCap.TCB, Label.TCB_SET_PRIORITY, (source.choice((99, 100)),))


class Script:
    """One run of generated calls in a world that was just reset."""

    def __init__(self, world: World, seed: int, *, hostile: bool = False) -> None:
        self.arena = world.arena
        self.lock = world.lock
        self.prefixes = world.prefixes
        self.random = random.Random(seed)
        self.hostile = hostile
        self._endpoint = self.lock.object_at(world.arena.caps["full"])
        self.lock.history.append(f"script of seed {seed}")
        self._makers: tuple[tuple[int, Callable[[], Call]], ...] = (
            (50, self._ipc),
            (9, self._retype),
            (8, self._cnode),
            (6, self._tcb),
            (3, self._page),
            (3, self._hostile),
        )

    def run(self, calls: int) -> int:
        """Make at most `calls` system calls; how many were made before everything stood still."""
        for number in range(calls):
            registers, buffer = self._next()
            if registers["r7"] in _FORBIDDEN:
                continue
            stop = self.lock.step(registers, buffer)
            if stop.reason is StopReason.HALT:
                self.check_invariants()
                return number + 1
            if number % INVARIANTS_EVERY == 0:
                self.check_invariants()
        self.check_invariants()
        return calls

    def check_invariants(self) -> None:
        problems = invs(self.lock.ks)
        assert not problems, [*problems, *self.lock.history[:1], *self.lock.history[-8:]]

    # Calls --------------------------------------------------------------------------------------

    def _next(self) -> Call:
        if self.hostile:
            return self._hostile()
        alone = not self.lock.ks.load(layout.KV_READY_SUMMARY)
        if self.random.random() < (0.97 if alone else 0.5):
            registers, buffer = self._sensible(alone)
        else:
            weights = [weight for weight, _ in self._makers]
            make = self.random.choices([maker for _, maker in self._makers], weights)[0]
            registers, buffer = make()
        if self.random.random() < 0.04:
            self._spoil(registers, buffer)
        return registers, buffer

    def _sensible(self, alone: bool) -> Call:
        """What a working system would do next: answer, call who waits, wait while others run."""
        lock, source = self.lock, self.random
        endpoint = lock.ks.load(self._endpoint) & layout.EP_STATE.mask
        owes_reply = lock.ks.load(lock.current + layout.TCB_CALLER)
        if owes_reply and source.random() < 0.8:
            return self._ipc_by(Syscall.REPLY_WAIT)
        if endpoint == QueueState.RECEIVING and source.random() < 0.8:
            return self._ipc_by(source.choice((Syscall.CALL, Syscall.CALL, Syscall.SEND)))
        if (endpoint == QueueState.SENDING or not alone) and source.random() < 0.7:
            return self._ipc_by(Syscall.WAIT)
        if source.random() < 0.5:
            peer = source.choice((*(peer.slot for peer in self.arena.peers), InitialCap.TCB))
            return self._invoke(peer, Label.TCB_RESUME, [], [])
        return source.choice((self._retype, self._cnode, self._retype))()

    def _spoil(self, registers: dict[str, int], buffer: dict[int, int]) -> None:
        """Make one thing of a call wrong."""
        chosen: dict[str, int] | dict[int, int] = registers
        if buffer and self.random.random() < 0.4:
            at = self.random.choice(list(buffer))
            buffer[at] = self._wild()
            return
        assert chosen is registers
        name = self.random.choice(("r0", "r1", "r2", "r3", "r4", "r5"))
        registers[name] = registers.get(name, 0) ^ 1 << self.random.randrange(32)

    def _address(self, slot: int) -> int:
        return slot | self.prefixes.get(self.lock.current, 0)

    def _slot(self) -> int:
        """Any slot that is or could be used."""
        return self.random.randrange(1, self.arena.next_slot + 40)

    def _free(self) -> int:
        return self.arena.next_slot + self.random.randrange(40)

    def _wild(self) -> int:
        source = self.random
        return source.choice(
            (source.randrange(64), source.getrandbits(32), 32, 0, self._slot(), abi.WORD_MASK)
        )

    def _ipc(self) -> Call:
        numbers = (Syscall.CALL, Syscall.SEND, Syscall.WAIT, Syscall.REPLY_WAIT)
        return self._ipc_by(
            self.random.choices(
                (*numbers, Syscall.NB_SEND, Syscall.REPLY, Syscall.YIELD), (9, 5, 7, 14, 1, 1, 1)
            )[0]
        )

    def _ipc_by(self, number: Syscall) -> Call:
        source, arena = self.random, self.arena
        kinds = ("full", "full", "badged", "badge 1", "send grant")
        if number in (Syscall.WAIT, Syscall.REPLY_WAIT):
            kinds = ("full", "full", "full", "badged", "receive")
        cap = arena.caps[source.choice(kinds)]
        if source.random() < 0.08:
            cap = source.choice([*arena.caps.values(), *arena.endpoints, self._slot()])
        length = source.choice((0, 1, 2, 3, 4, 4, 4, 2, source.randrange(128)))
        caps = source.choice((0,) * 12 + (1, 2, 3))
        info = source.getrandbits(20) << 12 | source.getrandbits(3) << 9 | caps << 7 | length
        words = [source.getrandbits(32) for _ in range(length)]
        extra = [self._address(self._slot()) for _ in range(caps)]
        registers, buffer = _message(number, self._address(cap), info, words, extra)
        buffer[abi.IPC_RECEIVE_CNODE] = self._address(InitialCap.CNODE)
        buffer[abi.IPC_RECEIVE_INDEX] = self._free()
        buffer[abi.IPC_RECEIVE_DEPTH] = 32
        return registers, buffer

    def _invoke(self, cptr: int, label: int, words: list[int], caps: list[int]) -> Call:
        number = self.random.choice((Syscall.CALL,) * 8 + (Syscall.SEND, Syscall.NB_SEND))
        info = label << 12 | len(caps) << 7 | len(words)
        extra = [self._address(cap) for cap in caps]
        return _message(number, self._address(cptr), info, words, extra)

    def _retype(self) -> Call:
        source, arena = self.random, self.arena
        untyped = source.choice((arena.big, *arena.spare, self._slot()))
        kind = source.choice(list(ObjectType)[:8] + list(ObjectType)[9:])
        size_bits = source.choice((4, 5, 6, 9, 12))
        count = source.choice((1, 1, 2, 3, 8))
        words = [kind, size_bits, 0, 0, self._free(), count]
        if source.random() < 0.2:
            words[2:5] = [arena.nodes[1], 32, source.randrange(16)]
        return self._invoke(untyped, Label.UNTYPED_RETYPE, words, [InitialCap.CNODE])

    def _cnode(self) -> Call:
        source = self.random
        label = source.choice(_CNODE_LABELS)
        two_slots = label in (
            Label.CNODE_COPY, Label.CNODE_MINT, Label.CNODE_MOVE, Label.CNODE_MUTATE,
            Label.CNODE_IMITATE, Label.CNODE_SAVE_CALLER,
        )  # fmt: skip
        target = self._free() if two_slots or source.random() < 0.7 else self._slot()
        words = [target, 32, self._slot(), 32, source.randrange(8), source.getrandbits(10)]
        if label is Label.CNODE_ROTATE:
            words = [self._free(), 32, 0, self._free(), 32, 0, self._free(), 32]
        if label in (Label.CNODE_REVOKE, Label.CNODE_DELETE, Label.CNODE_RECYCLE):
            spare = (self.arena.big, *self.arena.spare)
            words[0] = source.choice((words[0], words[0], *spare))
            words = words[:2]
        return self._invoke(InitialCap.CNODE, label, words, [InitialCap.CNODE] * 2)

    def _tcb(self) -> Call:
        source, arena = self.random, self.arena
        peer = source.choice((*(peer.slot for peer in arena.peers), InitialCap.TCB))
        label = source.choice(_TCB_LABELS)
        space = source.choice(arena.spaces)
        frame = source.choice((*arena.buffers, arena.large_frame[0]))
        node = int(InitialCap.CNODE)
        handler = arena.endpoints[1]
        arguments: dict[Label, tuple[list[int], list[int]]] = {
            Label.TCB_SET_PRIORITY: ([source.choice(PRIORITIES)], []),
            Label.TCB_SUSPEND: ([], []),
            Label.TCB_RESUME: ([], []),
            Label.TCB_WRITE_REGISTERS: ([source.randrange(2), 3, LOOP, self._wild(), 0], []),
            Label.TCB_READ_REGISTERS: ([source.randrange(2), source.randrange(19)], []),
            Label.TCB_COPY_REGISTERS: ([source.randrange(16)], [arena.peers[0].slot]),
            Label.TCB_SET_IPC_BUFFER: ([source.choice((0, 0x200, 0x4_1000))], [frame]),
            Label.TCB_SET_SPACE: ([handler, 0, 0], [node, space]),
            Label.TCB_CONFIGURE: (
                [0, source.choice(PRIORITIES), 0, 0, 0x200],
                [node, space, frame],
            ),
        }
        words, caps = arguments[label]
        return self._invoke(peer, label, words, caps)

    def _page(self) -> Call:
        """Mappings, ASIDs, interrupt lines: any object with any method and plausible arguments."""
        source = self.random
        label = source.randrange(Label.IRQ_CONTROL_GET, Label.PAGE_MAP_WITH_TABLE + 1)
        vaddr = source.choice((0x10_0000, 0x20_0000, 0x40_0000, 0x1_0000, 0xF000_0000))
        words = [vaddr, source.randrange(8), 1, self._wild()]
        if source.random() < 0.3:
            words = [self._free(), 32, self._wild(), self._wild()]
        caps = [source.choice(self.arena.spaces), self._slot()]
        return self._invoke(self._slot(), label, words, caps)

    def _hostile(self) -> Call:
        """Any registers at all."""
        source = self.random
        registers = {f"r{n}": self._wild() for n in range(1, 13)}
        registers["r0"] = self._address(self._slot())
        number = source.choice((-1, -1, -1, -1, -2, -3, -4, -6, -7, -10, -18, self._wild()))
        registers["r7"] = number & abi.WORD_MASK
        shape = 0x100 | source.randrange(10)
        info = source.choice((source.randrange(50) << 12 | shape, source.getrandbits(32)))
        registers["r1"] = info
        registers |= {"sp": source.getrandbits(32), "lr": source.getrandbits(32)}
        buffer = {4 * source.randrange(128): self._wild() for _ in range(8)}
        buffer |= {abi.IPC_CAPS_OR_BADGES + 4 * n: self._address(self._slot()) for n in range(3)}
        return registers, buffer
