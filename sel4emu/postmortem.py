# SPDX-License-Identifier: BSD-2-Clause
"""What is left of a guest that has died: everything that a report shows, read from the machine.

Nothing is changed by looking: memory is read through the page tables in force, not through the TLB.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sel4emu.cpu import BANKED
from sel4emu.describe import MODE_NAMES
from sel4emu.disassembly import disassemble
from sel4emu.exceptions import NAMES
from sel4emu.native.registers import MODE_MASK, MODE_SYS, MODE_USR, PSR_T
from sel4emu.trail import last_branches

if TYPE_CHECKING:
    from sel4emu.machine import Machine
    from sel4emu.trail import Branch

#: How much is shown.
BRANCHES: Final = 20
CODE_BEFORE: Final = 6
CODE_BEHIND: Final = 4
STACK_WORDS: Final = 16
#: How far up the stack return addresses are looked for, and how many are shown.
STACK_SEARCHED: Final = 512
RETURNS: Final = 16
CONSOLE_LINES: Final = 10
CONSOLE_BYTES: Final = 4096
#: Bytes of zeros before the place that make a run through them.
_LEAST_ZEROS: Final = 64

#: Registers of CP15 that the shadows of the machine hold.
_SHADOWS: Final = {
    "sctlr": "sctlr",
    "ttbr0": "ttbr0",
    "ttbr1": "ttbr1",
    "ttbcr": "ttbcr",
    "dacr": "dacr",
    "contextidr": "context_id",
    "fcse": "fcse",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the guest was: mode and state are those of the instruction at `pc`."""

    pc: int
    symbol: str | None
    mode: str
    thumb: bool


@dataclass(frozen=True, slots=True)
class CodeLine:
    """An instruction near the place; `text` is empty where nobody knows the encoding."""

    address: int
    word: int
    text: str
    symbol: str | None


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch of the trail; `rounds` branches from the first of a loop on came `times` times."""

    origin: int
    origin_symbol: str | None
    target: int
    target_symbol: str | None
    exception: str | None
    times: int
    rounds: int


@dataclass(frozen=True, slots=True)
class StackWord:
    """A word of the stack; `symbol` is the place of a call if the word returns behind one."""

    address: int
    word: int
    symbol: str | None


@dataclass(frozen=True, slots=True)
class Postmortem:
    """A machine after its guest's death. Register values are whole numbers by name.

    `place` is where the guest died: at PC, or where the exception was raised that nobody handles.
    `code` is around `code_at`: the place, or what branched there if nothing can be read at it.
    `straight_from` is where a run through zeros that ended at the place began, None if none did.
    `returns` are the return addresses on the stack, `stack` its top, `stack_mode` whose it is.
    """

    reason: str
    place: Place
    registers: dict[str, int]
    banked: dict[str, dict[str, int]]
    faults: dict[str, int]
    control: dict[str, int]
    code: list[CodeLine]
    code_at: int
    straight_from: int | None
    branches: list[BranchLine]
    stack_mode: str
    stack: list[StackWord]
    returns: list[StackWord]
    console: list[str]

    def as_json(self) -> dict[str, object]:
        """As an object for programs."""
        return asdict(self)


def examine(machine: "Machine", reason: str) -> Postmortem:
    """Look at a machine that has stopped."""
    place, status = _place(machine)
    stack_mode = MODE_NAMES.get(status & MODE_MASK, "svc")
    stack_pointer = machine.cpu.read_in_mode("sp", _mode_of(status))
    words = list(_stack(machine, stack_pointer))
    code_at = _readable(machine, place)
    return Postmortem(
        reason=reason,
        place=place,
        registers={f"r{n}": machine.cpu.read(f"r{n}") for n in range(16)}
        | {"cpsr": machine.cpu.read("cpsr")},
        banked=_banked(machine),
        faults={
            "dfsr": machine.cpu.read_cp15(5, 0, 0),
            "ifsr": machine.cpu.read_cp15(5, 0, 1),
            "far": machine.cpu.read_cp15(6, 0, 0),
        },
        control={name: int(machine.cpu.state[0][at]) for name, at in _SHADOWS.items()},
        code=list(_code(machine, code_at, thumb=place.thumb)),
        code_at=code_at,
        straight_from=_straight_from(machine, place),
        branches=list(_branches(machine)),
        stack_mode=stack_mode,
        stack=words[:STACK_WORDS],
        returns=[word for word in words if word.symbol][:RETURNS],
        console=console_lines(bytes(machine.console.captured)),
    )


def where(machine: "Machine") -> Place:
    """Where the guest is now."""
    return _make_place(machine, machine.cpu.read("pc"), machine.cpu.read("cpsr"))


def console_lines(output: bytes) -> list[str]:
    """The last lines of the console, without its control characters' effects."""
    text = output[-CONSOLE_BYTES:].decode("utf-8", "backslashreplace")
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines[-CONSOLE_LINES:]


