# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy boot`: a system description on the board, and held against its promise."""

import json
import math
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from sel4emu.cli import EXIT_INTERRUPTED
from sel4emu.cli.options import help_option
from sel4emu.timing import OFF, TIMING_LEVELS

if TYPE_CHECKING:
    from kernel.policy.description import Description
    from sel4emu.cli.outfile import OutputFile
    from sel4emu.cli.policy_system import Guard, GuardedSystem
    from sel4emu.cli.report import Exit

_MOST_CYCLES: Final = 1 << 62
_STANDARD_INPUT: Final = 0
#: The word for a system in which every thread waits or has stopped itself.
_REST: Final = "rest"
_BROKEN: Final = "broken"
_STATUSES: Final = f"""\b
Exit status:
  0    all threads came to rest, or an image ended the run and said that all is well
  1    a rule was broken, or an image ended the run with another status
  2    the command or the description is wrong
  3    a thread or the kernel crashed
  4    the limit was reached (--max-cycles, --max-seconds)
  {EXIT_INTERRUPTED}  Ctrl-C
"""


@dataclass(frozen=True, slots=True)
class PolicyBootRequest:
    """The options of `sel4emu policy boot`."""

    spec: str
    board: str
    check: bool
    manager: str
    programs: dict[str, str]
    max_cycles: int | None
    max_seconds: float | None
    json: str | None
    quiet: bool


def _programs(_ctx: click.Context, _param: click.Parameter, words: tuple[str, ...]) -> Any:
    """NAME=PROGRAM, any number of times."""
    from sel4emu.cli.policy_image import PROGRAMS

    chosen: dict[str, str] = {}
    for word in words:
        name, _, program = word.partition("=")
        if program not in PROGRAMS:
            known = ", ".join(PROGRAMS)
            raise click.BadParameter(f"expected NAME=PROGRAM with a program of {known}: {word!r}.")
        chosen[name] = program
    return chosen


