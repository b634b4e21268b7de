# SPDX-License-Identifier: BSD-2-Clause
"""AVIC: which source is asked for, on which line, and what masks it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.devices import avic
from tests.sel4emu.conftest import Bare


class Outputs:
    """An AVIC and the latest state of its two outputs."""

    def __init__(self) -> None:
        self.irq = self.fiq = False
        self.calls = 0
        self.device = avic.Avic("avic", 0x6800_0000, 0x1000, set_lines=self.set_lines)

    def set_lines(self, irq: bool, fiq: bool) -> None:
        """The outputs of the controller."""
        self.irq, self.fiq = irq, fiq
        self.calls += 1

    def load(self, offset: int) -> int:
        """Read a register."""
        return self.device.read(offset, 4)

    def store(self, *writes: tuple[int, int]) -> None:
        """Write registers."""
        for offset, value in writes:
            self.device.write(offset, 4, value)

    def set_priority(self, number: int, priority: int) -> None:
        """Give a source a priority."""
        offset = avic.NIPRIORITY0 - 4 * (number // 8)
        shift = 4 * (number % 8)
        self.store((offset, self.load(offset) & ~(0xF << shift) | priority << shift))


@pytest.fixture
def outputs() -> Outputs:
    """An AVIC after reset."""
    return Outputs()


def test_idle_vector_is_all_ones(outputs: Outputs) -> None:
    """With nothing to ask for, both vector registers read all ones."""
    assert outputs.load(avic.NIVECSR) == 0xFFFF_FFFF
    assert outputs.load(avic.FIVECSR) == 0xFFFF_FFFF
    assert outputs.load(avic.NIMASK) == 0x1F


def test_source_needs_its_enable_and_stays_until_lowered(outputs: Outputs) -> None:
    """A level passes through when enabled; reading the vector does not take it away."""
    outputs.device.set_source(28, True)
    assert not outputs.irq
    assert outputs.load(avic.INTSRCL) == 1 << 28
    outputs.store((avic.INTENNUM, 28))
    assert outputs.irq
    assert outputs.load(avic.NIVECSR) == outputs.load(avic.NIVECSR) == 28 << 16
    assert outputs.load(avic.NIPNDL) == 1 << 28
    outputs.device.set_source(28, False)
    assert not outputs.irq
    assert outputs.load(avic.NIVECSR) == 0xFFFF_FFFF


def test_enable_by_number_and_by_word_are_the_same_bits(outputs: Outputs) -> None:
    """INTENNUM and INTDISNUM change single bits of INTENABLE, in both halves."""
    outputs.store((avic.INTENABLEH, 0x8000_0001), (avic.INTENNUM, 45), (avic.INTENNUM, 3))
    outputs.store((avic.INTDISNUM, 63))
    assert outputs.load(avic.INTENABLEH) == 1 << 13 | 1
    assert outputs.load(avic.INTENABLEL) == 1 << 3
    assert outputs.device.enabled == 1 << 45 | 1 << 32 | 1 << 3


def test_highest_priority_wins_then_highest_number(outputs: Outputs) -> None:
    """The vector names the source of the highest priority; of several the highest numbered."""
    for number in (5, 28, 45, 60):
        outputs.device.set_source(number, True)
        outputs.store((avic.INTENNUM, number))
    assert outputs.load(avic.NIVECSR) == 60 << 16
    outputs.set_priority(5, 9)
    outputs.set_priority(28, 9)
    assert outputs.load(avic.NIVECSR) == 28 << 16 | 9
    outputs.set_priority(5, 15)
    assert outputs.load(avic.NIVECSR) == 5 << 16 | 15


@given(
    st.dictionaries(st.integers(0, 63), st.integers(0, 15), max_size=8),
    st.integers(0, 31),
)
def test_mask_holds_back_its_priority_and_lower(priorities: dict[int, int], mask: int) -> None:
    """IRQ is raised exactly if some priority is above NIMASK; from 16 on nothing is held back."""
    outputs = Outputs()
    for number, priority in priorities.items():
        outputs.set_priority(number, priority)
        outputs.device.set_source(number, True)
        outputs.store((avic.INTENNUM, number))
    outputs.store((avic.NIMASK, mask))
    floor = -1 if mask >= 16 else mask
    passing = [(p, n) for n, p in priorities.items() if p > floor]
    assert outputs.irq == bool(passing)
    expected = max(passing)[1] << 16 | max(passing)[0] if passing else 0xFFFF_FFFF
    assert outputs.load(avic.NIVECSR) == expected


def test_fast_type_goes_to_the_other_line(outputs: Outputs) -> None:
    """A source of type 1 raises FIQ only, and NIMASK does not hold it."""
    outputs.store((avic.INTTYPEL, 1 << 27), (avic.INTENNUM, 27), (avic.NIMASK, 15))
    outputs.device.input(27)(True)
    assert (outputs.irq, outputs.fiq) == (False, True)
    assert outputs.load(avic.FIVECSR) == 27
    assert outputs.load(avic.FIPNDL) == 1 << 27
    assert outputs.load(avic.NIPNDL) == 0
    outputs.store((avic.INTTYPEL, 0), (avic.NIMASK, 0x1F))
    assert (outputs.irq, outputs.fiq) == (True, False)


def test_forced_source_is_pending_until_the_force_is_withdrawn(outputs: Outputs) -> None:
    """INTFRC raises a source without its device, subject to the enable."""
    outputs.store((avic.INTFRCH, 1 << 31))
    assert not outputs.irq
    outputs.store((avic.INTENNUM, 63))
    assert outputs.irq
    assert outputs.load(avic.INTSRCH) == 0
    outputs.store((avic.INTFRCH, 0))
    assert not outputs.irq


def test_global_disables_hold_the_lines_low(outputs: Outputs) -> None:
    """NIDIS and FIDIS each silence one output."""
    outputs.store((avic.INTTYPEL, 1), (avic.INTENABLEL, 3))
    outputs.device.set_source(0, True)
    outputs.device.set_source(1, True)
    outputs.store((avic.INTCNTL, avic.INTCNTL_NIDIS))
    assert (outputs.irq, outputs.fiq) == (False, True)
    outputs.store((avic.INTCNTL, avic.INTCNTL_FIDIS))
    assert (outputs.irq, outputs.fiq) == (True, False)


def test_outputs_are_told_only_when_they_change(outputs: Outputs) -> None:
    """A second source and unrelated writes cause no call."""
    outputs.store((avic.INTENABLEL, 0xFF))
    outputs.device.set_source(1, True)
    outputs.device.set_source(2, True)
    outputs.store((avic.VECTOR0, 0x1234), (avic.NIMASK, 0x1E))
    assert outputs.calls == 1


def test_reset_disables_everything_but_keeps_the_levels(outputs: Outputs) -> None:
    """After a reset nothing is enabled; a device that holds its line still does."""
    outputs.store((avic.INTENNUM, 29))
    outputs.device.set_source(29, True)
    outputs.device.reset()
    assert not outputs.irq
    assert outputs.load(avic.INTSRCL) == 1 << 29


def test_arbitration_bits_and_vectors_store(outputs: Outputs) -> None:
    """NM, NIAD, FIAD, ABFEN and the vectors keep what is written; ABFLAG is never set."""
    outputs.store((avic.INTCNTL, 0xFFFF_FFFF))
    assert outputs.load(avic.INTCNTL) == 0x017C_0000
    for number in range(64):
        outputs.store((avic.VECTOR0 + 4 * number, 0x8000_0000 + number))
    assert outputs.load(avic.VECTOR0 + 4 * 63) == 0x8000_003F


def test_highest_numbered_fast_source_wins(outputs: Outputs) -> None:
    """FIQs have no priorities."""
    outputs.store((avic.INTTYPEL, 0xFF), (avic.INTENABLEL, 0xFF), (avic.INTFRCL, 0x2A))
    outputs.set_priority(1, 15)
    assert outputs.load(avic.FIVECSR) == 5


def test_kernel_takes_interrupts_by_number(boot: Callable[..., Bare]) -> None:
    """INTDISNUM 0 to 63, INTENNUM, NIVECSR: two forced sources come in order of their number."""
    bare = boot(
        """
        ldr r6, =0x68000000
        mov r0, #0
    off:
        str r0, [r6, #0x0c]
        add r0, r0, #1
        cmp r0, #64
        bne off
        mov r0, #9
        str r0, [r6, #0x08]
        mov r0, #40
        str r0, [r6, #0x08]
        mov r0, #0x300
        str r0, [r6, #0x54]
        str r0, [r6, #0x50]
        mrs r0, cpsr
        bic r0, r0, #0x80
        msr cpsr_c, r0
    again:
        cmp r9, #0
        beq again
        ldr r10, [r6, #0x40]
    done: b done
    irq:
        ldr r7, [r6, #0x40]
        mov r0, #0
        cmp r8, #0
        streq r0, [r6, #0x50]
        moveq r8, r7
        subseq pc, lr, #4
        str r0, [r6, #0x54]
        mov r9, r7
        subs pc, lr, #4
        """,
        irq="irq",
    )
    assert (bare["r8"], bare["r9"], bare["r10"]) == (40 << 16, 9 << 16, 0xFFFF_FFFF)
