# SPDX-License-Identifier: BSD-2-Clause
"""A small program on the emulated board, whose cycles are read at its labels."""

from collections.abc import Mapping
from typing import Any, Final

from sel4emu import Machine
from sel4emu.asm import assemble
from sel4emu.bare import flat_startup
from sel4emu.board import load_board
from sel4emu.stop import StopReason

BOARD: Final = "kzm_arm11"
TIMING: Final = "full"
LOAD: Final = 0x8000_0000
TABLE: Final = 0x8001_0000
STACK: Final = 0x8008_0000
#: Sections of data begin here, away from code and table in every cache.
DATA: Final = 0x8100_0000
#: More cycles than any measurement takes.
LIMIT: Final = 2_000_000_000


class Probe:
    """A machine that has come to the label `program` with MMU, caches and predictors on.

    `data` is put into memory first; `options` are those of `flat_startup`.
    """

    def __init__(
        self, source: str, data: Mapping[int, bytes] | None = None, **options: Any
    ) -> None:
        startup = flat_startup(
            load_board(BOARD), entry="program", table=TABLE, stack=STACK, **options
        )
        assembly = assemble(startup + source, LOAD, {"DATA": DATA})
        self.labels = assembly.labels
        self.machine = Machine.from_board(BOARD, timing=TIMING)
        for address, content in {LOAD: assembly.code, **(data or {})}.items():
            self.machine.write_physical(address, content)
        self.machine.registers["pc"] = LOAD
        self.at("program")

    def at(self, place: str | int) -> int:
        """Run on to a label or an address, and return the cycle at which it is reached."""
        address = self.labels[place] if isinstance(place, str) else place
        stop = self.machine.run(until=address, cycles=LIMIT)
        assert stop.reason is StopReason.ADDRESS, (place, stop)
        return self.machine.cycles

    def span(self, first: str | int, last: str | int) -> int:
        """Cycles from the next arrival at one place to the next one at another."""
        begin = self.at(first)
        return self.at(last) - begin
