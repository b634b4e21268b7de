# SPDX-License-Identifier: BSD-2-Clause
"""The reference model of address translation, in plain Python, written for reading.

It walks the tables as the architecture says and knows no TLB. The native MMU is tested against
it; debuggers use it to read virtual memory without touching the machine's state.

Modelled: both table formats with subpages, all page sizes, TTBCR split, FCSE, domains, AP/APX/XN,
S and R, tables in either byte order.
Not modelled: the TLB.
Source: ARM ARM chapter B4.
"""

from collections.abc import Callable
from dataclasses import dataclass

#: A word of physical memory, or None where there is none.
ReadWord = Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class TranslationControl:
    """The CP15 registers that translation depends on."""

    sctlr: int
    ttbr0: int
    ttbr1: int
    ttbcr: int
    dacr: int
    fcse: int = 0
    variant: int = 0  # of MIDR: the major revision

    @property
    def enabled(self) -> bool:
        """SCTLR.M."""
        return bool(self.sctlr & 1)

    @property
    def extended(self) -> bool:
        """SCTLR.XP: the ARMv6 table format."""
        return bool(self.sctlr >> 23 & 1)

    @property
    def big_endian_tables(self) -> bool:
        """SCTLR.EE."""
        return bool(self.sctlr >> 25 & 1)

    def modified(self, virtual: int) -> int:
        """The modified virtual address: the FCSE process number fills in below 32 MB."""
        return virtual | self.fcse if self.enabled and virtual < 1 << 25 else virtual


@dataclass(frozen=True, slots=True)
class Mapping:
    """One translation: `size` bytes at `virtual` appear at `physical`."""

    virtual: int
    physical: int
    size: int
    domain: int
    accesses: tuple[int, ...]  # APX:AP of the whole, or of each quarter
    execute_never: bool
    is_global: bool

    @property
    def is_section(self) -> bool:
        """Whether a first-level entry maps it (decides the fault codes)."""
        return self.size >= 1 << 20

    def access_at(self, address: int) -> int:
        """APX:AP that hold for a modified virtual address in it."""
        return self.accesses[address % self.size * len(self.accesses) // self.size]


class TranslationFault(Exception):
    """The access is refused; `status` is the fault status code, `domain` the entry's domain."""

    def __init__(self, status: int, domain: int) -> None:
        super().__init__(f"fault status 0b{status:05b}, domain {domain}")
        self.status = status
        self.domain = domain


#: APX:AP -> (privileged, user), each some of "rw" (ARM ARM table B4-1; 0 depends on S and R, 7
#: on the revision).
_ACCESS = {1: ("rw", ""), 2: ("rw", "r"), 3: ("rw", "rw"), 5: ("r", ""), 6: ("r", "r")}


def _first_level_address(control: TranslationControl, address: int) -> int:
    n = control.ttbcr & 7
    if n and address >> (32 - n):
        return control.ttbr1 & 0xFFFF_C000 | address >> 20 << 2
    base = control.ttbr0 & ~((1 << (14 - n)) - 1)
    return base | address >> 20 << 2


def _section(control: TranslationControl, address: int, entry: int) -> Mapping:
    size = 1 << 24 if entry >> 18 & 1 else 1 << 20
    extended = control.extended
    return Mapping(
        virtual=address & -size,
        physical=entry & 0xFFFF_FFFF & -size,
        size=size,
        domain=0 if entry >> 18 & 1 else entry >> 5 & 15,
        accesses=(entry >> 10 & 3 | (entry >> 15 & 1) << 2 if extended else entry >> 10 & 3,),
        execute_never=extended and bool(entry >> 4 & 1),
        is_global=not (extended and entry >> 17 & 1),
    )


def _page_accesses(entry: int, *, extended: bool) -> tuple[int, ...]:
    if extended:
        return (entry >> 4 & 3 | (entry >> 9 & 1) << 2,)
    if entry & 3 == 3:  # an extended small page
        return (entry >> 4 & 3,)
    return tuple(entry >> shift & 3 for shift in (4, 6, 8, 10))


def _entry(control: TranslationControl, read_word: ReadWord, address: int) -> int | None:
    """A word of a table."""
    word = read_word(address)
    if word is None or not control.big_endian_tables:
        return word
    return int.from_bytes(word.to_bytes(4, "little"), "big")


def _page(control: TranslationControl, address: int, entry: int, domain: int) -> Mapping:
    large = entry & 3 == 1
    size = 1 << 16 if large else 1 << 12
    extended = control.extended
    return Mapping(
        virtual=address & -size,
        physical=entry & 0xFFFF_FFFF & -size,
        size=size,
        domain=domain,
        accesses=_page_accesses(entry, extended=extended),
        execute_never=extended and bool(entry >> 15 & 1 if large else entry & 1),
        is_global=not (extended and entry >> 11 & 1),
    )


def find_mapping(control: TranslationControl, read_word: ReadWord, virtual: int) -> Mapping:
    """The mapping that covers a virtual address; TranslationFault if there is none.

    With the MMU off, the 4 KB page is mapped to itself and everything is allowed.
    """
    if not control.enabled:
        page = virtual & 0xFFFF_F000
        return Mapping(page, page, 4096, 0, (3,), False, True)
    address = control.modified(virtual)
    first = _entry(control, read_word, _first_level_address(control, address))
    if first is None:
        raise TranslationFault(0b01100, 0)
    if first & 3 == 2:
        return _section(control, address, first)
    if first & 3 != 1:
        raise TranslationFault(0b00101, 0)
    domain = first >> 5 & 15
    second = _entry(control, read_word, first & 0xFFFF_FC00 | (address >> 12 & 0xFF) << 2)
    if second is None:
        raise TranslationFault(0b01110, domain)
    if second & 3 == 0:
        raise TranslationFault(0b00111, domain)
    return _page(control, address, second, domain)


def _allowed(control: TranslationControl, access: int, privileged: bool) -> str:
    if access == 0:
        rom_and_system = control.sctlr >> 8 & 3
        return "r" if rom_and_system == 2 or (rom_and_system == 1 and privileged) else ""
    if access == 7 and control.variant:
        return "r"
    privileged_rights, user_rights = _ACCESS.get(access, ("", ""))
    return privileged_rights if privileged else user_rights


def translate(
    control: TranslationControl,
    read_word: ReadWord,
    virtual: int,
    kind: str,
    privileged: bool,
) -> int:
    """Physical address of a virtual one for an access of `kind` "r", "w" or "x".

    Raises TranslationFault with the status in the architecture's order: walk, translation,
    domain, permission.
    """
    mapping = find_mapping(control, read_word, virtual)
    return physical_address(control, mapping, control.modified(virtual), kind, privileged)


def physical_address(
    control: TranslationControl, mapping: Mapping, address: int, kind: str, privileged: bool
) -> int:
    """Where a mapping puts a modified virtual address; TranslationFault if it refuses the access.

    `kind` and `privileged` as for `translate`.
    """
    physical = mapping.physical | address & (mapping.size - 1)
    if not control.enabled:
        return physical
    domain_control = control.dacr >> 2 * mapping.domain & 3
    if domain_control in (0, 2):
        raise TranslationFault(0b01001 if mapping.is_section else 0b01011, mapping.domain)
    if domain_control == 3:
        return physical
    rights = _allowed(control, mapping.access_at(address), privileged)
    wanted = "r" if kind == "x" else kind
    if wanted not in rights or (kind == "x" and mapping.execute_never):
        raise TranslationFault(0b01101 if mapping.is_section else 0b01111, mapping.domain)
    return physical
