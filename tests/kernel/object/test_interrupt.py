# SPDX-License-Identifier: BSD-2-Clause
"""Interrupts as messages to drivers, from Get to Ack (R4.122, R4.123)."""

import pytest

from kernel import layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import CapType, ThreadState, Trap
from kernel.object import irq
from kernel.schedule import thread_state
from tests.kernel.conftest import World

LINE = 45
ROOT = (InitialCap.CNODE,)


def _handler(world: World, line: int = LINE) -> int:
    target = world.next_slot()
    words = (line, target, 32)
    assert world.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, ROOT).label == 0
    return target


def _driver(world: World, endpoint: int, handler: int) -> int:
    """A thread that waits for the line's endpoint."""
    assert world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (endpoint,)).label == 0
    _, tcb = world.thread(100)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    return tcb


def _interrupt(world: World, line: int = LINE) -> list[tuple[int, int]]:
    """Raise a line once; what the kernel wrote to devices."""
    world.port.device_stores.clear()
    world.port.pending_irq = line
    world.trap(Trap.INTERRUPT)
    world.port.pending_irq = None
    return list(world.port.device_stores)


def test_waiting_driver_is_woken(world: World) -> None:
    """The endpoint's waiter gets badge and the line's bit; the line is masked (R4.122)."""
    handler, endpoint = _handler(world), world.make(ObjectType.ASYNC_ENDPOINT)
    tcb = _driver(world, endpoint, handler)
    stores = _interrupt(world)
    assert stores == [(layout.KERNEL_AVIC + irq.AVIC_INTDISNUM, LINE)]
    assert thread_state(world.ks, tcb) is ThreadState.RUNNING
    assert world.answer(tcb).words == [1 << LINE % 32]


def test_acknowledge_lets_the_line_through(world: World) -> None:
    """Ack on the handler unmasks exactly its line (R4.123)."""
    handler = _handler(world)
    world.port.device_stores.clear()
    assert world.call(handler, Label.IRQ_HANDLER_ACK).label == 0
    assert world.port.device_stores == [(layout.KERNEL_AVIC + irq.AVIC_INTENNUM, LINE)]


def test_unregistered_endpoint_gets_nothing(world: World) -> None:
    """Clear takes the endpoint away: the line is masked at the next interrupt, no more (R4.122)."""
    handler, endpoint = _handler(world), world.make(ObjectType.ASYNC_ENDPOINT)
    tcb = _driver(world, endpoint, handler)
    assert world.call(handler, Label.IRQ_HANDLER_CLEAR).label == 0
    assert world.ks.get(irq.endpoint_slot(LINE), layout.CAP_TYPE) == CapType.NULL
    _interrupt(world)
    assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_ASYNC_EVENT


def test_second_endpoint_replaces_the_first(world: World) -> None:
    """SetEndpoint with another endpoint replaces the one before; setting the same again is fine."""
    handler = _handler(world)
    first, second = world.make(ObjectType.ASYNC_ENDPOINT), world.make(ObjectType.ASYNC_ENDPOINT)
    for endpoint in (first, second, second):
        answer = world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (endpoint,))
        assert answer.label == 0
    _interrupt(world)
    assert world.syscall(Syscall.WAIT, second).words == [1 << LINE % 32]


def test_deleted_endpoint_disarms_the_line(world: World) -> None:
    """The registered capability is a copy: revoking the endpoint takes it out of the line."""
    handler, endpoint = _handler(world), world.make(ObjectType.ASYNC_ENDPOINT)
    world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (endpoint,))
    world.cnode(Label.CNODE_REVOKE, (endpoint, 32))
    assert world.ks.get(irq.endpoint_slot(LINE), layout.CAP_TYPE) == CapType.NULL
    assert _interrupt(world)


@pytest.mark.parametrize("how", [Label.CNODE_DELETE, Label.CNODE_REVOKE])
def test_last_handler_frees_the_line(world: World, how: Label) -> None:
    """With its last handler capability a line is inactive, masked, and can be got again."""
    handler = _handler(world)
    endpoint = world.make(ObjectType.ASYNC_ENDPOINT)
    world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (endpoint,))
    target = handler if how is Label.CNODE_DELETE else InitialCap.IRQ_CONTROL
    world.port.device_stores.clear()
    assert world.cnode(how, (target, 32)).label == 0
    assert irq.line_state(world.ks, LINE) == layout.IRQ_INACTIVE
    assert world.port.device_stores == [(layout.KERNEL_AVIC + irq.AVIC_INTDISNUM, LINE)]
    assert _handler(world)


def test_line_that_nobody_registered(world: World) -> None:
    """An interrupt on an inactive line is masked, and nothing else happens."""
    assert _interrupt(world, 33) == [(layout.KERNEL_AVIC + irq.AVIC_INTDISNUM, 33)]


def test_spurious_interrupt(world: World) -> None:
    """With no line pending the kernel does nothing."""
    world.port.device_stores.clear()
    world.trap(Trap.INTERRUPT)
    assert world.port.device_stores == []
