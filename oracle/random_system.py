# SPDX-License-Identifier: BSD-2-Clause
"""Random system instructions: status registers, modes, byte order, exceptions and returns.

A privileged sequence never loses its way: the mode that each item leaves behind is kept in the
builder. Bits that no CPSR of this core has are not written.
"""

from collections.abc import Callable
from typing import Final

from oracle import random_vfp
from oracle.random_builder import LR, PRIVILEGED_MODES, SP, SYS, USR, Builder

#: CPSR bits that a sequence may have: N to Q, GE, E, A, I and F.
_STATUS_FREE: Final = 0xF80F_03C0
_THUMB_BIT: Final = 1 << 5
#: UDF, and encodings that neither ARMv6 nor ARMv6K has.
_UNDEFINED: Final = (0x0600_0010, 0x0640_0010, 0x0780_0030, 0x07F0_00F0, 0x07FF_FFFF)
_UDF: Final = _UNDEFINED[3:]
#: Coprocessors that this chip lacks.
_NO_COPROCESSOR: Final = (0xEE00_0110, 0xEE11_1310, 0xED90_0500, 0xEC41_0400)
#: MRC of the control register and MCR of the domains: user mode has neither.
_PRIVILEGED_ONLY: Final = (0xEE11_0F10, 0xEE03_0F10)
_BARRIERS: Final = (0xEE07_0F9A, 0xEE07_0FBA, 0xEE07_0F95)
#: Numbers of supervisor calls below that of semihosting.
_SVC_FREE: Final = 0x10_0000
_SRS_MODES: Final = (0x0000_0000, 0x0080_0000, 0x0100_0000, 0x0180_0000)


def status_value(b: Builder, mode: int) -> int:
    """A CPSR or SPSR of that mode, in ARM state."""
    return b.dice.bits(32) & _STATUS_FREE & ~(0x200 * (b.dice.below(4) > 0)) | mode


def system(b: Builder) -> None:
    """Append one item of ARM code that the mode allows, or that raises an exception."""
    b.dice.weighted(_PRIVILEGED if b.privileged else _USER)(b)


def thumb_system(b: Builder) -> None:
    """Append one item of Thumb code."""
    dice = b.dice
    kind = dice.below(5)
    if kind == 0:
        b.half(0xB650 | dice.bits(1) << 3)  # SETEND
    elif kind == 1:
        b.half(0xB660 | dice.bits(1) << 4 | dice.between(1, 7))  # CPS
    elif kind == 2:
        b.half(0xDF00 | dice.below(0x80))
    elif kind == 3:
        b.half(0xDE00 | dice.bits(8))
    else:
        b.half(0xBE00 | dice.bits(8))


def _set_endianness(b: Builder) -> None:
    b.arm(0xF101_0000 | b.dice.bits(1) << 9)


def _write_endianness(b: Builder) -> None:
    """MSR of the field that holds E, which user mode may write too, and A, which it may not."""
    b.arm(0xE322_F000 | b.dice.pick((0x000, 0xC01, 0xC02, 0xC03)))


def _call_supervisor(b: Builder) -> None:
    b.arm(b.condition() | 0x0F00_0000 | b.dice.below(_SVC_FREE))


def _undefined(b: Builder) -> None:
    word = b.dice.pick(_UNDEFINED)
    b.arm(word | (0xE000_0000 if word in _UDF else b.condition()))


def _no_coprocessor(b: Builder) -> None:
    b.arm(b.dice.pick(_NO_COPROCESSOR) & 0x0FFF_FFFF | b.condition())


def _breakpoint(b: Builder) -> None:
    b.arm(0xE120_0070 | b.dice.bits(12) << 8 | b.dice.bits(4))


def _barrier(b: Builder) -> None:
    register = b.target()
    b.arm(0xE3A0_0000 | register << 12, b.dice.pick(_BARRIERS) | register << 12)


def _privileged_only(b: Builder) -> None:
    b.arm(b.dice.pick(_PRIVILEGED_ONLY) | b.target() << 12)


def _change_state_as_user(b: Builder) -> None:
    """CPS, which does nothing in user mode, and MSR of fields that user mode cannot write."""
    if b.dice.bits(1):
        b.arm(0xF10C_0000 | b.dice.between(1, 7) << 6)
    else:
        b.arm(b.condition() | 0x0321_F000 | b.dice.pick(PRIVILEGED_MODES))


def _change_state(b: Builder) -> None:
    """CPS: masks, a mode, or both. Rarely to user mode, from which nothing leads back."""
    dice = b.dice
    masks = dice.pick((0, 0xC_0000, 0x8_0000)) | dice.between(1, 7) << 6
    if not masks & 0xC_0000:
        masks = 0
    mode = 0
    if dice.percent(70) or not masks:
        b.mode = USR if dice.percent(3) else dice.pick(PRIVILEGED_MODES)
        mode = 0x2_0000 | b.mode
    b.arm(0xF100_0000 | masks | mode)


def _write_control_field(b: Builder) -> None:
    """MSR of the whole CPSR, or of its control field, through a register."""
    register = b.target()
    mode = b.dice.pick(PRIVILEGED_MODES)
    b.set_constant(register, status_value(b, mode))
    b.arm(0xE120_F000 | b.dice.pick((1, 9, 13, 15)) << 16 | register)
    b.mode = mode


