# SPDX-License-Identifier: BSD-2-Clause
"""Two systems in lock step: one with the assembly's fast paths, one with the Python kernel alone.

The user program is a loop around one SVC; the host is its mind. It writes the registers of the
thread that is current, lets both machines run to the loop again, and compares registers and RAM.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from kernel import abi, layout
from kernel.abi import InitialCap, Label, Syscall
from kernel.layout import Trap
from kernel.options import KernelOptions
from kernel.state import State
from kernel.thread import lookup_ipc_buffer
from sel4emu.asm import assemble
from sel4emu.cli.system import System
from sel4emu.loader import Image, Segment
from sel4emu.stop import Stop, StopReason
from tests.equivalence.difference import name_of_word

LOOP: Final = 0x1_0000
_PROGRAM: Final = "loop:\n svc #0\n b loop\n"
_EPIT1_CONTROL: Final = 0x53F9_4000
#: More than the longest system call takes, modelled cycles included.
_CYCLE_LIMIT: Final = 40_000_000
_SHOWN_DIFFERENCES: Final = 40
_REGISTERS: Final = (*(f"r{n}" for n in range(13)), "sp", "lr", "pc", "cpsr")
#: Bytes of RAM that may differ: code and what names code addresses, stack, scratch.
_EXCLUDED: Final = (
    (layout.TEXT_OFFSET, layout.TEXT_BYTES),
    (layout.KV_SCRATCH - layout.WINDOW_BASE, layout.KV_SCRATCH_BYTES),
    (layout.VECTORS_OFFSET, 0x1000),
    (layout.STACK_OFFSET, layout.STACK_BYTES),
    (layout.IDLE_TCB_OFFSET + layout.TCB_RESTART_PC, 4),
    (layout.IDLE_TCB_OFFSET + layout.TCB_PC, 4),
)
_PATHS: Final = {
    Syscall.SEND: "send",
    Syscall.WAIT: "wait",
    Syscall.REPLY_WAIT: "reply_wait",
    Syscall.CALL: "call",
}


def _compared_ranges(size: int) -> list[tuple[int, int]]:
    start, ranges = 0, []
    for excluded, length in sorted(_EXCLUDED):
        ranges.append((start // 4, excluded // 4))
        start = excluded + length
    return [pair for pair in [*ranges, (start // 4, size // 4)] if pair[0] < pair[1]]


def write_board(path: Path, megabytes: int) -> str:
    """Write the KZM's board file with so much RAM; the path as text."""
    text = (resources.files("boards") / "kzm_arm11" / "board.toml").read_text()
    changed = text.replace("size = 0x800_0000", f"size = 0x{megabytes << 20:x}")
    assert changed != text
    path.write_text(changed)
    return str(path)


