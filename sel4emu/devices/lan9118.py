# SPDX-License-Identifier: BSD-2-Clause
"""LAN9118, the Ethernet controller of the board, with no cable (SMSC LAN9118 data sheet).

Modelled: identification and byte order, power and hardware state (ready), software reset, the
indirect MAC registers and behind them the registers of the PHY (no link), an EEPROM interface
without an EEPROM (a command times out), the free running counter of 25 MHz, frames that PHY or MAC
loop back, and the interrupt pin with what drivers test it with: software, and stopped receiver or
transmitter. Every indirect access, reset and transmission is complete at once.

Not modelled: the cable. A frame that is not looped back is lost with the error "no carrier", and
none ever comes. The general purpose timer stands still, de-assertion intervals, address filters,
wake-up and the capacity of the FIFOs are not there; the station address is what a guest sets.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register, RegisterDevice, Wiring
from sel4emu.devices.clock import TickClock
from sel4emu.devices.frames import Frame, ReceiveWords, TransmitWords

RX_DATA: Final = 0x00
TX_DATA: Final = 0x20
#: Each FIFO answers to so many bytes of addresses.
FIFO_WINDOW: Final = 0x20
RX_STATUS: Final = 0x40
RX_STATUS_PEEK: Final = 0x44
TX_STATUS: Final = 0x48
TX_STATUS_PEEK: Final = 0x4C
ID_REV: Final = 0x50
IRQ_CFG: Final = 0x54
INT_STS: Final = 0x58
INT_EN: Final = 0x5C
BYTE_TEST: Final = 0x64
RX_CFG: Final = 0x6C
TX_CFG: Final = 0x70
RX_DP_CTRL: Final = 0x78
RX_FIFO_INF: Final = 0x7C
TX_FIFO_INF: Final = 0x80
HW_CFG: Final = 0x74
PMT_CTRL: Final = 0x84
FREE_RUN: Final = 0x9C
MAC_CSR_CMD: Final = 0xA4
MAC_CSR_DATA: Final = 0xA8
E2P_CMD: Final = 0xB0

IRQ_CFG_TYPE: Final = 1 << 0
IRQ_CFG_POL: Final = 1 << 4
IRQ_CFG_ENABLE: Final = 1 << 8
IRQ_CFG_INT: Final = 1 << 12
INT_RSFL: Final = 1 << 3
INT_TSFL: Final = 1 << 7
INT_RXSTOP: Final = 1 << 24
INT_TXSTOP: Final = 1 << 25
INT_SW: Final = 1 << 31
RX_CFG_DUMP: Final = 1 << 15
RX_CFG_OFFSET_LOW: Final = 8
TX_CFG_STOP: Final = 1 << 0
TX_CFG_ON: Final = 1 << 1
TX_CFG_DUMP_DATA: Final = 1 << 14
TX_CFG_DUMP_STATUS: Final = 1 << 15
TX_STATUS_ERROR: Final = 1 << 15
TX_STATUS_NO_CARRIER: Final = 1 << 10
RX_DP_FFWD: Final = 1 << 31
TX_FREE_BYTES: Final = 0x1200
PMT_CTRL_PHY_RST: Final = 1 << 10
E2P_BUSY: Final = 1 << 31
E2P_TIMEOUT: Final = 1 << 9
HW_CFG_SRST: Final = 1 << 0
PMT_CTRL_READY: Final = 1 << 0
MAC_CSR_BUSY: Final = 1 << 31
MAC_CSR_READ: Final = 1 << 30
FREE_RUN_HERTZ: Final = 25_000_000

#: MAC registers by index, with their values after reset.
MAC_CR: Final = 1
MAC_CR_LOOPBACK: Final = 1 << 21
MAC_CR_TXEN: Final = 1 << 3
MAC_CR_RXEN: Final = 1 << 2
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
PHY_CONTROL: Final = 0
PHY_STATUS: Final = 1
PHY_LOOPBACK: Final = 1 << 14
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
        **{n: Register(f"RX_DATA{n}", writable=0) for n in range(RX_DATA, FIFO_WINDOW, 4)},
        **{TX_DATA + n: Register(f"TX_DATA{n}", writable=0) for n in range(0, FIFO_WINDOW, 4)},
        RX_STATUS: Register("RX_STATUS", writable=0),
        RX_STATUS_PEEK: Register("RX_STATUS_PEEK", writable=0),
        TX_STATUS: Register("TX_STATUS", writable=0),
        TX_STATUS_PEEK: Register("TX_STATUS_PEEK", writable=0),
        ID_REV: Register("ID_REV", reset=0x0118_0001, writable=0),
        IRQ_CFG: Register("IRQ_CFG", writable=0xFF00_0111),
        INT_STS: Register("INT_STS", writable=0, clear_by_one=WORD_MASK),
        INT_EN: Register("INT_EN"),
        BYTE_TEST: Register("BYTE_TEST", reset=0x8765_4321, writable=0),
        0x68: Register("FIFO_INT", reset=0x4800_0000),
        RX_CFG: Register("RX_CFG", writable=0xCFFF_1F00),
        TX_CFG: Register("TX_CFG", writable=0x6),
        HW_CFG: Register("HW_CFG", reset=0x0005_0004, writable=0x003F_0000),
        RX_DP_CTRL: Register("RX_DP_CTRL", writable=0),
        RX_FIFO_INF: Register("RX_FIFO_INF", writable=0),
        TX_FIFO_INF: Register("TX_FIFO_INF", writable=0),
        PMT_CTRL: Register("PMT_CTRL", PMT_CTRL_READY, writable=0x334E, clear_by_one=0x30),
        0x88: Register("GPIO_CFG"),
        0x8C: Register("GPT_CFG", reset=0x0000_FFFF),
        0x90: Register("GPT_CNT", reset=0x0000_FFFF, writable=0),
        0x98: Register("WORD_SWAP"),
        FREE_RUN: Register("FREE_RUN", writable=0),
        0xA0: Register("RX_DROP", writable=0),
        MAC_CSR_CMD: Register("MAC_CSR_CMD", writable=0x4000_00FF),
        MAC_CSR_DATA: Register("MAC_CSR_DATA"),
        0xAC: Register("AFC_CFG"),
        E2P_CMD: Register("E2P_CMD", writable=0x7000_00FF, clear_by_one=E2P_TIMEOUT),
        0xB4: Register("E2P_DATA", writable=0xFF),
    }

    def __init__(
        self, name: str, base: int, size: int, wiring: Wiring, *, interrupt_pin: str
    ) -> None:
        super().__init__(name, base, size)
        self._now: Callable[[], int] = wiring.now
        self._signals = wiring.signals
        self._pin = interrupt_pin
        self._clock = TickClock(wiring.clocks.cpu, FREE_RUN_HERTZ)
        self._mac = dict(MAC_RESET)
        self._phy = dict(PHY_RESET)
        self._sent = TransmitWords()
        self._sent_statuses: deque[int] = deque()
        self._received = ReceiveWords()
        self._computed: Mapping[int, Callable[[], int]] = {
            FREE_RUN: lambda: self._clock.ticks(self._now()) & WORD_MASK,
            RX_STATUS: lambda: self._take(self._received.statuses),
            RX_STATUS_PEEK: lambda: self._peek(self._received.statuses),
            TX_STATUS: lambda: self._take(self._sent_statuses),
            TX_STATUS_PEEK: lambda: self._peek(self._sent_statuses),
            RX_FIFO_INF: self._receive_information,
            TX_FIFO_INF: lambda: min(len(self._sent_statuses), 0xFF) << 16 | TX_FREE_BYTES,
            IRQ_CFG: lambda: self.registers[IRQ_CFG] | (IRQ_CFG_INT if self._asks() else 0),
        }
        self._settle()

    def reset(self) -> None:
        """Registers of controller, MAC and PHY as after power-on, FIFOs empty."""
        super().reset()
        self._mac = dict(MAC_RESET)
        self._phy = dict(PHY_RESET)
        self._clear_transmitter()
        self._received.clear()
        self._settle()

    def _clear_transmitter(self) -> None:
        self._sent.clear()
        self._sent_statuses.clear()

    def read_word(self, offset: int) -> int:
        """The register at the offset; reading a FIFO takes a word from it."""
        if offset < RX_DATA + FIFO_WINDOW:
            return self._received.take()
        computed = self._computed.get(offset)
        return super().read_word(offset) if computed is None else computed()

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; MAC_CSR_CMD with its busy bit carries out an indirect access."""
        before = self.registers.get(offset, 0)
        super().write_word(offset, value, mask)
        if TX_DATA <= offset < TX_DATA + FIFO_WINDOW:
            frame = self._sent.put(value)
            if frame is not None:
                self._transmit(frame)
        elif offset == HW_CFG and value & HW_CFG_SRST:
            self.reset()
        elif offset == MAC_CSR_CMD and value & MAC_CSR_BUSY:
            self._access_mac(value & 0xFF, reads=bool(value & MAC_CSR_READ))
        elif offset == E2P_CMD and value & E2P_BUSY:
            self.registers[E2P_CMD] |= E2P_TIMEOUT
        elif offset == PMT_CTRL and value & PMT_CTRL_PHY_RST:
            self._phy = dict(PHY_RESET)
        elif offset == INT_EN:
            self.registers[INT_STS] |= value & ~before & INT_SW
        else:
            self._control_frames(offset, value)
        self._settle()

    def _control_frames(self, offset: int, value: int) -> None:
        """What writes to the control registers of the FIFOs do besides storing."""
        if offset == TX_CFG:
            if value & TX_CFG_STOP:
                self.registers[TX_CFG] &= ~TX_CFG_ON
                self.registers[INT_STS] |= INT_TXSTOP
            if value & TX_CFG_DUMP_DATA:
                self._sent.clear()
            if value & TX_CFG_DUMP_STATUS:
                self._sent_statuses.clear()
        elif offset == RX_CFG and value & RX_CFG_DUMP:
            self._received.clear()
        elif offset == RX_DP_CTRL and value & RX_DP_FFWD:
            self._received.drop(value & 0xFFF)

    def _transmit(self, frame: Frame) -> None:
        control = self._mac[MAC_CR]
        if not (self.registers[TX_CFG] & TX_CFG_ON and control & MAC_CR_TXEN):
            return
        looped = self._phy[PHY_CONTROL] & PHY_LOOPBACK or control & MAC_CR_LOOPBACK
        error = 0 if looped else TX_STATUS_ERROR | TX_STATUS_NO_CARRIER
        self._sent_statuses.append(frame.tag << 16 | error)
        self.registers[INT_STS] |= INT_TSFL
        if looped and control & MAC_CR_RXEN:
            self._received.put(frame.data, self.registers[RX_CFG] >> RX_CFG_OFFSET_LOW & 0x1F)
            self.registers[INT_STS] |= INT_RSFL

    @staticmethod
    def _take(statuses: deque[int]) -> int:
        return statuses.popleft() if statuses else 0

    @staticmethod
    def _peek(statuses: deque[int]) -> int:
        return statuses[0] if statuses else 0

    def _receive_information(self) -> int:
        return min(len(self._received.statuses), 0xFF) << 16 | self._received.bytes_used

    def _asks(self) -> bool:
        return bool(self.registers[INT_STS] & self.registers[INT_EN])

    def _settle(self) -> None:
        """Drive the pin; an output that is not push-pull leaves it to the board's resistor."""
        control = self.registers[IRQ_CFG]
        asserted = self._asks() and bool(control & IRQ_CFG_ENABLE)
        active_high = bool(control & IRQ_CFG_POL)
        self._signals.drive_pin(self._pin, bool(control & IRQ_CFG_TYPE) and asserted == active_high)

    def _access_mac(self, index: int, *, reads: bool) -> None:
        if reads:
            self.registers[MAC_CSR_DATA] = self._mac.get(index, 0)
        elif index in self._mac:
            before, value = self._mac[index], self.registers[MAC_CSR_DATA]
            self._mac[index] = value
            if index == MII_ACC:
                self._access_phy(value)
            elif index == MAC_CR and before & ~value & MAC_CR_RXEN:
                self.registers[INT_STS] |= INT_RXSTOP

    def _access_phy(self, command: int) -> None:
        """Carry out what was written to MII_ACC; the busy bit reads 0 afterwards."""
        self._mac[MII_ACC] = command & ~MII_BUSY
        index, present = command >> 6 & 0x1F, command >> 11 & 0x1F == PHY_ADDRESS
        if not command & MII_WRITE:
            self._mac[MII_DATA] = self._phy.get(index, 0) if present else 0xFFFF
        elif present and index in self._phy and index not in PHY_READ_ONLY:
            self._write_phy(index, self._mac[MII_DATA] & 0xFFFF)

    def _write_phy(self, index: int, value: int) -> None:
        if index == PHY_CONTROL and value & 0x8000:
            self._phy = dict(PHY_RESET)
        else:
            self._phy[index] = value & ~PHY_SELF_CLEARING if index == PHY_CONTROL else value
