# SPDX-License-Identifier: BSD-2-Clause
"""Exit statuses, the summary and the object, without a machine."""

from dataclasses import replace

import pytest

from sel4emu.cli.report import (
    RunReport,
    exit_of,
    explained,
    interrupted,
    with_instructions,
    with_symbols,
)
from sel4emu.stop import Stop, StopReason

COUNTERS = {
    "cycles": 1_234_567,
    "executed": 1_000_000,
    "modelled": 234_567,
    "idle": 100_000,
    "instructions": 600_000,
    "tlb_walks": 12,
    "tlb_fills": 999,
}


def symbol_at(address: int) -> str | None:
    """A program of one page with one function."""
    return f"main+0x{address - 0x1_0000:x}" if address >> 12 == 0x10 else None


@pytest.fixture
def report() -> RunReport:
    """A run of two seconds that somebody ended."""
    return RunReport(
        *("a.elf", "kzm_arm11", "bare", "count"),
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
        "timing:       count: one cycle an instruction, not a model of the chip",
        "instructions: 600,000",
        "CPI:          1.50",
        "TLB walks:    12",
        "host:         2.00 s, 0.3 MIPS",
    ]


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
    assert content["cycles"] == {
        "total": 1_234_567,
        "executed": 1_000_000,
        "modelled": 234_567,
        "idle": 100_000,
    }
    assert content["host"] == {"seconds": 2.0, "mips": 0.3, "tlb_fills": 999}
    assert "tlb_fills" not in content["counters"] if isinstance(content["counters"], dict) else 0
