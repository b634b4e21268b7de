# SPDX-License-Identifier: BSD-2-Clause
"""Exit statuses, the summary and the object, without a machine."""

from dataclasses import replace

import pytest

from sel4emu.cli.breakdown import CAUSES, costs_of
from sel4emu.cli.report import (
    RunReport,
    exit_of,
    explained,
    interrupted,
    with_instructions,
    with_symbols,
)
from sel4emu.stop import Stop, StopReason
from sel4emu.timing import TIMING_LEVELS

COUNTERS = {
    "cycles": 1_234_567,
    "executed": 1_000_000,
    "modelled": 234_567,
    "idle": 100_000,
    "instructions": 600_000,
    "tlb_walks": 12,
    "tlb_fills": 999,
    "cycle_issue": 600_000,
    "cycle_interlock": 120_000,
    "cycle_branch": 80_000,
    "cycle_data": 100_000,
    "event_instruction_miss": 1234,
    "event_instruction_micro_tlb_miss": 56,
    "event_data_micro_tlb_miss": 78,
    "event_main_tlb_miss": 9,
    "event_data_miss": 5678,
    "event_branch": 60_000,
    "event_mispredict": 3210,
    "l2_hit": 6000,
    "l2_miss": 912,
}


def symbol_at(address: int) -> str | None:
    """A program of one page with one function."""
    return f"main+0x{address - 0x1_0000:x}" if address >> 12 == 0x10 else None


@pytest.fixture
def report() -> RunReport:
    """A run of two seconds that somebody ended."""
    return RunReport(
        *("a.elf", "kzm_arm11", "bare", "full"),
        compat=False,
        exit=interrupted("Ctrl-C"),
        console=b"x\xff",
        counters=COUNTERS,
        seconds=2.0,
    )


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        (Stop(StopReason.HALT, "", 0), 0, "halt"),
        (Stop(StopReason.HALT, "", 1), 1, "halt"),
        (Stop(StopReason.HALT, "", 3), 3, "stuck"),
        (Stop(StopReason.STUCK), 3, "stuck"),
        (Stop(StopReason.CRASH), 3, "crash"),
        (Stop(StopReason.CYCLE), 4, "cycle"),
        (Stop(StopReason.TIME), 4, "time"),
    ],
)
def test_status_of_a_stop(stop: Stop, status: int, reason: str) -> None:
    """Each end of a run has its exit status and word."""
    end = exit_of(stop, symbol_at)
    assert (end.status, end.reason) == (status, reason)


def test_interrupted_run() -> None:
    """A run that was ended from outside has the status of Ctrl-C, or the one given."""
    assert (interrupted("x").status, interrupted("x").reason) == (130, "interrupted")
    assert interrupted("x", 141).status == 141


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a pc 0x00010010 b", "a pc 0x00010010 <main+0x10> b"),
        ("fault at 0x00010004: x", "fault at 0x00010004 <main+0x4>: x"),
        ("pc 0x00010000 pc 0x00010008", "pc 0x00010000 <main+0x0> pc 0x00010008 <main+0x8>"),
        ("pc 0x00010010 <known>", "pc 0x00010010 <known>"),
        ("pc 0x00020000", "pc 0x00020000"),
        ("pc 0x000100101", "pc 0x000100101"),
        ("at address 0x00010010", "at address 0x00010010"),
    ],
)
def test_symbols_in_texts(text: str, expected: str) -> None:
    """Code addresses inside the image get their symbol, once; nothing else changes."""
    assert with_symbols(text, symbol_at) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("undefined instruction 0xe3010234", "undefined instruction 0xe3010234 (movw r0, #0x1234)"),
        ("undefined instruction 0xde05; x", "undefined instruction 0xde05 (udf #5); x"),
        ("undefined instruction 0xffffffff", "undefined instruction 0xffffffff"),
        ("undefined instruction 0xde05 (known)", "undefined instruction 0xde05 (known)"),
        ("undefined instruction", "undefined instruction"),
        ("undefined instruction at 0x00010000: x", "undefined instruction at 0x00010000: x"),
        ("unknown system call 0xe3010234", "unknown system call 0xe3010234"),
    ],
)
def test_instructions_in_texts(text: str, expected: str) -> None:
    """The encoding of an undefined instruction gets its text, once; nothing else changes."""
    assert with_instructions(text) == expected


def test_text_of_the_kernel_is_explained() -> None:
    """A line of the kernel gets both, the symbol and the instruction."""
    line = "pc 0x00010008 stops: undefined instruction 0xde05"
    expected = "pc 0x00010008 <main+0x8> stops: undefined instruction 0xde05 (udf #5)"
    assert explained(line, symbol_at) == expected
    assert exit_of(Stop(StopReason.CRASH, line), symbol_at).message == expected


def test_console_bytes_that_text_cannot_tell(report: RunReport) -> None:
    """A byte that is no UTF-8 and its escape as text look alike; the bytes tell them apart."""
    escaped = replace(report, console=b"x\\xff").as_json()
    binary = report.as_json()
    assert escaped["console"] == binary["console"]
    assert binary["console_base64"] == "eP8=" and "console_base64" not in escaped
    assert list(binary).index("console_base64") == list(binary).index("console") + 1


