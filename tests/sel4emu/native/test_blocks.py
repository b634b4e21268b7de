# SPDX-License-Identifier: BSD-2-Clause
"""Blocks that are accounted for as a whole: whatever is hot, the same is counted and done."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from sel4emu.bare import flat_startup
from sel4emu.native import model_state as ms
from sel4emu.native.blocks import block_place
from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, Bare

#: Runs after which a block is hot: at once, as usual, never.
HOT: Final = (2, 32, 1 << 30)
ROUNDS: Final = 300

MIXED: Final = f"""
    start: ldr r1, ={RAM + 0x1_0000}
    ldr r2, ={ROUNDS}
    again: str r2, [r1], #4
    ldr r3, [r1, #-4]
    ldrd r4, r5, [r1]
    add r6, r6, r3, lsl #3
    mla r7, r6, r3, r7
    cmp r3, #150
    addgt r8, r8, #1
    stmdb sp!, {{r3-r6, lr}}
    bl work
    ldmia sp!, {{r3-r6, lr}}
    tst r2, #7
    ldreq r9, [r1, #0x800]
    subs r2, r2, #1
    bne again
    done: b done
    work: eor r10, r10, r3
    tst r3, #1
    bxeq lr
    add r10, r10, #5
    bx lr
"""


def prepare(bench: Bare, hot: int, source: str, *, caches: bool = True) -> None:
    """Load a program behind a start-up that turns the MMU on, and the caches if wanted."""
    bench.machine.cpu.state[0]["hot"] = hot
    begin = flat_startup(
        bench.machine.board,
        entry="start",
        table=RAM + 0x40_0000,
        stack=RAM + 0x8_0000,
        caches=caches,
    )
    bench.load(begin + source)


def seen(bench: Bare) -> tuple[dict[str, int], dict[str, int], bytes]:
    """All that a guest or a reader of counters could tell apart."""
    machine = bench.machine
    counters = dict(machine.counters)
    del counters["tlb_fills"]  # Unicorn's own: not the chip's
    return counters, dict(machine.registers), machine.read_physical(RAM + 0x1_0000, 0x8_0000)


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("caches", [True, False])
@pytest.mark.parametrize("hot", HOT[:2])
def test_hot_and_cold_count_the_same(level: str, caches: bool, hot: int) -> None:
    """Counters, causes, events, registers and memory do not depend on what is hot."""
    results = []
    for threshold in (hot, HOT[-1]):
        bench = Bare(level)
        prepare(bench, threshold, MIXED, caches=caches)
        bench.go(cycles=10_000_000)
        results.append(seen(bench))
        assert bench.machine.cpu.state[0]["blocks"]["bare"].any() == (threshold != HOT[-1])
    assert results[0] == results[1]


def colliding(count: int) -> list[int]:
    """Addresses of `count` routines whose blocks want the same place."""
    wanted = block_place.py_func(RAM + 0x10_0000)
    found: list[int] = []
    address = RAM + 0x10_0000
    while len(found) < count:
        if block_place.py_func(address) == wanted:
            found.append(address)
        address += 4
    return found


def run_colliding(level: str, hot: int, count: int) -> Bare:
    """Call `count` such routines 200 times, in loops of as many as find a place."""
    bench = Bare(level)
    places = colliding(count)
    source = "start: nop\n"
    for first in range(0, count, ms.BLOCK_WAYS):
        calls = places[first : first + ms.BLOCK_WAYS]
        source += f"mov r2, #200\nagain{first}:\n"
        source += "".join(f"ldr r12, ={place}\nblx r12\n" for place in calls)
        source += f"subs r2, r2, #1\nbne again{first}\n"
    prepare(bench, hot, source + "done: b done")
    for number, place in enumerate(places):  # add r3, r3, #number; add r4, r4, r3 thrice; bx lr
        words = (0xE283_3000 | number, 0xE084_4003, 0xE084_4003, 0xE084_4003, 0xE12F_FF1E)
        bench.put(place, *words)
    bench["r3"] = bench["r4"] = 0
    bench.go(cycles=10_000_000)
    return bench


@pytest.mark.parametrize("level", ["full", "off"])
def test_blocks_that_want_one_place(level: str) -> None:
    """A kernel with its programs has many of them; each new one once made all be translated anew.

    Booting Linux, most of the host's time went there.
    """
    bench = run_colliding(level, HOT[0], ms.BLOCK_WAYS)
    assert bench["r3"] == 200 * sum(range(ms.BLOCK_WAYS))
    record = bench.machine.cpu.state[0]
    first = block_place.py_func(RAM + 0x10_0000)
    assert record["blocks"]["bare"][first : first + ms.BLOCK_WAYS].all()
    alone = run_colliding(level, HOT[0], 1).machine.cpu.state[0]
    assert record["block_generation"] == alone["block_generation"], "nothing had to be forgotten"


@pytest.mark.parametrize("level", ["full", "off"])
def test_more_blocks_than_places(level: str) -> None:
    """Where blocks without calls have taken all places, the same is counted and done."""
    hot, cold = (
        run_colliding(level, threshold, ms.BLOCK_WAYS + 2) for threshold in (HOT[0], HOT[-1])
    )
    assert seen(hot) == seen(cold)
    assert hot.machine.cpu.state[0]["block_generation"] > 1


@pytest.mark.parametrize("mmu", [True, False])
def test_lines_fetched_again_each_round(make_bare: Callable[[str], Bare], mmu: bool) -> None:
    """Without an instruction cache a hot block waits for its lines each time that it runs."""
    source = "start: mov r2, #200\nagain:" + "add r3, r3, r2\n" * 20
    source += "subs r2, r2, #1\nbne again\ndone: b done\n"
    results = []
    for threshold in HOT:
        bench = make_bare("full")
        if mmu:
            prepare(bench, threshold, source, caches=False)
        else:
            bench.machine.cpu.state[0]["hot"] = threshold
            bench.load(source)
        bench.go(cycles=1_000_000)
        results.append(seen(bench))
    assert results[0] == results[2]
    assert results[1] == results[2]


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("hot", HOT[:2])
def test_code_changed_in_a_hot_block(level: str, hot: int) -> None:
    """A store into a loop that is hot takes effect, and costs what it costs a cold one."""
    results = []
    for threshold in (hot, HOT[-1]):
        bench = Bare(level)
        source = """
            start: mov r2, #200
            adr r1, target
            ldr r0, =0xe2855009
            mov r6, #0
            again: cmp r2, #100
            streq r0, [r1]
            mcreq p15, 0, r6, c7, c10, 4
            mcreq p15, 0, r6, c7, c5, 0
            b target
            target: add r5, r5, #1
            add r7, r7, r5
            subs r2, r2, #1
            bne again
            done: b done
        """
        prepare(bench, threshold, source)
        bench["r5"] = 0
        bench.go(cycles=1_000_000)
        assert bench["r5"] == 100 + 9 * 100
        results.append(seen(bench))
    assert results[0] == results[1]


@pytest.mark.parametrize("hot", HOT[:2])
def test_breakpoint_in_a_hot_block(make_bare: Callable[[str], Bare], hot: int) -> None:
    """Each round stops before the instruction, at the cycle at which a cold block does."""
    for level in ("full", "off"):
        stops = []
        for threshold in (hot, HOT[-1]):
            bench = make_bare(level)
            prepare(bench, threshold, MIXED)
            bench.machine.run("again", cycles=1_000_000)
            bench.machine.run(cycles=3_000)
            inside = bench.machine.symbols["again"] + 12
            for _ in range(4):
                assert bench.machine.run(inside, cycles=10_000).reason is StopReason.ADDRESS
                stops.append((threshold == HOT[-1], seen(bench)))
                assert bench["pc"] == inside
        assert [s for cold, s in stops if not cold] == [s for cold, s in stops if cold]


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("hot", HOT[:2])
def test_limits_in_hot_blocks(level: str, hot: int) -> None:
    """Runs that end at odd cycles end at the same instruction, and sum up to the same."""
    benches = [Bare(level), Bare(level)]
    for bench, threshold in zip(benches, (hot, HOT[-1]), strict=True):
        prepare(bench, threshold, MIXED)
    for cycles in (5003, 1, 2, 3, 5, 7, 11, 997, 13, 1009, 17):
        for bench in benches:
            bench.machine.run("done", cycles=cycles)
        assert seen(benches[0]) == seen(benches[1]), cycles


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("hot", HOT[:2])
def test_event_in_a_hot_block(level: str, hot: int) -> None:
    """An event happens before the first instruction at or after its cycle, hot or not."""
    places = []
    for threshold in (hot, HOT[-1]):
        bench = Bare(level)
        prepare(bench, threshold, MIXED)
        bench.machine.run("again", cycles=1_000_000)
        machine = bench.machine
        noted: list[tuple[int, int, int]] = []

        def note(due: int, bench: Bare = bench, noted: list[tuple[int, int, int]] = noted) -> None:
            noted.append((due, bench.machine.cycles, bench["pc"]))

        for n in range(1, 60):
            due = machine.cycles + 131 * n
            machine.events.schedule(due, partial(note, due), "test")
        bench.go(cycles=10_000_000)
        if level == "off":
            assert all(due == cycles for due, cycles, _pc in noted)
        assert all(due <= cycles for due, cycles, _pc in noted)
        places.append((noted, seen(bench)))
        assert len(noted) > 10
    assert places[0] == places[1]


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("hot", HOT[:2])
def test_two_address_spaces(level: str, hot: int) -> None:
    """Different code at one virtual address: each space runs and is charged for its own."""
    results = []
    for threshold in (hot, HOT[-1]):
        bench = Bare(level)
        bench.machine.cpu.state[0]["hot"] = threshold
        other = RAM + 0x20_0000
        tables = (RAM + 0x10_0000, other)
        for number, table in enumerate(tables):
            for virtual in (0, RAM):
                bench.tables.section(virtual, virtual, table=table)
            page = RAM + 0x30_0000 + 0x1000 * number
            bench.tables.page(0x4000_7000, page, 0x830, table=table)
            body = ([0xE285_5001] * 3, [0xE286_6001, 0xE286_6002])[number]
            bench.put(page, *body, 0xE12F_FF1E)  # add to r5 thrice or to r6; bx lr
        bench.load(
            f"""
            ldr r0, ={tables[0]}
            mcr p15, 0, r0, c2, c0, 0
            ldr r0, =0x55555555
            mcr p15, 0, r0, c3, c0, 0
            mrc p15, 0, r0, c1, c0, 0
            ldr r1, =0x801805
            orr r0, r0, r1
            mcr p15, 0, r0, c1, c0, 0
            mov r2, #200
            ldr r3, =0x40007000
            ldr r8, ={tables[0]}
            ldr r9, ={tables[1]}
            again: mcr p15, 0, r8, c2, c0, 0
            mov r4, #1
            mcr p15, 0, r4, c13, c0, 1
            mcr p15, 0, r4, c7, c5, 4
            blx r3
            mcr p15, 0, r9, c2, c0, 0
            mov r4, #2
            mcr p15, 0, r4, c13, c0, 1
            mcr p15, 0, r4, c7, c5, 4
            blx r3
            subs r2, r2, #1
            bne again
            done: b done
            """
        )
        bench["r5"] = bench["r6"] = 0
        bench.go(cycles=1_000_000)
        assert (bench["r5"], bench["r6"]) == (600, 600)
        results.append(seen(bench))
    assert results[0] == results[1]


ALIGNMENT: Final = """
    start: mov r8, sp
    mov r9, #200
    again: mov sp, r8
    bl work
    eor r8, r8, #4
    subs r9, r9, #1
    bne again
    done: b done
    work: push {r4-r7}
    mov r0, r1
    pop {r4-r7}
    add r1, r7, #1
    bx lr
"""
KEPT_FLAGS: Final = f"""
    start: ldr r8, ={RAM + 0x1_0000}
    mov r9, #200
    mov r5, #1
    cmp r5, #0
    again: tst r5, #7
    ldrcs r2, [r8]
    mulcs r3, r2, r5
    subs r9, r9, #1
    bne again
    done: b done
"""
KEPT_REGISTER: Final = f"""
    start: ldr r8, ={RAM + 0x1_0000}
    mov r9, #200
    mov r6, #1
    mov r7, #6
    add r5, r8, #0x2000
    again: cmp r9, #100
    addhi r5, r8, r6, lsl r7
    ldrls r5, [r8]
    addls r5, r5, r8
    ldr r1, [r5]
    add r5, r8, #0x2000
    subs r9, r9, #1
    bne again
    done: b done
"""
READS_DEVICE: Final = """
    start: ldr r1, =0x53F90000
    ldr r0, =0x241
    str r0, [r1]
    mov r2, #200
    again: add r3, r3, #1
    add r3, r3, #1
    ldr r6, [r1, #0x24]
    add r7, r6, r7, ror #1
    add r3, r3, #1
    subs r2, r2, #1
    bne again
    done: b done
"""
ABORTS: Final = """
    start: mov r2, #100
    mov r7, #0
    mov r4, #0xB0000000
    again: add r3, r3, #1
    ldr r6, [r4]
    add r3, r3, #1
    subs r2, r2, #1
    bne again
    done: b done
    handler: add r7, r7, #1
    subs pc, lr, #4
"""
BIG_ENDIAN: Final = f"""
    start: ldr r4, ={RAM + 0x1_0000}
    mov r2, #0x1000
    setend be
    str r2, [r4]
    mov r2, #200
    again: ldr r3, [r4]
    ldr r6, [r4, r3]
    add r5, r5, #1
    subs r2, r2, #1
    bne again
    setend le
    done: b done
"""


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("hot", HOT[:2])
@pytest.mark.parametrize(
    ("source", "handler"),
    [
        (READS_DEVICE, None),
        (ABORTS, "handler"),
        (BIG_ENDIAN, None),
        (ALIGNMENT, None),
        (KEPT_FLAGS, None),
        (KEPT_REGISTER, None),
    ],
    ids=["device", "abort", "big-endian", "alignment", "kept flags", "kept register"],
)
def test_what_cannot_be_known_at_the_head_counts_the_same(
    level: str, hot: int, source: str, handler: str | None
) -> None:
    """Devices, aborts, byte order, alignment, flags and registers that an instruction keeps.

    Each was once counted wrongly in a hot block: a device saw the time of the block's end, what an
    abort kept from running was counted; loaded addresses were taken as little-endian; an LDM was
    taken to be aligned as last time; the carry that TST keeps was taken to be clear, and a
    register that a failed condition keeps to be what the other instruction gives.
    """
    outcomes = []
    for runs in (hot, HOT[-1]):
        bench = Bare(level)
        bench.machine.cpu.state[0]["hot"] = runs
        table, stack = RAM + 0x40_0000, RAM + 0x8_0000
        begin = flat_startup(bench.machine.board, entry="start", table=table, stack=stack)
        if handler:
            bench.load(begin + source, dabt=handler)
        else:
            bench.load(begin + source)
        assert bench.machine.run("done", cycles=1_000_000).reason is StopReason.ADDRESS
        outcomes.append(seen(bench))
    assert outcomes[0] == outcomes[1]


def test_slow_memory_does_not_run_past_an_event(make_bare: Callable[[str], Bare]) -> None:
    """However slow the parameters make memory, a hot block stops at the same instruction."""
    places = []
    for runs in (2, HOT[-1]):
        bench = make_bare("full")
        record = bench.machine.cpu.state[0]
        slow = [min(10_000, max(1, 40 * int(v))) for v in record["parameters"]]
        bench.machine.cpu.bound_costs(slow)
        record["parameters"] = slow
        prepare(bench, runs, MIXED)
        bench.machine.run(cycles=3_000_000)
        stops = []
        for _ in range(20):
            bench.machine.run(cycles=9_973)
            stops.append((bench.machine.registers["pc"], bench.machine.cycles))
        places.append(stops)
    assert places[0] == places[1]
