# SPDX-License-Identifier: BSD-2-Clause
"""Interrupt lines at the AVIC, and the kernel's tick."""

import pytest

from kernel import layout
from kernel.object import irq
from tests.kernel.conftest import World

ENABLE = layout.KERNEL_AVIC + irq.AVIC_INTENNUM
DISABLE = layout.KERNEL_AVIC + irq.AVIC_INTDISNUM


def test_mask_and_unmask_write_the_line_number(world: World) -> None:
    """One register takes the number of a line to let through, another of a line to stop."""
    world.port.device_stores.clear()
    irq.unmask(world.ks, 45)
    irq.mask(world.ks, 7)
    assert world.port.device_stores == [(ENABLE, 45), (DISABLE, 7)]


@pytest.mark.parametrize(("pending", "line"), [(None, None), (0, 0), (28, 28), (63, 63)])
def test_pending_line(world: World, pending: int | None, line: int | None) -> None:
    """The upper half of NIVECSR names the line; all ones mean that there is none."""
    world.port.pending_irq = pending
    assert irq.pending(world.ks) == line


@pytest.mark.parametrize(
    ("state", "register"),
    [(layout.IRQ_INACTIVE, DISABLE), (layout.IRQ_SIGNAL, ENABLE), (layout.IRQ_TIMER, ENABLE)],
)
def test_state_of_a_line(world: World, state: int, register: int) -> None:
    """A line that is used is let through, one that is not is masked."""
    world.port.device_stores.clear()
    irq.set_line_state(world.ks, 9, state)
    assert irq.line_state(world.ks, 9) == state
    assert world.port.device_stores == [(register, 9)]


def test_endpoint_slots_follow_each_other(world: World) -> None:
    """Each line has its own slot in the kernel image, empty at boot."""
    slots = [irq.endpoint_slot(line) for line in range(64)]
    assert slots[1] - slots[0] == layout.SLOT_BYTES
    assert {world.ks.get(slot, layout.CAP_TYPE) for slot in slots} == {layout.CapType.NULL}


def test_tick_is_acknowledged_at_the_timer(world: World) -> None:
    """Writing 1 to EPIT1's status takes its interrupt back."""
    world.port.device_stores.clear()
    irq.acknowledge_tick(world.ks)
    assert world.port.device_stores == [(layout.KERNEL_EPIT1 + irq.EPIT_SR, 1)]
