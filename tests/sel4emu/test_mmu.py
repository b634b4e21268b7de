# SPDX-License-Identifier: BSD-2-Clause
"""The reference model of translation on hand-made tables, each case worked out by hand."""

from collections.abc import Callable
from typing import Final

import pytest

from sel4emu.mmu import TranslationControl, TranslationFault, find_mapping, translate

XP: Final = 1 << 23
ON: Final = 1


def memory(words: dict[int, int]) -> Callable[[int], int | None]:
    """Physical memory of these words; zero elsewhere below 0x10000, nothing above."""
    return lambda address: words.get(address, 0 if address < 0x1_0000 else None)


def control(**changes: int) -> TranslationControl:
    """MMU on, new format, tables at 0x4000 (TTBR0) and 0x8000 (TTBR1), all domains clients."""
    values = {
        "sctlr": XP | ON, "ttbr0": 0x4000, "ttbr1": 0x8000, "ttbcr": 0, "dacr": 0x5555_5555
    }  # fmt: skip
    return TranslationControl(**(values | changes))


@pytest.mark.parametrize(
    ("words", "virtual", "physical", "size"),
    [
        ({0x4004: 0x8010_0C02}, 0x0012_3456, 0x8012_3456, 1 << 20),
        ({0x4004: 0x8104_0C02}, 0x0012_3456, 0x8112_3456, 1 << 24),
        ({0x4004: 0x1401, 0x148C: 0x9000_0032}, 0x0012_3456, 0x9000_0456, 1 << 12),
        ({0x4004: 0x1401, 0x148C: 0x9001_0031}, 0x0012_3456, 0x9001_3456, 1 << 16),
    ],
    ids=["section", "supersection", "small", "large"],
)
def test_sizes(words: dict[int, int], virtual: int, physical: int, size: int) -> None:
    """Sections, supersections, small and large pages."""
    assert translate(control(), memory(words), virtual, "r", True) == physical
    mapping = find_mapping(control(), memory(words), virtual)
    assert mapping.size == size and mapping.is_section == (size >= 1 << 20)


def test_off() -> None:
    """With the MMU off every address is its own."""
    assert translate(control(sctlr=0), memory({}), 0x1234_5678, "w", False) == 0x1234_5678


def test_split() -> None:
    """TTBCR.N = 1: the upper half comes from TTBR1, the lower from the smaller TTBR0 table."""
    words = {0xA004: 0x8010_0C02, 0x2004: 0x9010_0C02}
    split = control(ttbcr=1, ttbr0=0x2000)
    assert translate(split, memory(words), 0x8010_0000, "r", True) == 0x8010_0000
    assert translate(split, memory(words), 0x0010_0000, "r", True) == 0x9010_0000


def test_process_number() -> None:
    """FCSE moves the lowest 32 MB, and only them."""
    words = {0x4180: 0x8010_0C02, 0x4000 + (0x20 << 2): 0x9010_0C02}
    moved = control(fcse=0x0600_0000)
    assert translate(moved, memory(words), 0x10, "r", True) == 0x8010_0010
    assert translate(moved, memory(words), 0x0200_0010, "r", True) == 0x9010_0010


#: APX:AP -> what privileged and user code may do (ARM ARM table B4-1, S = R = 0).
RIGHTS: Final = {
    0: ("", ""), 1: ("rwx", ""), 2: ("rwx", "rx"), 3: ("rwx", "rwx"),
    4: ("", ""), 5: ("rx", ""), 6: ("rx", "rx"), 7: ("", ""),
}  # fmt: skip


def refused(registers: TranslationControl, words: dict[int, int], virtual: int) -> bool:
    """Whether a user's read of an address is refused."""
    try:
        translate(registers, memory(words), virtual, "r", False)
    except TranslationFault:
        return True
    return False


def test_the_reserved_access_means_read_only_from_revision_1_on() -> None:
    """APX:AP 111 refuses everything on r0, and allows reads on r1."""
    words = {0x4004: 0x8010_8C02}
    assert refused(control(), words, 1 << 20)
    assert not refused(control(variant=1), words, 1 << 20)


def test_subpages() -> None:
    """XP=0: each kilobyte of a small page, and each 16 KB of a large one, has its own AP."""
    words = {0x4004: 0x1401, 0x1400: 0x9000_0E42, 0x1440: 0x9001_0E41, 0x1480: 0x9002_0E43}
    old = control(sctlr=ON)
    pages = [refused(old, words, 0x10_0000 + 0x400 * n) for n in range(4)]
    large = [refused(control(sctlr=ON), words | {0x1440 + 4 * n: 0x9001_0E41 for n in range(16)},
                     0x11_0000 + 0x4000 * n) for n in range(4)]  # fmt: skip
    extended = [refused(old, words, 0x12_0000 + 0x400 * n) for n in range(4)]
    assert (pages, large) == ([True, True, False, False], [True, True, False, False])
    assert extended == [True] * 4


