# SPDX-License-Identifier: BSD-2-Clause
"""Random guests: whatever they do, the host neither crashes nor hangs, and nothing is raised."""

import random
from typing import Final

import pytest

from sel4emu.stop import Stop, StopReason
from tests.sel4emu.conftest import MMU_ON, RAM, TABLE, Bare

ENDS: Final = {StopReason.CYCLE, StopReason.CRASH, StopReason.STUCK}
WINDOWS: Final = (
    (0x3000_0000, 0x1000), (0x43F9_0000, 0x4000), (0x53F8_0000, 0x4000), (0x53F9_0000, 0x4000),
    (0x53F9_4000, 0x4000), (0x53F9_8000, 0x4000), (0x53FA_4000, 0x4000), (0x6800_0000, 0x1000),
    (0xB400_0000, 0x2000),
)  # fmt: skip
#: Every exception is skipped: back to the instruction behind.
HANDLERS: Final = """
    start: b begin
    und: movs pc, lr
    svc: movs pc, lr
    pabt: ldr lr, =0x80000400
    movs pc, lr
    dabt: subs pc, lr, #4
    irq: subs pc, lr, #4
    fiq: subs pc, lr, #4
    begin: ldr pc, =0x80000400
"""
VECTORS: Final = {name: name for name in ("und", "svc", "pabt", "dabt", "irq", "fiq")}


def run(bare: Bare, cycles: int = 2000) -> Stop:
    """Run a while; only these ends are possible."""
    stop = bare.machine.run(cycles=cycles)
    assert stop.reason in ENDS, stop
    return stop


def prepare(level: str) -> Bare:
    """A machine whose handlers skip what failed; programs go to RAM + 0x400."""
    bare = Bare(level)
    bare.load(HANDLERS, handlers=VECTORS)
    return bare


def random_registers(bare: Bare, chance: random.Random) -> None:
    """Addresses of memory, of devices and of nothing."""
    for n in range(13):
        base, size = chance.choice([*WINDOWS, (RAM, 1 << 16), (0, 1 << 32)])
        bare[f"r{n}"] = base + chance.randrange(size) & 0xFFFF_FFFF


def any_word(chance: random.Random) -> int:
    """An instruction word, or half of them an unconditional one."""
    word = chance.getrandbits(32)
    return word & 0x0FFF_FFFF | 0xE000_0000 if chance.random() < 0.6 else word


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("seed", range(8))
def test_random_words(level: str, seed: int) -> None:
    """Random words as ARM and Thumb code, privileged and not."""
    for part in range(13):
        chance = random.Random(seed * 100 + part)
        bare = prepare(level)
        bare.put(RAM + 0x400, *(any_word(chance) for _ in range(500)))
        random_registers(bare, chance)
        bare["pc"] = RAM + 0x400
        bare["cpsr"] = chance.choice([0x13, 0x10, 0x33, 0x30, 0x1D3, 0x1F, 0x11])
        run(bare)
        run(bare, 300)


#: Bits of SCTLR that change what loads and stores do: A, U, both, EE, B.
ACCESS_CONTROL: Final = (0, 1 << 1, 1 << 22, 1 << 22 | 1 << 1, 1 << 25, 1 << 7)


def odd_word(chance: random.Random) -> int:
    """A word of a group whose encodings are mostly reserved, or unpredictable."""
    group = chance.choice([0xE100_0090, 0xE180_0090, 0xE800_0000, 0xEC00_0A00, 0xF000_0000])
    return group | chance.getrandbits(28) & (0x00FF_FF0F if group & 0x90 else 0x01FF_F1FF)


@pytest.mark.parametrize("revision", ["r0p4", "r1p3"])
@pytest.mark.parametrize("control", ACCESS_CONTROL, ids=hex)
def test_reserved_encodings(revision: str, control: int) -> None:
    """Encodings that mean nothing, on both revisions, under each rule of alignment and order."""
    for part, level in enumerate(("full", "off", "off")):
        chance = random.Random(control + part)
        bare = Bare(level, revision=revision)
        on = f"""
            mrc p15, 0, r0, c1, c0, 0
            ldr r1, ={control}
            orr r0, r0, r1
            mcr p15, 0, r0, c1, c0, 0
            mov r0, #0xF00000
            mcr p15, 0, r0, c1, c0, 2
            mov r0, #0x40000000
            vmsr fpexc, r0
        """
        bare.load(HANDLERS.replace("begin:", f"begin: {on}"), handlers=VECTORS)
        words = (
            odd_word(chance) if chance.random() < 0.7 else any_word(chance) for _ in range(300)
        )
        bare.put(RAM + 0x400, *words)
        random_registers(bare, chance)
        run(bare)
        bare["pc"] = RAM + 0x400
        bare["cpsr"] = chance.choice([0x10, 0x30, 0x1F, 0x213, 0x33])
        run(bare)


