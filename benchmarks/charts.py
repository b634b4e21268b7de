# SPDX-License-Identifier: BSD-2-Clause
"""The measurements of the emulated board as pictures."""

from collections.abc import Mapping
from typing import Final

from benchmarks.memory import BANDWIDTH_BYTES, BANDWIDTH_KINDS, KILOBYTE, LATENCY_BYTES
from benchmarks.results import Results
from benchmarks.svg import Guide, Series, bar_chart, line_chart, row_chart
from benchmarks.tables import alone_text, size_text

#: Working sets that are named on the axis: powers of two.
NAMED_BYTES: Final = frozenset(KILOBYTE << n for n in range(14))
NAMED_PAGES: Final = frozenset({1, 2, 4, 8, 10, 16, 32, 64, 128})
L2_NAMES: Final = {False: "L2 off", True: "L2 on"}


def latency_chart(results: Results) -> str:
    """The staircase."""
    series = [
        Series(
            f"{name}, {alone_text(alone)}",
            tuple(results.latency(size, l2=l2, alone=alone) for size in LATENCY_BYTES),
        )
        for alone in (True, False)
        for l2, name in L2_NAMES.items()
    ]
    return line_chart(
        "Latency of a dependent load",
        "cycles",
        "working set",
        LATENCY_BYTES,
        [size_text(size) if size in NAMED_BYTES else "" for size in LATENCY_BYTES],
        series,
        [
            Guide("second-level cache: 26", 26),
            Guide("memory, L2 off: 60", 60),
            Guide("memory, L2 on: 96", 96),
        ],
    )


def bandwidth_chart(results: Results) -> str:
    """Streams from memory and from L2; L1 is of another size and stands in the table."""
    places = [
        (kind, size, l2)
        for size in BANDWIDTH_BYTES[1:]
        for kind in BANDWIDTH_KINDS
        for l2 in (False, True)
    ]
    labels = [f"{kind} {size_text(size)}" for kind, size, l2 in places if l2]
    series = [
        Series(
            name,
            tuple(results.bandwidth(kind, size, l2=on) for kind, size, on in places if on == l2),
        )
        for l2, name in L2_NAMES.items()
    ]
    return bar_chart(
        "Streaming bandwidth", "MB/s", labels, series, [Guide("peak of the memory: 1064", 1064)]
    )


def tlb_chart(results: Results) -> str:
    """Cycles by pages touched."""
    pages = [reach.pages for reach in results.reaches]
    return line_chart(
        "Reach of the TLBs: 10 entries, then 64",
        "cycles",
        "pages of 4 KB",
        pages,
        [str(number) if number in NAMED_PAGES else "" for number in pages],
        [Series("dependent load", tuple(reach.cycles for reach in results.reaches))],
    )


def branch_chart(results: Results) -> str:
    """What each kind of branch costs, where the manual says it too."""
    rows = [(x.name, x.cycles, x.expected) for x in results.branches if x.expected is not None]
    names, measured, expected = zip(*rows, strict=True)
    return row_chart(
        "Cost of branches, in cycles",
        names,
        [Series("measured", measured), Series("manual", expected)],
    )


def charts(results: Results) -> Mapping[str, str]:
    """SVG texts by file name."""
    return {
        "latency.svg": latency_chart(results),
        "bandwidth.svg": bandwidth_chart(results),
        "tlb.svg": tlb_chart(results),
        "branches.svg": branch_chart(results),
    }
