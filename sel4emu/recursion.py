# SPDX-License-Identifier: BSD-2-Clause
"""Whether exceptions that privileged code raises again and again ever come to an end.

The native part asks after every `sel4emu.native.branches.RECURSIONS` exceptions, if none of them
came from user mode and none was an interrupt. A guest that makes progress is never called dead. It
is dead if

- nothing is different since it asked last: registers of all modes, system registers, all memory;
  no device was accessed, and neither the time nor an interrupt has a way in (decided exactly); or
- each exception is taken inside the handler of the one before it, none returns, and the stack has
  gone down further than any kernel's stack is long.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sel4emu.cpu import BANKED, GENERAL
from sel4emu.native.branches import RECURSIONS
from sel4emu.native.special import is_vfp

if TYPE_CHECKING:
    from sel4emu.machine import Machine

#: Bytes that a stack goes down, and exceptions in one another, before that is called endless.
DEEP_BYTES: Final = 1 << 20
DEEP_EXCEPTIONS: Final = 4096
#: The longest way from an exception to the next one like it that is followed, in instructions.
LONGEST_ROUND: Final = 4096
_REGISTERS: Final = (
    *GENERAL,
    *(f"{name}_{mode}" for mode, names in BANKED.items() for name in names),
)
_SHADOWS: Final = (
    "sctlr", "ttbr0", "ttbr1", "ttbcr", "dacr", "fcse", "context_id", "cpacr", "recursion_where",
)  # fmt: skip
#: Places in `_state` of what may hold an address in the stack.
_POINTERS: Final = tuple(
    n
    for n, name in enumerate(_REGISTERS)
    if name not in ("r15", "cpsr") and not name.startswith("spsr")
)
_WORD: Final = 0xFFFF_FFFF
_RETURN_NEAR: Final = 16


class RecursionWatch:
    """Looks at a guest each time that the native part asks."""

    def __init__(self, machine: "Machine", step: Callable[[], bool]) -> None:
        """`step` runs one instruction; False if the guest was not undisturbed, or the run ends."""
        self._machine = machine
        self._step = step
        self._record = machine.cpu.state[0]
        self._known: tuple[int, ...] = ()
        self._count = 0
        self._memory: list[NDArray[np.uint8]] = []
        self._pause = self._pauses = 0
        self._moved: tuple[int, ...] = ()
        #: Bytes by which the stack has gone down while exceptions were raised in one another.
        self.depth = 0

    def is_endless(self) -> bool:
        """Whether it is certain that the guest only goes on like this.

        At the entry of an exception, and still there, or at a later one like it, afterwards.
        """
        state, before = self._state(), self._known
        count = int(self._record["recursions"])
        if count != self._count + RECURSIONS:
            self._forget()
        self._known, self._count = state, count
        if state == before and count > RECURSIONS:
            return self._is_unchanged()
        self._memory = []
        if not self._goes_down(before, state):
            return False
        if not self._follow(exactly=False):
            self.depth = 0
        return self.depth > 0

    def _forget(self) -> None:
        self._memory, self._moved, self.depth = [], (), 0
        self._pause = self._pauses = 0

    def _state(self) -> tuple[int, ...]:
        """Registers of all modes, and what exceptions and translation follow from."""
        cpu, record = self._machine.cpu, self._record
        registers = tuple(cpu.read(name) for name in _REGISTERS)
        return registers + tuple(int(record[name]) for name in _SHADOWS)

    # Nothing changes ------------------------------------------------------------------------

    def _is_unchanged(self) -> bool:
        """Whether memory is as it was, too, and nothing can come in; looked at ever less often."""
        if self._pause:
            self._pause -= 1
            return False
        bus = self._machine.bus
        if not self._memory:
            self._memory = [memory.data.copy() for memory in bus.memories if memory.writable]
            bus.touched = False
            return False
        present = [memory.data for memory in bus.memories if memory.writable]
        same = not bus.touched and all(map(np.array_equal, self._memory, present))
        self._memory = []
        endless = same and self._follow(exactly=True)
        if not endless:
            self._pauses = self._pause = 2 * self._pauses + 1
        return endless

    # The stack grows for ever ---------------------------------------------------------------

    def _goes_down(self, before: tuple[int, ...], state: tuple[int, ...]) -> bool:
        """Whether pointers move down by one distance each time, and have done so for long."""
        moved = tuple((b - a) & _WORD for a, b in zip(before, state, strict=False))
        distances = set(moved) - {0}
        pointers = {n for n, distance in enumerate(moved) if distance} <= set(_POINTERS)
        if len(distances) != 1 or not pointers or not self._falls(max(distances)):
            self._moved, self.depth = (), 0
            return False
        self.depth = self.depth if moved == self._moved else 0
        self._moved = moved
        self.depth += (1 << 32) - max(distances)
        return self.depth >= DEEP_BYTES and self._count >= DEEP_EXCEPTIONS

    @staticmethod
    def _falls(distance: int) -> bool:
        return distance >> 31 == 1

    # One round ------------------------------------------------------------------------------

    def _follow(self, *, exactly: bool) -> bool:
        """Follow the guest to the next exception like this one: whether nothing tells against."""
        vector = self._machine.cpu.read("pc")
        place = self._place()
        for _ in range(LONGEST_ROUND):
            pc = self._machine.cpu.read("pc")
            word = self._machine.cpu.instruction_at(pc)
            thumb = self._machine.cpu.thumb
            if not thumb and exactly and _tells_more(word):
                return False
            if not self._step():
                return False
            after = self._machine.cpu.read("pc")
            if not exactly and not thumb and _returns(word) and _is_near(after, place):
                return False
            if after == vector and (not exactly or self._state() == self._known):
                return exactly or self._place() == place
        return False

    def _place(self) -> int:
        """The link of the last exception."""
        return int(self._record["recursion_where"]) >> 8


def _is_near(pc: int, place: int) -> bool:
    return abs(pc - place) <= _RETURN_NEAR


def _tells_more(word: int) -> bool:
    """Whether an ARM instruction knows what is not looked at: counters, debug unit, VFP."""
    coprocessor = word & 0x0F00_0010 == 0x0E00_0010
    if coprocessor and word & 0x0F00 == 0x0E00:
        return True
    return bool(is_vfp(word)) or (coprocessor and word & 0x000F_0F00 == 0x000F_0F00)


def _returns(word: int) -> bool:
    """Whether an ARM instruction may return from an exception, in the usual ways."""
    if word >> 28 == 15:
        return word & 0x0E50_0000 == 0x0810_0000
    if word & 0x0E10_8000 == 0x0810_8000:
        return True
    return word & 0x0C00_F000 == 0x0000_F000 or word & 0x0FFF_FFF0 == 0x012F_FF10
