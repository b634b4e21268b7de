# SPDX-License-Identifier: BSD-2-Clause
"""UART of the i.MX family (hardware reference 7.1; i.MX31 manual, UART).

Modelled: the 32-entry FIFOs with their trigger levels; one received byte each character time while
receiver and UART are enabled; ageing timer, idle detection, overrun, received breaks, loop back;
every interrupt that these conditions can raise; software reset. A byte takes a character time to
be sent where the board file says so; on the console it takes none, so its transmit FIFO is always
empty: a guest that polls would spend host time, and learn nothing. After reset the UART is enabled,
as a boot ROM leaves it (UARTEN, RXEN, TXEN). To a guest that asks an empty FIFO again and again,
the next byte comes at once, for the same reason.

Not modelled: baud rate (UBIR and UBMR only store; the board file gives the character time), parity
and frame errors without a break, a break to the far end (SNDBRK acts only in loop back), modem
lines (RTSS is always set), infrared, escape detection, automatic baud rate and DMA.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring
from sel4emu.devices.serial_line import BREAK, FarEnd
from sel4emu.devices.transmit import FIFO_ENTRIES, TransmitFifo
from sel4emu.events import Event

URXD: Final = 0x00
UTXD: Final = 0x40
UCR1: Final = 0x80
UCR2: Final = 0x84
UCR3: Final = 0x88
UCR4: Final = 0x8C
UFCR: Final = 0x90
USR1: Final = 0x94
USR2: Final = 0x98
UTS: Final = 0xB4

#: While nothing is typed, the far end is asked less and less often, at least so often each second.
LEAST_LOOKS: Final = 1000
_MOST_DOUBLINGS: Final = 30
#: Reads of an empty receiver after which a byte need not wait for its time; while nothing is typed,
#: twice as many each time, up to the second number.
POLLS: Final = 16
MOST_POLLS: Final = 1024
#: The ageing timer runs for this many character times.
AGING_CHARACTERS: Final = 8

URXD_CHARRDY: Final = 1 << 15
URXD_ERR: Final = 1 << 14
URXD_OVRRUN: Final = 1 << 13
URXD_FRMERR: Final = 1 << 12
URXD_BRK: Final = 1 << 11
UCR1_UARTEN: Final = 1 << 0
UCR1_SNDBRK: Final = 1 << 4
UCR1_TXMPTYEN: Final = 1 << 6
UCR1_RRDYEN: Final = 1 << 9
UCR1_ICD_LOW: Final = 10
UCR1_IDEN: Final = 1 << 12
UCR1_TRDYEN: Final = 1 << 13
UCR2_SRST: Final = 1 << 0
UCR2_RXEN: Final = 1 << 1
UCR2_TXEN: Final = 1 << 2
UCR2_ATEN: Final = 1 << 3
UCR4_DREN: Final = 1 << 0
UCR4_OREN: Final = 1 << 1
UCR4_BKEN: Final = 1 << 2
UCR4_TCEN: Final = 1 << 3
UFCR_RXTL: Final = 0x3F
UFCR_TXTL_LOW: Final = 10
USR1_AWAKE: Final = 1 << 4
USR1_RXDS: Final = 1 << 6
USR1_AGTIM: Final = 1 << 8
USR1_RRDY: Final = 1 << 9
USR1_FRAMERR: Final = 1 << 10
USR1_ESCF: Final = 1 << 11
USR1_RTSD: Final = 1 << 12
USR1_TRDY: Final = 1 << 13
USR1_RTSS: Final = 1 << 14
USR1_PARITYERR: Final = 1 << 15
USR2_RDR: Final = 1 << 0
USR2_ORE: Final = 1 << 1
USR2_BRCD: Final = 1 << 2
USR2_TXDC: Final = 1 << 3
USR2_RTSF: Final = 1 << 4
USR2_DCDIN: Final = 1 << 5
USR2_WAKE: Final = 1 << 7
USR2_IDLE: Final = 1 << 12
USR2_TXFE: Final = 1 << 14
UTS_RXFULL: Final = 1 << 3
UTS_TXFULL: Final = 1 << 4
UTS_RXEMPTY: Final = 1 << 5
UTS_TXEMPTY: Final = 1 << 6
UTS_LOOP: Final = 1 << 12

#: What raises the line: register and bit that enable it, register and flag that report it.
INTERRUPTS: Final = (
    (UCR1, UCR1_TRDYEN, USR1, USR1_TRDY),
    (UCR1, UCR1_IDEN, USR2, USR2_IDLE),
    (UCR1, UCR1_RRDYEN, USR1, USR1_RRDY),
    (UCR1, UCR1_TXMPTYEN, USR2, USR2_TXFE),
    (UCR1, 1 << 5, USR1, USR1_RTSD),
    (UCR2, 1 << 15, USR1, USR1_ESCF),
    (UCR2, 1 << 4, USR2, USR2_RTSF),
    (UCR2, UCR2_ATEN, USR1, USR1_AGTIM),
    (UCR3, 1 << 12, USR1, USR1_PARITYERR),
    (UCR3, 1 << 11, USR1, USR1_FRAMERR),
    (UCR3, 1 << 5, USR1, USR1_RXDS),
    (UCR3, 1 << 4, USR1, USR1_AWAKE),
    (UCR4, 1 << 7, USR2, USR2_WAKE),
    (UCR4, UCR4_TCEN, USR2, USR2_TXDC),
    (UCR4, UCR4_BKEN, USR2, USR2_BRCD),
    (UCR4, UCR4_OREN, USR2, USR2_ORE),
    (UCR4, UCR4_DREN, USR2, USR2_RDR),
)
_CONTROLS: Final = frozenset(register for register, _, _, _ in INTERRUPTS)


class Uart(RegisterDevice):
    """One UART whose other end is `far_end`.

    `receive_cycles` and `transmit_cycles` are the time of a character in processor cycles; the
    latter may be 0. With `flow_control` the sender waits while the FIFO is full, and repeats what a
    software reset drops unread: input that is piped in is there before a kernel's driver is, which
    begins with a reset. Without, such bytes are lost, and ORE is set for a full FIFO.
    """

    table: ClassVar[Mapping[int, Register]] = {
        URXD: Register("URXD", writable=0),
        UTXD: Register("UTXD", writable=0),
        UCR1: Register("UCR1", reset=UCR1_UARTEN, writable=0xFFFF),
        UCR2: Register("UCR2", reset=0x4020 | UCR2_TXEN | UCR2_RXEN | UCR2_SRST, writable=0xFFFF),
        UCR3: Register("UCR3", reset=0x0700, writable=0xFFFF),
        UCR4: Register("UCR4", reset=0x8000, writable=0xFFFF),
        UFCR: Register("UFCR", reset=0x0801, writable=0xFFFF),
        USR1: Register("USR1", writable=0, clear_by_one=0x8DB0),
        USR2: Register("USR2", writable=0, clear_by_one=0xBDD6),
        0x9C: Register("UESC", reset=0x002B, writable=0xFFFF),
        0xA0: Register("UTIM", writable=0xFFF),
        0xA4: Register("UBIR", writable=0xFFFF),
        0xA8: Register("UBMR", writable=0xFFFF),
        0xAC: Register("UBRC", reset=0x0004, writable=0),
        0xB0: Register("ONEMS", writable=0xFFFF),
        UTS: Register("UTS", writable=0x3E00),
    }

    def __init__(
        self,
        name: str,
        base: int,
        size: int,
        wiring: Wiring,
        far_end: FarEnd,
        *,
        receive_cycles: int,
        transmit_cycles: int = 0,
        flow_control: bool,
    ) -> None:
        super().__init__(name, base, size)
        self._events = wiring.events
        self._now = wiring.now
        self._line = wiring.line
        self._far_end = far_end
        self._receive_cycles = receive_cycles
        self._misses = 0
        self._polls_left = self._polls = POLLS
        self._longest_pause = max(receive_cycles, wiring.clocks.cpu // LEAST_LOOKS)
        self._flow_control = flow_control
        self._transmitter = TransmitFifo(transmit_cycles)
        self._instant = transmit_cycles == 0  # polls need not ask for the cycle
        self._fifo: deque[int] = deque()
        self._again: deque[int] = deque()  # bytes that the sender repeats
        self._timers: dict[Callable[[], None], Event] = {}
        self._wanted = self._wanted_flags()
        self._computed: Mapping[int, Callable[[], int]] = {
            URXD: self._take,
            USR1: self._status1,
            USR2: self._status2,
            UTS: self._test_status,
        }
        self._settle()

    def reset(self) -> None:
        """Registers as the boot ROM leaves them, FIFOs empty."""
        super().reset()
        self._wanted = self._wanted_flags()
        self._clear_fifos()
        self._settle()

    def read_word(self, offset: int) -> int:
        """The register at the offset; reading URXD takes a byte from the FIFO."""
        computed = self._computed.get(offset)
        if computed is None:
            return super().read_word(offset)
        if not self._fifo and self._flow_control:
            self._polled()
        return computed()

    def _polled(self) -> None:
        """The guest looks for a byte: give it the next one if it has looked often enough."""
        self._polls_left -= 1
        if self._polls_left > 0:
            return
        if self._receive in self._timers:
            self._restart(self._receive, None)
            self._receive()
        if not self._fifo:
            self._polls_left = self._polls = min(2 * self._polls, MOST_POLLS)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; writing UTXD sends a byte."""
        before = self.registers.get(offset, 0)
        super().write_word(offset, value, mask)
        if offset == UTXD:
            self._send(value & 0xFF)
        elif offset == UCR1 and value & ~before & UCR1_SNDBRK and self._loops():
            self._store_break()
        elif offset == UCR2 and mask & UCR2_SRST and not value & UCR2_SRST:
            self._soft_reset()
        if offset in _CONTROLS:
            self._wanted = self._wanted_flags()
        self._settle()

    def _enabled(self, direction: int) -> bool:
        return bool(self.registers[UCR1] & UCR1_UARTEN and self.registers[UCR2] & direction)

    def _loops(self) -> bool:
        return bool(self.registers[UTS] & UTS_LOOP)

    def _send(self, byte: int) -> None:
        if not self._enabled(UCR2_TXEN) or not self._transmitter.put(self._now()):
            return
        if self._loops():
            self._store(byte)
        else:
            self._far_end.transmit(byte)

    def _take(self) -> int:
        if not self._fifo:
            return 0
        entry = self._fifo.popleft()
        self._restart_aging()
        self._settle()
        return entry

    def _soft_reset(self) -> None:
        """Status and FIFOs as after reset; the control registers stay, SRST reads one again."""
        self.registers[UCR2] |= UCR2_SRST
        for offset in (USR1, USR2, 0xA4, 0xA8, 0xAC):
            self.registers[offset] = self.table[offset].reset
        if self._flow_control and not self._loops():
            unread = [entry & 0xFF for entry in self._fifo if not entry & URXD_BRK]
            self._again.extendleft(reversed(unread))
        self._clear_fifos()

    def _clear_fifos(self) -> None:
        self._fifo.clear()
        self._transmitter.clear()
        self._restart(self._aged, None)
        self._restart(self._idled, None)

    def _trigger_reached(self) -> bool:
        return len(self._fifo) >= max(1, self.registers[UFCR] & UFCR_RXTL)

    def _status1(self) -> int:
        status = self.registers[USR1] | USR1_RXDS | USR1_RTSS
        if self._fifo and self._trigger_reached():
            status |= USR1_RRDY
        if self._instant:
            return status | USR1_TRDY
        trigger = max(1, self.registers[UFCR] >> UFCR_TXTL_LOW)
        return status | USR1_TRDY if self._transmitter.level(self._now()) < trigger else status

    def _status2(self) -> int:
        status = self.registers[USR2] | USR2_DCDIN | (USR2_RDR if self._fifo else 0)
        if self._instant:
            return status | USR2_TXFE | USR2_TXDC
        now = self._now()
        if self._transmitter.level(now) == 0:
            status |= USR2_TXFE
        return status if self._transmitter.busy(now) else status | USR2_TXDC

    def _test_status(self) -> int:
        waiting, received = self._transmitter.level(self._now()), len(self._fifo)
        return (
            self.registers[UTS]
            | (UTS_TXFULL if waiting == FIFO_ENTRIES else 0)
            | (0 if waiting else UTS_TXEMPTY)
            | (UTS_RXFULL if received == FIFO_ENTRIES else 0)
            | (0 if received else UTS_RXEMPTY)
        )

    def _interrupt(self) -> bool:
        wanted1, wanted2 = self._wanted
        return bool(self._status1() & wanted1 or self._status2() & wanted2)

    def _waits_for_transmitter(self) -> bool:
        wanted1, wanted2 = self._wanted
        return bool(wanted1 & USR1_TRDY or wanted2 & (USR2_TXFE | USR2_TXDC))

    def _wanted_flags(self) -> tuple[int, int]:
        """The flags of USR1 and USR2 that the control registers let raise the line."""
        wanted = {USR1: 0, USR2: 0}
        for register, enable, report, flag in INTERRUPTS:
            if self.registers[register] & enable:
                wanted[report] |= flag
        return wanted[USR1], wanted[USR2]

    def _settle(self) -> None:
        """Make the interrupt line and what is waited for agree with the state."""
        raised = self._interrupt()
        self._line(raised)
        change = self._transmitter.next_change(self._now())
        watched = not raised and change is not None and self._waits_for_transmitter()
        self._restart(self._settle, change if watched else None)
        if not self._receiving():
            self._restart(self._receive, None)
        elif self._receive not in self._timers:
            self._restart(self._receive, self._now() + self._receive_pause())

    def _receiving(self) -> bool:
        held_back = self._flow_control and len(self._fifo) == FIFO_ENTRIES
        more = bool(self._again) or not self._far_end.at_end
        return self._enabled(UCR2_RXEN) and not held_back and more

    def _restart(self, action: Callable[[], None], due: int | None) -> None:
        """Have `action` called at the cycle `due` and no other, or not at all."""
        waiting = self._timers.pop(action, None)
        if waiting is not None:
            self._events.cancel(waiting)
        if due is None:
            return

        def fire() -> None:
            del self._timers[action]
            action()

        self._timers[action] = self._events.schedule(due, fire, self.name)

    def _receive(self) -> None:
        byte = self._again.popleft() if self._again else self._far_end.next_byte()
        if byte is None:
            self._misses += 1
        else:
            self._misses = 0
            self._polls_left = self._polls = POLLS
        if byte == BREAK:
            self._store_break()
        elif byte is not None:
            self._store(byte)
        self._settle()

    def _store_break(self) -> None:
        """The line was low for longer than a character."""
        self._store(URXD_ERR | URXD_FRMERR | URXD_BRK)
        self.registers[USR1] |= USR1_FRAMERR
        self.registers[USR2] |= USR2_BRCD

    def _receive_pause(self) -> int:
        """Cycles until the far end is asked again: twice as many each time that it had nothing."""
        doublings = min(max(0, self._misses - 1), _MOST_DOUBLINGS)
        return min(self._receive_cycles << doublings, self._longest_pause)

    def _store(self, entry: int) -> None:
        if len(self._fifo) == FIFO_ENTRIES:
            self.registers[USR2] |= USR2_ORE
            self._fifo[-1] |= URXD_ERR | URXD_OVRRUN
            return
        self._fifo.append(entry | URXD_CHARRDY)
        self._restart_aging()
        self._restart_idle_detection()

    def _restart_aging(self) -> None:
        ages = self._fifo and not self._trigger_reached()
        due = self._now() + AGING_CHARACTERS * self._receive_cycles
        self._restart(self._aged, due if ages else None)

    def _restart_idle_detection(self) -> None:
        control = self.registers[UCR1]
        characters = 4 << (control >> UCR1_ICD_LOW & 3)
        due = self._now() + characters * self._receive_cycles
        self._restart(self._idled, due if control & UCR1_IDEN else None)

    def _aged(self) -> None:
        self.registers[USR1] |= USR1_AGTIM
        self._settle()

    def _idled(self) -> None:
        self.registers[USR2] |= USR2_IDLE
        self._settle()
