# SPDX-License-Identifier: BSD-2-Clause
"""UART: polled output, timed input, FIFO, interrupts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sel4emu.console import BytesInput, Console, NoInput
from sel4emu.devices import uart
from sel4emu.devices.serial_line import BREAK
from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.script import ScriptPlayer, parse_script

if TYPE_CHECKING:
    from sel4emu.console import InputSource
    from tests.sel4emu.conftest import Bare
    from tests.sel4emu.devices.conftest import Bench

CHARACTER = 46_200


class Breaking(NoInput):
    """Input that is a break, once."""

    def __init__(self) -> None:
        super().__init__()
        self._pending = True

    @property
    def at_end(self) -> bool:
        """Until the break was sent there is more."""
        return not self._pending

    def next_byte(self) -> int | None:
        """The break."""
        self._pending = False
        return BREAK


MakeUart = Callable[..., uart.Uart]


class Faltering(BytesInput):
    """Input that has nothing at every second question."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._asked = 0

    def next_byte(self) -> int | None:
        """A byte, every other time."""
        self._asked += 1
        return super().next_byte() if self._asked % 2 == 0 else None


@pytest.fixture
def make_uart(bench: Bench) -> MakeUart:
    """Makes a UART after reset with the given input; a byte is sent in `transmit_cycles`."""

    def make(
        source: InputSource | None = None, *, flow_control: bool = True, transmit_cycles: int = 0
    ) -> uart.Uart:
        return uart.Uart(
            "uart1",
            0x43F9_0000,
            0x4000,
            bench.wiring(),
            Console(source or NoInput()),
            receive_cycles=CHARACTER,
            transmit_cycles=transmit_cycles,
            flow_control=flow_control,
        )

    return make


def received(bench: Bench, device: uart.Uart) -> bytes:
    """All bytes that are in the FIFO now, read by polling RDR."""
    data = bytearray()
    while bench.load(device, uart.USR2) & uart.USR2_RDR:
        data.append(bench.load(device, uart.URXD) & 0xFF)
    return bytes(data)


def sent(device: uart.Uart) -> bytes:
    """What has reached the console."""
    console = device._far_end
    assert isinstance(console, Console)
    return bytes(console.captured)


def test_state_after_reset(bench: Bench, make_uart: MakeUart) -> None:
    """Enabled in both directions and ready to send, as a boot ROM leaves it."""
    device = make_uart()
    assert bench.load(device, uart.UCR1) & uart.UCR1_UARTEN
    assert bench.load(device, uart.UCR2) & 7 == 7
    assert bench.load(device, uart.USR1) == 0x6040
    assert bench.load(device, uart.USR2) == 0x4028
    assert bench.load(device, uart.UTS) == uart.UTS_TXEMPTY | uart.UTS_RXEMPTY
    assert not bench.level


def test_polled_output_reaches_the_console(bench: Bench, make_uart: MakeUart) -> None:
    """A byte written to UTXD, at any width, is sent; TRDY and TXFE stay set."""
    device = make_uart()
    device.write(uart.UTXD, 1, ord("o"))
    device.write(uart.UTXD, 4, ord("k") | 0xFFFF_FF00)
    assert sent(device) == b"ok"
    assert bench.load(device, uart.USR1) & uart.USR1_TRDY
    assert bench.load(device, uart.USR2) & uart.USR2_TXFE


@pytest.mark.parametrize(
    "off", [(uart.UCR1, 0), (uart.UCR2, uart.UCR2_SRST | uart.UCR2_RXEN)], ids=["UART", "TX"]
)
def test_disabled_transmitter_sends_nothing(
    bench: Bench, make_uart: MakeUart, off: tuple[int, int]
) -> None:
    """Both UARTEN and TXEN are needed."""
    device = make_uart()
    bench.store(device, off, (uart.UTXD, 65))
    assert sent(device) == b""


def test_input_arrives_one_byte_each_character_time(bench: Bench, make_uart: MakeUart) -> None:
    """Byte n can be read from cycle n * character time on; afterwards nothing is scheduled."""
    device = make_uart(BytesInput(b"abc"))
    bench.run_to(CHARACTER - 1)
    assert received(bench, device) == b""
    bench.run_to(CHARACTER)
    assert bench.load(device, uart.URXD) == uart.URXD_CHARRDY | ord("a")
    bench.run_to(3 * CHARACTER)
    assert received(bench, device) == b"bc"
    assert bench.load(device, uart.URXD) & uart.URXD_CHARRDY == 0
    assert bench.events.owners() == frozenset()


