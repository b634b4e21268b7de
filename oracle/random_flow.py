# SPDX-License-Identifier: BSD-2-Clause
"""Random changes of flow: branches, calls, short loops, and switches between ARM and Thumb.

Each item is entered at its top and left at its bottom, whichever way its branches go.
"""

from collections.abc import Callable
from typing import Final

from oracle import random_arm, random_memory, random_thumb, random_vfp
from oracle.random_builder import AL, LR, SP, Builder

_BRANCH: Final = 0x0A00_0000
_LINK: Final = 1 << 24
#: Rounds of a loop: few, or so many that the machine translates its blocks anew.
_ROUNDS: Final = ((2, 6), (34, 44))


def flow(b: Builder) -> None:
    """Append one item of ARM code."""
    b.dice.weighted(_ARM)(b)


def thumb_flow(b: Builder) -> None:
    """Append one item of Thumb code."""
    b.dice.weighted(_THUMB)(b)


def _simple(b: Builder, most: int = 3) -> None:
    for _ in range(b.dice.between(1, most)):
        if b.thumb:
            b.half(random_thumb.simple(b))
        else:
            b.arm(random_arm.simple(b))


def _body(b: Builder) -> None:
    """What a loop repeats: it stays in its state and mode, and may branch ahead."""
    for _ in range(b.dice.between(1, 4)):
        kind = b.dice.below(10)
        if kind < 4:
            _simple(b, 1)
        elif kind < 8:
            (random_thumb if b.thumb else random_memory).access(b)
        elif kind == 8:
            (_thumb_skip if b.thumb else _skip)(b)
        elif not b.thumb:
            random_vfp.steady(b)


def _rounds(b: Builder) -> int:
    return b.dice.between(*b.dice.pick(_ROUNDS))


def branch_word(place: int, goal: int, opcode: int) -> int:
    """An ARM branch at byte offset `place` to `goal`."""
    return opcode | (goal - place - 8) // 4 & 0xFF_FFFF


def _skip(b: Builder) -> None:
    """B or BL, with a condition, over some instructions."""
    place = b.here
    opcode = b.condition() | _BRANCH
    if b.may_write(LR) and b.dice.percent(40):
        opcode |= _LINK
    b.arm(0)
    _simple(b)
    b.patch(place, branch_word(place, b.here, opcode))


def _loop(b: Builder) -> None:
    counter = b.target(LR)  # which an exception in the loop may change
    b.arm(0xE3A0_0000 | counter << 12 | _rounds(b))
    top = b.here
    with b.reserving(counter):
        _body(b)
    b.arm(0xE250_0001 | counter << 16 | counter << 12)
    b.arm(branch_word(b.here, top, 0x1A00_0000))


def _call(b: Builder) -> None:
    """A subroutine in the middle of the code: BL, the way around it, its body and its return."""
    place = b.here
    b.arm(0, 0)
    b.patch(place, branch_word(place, b.here, 0xEB00_0000))
    with b.reserving(LR):
        _simple(b)
    b.arm(b.dice.pick((0xE12F_FF1E, 0xE1A0_F00E)))
    b.patch(place + 4, branch_word(place + 4, b.here, 0xEA00_0000))


def _exchange(b: Builder) -> None:
    """BX or BLX of a register to ARM or Thumb code behind some instructions."""
    thumb = b.dice.bits(1)
    register = b.target()
    link = 0x20 if register != LR and b.may_write(LR) and b.dice.percent(40) else 0
    place = _address_later(b)
    b.arm(0xE12F_FF10 | link | register)
    _land(b, place, register, thumb)


def _address_later(b: Builder) -> int:
    """Leave room for the instruction that will put a later address into a register (`_land`)."""
    place = b.here
    b.arm(0)
    return place


def _land(b: Builder, place: int, register: int, thumb: int) -> None:
    """Some instructions that are skipped; then the address kept at `place`, in its state."""
    _simple(b, 2)
    offset = b.here - place - 8 | thumb
    assert 0 <= offset < 1 << 8
    b.patch(place, 0xE28F_0000 | register << 12 | offset)
    b.thumb = bool(thumb)


