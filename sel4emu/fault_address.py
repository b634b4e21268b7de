# SPDX-License-Identifier: BSD-2-Clause
"""Which bytes a memory instruction accesses, from its encoding and the registers.

Unicorn reports the page of a refused access, not its address; the low bits of FAR come from
here. Used on the path of a data abort only. Encodings: ARM ARM A3 and A7 (Thumb).

Modelled: every load and store of ARMv6 and VFPv2, ARM and Thumb state, SRS and RFE.
Not modelled: nothing; an instruction that accesses no memory yields None.
"""

from collections.abc import Callable
from typing import NamedTuple

WORD_MASK = 0xFFFF_FFFF
PAGE_BYTES = 4096

#: Value of a register by name ("r0" to "r15"; "sp_13" is the stack pointer of mode 0x13).
ReadRegister = Callable[[str], int]


class Access(NamedTuple):
    """The lowest address of an access and how many bytes it covers."""

    start: int
    size: int


def _register(read: ReadRegister, number: int, pc_offset: int) -> int:
    value = read(f"r{number}")
    return value + pc_offset if number == 15 else value


def _shifted(word: int, read: ReadRegister) -> int:
    """Register offset shifted by an immediate (ARM ARM A5.2.4)."""
    value = _register(read, word & 15, 8)
    amount = (word >> 7) & 31
    kind = (word >> 5) & 3
    if kind == 0:
        return (value << amount) & WORD_MASK
    if kind == 1:
        return value >> (amount or 32)
    if kind == 2:
        signed = value - (1 << 32) if value >> 31 else value
        return (signed >> (amount or 32)) & WORD_MASK
    if amount == 0:  # RRX
        return (read("cpsr") >> 29 & 1) << 31 | value >> 1
    return (value >> amount | value << (32 - amount)) & WORD_MASK


def _indexed(word: int, read: ReadRegister, offset: int) -> int:
    """Base and offset combined as the P and U bits say."""
    base = _register(read, (word >> 16) & 15, 8)
    if not (word >> 24) & 1:  # post-indexed: the base itself
        return base
    return (base + offset if (word >> 23) & 1 else base - offset) & WORD_MASK


def _single(word: int, read: ReadRegister) -> Access:
    """LDR, STR, LDRB, STRB and their unprivileged forms."""
    offset = _shifted(word, read) if (word >> 25) & 1 else word & 0xFFF
    return Access(_indexed(word, read, offset), 1 if (word >> 22) & 1 else 4)


def _extra(word: int, read: ReadRegister) -> Access:
    """Halfwords, signed bytes and doublewords (addressing mode 3)."""
    if (word >> 22) & 1:
        offset = (word >> 4) & 0xF0 | word & 0xF
    else:
        offset = _register(read, word & 15, 8)
    kind = (word >> 5) & 3
    load = (word >> 20) & 1
    if kind == 1:
        size = 2
    elif load:
        size = 1 if kind == 2 else 2
    else:
        size = 8  # LDRD, STRD
    return Access(_indexed(word, read, offset), size)


def _block(base: int, count: int, before: int, up: int) -> Access:
    """LDM, STM, SRS, RFE and VFP multiples: `count` words below or above the base."""
    if up:
        start = base + 4 if before else base
    else:
        start = base - 4 * count + (0 if before else 4)
    return Access(start & WORD_MASK, 4 * count)


def _multiple(word: int, read: ReadRegister) -> Access:
    base = read(f"r{(word >> 16) & 15}")
    count = (word & 0xFFFF).bit_count()
    return _block(base, count, (word >> 24) & 1, (word >> 23) & 1)


def _exclusive_or_swap(word: int, read: ReadRegister) -> Access:
    base = read(f"r{(word >> 16) & 15}")
    kind = (word >> 21) & 7
    if (word >> 23) & 1:  # LDREX, STREX; B, D and H exist on v6K
        return Access(base, {4: 4, 5: 8, 6: 1, 7: 2}[max(kind, 4)])
    return Access(base, 1 if (word >> 22) & 1 else 4)


def _coprocessor(word: int, read: ReadRegister) -> Access | None:
    """LDC, STC, and VFP's FLD, FST, FLDM, FSTM; MCRR and MRRC stand where P, U and W are clear."""
    if not word & 0x01A0_0000:
        return None
    offset = (word & 0xFF) * 4
    start = _indexed(word, read, offset)
    single = (word >> 24) & 1 and not (word >> 21) & 1
    if single:
        return Access(start, 8 if (word >> 8) & 1 else 4)
    if (word >> 24) & 1 and not (word >> 23) & 1:  # decrement before: the lowest address
        return Access(start, offset)
    return Access(read(f"r{(word >> 16) & 15}"), offset)


