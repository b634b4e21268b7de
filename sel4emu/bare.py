# SPDX-License-Identifier: BSD-2-Clause
"""Start-up code for bare programs: memory mapped flat, MMU, caches and predictors on.

Benchmarks, tests and users put it in front of a program in assembly:

    source = flat_startup(load_board("kzm_arm11"), entry="program") + "program: ..."
    code = assemble(source, 0x8000_0000).code

Every memory of the board is cacheable (write-back), everything else is non-shared device memory
that cannot be executed. The translation table is written by the guest itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sel4emu.board import Board
from sel4emu.devices import l2cc

SECTION_BYTES: Final = 1 << 20
PAGE_BYTES: Final = 4096
#: First-level table of ARMv6: a word for each of 4096 sections, aligned to its size.
TABLE_BYTES: Final = 4 * 4096
#: Second-level table: a word for each of 256 pages.
PAGE_TABLE_BYTES: Final = 4 * 256
#: Where the exception vectors lie with SCTLR.V set.
HIGH_VECTORS: Final = 0xFFFF_0000

# Descriptors (ARM ARM B4.7): full access, domain 0, global.
_SECTION_MEMORY: Final = 0x0C0E  # TEX 0, C, B: write-back, inner and outer
_SECTION_DEVICE: Final = 0x2C12  # TEX 2: device, not shared; XN
_PAGE_MEMORY: Final = 0x003E
_PAGE_TABLE: Final = 0x0001

#: Walks are outer write-back, so they read through L2.
_TTBR_WALKS: Final = 0x18
#: XP, U, Z and M always; I and C with the caches.
_SCTLR: Final = 1 << 23 | 1 << 22 | 1 << 11 | 1 << 0
_SCTLR_CACHES: Final = 1 << 12 | 1 << 2
_SCTLR_HIGH_VECTORS: Final = 1 << 13
#: 8 ways of 16 KB, as kernels for this board set it.
_L2_AUX: Final = 0x0003_001B
_L2_ALL_WAYS: Final = 0xFF
_INVALIDATE_WAY: Final = 0x77C


@dataclass(frozen=True, slots=True)
class _Run:
    """`count` words of a table: the first `word`, each next one `step` greater."""

    word: int
    count: int
    step: int


def flat_startup(
    board: Board,
    *,
    entry: str | int,
    table: int,
    stack: int,
    pages: tuple[int, int] | None = None,
    vectors: int | None = None,
    caches: bool = True,
    l2: bool = False,
) -> str:
    """Assembly source that maps memory flat, turns the chip's units on and jumps to `entry`.

    - `entry`: a label of the program behind, or an address;
    - `table`: physical address of 16 KB for the first-level table (aligned to as much), with 1 KB
      for each megabyte of `pages` behind it;
    - `stack`: the initial stack pointer;
    - `pages`: (address, bytes) in whole megabytes of memory to be mapped with 4 KB pages;
    - `vectors`: physical address, below whose megabyte's last 64 KB the exception vectors lie
      (at offset 0xF0000): that megabyte is mapped at 0xFFF00000 too, and SCTLR.V set;
    - `caches`: level-one instruction and data cache; `l2`: the board's L2CC.

    Runs in supervisor mode with the MMU off, at an address that is mapped flat. Spoils r0-r4.
    """
    assert table % TABLE_BYTES == 0, hex(table)
    runs = [*_first_level(board, table, pages, vectors), *_second_level(pages)]
    sctlr = _SCTLR | (_SCTLR_CACHES if caches else 0)
    if vectors is not None:
        sctlr |= _SCTLR_HIGH_VECTORS
    table_words = "".join(f".word {run.word}, {run.count}, {run.step}\n" for run in runs)
    return (
        _START.format(table=table)
        + (_l2_on(board) if l2 else "")
        + _ON.format(ttbr=table | _TTBR_WALKS, sctlr=sctlr, stack=stack, entry=entry)
        + table_words
        + ".word 0, 0, 0\n"
    )


def _first_level(
    board: Board, table: int, pages: tuple[int, int] | None, vectors: int | None
) -> Iterator[_Run]:
    """The 4096 words of the first-level table, in order."""
    kinds = [_section_word(board, number, table, pages) for number in range(4096)]
    if vectors is not None:
        assert vectors % SECTION_BYTES == 0, hex(vectors)
        kinds[HIGH_VECTORS // SECTION_BYTES] = vectors | _SECTION_MEMORY
    start = 0
    while start < len(kinds):
        step = (kinds[start + 1] - kinds[start]) if start + 1 < len(kinds) else 0
        if step not in (SECTION_BYTES, PAGE_TABLE_BYTES):
            step = 0
        end = start + 1
        while step and end < len(kinds) and kinds[end] == kinds[end - 1] + step:
            end += 1
        yield _Run(kinds[start], end - start, step)
        start = end


def _section_word(board: Board, number: int, table: int, pages: tuple[int, int] | None) -> int:
    address = number * SECTION_BYTES
    if pages is not None and pages[0] <= address < pages[0] + pages[1]:
        second = (address - pages[0]) // SECTION_BYTES * PAGE_TABLE_BYTES
        return table + TABLE_BYTES + second | _PAGE_TABLE
    for memory in board.memories:
        if memory.base < address + SECTION_BYTES and address < memory.base + memory.size:
            return address | _SECTION_MEMORY
    return address | _SECTION_DEVICE


def _second_level(pages: tuple[int, int] | None) -> Iterator[_Run]:
    """The words of all second-level tables, one behind the other."""
    if pages is not None:
        base, size = pages
        assert base % SECTION_BYTES == 0 and size % SECTION_BYTES == 0, (hex(base), hex(size))
        yield _Run(base | _PAGE_MEMORY, size // PAGE_BYTES, PAGE_BYTES)


def _l2_on(board: Board) -> str:
    controller = board.device("l2cc")
    assert controller is not None, f"the board {board.name} has no l2cc"
    return _L2_ON.format(
        base=controller.base,
        aux=_L2_AUX,
        aux_offset=l2cc.AUX,
        ways=_L2_ALL_WAYS,
        invalidate=_INVALIDATE_WAY,
        control=l2cc.CONTROL,
        enable=l2cc.CONTROL_ENABLE,
    )


#: The tables are written with caches and MMU off, so nothing has to be cleaned.
_START: Final = """
startup:
    ldr     r0, ={table}
    adr     r1, startup_runs
