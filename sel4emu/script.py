# SPDX-License-Identifier: BSD-2-Clause
r"""Scripts: what to wait for on the console, and what to type then, line by line.

    # comment
    timeout 60
    expect login:
    send root
    expect #\x20

`expect` searches the output behind the text that was found last; `send` types its text and Enter
(a carriage return), `type` only its text; `break` holds the line low, as a terminal's break key
does. `timeout` gives the emulated seconds that every `expect` behind it waits. Time is the guest's,
so that a script does the same on every host. Only a guest that keeps the host busy for minutes
without a word (it polls for a key) is given up before.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sel4emu.devices.serial_line import BREAK
from sel4emu.errors import InputError
from sel4emu.events import Event
from sel4emu.expect import TextMatcher
from sel4emu.stop import Stop, StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

#: A prompt of a guest comes within a second or so, and one that is busy at 532 MHz for as long as
#: this keeps the host busy for some minutes: enough to see that nothing will come.
DEFAULT_SECONDS: Final = 20.0
MOST_SECONDS: Final = 1e6
#: Host seconds without output after which a guest is given up: at least the first, or so many for
#: each emulated second. It is looked at after so many cycles.
SILENT_SECONDS: Final = 120.0
SILENT_FACTOR: Final = 6.0
LOOK_CYCLES: Final = 1_000_000
ENTER: Final = b"\r"
MAX_SCRIPT_BYTES: Final = 1 << 20

_COMMANDS: Final = ("expect", "send", "type", "timeout", "break")
_NAMED: Final = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}
_PIECE: Final = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.?)|[^\\]+")
#: Who waits in the queue of events.
_OWNER: Final = "script"


@dataclass(frozen=True, slots=True)
class Expect:
    """Wait for `wanted`; `text` is what the script says, `seconds` of the guest the limit."""

    line: int
    text: str
    wanted: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Type:
    """Bytes to be typed, or a BREAK, and the limit in which the guest takes them."""

    line: int
    data: Sequence[int]
    seconds: float


Step = Expect | Type


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a script; `name` is what reports call it."""

    name: str
    steps: tuple[Step, ...]


def read_script(path: str | Path) -> Script:
    """The script in a file (InputError with file and line)."""
    try:
        data = _contents(Path(path))
        text = data.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise InputError(f"{path}: expected a readable script: {reason}") from None
    return parse_script(text, str(path))


def _contents(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MAX_SCRIPT_BYTES + 1)
    if len(data) > MAX_SCRIPT_BYTES:
        raise InputError(f"{path}: expected at most {MAX_SCRIPT_BYTES} bytes in a script")
    return data


def parse_script(text: str, name: str) -> Script:
    """The script in a text (InputError with `name` and line)."""
    return Script(name, tuple(_steps(text, name)))


def _steps(text: str, name: str) -> Iterator[Step]:
    seconds = DEFAULT_SECONDS
    for number, line in enumerate(text.split("\n"), 1):
        command, argument = (*line.split(maxsplit=1), "", "")[:2]
        argument = argument.strip()
        if not command or command.startswith("#"):
            continue
        place = f"{name}, line {number}"
        if command not in _COMMANDS:
            raise InputError(
                f"{place}: expected one of {', '.join(_COMMANDS)}, or a comment (#), "
                f"not {command!r}"
            )
        if command == "timeout":
            seconds = _seconds(argument, place)
        elif command == "break":
            if argument:
                raise InputError(f"{place}: expected nothing behind 'break', not {argument!r}")
            yield Type(number, (BREAK,), seconds)
        elif command == "expect":
            wanted = _unescaped(argument, place)
            if not wanted.replace(ENTER, b""):
                raise InputError(f"{place}: expected a text behind 'expect'")
            yield Expect(number, argument, wanted, seconds)
        else:
            enter = ENTER if command == "send" else b""
            data = _unescaped(argument, place) + enter
            if not data:
                raise InputError(f"{place}: expected a text behind 'type'")
            yield Type(number, data, seconds)