def test_tables_in_big_endian_order() -> None:
    """SCTLR.EE: the words of both levels are read with their bytes the other way round."""
    words = {0x4004: 0x0114_0000, 0x1400: 0x3200_0090}
    assert translate(control(sctlr=XP | ON | 1 << 25), memory(words), 1 << 20, "w", False) == (
        0x9000_0000
    )


@pytest.mark.parametrize("access", RIGHTS)
@pytest.mark.parametrize("privileged", [True, False])
@pytest.mark.parametrize("kind", ["r", "w", "x"])
def test_rights(access: int, privileged: bool, kind: str) -> None:
    """All access permissions of a section."""
    words = {0x4004: 0x8010_0002 | (access & 3) << 10 | (access >> 2) << 15 | 4 << 5}
    allowed = RIGHTS[access][not privileged]
    if kind in allowed:
        assert translate(control(), memory(words), 0x10_0000, kind, privileged) == 0x8010_0000
        return
    with pytest.raises(TranslationFault) as fault:
        translate(control(), memory(words), 0x10_0000, kind, privileged)
    assert (fault.value.status, fault.value.domain) == (0b01101, 4)


def test_system_and_rom_protection() -> None:
    """AP 0 with S lets privileged code read, with R everybody, with both (reserved) nobody."""
    words = {0x4004: 0x8010_0002}
    assert translate(control(sctlr=XP | ON | 1 << 8), memory(words), 1 << 20, "r", True)
    assert translate(control(sctlr=XP | ON | 1 << 9), memory(words), 1 << 20, "r", False)
    for bits, privileged in ((1 << 8, False), (0, True), (3 << 8, True)):
        with pytest.raises(TranslationFault):
            translate(control(sctlr=XP | ON | bits), memory(words), 1 << 20, "r", privileged)


@pytest.mark.parametrize(
    ("words", "changes", "status", "domain"),
    [
        ({}, {}, 0b00101, 0),
        ({0x4004: 0x8010_0C03}, {}, 0b00101, 0),
        ({0x4004: 0x1401 | 3 << 5}, {}, 0b00111, 3),
        ({0x4004: 0x7000_0001 | 3 << 5}, {}, 0b01110, 3),
        ({}, {"ttbr0": 0x7000_0000}, 0b01100, 0),
        ({0x4004: 0x8010_0C02 | 3 << 5}, {"dacr": 0}, 0b01001, 3),
        ({0x4004: 0x8010_0C02 | 3 << 5}, {"dacr": 2 << 6}, 0b01001, 3),
        ({0x4004: 0x1401 | 3 << 5, 0x1400: 0x32}, {"dacr": 0}, 0b01011, 3),
        ({0x4004: 0x1401 | 3 << 5, 0x1400: 0x02}, {}, 0b01111, 3),
    ],
)
def test_faults(words: dict[int, int], changes: dict[str, int], status: int, domain: int) -> None:
    """Each fault has its status; the domain is that of the first-level entry."""
    with pytest.raises(TranslationFault) as fault:
        translate(control(**changes), memory(words), 0x10_0000, "r", True)
    assert (fault.value.status, fault.value.domain) == (status, domain)


def test_manager_ignores_rights() -> None:
    """A manager domain checks neither AP nor XN."""
    words = {0x4004: 0x8010_0012}
    for kind in "rwx":
        assert translate(control(dacr=3), memory(words), 1 << 20, kind, False) == 0x8010_0000
    client = {0x4004: 0x8010_0C12}
    with pytest.raises(TranslationFault):
        translate(control(), memory(client), 1 << 20, "x", True)


def test_old_format_has_no_execute_never() -> None:
    """XP=0: bit 4 of a section and bit 0 of a page do not forbid execution; nothing is nG."""
    old = control(sctlr=ON)
    assert translate(old, memory({0x4004: 0x8010_0C12}), 1 << 20, "x", False) == 0x8010_0000
    words = {0x4004: 0x1401, 0x1400: 0x9000_0833}
    assert translate(old, memory(words), 1 << 20, "x", False) == 0x9000_0000
    assert find_mapping(old, memory(words), 1 << 20).is_global
    assert not find_mapping(control(), memory(words), 1 << 20).is_global
