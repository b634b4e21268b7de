# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu boot`: one run of one image, from what the user asked for to the exit status.

The machine is imported inside, where Ctrl-C is already answered with a report.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kernel.options import KernelOptions
from sel4emu.cli.breakdown import costs_of
from sel4emu.cli.goals import UNFINISHED, Goals
from sel4emu.cli.interrupts import (
    ignore_interrupts,
    leaving_on_interrupt,
    refuse_after_interrupt,
)
from sel4emu.cli.outfile import OutputFile, output_file
from sel4emu.cli.printable import printable_path
from sel4emu.cli.report import INTERRUPTED, Exit, RunReport, exit_of, explained, interrupted
from sel4emu.cli.streams import EXIT_PIPE, Output, is_broken_pipe, output_error, standard_error
from sel4emu.cli.terminal import single_keys
from sel4emu.console import Console, StreamInput
from sel4emu.revision import DEFAULT_REVISION
from sel4emu.stop import StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

_STANDARD_INPUT: Final = 0
#: Work that takes longer is announced on a terminal.
_PATIENCE_SECONDS: Final = 0.3
#: The machine takes longer only at its first start, when it is compiled.
_COMPILED_SECONDS: Final = 2.0
#: The ends about which there is a report to be read.
_REPORTED: Final = (StopReason.CRASH.value, StopReason.STUCK.value)
#: The other ends whose message must not be missed.
_SAID: Final = (StopReason.SCRIPT_TIME.value, UNFINISHED)
#: The ends of a bare image's run at which it is told where it was.
_LIMITS: Final = (*_SAID, StopReason.CYCLE.value, StopReason.TIME.value, INTERRUPTED)
#: The ends of a run that could go on.
_GOING_ON: Final = (StopReason.CYCLE.value, StopReason.TIME.value, INTERRUPTED)


@dataclass(frozen=True, slots=True)
class BootRequest:
    """The options of `sel4emu boot`; `image` is None for the default image, or none if bare."""

    image: str | None
    bare: bool
    board: str
    options: KernelOptions
    timing: str
    max_cycles: int | None
    max_seconds: float | None
    json: str | None
    quiet: bool
    load: int | None
    entry: int | None
    loads: tuple[tuple[str, int], ...] = ()
    initrd: str | None = None
    append: str | None = None
    dtb: str | None = None
    save: str | None = None
    timing_file: str | None = None
    breakdown: bool = False
    profile: bool = False
    cpu_revision: str = DEFAULT_REVISION
    until: tuple[str, ...] = ()
    script: str | None = None

    @property
    def by_symbol(self) -> bool:
        """Whether the machine is to keep its counters for each symbol too."""
        return self.breakdown or self.profile


def boot(request: BootRequest) -> int:
    """Run the image and say what happened; the exit status. Raises InputError."""
    return _Run(request).execute()


