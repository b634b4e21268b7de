# SPDX-License-Identifier: BSD-2-Clause
"""What a run is to reach: the texts of `--until`, the end of `--script`, or both in turn."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sel4emu.cli.report import EXIT_LIMIT, EXIT_UNFINISHED, Exit
from sel4emu.expect import Until
from sel4emu.script import ScriptPlayer, read_script
from sel4emu.stop import Stop, StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

#: The word for an image that ended itself too early.
UNFINISHED: Final = "unfinished"
#: Ends that are what was asked for.
_REACHED: Final = (StopReason.TEXT.value, StopReason.SCRIPT.value)


class Goals:
    """The goals of one run. With both, the texts count from the end of the script on.

    Raises InputError for a faulty script.
    """

    def __init__(self, until: Sequence[str], script: str | None) -> None:
        self._until = Until(until) if until else None
        self.player: ScriptPlayer | None = None
        if script is not None:
            goes_on = self._until is not None
            self.player = ScriptPlayer(read_script(script), self._script_done, open_ended=goes_on)
        self._machine: Machine | None = None

    def start(self, machine: "Machine") -> None:
        """The machine is about to run."""
        self._machine = machine
        if self.player is not None:
            self.player.start(machine)
        elif self._until is not None:
            self._until.start(machine)

    def _script_done(self) -> None:
        assert self._machine is not None
        if self._until is not None:
            self._until.start(self._machine)
        else:
            self._machine.end(Stop(StopReason.SCRIPT, "the script is done"))

    def judge(self, end: Exit) -> Exit:
        """What the end of a run means where it was to reach something else."""
        missing = self._missing()
        if missing is None or end.reason in (*_REACHED, StopReason.SCRIPT_TIME.value):
            return end
        sentence = f"{end.message}; {missing}"
        if end.reason == StopReason.HALT.value:
            status = end.status or EXIT_UNFINISHED
            return Exit(status, UNFINISHED, sentence)
        if end.reason == StopReason.STUCK.value and not self._is_script_done():
            return replace(end, status=EXIT_LIMIT, message=sentence)
        return replace(end, message=sentence)

    def _is_script_done(self) -> bool:
        return self.player is None or self.player.done

    def _missing(self) -> str | None:
        """What has not come, as a part of a sentence."""
        if self.player is not None and not self.player.done:
            return self.player.missing()
        return None if self._until is None else self._until.missing()
