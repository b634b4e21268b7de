# SPDX-License-Identifier: BSD-2-Clause
"""What the measurements of the emulated board must show, by the sources."""

import itertools

import pytest

from benchmarks.results import Figure, Results, figures

PER_CENT = 10


def compared(measured: Results) -> dict[str, Figure]:
    """The comparisons by name."""
    return {figure.name: figure for figure in figures(measured)}


def test_latencies_are_those_of_the_sources(measured: Results) -> None:
    """Dependent loads from each level cost what was published, within a tenth."""
    figures = [f for name, f in compared(measured).items() if name.startswith("dependent load")]
    assert len(figures) == 4
    for figure in figures:
        assert abs(figure.error) <= PER_CENT, figure


def test_latency_rises_with_the_working_set(measured: Results) -> None:
    """A larger set is never faster, but for the chance of random replacement."""
    for way in itertools.product((False, True), repeat=2):
        steps = [step.cycles for step in measured.latencies if (step.l2, step.alone) == way]
        assert all(after > 0.97 * before for before, after in itertools.pairwise(steps))
        assert steps[0] == pytest.approx(4, abs=0.05)


def test_streams_stay_below_the_peak(measured: Results) -> None:
    """No stream from or to memory is faster than the memory's bus."""
    figures = [f for name, f in compared(measured).items() if name.startswith("streaming")]
    assert len(figures) == 4
    assert all(0 < figure.measured <= figure.expected for figure in figures)


def test_tlbs_reach_as_far_as_they_have_entries(measured: Results) -> None:
    """Ten pages fit the micro TLB, 64 the main one."""
    names = ("pages without a micro TLB miss", "pages without a table walk")
    assert [compared(measured)[name].error for name in names] == [0, 0]


@pytest.mark.parametrize("kind", ["branches", "exceptions"])
def test_flow_costs_what_the_manual_says(measured: Results, kind: str) -> None:
    """Every change of flow for which there is a figure costs exactly that."""
    flows = [flow for flow in getattr(measured, kind) if flow.expected is not None]
    assert flows
    assert [flow for flow in flows if flow.cycles != flow.expected] == []