class _Run:
    def __init__(self, request: BootRequest) -> None:
        self._request = request
        self._json: OutputFile | None = None
        if request.json is not None:
            self._json = output_file(request.json, "--json")
        self._save: OutputFile | None = None
        if request.save is not None:
            from sel4emu.cli.save import save_file

            self._save = save_file(request.save)
        self._errors = standard_error()
        self._output = Output(sys.stdout, self._end_for_nobody)
        if self._json is not None and self._json.is_standard_output:
            self._output = self._errors
        self._goals = Goals(request.until, request.script)
        source = self._goals.player or StreamInput(_STANDARD_INPUT)
        self._console = Console(source, self._output)
        self._machine: Machine | None = None
        self._report = RunReport(
            image=printable_path(request.image or ""),
            board=printable_path(request.board),
            mode="bare" if request.bare else "root-task",
            timing=request.timing,
            timing_file=printable_path(request.timing_file or ""),
            compat=request.options.compat,
            exit=interrupted("Ctrl-C before the start"),
        )

    def execute(self) -> int:
        try:
            path = self._image_path()
            refuse_after_interrupt()
        except KeyboardInterrupt:
            ignore_interrupts()
            return self._finish()
        compiling = announcing("compiling the machine for this host ...", _COMPILED_SECONDS)
        with leaving_on_interrupt(self._finish), compiling:
            from sel4emu.cli.prepare import prepare

            machine = prepare(self._request, path, self._console, self._log)
            self._machine = machine
        self._run(machine)
        return self._finish()

    # Before the run -------------------------------------------------------------------------

    def _image_path(self) -> str:
        path = self._request.image
        if path is None and self._request.bare:
            path = ""
        elif path is None:
            from userland.build import default_image

            with announcing("building the default image ..."):
                path = str(default_image())
        self._report.image = printable_path(path)
        return path

    # During the run -------------------------------------------------------------------------

    def _run(self, machine: "Machine") -> None:
        request, started = self._request, time.perf_counter()
        try:
            with single_keys(_STANDARD_INPUT):
                self._goals.start(machine)
                stop = machine.run(
                    cycles=request.max_cycles, seconds=request.max_seconds, watchful=True
                )
            self._report.exit = self._goals.judge(exit_of(stop, machine.symbol_at))
        except KeyboardInterrupt:
            ignore_interrupts()
            self._report.exit = interrupted("Ctrl-C")
        self._report.seconds = time.perf_counter() - started
        if request.bare:
            self._examine(machine)
        self._report.counters = machine.counters
        if request.by_symbol:
            self._report.symbols = costs_of(machine.profile())
        self._report.console = bytes(self._console.captured)

    def _examine(self, machine: "Machine") -> None:
        """Look at a guest that has died, or that a limit has ended."""
        from sel4emu.postmortem import console_lines, examine, where

        reason = self._report.exit.reason
        if reason in _REPORTED:
            self._report.dead = examine(machine, self._report.exit.message)
        elif reason in _LIMITS:
            self._report.place = where(machine)
        if reason == StopReason.SCRIPT_TIME.value:
            self._report.last_lines = console_lines(bytes(self._console.captured))

    def _log(self, line: str) -> None:
        """A line of the kernel for the person who watches."""
        if self._machine is not None:
            line = explained(line, self._machine.symbol_at)
        self._report.log.append(line)
        if not self._request.quiet:
            self._errors.text(f"kernel: {line}\n")

    def _end_for_nobody(self, error: OSError) -> None:
        """Standard output is lost: what the guest would still say could not be seen."""
        if self._machine is not None:
            self._machine.halt(EXIT_PIPE, "standard output is lost")

    # After the run --------------------------------------------------------------------------

    def _finish(self) -> int:
        report = self._report
        if self._output.lost is not None and self._output is not self._errors:
            report.exit = _lost(self._output.lost)
        if report.exit.reason in (*_REPORTED, *_SAID):
            self._separate(self._errors)
            self._errors.text(f"sel4emu: {report.exit.message}\n")
        self._errors.text(report.remains())
        if not self._request.quiet and self._output is not self._errors:
            self._separate(self._output)
            self._output.text(report.summary())
            if self._request.breakdown:
                self._output.text(report.tables())
        saved = self._write_machine()
        if self._json is None:
            return saved or self._status()
        written = self._json.write(json.dumps(report.as_json(), indent=2).encode() + b"\n")
        return written or saved or self._status()

    def _write_machine(self) -> int:
        """Save the machine, if it has run; the exit status of that."""
        if self._save is None or self._machine is None or not self._report.counters:
            return 0
        from sel4emu.cli.save import saved_bytes

        board, options = self._report.board, self._request.options
        goes_on = self._report.exit.reason in _GOING_ON
        return self._save.write(saved_bytes(self._machine, board, options, goes_on=goes_on))

    def _status(self) -> int:
        """The exit status; a summary that nobody could read changes it."""
        if self._output.lost is not None and self._output is not self._errors:
            return _lost(self._output.lost).status
        return self._report.exit.status

    def _separate(self, output: Output) -> None:
        """Begin a new line if the guest's last one is not finished."""
        shown = self._report.console.rstrip(b"\r")
        if output is self._output and shown and not shown.endswith(b"\n"):
            output.write(b"\n")


def _lost(error: OSError) -> Exit:
    if not is_broken_pipe(error):
        raise output_error(error)
    return interrupted("nobody reads standard output any more", EXIT_PIPE)


@contextmanager
def announcing(text: str, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Say on a terminal what is going on, if it takes longer than `patience` seconds."""
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(patience, standard_error().text, [text + "\n"])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
