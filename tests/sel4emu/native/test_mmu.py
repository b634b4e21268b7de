# SPDX-License-Identifier: BSD-2-Clause
"""The native MMU against the reference model in plain Python, on random tables."""

from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sel4emu.mmu import TranslationControl, TranslationFault
from sel4emu.mmu import translate as reference
from sel4emu.native.mmu import flush_all, on_translate
from sel4emu.native.state import FaultKind, RegionKind, StateArray, new_state

BASE: Final = 0x8000_0000
WORDS: Final = 0x1_8000  # two first-level tables of 16 KB, then second-level tables
KINDS: Final = {"r": FaultKind.READ, "w": FaultKind.WRITE, "x": FaultKind.FETCH}


class Memory:
    """RAM with tables at BASE; every other address is RAM too for the MMU, but has no tables."""

    def __init__(self) -> None:
        self.words: np.ndarray[Any, np.dtype[np.uint32]] = np.zeros(WORDS, np.uint32)
        self.state: StateArray = new_state()
        record = self.state[0]
        regions = ((BASE, 4 * WORDS, self.words.ctypes.data, RegionKind.RAM),)
        for n, (base, size, host, kind) in enumerate(regions):
            record["region_base"][n] = base
            record["region_last"][n] = base + size - 1
            record["region_host"][n] = host
            record["region_kind"][n] = kind
        record["region_count"] = len(regions)

    def translate(self, virtual: int, kind: FaultKind, privileged: bool) -> int:
        """What the machine's MMU answers at level `off`."""
        return int(on_translate.ctypes(self.state.ctypes.data, virtual, int(kind), privileged))

    def read(self, address: int) -> int | None:
        """A word, or None outside."""
        index = (address - BASE) >> 2
        return int(self.words[index]) if 0 <= index < WORDS else None


@pytest.fixture(scope="module")
def memory() -> Memory:
    """Tables to write into."""
    return Memory()


# The frame bits of a descriptor point into our RAM mostly, so that a permitted access succeeds.
frames = some.sampled_from([BASE, BASE, BASE, BASE + 0x1_0000, 0x7000_0000])
low_bits = some.integers(0, (1 << 20) - 1)
sections = some.builds(lambda low: BASE | low & 0x3FFFF & ~3 | 2 | low & 0x20000, low_bits)
supersections = some.builds(lambda low: BASE | low & 0x2FFFC & ~(1 << 18) | 1 << 18 | 2, low_bits)
coarse = some.builds(
    lambda low, n: BASE + 0x1_0000 + 0x400 * (n % 16) | low & 0x3E0 & ~0x200 | 1,
    low_bits,
    low_bits,
)
lost = some.builds(lambda low: 0x7000_0000 | low & 0x1E0 | 1, low_bits)
first_level = some.one_of(
    sections, supersections, coarse, coarse, lost, some.integers(0, (1 << 32) - 1)
)
second_level = some.builds(lambda frame, low: frame + (low & 0x1_FFFF), frames, low_bits)
addresses = some.one_of(
    some.integers(0, (1 << 32) - 1),
    some.integers(0, (1 << 26) - 1),
    some.sampled_from([0, 0x1FF_FFFF, 0x200_0000, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000]),
)


@settings(max_examples=1500)
@given(
    virtual=addresses,
    first=first_level,
    second=second_level,
    sctlr=some.builds(
        lambda xp, ee, s, r, on: xp << 23 | ee << 25 | s << 8 | r << 9 | on,
        some.integers(0, 1),
        some.sampled_from([0, 0, 0, 1]),
        some.integers(0, 1),
        some.integers(0, 1),
        some.sampled_from([1, 1, 1, 1, 1, 0]),
    ),
    n=some.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]),
    dacr=some.one_of(some.just(0x5555_5555), some.integers(0, (1 << 32) - 1)),
    fcse=some.sampled_from([0, 0, 0, 0x0200_0000, 0xFE00_0000]),
    variant=some.integers(0, 1),
    kind=some.sampled_from("rwx"),
    privileged=some.booleans(),
)
def test_native_equals_reference(
    memory: Memory,
    virtual: int,
    first: int,
    second: int,
    sctlr: int,
    n: int,
    dacr: int,
    fcse: int,
    variant: int,
    kind: str,
    privileged: bool,
) -> None:
    """The same physical address, or the same fault status: formats, sizes, splits, rights."""
    if sctlr >> 25 & 1:
        first, second = (int.from_bytes(n.to_bytes(4, "big"), "little") for n in (first, second))
    memory.words[:0x4000] = first
    memory.words[0x4000:0x8000] = second
    registers = {
        "sctlr": sctlr, "ttbr0": BASE + 0x4000, "ttbr1": BASE, "ttbcr": n, "dacr": dacr,
        "fcse": fcse,
    }  # fmt: skip
    expected, status, domain = -1, -1, 0
    try:
        control = TranslationControl(**registers, variant=variant)
        expected = reference(control, memory.read, virtual, kind, privileged)
    except TranslationFault as fault:
        status, domain = fault.status, fault.domain
    record = memory.state[0]
    for name, value in registers.items():
        record[name] = value
    record["midr"] = 0x4107_B364 | variant << 20
    flush_all(record)
    for entered in (False, True):  # from the tables, then from the TLB
        found = memory.translate(virtual, KINDS[kind], privileged)
        if status >= 0:
            shown = status | (0 if kind == "x" else domain << 4) | (kind == "w") << 11
            assert (found, int(record["fault_status"])) == (-1, shown), entered
            smallest = 0x400 if record["fault_part"] else 0x1000
            assert int(record["fault_page"]) == virtual & -smallest
            assert record["fault_kind"] == KINDS[kind]
        elif memory.read(expected & ~3) is None:
            assert found == -1 and int(record["fault_status"]) & 0xF == 0b1000, entered
        else:
            assert found & 0xFFFF_FFFF == expected & 0xFFFF_F000, entered
            assert found >> 32 & {"r": 1, "w": 2, "x": 4}[kind], entered


@pytest.mark.parametrize(
    ("first", "second", "walks"),
    [
        (BASE + 0x1_0000 | 1, BASE | 0x32, [1, 2, 2, 2, 3, 4, 4]),
        (BASE + 0x1_0000 | 1, BASE | 0x31, [1, 2, 2, 2, 3, 4, 4]),
        (BASE | 0xC02, 0, [1, 1, 1, 1, 1, 1, 1]),
    ],
    ids=["small", "large", "section"],
)
def test_two_ways_in_turn(memory: Memory, first: int, second: int, walks: list[int]) -> None:
    """Pages 0, 32 and 64 share a set: two of them stay, the third evicts the older one."""
    record = memory.state[0]
    values = {"sctlr": 0x80_0001, "ttbr0": BASE, "ttbcr": 0, "dacr": 3, "fcse": 0}
    for name, value in values.items():
        record[name] = value
    memory.words[:0x4000] = first
    memory.words[0x4000:] = second
    flush_all(record)
    before = int(record["tlb_walks"])
    done = []
    for page in (0, 32, 0, 32, 64, 0, 64):
        assert memory.translate(page << 12, FaultKind.READ, True) >= 0
        done.append(int(record["tlb_walks"]) - before)
    assert done == walks