startup_run:
    ldm     r1!, {{r2, r3, r4}}          @ word, count, step
    cmp     r3, #0
    beq     startup_mapped
startup_fill:
    str     r2, [r0], #4
    add     r2, r2, r4
    subs    r3, r3, #1
    bne     startup_fill
    b       startup_run
startup_mapped:
"""

_L2_ON: Final = """
    ldr     r0, ={base}
    ldr     r1, ={aux}
    str     r1, [r0, #{aux_offset}]
    mov     r1, #{ways}
    add     r2, r0, #{invalidate} & 0xF00
    str     r1, [r2, #{invalidate} & 0xFF]
startup_l2:
    ldr     r1, [r2, #{invalidate} & 0xFF]
    cmp     r1, #0                       @ reads the ways that are still being invalidated
    bne     startup_l2
    mov     r1, #{enable}
    str     r1, [r0, #{control}]
"""

_ON: Final = """
    mov     r0, #0
    mcr     p15, 0, r0, c7, c7, 0        @ invalidate both caches
    mcr     p15, 0, r0, c7, c5, 6        @ and the branch predictor
    mcr     p15, 0, r0, c8, c7, 0        @ and the TLB
    mcr     p15, 0, r0, c2, c0, 2        @ TTBCR: TTBR0 translates every address
    ldr     r1, ={ttbr}
    mcr     p15, 0, r1, c2, c0, 0
    mov     r1, #1                       @ domain 0: permissions are checked
    mcr     p15, 0, r1, c3, c0, 0
    mcr     p15, 0, r0, c7, c10, 4       @ DSB: the table is in memory
    mrc     p15, 0, r1, c1, c0, 0
    ldr     r2, ={sctlr}
    orr     r1, r1, r2
    mcr     p15, 0, r1, c1, c0, 0
    mcr     p15, 0, r0, c7, c5, 4        @ ISB: fetch through the new mapping
    ldr     sp, ={stack}
    ldr     pc, ={entry}
    .ltorg
startup_runs:
"""
