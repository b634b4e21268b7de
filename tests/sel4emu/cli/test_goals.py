# SPDX-License-Identifier: BSD-2-Clause
"""`--until` and `--script` on the command line: what ends a run, with which status and words."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.sel4emu.cli.conftest import TIMEOUT_SECONDS, Environment, Invoke, MakeImage

UART1: Final = 0x43F9_0000
EXIT: Final = """
    finish:
        mov r0, #0x18
        ldr r1, =0x20026
        svc #0x123456
"""


def printing(text: str, then: str) -> str:
    """A bare program that prints a text and goes on with `then`."""
    quoted = text.replace("\n", "\\n").replace("\r", "\\r")
    return f"""
    _start:
        ldr r1, ={UART1}
        adr r2, text
    next: ldrb r0, [r2], #1
        cmp r0, #0
        beq finish
        str r0, [r1, #0x40]
        b next
    text: .asciz "{quoted}"
        .align 2
        {then}
    literals: .ltorg
    """


#: Prints `> `, echoes what it is sent, and ends behind a full stop.
ECHO: Final = f"""
    _start:
        ldr r1, ={UART1}
        mov r0, #62
        str r0, [r1, #0x40]
        mov r0, #32
        str r0, [r1, #0x40]
    again: ldr r0, [r1, #0x98]
        tst r0, #1
        beq again
        ldr r0, [r1]
        and r0, r0, #0xff
        str r0, [r1, #0x40]
        cmp r0, #46
        bne again
    {EXIT}
    literals: .ltorg
    """
LOOP: Final = "finish: cpsid if\nhere: b here"


def run(invoke: Invoke, image: Path, *options: str | Path) -> Any:
    """Boot a bare image without the cycle model."""
    return invoke("boot", "--quiet", "--bare", image, "--timing", "off", *options)


def test_output_ends_with_the_text(invoke: Invoke, bare_elf: MakeImage) -> None:
    """The run ends with status 0, and nothing behind the text is shown."""
    result = run(invoke, bare_elf(printing("one two three\n", LOOP)), "--until", "two")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "one two", "")


@pytest.mark.parametrize(("text", "shown"), [("ready", "a\nready"), ("a\nready", "a\nready")])
def test_carriage_returns(invoke: Invoke, bare_elf: MakeImage, text: str, shown: str) -> None:
    """CR LF ends lines on most consoles; it does not hide a text."""
    result = run(invoke, bare_elf(printing("a\r\nready\r\n", LOOP)), "--until", text)
    assert (result.exit_code, result.stdout.replace("\r", "")) == (0, shown)


def test_first_of_several_texts(invoke: Invoke, bare_elf: MakeImage) -> None:
    """With several texts, whichever comes first ends the run."""
    image = bare_elf(printing("gr\\303\\274n FAILED\n", LOOP))
    result = run(invoke, image, "--until", "passed", "--until", "grün")
    assert (result.exit_code, result.stdout_bytes) == (0, "grün".encode())


def test_own_end_before_the_text(
    bare_elf: MakeImage, invoke: Invoke, invoke_json: Callable[..., dict[str, Any]]
) -> None:
    """An image that ends itself well, but too early, has not done what was asked for."""
    image = bare_elf(printing("one\n", EXIT))
    result = run(invoke, image, "--until", "two")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "sel4emu: the image ended itself; the console never printed 'two'\nwhere: 0x8000"
    )
    end = invoke_json("--bare", image, "--until", "two")["exit"]
    assert (end["status"], end["reason"]) == (1, "unfinished")


def test_death_and_limit_before_the_text(invoke: Invoke, bare_elf: MakeImage) -> None:
    """A guest that is stuck is status 3, a limit 4, as without the text; both name it."""
    stuck = run(invoke, bare_elf(printing("one\n", LOOP)), "--until", "two")
    assert stuck.exit_code == 3
    assert (
        "no interrupt can end that" in stuck.stderr
        and "the console never printed 'two'" in stuck.stderr
    )
    endless = bare_elf(printing("one\n", "finish: add r3, r3, #1\nb finish"))
    limit = run(invoke, endless, "--until", "two", "--max-cycles", "10000")
    assert limit.exit_code == 4
    assert limit.stderr.startswith("where: 0x80000")


def test_empty_texts_are_refused(invoke: Invoke, bare_elf: MakeImage) -> None:
    """A text that is always there, and a script without a name, are mistakes."""
    image = bare_elf(printing("", LOOP))
    assert run(invoke, image, "--until", "").exit_code == 2
    assert run(invoke, image, "--script", "").exit_code == 2


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a script."""

    def write(text: str) -> Path:
        path = tmp_path / "script"
        path.write_text(text)
        return path

    return write


def test_script(invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]) -> None:
    """A script talks with a guest; its end is the run's."""
    file = script("expect >\ntype ab\nexpect ab\n")
    result = run(invoke, bare_elf(ECHO), "--script", file)
    assert (result.exit_code, result.stdout) == (0, "> ab")


def test_script_then_text(
    invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]
) -> None:
    """With both, the run goes on behind the script's end to the text, which counts from there."""
    file = script("expect >\ntype a\nexpect a\ntype bac")
    result = run(invoke, bare_elf(ECHO), "--script", file, "--until", "a")
    assert (result.exit_code, result.stdout) == (0, "> aba")


def test_script_and_own_end(
    invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]
) -> None:
    """A guest that ends itself in the middle of a script has not followed it."""
    result = run(invoke, bare_elf(ECHO), "--script", script("type .\nexpect never"))
    assert result.exit_code == 1
    assert "script, line 2: the console did not print 'never'" in result.stderr


def test_script_that_waits_in_vain(
    invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]
) -> None:
    """A text that never comes: status 4, the line and the text, and the console's last lines."""
    file = script("timeout 0.0005\nexpect >\ntype \\x1b[2Jx\\n\\xffy\nexpect login:")
    result = run(invoke, bare_elf(ECHO), "--script", file)
    assert result.exit_code == 4
    lines = result.stderr.splitlines()
    assert lines[0] == (
        f"sel4emu: {file}, line 4: the console did not print 'login:' within 0.0005 emulated "
        "seconds"
    )
    assert lines[1].startswith("where: 0x8000") and "svc mode, ARM state" in lines[1]
    assert lines[2:] == ["console, its last lines:", "  | > \\x1b[2Jx", "  | \\xffy"]


def test_script_of_a_guest_that_is_stuck(
    invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]
) -> None:
    """A guest that can never print the text is a script's limit, told at once with both reasons."""
    image = bare_elf(printing("login", LOOP))
    result = run(invoke, image, "--script", script("expect login:"))
    assert result.exit_code == 4
    assert (
        "no interrupt can end that" in result.stderr
        and "line 1: the console did not print" in result.stderr
    )
    assert "  | login\n" in result.stderr


