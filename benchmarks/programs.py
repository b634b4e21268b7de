# SPDX-License-Identifier: BSD-2-Clause
"""Endless bare programs, each dominated by one kind of work, which count their turns in r10.

Compiled code uses r10 for its own purposes, so a program that calls some keeps the count at TURNS.

A program starts at its label `program`, with r10 zero and a stack, behind the start-up code of
`sel4emu.bare`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np

from benchmarks.compile import compile_program
from sel4emu.asm import Assembly, assemble
from sel4emu.bare import PAGE_BYTES, flat_startup
from sel4emu.board import load_board
from sel4emu.loader import Image

LOAD_ADDRESS: Final = 0x8000_0000
TABLE_ADDRESS: Final = 0x8001_0000
STACK_ADDRESS: Final = 0x8008_0000
#: What the programs work on, away from their code.
DATA_ADDRESS: Final = 0x8100_0000
COPY_ADDRESS: Final = 0x8180_0000
COPY_BYTES: Final = 1 << 20
TURNS_ADDRESS: Final = 0x8190_0000
LINE_BYTES: Final = 32
SORT_WORDS: Final = 256
SEED: Final = 2010

#: Bytes to be put into memory before a program starts, by physical address.
Data = Mapping[int, bytes]


def no_data() -> Data:
    """For a program that makes its own."""
    return {}


@dataclass(frozen=True, slots=True)
class Program:
    """One workload.

    `source` may use the names of CONSTANTS. `rated`: whether it counts in the ratio to plain
    Unicorn. `image` is a program in C that the source calls as `WORK`.
    """

    name: str
    title: str
    source: str
    data: Callable[[], Data] = no_data
    image: Callable[[], Image] | None = None
    rated: bool = True


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program ready for memory: its bytes by address, and the labels of its code."""

    memory: Data
    labels: Mapping[str, int]

    @property
    def start(self) -> int:
        """Where the start-up code ends and the program begins."""
        return self.labels["program"]


CONSTANTS: Final = {
    "DATA": DATA_ADDRESS,
    "COPY": COPY_ADDRESS,
    "COPY_BYTES": COPY_BYTES,
    "SORT_WORDS": SORT_WORDS,
    "SORT_END": DATA_ADDRESS + 4 * SORT_WORDS,
    "SEED": SEED,
    "TURNS": TURNS_ADDRESS,
}

_REGISTERS: Final = """
program:
    add     r0, r0, #1
    eor     r1, r1, r0
    add     r2, r2, r1, lsl #3
    sub     r3, r3, r2
    orr     r4, r4, r3
    adds    r5, r5, #1
    addne   r6, r6, #3
    add     r10, r10, #1
    b       program
"""

_LOAD_STORE: Final = """
program:
    ldr     r1, =DATA
again:
    ldr     r0, [r1]
    add     r0, r0, #1
    str     r0, [r1]
    ldr     r2, [r1, #4]
    str     r2, [r1, #8]
    add     r3, r3, r2
    add     r10, r10, #1
    b       again
"""

_CALL_RETURN: Final = """
program:
again:
    bl      outer
    add     r10, r10, #1
    b       again
outer:
    push    {r4, lr}
    bl      inner
    pop     {r4, pc}
inner:
    bx      lr
"""

#: A turn is 32 bytes.
_BLOCK_COPY: Final = """
program:
    ldr     r0, =DATA
    ldr     r1, =COPY
    add     r11, r0, #COPY_BYTES
again:
    ldmia   r0!, {r2-r9}
    stmia   r1!, {r2-r9}
    add     r10, r10, #1
    cmp     r0, r11
    bne     again
    b       program
"""

_CHASE: Final = """
program:
    ldr     r0, =DATA
again:
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    ldr     r0, [r0]
    add     r10, r10, #1
    b       again
"""