def test_input_that_pauses_is_asked_again(bench: Bench, make_uart: MakeUart) -> None:
    """A source that has nothing now is asked one character time later."""
    device = make_uart(Faltering(b"xy"))
    bench.run_to(2 * CHARACTER)
    assert received(bench, device) == b"x"
    bench.run_to(4 * CHARACTER)
    assert received(bench, device) == b"y"


class Silent(BytesInput):
    """A person who types nothing; counts how often somebody asks."""

    asked = 0

    @property
    def at_end(self) -> bool:
        """Somebody may still type."""
        return False

    def next_byte(self) -> int | None:
        """Nothing."""
        self.asked += 1
        return None


def test_silent_input_is_asked_less_and_less(bench: Bench, make_uart: MakeUart) -> None:
    """Of the many character times of a second, only a thousand or so end with a look."""
    silent = Silent(b"")
    make_uart(silent)
    bench.run_to(1_000 * CHARACTER)
    assert 2 < silent.asked <= 1_000
    before = silent.asked
    bench.run_to(1_000 * CHARACTER + 532_000_000)
    assert silent.asked - before <= uart.LEAST_LOOKS + 1


def test_polling_guest_gets_its_byte_at_once(bench: Bench, make_uart: MakeUart) -> None:
    """A guest that asks again and again for a byte that is there does not wait its time out."""
    device = make_uart(BytesInput(b"ab"))
    polls = 1
    while not bench.load(device, uart.USR2) & uart.USR2_RDR:
        polls += 1
    assert polls == uart.POLLS
    assert received(bench, device).startswith(b"a")


def test_few_polls_change_nothing(bench: Bench, make_uart: MakeUart) -> None:
    """A driver that only looks whether there is something still gets bytes at their time."""
    device = make_uart(BytesInput(b"ab"))
    for _ in range(uart.POLLS - 1):
        assert not bench.load(device, uart.USR2) & uart.USR2_RDR
    bench.run_to(CHARACTER)
    assert received(bench, device) == b"a"


def test_disabled_receiver_takes_no_input(bench: Bench, make_uart: MakeUart) -> None:
    """Input waits while RXEN is off and comes when it is on again."""
    device = make_uart(BytesInput(b"z"))
    both = uart.UCR2_SRST | uart.UCR2_TXEN | uart.UCR2_RXEN
    bench.store(device, (uart.UCR2, both & ~uart.UCR2_RXEN))
    assert bench.events.owners() == frozenset()
    bench.run_to(10 * CHARACTER)
    bench.store(device, (uart.UCR2, both))
    bench.run_to(11 * CHARACTER)
    assert received(bench, device) == b"z"


def test_receive_interrupt_is_level_at_the_trigger(bench: Bench, make_uart: MakeUart) -> None:
    """RRDYEN raises the line when the FIFO holds the trigger level, until it holds less."""
    device = make_uart(BytesInput(b"abcd"))
    bench.store(device, (uart.UFCR, 0x803), (uart.UCR1, 0x201))
    bench.run_to(4 * CHARACTER)
    assert bench.changes == [(3 * CHARACTER, True)]
    bench.load(device, uart.URXD)
    assert bench.level
    bench.load(device, uart.URXD)
    assert not bench.level


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (uart.UCR1, uart.UCR1_UARTEN | uart.USR1_TRDY),
        (uart.UCR1, uart.UCR1_UARTEN | uart.UCR1_TXMPTYEN),
        (uart.UCR4, uart.USR2_TXDC),
    ],
    ids=["TRDYEN", "TXMPTYEN", "TCEN"],
)
def test_transmit_interrupts_are_raised_at_once(
    bench: Bench, make_uart: MakeUart, offset: int, value: int
) -> None:
    """The transmitter is always ready and empty, so each of its enables raises the line."""
    device = make_uart()
    bench.store(device, (offset, value))
    assert bench.level
    bench.store(device, (offset, value & uart.UCR1_UARTEN))
    assert not bench.level


