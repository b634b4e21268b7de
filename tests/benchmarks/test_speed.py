# SPDX-License-Identifier: BSD-2-Clause
"""The speed benchmark: order of samples, medians, ratios, and what counts as slower."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import speed
from benchmarks.programs import PROGRAMS
from benchmarks.runners import Sample


class Recorder:
    """A runner that notes when it is asked, and gives rates from a list."""

    def __init__(self, name: str, log: list[str], rates: list[int]) -> None:
        self._name, self._log, self._rates = name, log, rates

    def sample(self, seconds: float = 1.0) -> Sample:
        """The next sample."""
        self._log.append(self._name)
        return Sample(seconds, instructions=self._rates.pop(0))


def rows_with(full: float, off: float, plain: float = 100.0) -> list[dict[str, Any]]:
    """A result in which every program is equally fast."""
    rows: list[dict[str, Any]] = []
    for program in PROGRAMS:
        for timing, mips in (("none", plain), ("full", full), ("off", off)):
            row = {"workload": program.name, "timing": timing, "mips": mips}
            rows.append(row | ({} if timing == "none" else {"ratio": mips / plain}))
    for timing, mips in (("full", full), ("off", off)):
        row = {"workload": "messages", "timing": timing, "mips": mips}
        rows.append(row | {"messages_per_second": 1000})
        rows.append({"workload": "system", "timing": timing, "mips": mips / 2})
    return rows


def test_levels_are_interleaved() -> None:
    """Each round has one sample of every level, so that noise meets them all."""
    log: list[str] = []
    runners = {name: Recorder(name, log, [1, 2, 3, 4, 5]) for name in ("none", "off", "full")}
    samples = speed.in_turn(runners, 1.0)
    assert log == ["none", "off", "full"] * 5
    assert [sample.instructions for sample in samples["off"]] == [1, 2, 3, 4, 5]


def test_median_of_five() -> None:
    """One slow and one fast sample do not count."""
    samples = [Sample(1.0, instructions=n) for n in (50, 1, 48, 1000, 49)]
    assert speed.median_by(samples, speed.instruction_rate).instructions == 49


def test_summary() -> None:
    """Ratios are geometric means over the rated programs; the register loop is apart."""
    rows = rows_with(full=40, off=90)
    for row in rows:
        if row["timing"] == "full" and row["workload"] == "registers":
            row["mips"] = 777.0
        if row["timing"] == "full" and row["workload"] == "sort":
            row["mips"], row["ratio"] = 10.0, 0.1
    summary = speed.summarize(rows)
    rated = sum(program.rated for program in PROGRAMS)
    assert summary["ratio_full"] == pytest.approx((0.4 ** (rated - 1) * 0.1) ** (1 / rated), 1e-3)
    assert summary["ratio_off"] == 0.9
    assert summary["worst_full_mips"] == 10
    assert summary["register_mips"] == 777
    assert summary["ipc_per_second"] == 1000
    assert (summary["system_full_mips"], summary["system_off_mips"]) == (20, 45)


def test_slower_is_noticed() -> None:
    """A row that lost more than the tolerance is named; a slower host alone is no loss."""
    old = rows_with(full=40, off=90)
    assert not list(speed.slower_than(old, rows_with(full=20, off=45, plain=50), 0.15))
    new = rows_with(full=40, off=90)
    next(r for r in new if (r["workload"], r["timing"]) == ("sort", "full"))["mips"] = 30
    assert list(speed.slower_than(old, new, 0.15)) == ["sort at level full is 25 % slower"]
    assert not list(speed.slower_than(old, new, 0.3))


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("ratio_full", 0.35, True),
        ("ratio_full", 0.34, False),
        ("system_off_mips", 30, True),
        ("system_off_mips", 29.9, False),
        ("boot_cpu_seconds", 1.5, True),
        ("boot_cpu_seconds", 1.6, False),
    ],
)
def test_promises(name: str, value: float, kept: bool) -> None:
    """Each figure is held against its own bound, least or greatest."""
    assert speed.keeps(name, value) is kept
    assert ("BROKEN" in speed.promise_line(name, value)) is not kept


def test_rows_of_a_program() -> None:
    """A program gives a row for plain Unicorn and one for each level, with its ratio."""
    plain, off = speed.program_rows(PROGRAMS[0], ("off",), 0.02)
    assert (plain["timing"], off["timing"]) == ("none", "off")
    assert plain["mips"] > 0
    assert off["ratio"] == pytest.approx(off["mips"] / plain["mips"], 1e-3)


def test_rows_of_the_system() -> None:
    """The operating system gives a row for each level."""
    (row,) = speed.system_rows(("off",), 0.02)
    assert (row["workload"], row["timing"]) == ("system", "off")
    assert row["instructions"] > 0


def test_compare_sets_the_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--compare` ends with 1 and a sentence for each row that became slower, else with 0."""
    monkeypatch.setattr(speed, "host_figures", dict)
    baseline = tmp_path / "old.json"
    baseline.write_text(json.dumps({"rows": rows_with(full=40, off=90)}))
    for full, status in ((40, 0), (20, 1)):
        monkeypatch.setattr(speed, "all_rows", lambda *_, full=full: rows_with(full=full, off=90))
        arguments = ["--json", "-", "--compare", str(baseline)]
        result = CliRunner().invoke(speed.main, arguments)
        assert result.exit_code == status
        assert ("slower" in result.output) is (status == 1)
        assert set(json.loads(result.stdout)) == {"rows", "summary"}
