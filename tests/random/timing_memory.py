# SPDX-License-Identifier: BSD-2-Clause
"""The memory of the timing programs: windows of every type, page tables, exception handlers.

Everything is mapped at its own address too, so that a program runs with the MMU off as well.
Descriptors are those of the ARM architecture manual, chapter B4, in both formats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sel4emu.asm import assemble

RAM: Final = 0x8000_0000
#: The program, and the same memory at a second virtual address.
CODE: Final = 0x8000_4000
ALIAS: Final = 0xC000_4000
#: A ladder of code, each step in the next page, all in one set of the instruction cache.
LADDER: Final = 0x8001_0100
LADDER_STEPS: Final = 12
TABLES: Final = 0x8010_0000
#: One 1 KB table of small pages for each of the two address spaces, then others.
SECOND_LEVEL: Final = 0x8011_0000
SPACES: Final = 2
SPACE_STRIDE: Final = 0x4000
WRITE_BACK: Final = 0x8020_0000
PAGES: Final = 0x8030_0000
WRITE_THROUGH: Final = 0x8040_0000
NOT_CACHED: Final = 0x8050_0000
STRONGLY_ORDERED: Final = 0x8060_0000
LARGE_PAGES: Final = 0x8070_0000
STACKS: Final = 0x8080_0000
OTHER_DOMAIN: Final = 0x8090_0000
DEVICE_MEMORY: Final = 0x80A0_0000
SHARED: Final = 0x80B0_0000
SUPERSECTION: Final = 0x8100_0000
#: What programs write, and a reset clears.
WRITTEN: Final = ((TABLES, 0x2_0000), (WRITE_BACK, 0xA0_0000), (SUPERSECTION, 0x10_0000))
HIGH_VECTORS: Final = 0xFFFF_0000
VECTOR_PAGE: Final = 0x8000_2000
NOWHERE: Final = 0x9000_0000
DEVICES: Final = (0x43FA_C000, 0x53FA_4000, 0x53FC_C000, 0x5001_C000, 0xB400_0000)
L2CC: Final = 0x3000_0000
AVIC: Final = 0x6800_0000
WINDOWS: Final = (
    WRITE_BACK, WRITE_BACK, WRITE_BACK, PAGES, PAGES, PAGES, WRITE_THROUGH, NOT_CACHED,
    STRONGLY_ORDERED, LARGE_PAGES, OTHER_DOMAIN, DEVICE_MEMORY, SHARED, SUPERSECTION, STACKS,
)  # fmt: skip


@dataclass(frozen=True)
class Type:
    """The memory type of a mapping, and what it permits."""

    tex: int = 1
    c: int = 1
    b: int = 1
    shared: int = 0
    ap: int = 3
    apx: int = 0
    local: int = 0

    @property
    def cb(self) -> int:
        """C and B in their places."""
        return self.c << 3 | self.b << 2

    def section(self, physical: int, *, xp: bool, domain: int = 0) -> int:
        """A section's descriptor."""
        word = physical & 0xFFF0_0000 | self.tex << 12 | self.ap << 10 | domain << 5 | self.cb | 2
        if xp:
            word |= self.local << 17 | self.shared << 16 | self.apx << 15
        return word

    def small(self, physical: int, *, xp: bool) -> int:
        """A small page's (without XP: an extended one's where TEX is not 0)."""
        word = physical & 0xFFFF_F000 | self.tex << 6 | self.cb
        if xp:
            word |= self.local << 11 | self.shared << 10 | self.apx << 9
            return word | self.ap << 4 | 2
        if self.tex:
            return word | self.ap << 4 | 3
        return word | self.ap * 0x55 << 4 | 2

    def large(self, physical: int, *, xp: bool) -> int:
        """A large page's."""
        word = physical & 0xFFFF_0000 | self.tex << 12 | self.cb | 1
        if xp:
            return word | self.local << 11 | self.shared << 10 | self.apx << 9 | self.ap << 4
        return word | self.ap * 0x55 << 4