def test_ready_interrupt_of_the_fourth_control_register(bench: Bench, make_uart: MakeUart) -> None:
    """DREN raises the line while any byte can be read."""
    device = make_uart(BytesInput(b"q"))
    bench.store(device, (uart.UCR4, uart.USR2_RDR))
    bench.run_to(CHARACTER)
    assert bench.level
    bench.load(device, uart.URXD)
    assert not bench.level


def test_ageing_timer_reports_a_byte_below_the_trigger(bench: Bench, make_uart: MakeUart) -> None:
    """AGTIM is set eight character times after the last byte, and is cleared by a one."""
    device = make_uart(BytesInput(b"ab"))
    control = bench.load(device, uart.UCR2) | uart.UCR2_ATEN
    bench.store(device, (uart.UFCR, 0x810), (uart.UCR2, control))
    bench.run_to(40 * CHARACTER)
    assert bench.changes == [(10 * CHARACTER, True)]
    bench.store(device, (uart.USR1, uart.USR1_AGTIM))
    assert not bench.level


def test_sender_waits_while_the_fifo_is_full(bench: Bench, make_uart: MakeUart) -> None:
    """With flow control a long input is delayed by a slow guest, not lost."""
    content = bytes(range(100))
    device = make_uart(BytesInput(content))
    bench.run_to(1000 * CHARACTER)
    assert bench.load(device, uart.UTS) & uart.UTS_RXFULL
    assert bench.events.owners() == frozenset()
    data = b""
    for second in range(2, 6):
        data += received(bench, device)
        bench.run_to(second * 1000 * CHARACTER)
    assert data == content


def test_overrun_without_flow_control(bench: Bench, make_uart: MakeUart) -> None:
    """Bytes that find the FIFO full are lost: ORE is set, and the last entry is marked."""
    device = make_uart(BytesInput(bytes(range(40))), flow_control=False)
    bench.store(device, (uart.UCR4, uart.USR2_ORE))
    bench.run_to(100 * CHARACTER)
    assert bench.changes == [(33 * CHARACTER, True)]
    entries = [bench.load(device, uart.URXD) for _ in range(32)]
    assert [entry & 0xFF for entry in entries] == list(range(32))
    assert [bool(entry & uart.URXD_OVRRUN) for entry in entries] == [False] * 31 + [True]
    bench.store(device, (uart.USR2, uart.USR2_ORE))
    assert not bench.level


def test_software_reset_empties_the_fifo_and_keeps_the_control(
    bench: Bench, make_uart: MakeUart
) -> None:
    """Writing 0 to SRST drops received bytes; the bit reads 1 again."""
    device = make_uart(BytesInput(b"abc"))
    bench.run_to(3 * CHARACTER)
    bench.store(device, (uart.UCR1, 0x201), (uart.UCR2, uart.UCR2_TXEN | uart.UCR2_RXEN))
    assert bench.load(device, uart.USR2) & uart.USR2_RDR == 0
    assert bench.load(device, uart.UCR2) == 7
    assert bench.load(device, uart.UCR1) == 0x201
    assert not bench.level


def test_sender_repeats_what_a_reset_drops(bench: Bench, make_uart: MakeUart) -> None:
    """With flow control unread bytes come again, in order and once; without, they are lost.

    A kernel whose driver begins with a reset lost the first 32 bytes of a pipe.
    """
    for flow_control, expected in ((True, b"bcdef"), (False, b"f")):
        device = make_uart(BytesInput(b"abcdef"), flow_control=flow_control)
        start = bench.cycle
        bench.run_to(start + CHARACTER)
        assert bench.load(device, uart.URXD) & 0xFF == ord("a")
        bench.run_to(start + 5 * CHARACTER)
        for _ in range(2):
            bench.store(device, (uart.UCR2, uart.UCR2_TXEN | uart.UCR2_RXEN))
        assert received(bench, device) == b""
        bench.run_to(start + 20 * CHARACTER)
        assert received(bench, device) == expected