def _seconds(text: str, place: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise InputError(
            f"{place}: expected a number of seconds above 0 and at most {MOST_SECONDS:.0f} behind "
            f"'timeout', not {text!r}"
        )
    return seconds


def _unescaped(text: str, place: str) -> bytes:
    r"""The bytes that a text with the escapes \n, \r, \t, \\ and \xNN stands for."""
    parts = []
    for piece in _PIECE.finditer(text):
        digits, letter = piece.group(1), piece.group(2)
        if digits is not None:
            parts.append(bytes.fromhex(digits))
        elif letter is None:
            parts.append(piece.group().encode())
        elif letter in _NAMED:
            parts.append(_NAMED[letter])
        else:
            raise InputError(
                f"{place}: expected \\n, \\r, \\t, \\\\ or \\xNN (two hexadecimal digits), "
                f"not '\\{letter}'"
            )
    return b"".join(parts)


class ScriptPlayer:
    """Plays a script: the console's input, and a reader of its output.

    The guest's UART asks for each byte when the line has time for it, so a guest loses nothing that
    it would not lose on the board. `on_done` is called once, when every text has come and, unless
    the script is `open_ended`, all that was typed has been taken.
    """

    def __init__(
        self, script: Script, on_done: Callable[[], None], *, open_ended: bool = False
    ) -> None:
        self._script = script
        self._open_ended = open_ended
        self._steps = deque(script.steps)
        self._on_done = on_done
        self._typed: deque[int] = deque()
        self._matcher: TextMatcher | None = None
        self._waiting: Step | None = None
        self._timer: Event | None = None
        self._deadline = 0
        self._heard = 0.0
        self._machine: Machine | None = None
        self.done = False

    def start(self, machine: "Machine") -> None:
        """Begin as soon as the machine runs."""
        self._machine = machine
        machine.console.watch(self._take)
        machine.events.schedule(machine.cycles, self._go_on, _OWNER)

    # The console's input --------------------------------------------------------------------

    @property
    def at_end(self) -> bool:
        """Whether nothing will ever be typed again."""
        return self.done and not self._typed

    def next_byte(self) -> int | None:
        """The next byte that is typed, or None if the guest has to speak first."""
        if not self._typed:
            return None
        byte = self._typed.popleft()
        if not (self._typed or self._steps or self._matcher or self.done):
            self._finish()
        return byte

    def wait(self, seconds: float) -> None:
        """Nothing to wait for: a script knows only the guest's time."""

    # The steps ------------------------------------------------------------------------------

    def _take(self, byte: int) -> None:
        """A byte of output."""
        self._heard = time.monotonic()
        if self._matcher is not None and self._matcher.feed(byte):
            self._matcher = None
            self._go_on()

    def _go_on(self) -> None:
        self._stop_timer()
        step: Step | None = None
        while self._steps and self._matcher is None:
            step = self._steps.popleft()
            if isinstance(step, Expect):
                self._matcher = TextMatcher(step.wanted)
            else:
                self._typed.extend(step.data)
        if self._matcher is None and (self._open_ended or not self._typed):
            self._finish()
        else:
            self._waiting = step or self._waiting
            self._start_timer()

    def _start_timer(self) -> None:
        assert self._machine is not None and self._waiting is not None
        cycles = int(self._waiting.seconds * self._machine.board.clocks.cpu)
        self._deadline = self._machine.cycles + cycles
        self._heard = time.monotonic()
        self._look_later()

    def _look_later(self) -> None:
        assert self._machine is not None
        due = min(self._deadline, self._machine.cycles + LOOK_CYCLES)
        self._timer = self._machine.events.schedule(due, self._look, _OWNER)

    def _look(self) -> None:
        """See whether there is still time."""
        assert self._machine is not None and self._waiting is not None
        silent = max(SILENT_SECONDS, SILENT_FACTOR * self._waiting.seconds)
        if self._machine.cycles >= self._deadline:
            self._give_up(f"within {self._waiting.seconds:g} emulated seconds")
        elif time.monotonic() - self._heard > silent:
            self._give_up(f"and nothing else for {silent:g} s")
        else:
            self._look_later()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            assert self._machine is not None
            self._machine.events.cancel(self._timer)
            self._timer = None

    def _finish(self) -> None:
        self._stop_timer()
        self.done = True
        self._on_done()

    def _give_up(self, when: str) -> None:
        assert self._machine is not None
        self._machine.end(Stop(StopReason.SCRIPT_TIME, f"{self.missing()} {when}"))

    def missing(self) -> str:
        """What a script that is not done still waits for, as a sentence."""
        step = self._waiting
        if step is None:
            return f"{self._script.name}: the script has not begun"
        place = f"{self._script.name}, line {step.line}"
        if isinstance(step, Expect):
            return f"{place}: the console did not print {step.text!r}"
        return f"{place}: the guest did not take what was typed"