def _exchange_immediate(b: Builder) -> None:
    """BLX to Thumb code."""
    place = b.here
    b.arm(0)
    _simple(b, 2)
    half = b.dice.bits(1)
    b.thumb = True
    if half:
        b.half(random_thumb.simple(b))
    distance = b.here - place - 8
    b.patch(place, 0xFA00_0000 | half << 24 | distance // 4 & 0xFF_FFFF)


def _load_address(b: Builder) -> None:
    """LDR or LDM of r15, which may change to Thumb."""
    thumb = b.dice.bits(1)
    register = b.target()
    base = b.target(register)
    place = _address_later(b)
    b.add_constant(base, b.anchor, b.dice.between(-0x40, 0x3F) * 4)
    b.arm(0xE580_0000 | base << 16 | register << 12)
    b.arm(b.dice.pick((0xE590_F000, 0xE890_8000, 0xE8B0_8000, 0xE490_F004)) | base << 16)
    _land(b, place, register, thumb)


def _computed(b: Builder) -> None:
    """MOV or ADD to r15: ARM code, whatever bit 0."""
    register = b.target()
    place = _address_later(b)
    b.arm(0xE1A0_F000 | register)
    _land(b, place, register, 0)


def _table_jump(b: Builder) -> None:
    """ADD of a scaled index to r15."""
    index = b.target()
    b.arm(0xE3A0_0000 | index << 12 | b.dice.below(3))
    b.arm(0xE08F_F100 | index)
    b.arm(*(random_arm.simple(b) for _ in range(3)))


# Thumb --------------------------------------------------------------------------------------


def _thumb_skip(b: Builder) -> None:
    place = b.here
    b.half(0)
    _simple(b)
    distance = (b.here - place - 4) // 2
    word = 0xE000 | distance if b.dice.percent(20) else 0xD000 | b.dice.below(AL) << 8 | distance
    b.patch(place, word, 2)


def _thumb_loop(b: Builder) -> None:
    counter = b.target(below=8)
    b.half(0x2000 | counter << 8 | _rounds(b))
    top = b.here
    with b.reserving(counter):
        _body(b)
    b.half(0x3801 | counter << 8)
    b.half(0xD100 | (top - b.here - 4) // 2 & 0xFF)


def _thumb_link(b: Builder) -> None:
    """BL over some instructions, in its two halves."""
    place = b.here
    b.half(0, 0)
    _simple(b)
    distance = (b.here - place - 4) // 2
    b.patch(place, 0xF000, 2)
    b.patch(place + 2, 0xF800 | distance, 2)


def _thumb_exchange_immediate(b: Builder) -> None:
    """BLX over some instructions, to ARM code."""
    place = b.here
    b.half(0, 0)
    _simple(b)
    _align(b)
    goal = b.here
    base = place + 4 & -4
    b.patch(place, 0xF000, 2)
    b.patch(place + 2, 0xE800 | (goal - base) // 4 << 1, 2)
    b.thumb = False


def _align(b: Builder) -> None:
    if b.here % 4:
        b.half(random_thumb.simple(b))


def _thumb_exchange(b: Builder) -> None:
    """BX of r15, or BX and BLX of a register, to ARM code."""
    if b.dice.percent(40):
        _align(b)
        b.half(0x4778, random_thumb.simple(b))
        b.thumb = False
        return
    _align(b)
    register = b.target(below=8)
    place = b.here
    b.half(0, 0x4700 | b.dice.bits(1) << 7 | register << 3)
    _simple(b, 2)
    _align(b)
    b.patch(place, 0xA000 | register << 8 | (b.here - place - 4) // 4, 2)
    b.thumb = False


def _thumb_computed(b: Builder) -> None:
    """MOV to r15, which stays in Thumb."""
    _align(b)
    register = b.target(below=8)
    place = b.here
    b.half(0, 0x4687 | register << 3)
    _simple(b, 2)
    _align(b)
    b.patch(place, 0xA000 | register << 8 | (b.here - place - 4) // 4, 2)


def _thumb_pop(b: Builder) -> None:
    """PUSH of a register, and POP of it into r15, which may change to ARM."""
    thumb = b.dice.bits(1)
    _align(b)
    register = b.target(below=8)
    place = b.here
    b.half(0, 0x1C40 | register << 3 | register if thumb else 0x1C00 | register << 3 | register)
    b.half(0x4680 | (SP & 7) | b.anchor << 3, 0xB400 | 1 << register, 0xBD00)
    _simple(b, 2)
    _align(b)
    b.patch(place, 0xA000 | register << 8 | (b.here - place - 4) // 4, 2)
    b.thumb = bool(thumb)


_ARM: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_skip, 30),
    (_loop, 12),
    (_call, 8),
    (_exchange, 14),
    (_exchange_immediate, 5),
    (_load_address, 10),
    (_computed, 4),
    (_table_jump, 4),
)
_THUMB: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_thumb_skip, 30),
    (_thumb_loop, 12),
    (_thumb_link, 8),
    (_thumb_exchange_immediate, 5),
    (_thumb_exchange, 8),
    (_thumb_computed, 4),
    (_thumb_pop, 6),
)