def test_transmit_fifo_fills_and_drains(bench: Bench, make_uart: MakeUart) -> None:
    """One byte is on the line and 32 wait; one more is lost. TXFE comes before TXDC."""
    device = make_uart(transmit_cycles=CHARACTER)
    for byte in range(34):
        full = bench.load(device, uart.UTS) & uart.UTS_TXFULL
        assert bool(full) == (byte == 33)
        bench.store(device, (uart.UTXD, byte))
    assert sent(device) == bytes(range(33))
    states = []
    for characters in (0, 31, 32, 33):
        bench.run_to(characters * CHARACTER)
        state = bench.load(device, uart.USR2) & (uart.USR2_TXFE | uart.USR2_TXDC)
        states.append((state, bench.load(device, uart.UTS) & uart.UTS_TXEMPTY))
    done = uart.USR2_TXFE | uart.USR2_TXDC
    empty = uart.UTS_TXEMPTY
    assert states == [(0, 0), (0, 0), (uart.USR2_TXFE, empty), (done, empty)]


@pytest.mark.parametrize(
    ("enable", "characters"),
    [
        ((uart.UCR1, uart.UCR1_UARTEN | uart.UCR1_TRDYEN), 6),
        ((uart.UCR1, uart.UCR1_UARTEN | uart.UCR1_TXMPTYEN), 9),
        ((uart.UCR4, uart.UCR4_TCEN), 10),
    ],
    ids=["trigger", "empty", "complete"],
)
def test_transmit_interrupts_come_as_the_fifo_drains(
    bench: Bench, make_uart: MakeUart, enable: tuple[int, int], characters: int
) -> None:
    """Ten bytes: below the trigger of 4, the FIFO empty, the last byte sent; each at its cycle."""
    device = make_uart(transmit_cycles=CHARACTER)
    bench.store(device, (uart.UFCR, 4 << uart.UFCR_TXTL_LOW | 1))
    bench.store(device, *[(uart.UTXD, 65)] * 10, enable)
    assert not bench.level
    bench.run_to(100 * CHARACTER)
    assert bench.changes == [(characters * CHARACTER, True)]
    assert bench.events.owners() == frozenset()
    bench.store(device, *[(uart.UTXD, 65)] * 5)
    assert not bench.level, "the flags follow the FIFO"


def test_idle_line_is_detected(bench: Bench, make_uart: MakeUart) -> None:
    """IDLE after 16 characters without another (ICD 2), once for each rest."""
    device = make_uart(BytesInput(b"ab"))
    control = uart.UCR1_UARTEN | uart.UCR1_IDEN | 2 << uart.UCR1_ICD_LOW
    bench.store(device, (uart.UCR1, control))
    bench.run_to(100 * CHARACTER)
    assert bench.rises() == [18 * CHARACTER]
    bench.store(device, (uart.USR2, uart.USR2_IDLE))
    bench.run_to(200 * CHARACTER)
    assert not bench.level


def test_break_is_an_entry_and_a_flag(bench: Bench, make_uart: MakeUart) -> None:
    """A break reads as a 0 with its error bits; BRCD interrupts until it is cleared."""
    device = make_uart(Breaking())
    bench.store(device, (uart.UCR4, uart.UCR4_BKEN))
    assert not bench.level
    bench.run_to(CHARACTER)
    assert bench.level
    error = uart.URXD_ERR | uart.URXD_FRMERR | uart.URXD_BRK
    assert bench.load(device, uart.URXD) == uart.URXD_CHARRDY | error
    bench.store(device, (uart.USR2, uart.USR2_BRCD))
    assert not bench.level


@pytest.mark.parametrize("line", ["break x", "break  1"])
def test_break_has_no_argument(line: str) -> None:
    """What stands behind it is a mistake, with its line."""
    with pytest.raises(InputError, match="keys, line 2: expected nothing behind 'break'"):
        parse_script(f"type a\n{line}", "keys")


def test_break_in_loop_back(bench: Bench, make_uart: MakeUart) -> None:
    """SNDBRK is received when it is set in loop back, and not otherwise."""
    device = make_uart()
    sends = uart.UCR1_UARTEN | uart.UCR1_SNDBRK
    bench.store(device, (uart.UCR1, sends), (uart.UCR1, uart.UCR1_UARTEN))
    assert not bench.load(device, uart.USR2) & uart.USR2_BRCD
    bench.store(device, (uart.UTS, uart.UTS_LOOP), (uart.UCR1, sends), (uart.UCR1, sends))
    assert bench.load(device, uart.USR2) & uart.USR2_BRCD
    assert bench.load(device, uart.URXD) & uart.URXD_BRK
    assert bench.load(device, uart.URXD) == 0, "one break, one entry"


