# SPDX-License-Identifier: BSD-2-Clause
"""Threads with code of their own on the emulated machine, set up by the host.

The host makes system calls through the loop of the root task, writes small pieces of code behind
the loop, and starts peers there. A piece ends by branching to the loop, where the host sees it.
"""

from typing import Final

from kernel import abi, layout
from kernel.abi import InitialCap, Label, Syscall
from kernel.invariants import invs
from kernel.options import KernelOptions
from sel4emu.asm import assemble
from sel4emu.stop import Stop
from tests.equivalence.arena import PEER_PRIORITY, Arena, Peer
from tests.equivalence.lockstep import LOOP, Lockstep

CODE: Final = LOOP + 0x100
HANDLER, FAULTER = 0, 1


class Stage:
    """One kernel with an arena, the last call's stop, and pieces of code."""

    def __init__(self, board: str, options: KernelOptions, *, ticking: bool = False) -> None:
        self.lock = Lockstep.alone(board, options, ticking=ticking)
        self.arena = Arena(self.lock)
        self.machine = self.lock.plain.machine
        self.handler, self.faulter = self.arena.peers[HANDLER], self.arena.peers[FAULTER]

    def place(self, code: str | bytes, address: int = CODE) -> int:
        """Write code for all threads; its address."""
        data = code if isinstance(code, bytes) else assemble(code, address, {"LOOP": LOOP}).code
        frame = self.lock.slot(self.lock.info(abi.BI_IMAGE_FRAMES))
        physical = self.lock.ks.get(frame, layout.FRAME_BASE)
        self.machine.write_physical(physical + address - LOOP, data)
        return address

    def run(self, peer: Peer, pc: int, *, sp: int = 0, r0: int = 0, r1: int = 0) -> Stop:
        """Start a peer there, above the root thread; runs until somebody is at the loop."""
        self.arena.set_priority(peer.tcb, PEER_PRIORITY)
        words = (1, 5, pc, sp, 0, r0, r1)
        return self.lock.invoke(Syscall.SEND, peer.slot, words, label=Label.TCB_WRITE_REGISTERS)

    def give_handler(self, peer: Peer, cap: int | None = None) -> None:
        """Make the handler wait, and be the one who hears of the peer's faults."""
        self.arena.park(self.handler)
        endpoint = self.arena.caps["full"] if cap is None else cap
        number = self.arena.peers.index(peer)
        space = self.arena.spaces[number % len(self.arena.spaces)]
        words = (endpoint, 0, 0)
        self.lock.must(peer.slot, Label.TCB_SET_SPACE, words, (InitialCap.CNODE, space))

    def message(self, length: int = 4) -> tuple[int, list[int]]:
        """Label and first words of what the current thread has received."""
        registers = self.machine.registers
        words = [registers[f"r{2 + n}"] for n in range(min(length, 4))]
        buffer = self.lock.ks.load(self.lock.current + layout.TCB_BUFFER) & ~0xFFF
        offset = self.lock.ks.load(self.lock.current + layout.TCB_IPC_BUFFER) & 0xFFF
        base = layout.window_address(buffer) + offset + abi.IPC_MSG
        words += [self.lock.ks.load(base + 4 * n) for n in range(4, length)]
        return registers["r1"] >> abi.INFO_LABEL_SHIFT, words

    def reply(self, label: int = 0, words: tuple[int, ...] = ()) -> Stop:
        """The current thread answers and goes on at the loop; the other one runs first or not."""
        return self.lock.invoke(Syscall.REPLY_WAIT, self.arena.caps["full"], words, label=label)

    def register(self, peer: Peer, name: str) -> int:
        """A saved register of a thread that is not running."""
        return self.lock.ks.load(peer.tcb + layout.REGISTER_OFFSETS[name])

    def check(self) -> None:
        """Every structural invariant."""
        assert invs(self.lock.ks) == []
