# SPDX-License-Identifier: BSD-2-Clause
"""Clocks of the board, and exact conversion between their ticks and processor cycles.

Modelled: every clock runs from cycle 0 at a constant frequency; tick k is at the first cycle that
is not before the time k / frequency, in integers, so that no error adds up. Where the guest changes
a frequency, who uses the clock goes on with another one.

Not modelled: clock gates, jitter, and the phase between clocks.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clocks:
    """Frequencies in Hz: processor, peripheral bus (two inputs of a timer), crystals."""

    cpu: int
    ipg: int
    ipg_highfreq: int
    ckil: int
    ckih: int


@dataclass(frozen=True, slots=True)
class TickClock:
    """A clock of `hertz` as seen by a processor of `cpu_hertz`."""

    cpu_hertz: int
    hertz: int

    def ticks(self, cycle: int) -> int:
        """Ticks that have passed at `cycle`."""
        return cycle * self.hertz // self.cpu_hertz

    def cycle_of(self, tick: int) -> int:
        """The first cycle at which `tick` ticks have passed."""
        return -(-tick * self.cpu_hertz // self.hertz)
