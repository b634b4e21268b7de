# SPDX-License-Identifier: BSD-2-Clause
"""What is said about a run at its end: exit status, summary for people, object for programs."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sel4emu.cli import EXIT_INTERRUPTED
from sel4emu.stop import Stop, StopReason
from sel4emu.timing import TIMING_LEVELS

EXIT_DEAD: Final = 3
EXIT_LIMIT: Final = 4
#: The word for a run that was ended from outside.
INTERRUPTED: Final = "interrupted"

#: Counters of the host's translator: two runs of one image may differ in them.
_HOST_COUNTERS: Final = ("tlb_fills",)

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
    """Everything that is known about a run. `counters` is empty if it never started."""

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
            "compat": self.compat,
            "exit": {
                "status": self.exit.status,
                "reason": self.exit.reason,
                "message": self.exit.message,
            },
            **self._console(),
            "cycles": {"total": self._count("cycles")} | {at: self._count(at) for at in cycles},
            "instructions": self._count("instructions"),
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

    def summary(self) -> str:
        """The lines for people, aligned, the last one ended too."""
        idle = self._count("idle")
        waiting = f" ({idle:,} of them waiting)" if idle else ""
        rows = {
            "exit": self._exit_line(),
            "cycles": f"{self._count('cycles'):,} = {self._count('executed'):,} executed{waiting} "
            f"+ {self._count('modelled'):,} modelled",
            "timing": f"{self.timing}: {TIMING_LEVELS[self.timing]}",
            "instructions": f"{self._count('instructions'):,}",
            "CPI": self._cpi(),
            "TLB walks": f"{self._count('tlb_walks'):,}",
            "host": f"{self.seconds:.2f} s, {self.mips:.1f} MIPS",
        }
        return "".join(f"{name + ':':14}{text}\n" for name, text in rows.items())

    def _exit_line(self) -> str:
        first = self.exit.message.partition("\n")[0]
        return f"{self.exit.reason}, status {self.exit.status}" + (f": {first}" if first else "")

    def _cpi(self) -> str:
        """Executed cycles for each instruction, those spent waiting left out."""
        instructions = self._count("instructions")
        if not instructions:
            return "-"
        return f"{(self._count('executed') - self._count('idle')) / instructions:.2f}"


def exit_of(stop: Stop, symbol_at: Callable[[int], str | None]) -> Exit:
    """What a stop of the machine means for the command."""
    message = explained(stop.message, symbol_at)
    if stop.reason is StopReason.HALT:
        # The kernel ends the run with this status when no thread can ever run again.
        reason = StopReason.STUCK if stop.status == EXIT_DEAD else StopReason.HALT
        return Exit(stop.status, reason.value, message)
    if stop.reason in {StopReason.STUCK, StopReason.CRASH}:
        return Exit(EXIT_DEAD, stop.reason.value, message)
    assert stop.reason in {StopReason.CYCLE, StopReason.TIME}, stop
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