def coprocessor_word(chance: random.Random) -> int:
    """An MRC or MCR of CP15, of the important registers most of the time."""
    crn = chance.choice([1, 2, 3, 5, 6, 7, 8, 10, 13, 15, chance.randrange(16)])
    crm = chance.choice([0, 0, 5, 6, 7, 12, chance.randrange(16)])
    opcodes = chance.choice([0, 0, 0, 0, 0, 0, chance.randrange(8)]) << 21
    opcodes |= chance.choice([0, 0, 1, 2, chance.randrange(8)]) << 5
    load = chance.randrange(2) << 20
    return 0xEE00_0F10 | crn << 16 | crm | opcodes | load | chance.randrange(16) << 12


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("seed", range(10))
def test_random_coprocessor_accesses(level: str, seed: int) -> None:
    """Random CP15 writes with random values, with loads and stores between them."""
    for part in range(4):
        chance = random.Random(seed * 1000 + part)
        bare = prepare(level)
        words = [
            coprocessor_word(chance) if chance.random() < 0.6 else any_word(chance)
            for _ in range(100)
        ]
        bare.put(RAM + 0x400, *words)
        random_registers(bare, chance)
        bare["pc"] = RAM + 0x400
        run(bare)


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("seed", range(6))
def test_random_page_tables(level: str, seed: int) -> None:
    """Random descriptors around the program, with loads and stores through them."""
    for part in range(4):
        chance = random.Random(seed * 1000 + part)
        bare = prepare(level)
        bare.load(HANDLERS.replace("begin:", f"begin: {MMU_ON}"), handlers=VECTORS)
        bare.put(TABLE, *(chance.getrandbits(32) for _ in range(0x1000)))
        for n in range(0, 0x1000, 3):
            bare.put(TABLE + 4 * n, chance.getrandbits(20) | RAM | chance.choice([1, 2]))
        bare.tables.section(0, 0)
        bare.tables.section(RAM, RAM)
        random_registers(bare, chance)
        words = [
            0xE400_0000 | chance.getrandbits(26) & 0x3FF_FFFF
            if chance.random() < 0.8
            else any_word(chance)
            for _ in range(200)
        ]
        bare.put(RAM + 0x400, *words)
        run(bare)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: hex(window[0]))
def test_random_device_accesses(window: tuple[int, int]) -> None:
    """Bytes, halfwords, words, doublewords and multiples at every alignment of every device."""
    base, size = window
    chance = random.Random(base)
    accesses = [
        "ldr r0, [r1]", "str r0, [r1]", "ldrb r0, [r1]", "strb r0, [r1]", "ldrh r0, [r1]",
        "strh r0, [r1]", "ldrsh r0, [r1]", "ldrd r2, r3, [r1]", "strd r2, r3, [r1]",
        "ldm r1, {r2-r5}", "stm r1, {r2-r5}", "swp r0, r2, [r1]", "swpb r0, r2, [r1]",
        "ldrex r0, [r1]\nstrex r4, r0, [r1]",
    ]  # fmt: skip
    bare = prepare("off")
    for _ in range(60):
        bare.load("\n".join(chance.sample(accesses, 8)) + "\ndone: b done", address=RAM + 0x400)
        for n in range(6):
            bare[f"r{n}"] = chance.getrandbits(32)
        bare["r1"] = base + chance.choice([chance.randrange(0x200), chance.randrange(size)])
        bare["cpsr"] = 0x1D3
        run(bare, 40)
        run(bare, 100_000)


@pytest.mark.parametrize("level", ["full", "off"])
def test_jumps_to_nowhere(level: str) -> None:
    """To 0, into devices, holes, the last page: a report or an abort, never a hang."""
    for target in (0, 4, 0x43F9_0000, 0x4000, 0x7000_0000, 0xFFFF_FFFC, 0x87FF_FFFC, 0x6800_0003):
        for mode in (0x13, 0x10):
            bare = Bare(level)
            bare.load("bx r1")
            bare["r1"] = target
            bare["cpsr"] = mode | 0x1C0
            assert run(bare).reason in ENDS
            assert bare.machine.cycles <= 2002


def test_two_runs_are_the_same() -> None:
    """A random program gives the same counters, registers and memory in every run."""
    results = []
    for _ in range(2):
        chance = random.Random(7)
        bare = prepare("off")
        bare.put(RAM + 0x400, *(any_word(chance) for _ in range(500)))
        random_registers(bare, chance)
        bare["pc"] = RAM + 0x400
        run(bare, 5000)
        memory = bare.machine.read_physical(RAM, 1 << 20)
        results.append((dict(bare.machine.counters), dict(bare.machine.registers), memory))
    assert results[0] == results[1]
