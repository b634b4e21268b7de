# SPDX-License-Identifier: BSD-2-Clause
"""Standard streams that take no more, without a run behind them."""

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from sel4emu.cli.streams import Output, is_broken_pipe

Shell = Callable[[str], CompletedProcess[str]]


def test_output_hands_on_at_once(tmp_path: Path) -> None:
    """Every write is seen immediately, and text that UTF-8 cannot hold becomes escapes."""
    path, losses = tmp_path / "out", list[OSError]()
    with path.open("w") as stream:
        output = Output(stream, losses.append)
        output.write(b"\x00\xff")
        assert path.read_bytes() == b"\x00\xff"
        output.text("\u00e9\udc80")
        assert path.read_bytes() == b"\x00\xff\xc3\xa9\\udc80"
    assert not losses


def test_output_tells_its_loss_once() -> None:
    """The first failing write is told, later ones vanish, and closing raises nothing."""
    reader, writer = os.pipe()
    os.close(reader)
    losses: list[OSError] = []
    with os.fdopen(writer, "w") as stream:
        output = Output(stream, losses.append)
        output.write(b"a")
        output.write(b"b")
    assert losses == [output.lost] and is_broken_pipe(losses[0])


@pytest.mark.parametrize("arguments", ["kernel --listing", "kernel", "build hello"])
def test_result_for_nobody(shell: Shell, arguments: str) -> None:
    """A command whose reader has gone ends quietly, with the status of a broken pipe."""
    done = shell(f"$SEL4EMU {arguments} | true; echo ${{PIPESTATUS[0]}}")
    assert done.stderr == "" and done.stdout in {"141\n", "0\n"}
    done = shell(f"exec 3> >(true); wait $!; $SEL4EMU {arguments} >&3")
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("arguments", ["kernel", "--help", "--version"])
def test_result_that_does_not_fit(shell: Shell, arguments: str) -> None:
    """A command whose result cannot be written says so."""
    done = shell(f"$SEL4EMU {arguments} > /dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "sel4emu: error: standard output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", ["kernel", "--version", "--help"])
def test_closed_streams_in_small_commands(shell: Shell, closed: str, arguments: str) -> None:
    """Closed streams make no traceback."""
    done = shell(f"$SEL4EMU {arguments} {closed}")
    assert (done.returncode, done.stderr) == (0, "")


def test_error_without_standard_error(shell: Shell) -> None:
    """The status tells of a mistake where the sentence cannot."""
    assert shell("$SEL4EMU boot --fly 2>&-").returncode == 2
    assert shell("$SEL4EMU boot --fly 2>/dev/full").returncode == 2
