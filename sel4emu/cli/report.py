# SPDX-License-Identifier: BSD-2-Clause
"""What is said about a run at its end: exit status, summary for people, object for programs."""

import base64
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from sel4emu.cli import EXIT_INTERRUPTED
from sel4emu.cli.breakdown import SymbolCost, causes_of, events_of, shares, tables
from sel4emu.stop import Stop, StopReason
from sel4emu.timing import FULL, TIMING_LEVELS

if TYPE_CHECKING:
    from sel4emu.postmortem import Place, Postmortem

EXIT_DONE: Final = 0
EXIT_UNFINISHED: Final = 1
EXIT_DEAD: Final = 3
EXIT_LIMIT: Final = 4
#: The word for a run that was ended from outside.
INTERRUPTED: Final = "interrupted"

#: Counters of the host's translator: two runs of one image may differ in them.
_HOST_COUNTERS: Final = ("tlb_fills",)

#: Where the texts of the summary begin, and where they are broken.
_INDENT: Final = 14
_COLUMNS: Final = 90
_NO_BREAK: Final = "\xa0"

_ENCODING: Final = re.compile(r"(\bundefined instruction )0x([0-9a-f]{8}|[0-9a-f]{4})\b(?! \()")
_THUMB_DIGITS: Final = 4
_PLACE: Final = re.compile(r"\b(?:pc|at) 0x([0-9a-f]{8})\b(?! <)")


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended: exit status of the command, one word, and a sentence or a report."""

    status: int
    reason: str
    message: str


@dataclass(slots=True)
class RunReport:
    """Everything that is known about a run. `counters` is empty if it never started.

    `timing_file` is empty for the parameters of the board, `symbols` None if nobody asked for them.
    """

    image: str
    board: str
    mode: str
    timing: str
    compat: bool
    exit: Exit
    console: bytes = b""
    counters: Mapping[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0
    timing_file: str = ""
    symbols: list[SymbolCost] | None = None
    dead: "Postmortem | None" = None
    place: "Place | None" = None
    last_lines: list[str] = field(default_factory=list)

    @property
    def mips(self) -> float:
        """Millions of guest instructions in a second of host time."""
        return self._count("instructions") / self.seconds / 1e6 if self.seconds else 0.0

    def _count(self, name: str) -> int:
        return self.counters.get(name, 0)

    def as_json(self) -> dict[str, object]:
        """The object of `--json`; every figure of the guest is an integer."""
        cycles = ("executed", "modelled", "idle")
        return {
            "image": self.image,
            "board": self.board,
            "mode": self.mode,
            "timing": self.timing,
            "timing_means": TIMING_LEVELS[self.timing],
            "timing_file": self.timing_file or None,
            "compat": self.compat,
            "exit": {
                "status": self.exit.status,
                "reason": self.exit.reason,
                "message": self.exit.message,
            },
            **self._console(),
            "cycles": {"total": self._count("cycles")} | {at: self._count(at) for at in cycles},
            "instructions": self._count("instructions"),
            "breakdown": causes_of(self.counters),
            "events": events_of(self.counters),
            **self._symbols(),
            **self._remains(),
            "counters": {
                name: count for name, count in self.counters.items() if name not in _HOST_COUNTERS
            },
            "log": self.log,
            "host": {"seconds": round(self.seconds, 6), "mips": round(self.mips, 3)}
            | {name: self._count(name) for name in _HOST_COUNTERS},
        }

    def _console(self) -> dict[str, object]:
        """The console as text; its bytes too where the text cannot tell what they were."""
        try:
            return {"console": self.console.decode("utf-8")}
        except UnicodeDecodeError:
            return {
                "console": self.console.decode("utf-8", errors="backslashreplace"),
                "console_base64": base64.b64encode(self.console).decode("ascii"),
            }

    def _symbols(self) -> dict[str, object]:
        if self.symbols is None:
            return {}
        return {"symbols": [cost.as_json() for cost in self.symbols]}

    def _where(self) -> dict[str, str]:
        if self.place is None:
            return {}
        from sel4emu.cli.postmortem import place_text

        return {"where": place_text(self.place)}

    def _remains(self) -> dict[str, object]:
        if self.dead is not None:
            return {"postmortem": self.dead.as_json()}
        return {} if self.place is None else {"where": asdict(self.place)}

    def remains(self) -> str:
        """The report on a bare image that has died, or where it was when a limit ended it.

        Who presses Ctrl-C finds that in the summary.
        """
        dead, place = self.dead, self.place
        if dead is None and (place is None or self.exit.reason == INTERRUPTED):
            return ""
        # Imported where it is needed: most runs end well, and Ctrl-C may come amid these imports.
        from sel4emu.cli.postmortem import report, short_report

        if dead is not None:
            return report(dead)
        assert place is not None
        return short_report(place, self.last_lines)

    def tables(self) -> str:
        """The tables of `--breakdown`, each with an empty line before it."""
        return tables(self.counters, self.symbols or [])

    def summary(self) -> str:
        """The lines for people, aligned, the last one ended too."""
        rows = {
            "exit": self._exit_line(),
            **self._where(),
            "cycles": self._cycles(),
            "timing": self._timing(),
            "instructions": f"{self._count('instructions'):,}",
            "CPI": self._cpi(),
            **(self._model() if self.timing == FULL else self._walks()),
            "host": f"{self.seconds:.2f} s, {self.mips:.1f} MIPS",
        }
        return "".join(f"{name + ':':{_INDENT}}{text}\n" for name, text in rows.items())

    def _cycles(self) -> str:
        idle = self._count("idle")
        waiting = f" ({idle:,} of them waiting)" if idle else ""
        return (
            f"{self._count('cycles'):,} = {self._count('executed'):,} executed{waiting} "
            f"+ {self._count('modelled'):,} modelled"
        )

    def _timing(self) -> str:
        """The level and what it means; the file, if the model had its figures from another."""
        source = f", with {self.timing_file}" if self.timing == FULL and self.timing_file else ""
        return f"{self.timing}: {TIMING_LEVELS[self.timing]}{source}"

    def _model(self) -> dict[str, str]:
        """The rows about what only the model knows."""
        breakdown, event = causes_of(self.counters), events_of(self.counters)
        l2_accesses = event["l2_hit"] + event["l2_miss"]
        return {
            "breakdown": _listed(shares(breakdown, sum(breakdown.values()))),
            "mispredicts": f"{event['mispredict']:,} of {event['branch']:,} branches",
            "L1 misses": f"{event['instruction_miss']:,} instruction, {event['data_miss']:,} data",
            "L2 misses": f"{event['l2_miss']:,} of {l2_accesses:,}",
            "TLB misses": f"{event['instruction_micro_tlb_miss']:,} instruction, "
            f"{event['data_micro_tlb_miss']:,} data, {event['main_tlb_miss']:,} main",
        }

    def _walks(self) -> dict[str, str]:
        return {"TLB walks": f"{self._count('tlb_walks'):,}"}

    def _exit_line(self) -> str:
        first = self.exit.message.partition("\n")[0]
        return f"{self.exit.reason}, status {self.exit.status}" + (f": {first}" if first else "")

    def _cpi(self) -> str:
        """Executed cycles for each instruction, those spent waiting left out."""
        instructions = self._count("instructions")
        if not instructions:
            return "-"
        return f"{(self._count('executed') - self._count('idle')) / instructions:.2f}"


def _listed(items: list[str]) -> str:
    """Items with commas between, on as many lines of the summary as they need."""
    kept_together = ", ".join(item.replace(" ", _NO_BREAK) for item in items) or "-"
    lines = textwrap.wrap(kept_together, _COLUMNS - _INDENT)
    return f"\n{'':{_INDENT}}".join(lines).replace(_NO_BREAK, " ")


def exit_of(stop: Stop, symbol_at: Callable[[int], str | None]) -> Exit:
    """What a stop of the machine means for the command."""
    message = explained(stop.message, symbol_at)
    if stop.reason is StopReason.HALT:
        # The kernel ends the run with this status when no thread can ever run again.
        reason = StopReason.STUCK if stop.status == EXIT_DEAD else StopReason.HALT
        return Exit(stop.status, reason.value, message)
    if stop.reason in {StopReason.STUCK, StopReason.CRASH}:
        return Exit(EXIT_DEAD, stop.reason.value, message)
    if stop.reason in {StopReason.TEXT, StopReason.SCRIPT}:
        return Exit(EXIT_DONE, stop.reason.value, message)
    assert stop.reason in {StopReason.CYCLE, StopReason.TIME, StopReason.SCRIPT_TIME}, stop
    return Exit(EXIT_LIMIT, stop.reason.value, message)


def interrupted(message: str, status: int = EXIT_INTERRUPTED) -> Exit:
    """The end of a run that somebody outside ended."""
    return Exit(status, INTERRUPTED, message)


def explained(text: str, symbol_at: Callable[[int], str | None]) -> str:
    """A text of the kernel with what it cannot know itself: symbols, and instructions as text."""
    return with_instructions(with_symbols(text, symbol_at))


def with_instructions(text: str) -> str:
    """The text with the instruction behind each encoding (`undefined instruction 0x...`).

    Eight digits are ARM, four are Thumb; nothing follows an encoding that nobody knows.
    """
    # Imported where it is needed: the options are read without the disassembler.
    from sel4emu.disassembly import describe_instruction

    def named(match: re.Match[str]) -> str:
        digits = match.group(2)
        thumb = len(digits) == _THUMB_DIGITS
        return match.group(1) + describe_instruction(int(digits, 16), 0, thumb=thumb)

    return _ENCODING.sub(named, text)


def with_symbols(text: str, symbol_at: Callable[[int], str | None]) -> str:
    """The text with `<symbol+offset>` behind each code address (`pc 0x...`, `at 0x...`).

    Addresses are taken for ones of the loaded image; a thread whose address space maps other code
    there gets a symbol of that image.
    """

    def named(match: re.Match[str]) -> str:
        symbol = symbol_at(int(match.group(1), 16))
        return f"{match.group()} <{symbol}>" if symbol else match.group()

    return _PLACE.sub(named, text)