#: Shell sort of fresh random numbers, a turn for each sort; r9 is the generator.
_SORT: Final = """
program:
    ldr     r9, =SEED
    ldr     r8, =1664525
    ldr     r7, =1013904223
again:
    ldr     r0, =DATA
    ldr     r1, =SORT_END
fill:
    mla     r9, r8, r9, r7
    str     r9, [r0], #4
    cmp     r0, r1
    blo     fill
    mov     r2, #SORT_WORDS << 1          @ gap in bytes: half the words
pass:
    ldr     r0, =DATA
    add     r3, r0, r2                    @ the word to be put in its place
next:
    ldr     r4, [r3]
    mov     r5, r3
compare:
    sub     r6, r5, r2
    cmp     r6, r0
    blo     placed
    ldr     r11, [r6]
    cmp     r11, r4
    bls     placed
    str     r11, [r5]
    mov     r5, r6
    b       compare
placed:
    str     r4, [r5]
    add     r3, r3, #4
    cmp     r3, r1
    blo     next
    movs    r2, r2, lsr #1
    cmp     r2, #4
    bhs     pass
    add     r10, r10, #1
    b       again
"""

_CALL_C: Final = """
program:
    ldr     r4, =WORK
    ldr     r5, =TURNS
    mov     r0, #1
again:
    blx     r4
    add     r10, r10, #1
    str     r10, [r5]
    b       again
"""


def chain(size: int, span: int = PAGE_BYTES) -> Data:
    """A cycle through every line of `size` bytes: the first word of each is the next's address.

    Spans of `span` bytes come in random order, and so do the lines of each: with pages for spans
    it is the caches that are measured, without the TLB.
    """
    random = np.random.default_rng(SEED)
    lines, each = size // LINE_BYTES, span // LINE_BYTES
    within = random.permuted(np.tile(np.arange(each), (lines // each, 1)), axis=1)
    order = (random.permutation(lines // each)[:, None] * each + within).ravel()
    words = np.zeros((lines, LINE_BYTES // 4), np.uint32)
    words[order, 0] = DATA_ADDRESS + np.roll(order, -1) * LINE_BYTES
    return {DATA_ADDRESS: words.tobytes()}


def _chase(name: str, text: str, size: int) -> Program:
    return Program(name, f"pointer chase over {text}, page by page", _CHASE, partial(chain, size))


PROGRAMS: Final = (
    Program("load-store", "two loads, two stores, four others", _LOAD_STORE),
    Program("call-return", "two nested calls with push and pop", _CALL_RETURN),
    Program("block-copy", "LDM and STM copy of 1 MB", _BLOCK_COPY),
    _chase("chase-16k", "16 KB", 1 << 14),
    _chase("chase-128k", "128 KB", 1 << 17),
    _chase("chase-8m", "8 MB", 1 << 23),
    Program("sort", f"Shell sort of {SORT_WORDS} random words", _SORT),
    Program(
        "integer",
        "checksum, text, matrices, sieve, hash table in C",
        _CALL_C,
        image=cache(partial(compile_program, "integer")),
    ),
    Program(
        "chase-scattered",
        "pointer chase over 8 MB, each load in another page",
        _CHASE,
        partial(chain, 1 << 23, 1 << 23),
        rated=False,
    ),
    Program("registers", "eight register instructions and a branch", _REGISTERS, rated=False),
)


def assemble_program(program: Program, *, l2: bool) -> Assembly:
    """The code of a program behind its start-up code, for LOAD_ADDRESS."""
    startup = flat_startup(
        load_board("kzm_arm11"),
        entry="program",
        table=TABLE_ADDRESS,
        stack=STACK_ADDRESS,
        l2=l2,
    )
    constants = dict(CONSTANTS)
    if program.image is not None:
        constants["WORK"] = program.image().entry
    return assemble(startup + program.source, LOAD_ADDRESS, constants)


def load(program: Program, *, l2: bool) -> Loaded:
    """Everything that a program needs in memory; `l2`: whether its start-up turns on the L2CC."""
    assembly = assemble_program(program, l2=l2)
    memory = {LOAD_ADDRESS: assembly.code, **program.data()}
    if program.image is not None:
        for segment in program.image().segments:
            memory[segment.paddr] = segment.data.ljust(segment.memory_size, b"\0")
    return Loaded(memory, assembly.labels)