def _unconditional(word: int, read: ReadRegister) -> Access | None:
    """SRS and RFE."""
    before, up = (word >> 24) & 1, (word >> 23) & 1
    if word & 0x0E50_0000 == 0x0840_0000:
        return _block(read(f"sp_{word & 0x1F:x}"), 2, before, up)
    if word & 0x0E50_0000 == 0x0810_0000:
        return _block(read(f"r{(word >> 16) & 15}"), 2, before, up)
    return None


def arm_access(word: int, read: ReadRegister) -> Access | None:
    """The bytes that an ARM instruction accesses; None if it accesses no memory."""
    if word >> 28 == 15:
        return _unconditional(word, read)
    group = (word >> 25) & 7
    if group == 0 and word & 0x90 == 0x90:
        if word & 0x60:
            return _extra(word, read)
        return _exclusive_or_swap(word, read) if (word >> 24) & 1 else None
    if group == 2 or (group == 3 and not word & 0x10):
        return _single(word, read)
    if group == 4:
        return _multiple(word, read)
    if group == 6 and word & 0x0E00 == 0x0A00 and word & 0x0FE0_0000 != 0x0C40_0000:
        return _coprocessor(word, read)  # VFP's, but for its transfers of two registers
    return None


_THUMB_REGISTER_SIZES = (4, 2, 1, 1, 4, 2, 1, 2)  # STR STRH STRB LDRSB LDR LDRH LDRB LDRSH


def _thumb_block(half: int, read: ReadRegister) -> Access:
    """PUSH, POP, LDMIA, STMIA."""
    count = (half & 0xFF).bit_count()
    if half >> 12 == 0xC:
        return Access(read(f"r{(half >> 8) & 7}"), 4 * count)
    count += (half >> 8) & 1
    if (half >> 11) & 1:
        return Access(read("r13"), 4 * count)
    return Access((read("r13") - 4 * count) & WORD_MASK, 4 * count)


def thumb_access(half: int, read: ReadRegister) -> Access | None:
    """The bytes that a Thumb instruction accesses; None if it accesses no memory."""
    group = half >> 12
    base = read(f"r{(half >> 3) & 7}")
    immediate = (half >> 6) & 31
    if half >> 11 == 0b01001:
        return Access((read("r15") + 4 & ~3) + 4 * (half & 0xFF), 4)
    if group == 5:
        offset = read(f"r{(half >> 6) & 7}")
        return Access((base + offset) & WORD_MASK, _THUMB_REGISTER_SIZES[(half >> 9) & 7])
    if group == 6:
        return Access((base + 4 * immediate) & WORD_MASK, 4)
    if group == 7:
        return Access((base + immediate) & WORD_MASK, 1)
    if group == 8:
        return Access((base + 2 * immediate) & WORD_MASK, 2)
    if group == 9:
        return Access((read("r13") + 4 * (half & 0xFF)) & WORD_MASK, 4)
    if group == 0xC or half & 0xF600 == 0xB400:
        return _thumb_block(half, read)
    return None


def alignment(word: int, access: Access, *, thumb: bool, doublewords: bool) -> int:
    """What the address of an access that is checked must be a multiple of (DDI 0211, 4.4).

    `doublewords`: LDRD and STRD need 8 bytes (SCTLR.A set, U clear), and not 4.
    """
    if not thumb and word & 0x0E10_00D0 == 0x0000_00D0:
        return 8 if doublewords else 4
    if not thumb and word & 0x0FE0_00F0 == 0x01A0_0090:  # LDREXD, STREXD
        return 8
    return min(access.size, 4)


def lost_base(word: int, page: int, read: ReadRegister) -> tuple[int, int] | None:
    """Base register of an ARM instruction that was refused in `page`, and what it must hold.

    None if it still holds that. LDRD into its own base loses it where the first word was loaded
    from the page before; the architecture has the base restored (ARM ARM A2.6.5).
    """
    base = (word >> 16) & 15
    if word & 0x0E10_00F0 != 0x0000_00D0 or word >> 28 == 15 or base != (word >> 12) & 15:
        return None
    access = _extra(word, read)
    if access.start & -PAGE_BYTES == page & -PAGE_BYTES:
        return None
    displacement = access.start - read(f"r{base}")
    return base, (page & -PAGE_BYTES) - 4 - displacement & WORD_MASK


def fault_address(access: Access | None, page: int, size: int = PAGE_BYTES) -> int:
    """FAR for an access that the MMU refused in the page, or subpage, of `size` bytes at `page`.

    The access may begin in another page. It seems to lie elsewhere where its first half was
    loaded into its own base register (LDRD): then it went from the page before to this one.
    """
    if access is not None and access.start & -size == page:
        return access.start
    return page