def test_loop_back_receives_what_is_sent(bench: Bench, make_uart: MakeUart) -> None:
    """With UTS.LOOP nothing leaves the chip."""
    device = make_uart()
    bench.store(device, (uart.UTS, uart.UTS_LOOP), *[(uart.UTXD, byte) for byte in b"echo"])
    assert received(bench, device) == b"echo"
    assert sent(device) == b""


@pytest.mark.parametrize("interrupt", uart.INTERRUPTS)
def test_every_interrupt_has_its_enable(
    bench: Bench, make_uart: MakeUart, interrupt: tuple[int, int, int, int]
) -> None:
    """The line is raised exactly while both the enable and the flag are set."""
    register, enable, report, flag = interrupt
    device = make_uart()
    controls = (uart.UCR1, uart.UCR2, uart.UCR3, uart.UCR4)
    bench.store(device, *[(at, 0 if at != uart.UCR2 else uart.UCR2_SRST) for at in controls])
    device.registers[report] |= flag  # as the event behind it would do
    if (report == uart.USR1 and flag == uart.USR1_RRDY) or flag == uart.USR2_RDR:
        device._store(65)
    assert not bench.level
    bench.store(device, (register, enable | (uart.UCR2_SRST if register == uart.UCR2 else 0)))
    assert bench.level
    bench.store(device, (register, uart.UCR2_SRST if register == uart.UCR2 else 0))
    assert not bench.level


@pytest.mark.parametrize(
    ("status", "bit"), [(uart.USR1, uart.USR1_TRDY), (uart.USR2, uart.USR2_TXFE)]
)
def test_kernel_prints_without_setting_anything_up(
    boot: Callable[..., Bare], status: int, bit: int
) -> None:
    """Poll a status register, write UTXD: all that an early console does."""
    bare = boot(f"""
        ldr r1, =0x43f90000
        adr r2, text
    next:
        ldrb r0, [r2], #1
        cmp r0, #0
    poll:
        ldrne r3, [r1, #{status}]
        tstne r3, #{bit}
        beq check
        str r0, [r1, #{uart.UTXD}]
        b next
    check:
        cmp r0, #0
        bne poll
    done: b done
    literals: .ltorg
    text: .asciz "hello\\n"
    """)
    assert bare.machine.console.captured == b"hello\n"


def test_driver_receives_by_interrupt(boot: Callable[..., Bare]) -> None:
    """UCR1 = 0x201 and source 45 at the AVIC, nothing else: each byte interrupts."""
    bare = boot(
        """
        ldr r6, =0x68000000
        mov r0, #45
        str r0, [r6, #8]
        ldr r7, =0x43f90000
        ldr r0, =0x201
        str r0, [r7, #0x80]
        mov r5, #0
        mrs r0, cpsr
        bic r0, r0, #0x80
        msr cpsr_c, r0
    again:
        cmp r5, #3
        bne again
    done: b done
    irq:
        ldr r8, [r6, #0x40]
        ldr r0, [r7]
        and r0, r0, #0xff
        str r0, [r7, #0x40]
        add r5, r5, #1
        subs pc, lr, #4
        """,
        b"abc",
        irq="irq",
    )
    assert bare.machine.console.captured == b"abc"
    assert bare["r8"] == 45 << 16


def test_break_of_a_script(make_bare: Callable[[str], Bare]) -> None:
    """The script command `break` is a break on the line, in its place among what is typed."""
    player = ScriptPlayer(parse_script("type a\nbreak\ntype b", "keys"), lambda: None)
    bare = make_bare("off")
    bare.machine = Machine.from_board(timing="off", console=Console(player))
    player.start(bare.machine)
    bare.load("""
        ldr r6, =0x43F90000
        ldr r5, =0x80001000
        mov r4, #3
    next:
        ldr r0, [r6]
        tst r0, #0x8000
        beq next
        str r0, [r5], #4
        subs r4, r4, #1
        bne next
    done: b done
    """)
    bare.go()
    error = uart.URXD_ERR | uart.URXD_FRMERR | uart.URXD_BRK
    entries = [bare.word(0x8000_1000 + 4 * n) & ~uart.URXD_CHARRDY for n in range(3)]
    assert entries == [ord("a"), error, ord("b")]