def _mode_of(status: int) -> int:
    mode = status & MODE_MASK
    return mode if mode in MODE_NAMES else MODE_SYS


def _make_place(machine: "Machine", pc: int, status: int) -> Place:
    mode = MODE_NAMES.get(status & MODE_MASK, f"0x{status & MODE_MASK:02x}")
    return Place(pc, machine.locate(pc), mode, bool(status & PSR_T))


def _place(machine: "Machine") -> tuple[Place, int]:
    """Where the guest died, and its program status there."""
    pc, status = machine.cpu.read("pc"), machine.cpu.read("cpsr")
    last = last_branches(machine.cpu.state, 1)
    if last and last[-1].branches[-1].exception is not None:
        branch = last[-1].branches[-1]
        if branch.target == pc and status & MODE_MASK not in (MODE_USR, MODE_SYS):
            status = machine.cpu.read("spsr")
            return _make_place(machine, branch.origin, status), status
    return _make_place(machine, pc, status), status


def _banked(machine: "Machine") -> dict[str, dict[str, int]]:
    return {
        mode: {name: machine.cpu.read(f"{name}_{mode}") for name in names}
        for mode, names in BANKED.items()
    }


def _read(machine: "Machine", address: int, size: int) -> int | None:
    """A halfword or word of memory as the kernel sees it; None where there is none."""
    try:
        return int.from_bytes(machine.read_virtual(address, size), "little")
    except ValueError:
        return None


def _way(machine: "Machine", place: Place) -> "Branch | None":
    """The last branch before the guest died, the exception there left out."""
    for rounds in reversed(last_branches(machine.cpu.state, BRANCHES)):
        for branch in reversed(rounds.branches):
            if branch.exception is None or branch.origin != place.pc:
                return branch
    return None


def _readable(machine: "Machine", place: Place) -> int:
    """The place, or what branched there if there is no memory."""
    way = _way(machine, place)
    if way is None or way.target != place.pc or _read(machine, place.pc & ~3, 4) is not None:
        return place.pc
    return way.origin


def _straight_from(machine: "Machine", place: Place) -> int | None:
    """Where the guest began to run through zeros, which are instructions without effect."""
    way = _way(machine, place)
    if way is None or place.pc - way.target < _LEAST_ZEROS:
        return None
    start = place.pc - _LEAST_ZEROS
    words = (_read(machine, address, 4) for address in range(start & ~3, place.pc & ~3, 4))
    return None if any(words) else way.target


def _code(machine: "Machine", place: int, *, thumb: bool) -> Iterator[CodeLine]:
    step = 2 if thumb else 4
    for number in range(-CODE_BEFORE, CODE_BEHIND + 1):
        address = place + step * number
        word = _read(machine, address, step) if 0 <= address < 1 << 32 else None
        if word is not None:
            text = disassemble(word, address, thumb=thumb)
            yield CodeLine(address, word, text, machine.locate(address))


def _branches(machine: "Machine") -> Iterator[BranchLine]:
    for rounds in last_branches(machine.cpu.state, BRANCHES):
        for index, branch in enumerate(rounds.branches):
            count = len(rounds.branches) if index == 0 else 0
            yield _branch_line(machine, branch, rounds.times, count)


def _branch_line(machine: "Machine", branch: "Branch", times: int, rounds: int) -> BranchLine:
    return BranchLine(
        branch.origin,
        machine.locate(branch.origin),
        branch.target,
        machine.locate(branch.target),
        None if branch.exception is None else NAMES[branch.exception],
        times,
        rounds,
    )


def _stack(machine: "Machine", pointer: int) -> Iterator[StackWord]:
    """The words from the stack pointer up, as far as there is memory."""
    for address in range(pointer & ~3, min((pointer & ~3) + 4 * STACK_SEARCHED, 1 << 32), 4):
        word = _read(machine, address, 4)
        if word is None:
            return
        yield StackWord(address, word, _caller(machine, word))


def _caller(machine: "Machine", word: int) -> str | None:
    """The symbol of a word that points behind a call; None for any other word."""
    symbol = machine.locate(word & ~1)
    if symbol is None:
        return None
    if word & 1:
        return symbol if _is_thumb_call(machine, word & ~1) else None
    before = _read(machine, word - 4, 4) if not word & 3 and word >= 4 else None
    return symbol if before is not None and _is_call(before) else None


def _is_call(word: int) -> bool:
    """BL, BLX, and a load or move of PC behind `mov lr, pc`."""
    branch = word & 0x0F00_0000 == 0x0B00_0000 or word & 0xFE00_0000 == 0xFA00_0000
    return branch or word & 0x0FFF_FFF0 == 0x012F_FF30 or word & 0x0C10_F000 == 0x0410_F000


def _is_thumb_call(machine: "Machine", behind: int) -> bool:
    """The second half of BL or BLX, or BLX of a register."""
    before = _read(machine, behind - 2, 2) if behind >= 2 else None
    return before is not None and (before >> 11 in (29, 31) or before & 0xFF87 == 0x4780)
