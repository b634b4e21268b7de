# SPDX-License-Identifier: BSD-2-Clause
"""The report about a system in which nothing can happen any more."""

import pytest

from kernel import layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import Trap
from kernel.stuck import EXIT_STUCK, describe_thread
from tests.kernel.conftest import World

WAITS = {
    "send": "is blocked sending to the endpoint 0x",
    "receive": "waits for a message on the endpoint 0x",
    "signal": "waits for a signal on the async endpoint 0x",
    "reply": "waits for a reply",
    "ready": "is restart",
}


@pytest.mark.parametrize("how", list(WAITS))
def test_each_thread_says_what_it_waits_for(world: World, how: str) -> None:
    """One line a thread: its address, its pc, what it waits on."""
    endpoint = world.make(ObjectType.ENDPOINT)
    signal = world.make(ObjectType.ASYNC_ENDPOINT)
    _, tcb = world.thread(100)
    calls = {
        "send": (Syscall.SEND, endpoint),
        "receive": (Syscall.WAIT, endpoint),
        "signal": (Syscall.WAIT, signal),
        "reply": (Syscall.CALL, endpoint),
    }
    if how in calls:
        world.run(tcb)
        world.syscall(*calls[how])
    if how == "reply":
        world.syscall(Syscall.WAIT, endpoint)
    line = describe_thread(world.ks, tcb)
    assert line.startswith(f"thread 0x{tcb:08x} at pc 0x00020000 {WAITS[how]}")


def test_fault_is_told(world: World) -> None:
    """A thread that stopped at a fault says which, and that nobody handled it."""
    _, tcb = world.thread(100)
    world.run(tcb)
    world.ks.store(layout.KV_FAULT_ADDRESS, 0xDEAD_0000)
    world.ks.store(layout.KV_FAULT_STATUS, 5)
    world.trap(Trap.VM_FAULT)
    text = describe_thread(world.ks, tcb)
    assert "is inactive after a fault without a handler: page fault when accessing" in text
    assert "0xdead0000" in text


def test_report_lists_every_thread(world: World) -> None:
    """The run ends with status 3 and a line for each thread that has a capability."""
    tcbs = [world.thread(level)[1] for level in (1, 2)]
    endpoint = world.make(ObjectType.ENDPOINT)
    while not world.port.halts:
        world.syscall(Syscall.WAIT, endpoint)
    status, reason = world.port.halts[0]
    assert status == EXIT_STUCK == 3
    assert len(reason.splitlines()) == 4
    for tcb in (*tcbs, world.root_thread):
        assert f"0x{tcb:08x}" in reason


@pytest.mark.parametrize(("armed", "more", "stuck"), [(1, 1, 0), (1, 0, 1), (0, 1, 1)])
def test_what_can_still_happen(world: World, armed: int, more: int, stuck: int) -> None:
    """Only a registered line that some device can still raise keeps the run going."""
    if armed:
        words = (45, world.next_slot(), 32)
        world.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, (InitialCap.CNODE,))
    world.port.more_interrupts = bool(more)
    world.syscall(Syscall.WAIT, world.make(ObjectType.ENDPOINT))
    assert bool(world.port.halts) == bool(stuck)