NORMAL: Final = Type()
#: Types of pages, in the order in which a page window has them.
TYPES: Final = (
    NORMAL,
    Type(tex=0),
    Type(tex=0, b=0),
    Type(c=0, b=0),
    Type(tex=0, c=0, b=0),
    Type(tex=0, c=0),
    Type(tex=2, c=0, b=0),
    Type(shared=1),
    Type(tex=5, c=0, b=0),
    Type(tex=4),
    Type(tex=6),
    Type(tex=7, b=0),
    Type(tex=5, c=0, b=1),
    Type(ap=1),
    Type(ap=2),
    Type(ap=0),
    Type(ap=1, apx=1),
    Type(ap=2, apx=1),
    Type(local=1),
    Type(tex=0, local=1),
    Type(c=0, b=0, shared=1),
)
_INVALID_EVERY: Final = 23
_SHIFTED_EVERY: Final = 7
_DEVICE_EVERY: Final = 29
_NOWHERE_EVERY: Final = 41


def small_page(number: int, space: int, *, xp: bool) -> int:
    """The descriptor of a page of the page window in one of the address spaces."""
    if number % _INVALID_EVERY == 5:
        return 0
    physical = PAGES + 0x1000 * number
    if number % _SHIFTED_EVERY == space:
        physical ^= 0x3000
    if number % _DEVICE_EVERY == 11:
        physical = DEVICES[0]
    elif number % _NOWHERE_EVERY == 17:
        physical = NOWHERE
    return TYPES[(number + 3 * space) % len(TYPES)].small(physical, xp=xp)


def page_entry(address: int, space: int) -> int:
    """Where the descriptor of an address in the page window lies."""
    return SECOND_LEVEL + 0x400 * space + (address >> 12 & 0xFF) * 4


