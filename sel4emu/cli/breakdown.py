# SPDX-License-Identifier: BSD-2-Clause
"""Where the cycles of a run went, and what happened in it: figures and tables.

All of it comes from counters of the machine, of a whole run or of the part of it in one symbol.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

Counts = Mapping[str, int]

#: Each cause of cycles and its counter (rule 1 of docs/TIMING.md); together they are all cycles.
CAUSES: Final[Mapping[str, str]] = {
    "issue": "cycle_issue",
    "interlock": "cycle_interlock",
    "branch": "cycle_branch",
    "system": "cycle_system",
    "fetch": "cycle_fetch",
    "data": "cycle_data",
    "tlb": "cycle_tlb",
    "write_buffer": "cycle_write_buffer",
    "device": "cycle_device",
    "idle": "idle",
    "modelled": "modelled",
}
#: Each event and its counter (rule 11).
EVENTS: Final[Mapping[str, str]] = {
    "branch": "event_branch",
    "taken": "event_taken",
    "mispredict": "event_mispredict",
    "instruction_miss": "event_instruction_miss",
    "data_access": "event_data_access",
    "data_access_cacheable": "event_data_access_cacheable",
    "data_miss": "event_data_miss",
    "half_line_write_back": "event_half_line_write_back",
    "external_access": "event_external_access",
    "l2_hit": "l2_hit",
    "l2_miss": "l2_miss",
    "instruction_micro_tlb_miss": "event_instruction_micro_tlb_miss",
    "data_micro_tlb_miss": "event_data_micro_tlb_miss",
    "main_tlb_miss": "event_main_tlb_miss",
    "lsu_wait": "event_lsu_wait",
    "drain": "event_drain",
}

#: Symbols that are listed one by one; the others share a row.
_SYMBOLS_SHOWN: Final = 30
_CAUSES_SHOWN: Final = 3
#: The columns of numbers end before this one.
_NUMBER_COLUMNS: Final = 5


@dataclass(frozen=True, slots=True)
class SymbolCost:
    """What one symbol (or a page without symbols) took; the breakdown adds up to the cycles."""

    symbol: str
    cycles: int
    instructions: int
    breakdown: Mapping[str, int]

    @classmethod
    def of(cls, symbol: str, counts: Counts) -> Self:
        """From a row of `Machine.profile`, which has the causes by their names."""
        breakdown = {cause: counts.get(cause, 0) for cause in CAUSES}
        return cls(symbol, sum(breakdown.values()), counts["instructions"], breakdown)

    @classmethod
    def together(cls, symbol: str, costs: Sequence["SymbolCost"]) -> Self:
        """Several symbols as one."""
        breakdown = {cause: sum(cost.breakdown[cause] for cost in costs) for cause in CAUSES}
        instructions = sum(cost.instructions for cost in costs)
        return cls(symbol, sum(breakdown.values()), instructions, breakdown)

    def as_json(self) -> dict[str, object]:
        """The object in `--json`; every figure is an integer."""
        return {
            "symbol": self.symbol,
            "cycles": self.cycles,
            "instructions": self.instructions,
            "breakdown": dict(self.breakdown),
        }


def causes_of(counters: Counts) -> dict[str, int]:
    """Cycles by cause."""
    return {cause: counters.get(counter, 0) for cause, counter in CAUSES.items()}


def events_of(counters: Counts) -> dict[str, int]:
    """Events by name."""
    return {event: counters.get(counter, 0) for event, counter in EVENTS.items()}


def costs_of(profile: Iterable[tuple[str, Counts]]) -> list[SymbolCost]:
    """The symbols of a profile, the dearest first."""
    costs = [SymbolCost.of(symbol, counters) for symbol, counters in profile]
    return sorted(costs, key=lambda cost: (-cost.cycles, cost.symbol))


def shares(breakdown: Mapping[str, int], total: int) -> list[str]:
    """The causes that took any cycles, each with its percentage of the total."""
    return [
        f"{_words(cause)} {_percent(cycles, total)} %"
        for cause, cycles in breakdown.items()
        if cycles
    ]


def tables(counters: Counts, symbols: Sequence[SymbolCost]) -> str:
    """Causes, events and symbols as tables for people, each with an empty line before it."""
    instructions = counters.get("instructions", 0)
    parts = [_causes(causes_of(counters)), _events(events_of(counters), instructions)]
    if symbols:
        parts.append(_symbols(symbols))
    return "".join(f"\n{part}" for part in parts if part)


def _causes(breakdown: Mapping[str, int]) -> str:
    total = sum(breakdown.values())
    rows = [(_words(cause), cycles) for cause, cycles in breakdown.items()] + [("total", total)]
    return _aligned(
        [("cause", "cycles", "%")]
        + [(name, f"{cycles:,}", _percent(cycles, total)) for name, cycles in rows]
    )


def _events(events: Mapping[str, int], instructions: int) -> str:
    """Empty if nothing was counted, as at level "off"."""
    if not any(events.values()):
        return ""
    rows = [("event", "count", "per 1000 instructions")]
    for event, count in events.items():
        rate = f"{1000 * count / instructions:.2f}" if instructions else "-"
        rows.append((_words(event), f"{count:,}", rate))
    return _aligned(rows)


def _symbols(symbols: Sequence[SymbolCost]) -> str:
    shown, others = list(symbols[:_SYMBOLS_SHOWN]), symbols[_SYMBOLS_SHOWN:]
    if others:
        shown.append(SymbolCost.together(f"({len(others)} more)", others))
    everything = SymbolCost.together("total", symbols)
    head = ("symbol", "cycles", "%", "instructions", "CPI", "mostly")
    rows = [_symbol_row(cost, everything.cycles) for cost in (*shown, everything)]
    return _aligned([head, *rows])


def _symbol_row(cost: SymbolCost, total: int) -> tuple[str, ...]:
    dearest = sorted(cost.breakdown.items(), key=lambda item: -item[1])[:_CAUSES_SHOWN]
    return (
        cost.symbol,
        f"{cost.cycles:,}",
        _percent(cost.cycles, total),
        f"{cost.instructions:,}",
        f"{cost.cycles / cost.instructions:.2f}" if cost.instructions else "-",
        ", ".join(shares(dict(dearest), cost.cycles)),
    )


def _percent(part: int, total: int) -> str:
    return f"{100 * part / total:.1f}" if total else "-"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("tlb", "TLB").replace("l2", "L2").replace("lsu", "LSU")


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Lines with columns: numbers to the right, what comes before and behind them to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if 0 < column < _NUMBER_COLUMNS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip() + "\n"