def _saved_status(b: Builder) -> None:
    """MRS and MSR of SPSR."""
    if not b.banked:
        _write_control_field(b)
        return
    register = b.target()
    b.set_constant(register, status_value(b, b.dice.pick(PRIVILEGED_MODES)))
    b.arm(b.condition() | 0x0160_F000 | b.dice.between(1, 15) << 16 | register)
    b.arm(b.condition() | 0x014F_0000 | b.target() << 12)


def _return(b: Builder) -> None:
    """MOVS, SUBS or LDM of r15 with a prepared SPSR: a return from an exception."""
    if not b.banked:
        _change_state(b)
        return
    mode, thumb, register = _prepare_status(b)
    b.arm(0xE16F_F000 | register)
    kind = b.dice.below(3)
    place = b.here
    link = LR if b.may_write(LR) else register
    b.arm(0)
    if kind == 0:
        b.arm(0xE1B0_F000 | link)
    elif kind == 1:
        b.arm(0xE250_F004 | link << 16)
    else:
        base = b.target(link)
        b.add_constant(base, b.anchor, b.dice.between(-0x40, 0x3F) * 4)
        b.arm(0xE580_0000 | base << 16 | link << 12, 0xE8D0_8000 | base << 16)
    offset = b.here - place - 8 + (4 if kind == 1 else 0)
    b.patch(place, 0xE28F_0000 | link << 12 | offset)
    b.mode, b.thumb = mode, thumb


def _prepare_status(b: Builder) -> tuple[int, bool, int]:
    """A register with a status to return to; its mode and state."""
    mode = USR if b.dice.percent(5) else b.dice.pick(PRIVILEGED_MODES)
    thumb = b.dice.percent(40)
    register = b.target(LR)
    b.set_constant(register, status_value(b, mode) | (_THUMB_BIT if thumb else 0))
    return mode, thumb, register


def _return_from_exception(b: Builder) -> None:
    """RFE in one of its four modes, from words that were stored before it."""
    mode, thumb, register = _prepare_status(b)
    place = b.here
    target = b.target(register)
    base = b.target(register, target)
    b.arm(0)
    offset = b.dice.between(-0x30, 0x2F) * 4
    kind = b.dice.below(4)
    b.add_constant(base, b.anchor, offset)
    b.arm(0xE580_0000 | base << 16 | target << 12, 0xE580_0004 | base << 16 | register << 12)
    move = (-4, 0, -8, 4)[kind]  # DA, IA, DB and IB put the two words at base, seen from here
    b.add_constant(base, base, -move)
    b.arm(0xF810_0A00 | kind << 23 | b.dice.bits(1) << 21 | base << 16)
    b.patch(place, 0xE28F_0000 | target << 12 | (b.here - place - 8))
    b.mode, b.thumb = mode, thumb


def _store_return_state(b: Builder) -> None:
    """SRS to the stack of the mode itself."""
    if not b.banked or not b.may_write(SP):
        _change_state(b)
        return
    b.add_constant(SP, b.anchor, b.dice.between(-0x40, 0x3F) * 4)
    word = 0xF84D_0500 | b.dice.pick(_SRS_MODES) | b.dice.bits(1) << 21
    b.arm(word | b.mode)


def _store_other_return_state(b: Builder) -> None:
    """SRS to the stack of another mode, which is given a place in memory first."""
    other = b.dice.pick([mode for mode in PRIVILEGED_MODES if mode != SYS])
    b.arm(0xF102_0000 | other)
    b.mode, mode = other, b.mode
    b.add_constant(SP, b.anchor, b.dice.between(-0x40, 0x3F) * 4)
    b.mode = mode if mode != SYS else other
    b.arm(0xF102_0000 | b.mode)
    b.arm(0xF84D_0500 | b.dice.pick(_SRS_MODES) | b.dice.bits(1) << 21 | other)


def _refused_return_state(b: Builder) -> None:
    """SRS and RFE at an address that is no word's: an abort, and nothing else happens."""
    if b.checks.forced or not b.banked:
        _change_state(b)
        return
    place = b.dice.between(-0x40, 0x3F) * 4 + b.dice.between(1, 3)
    modes = b.dice.pick(_SRS_MODES) | b.dice.bits(1) << 21
    if b.dice.bits(1):
        b.add_constant(SP, b.anchor, place)
        b.arm(0xF84D_0500 | modes | b.mode)
    else:
        base = b.target()
        b.add_constant(base, b.anchor, place)
        b.arm(0xF810_0A00 | modes | base << 16)


def _without_vfp(b: Builder) -> None:
    """FPEXC.EN clear for the time of one instruction, which is undefined then."""
    register = b.target()
    b.arm(0xE3A0_0000 | register << 12, 0xEEE8_0A10 | register << 12)
    with b.reserving(register):
        random_vfp.steady(b)
    b.arm(0xE3A0_0101 | register << 12, 0xEEE8_0A10 | register << 12)


_RAISING: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_set_endianness, 8),
    (_write_endianness, 3),
    (_call_supervisor, 10),
    (_undefined, 4),
    (_no_coprocessor, 4),
    (_breakpoint, 4),
    (_barrier, 3),
)
_USER: Final = (*_RAISING, (_privileged_only, 4), (_change_state_as_user, 4))
_PRIVILEGED: Final = (
    *_RAISING,
    (_change_state, 14),
    (_write_control_field, 8),
    (_saved_status, 10),
    (_return, 14),
    (_return_from_exception, 10),
    (_store_return_state, 8),
    (_store_other_return_state, 5),
    (_refused_return_state, 2),
    (_without_vfp, 3),
)
