# SPDX-License-Identifier: BSD-2-Clause
"""Ctrl-C, sent as a signal to a process that runs a guest."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from sel4emu.cli import interrupts
from userland import build

MakeImage = Callable[[str], Path]
Start = Callable[..., subprocess.Popen[bytes]]

TIMEOUT_SECONDS = 60
BUSY = "_start: mov r0, #'!'\nmvn r7, #7\nswi #0\nloop: add r1, r1, #1\nb loop\n"
#: Waits for a character of the UART with interrupts masked, for ever.
POLLING = (
    "_start: ldr r1, =0x43f90000\nmov r0, #'!'\nstr r0, [r1, #0x40]\n"
    "loop: ldr r0, [r1]\nb loop\nliterals:\n.ltorg\n"
)


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Starts the command and waits for the guest's `!`; what still runs at the end is killed."""
    started = []

    def run(*arguments: str | Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sel4emu", *map(str, arguments)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.read(1) == b"!"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_interrupt_of_a_busy_guest(start: Start, root_task: MakeImage) -> None:
    """Ctrl-C stops a loop; the summary comes, and nothing on standard error."""
    process = start("boot", root_task(BUSY))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 130 and errors == b""
    assert output.startswith(b"\nexit:         interrupted, status 130: Ctrl-C\n")
    assert b"MIPS\n" in output


def test_many_interrupts(start: Start, bare_elf: MakeImage, tmp_path: Path) -> None:
    """Ctrl-C pressed over and over still leaves a whole result."""
    target = tmp_path / "run.json"
    process = start("boot", "--json", target, "--bare", bare_elf(POLLING))
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=TIMEOUT_SECONDS)[1]
    assert (process.returncode, errors) == (130, b"")
    report = json.loads(target.read_text())
    assert report["exit"] == {"status": 130, "reason": "interrupted", "message": "Ctrl-C"}
    assert report["instructions"] > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_signal(start: Start, root_task: MakeImage, number: signal.Signals) -> None:
    """A signal that asks for the end ends the process as that signal does."""
    process = start("boot", root_task(BUSY))
    process.send_signal(number)
    assert process.wait(timeout=TIMEOUT_SECONDS) == -number


@pytest.fixture
def kept_interrupt() -> Iterator[None]:
    """The test's own Ctrl-C is what it was afterwards."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("kept_interrupt")
def test_interrupt_of_the_compiler(
    monkeypatch: pytest.MonkeyPatch, invoke: Callable[..., Result]
) -> None:
    """Ctrl-C while the default image is compiled has the same form as one during the run."""

    def pressed() -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "default_image", pressed)
    result = invoke("boot", "--json", "-")
    report = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (130, "")
    assert report["exit"]["reason"] == "interrupted" and report["instructions"] == 0
    assert "Ctrl-C before the start" in invoke("boot").stdout


def test_interrupt_of_the_preparation(environment: dict[str, str]) -> None:
    """Ctrl-C while the machine is built ends the process at once, after a whole report.

    Most of that time the machine's modules are being imported, and cannot be imported once more:
    a report that did so ended in a traceback.
    """
    program = (
        "import os, signal, sys\n"
        "from sel4emu.cli import main, prepare\n"
        "sys.modules['sel4emu.postmortem'] = sys.modules['sel4emu.cli.postmortem'] = None\n"
        "prepare.prepare = lambda *arguments: os.kill(os.getpid(), signal.SIGINT)\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "boot", "--json", "-", "--bare", "x"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, b"")
    assert json.loads(done.stdout)["exit"]["reason"] == "interrupted"


@pytest.mark.usefixtures("kept_interrupt")
def test_interrupt_that_was_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Ctrl-C whose exception somebody caught (an import may) still prevents the run."""
    monkeypatch.setattr(interrupts._Pressed, "before_run", False)
    interrupts.refuse_after_interrupt()
    interrupts.raise_on_interrupt()
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupts.refuse_after_interrupt()
