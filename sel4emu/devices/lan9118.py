# SPDX-License-Identifier: BSD-2-Clause
"""LAN9118, the Ethernet controller of the board, with no cable (SMSC LAN9118 data sheet).

Modelled: identification and byte order, power and hardware state (ready), software reset, the
indirect MAC registers and behind them the registers of the PHY (no link), and the free running
counter of 25 MHz. Every indirect access is complete at once.

Not modelled: frames. What is written to the transmit FIFO vanishes, nothing is ever received, and
there are no interrupts, no EEPROM and no station address but the one that a guest sets.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register, RegisterDevice, Wiring
from sel4emu.devices.clock import TickClock

TX_DATA: Final = 0x20
ID_REV: Final = 0x50
BYTE_TEST: Final = 0x64
HW_CFG: Final = 0x74
PMT_CTRL: Final = 0x84
FREE_RUN: Final = 0x9C
MAC_CSR_CMD: Final = 0xA4
MAC_CSR_DATA: Final = 0xA8

HW_CFG_SRST: Final = 1 << 0
PMT_CTRL_READY: Final = 1 << 0
MAC_CSR_BUSY: Final = 1 << 31
MAC_CSR_READ: Final = 1 << 30
FREE_RUN_HERTZ: Final = 25_000_000

#: MAC registers by index, with their values after reset.
MAC_CR: Final = 1
MII_ACC: Final = 6
MII_DATA: Final = 7
MAC_RESET: Final = {
    MAC_CR: 0x0004_0000,
    2: 0x0000_FFFF,  # station address, high and low: there is no EEPROM
    3: WORD_MASK,
    4: 0,
    5: 0,
    MII_ACC: 0,
    MII_DATA: 0,
    8: 0,
    9: 0x8100,
    10: 0x8100,
    11: 0,
    12: 0,
}
MII_WRITE: Final = 1 << 1
MII_BUSY: Final = 1 << 0
PHY_ADDRESS: Final = 1
#: PHY registers by index, with their values after reset.
PHY_STATUS: Final = 1
PHY_RESET: Final = {
    0: 0x3000,
    PHY_STATUS: 0x7809,  # abilities; neither link nor negotiation
    2: 0x0007,
    3: 0xC0D1,
    4: 0x01E1,
    5: 0,
    6: 0,
    17: 0,
    18: 0x00E1,
    27: 0,
    29: 0,
    30: 0,
    31: 0x0040,
}
PHY_READ_ONLY: Final = frozenset({1, 2, 3, 5, 6, 29})
PHY_SELF_CLEARING: Final = 0x8200  # reset and restart of the negotiation, in register 0


class Lan9118(RegisterDevice):
    """The controller."""

    table: ClassVar[Mapping[int, Register]] = {
        0x00: Register("RX_DATA", writable=0),
        TX_DATA: Register("TX_DATA", writable=0),
        0x40: Register("RX_STATUS", writable=0),
        0x44: Register("RX_STATUS_PEEK", writable=0),
        0x48: Register("TX_STATUS", writable=0),
        0x4C: Register("TX_STATUS_PEEK", writable=0),
        ID_REV: Register("ID_REV", reset=0x0118_0001, writable=0),
        0x54: Register("IRQ_CFG"),
        0x58: Register("INT_STS", writable=0, clear_by_one=WORD_MASK),
        0x5C: Register("INT_EN"),
        BYTE_TEST: Register("BYTE_TEST", reset=0x8765_4321, writable=0),
        0x68: Register("FIFO_INT", reset=0x4800_0000),
        0x6C: Register("RX_CFG"),
        0x70: Register("TX_CFG"),
        HW_CFG: Register("HW_CFG", reset=0x0005_0004, writable=0x003F_0000),
        0x78: Register("RX_DP_CTRL", writable=0),
        0x7C: Register("RX_FIFO_INF", writable=0),
        0x80: Register("TX_FIFO_INF", reset=0x0000_1200, writable=0),
        PMT_CTRL: Register("PMT_CTRL", reset=PMT_CTRL_READY, writable=0x3F4E),
        0x88: Register("GPIO_CFG"),
        0x8C: Register("GPT_CFG", reset=0x0000_FFFF),
        0x90: Register("GPT_CNT", reset=0x0000_FFFF, writable=0),
        0x98: Register("WORD_SWAP"),
        FREE_RUN: Register("FREE_RUN", writable=0),
        0xA0: Register("RX_DROP", writable=0),
        MAC_CSR_CMD: Register("MAC_CSR_CMD", writable=0x4000_00FF),
        MAC_CSR_DATA: Register("MAC_CSR_DATA"),
        0xAC: Register("AFC_CFG"),
        0xB0: Register("E2P_CMD", writable=0x7000_00FF),
        0xB4: Register("E2P_DATA", writable=0xFF),
    }

    def __init__(self, name: str, base: int, size: int, wiring: Wiring) -> None:
        super().__init__(name, base, size)
        self._now: Callable[[], int] = wiring.now
        self._clock = TickClock(wiring.clocks.cpu, FREE_RUN_HERTZ)
        self._mac = dict(MAC_RESET)
        self._phy = dict(PHY_RESET)

    def reset(self) -> None:
        """Registers of controller, MAC and PHY as after power-on."""
        super().reset()
        self._mac = dict(MAC_RESET)
        self._phy = dict(PHY_RESET)

    def read_word(self, offset: int) -> int:
        """The register at the offset."""
        if offset == FREE_RUN:
            return self._clock.ticks(self._now()) & WORD_MASK
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; MAC_CSR_CMD with its busy bit carries out an indirect access."""
        super().write_word(offset, value, mask)
        if offset == HW_CFG and value & HW_CFG_SRST:
            self.reset()
        elif offset == MAC_CSR_CMD and value & MAC_CSR_BUSY:
            self._access_mac(value & 0xFF, reads=bool(value & MAC_CSR_READ))

    def _access_mac(self, index: int, *, reads: bool) -> None:
        if reads:
            self.registers[MAC_CSR_DATA] = self._mac.get(index, 0)
        elif index in self._mac:
            self._mac[index] = self.registers[MAC_CSR_DATA]
            if index == MII_ACC:
                self._access_phy(self._mac[MII_ACC])

    def _access_phy(self, command: int) -> None:
        """Carry out what was written to MII_ACC; the busy bit reads 0 afterwards."""
        self._mac[MII_ACC] = command & ~MII_BUSY
        index, present = command >> 6 & 0x1F, command >> 11 & 0x1F == PHY_ADDRESS
        if not command & MII_WRITE:
            self._mac[MII_DATA] = self._phy.get(index, 0) if present else 0xFFFF
        elif present and index in self._phy and index not in PHY_READ_ONLY:
            self._write_phy(index, self._mac[MII_DATA] & 0xFFFF)

    def _write_phy(self, index: int, value: int) -> None:
        if index == 0 and value & 0x8000:
            self._phy = dict(PHY_RESET)
        else:
            self._phy[index] = value & ~PHY_SELF_CLEARING if index == 0 else value
