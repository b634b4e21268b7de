# SPDX-License-Identifier: BSD-2-Clause
"""The report on a dead guest as a person reads it: whole, safe to print, in 100 columns."""

import json
from pathlib import Path
from typing import Final

import pytest

from sel4emu.cli.postmortem import COLUMNS, place_text
from sel4emu.postmortem import Place
from tests.sel4emu.cli.conftest import Invoke, MakeImage

UART1: Final = 0x43F9_0000
SECTIONS: Final = [
    "registers:", "banked registers:", "faults:", "system control:", "code:",
    "branches, the last one at the end:", "return addresses on the stack:",
    "console, its last lines:",
]  # fmt: skip
LONG_NAME: Final = "a_name_" * 20


def reported(invoke: Invoke, image: Path, *options: str | Path) -> list[str]:
    """The lines of the report on a bare image that dies, less the message."""
    result = invoke("boot", "--quiet", "--bare", image, "--timing", "off", *options)
    assert result.exit_code == 3, result.output
    lines: list[str] = result.stderr.splitlines()
    assert lines[0].startswith("sel4emu: ")
    assert max(len(line) for line in lines[1:]) <= COLUMNS
    return lines[1:]


DEATHS: Final = {
    "a panic loop": "panic: b panic",
    "an undefined instruction": "udf #7",
    "a data abort": "mov r1, #0x40000000\nldr r0, [r1]",
    "a jump into the void": "mov r1, #0x40000000\nbx r1",
    "a jump into empty memory": "ldr pc, =0x80100000",
    "a supervisor call without a handler": "svc #1",
    "a Thumb instruction": "ldr r0, =here+1\nbx r0\nliterals: .ltorg\n.thumb\nhere: .short 0xde00",
    "a long name": f"b {LONG_NAME}\n{LONG_NAME}: b {LONG_NAME}",
}


@pytest.mark.parametrize("death", DEATHS)
def test_every_death_is_reported(invoke: Invoke, bare_elf: MakeImage, death: str) -> None:
    """Whatever ends it, a report has all its sections, in their order."""
    lines = reported(invoke, bare_elf(f"_start: ldr sp, =0x80010000\n{DEATHS[death]}"))
    assert lines[0].startswith("where: 0x")
    titles = [line.partition(" that")[0].rstrip(":") for line in lines if line.endswith(":")]
    for section in SECTIONS:
        assert any(title.startswith(section.rstrip(":")) for title in titles), (section, titles)


def test_report_of_a_panic(invoke: Invoke, bare_elf: MakeImage) -> None:
    """A panic loop behind a call: where it is, how it came there, and from where."""
    lines = reported(
        invoke,
        bare_elf(
            f"""
            _start: ldr sp, =0x80010000
                ldr r1, ={UART1}
                mov r0, #79
                str r0, [r1, #0x40]
                bl check
            check: push {{r4, lr}}
                bl panic
                nop
            panic: cpsid if
            hang: b hang
            literals: .ltorg
            """
        ),
    )
    assert lines[0] == "where: 0x80000024 <hang>, svc mode, ARM state"
    assert any(
        line.endswith("<hang>") and line.startswith("  > 0x80000024  eafffffe") for line in lines
    )
    assert "  0x80000018 <check+0x4> -> 0x80000020 <panic>" in lines
    loop = lines.index("    0x80000024 <hang> -> 0x80000024 <hang>")
    assert lines[loop - 1].endswith(" times:")
    assert "  at 0x8000fffc: 0x80000014 <check>" in lines
    assert lines[-2:] == ["console, its last lines:", "  | O"]


def test_hostile_output_is_harmless(invoke: Invoke, bare_elf: MakeImage) -> None:
    """A guest's escape sequences and bytes that are no text do not reach the terminal."""
    lines = reported(
        invoke,
        bare_elf(
            f"""
            _start: ldr r1, ={UART1}
                adr r2, text
            next: ldrb r0, [r2], #1
                cmp r0, #0
                beq hang
                str r0, [r1, #0x40]
                b next
            text: .byte 0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x07, 0x41, 0x9b, 0
                .align 2
            hang: b hang
            literals: .ltorg
            """
        ),
    )
    assert lines[-1] == "  | \\xff\\x1b[2J\\x07A\\x9b"


def test_json_has_it_all(invoke: Invoke, bare_elf: MakeImage, tmp_path: Path) -> None:
    """The same report for programs, with whole numbers."""
    out = tmp_path / "out.json"
    reported(invoke, bare_elf("_start: mov r5, #5\nudf #7"), "--json", out)
    dead = json.loads(out.read_text())["postmortem"]
    assert dead["place"] == {
        "pc": 0x8000_0004,
        "symbol": "_start+0x4",
        "mode": "svc",
        "thumb": False,
    }
    assert dead["registers"]["r5"] == 5
    assert dead["branches"][-1]["exception"] == "undefined instruction"
    assert dead["reason"].startswith("unhandled undefined instruction at 0x80000004")


def test_limit_tells_where(invoke: Invoke, bare_elf: MakeImage) -> None:
    """A limit is no death: one line says where the guest was."""
    image = bare_elf("_start: add r0, r0, #1\nb _start")
    result = invoke("boot", "--quiet", "--bare", image, "--max-cycles", "1000", "--timing", "off")
    assert result.exit_code == 4
    assert result.stderr == "where: 0x80000000 <_start>, svc mode, ARM state\n"


def test_place() -> None:
    """A place without a symbol, in Thumb state."""
    text = place_text(Place(0x1234, None, "usr", thumb=True))
    assert text == "0x00001234, usr mode, Thumb state"
