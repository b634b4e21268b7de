# SPDX-License-Identifier: BSD-2-Clause
"""Decoded addresses against what the processor does: where it stores, and where it faults."""

import random
from collections.abc import Callable
from typing import Final

import pytest

from sel4emu.fault_address import Access, arm_access, fault_address, thumb_access
from tests.sel4emu.conftest import RAM, Bare

MIDDLE: Final = RAM + 0x40_0000
SPAN: Final = 0x1000
#: The fixed bits of each group of stores; the other bits are random.
STORES: Final = {
    "str immediate": (0xE400_0000, 0x01EF_FFFF),
    "str register": (0xE600_0000, 0x01EF_FFEF),
    "strh": (0xE000_00B0, 0x01EF_FF0F),
    "strd": (0xE000_00F0, 0x01EF_FF0F),
    "stm": (0xE800_0000, 0x01AF_FFFF),
    "swp": (0xE100_0090, 0x004F_F00F),
    "strex": (0xE180_0F90, 0x000F_F00F),
    "srs": (0xF84D_0500, 0x01A0_0000),
    "vstr": (0xED00_0A00, 0x008F_F1FF),
}
LOADS: Final = {
    "ldr immediate": (0xE410_0000, 0x01EF_FFFF),
    "ldr register": (0xE610_0000, 0x01EF_FFEF),
    "ldrh, ldrsb, ldrsh": (0xE010_00B0, 0x01EF_FF4F),
    "ldrd": (0xE000_00D0, 0x01EF_FF0F),
    "ldm": (0xE810_0000, 0x01EF_FFFF),
    "ldrex": (0xE190_0F9F, 0x000F_F000),
    "rfe": (0xF810_0A00, 0x01AF_0000),
    "vldr": (0xED10_0A00, 0x008F_F1FF),
}
THUMB: Final = {
    "register": (0x5000, 0x0FFF),
    "immediate": (0x6000, 0x1FFF),
    "halfword": (0x8000, 0x0FFF),
    "stack": (0x9000, 0x0FFF),
    "multiple": (0xC000, 0x0FFF),
    "push": (0xB400, 0x01FF),
    "pop": (0xBC00, 0x00FF),
}
VFP_ON: Final = """
    mov r0, #0xf00000
    mcr p15, 0, r0, c1, c0, 2
    mov r0, #0x40000000
    vmsr fpexc, r0
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #0x400000        @ SCTLR.U
    mcr p15, 0, r0, c1, c0, 0
    done: b done
"""


def random_word(chance: random.Random, group: tuple[int, int]) -> int:
    """A word of the group, without PC as base, data or offset: those are unpredictable."""
    fixed, free = group
    word = fixed | chance.getrandbits(32) & free
    for position in (0, 12, 16):
        if free >> position & 15 == 15 and word >> position & 15 == 15:
            word &= ~(1 << position)
    return word


def set_registers(bare: Bare, chance: random.Random, middle: int) -> None:
    """Bases near `middle`, small offsets; every register holds bytes that are not zero."""
    bare["cpsr"] = 0x1D3  # first: it chooses the bank
    for n in range(15):
        near = middle + 4 * chance.randrange(-64, 64)
        bare[f"r{n}"] = near if chance.random() < 0.7 else 0x101 * chance.randrange(1, 4)
    bare["sp"] = middle + 4 * chance.randrange(-64, 64)


def reader(bare: Bare) -> Callable[[str], int]:
    """Registers by the names of `fault_address`."""

    def read(name: str) -> int:
        return bare[name.partition("_")[0]]

    return read


