# SPDX-License-Identifier: BSD-2-Clause
"""Everything that is measured on the emulated board, and the figures that sources give for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.flow import Flow, branches, exceptions, message_cycles
from benchmarks.memory import (
    KILOBYTE,
    Bandwidth,
    Latency,
    Reach,
    bandwidths,
    latencies,
    reaches,
)

#: The sets that stand for each level of memory: no other one helps.
L1_BYTES: Final = 8 * KILOBYTE
L2_BYTES: Final = 64 * KILOBYTE
MEMORY_BYTES: Final = 8192 * KILOBYTE
STREAM_BYTES: Final = 1024 * KILOBYTE
#: More than a micro TLB holds, and fewer than the main TLB.
MAIN_TLB_PAGES: Final = 32
#: What the end of a measured loop may add to the cycles of one of its loads.
END_OF_LOOP: Final = 0.05


@dataclass(frozen=True, slots=True)
class Results:
    """All measurements."""

    latencies: tuple[Latency, ...]
    bandwidths: tuple[Bandwidth, ...]
    reaches: tuple[Reach, ...]
    branches: tuple[Flow, ...]
    exceptions: tuple[Flow, ...]
    message_cycles: float

    def latency(self, size: int, *, l2: bool, alone: bool) -> float:
        """Cycles of a dependent load in a set of that size."""
        wanted = (size, l2, alone)
        return next(x.cycles for x in self.latencies if (x.size, x.l2, x.alone) == wanted)

    def bandwidth(self, kind: str, size: int, *, l2: bool) -> float:
        """Megabytes a second."""
        found = (x for x in self.bandwidths if (x.kind, x.size, x.l2) == (kind, size, l2))
        return next(found).megabytes_per_second

    def reach(self, pages: int) -> float:
        """Cycles of a load when so many pages are touched in turn."""
        return next(x.cycles for x in self.reaches if x.pages == pages)

    def last_before_rise(self, pages: int) -> int:
        """The most pages, among those tried, that cost no more than `pages` pages do."""
        most = self.reach(pages) + END_OF_LOOP
        return max(x.pages for x in self.reaches if x.cycles <= most)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure and a source's, in a unit, with what the source is."""

    name: str
    unit: str
    measured: float
    expected: float
    source: str

    @property
    def error(self) -> float:
        """How much greater the measured figure is, in per cent."""
        return round((self.measured / self.expected - 1) * 100, 1)


def measure() -> Results:
    """Measure everything; takes some seconds."""
    return Results(
        latencies=tuple(latencies()),
        bandwidths=tuple(bandwidths()),
        reaches=tuple(reaches()),
        branches=tuple(branches()),
        exceptions=tuple(exceptions()),
        message_cycles=message_cycles(),
    )


def figures(results: Results) -> Iterator[Figure]:
    """What can be held against a figure of a source."""
    manual = "manual: load latency 3, and 1 more for an address"
    paper = "Blackham, Shi, Heiser, EuroSys 2012"
    rows = (
        ("dependent load, first-level cache", L1_BYTES, False, 4, manual),
        ("dependent load, second-level cache", L2_BYTES, True, 26, paper),
        ("dependent load, memory, L2 off", MEMORY_BYTES, False, 60, paper),
        ("dependent load, memory, L2 on", MEMORY_BYTES, True, 96, paper),
    )
    for name, size, l2, expected, source in rows:
        yield Figure(name, "cycles", results.latency(size, l2=l2, alone=True), expected, source)
    peak = "peak of the memory: 32 bits, 133 MHz, both edges"
    for l2 in (False, True):
        for kind in ("read", "write"):
            name = f"streaming {kind}, memory, L2 {'on' if l2 else 'off'}"
            measured = results.bandwidth(kind, STREAM_BYTES, l2=l2)
            yield Figure(name, "MB/s", measured, 1064, peak)
    micro = results.last_before_rise(1)
    yield Figure("pages without a micro TLB miss", "pages", micro, 10, "manual: 10 entries")
    main = results.last_before_rise(MAIN_TLB_PAGES)
    yield Figure("pages without a table walk", "pages", main, 64, "manual: 64 entries, two-way")
    yield Figure(
        "message between address spaces",
        "cycles",
        results.message_cycles,
        188,
        "seL4 on this chip, one way (From L3 to seL4, SOSP 2013)",
    )