class _Tables:
    """The tables of both address spaces under construction."""

    def __init__(self, *, xp: bool) -> None:
        self.xp = xp
        self.image = bytearray(SECOND_LEVEL - TABLES + 0x400 * (SPACES + 3))

    def put(self, address: int, word: int) -> None:
        self.image[address - TABLES : address - TABLES + 4] = word.to_bytes(4, "little")

    def first(self, space: int, virtual: int, word: int) -> None:
        self.put(TABLES + SPACE_STRIDE * space + (virtual >> 20) * 4, word)

    def section(
        self, space: int, virtual: int, kind: Type, physical: int = -1, *, domain: int = 0
    ) -> None:
        target = virtual if physical < 0 else physical
        self.first(space, virtual, kind.section(target, xp=self.xp, domain=domain))

    def fill(self, space: int) -> None:
        """One address space."""
        ordered, device = Type(tex=0, c=0, b=0), Type(tex=0, c=0)
        for virtual in (RAM, TABLES, WRITE_BACK, STACKS):
            self.section(space, virtual, NORMAL)
        self.section(space, 0, NORMAL, 0)
        self.section(space, WRITE_THROUGH, Type(tex=0, b=0))
        self.section(space, NOT_CACHED, Type(c=0, b=0))
        self.section(space, STRONGLY_ORDERED, ordered)
        self.section(space, OTHER_DOMAIN, Type(ap=2), domain=1)
        self.section(space, DEVICE_MEMORY, device)
        self.section(space, SHARED, Type(shared=1))
        for number, base in enumerate(DEVICES):
            self.section(space, base & 0xFFF0_0000, (device, ordered)[number % 2])
        self.section(space, L2CC, ordered)
        self.section(space, AVIC, device)
        for virtual in range(SUPERSECTION, SUPERSECTION + (16 << 20), 1 << 20):
            word = NORMAL.section(SUPERSECTION, xp=self.xp) | 1 << 18
            self.first(space, virtual, word if self.xp else word & ~(1 << 18))
        self._pages(space)

    def _pages(self, space: int) -> None:
        self.first(space, PAGES, SECOND_LEVEL + 0x400 * space | 1)
        for number in range(256):
            word = small_page(number, space, xp=self.xp)
            self.put(page_entry(PAGES + 0x1000 * number, space), word)
        large = SECOND_LEVEL + 0x400 * SPACES
        self.first(space, LARGE_PAGES, large | 1)
        for number in range(256):
            kind = TYPES[number // 16]
            self.put(large + 4 * number, kind.large(LARGE_PAGES + 0x1000 * number, xp=self.xp))
        alias = large + 0x800
        self.first(space, ALIAS, alias | 1)
        for number in range(256):
            self.put(alias + 4 * number, NORMAL.small(RAM + 0x1000 * number, xp=self.xp))
        vectors = large + 0x400
        self.first(space, HIGH_VECTORS, vectors | 1)
        self.put(vectors + (HIGH_VECTORS >> 12 & 0xFF) * 4, NORMAL.small(VECTOR_PAGE, xp=self.xp))


@cache
def page_tables(*, xp: bool) -> bytes:
    """The bytes at TABLES."""
    tables = _Tables(xp=xp)
    for space in range(SPACES):
        tables.fill(space)
    return bytes(tables.image)


#: Registers that only an exception's handler uses are those of its own bank. SVC toggles between
#: user and system mode if its number is odd; a prefetch abort goes on at r5.
_HANDLERS: Final = """
und: movs pc, lr
svc_plain: movs pc, lr
svc_stored: srsdb sp!, #0x13
    rfeia sp!
svc: push {r0, lr}
    mrs r0, spsr
    tst r0, #0x20
    ldrbne r0, [lr, #-2]
    ldrbeq r0, [lr, #-4]
    tst r0, #1
    mrs r0, spsr
    eorne r0, r0, #15
    msr spsr_cxsf, r0
    ldm sp!, {r0, pc}^
pabt: mov lr, r5
    movs pc, lr
dabt: push {r0}
    mrs r0, spsr
    tst r0, #0x20
    pop {r0}
    subsne pc, lr, #6
    subs pc, lr, #4
irq: push {r0, r1}
    mov r1, #0x68000000
    mov r0, #0
    str r0, [r1, #0x50]
    str r0, [r1, #0x54]
    pop {r0, r1}
    subs pc, lr, #4
"""
#: `subs r5, r5, #1; bxeq lr`, before a branch to the next step.
_STEP: Final = (0xE255_5001, 0x012F_FF1E)
_HANDLERS_AT: Final = 0x8000_0100
_LOAD_PC: Final = 0xE59F_F018
SVC_HANDLERS: Final = ("svc", "svc_plain", "svc_stored")


@cache
def handlers() -> tuple[bytes, Mapping[str, int]]:
    """The handlers' bytes, and their addresses."""
    assembly = assemble(_HANDLERS, _HANDLERS_AT)
    return assembly.code, assembly.labels


@cache
def ladder() -> bytes:
    """The ladder's bytes: it returns after as many steps as r5 says, at most all of them."""
    image = bytearray(0x1000 * LADDER_STEPS)
    for step in range(LADDER_STEPS):
        last = step == LADDER_STEPS - 1
        following = 0xE12F_FF1E if last else 0xEA00_0000 | (0x1000 - 16) >> 2
        words = (*_STEP, following)
        code = b"".join(word.to_bytes(4, "little") for word in words)
        image[0x1000 * step : 0x1000 * step + len(code)] = code
    return bytes(image)


@cache
def vectors(svc: str) -> bytes:
    """The vector table: loads of PC from the words behind it; `svc` names that handler."""
    labels = handlers()[1]
    names = ("und", "und", svc, "pabt", "dabt", "und", "irq", "irq")
    words = [_LOAD_PC] * 8 + [labels[name] for name in names]
    return b"".join(word.to_bytes(4, "little") for word in words)


HANDLERS_AT: Final = _HANDLERS_AT