@pytest.mark.parametrize("name", STORES)
def test_stores_write_where_they_say(counting: Bare, name: str) -> None:
    """Exactly the bytes of the access change, for random words of every group of stores."""
    chance = random.Random(name)
    counting.run(VFP_ON)
    checked = 0
    for _ in range(100):
        word = random_word(chance, STORES[name]) | (0x13 if name == "srs" else 0)
        set_registers(counting, chance, MIDDLE)
        access = arm_access(word, reader(counting))
        assert access is not None
        if not MIDDLE - SPAN <= access.start < MIDDLE + SPAN or not access.size:
            continue
        counting.put(RAM, word, 0xEAFF_FFFE)
        counting["pc"] = RAM
        counting.machine.write_physical(MIDDLE - 2 * SPAN, b"\xaa" * (4 * SPAN))
        counting.machine.run(cycles=1)
        if counting["pc"] != RAM + 4:  # undefined, or unaligned where that is refused
            continue
        data = counting.machine.read_physical(MIDDLE - 2 * SPAN, 4 * SPAN)
        changed = [n for n, byte in enumerate(data) if byte != 0xAA]
        if name == "strex":  # without a reservation nothing is stored
            assert not changed
        elif name != "vstr":
            low = access.start - MIDDLE + 2 * SPAN
            assert changed == list(range(low, low + access.size)), hex(word)
        checked += 1
    assert checked >= 5


@pytest.mark.parametrize("name", [*STORES, *LOADS])
def test_faults_are_where_they_say(bare: Bare, name: str) -> None:
    """Around a page border with nothing behind it, Unicorn refuses exactly what we expect.

    RAM ends at 0x88000000: an access faults if and only if it reaches beyond, and in the page
    that `fault_address` names.
    """
    chance = random.Random(name)
    end = 0x8800_0000
    bare.run(VFP_ON)
    faults = 0
    for _ in range(100):
        word = random_word(chance, (STORES | LOADS)[name]) | (0x13 if name == "srs" else 0)
        set_registers(bare, chance, end)
        access = arm_access(word, reader(bare))
        assert access is not None
        if name == "strex" or not access.size or not end - SPAN <= access.start < end + SPAN:
            continue
        if access.start % 4 and name in {"ldrex", "swp", "ldrd", "strd"}:
            continue
        bare.put(RAM, word, 0xEAFF_FFFE)
        bare["pc"] = RAM
        record = bare.machine.cpu.state[0]
        record["fault_page"] = 0
        before = bare.machine.counters["exception_data_abort"]
        bare.machine.run(cycles=1)
        if bare.machine.counters["exception_undefined"]:
            record["exceptions"][1] = 0
            continue
        beyond = access.start + access.size > end
        assert bare.machine.counters["exception_data_abort"] - before == beyond, hex(word)
        if beyond:
            faults += 1
            expected = max(access.start, end)
            assert bare.machine.cpu.read_cp15(6, 0, 0) == expected, hex(word)
            assert record["fault_page"] == max(access.start & ~0xFFF, end)
    assert faults >= 5 or name == "strex"


@pytest.mark.parametrize("name", THUMB)
def test_thumb_faults_are_where_they_say(bare: Bare, name: str) -> None:
    """The same for every Thumb load and store."""
    chance = random.Random(name)
    end = 0x8800_0000
    bare.load("b .")
    faults = 0
    for _ in range(80):
        fixed, free = THUMB[name]
        half = fixed | chance.getrandbits(16) & free
        set_registers(bare, chance, end)
        access = thumb_access(half, reader(bare))
        assert access is not None
        if not end - SPAN <= access.start < end + SPAN or not access.size:
            continue
        bare.put(RAM, half | 0xE7FE_0000)
        bare["cpsr"] = 0x1F3
        bare["pc"] = RAM
        before = bare.machine.counters["exception_data_abort"]
        bare.machine.run(cycles=1)
        beyond = access.start + access.size > end
        assert bare.machine.counters["exception_data_abort"] - before == beyond, hex(half)
        if beyond:
            faults += 1
            assert bare.machine.cpu.read_cp15(6, 0, 0) == max(access.start, end), hex(half)
    assert faults >= 5


@pytest.mark.parametrize("word", [0xE1A0_0000, 0xEA00_0000, 0xE080_0291, 0xE710_0010, 0xF57F_F01F])
def test_no_access(word: int) -> None:
    """MOV, B, multiplies, media and unconditional instructions access no memory."""
    assert arm_access(word, lambda _name: 0) is None
    assert thumb_access(0x4600, lambda _name: 0) is None


def test_fault_address_of_a_crossing_access() -> None:
    """FAR is the start of the access, or of the refused page where the access began before."""
    assert fault_address(Access(0x1FFC, 8), 0x1000) == 0x1FFC
    assert fault_address(Access(0x1FFC, 8), 0x2000) == 0x2000
    assert fault_address(None, 0x5000) == 0x5000