def _manager(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str:
    from sel4emu.cli.policy_image import INTACT, MANAGERS

    if name is not None and name not in MANAGERS:
        raise click.BadParameter(f"expected one of {', '.join(MANAGERS)}, not {name!r}.")
    return name or INTACT


def _seconds(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"expected a positive number of seconds, not {value}.")
    return value


@click.command("boot", epilog=_STATUSES, add_help_option=False)
@click.argument("spec")
@click.option("--check", is_flag=True, help="Hold the running system against its promise.")
@click.option(
    "--program", "programs", multiple=True, callback=_programs, metavar="NAME=PROGRAM",
    help="What a subsystem without an image runs: worker (default), smuggler or glutton.",
)  # fmt: skip
@click.option(
    "--manager", callback=_manager, metavar="NAME",
    help="A resource manager that is broken on purpose, to see it caught (with --check).",
)  # fmt: skip
@click.option(
    "--board", default="kzm_arm11", show_default=True, help="A board's name, or a board file."
)
@click.option(
    "--max-cycles", type=click.IntRange(1, _MOST_CYCLES), metavar="N",
    help="Stop after these cycles.",
)  # fmt: skip
@click.option(
    "--max-seconds", type=float, callback=_seconds, metavar="S",
    help="Stop after this time of the host.",
)  # fmt: skip
@click.option("--json", metavar="FILE", help="Write the result as JSON ('-': stdout).")
@click.option("--quiet", is_flag=True, help="Print the console only: no summary, no kernel log.")
@help_option
def boot_description_command(**options: Any) -> int:
    """Boot a system description on the kernel, by a resource manager that builds it and leaves.

    With --check the state that the manager leaves is compared with the one that SPEC promises;
    then, at every kernel exit, the authority of each subsystem with the bound of Theorem 2, and
    isolation with Theorem 3. The first broken rule ends the run.
    """
    from kernel.policy.syntax import DescriptionError
    from sel4emu.cli.descriptions import load_description, report_mistake
    from sel4emu.cli.policy_image import check_programs

    request = PolicyBootRequest(**options)
    try:
        description = load_description(request.spec, request.board)
    except DescriptionError as mistake:
        return report_mistake(mistake)
    check_programs(description, request.programs)
    return _Run(request, description).execute()


class _Run:
    def __init__(self, request: PolicyBootRequest, description: "Description") -> None:
        from sel4emu.cli.outfile import output_file
        from sel4emu.cli.streams import Output, standard_error
        from sel4emu.console import Console, StreamInput

        self._request = request
        self._description = description
        self._json: OutputFile | None = None
        if request.json is not None:
            self._json = output_file(request.json, "--json")
        self._errors = standard_error()
        self._output = Output(sys.stdout, self._end_for_nobody)
        if self._json is not None and self._json.is_standard_output:
            self._output = self._errors
        self._console = Console(StreamInput(_STANDARD_INPUT), self._output)
        self._system: GuardedSystem | None = None
        self._guard: Guard | None = None
        self._log_lines: list[str] = []

    def execute(self) -> int:
        from sel4emu.board import load_board
        from sel4emu.cli.images import check_kernel_board
        from sel4emu.cli.interrupts import ignore_interrupts
        from sel4emu.cli.policy_system import boot_description
        from sel4emu.cli.report import interrupted

        request, started = self._request, time.perf_counter()
        check_kernel_board(load_board(request.board), request.board)
        try:
            self._system, self._guard = boot_description(
                self._description,
                programs=request.programs,
                manager=request.manager,
                check=request.check,
                board=request.board,
                console=self._console,
                log=self._log,
            )
            end = self._end(self._system)
        except KeyboardInterrupt:
            ignore_interrupts()
            end = interrupted("Ctrl-C")
        return self._finish(end, time.perf_counter() - started)

    def _log(self, line: str) -> None:
        self._log_lines.append(line)
        if not self._request.quiet:
            self._errors.text(f"kernel: {line}\n")

    def _end_for_nobody(self, _error: OSError) -> None:
        from sel4emu.cli.streams import EXIT_PIPE

        if self._system is not None:
            self._system.machine.halt(EXIT_PIPE, "standard output is lost")

    def _end(self, system: "GuardedSystem") -> "Exit":
        """Run the system; how it ended."""
        from sel4emu.cli.report import Exit, exit_of
        from sel4emu.stop import StopReason

        request = self._request
        stop = system.machine.run(cycles=request.max_cycles, seconds=request.max_seconds)
        end = exit_of(stop, system.machine.symbol_at)
        if self._guard is not None and self._guard.violations:
            return Exit(end.status, _BROKEN, end.message)
        if end.reason == StopReason.STUCK.value and not _has_fault(system):
            return Exit(0, _REST, "every thread waits or has stopped itself")
        return end

    # The report ------------------------------------------------------------------------------

    def _finish(self, end: "Exit", seconds: float) -> int:
        if not self._request.quiet and self._output is not self._errors:
            self._output.text("".join(f"{line}\n" for line in self._summary(end, seconds)))
        if end.status and not self._is_in_summary():
            self._errors.text(f"sel4emu: {end.message}\n")
        if self._json is None:
            return end.status
        report = json.dumps(self._fields(end, seconds), indent=2)
        return self._json.write(report.encode() + b"\n") or end.status

    def _is_in_summary(self) -> bool:
        return not self._request.quiet and self._output is not self._errors

    def _summary(self, end: "Exit", seconds: float) -> list[str]:
        rows = {"subsystems": str(len(self._description.subsystems))}
        rows |= self._check_rows()
        rows |= {"end": f"{end.reason}, status {end.status}: {end.message}"}
        rows |= {"host": f"{seconds:.2f} s"}
        return ["", *(f"{name + ':':12}{text}" for name, text in rows.items())]

    def _check_rows(self) -> dict[str, str]:
        guard = self._guard
        if guard is None:
            return {"check": "none (--check asks for one)"}
        if guard.start is None or guard.watch is None:
            return {"check": "the manager did not leave"}
        broken = [f"{violation}" for violation in guard.violations]
        if broken:
            return {"broken": "\n            ".join(broken)}
        return {
            "compared": f"the live state is the promised one ({len(guard.start.numbers)} objects)",
            "watched": f"{guard.exits} kernel exits, {guard.watch.states} states: no authority "
            "gained, no isolation lost",
        }

    def _fields(self, end: "Exit", seconds: float) -> dict[str, object]:
        guard, system = self._guard, self._system
        return {
            "description": self._description.file,
            "board": self._request.board,
            "manager": self._request.manager,
            "subsystems": [each.name for each in self._description.subsystems],
            "exit": {"status": end.status, "reason": end.reason, "message": end.message},
            "check": None if guard is None else _check_fields(guard),
            "console": bytes(self._console.captured).decode("utf-8", errors="backslashreplace"),
            "cycles": 0 if system is None else system.machine.cycles,
            "timing": OFF,
            "timing_means": TIMING_LEVELS[OFF],
            "log": self._log_lines,
            "host": {"seconds": round(seconds, 6)},
        }


def _check_fields(guard: "Guard") -> dict[str, object]:
    return {
        "manager_left": guard.start is not None,
        "objects": 0 if guard.start is None else len(guard.start.numbers),
        "kernel_exits": guard.exits,
        "states": 0 if guard.watch is None else guard.watch.states,
        "violations": [{"rule": each.rule, "text": each.text} for each in guard.violations],
    }


def _has_fault(system: "GuardedSystem") -> bool:
    """Whether a thread has stopped at a fault that nobody handles."""
    from kernel import abi
    from kernel.api.faults import load_fault
    from kernel.thread import all_threads

    ks = system.kernel.state
    return any(load_fault(ks, tcb).kind is not abi.Fault.NONE for tcb in all_threads(ks))