def loop_image() -> Image:
    """A root task of one page: the loop."""
    code = assemble(_PROGRAM, LOOP).code
    segment = Segment(vaddr=LOOP, paddr=LOOP, data=code, memory_size=len(code))
    return Image("loop", (segment,), LOOP, {"loop": LOOP})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One machine between two system calls."""

    ram: NDArray[np.uint32]
    registers: Mapping[str, int]
    stack: int
    space: tuple[int, int]


class Side:
    """One of the two systems."""

    def __init__(
        self, board: str, options: KernelOptions, *, ticking: bool = False, timing: str = "off"
    ) -> None:
        self.log: list[str] = []
        self.traps: Counter[Trap] = Counter()
        self.system = System.boot(
            loop_image(), board=board, options=options, log=self.log.append, timing=timing
        )
        self.machine = self.system.machine
        self._count_traps()
        memory = self.machine.bus.memory_at(layout.RAM_BASE, 4)
        assert memory is not None
        self.ram: NDArray[np.uint32] = memory.data.view(np.uint32)
        stop = self.machine.run("loop")
        assert stop.reason is StopReason.ADDRESS, stop
        if not ticking:  # time differs between the sides, so the tick would too
            self.machine.bus.write_device(_EPIT1_CONTROL, 0)

    def _count_traps(self) -> None:
        kernel = self.system.kernel
        handle: Any = kernel.handle_trap

        def counted(trap: Trap) -> None:
            self.traps[trap] += 1
            handle(trap)

        vars(kernel)["handle_trap"] = counted

    @property
    def ks(self) -> State:
        """The words of the kernel."""
        return self.system.kernel.state

    def registers(self) -> dict[str, int]:
        return {name: self.machine.registers[name] for name in _REGISTERS}

    def save(self) -> Snapshot:
        record = self.machine.cpu.state[0]
        space = int(record["ttbr0"]), int(record["context_id"])
        stack = self.machine.registers["sp_svc"]
        return Snapshot(self.ram.copy(), self.registers(), stack, space)

    def restore(self, saved: Snapshot) -> None:
        self.ram[:] = saved.ram
        self.machine.registers["sp_svc"] = saved.stack
        for name in ("cpsr", *(name for name in _REGISTERS if name != "cpsr")):
            self.machine.registers[name] = saved.registers[name]
        self.machine.cpu.set_address_space(*saved.space)
        self.machine.cpu.invalidate_tlb()
        self.log.clear()


class Lockstep:
    """Both systems; every method acts on both and compares.

    `fast` and `slow` count system calls by path: those that the assembly finished alone, and
    those that it left to Python.
    """

    def __init__(self, quick: Side, plain: Side) -> None:
        self.quick = quick
        self.plain = plain
        self.sides = (quick,) if quick is plain else (quick, plain)
        self.ks = self.plain.ks
        self.compat = plain.ks.options.compat
        self.fast: Counter[str] = Counter()
        self.slow: Counter[str] = Counter()
        self.last_was_fast = False
        self._ranges = _compared_ranges(self.plain.ram.nbytes)
        self.root = self.ks.current
        self.history: list[str] = []
        self.check()

    @classmethod
    def both(cls, board: str, *, compat: bool = False, timing: str = "off") -> Self:
        """The fast and the slow kernel in one mode."""
        quick = Side(board, KernelOptions(compat=compat), timing=timing)
        return cls(quick, Side(board, KernelOptions(compat=compat, slow=True), timing=timing))

    @classmethod
    def alone(cls, board: str, options: KernelOptions, *, ticking: bool = False) -> Self:
        """One kernel, driven by the host in the same way."""
        side = Side(board, options, ticking=ticking)
        return cls(side, side)

    # State --------------------------------------------------------------------------------------

    @property
    def current(self) -> int:
        """The TCB of the current thread."""
        return self.ks.current

    def poke(self, address: int, value: int) -> None:
        """Change a word of both kernels by hand."""
        for side in self.sides:
            side.ram[(address - layout.WINDOW_BASE) >> 2] = value

    def slot(self, index: int) -> int:
        """Address of a slot of the initial CNode."""
        root = self.ks.get(self.root + layout.TCB_CTABLE, layout.CNODE_POINTER)
        return root + layout.SLOT_BYTES * index

    def object_at(self, index: int) -> int:
        """Window address of the object that a slot of the initial CNode names."""
        return self.ks.load(self.slot(index)) & ~0xF

    def info(self, offset: int) -> int:
        """A word of the boot information."""
        base = self.ks.get(self.slot(InitialCap.BOOTINFO_FRAME), layout.FRAME_BASE)
        return self.ks.load(layout.window_address(base) + offset)

    def save(self) -> list[Snapshot]:
        return [side.save() for side in self.sides]

    def restore(self, saved: list[Snapshot]) -> None:
        for side, snapshot in zip(self.sides, saved, strict=True):
            side.restore(snapshot)
        self.history.clear()

    # Steps --------------------------------------------------------------------------------------

    def step(self, registers: Mapping[str, int], buffer: Mapping[int, int] | None = None) -> Stop:
        """One system call of the current thread.

        `registers` by name; `buffer` are words of its IPC buffer by byte offset.
        """
        self.history.append(_describe_call(self.current, registers, buffer))
        self._write_buffer(buffer or {})
        before = self.quick.traps[Trap.SYSCALL]
        stops = [self._run(side, registers) for side in self.sides]
        self.last_was_fast = self.quick.traps[Trap.SYSCALL] == before
        path = _path_of(registers)
        (self.fast if self.last_was_fast else self.slow)[path] += 1
        assert stops[0] == stops[-1], self._report(f"fast {stops[0]}, slow {stops[-1]}")
        self.check(with_registers=stops[0].reason is StopReason.ADDRESS)
        return stops[0]

    def _run(self, side: Side, registers: Mapping[str, int]) -> Stop:
        for name, value in registers.items():
            side.machine.registers[name] = value
        stop = side.machine.run("loop", cycles=_CYCLE_LIMIT)
        assert stop.reason in (StopReason.ADDRESS, StopReason.HALT), self._report(str(stop))
        return stop

    def _write_buffer(self, words: Mapping[int, int]) -> None:
        buffer = lookup_ipc_buffer(self.ks, self.current, for_receiver=False)
        for offset, value in words.items():
            if buffer:
                self.poke(buffer + offset, value)

    def invoke(
        self,
        number: int,
        cptr: int,
        words: Iterable[int] = (),
        *,
        label: int = 0,
        caps: tuple[int, ...] = (),
    ) -> Stop:
        """A system call with a message."""
        words = tuple(words)
        registers = {"r0": cptr, "r7": number & abi.WORD_MASK}
        registers["r1"] = label << abi.INFO_LABEL_SHIFT | len(caps) << 7 | len(words)
        registers |= {f"r{2 + n}": word for n, word in enumerate(words[:4])}
        buffer = {abi.IPC_MSG + 4 * n: word for n, word in enumerate(words) if n >= 4}
        buffer |= {abi.IPC_CAPS_OR_BADGES + 4 * n: cap for n, cap in enumerate(caps)}
        return self.step(registers, buffer)

    def call(
        self, cptr: int, label: int, words: Iterable[int] = (), caps: tuple[int, ...] = ()
    ) -> int:
        """Invoke a kernel object with Call; the error label."""
        self.invoke(Syscall.CALL, cptr, words, label=label, caps=caps)
        return self.plain.machine.registers["r1"] >> abi.INFO_LABEL_SHIFT

    def must(
        self, cptr: int, label: int, words: Iterable[int] = (), caps: tuple[int, ...] = ()
    ) -> None:
        """Invoke a kernel object, which has to succeed."""
        error = self.call(cptr, label, words, caps)
        assert error == 0, (Label(label).name, error, self.plain.log)

    # Comparison ---------------------------------------------------------------------------------

    def check(self, *, with_registers: bool = True) -> None:
        """Compare registers, logs and all of RAM that has to be equal."""
        one, other = self.quick.ram, self.plain.ram
        equal = all(np.array_equal(one[a:b], other[a:b]) for a, b in self._ranges)
        if with_registers:
            equal = equal and self.quick.registers() == self.plain.registers()
        equal = equal and self.quick.log == self.plain.log
        assert equal, self._report("the kernels differ")

    def differences(self) -> list[str]:
        """One line for each register and word that differs."""
        lines = []
        for name, value in self.quick.registers().items():
            plain = self.plain.machine.registers[name]
            if value != plain:
                lines.append(f"register {name}: fast 0x{value:08x}, slow 0x{plain:08x}")
        for start, end in self._ranges:
            for index in np.flatnonzero(self.quick.ram[start:end] != self.plain.ram[start:end]):
                at = start + int(index)
                address = layout.WINDOW_BASE + 4 * at
                words = f"fast 0x{self.quick.ram[at]:08x}, slow 0x{self.plain.ram[at]:08x}"
                lines.append(f"0x{address:08x} {name_of_word(self.ks, address)}: {words}")
                if len(lines) > _SHOWN_DIFFERENCES:
                    return [*lines, "and more"]
        return lines

    def _report(self, title: str) -> str:
        history = [f"    {line}" for line in self.history[-8:]]
        logs = [f"fast log: {self.quick.log[-2:]}", f"slow log: {self.plain.log[-2:]}"]
        return "\n".join([title, *self.differences(), "last system calls:", *history, *logs])


def _path_of(registers: Mapping[str, int]) -> str:
    number, info = registers.get("r7", 0), registers.get("r1", 0)
    signed = number - (1 << 32) if number >> 31 else number
    path = _PATHS.get(signed, "other")  # type: ignore[call-overload]
    is_retype = path == "call" and info >> abi.INFO_LABEL_SHIFT == Label.UNTYPED_RETYPE
    return "retype" if is_retype else str(path)


def _describe_call(tcb: int, registers: Mapping[str, int], buffer: Mapping[int, int] | None) -> str:
    values = " ".join(f"{name}={value:x}" for name, value in registers.items())
    words = " ".join(f"[{at}]={value:x}" for at, value in (buffer or {}).items())
    return f"0x{tcb:08x}: {values} {words}".rstrip()
