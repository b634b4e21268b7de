# SPDX-License-Identifier: BSD-2-Clause
"""Interrupt lines: masking at the AVIC, and the endpoint of each line (ABI 10.2)."""

from typing import Final

from kernel import layout
from kernel.state import State

# AVIC registers as offsets (i.MX31 manual, ARM11 interrupt controller).
AVIC_INTENNUM: Final = 0x08
AVIC_INTDISNUM: Final = 0x0C
AVIC_INTENABLE_HIGH: Final = 0x10
AVIC_INTENABLE_LOW: Final = 0x14
AVIC_NIVECSR: Final = 0x40
NIVECSR_SOURCE_SHIFT: Final = 16
NIVECSR_NONE: Final = 0xFFFF

# EPIT registers and bits.
EPIT_CR: Final = 0x00
EPIT_SR: Final = 0x04
EPIT_LR: Final = 0x08
EPIT_CMPR: Final = 0x0C
EPIT_ENABLE: Final = 1 << 0
EPIT_ENABLE_MODE: Final = 1 << 1
EPIT_COMPARE_INTERRUPT: Final = 1 << 2
EPIT_RELOAD: Final = 1 << 3
EPIT_OVERWRITE: Final = 1 << 17
EPIT_CLOCK_32K: Final = 3 << 24
TIMER_IRQ: Final = 28


def mask(ks: State, irq: int) -> None:
    """Keep a line from interrupting."""
    ks.store(layout.KERNEL_AVIC + AVIC_INTDISNUM, irq)


def unmask(ks: State, irq: int) -> None:
    """Let a line interrupt."""
    ks.store(layout.KERNEL_AVIC + AVIC_INTENNUM, irq)


def pending(ks: State) -> int | None:
    """The line that interrupts now."""
    source = ks.load(layout.KERNEL_AVIC + AVIC_NIVECSR) >> NIVECSR_SOURCE_SHIFT
    return None if source == NIVECSR_NONE else source


def line_state(ks: State, irq: int) -> int:
    """IRQ_INACTIVE, IRQ_SIGNAL or IRQ_TIMER."""
    return ks.load(layout.KV_IRQ_STATE + 4 * irq)


def set_line_state(ks: State, irq: int, state: int) -> None:
    """Change what a line is for."""
    ks.store(layout.KV_IRQ_STATE + 4 * irq, state)
    (mask if state == layout.IRQ_INACTIVE else unmask)(ks, irq)


def endpoint_slot(irq: int) -> int:
    """The slot with the AsyncEndpoint capability of a line."""
    return layout.IRQ_NODE + layout.SLOT_BYTES * irq


def start_tick(ks: State, reload: int) -> None:
    """Program EPIT1 for a periodic interrupt and let its line through."""
    setup = (
        EPIT_CLOCK_32K | EPIT_OVERWRITE | EPIT_RELOAD | EPIT_COMPARE_INTERRUPT | EPIT_ENABLE_MODE
    )
    for register, value in (
        (EPIT_CR, 0),
        (EPIT_CR, setup),
        (EPIT_LR, reload),
        (EPIT_CMPR, 0),
        (EPIT_SR, 1),
        (EPIT_CR, setup | EPIT_ENABLE),
    ):
        ks.store(layout.KERNEL_EPIT1 + register, value)
    set_line_state(ks, TIMER_IRQ, layout.IRQ_TIMER)
    ks.store(layout.KV_TICK_ENABLED, 1)


def acknowledge_tick(ks: State) -> None:
    """Take back EPIT1's interrupt."""
    ks.store(layout.KERNEL_EPIT1 + EPIT_SR, 1)
