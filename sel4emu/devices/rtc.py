# SPDX-License-Identifier: BSD-2-Clause
"""RTC, the real time clock (i.MX31 manual, RTC): days and seconds of guest time.

Modelled: the time of day and the day, which advance with the processor's cycles from the day that
the board file gives, so that two runs see the same time; setting them; the alarm; the flags of
half seconds, seconds, minutes, hours, days and the alarm, the sampling flags (4 to 512 a second),
the stopwatch, and their interrupts; software reset. Sampling flags are set while their interrupt
is enabled.

Not modelled: the choice of the crystal (XTL), and a change of the processor's clock.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring
from sel4emu.devices.clock import TickClock
from sel4emu.events import Event

HOURMIN: Final = 0x00
SECONDS: Final = 0x04
ALRM_HM: Final = 0x08
ALRM_SEC: Final = 0x0C
RCCTL: Final = 0x10
RTCISR: Final = 0x14
RTCIENR: Final = 0x18
STPWCH: Final = 0x1C
DAYR: Final = 0x20
DAYALARM: Final = 0x24

RCCTL_SWR: Final = 1 << 0
RCCTL_EN: Final = 1 << 7
ISR_SW: Final = 1 << 0
ISR_MIN: Final = 1 << 1
ISR_ALM: Final = 1 << 2
ISR_DAY: Final = 1 << 3
ISR_1HZ: Final = 1 << 4
ISR_HR: Final = 1 << 5
ISR_2HZ: Final = 1 << 7
#: SAM0, 4 a second, to SAM7, 512 a second.
ISR_SAM0: Final = 1 << 8
SAMPLINGS: Final = 8
#: What the stopwatch holds when it has run out; it then stands.
STOPWATCH_OUT: Final = 0x3F

SECONDS_A_DAY: Final = 86_400
DAYS: Final = 1 << 16
#: Steps of the model in a second: those of the fastest flag.
STEPS: Final = 512
#: Steps from one setting of each flag to the next.
PERIODS: Final = {
    ISR_2HZ: STEPS // 2,
    ISR_1HZ: STEPS,
    ISR_MIN: 60 * STEPS,
    ISR_HR: 3600 * STEPS,
    ISR_DAY: SECONDS_A_DAY * STEPS,
    **{ISR_SAM0 << n: STEPS // (4 << n) for n in range(SAMPLINGS)},
}
SAMPLING_FLAGS: Final = 0xFF00


class Rtc(RegisterDevice):
    """The clock, at midnight of `first_day` (days since 1970-01-01) in cycle 0."""

    table: ClassVar[Mapping[int, Register]] = {
        HOURMIN: Register("HOURMIN", writable=0x1F3F),
        SECONDS: Register("SECONDS", writable=0x3F),
        ALRM_HM: Register("ALRM_HM", writable=0x1F3F),
        ALRM_SEC: Register("ALRM_SEC", writable=0x3F),
        RCCTL: Register("RCCTL", reset=RCCTL_EN, writable=0xFF),
        RTCISR: Register("RTCISR", writable=0, clear_by_one=0xFFFF),
        RTCIENR: Register("RTCIENR", writable=0xFFFF),
        STPWCH: Register("STPWCH", reset=0x3F, writable=0x3F),
        DAYR: Register("DAYR", writable=0xFFFF),
        DAYALARM: Register("DAYALARM", writable=0xFFFF),
    }

    def __init__(self, name: str, base: int, size: int, wiring: Wiring, *, first_day: int) -> None:
        super().__init__(name, base, size)
        self._events = wiring.events
        self._now = wiring.now
        self._line = wiring.line
        self._steps = TickClock(wiring.clocks.cpu, STEPS)
        self._offset = STEPS * SECONDS_A_DAY * first_day  # steps shown in cycle 0
        self._stopped: int | None = None  # what is shown while EN is clear
        self._checked = self._shown()  # flags are right up to this step
        self._event: Event | None = None

    def reset(self) -> None:
        """Registers as after power-on; the time goes on, as on its battery."""
        self._show(self._shown())
        super().reset()
        self._apply_control()
        self._settle()

    def read_word(self, offset: int) -> int:
        """The register at the offset; time and flags are computed."""
        seconds = self._shown() // STEPS
        minutes = seconds // 60 % 1440
        if offset == HOURMIN:
            return minutes // 60 << 8 | minutes % 60
        if offset == SECONDS:
            return seconds % 60
        if offset == DAYR:
            return seconds // SECONDS_A_DAY % DAYS
        if offset in (RTCISR, STPWCH):
            self._catch_up()
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; a part of the time is set and the rest goes on."""
        self._catch_up()
        for time in (HOURMIN, SECONDS, DAYR):
            self.registers[time] = self.read_word(time)
        super().write_word(offset, value, mask)
        if offset in (HOURMIN, SECONDS, DAYR):
            self._show(STEPS * self._seconds(DAYR, HOURMIN, SECONDS))
        elif offset == RCCTL:
            if self.registers[RCCTL] & RCCTL_SWR:
                self._fill_registers()
            self._apply_control()
        self._settle()

    def _seconds(self, day: int, hour_minute: int, second: int) -> int:
        """The time that three registers stand for, in seconds."""
        clock = self.registers[hour_minute]
        minutes = (clock >> 8) * 60 + (clock & 0x3F)
        return self.registers[day] * SECONDS_A_DAY + minutes * 60 + self.registers[second]

    def _shown(self) -> int:
        if self._stopped is not None:
            return self._stopped
        return self._offset + self._steps.ticks(self._now())

    def _show(self, steps: int) -> None:
        """Go on from this time, in steps."""
        self._checked = steps
        self._offset = steps - self._steps.ticks(self._now())
        if self._stopped is not None:
            self._stopped = steps

    def _apply_control(self) -> None:
        """Start or stop as EN says."""
        shown = self._shown()
        self._stopped = None if self.registers[RCCTL] & RCCTL_EN else shown
        self._show(shown)

    def _catch_up(self) -> None:
        last, now = self._checked, self._shown()
        self._checked = now
        for flag, period in PERIODS.items():
            wanted = not flag & SAMPLING_FLAGS or self.registers[RTCIENR] & flag
            if wanted and now // period > last // period:
                self.registers[RTCISR] |= flag
        if last < self._alarm() <= now:
            self.registers[RTCISR] |= ISR_ALM
        self._run_stopwatch(now // PERIODS[ISR_MIN] - last // PERIODS[ISR_MIN])

    def _alarm(self) -> int:
        """The step of the alarm."""
        return STEPS * self._seconds(DAYALARM, ALRM_HM, ALRM_SEC)

    def _run_stopwatch(self, minutes: int) -> None:
        """It counts minutes down, and through 0 to its end."""
        left = self.registers[STPWCH]
        if left == STOPWATCH_OUT or minutes <= 0:
            return
        if minutes > left:
            self.registers[RTCISR] |= ISR_SW
        self.registers[STPWCH] = max(-1, left - minutes) & STOPWATCH_OUT

    def _settle(self) -> None:
        """Make the line agree with the flags; look again when the next one may be set."""
        wanted = self.registers[RTCIENR]
        raised = bool(self.registers[RTCISR] & wanted)
        if self._event is not None:
            self._events.cancel(self._event)
            self._event = None
        if wanted and not raised and self._stopped is None:
            due = self._steps.cycle_of(self._next_step(wanted) - self._offset)
            self._event = self._events.schedule(due, self._due, self.name)
        self._line(raised)

    def _next_step(self, wanted: int) -> int:
        """The first step from now at which one of the wanted flags may be set."""
        now = self._shown()
        periods = [period for flag, period in PERIODS.items() if flag & wanted]
        # The alarm is at a whole second, and the stopwatch ends at a minute.
        periods += [STEPS] if wanted & ISR_ALM else []
        periods += [PERIODS[ISR_MIN]] if wanted & ISR_SW else []
        return min((now // period + 1) * period for period in periods or [SECONDS_A_DAY * STEPS])

    def _due(self) -> None:
        self._event = None
        self._catch_up()
        self._settle()
