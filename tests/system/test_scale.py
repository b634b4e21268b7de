# SPDX-License-Identifier: BSD-2-Clause
"""A task with very many capabilities, on the emulated board, system call by system call."""

import time

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.object.capability import is_empty
from kernel.options import KernelOptions
from kernel.state import State
from sel4emu.asm import assemble
from sel4emu.cli.system import System
from sel4emu.loader import Image, Segment

LOOP = 0x1_0000
HALF = 50_000
RADIX = 16
PER_CALL = 250
HOST_SECONDS = 60.0


class Caller:
    """A root task that does nothing but the system calls that the host puts into it."""

    def __init__(self, options: KernelOptions) -> None:
        code = assemble("loop:\n svc #0\n b loop\n", LOOP).code
        segment = Segment(vaddr=LOOP, paddr=LOOP, data=code, memory_size=len(code))
        image = Image("loop", (segment,), LOOP, {"loop": LOOP})
        self.preempted = 0
        self.system = System.boot(image, options=options)
        self.machine = self.system.machine
        self.machine.run("loop")
        self.ks: State = self.system.kernel.state
        tcb = self.ks.current
        self.root = self.ks.get(tcb + layout.TCB_CTABLE, layout.CNODE_POINTER)
        self.bootinfo = self.frame(InitialCap.BOOTINFO_FRAME)
        self.buffer = self.frame(InitialCap.IPC_BUFFER)

    def slot(self, index: int) -> int:
        return self.root + layout.SLOT_BYTES * index

    def frame(self, index: int) -> int:
        return layout.window_address(self.ks.get(self.slot(index), layout.FRAME_BASE))

    def untyped(self) -> int:
        """The largest Untyped of boot."""
        first, end = (self.ks.load(self.bootinfo + abi.BI_UNTYPED + 4 * n) for n in range(2))
        return max(
            range(first, end),
            key=lambda index: self.ks.get(self.slot(index), layout.UNTYPED_SIZE_BITS),
        )

    def call(self, cptr: int, label: int, words: tuple[int, ...], *caps: int) -> int:
        """Call an object; the label of the answer."""
        for index, cap in enumerate(caps):
            self.ks.store(self.buffer + abi.IPC_CAPS_OR_BADGES + 4 * index, cap)
        for index, word in enumerate(words):
            if index < abi.MSG_REGISTERS:
                self.machine.registers[f"r{2 + index}"] = word
            else:
                self.ks.store(self.buffer + abi.IPC_MSG + 4 * index, word)
        self.machine.registers["r0"] = cptr
        info = label << 12 | len(caps) << 7 | len(words)
        self.machine.registers["r1"] = info
        self.machine.registers["r7"] = Syscall.CALL & abi.WORD_MASK
        self.machine.run("loop")
        while self.machine.registers["r1"] == info:  # no answer: the call was preempted
            self.preempted += 1
            self.machine.run("loop")
        return int(self.machine.registers["r1"]) >> abi.INFO_LABEL_SHIFT

    def slots_in_use(self, cnode: int) -> int:
        start = self.ks.get(self.slot(cnode), layout.CNODE_POINTER)
        slots = range(start, start + (layout.SLOT_BYTES << RADIX), layout.SLOT_BYTES)
        return sum(1 for slot in slots if not is_empty(self.ks, slot))


def test_a_hundred_thousand_endpoint_capabilities() -> None:
    """50,000 endpoints and a copy of each, made and revoked by Python alone in under 60 s.

    In compat mode, where one Untyped can be retyped again and again.
    """
    start = time.monotonic()
    task = Caller(KernelOptions(slow=True, compat=True))
    free = task.ks.load(task.bootinfo + abi.BI_EMPTY)
    words = (ObjectType.UNTYPED, 22, 0, 0, free, 2)
    assert task.call(task.untyped(), Label.UNTYPED_RETYPE, words, InitialCap.CNODE) == 0
    objects, nodes, masters, copies = free, free + 1, free + 2, free + 3
    words = (ObjectType.CNODE, RADIX, 0, 0, masters, 2)
    assert task.call(nodes, Label.UNTYPED_RETYPE, words, InitialCap.CNODE) == 0
    for offset in range(0, HALF, PER_CALL):
        words = (ObjectType.ENDPOINT, 0, 0, 0, offset, PER_CALL)
        assert task.call(objects, Label.UNTYPED_RETYPE, words, masters) == 0
    for index in range(HALF):
        copy = (index, RADIX, index, RADIX, abi.RIGHTS_ALL)
        assert task.call(copies, Label.CNODE_COPY, copy, masters) == 0
    made = [task.slots_in_use(cnode) for cnode in (masters, copies)]
    assert made == [HALF, HALF]
    assert task.call(InitialCap.CNODE, Label.CNODE_REVOKE, (objects, 32)) == 0
    assert [task.slots_in_use(cnode) for cnode in (masters, copies)] == [0, 0]
    assert task.preempted > 0, "so long a revoke lets the tick through"
    assert time.monotonic() - start < HOST_SECONDS
