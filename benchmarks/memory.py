# SPDX-License-Identifier: BSD-2-Clause
"""Memory of the emulated board, measured: latency, bandwidth and reach of the TLBs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.probe import BOARD, DATA, Probe
from benchmarks.programs import LINE_BYTES, chain
from sel4emu.bare import PAGE_BYTES, SECTION_BYTES
from sel4emu.board import load_board

KILOBYTE: Final = 1024
#: Working sets of the latency staircase, in bytes.
LATENCY_BYTES: Final = tuple(
    KILOBYTE * size
    for size in (
        *(1, 2, 4, 8, 12, 16, 20, 24, 32, 48, 64, 96, 112, 128, 144, 160, 192, 256),
        *(512, 1024, 2048, 4096, 8192),
    )
)
#: Enough loads that the loop's end does not show.
LEAST_LOADS: Final = 2048
LOADS_IN_TURN: Final = 8

#: Blocks that fit into L1, into L2, and into neither.
BANDWIDTH_BYTES: Final = (8 * KILOBYTE, 64 * KILOBYTE, 1024 * KILOBYTE)
BANDWIDTH_KINDS: Final = ("read", "write", "copy")
WORDS_IN_TURN: Final = 32

TLB_PAGES: Final = (1, 2, 4, 6, 8, 9, 10, 11, 12, 16, 24, 32, 48, 56, 64, 66, 68, 72, 80, 96, 128)


@dataclass(frozen=True, slots=True)
class Latency:
    """Cycles of a load whose address the load before it brought, in a set of that many bytes.

    `alone`: the loads are so far apart that the rest of a line has arrived before the next one
    begins; the cycles between them are not counted.
    """

    size: int
    l2: bool
    alone: bool
    cycles: float


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Streaming with LDM and STM of eight registers: what is read, written or copied a second."""

    kind: str
    size: int
    l2: bool
    megabytes_per_second: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Cycles of a dependent load when so many 4 KB pages are touched in turn."""

    pages: int
    cycles: float


# Latency ------------------------------------------------------------------------------------

_CHASE: Final = """
program:
    ldr     r0, =DATA
    ldr     r2, ={turns}
again:
    mov     r1, r2
begin:
    mov     r3, r3
turn:
{loads}
    subs    r1, r1, #1
    bne     turn
end:
    b       again
"""
_LOAD: Final = "    ldr     r0, [r0]\n"
#: One cycle that waits for the load before and holds up the load behind.
_WAIT: Final = "    add     r0, r0, #0\n"
#: More cycles than the last three beats of a line take.
WAIT_CYCLES: Final = 16


def chase_source(loads: int, wait: int = 0) -> str:
    """A loop of so many dependent loads, with `wait` dependent cycles behind each.

    The end of a turn costs nothing: its SUBS issues while the next load waits for its address, and
    its branch is folded.
    """
    body = (_LOAD + _WAIT * wait) * LOADS_IN_TURN
    return _CHASE.format(turns=loads // LOADS_IN_TURN, loads=body)


def chase_cycles(probe: Probe, loads: int) -> float:
    """Cycles of a load in a chase, the second time through."""
    probe.span("begin", "end")
    return round(probe.span("begin", "end") / loads, 2)


def measure_latency(size: int, *, l2: bool, alone: bool) -> Latency:
    """One step of the staircase: every line of the set once, at least."""
    loads = max(size // LINE_BYTES, LEAST_LOADS)
    wait = WAIT_CYCLES if alone else 0
    probe = Probe(chase_source(loads, wait), chain(size, min(size, PAGE_BYTES)), l2=l2)
    return Latency(size, l2, alone, round(chase_cycles(probe, loads) - wait, 2))


def latencies() -> Iterator[Latency]:
    """The staircase, with L2 off and on, of loads alone and back to back."""
    for alone in (True, False):
        for l2 in (False, True):
            for size in LATENCY_BYTES:
                yield measure_latency(size, l2=l2, alone=alone)


# TLB ----------------------------------------------------------------------------------------


def page_chain(pages: int) -> dict[int, bytes]:
    """A cycle through one line of each page, each in another set of the cache, from DATA on."""
    lines = PAGE_BYTES // LINE_BYTES
    order = np.random.default_rng(0).permutation(pages)
    addresses = DATA + order * PAGE_BYTES + order % lines * LINE_BYTES
    following = np.roll(addresses, -1)
    return {
        int(address): int(target).to_bytes(4, "little")
        for address, target in zip(addresses, following, strict=True)
    }


def measure_reach(pages: int) -> Reach:
    """Loads from so many pages in turn, all of which hit the cache."""
    loads = max(LEAST_LOADS // pages, 1) * pages
    loads = -(-loads // LOADS_IN_TURN) * LOADS_IN_TURN
    probe = Probe(chase_source(loads), page_chain(pages), pages=(DATA, SECTION_BYTES), l2=True)
    return Reach(pages, chase_cycles(probe, loads))


def reaches() -> Iterator[Reach]:
    """The reach of the micro TLB and the main TLB."""
    for pages in TLB_PAGES:
        yield measure_reach(pages)


# Bandwidth ----------------------------------------------------------------------------------

#: What a turn of 128 bytes does, by kind: reads at r0, writes at r1.
_TURNS: Final = {
    "read": "    ldmia   r0!, {r2-r9}\n" * 4,
    "write": "    stmia   r1!, {r2-r9}\n" * 4,
    "copy": "    ldmia   r0!, {r2-r9}\n    stmia   r1!, {r2-r9}\n" * 4,
}

#: The block of `r1` is read before the measured turns, since stores allocate no line.
_STREAM: Final = """
program:
    ldr     sp, =DATA
    ldr     lr, ={target}
again:
    mov     r1, lr
    ldr     r10, ={turns}
read_target:
    ldmia   r1!, {{r2-r9}}
    ldmia   r1!, {{r2-r9}}
    ldmia   r1!, {{r2-r9}}
    ldmia   r1!, {{r2-r9}}
    subs    r10, r10, #1
    bne     read_target
    mov     r0, sp
    mov     r1, lr
    ldr     r10, ={turns}
begin:
    mov     r11, r11
turn:
{body}
    subs    r10, r10, #1
    bne     turn
end:
    b       again
"""


def measure_bandwidth(kind: str, size: int, *, l2: bool) -> Bandwidth:
    """One block, streamed through once after a pass that warms everything."""
    # A copy goes from the first half of the block to the second.
    moved = size // 2 if kind == "copy" else size
    target = DATA + size - moved
    turns = moved // (4 * WORDS_IN_TURN)
    source = _STREAM.format(target=target, turns=turns, body=_TURNS[kind])
    probe = Probe(source, l2=l2)
    probe.span("begin", "end")
    cycles = probe.span("begin", "end")
    hertz = load_board(BOARD).clocks.cpu
    return Bandwidth(kind, size, l2, round(moved * hertz / cycles / 1e6, 1))


def bandwidths() -> Iterator[Bandwidth]:
    """Every kind and block, with L2 off and on."""
    for l2 in (False, True):
        for kind in BANDWIDTH_KINDS:
            for size in BANDWIDTH_BYTES:
                yield measure_bandwidth(kind, size, l2=l2)