def test_faulty_script(invoke: Invoke, bare_elf: MakeImage, script: Callable[[str], Path]) -> None:
    """A mistake in a script is one sentence, and the run does not begin."""
    file = script("# fine\nawait login:")
    result = run(invoke, bare_elf(ECHO), "--script", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"sel4emu: error: {file}, line 2: expected one of expect,")


def test_root_task(invoke: Invoke, root_task: MakeImage, script: Callable[[str], Path]) -> None:
    """Texts and scripts are for images on the kernel as well as for bare ones."""
    hello = "mvn r7, #7\nmov r0, #72\nswi #0\nmov r0, #105\nswi #0"
    image = root_task(f"_start: {hello}\nhere: b here")
    for options in (("--until", "Hi"), ("--script", script("expect Hi"))):
        result = invoke("boot", "--quiet", image, "--timing", "off", *options)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "Hi", "")


@pytest.mark.parametrize("driver", ["polling", "waiting"])
def test_much_input_through_a_pipe(
    bare_elf: MakeImage, environment: Environment, driver: str
) -> None:
    """Many bytes at once, then the end: none is lost, whether by polling or interrupts."""
    wait = "mov r0, #0\nmcr p15, 0, r0, c7, c0, 4" if driver == "waiting" else ""
    image = bare_elf(
        f"""
        _start: ldr r1, ={UART1}
            ldr r2, =0x68000000
            mov r0, #45
            str r0, [r2, #8]
            mov r0, #31
            str r0, [r2, #4]
            ldr r0, [r1, #0x80]
            orr r0, r0, #0x200
            str r0, [r1, #0x80]
        again: {wait}
        next: ldr r0, [r1]
            tst r0, #0x8000
            beq again
            and r0, r0, #0xff
            str r0, [r1, #0x40]
            cmp r0, #46
            bne next
        {EXIT}
        literals: .ltorg
        """
    )
    sent = b"".join(b"%05d," % n for n in range(300)) + b"."
    done = subprocess.run(
        [sys.executable, "-m", "sel4emu", "boot", "--quiet", "--timing", "off", "--bare", image],
        env=environment, input=sent, capture_output=True, timeout=TIMEOUT_SECONDS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, sent, b"")


def test_result_as_json(
    bare_elf: MakeImage, invoke: Invoke, script: Callable[[str], Path], tmp_path: Path
) -> None:
    """The reasons have words of their own in the JSON result."""
    image, out = bare_elf(ECHO), tmp_path / "out.json"
    for options, reason in (
        (("--until", ">"), "text"),
        (("--script", script("expect >")), "script"),
    ):
        run(invoke, image, "--json", out, *options)
        assert json.loads(out.read_text())["exit"]["reason"] == reason
    run(invoke, image, "--json", out, "--script", script("timeout 0.00001\nexpect x"))
    result = json.loads(out.read_text())
    assert (result["exit"]["status"], result["exit"]["reason"]) == (4, "script-time")
    assert result["where"]["mode"] == "svc"