def test_summary(report: RunReport) -> None:
    """The summary tells executed from modelled cycles, and leaves waiting out of the CPI."""
    assert report.summary().splitlines() == [
        "exit:         interrupted, status 130: Ctrl-C",
        "cycles:       1,234,567 = 1,000,000 executed (100,000 of them waiting) + 234,567 modelled",
        "timing:       full: cycles of the ARM1136, by the model of docs/TIMING.md",
        "instructions: 600,000",
        "CPI:          1.50",
        "breakdown:    issue 48.6 %, interlock 9.7 %, branch 6.5 %, data 8.1 %, idle 8.1 %,",
        "              modelled 19.0 %",
        "mispredicts:  3,210 of 60,000 branches",
        "L1 misses:    1,234 instruction, 5,678 data",
        "L2 misses:    912 of 6,912",
        "TLB misses:   56 instruction, 78 data, 9 main",
        "host:         2.00 s, 0.3 MIPS",
    ]


def test_summary_of_every_cause(report: RunReport) -> None:
    """A long breakdown goes on in the lines below, broken between causes."""
    counters = dict.fromkeys(CAUSES.values(), 1000) | {"cycles": 11_000}
    rows = replace(report, counters=counters).summary().partition("breakdown:")[2].splitlines()
    lines = [line.strip() for line in rows[: next(n for n, row in enumerate(rows) if ":" in row)]]
    assert len(lines) > 1 and all(len(line) <= 76 and "9.1 %" in line for line in lines)
    names = [share.removesuffix(" 9.1 %") for share in " ".join(lines).split(", ")]
    assert len(names) == len(CAUSES) and {"write buffer", "TLB", "device"} < set(names)


def test_summary_of_a_count_of_instructions(report: RunReport) -> None:
    """Without the model the summary says what is counted, and nothing that only the model knows."""
    assert replace(report, timing="off", timing_file="x.toml").summary().splitlines()[2:] == [
        "timing:       off: the counter counts instructions, not cycles of the chip",
        "instructions: 600,000",
        "CPI:          1.50",
        "TLB walks:    12",
        "host:         2.00 s, 0.3 MIPS",
    ]


def test_summary_names_the_timing_file(report: RunReport) -> None:
    """Who reads figures of another file than the board's learns it."""
    text = replace(report, timing_file="mine.toml").summary()
    assert text.splitlines()[2].endswith("by the model of docs/TIMING.md, with mine.toml")


def test_summary_of_nothing() -> None:
    """A run that never started has a summary too."""
    report = RunReport("", "b", "bare", "off", compat=True, exit=interrupted("early"))
    assert "CPI:          -\n" in report.summary()
    assert "host:         0.00 s, 0.0 MIPS\n" in report.summary()
    assert report.as_json()["cycles"] == {"total": 0, "executed": 0, "modelled": 0, "idle": 0}


def test_object(report: RunReport) -> None:
    """The object has the figures as integers, and those of the host apart."""
    content = report.as_json()
    assert content["console"] == "x\\xff"
    assert (content["timing"], content["timing_file"]) == ("full", None)
    assert content["timing_means"] == "cycles of the ARM1136, by the model of docs/TIMING.md"
    assert content["cycles"] == {
        "total": 1_234_567,
        "executed": 1_000_000,
        "modelled": 234_567,
        "idle": 100_000,
    }
    assert content["host"] == {"seconds": 2.0, "mips": 0.3, "tlb_fills": 999}
    assert "tlb_fills" not in content["counters"] if isinstance(content["counters"], dict) else 0


def test_breakdown_in_the_object(report: RunReport) -> None:
    """Causes add up to the cycles, exactly; events are there by name."""
    content = report.as_json()
    breakdown, events = content["breakdown"], content["events"]
    assert isinstance(breakdown, dict) and isinstance(events, dict)
    assert sum(breakdown.values()) == 1_234_567 and breakdown["interlock"] == 120_000
    assert (events["data_miss"], events["l2_miss"], events["drain"]) == (5678, 912, 0)


def test_symbols_in_the_object(report: RunReport) -> None:
    """Symbols are in the object if they were asked for, be there any or not."""
    assert "symbols" not in report.as_json()
    assert replace(report, symbols=[]).as_json()["symbols"] == []
    costs = costs_of([("main", {"instructions": 2, "issue": 2, "fetch": 3})])
    symbols = replace(report, symbols=costs).as_json()["symbols"]
    assert symbols == [cost.as_json() for cost in costs]


def test_tables(report: RunReport) -> None:
    """The tables are those of causes, events and, if they were asked for, symbols."""
    text = report.tables()
    assert "\ncause " in text and "\nevent " in text and "\nsymbol " not in text
    costs = costs_of([("main", {"instructions": 2, "issue": 2})])
    assert "\nmain " in replace(report, symbols=costs).tables()


@pytest.mark.parametrize("level", TIMING_LEVELS)
def test_level_of_every_output(report: RunReport, level: str) -> None:
    """Summary and object name the level, and say what its cycles mean."""
    leveled = replace(report, timing=level)
    assert f"timing:       {level}: {TIMING_LEVELS[level]}\n" in leveled.summary()
    content = leveled.as_json()
    assert (content["timing"], content["timing_means"]) == (level, TIMING_LEVELS[level])
    assert ("counts instructions" in TIMING_LEVELS[level]) == (level == "off")
