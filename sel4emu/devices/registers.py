# SPDX-License-Identifier: BSD-2-Clause
"""A block of registers that only stores: for pin multiplexing, fuses and the like.

Modelled: memory. A word reads back what was last written to it, and 0 before.

Not modelled: any behaviour at all. Nothing that a guest writes here has an effect, no status bit
ever changes, and there is no interrupt. A board lists a device with this kind only where guests
write settings that mean nothing to an emulator.
"""

from sel4emu.devices.base import Device, lanes


class RegisterFile(Device):
    """Words that keep what is written; only those that were written take room."""

    def __init__(self, name: str, base: int, size: int) -> None:
        super().__init__(name, base, size)
        self._words: dict[int, int] = {}

    def reset(self) -> None:
        """All words read 0 again."""
        self._words.clear()

    def read(self, offset: int, size: int) -> int:
        """The value of `size` bytes at `offset`."""
        value = 0
        for lane in lanes(offset, size):
            word = self._words.get(lane.offset, 0)
            value |= (word & lane.mask) >> lane.low << lane.position
        return value

    def write(self, offset: int, size: int, value: int) -> None:
        """Write `size` bytes at `offset`."""
        for lane in lanes(offset, size):
            kept = self._words.get(lane.offset, 0) & ~lane.mask
            self._words[lane.offset] = kept | value >> lane.position << lane.low & lane.mask
