# SPDX-License-Identifier: BSD-2-Clause
"""Causes, events and symbols of a run, without a machine."""

from typing import Final

import pytest

from sel4emu.cli.breakdown import (
    CAUSES,
    EVENTS,
    SymbolCost,
    causes_of,
    costs_of,
    events_of,
    shares,
    tables,
)

COUNTERS: Final = {
    "cycles": 2000,
    "instructions": 800,
    "cycle_issue": 800,
    "cycle_interlock": 300,
    "cycle_data": 500,
    "cycle_write_buffer": 100,
    "idle": 250,
    "modelled": 50,
    "event_branch": 100,
    "event_mispredict": 4,
    "event_data_micro_tlb_miss": 2,
    "l2_hit": 3,
}
PROFILE: Final = [
    ("main", {"instructions": 300, "issue": 300, "interlock": 100}),
    ("copy", {"instructions": 500, "issue": 500, "data": 500}),
    ("0x80001000", {"instructions": 0, "modelled": 50}),
]


def test_causes_add_up() -> None:
    """Every cause has its cycles, and together they are those of the run."""
    causes = causes_of(COUNTERS)
    assert list(causes) == list(CAUSES) and sum(causes.values()) == COUNTERS["cycles"]
    assert (causes["issue"], causes["write_buffer"], causes["idle"]) == (800, 100, 250)
    assert causes["fetch"] == 0


def test_events() -> None:
    """Every event has its count."""
    events = events_of(COUNTERS)
    assert list(events) == list(EVENTS)
    assert {name: count for name, count in events.items() if count} == {
        "branch": 100,
        "mispredict": 4,
        "l2_hit": 3,
        "data_micro_tlb_miss": 2,
    }


def test_symbols() -> None:
    """A symbol's cycles are the sum of its causes; the dearest comes first."""
    costs = costs_of(PROFILE)
    assert [(cost.symbol, cost.cycles, cost.instructions) for cost in costs] == [
        ("copy", 1000, 500),
        ("main", 400, 300),
        ("0x80001000", 50, 0),
    ]
    assert all(sum(cost.breakdown.values()) == cost.cycles for cost in costs)
    assert costs[0].as_json() == {
        "symbol": "copy",
        "cycles": 1000,
        "instructions": 500,
        "breakdown": {cause: {"issue": 500, "data": 500}.get(cause, 0) for cause in CAUSES},
    }


def test_symbols_together() -> None:
    """Symbols as one have the sum of each cause."""
    costs = costs_of(PROFILE)
    everything = SymbolCost.together("all", costs)
    assert (everything.symbol, everything.cycles, everything.instructions) == ("all", 1450, 800)
    assert everything.breakdown["issue"] == 800 and everything.breakdown["modelled"] == 50
    assert SymbolCost.together("none", []).cycles == 0


def test_shares() -> None:
    """Causes that took nothing are left out; without cycles there are none."""
    assert shares(causes_of(COUNTERS), 2000) == [
        *("issue 40.0 %", "interlock 15.0 %", "data 25.0 %", "write buffer 5.0 %"),
        *("idle 12.5 %", "modelled 2.5 %"),
    ]
    assert shares(causes_of({}), 0) == []


def test_tables() -> None:
    """Causes, events and symbols, in columns; the last row of the first and the last is the sum."""
    causes, events, symbols = tables(COUNTERS, costs_of(PROFILE)).removeprefix("\n").split("\n\n")
    lines = causes.splitlines()
    assert lines[:3] == [
        "cause         cycles      %",
        "issue            800   40.0",
        "interlock        300   15.0",
    ]
    assert lines[-1] == "total          2,000  100.0" and len(lines) == len(CAUSES) + 2
    lines = events.splitlines()
    assert lines[:2] == [
        "event                       count  per 1000 instructions",
        "branch                        100                 125.00",
    ]
    assert "data micro TLB miss             2                   2.50" in lines
    assert len(lines) == len(EVENTS) + 1
    assert symbols.splitlines() == [
        "symbol      cycles      %  instructions   CPI  mostly",
        "copy         1,000   69.0           500  2.00  issue 50.0 %, data 50.0 %",
        "main           400   27.6           300  1.33  issue 75.0 %, interlock 25.0 %",
        "0x80001000      50    3.4             0     -  modelled 100.0 %",
        "total        1,450  100.0           800  1.81  issue 55.2 %, data 34.5 %, interlock 6.9 %",
    ]


@pytest.mark.parametrize("count", [30, 31, 200])
def test_many_symbols(count: int) -> None:
    """The cheapest symbols share a row, so that the rows still add up to the total."""
    profile = [(f"s{n}", {"instructions": 1, "issue": n}) for n in range(1, count + 1)]
    text = tables({}, costs_of(profile))
    rows = text[text.index("symbol") :].splitlines()[1:]
    assert len(rows) == min(count, 30 + 1) + 1
    assert (f"({count - 30} more)" in text) == (count > 30)
    # A name in parentheses is two words.
    cycles = [int(row.replace(" more", "").split()[1].replace(",", "")) for row in rows]
    assert sum(cycles[:-1]) == cycles[-1] == count * (count + 1) // 2


def test_tables_of_nothing() -> None:
    """Where nothing ran, or only instructions are counted, no table of events is made."""
    assert "total              0  -" in tables({}, [])
    assert "event" not in tables({"cycle_issue": 5, "instructions": 5}, [])
