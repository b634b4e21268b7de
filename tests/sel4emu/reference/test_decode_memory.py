# SPDX-License-Identifier: BSD-2-Clause
"""Rule 4's table, row by row, with addresses worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sel4emu.reference.decode_memory import lowest_address
from sel4emu.reference.operation import AccessKind, FlowKind, Operation
from sel4emu.reference.records import SCTLR_A, SCTLR_U, Control

Decode = Callable[..., Operation]

#: line, issue, memory cycles, latency, normal sources, address sources; r2 = 0x1000, r3 = 8.
SINGLE = [
    ("ldr r1, [r2]", 1, 1, 3, (), (2,)),
    ("ldr r1, [r2, #-8]", 1, 1, 3, (), (2,)),
    ("ldr r1, [r2, r3]", 1, 1, 3, (), (2, 3)),
    ("ldr r1, [r2, r3, lsl #2]", 1, 1, 3, (), (2, 3)),
    ("ldr r1, [r2, -r3]", 2, 2, 4, (2,), (3,)),
    ("ldr r1, [r2, r3, lsl #1]", 2, 2, 4, (2,), (3,)),
    ("ldr r1, [r2, -r3, lsl #2]", 2, 2, 4, (2,), (3,)),
    ("ldr r1, [r2], r3", 1, 1, 3, (), (2, 3)),
    ("ldr r1, [r2], #4", 1, 1, 3, (), (2,)),
    ("ldrb r1, [r2, #1]", 1, 1, 3, (), (2,)),
    ("ldrh r1, [r2, r3]", 1, 1, 3, (), (2, 3)),
    ("ldrsb r1, [r2, -r3]", 2, 2, 4, (2,), (3,)),
    ("ldr r1, [r2, #2]", 1, 2, 4, (), (2,)),
    ("ldrh r1, [r2, #1]", 1, 2, 4, (), (2,)),
    ("ldr r1, [r2], #3", 1, 2, 3, (), (2,)),
    ("swp r1, r4, [r2]", 2, 2, 3, (4,), (2,)),
    ("swpb r1, r4, [r2]", 2, 2, 3, (4,), (2,)),
    ("ldrex r1, [r2]", 1, 1, 3, (), (2,)),
    ("strex r1, r4, [r2]", 1, 1, 3, (4,), (2,)),
]


@pytest.mark.parametrize(
    ("line", "issue", "cycles", "latency", "normal", "address"), SINGLE, ids=[r[0] for r in SINGLE]
)
def test_single(
    decode: Decode,
    line: str,
    issue: int,
    cycles: int,
    latency: int,
    normal: tuple[int, ...],
    address: tuple[int, ...],
) -> None:
    """Issue, occupancy, latency and sources of a transfer of one register."""
    operation = decode(line, r2=0x1000, r3=8)
    assert (operation.issue, operation.memory_cycles) == (issue, cycles)
    assert [(r.register, r.latency) for r in operation.results] == [(1, latency)]
    assert operation.normal == normal and operation.address == address


def test_store_data_is_a_normal_source(decode: Decode) -> None:
    """STR needs its data later than its address, and writes a word of known value."""
    operation = decode("str r1, [r2, #4]!", r1=7, r2=0x1000)
    assert operation.normal == (1,) and operation.address == (2,) and operation.writeback == (2,)
    assert operation.access and operation.access.words == ((0x1004, 7),)


def test_unaligned_without_u(decode: Decode, control: Control) -> None:
    """With SCTLR.U clear the low bits are dropped, and nothing takes longer."""
    old = replace(control, sctlr=control.sctlr & ~SCTLR_U)
    operation = decode("ldr r1, [r2, #2]", control=old, r2=0x1000)
    assert operation.memory_cycles == 1 and operation.results[0].latency == 3
    assert operation.access and operation.access.address == 0x1000


#: line, r2, address, size in bytes; r3 = 0x80000001, carry clear.
ADDRESSES = [
    ("ldr r1, [r2, r3, lsl #3]", 0x1000, 0x1008, 4),
    ("ldr r1, [r2, r3, lsr #31]", 0x1000, 0x1001, 4),
    ("ldr r1, [r2, r3, asr #31]", 0x1001, 0x1000, 4),
    ("ldrb r1, [r2, r3, ror #4]", 0x1000, 0x1800_1000, 1),
    ("ldrb r1, [r2, r3, rrx]", 0x1000, 0x4000_1000, 1),
    ("ldrb r1, [r2, -r3, lsl #1]", 0x1000, 0x0FFE, 1),
    ("ldrb r1, [r2], #5", 0x1000, 0x1000, 1),
    ("ldr r1, [pc, #4]", 0, 0x8001_000C, 4),
    ("ldrh r1, [r2, #0x12]", 0x1000, 0x1012, 2),
    ("ldmia r2, {r4-r6}", 0x1000, 0x1000, 12),
    ("ldmib r2, {r4-r6}", 0x1000, 0x1004, 12),
    ("ldmdb r2, {r4-r6}", 0x1000, 0x0FF4, 12),
    ("ldmda r2, {r4-r6}", 0x1000, 0x0FF8, 12),
    ("rfeia r2", 0x1000, 0x1000, 8),
    ("rfedb r2!", 0x1000, 0x0FF8, 8),
    ("pld [r2, #8]", 0x1000, 0x1008, 1),
]


@pytest.mark.parametrize(
    ("line", "base", "start", "size"), ADDRESSES, ids=[r[0] for r in ADDRESSES]
)
def test_addresses(decode: Decode, line: str, base: int, start: int, size: int) -> None:
    """The lowest byte that an instruction touches, and how many."""
    access = decode(line, r2=base, r3=0x8000_0001).access
    assert access and (access.address, access.size) == (start, size)


@pytest.mark.parametrize(
    ("base", "cycles", "latencies", "locks"),
    [
        (0x1000, 4, [3, 3, 4, 4, 5, 5, 6], [1, 2, 2, 3, 3, 4, 4]),
        (0x1004, 4, [3, 4, 4, 5, 5, 6, 6], [1, 2, 2, 3, 3, 4, 4]),
    ],
)
def test_seven_words(
    decode: Decode, base: int, cycles: int, latencies: list[int], locks: list[int]
) -> None:
    """LDM and STM of seven words, at a doubleword and beside one."""
    load, store = decode("ldm r8, {r1-r7}", r8=base), decode("stm r8!, {r1-r7}", r8=base)
    assert load.memory_cycles == store.memory_cycles == cycles
    assert [result.latency for result in load.results] == latencies
    assert [lock for _, lock in store.locks] == locks
    assert load.whole_list == store.normal == tuple(range(1, 8))


@pytest.mark.parametrize(("base", "words", "cycles"), [(0, 2, 1), (4, 2, 2), (0, 3, 2), (4, 3, 2)])
def test_occupancy(decode: Decode, base: int, words: int, cycles: int) -> None:
    """Two words a cycle where they share a doubleword."""
    assert decode(f"ldm r8, {{r1-r{words}}}", r8=base).memory_cycles == cycles


@pytest.mark.parametrize(("base", "cycles", "second"), [(0x1000, 1, 3), (0x1004, 2, 4)])
def test_double(decode: Decode, base: int, cycles: int, second: int) -> None:
    """LDRD takes one cycle, and one more beside a doubleword; STRD locks for 1 and 2."""
    load, store = decode("ldrd r4, r5, [r2]", r2=base), decode("strd r4, r5, [r2]", r2=base)
    assert load.memory_cycles == store.memory_cycles == cycles
    assert [result.latency for result in load.results] == [3, second]
    assert store.locks == ((4, 1), (5, 2)) and store.normal == (4, 5)


def test_locks_of_a_slow_double(decode: Decode) -> None:
    """STRD with a register taken from its base reads its registers a cycle later."""
    assert decode("strd r4, r5, [r2, -r3]", r2=0x1000).locks == ((4, 2), (5, 3))
    assert decode("strd r4, r5, [r2, r3]", r2=0x1000).locks == ((4, 1), (5, 2))


def test_loads_of_pc(decode: Decode) -> None:
    """PC comes first: the unit is busy for the rest of the list and a cycle more."""
    operation = decode("ldm r8, {r1-r3, pc}", r8=0x1000)
    assert operation.memory_cycles == 3
    assert [result.latency for result in operation.results] == [4, 4, 5]


@pytest.mark.parametrize(
    ("line", "kind", "figure"),
    [
        ("ldr pc, [r2]", FlowKind.WRITE, 8),
        ("ldr pc, [r2, -r3]", FlowKind.WRITE, 9),
        ("ldr pc, [sp], #4", FlowKind.LOAD_RETURN, 0),
        ("ldr pc, [sp, #4]!", FlowKind.WRITE, 8),
        ("pop {r4, pc}", FlowKind.LOAD_RETURN, 0),
        ("ldm r2, {r4, pc}", FlowKind.WRITE, 8),
        ("ldm sp, {r4, pc}", FlowKind.WRITE, 8),
        ("ldm sp!, {r4, pc}^", FlowKind.EXCEPTION_RETURN, 9),
        ("rfeia sp!", FlowKind.EXCEPTION_RETURN, 9),
    ],
)
def test_flow(decode: Decode, line: str, kind: FlowKind, figure: int) -> None:
    """Loads of PC by their figures; only what pops the stack is a return."""
    flow = decode(line).flow
    assert flow and (flow.kind, flow.figure) == (kind, figure)


def test_srs_uses_the_stack_of_its_mode(bench: Any) -> None:
    """SRS to another mode's stack goes where that mode's r13 was seen last."""
    bench.registers[13] = 0x8000_1000
    bench.run("mov r0, r0")
    bench.cpsr, bench.registers[13] = 0x12, 0x8050_0000
    assert 0x0A in bench.events("srsdb #0x13!")
    bench.registers[10] = 0x8000_0FF8
    assert bench.model._stacks == {0x13: 0x8000_0FF8, 0x12: 0x8050_0000}


@pytest.mark.parametrize(
    ("line", "sctlr", "alignment"),
    [
        ("ldr r1, [r2]", SCTLR_U, 1),
        ("ldr r1, [r2]", SCTLR_A, 4),
        ("ldrh r1, [r2]", SCTLR_A, 2),
        ("ldm r2, {r1}", 0, 1),
        ("ldm r2, {r1}", SCTLR_U, 4),
        ("ldrd r4, r5, [r2]", SCTLR_U, 4),
        ("ldrd r4, r5, [r2]", SCTLR_A, 8),
        ("ldrd r4, r5, [r2]", SCTLR_A | SCTLR_U, 4),
        ("ldrex r1, [r2]", 0, 1),
        ("ldrex r1, [r2]", SCTLR_U, 4),
        ("swp r1, r3, [r2]", SCTLR_A, 4),
        ("swp r1, r3, [r2]", SCTLR_U, 4),
        ("swpb r1, r3, [r2]", SCTLR_A, 1),
        ("srsia sp, #0x13", SCTLR_U, 4),
    ],
)
def test_alignment(decode: Decode, control: Control, line: str, sctlr: int, alignment: int) -> None:
    """SCTLR.A confines everything, SCTLR.U all but plain loads and stores (DDI 0211, 4.4)."""
    access = decode(line, control=replace(control, sctlr=sctlr), r2=0x1000).access
    assert access and access.alignment == alignment


def test_user_permissions_and_kinds(decode: Decode) -> None:
    """LDRT asks as a user would; SWP and PLD are of their own kind."""
    plain, user = decode("ldr r1, [r2]").access, decode("ldrt r1, [r2], #4").access
    swap, preload = decode("swp r1, r3, [r2]").access, decode("pld [r2]").access
    assert plain and user and swap and preload
    assert user.user and not plain.user
    assert swap.kind is AccessKind.SWAP and preload.kind is AccessKind.PRELOAD


def test_lowest_address_wraps() -> None:
    """Below zero lies the end of the address space."""
    assert lowest_address(0xE910_0003, 4, 2) == 0xFFFF_FFFC
