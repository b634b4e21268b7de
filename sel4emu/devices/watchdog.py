# SPDX-License-Identifier: BSD-2-Clause
"""WDOG, the watchdog (i.MX31 manual, WDOG): it ends the run where it would reset the board.

Modelled: the time-out in half seconds, the service sequence, reset by software (SRS), the external
signal (WDA, or a time-out with WRE set), which resets the board too, and the cause in WRSR. WDE
cannot be cleared once it is set. A reset is the end of the run, with a report as for a crash: what
follows on the board is its boot ROM, which is not here.

Not modelled: the low power and debug bits (WDZST, WDBG only store), and a change of the processor's
clock while the watchdog runs.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring
from sel4emu.errors import MachineCrash
from sel4emu.events import Event

WCR: Final = 0x0
WSR: Final = 0x2
WRSR: Final = 0x4

WCR_WDE: Final = 1 << 2
WCR_SRS: Final = 1 << 4
WCR_WDA: Final = 1 << 5
WCR_WT_LOW: Final = 8
WRSR_SFTW: Final = 1 << 0
WRSR_TOUT: Final = 1 << 1
WRSR_PWR: Final = 1 << 4
#: Written to WSR one after the other, these start the time anew.
SERVICE: Final = (0x5555, 0xAAAA)


class Watchdog(RegisterDevice):
    """The watchdog; a reset raises MachineCrash."""

    table: ClassVar[Mapping[int, Register]] = {
        WCR: Register("WCR", reset=WCR_WDA | WCR_SRS, writable=0xFFFF),
        WSR: Register("WSR", writable=0xFFFF),
        WRSR: Register("WRSR", reset=WRSR_PWR, writable=0),
    }
    width: ClassVar[int] = 2

    def __init__(self, name: str, base: int, size: int, wiring: Wiring) -> None:
        super().__init__(name, base, size)
        self._events = wiring.events
        self._now = wiring.now
        self._half_second = wiring.clocks.cpu // 2
        self._timeout: Event | None = None

    def reset(self) -> None:
        """Stopped, as after power-on."""
        super().reset()
        self._stop()

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; the second word of the service sequence starts the time anew."""
        before = self.registers.get(offset, 0)
        super().write_word(offset, value, mask)
        if offset == WCR:
            self._control(before)
        elif offset == WSR and (before, value) == SERVICE and self._timeout is not None:
            self._start()

    def _control(self, before: int) -> None:
        self.registers[WCR] |= before & WCR_WDE
        control = self.registers[WCR]
        if not control & WCR_SRS:
            self._reset_board(WRSR_SFTW, "asked for by software (WCR.SRS)")
        if not control & WCR_WDA:
            self._reset_board(WRSR_SFTW, "asked for by software (WCR.WDA)")
        if control & ~before & WCR_WDE:
            self._start()

    def _start(self) -> None:
        self._stop()
        halves = (self.registers[WCR] >> WCR_WT_LOW) + 1
        due = self._now() + halves * self._half_second
        self._timeout = self._events.schedule(due, self._expire, self.name)

    def _stop(self) -> None:
        if self._timeout is not None:
            self._events.cancel(self._timeout)
            self._timeout = None

    def _expire(self) -> None:
        self._timeout = None
        halves = (self.registers[WCR] >> WCR_WT_LOW) + 1
        self._reset_board(WRSR_TOUT, f"it was not serviced for {halves / 2} s")

    def _reset_board(self, cause: int, reason: str) -> None:
        self.registers[WRSR] = cause
        raise MachineCrash(f"the watchdog '{self.name}' reset the board: {reason}")
