# SPDX-License-Identifier: BSD-2-Clause
"""Items of a program that change the flow: loops, branches, calls, returns, jumps, Thumb code."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from tests.random.arm_words import AL, LR, POINTERS, ArmWords
from tests.random.thumb_words import INDEX as THUMB_INDEX
from tests.random.thumb_words import POINTER as THUMB_POINTER
from tests.random.thumb_words import ThumbWords
from tests.random.timing_code import Code
from tests.random.timing_memory import WRITE_BACK
from tests.random.timing_setup import Setup

_COUNTER: Final = 6
_THUMB_COUNTER: Final = 5
_BX: Final = 0x012F_FF10
_BLX: Final = 0x012F_FF30
_BXJ: Final = 0x012F_FF20
_PUSH_LR: Final = 0xE92D_4000
_MOV_PC_LR: Final = 0x01A0_F00E
#: Ways to return with the address in LR, and with it on top of the stack.
_RETURNS: Final = (_BX | LR, _MOV_PC_LR)
_POPS: Final = (0x049D_F004, 0x08BD_8000)


class FlowItems(ABC):
    """Mixed into a builder of programs."""

    chance: random.Random
    setup: Setup
    code: Code
    words: ArmWords
    halves: ThumbWords
    functions: list[Callable[[], None]]

    def flow_items(self) -> list[tuple[Callable[[], None], int]]:
        """Items and weights."""
        return [
            (self.forward, 8), (self.loop, 7), (self.backward, 3), (self.call, 8),
            (self.deep_call, 2), (self.jump, 6), (self.thumb, 6), (self.table_jump, 2),
        ]  # fmt: skip

    @abstractmethod
    def pointer(self) -> int:
        """An address of memory; the builder knows."""

    def _some(self, most: int, least: int = 1) -> None:
        for _ in range(self.chance.randint(least, most)):
            self.code.arm(self.words.simple())

    def _condition(self) -> int:
        return self.chance.randrange(14)

    def _gap(self) -> None:
        """Sometimes a stretch that nobody executes, to reach other lines and entries."""
        if self.chance.random() < 0.3:
            label = self.code.new_label()
            self.code.branch(label)
            self.code.arm(*[0xE1A0_0000] * self.chance.randint(1, 12))
            self.code.place(label)

    def forward(self) -> None:
        """A conditional branch forward."""
        label = self.code.new_label()
        self.code.branch(label, self._condition() if self.chance.random() < 0.85 else AL)
        self._some(4, 0)
        self.code.place(label)
        self._gap()

    def loop(self) -> None:
        """A counted loop, perhaps with a branch inside it."""
        label = self.code.new_label()
        self.code.arm(0xE3A0_0000 | _COUNTER << 12 | self.chance.randint(1, 4))
        self.words.reserved.add(_COUNTER)
        self.code.place(label)
        self._some(3, 0)
        if self.chance.random() < 0.4:
            self.forward()
        self.code.arm(0xE250_0001 | _COUNTER << 16 | _COUNTER << 12)
        if self.chance.random() < 0.3:
            self.code.arm(0xE1A0_0000)
        self.code.branch(label, 1)
        self.words.reserved.discard(_COUNTER)

    def counted(self, count: int, body: Callable[[], None], also: set[int]) -> None:
        """A loop around `body`, which writes the registers `also`."""
        counter = next(n for n in (_COUNTER, 0, 1, 2) if n not in also)
        label = self.code.new_label()
        self.code.arm(0xE3A0_0000 | counter << 12 | count)
        self.code.place(label)
        body()
        self.code.arm(0xE250_0001 | counter << 16 | counter << 12)
        self.code.branch(label, 1)

    def backward(self) -> None:
        """A branch backward that is taken once, whatever its condition is."""
        back, ahead, out = (self.code.new_label() for _ in range(3))
        self.code.branch(ahead)
        self.code.place(back)
        self._some(2, 0)
        self.code.branch(out)
        self.code.place(ahead)
        condition = self._condition() if self.chance.random() < 0.6 else AL
        self.code.branch(back, condition)
        self.code.place(out)

    # Calls ----------------------------------------------------------------------------------

    def call(self) -> None:
        """A function, called once or twice: by BL, BLX, or LR set by hand."""
        label = self.code.new_label()
        thumb = self.chance.random() < 0.3
        self.functions.append(lambda: self._function(label, thumb=thumb))
        for _ in range(self.chance.randint(1, 2)):
            self._call(label, thumb=thumb)
            self._some(2)

    def _call(self, label: str, *, thumb: bool) -> None:
        if self.chance.random() < 0.3:
            target = self.words.target()
            self.code.literal(target, f"{label}+{int(thumb)}")
            self.code.arm((AL << 28 if thumb else self.words.condition()) | _BLX | target)
        elif thumb:
            self.code.branch_exchange(label)
        else:
            condition = self._condition() if self.chance.random() < 0.25 else AL
            self.code.branch(label, condition, link=True)

    def _function(self, label: str, *, thumb: bool, interwork: bool = False) -> None:
        """ARM or Thumb; with `interwork` one that Thumb code calls."""
        self.code.align()
        self.code.place(label)
        saved = self.chance.random() < 0.5
        if thumb:
            self._thumb_function(saved=saved)
            return
        self.words.stack = not saved
        if interwork:
            self.words.reserved |= {THUMB_POINTER, THUMB_INDEX}
        if saved:
            self.code.arm(_PUSH_LR)
        self._some(3, 0)
        self.words.stack = True
        self.words.reserved -= {THUMB_POINTER, THUMB_INDEX}
        forms = _POPS if saved else _RETURNS[:1] if interwork else _RETURNS
        kind = self.chance.random()
        if kind < 0.15 and not saved:  # one instruction behind the call is left out
            self.code.arm(0xE28E_E004)
        if kind > 0.75:
            self.code.arm(self._condition() << 28 | self.chance.choice(forms))
        self.code.arm(AL << 28 | self.chance.choice(forms))

    def _thumb_function(self, *, saved: bool) -> None:
        self.halves.stack = False
        if saved:
            self.code.thumb(0xB500)
        self.code.thumb(0x4647, self.halves.index_reload())  # mov r7, r8
        self._thumb_some(3)
        self.code.thumb(0xBD00 if saved else 0x4770)
        self.halves.stack = True

    def deep_call(self) -> None:
        """A chain of calls deeper than the return stack."""
        labels = [self.code.new_label() for _ in range(self.chance.randint(3, 5))]
        self.functions.append(lambda: self._chain(labels))
        self.code.branch(labels[0], link=True)
        self._some(1)

    def _chain(self, labels: list[str]) -> None:
        self.code.align()
        self.words.stack = False
        for label, following in zip(labels, [*labels[1:], ""], strict=True):
            self.code.place(label)
            if following:
                self.code.arm(_PUSH_LR)
                self.code.branch(following, link=True)
                self.code.arm(AL << 28 | self.chance.choice(_POPS))
            else:
                self._some(1, 0)
                self.code.arm(AL << 28 | self.chance.choice(_RETURNS))
        self.words.stack = True

    # Jumps ----------------------------------------------------------------------------------

    def jump(self) -> None:
        """To a place a little ahead, by each instruction that writes PC."""
        label = self.code.new_label()
        forms = (
            self._jump_register, self._jump_shifted, self._jump_literal, self._jump_stack,
            self._jump_multiple, self._jump_slow, self._jump_add,
        )  # fmt: skip
        self.chance.choice(forms)(label)
        self._some(2, 0)
        self.code.place(label)

    def _jump_register(self, label: str) -> None:
        target = self.words.target()
        self.code.literal(target, label)
        form = self.chance.choice((_BX, _BXJ, _BLX, 0x01A0_F000))
        self.code.arm(self.words.condition() | form | target)

    def _jump_shifted(self, label: str) -> None:
        target, zero = self.words.targets(2)
        self.code.literal(target, label)
        condition = self.words.condition()
        if self.chance.getrandbits(1):
            self.code.arm(0xE3A0_0000 | zero << 12)
            self.code.arm(condition | 0x01A0_F010 | zero << 8 | target)
        else:
            self.code.arm(0xE1A0_0860 | target << 12 | target)  # ror #16, twice
            self.code.arm(condition | 0x01A0_F860 | target)

    def _jump_literal(self, label: str) -> None:
        self.code.literal_pc(label, self.chance.choice((AL, AL, self._condition())))

    def _jump_stack(self, label: str) -> None:
        target = self.words.target()
        self.code.literal(target, label)
        self.code.arm(0xE52D_0004 | target << 12)  # push
        if self.chance.random() < 0.3:
            self.code.arm(0xE1A0_0000)
        self.code.arm(AL << 28 | self.chance.choice(_POPS))

    def _jump_multiple(self, label: str) -> None:
        """LDM of PC and data by a pointer into memory that is surely there."""
        target, other = sorted(self.words.targets(2))
        base = self.chance.choice(POINTERS)
        self.code.literal(base, self.safe_pointer())
        self.code.literal(other, label)
        self.code.arm(0xE880_0000 | base << 16 | 1 << target | 1 << other)
        self.code.arm(0xE890_8000 | base << 16 | 1 << target)

    def _jump_slow(self, label: str) -> None:
        """LDR of PC with a negative register offset."""
        target, zero = self.words.targets(2)
        base = self.chance.choice(POINTERS)
        self.code.literal(base, self.safe_pointer())
        self.code.literal(target, label)
        self.code.arm(0xE580_0000 | base << 16 | target << 12)
        self.code.arm(0xE3A0_0000 | zero << 12)
        self.code.arm(self.words.condition() | 0x0710_F000 | base << 16 | zero)

    def _jump_add(self, label: str) -> None:
        """ADD PC, PC, #0: two ahead."""
        self.code.arm(0xE28F_F000, 0xE1A0_0000)

    def safe_pointer(self) -> int:
        """An address in cached memory that every mode may use."""
        return WRITE_BACK + self.chance.randrange(0, 0x1_0000, 4)

    def table_jump(self) -> None:
        """ADD PC, PC, Rn, LSL #2 over one of four branches."""
        index = self.words.target()
        out = self.code.new_label()
        self.code.arm(0xE3A0_0000 | index << 12 | self.chance.randrange(4))
        self.code.arm(0xE08F_F100 | index, 0xE1A0_0000)
        for _ in range(4):
            self.code.branch(out)
        self.code.place(out)

    # Thumb ----------------------------------------------------------------------------------

    def thumb(self) -> None:
        """A stretch of Thumb code with branches, a loop and a call in it."""
        self.code.literal(THUMB_POINTER, self.pointer())
        target = self.words.target()
        if target == THUMB_POINTER:
            target = 0
        self.code.arm(0xE28F_0001 | target << 12, AL << 28 | _BX | target)
        self.code.thumb(self.halves.index_reload())
        for _ in range(self.chance.randint(1, 3)):
            self._thumb_some(4)
            forms = (self._thumb_forward, self._thumb_loop, self._thumb_call, self._thumb_service)
            self.chance.choice(forms)()
        self.code.align()
        self.code.thumb(0x4778, 0x46C0)  # bx pc, and its other half

    def _thumb_some(self, most: int) -> None:
        for _ in range(self.chance.randint(0, most)):
            self.code.thumb(self.halves.simple())

    def _thumb_forward(self) -> None:
        label = self.code.new_label()
        self.code.thumb_branch(label, self._condition() if self.chance.random() < 0.7 else AL)
        self._thumb_some(3)
        self.code.place(label)

    def _thumb_loop(self) -> None:
        label = self.code.new_label()
        self.code.thumb(0x2000 | _THUMB_COUNTER << 8 | self.chance.randint(1, 3))
        self.halves.reserved.add(_THUMB_COUNTER)
        self.code.place(label)
        self._thumb_some(2)
        self.code.thumb(0x3801 | _THUMB_COUNTER << 8)
        self.code.thumb_branch(label, 1)
        self.halves.reserved.discard(_THUMB_COUNTER)

    def _thumb_call(self) -> None:
        label = self.code.new_label()
        thumb = self.chance.getrandbits(1) == 1
        self.functions.append(lambda: self._function(label, thumb=thumb, interwork=True))
        self.code.thumb_call(label, exchange=not thumb)
        self.code.thumb(0x46C0, 0x46C0)  # a function may come back two or four bytes further
        if self.chance.getrandbits(1):
            self.code.thumb(0x2000 | THUMB_INDEX << 8)

    def _thumb_service(self) -> None:
        self.code.thumb(self.chance.choice((0xDF00, 0xDE00)))  # svc #0 or an undefined one
