# SPDX-License-Identifier: BSD-2-Clause
"""Faults reach the handler that the TCB names, or stop the thread (R4.115 to R4.118)."""

import pytest

from kernel import layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import ThreadState, Trap
from kernel.schedule import thread_state
from tests.kernel.conftest import Answer, World


def _faulting(world: World, handler: int) -> int:
    _, tcb = world.thread(100, fault_handler=handler)
    world.run(tcb)
    return tcb


def _page_fault(world: World, address: int, status: int, is_fetch: int = 0) -> None:
    for where, word in (
        (layout.KV_FAULT_ADDRESS, address),
        (layout.KV_FAULT_STATUS, status),
        (layout.KV_FAULT_IS_FETCH, is_fetch),
    ):
        world.ks.store(where, word)
    world.trap(Trap.VM_FAULT)


def _received(world: World, endpoint: int) -> Answer:
    assert world.ks.current == world.root_thread
    return world.syscall(Syscall.WAIT, endpoint)


def test_exception_is_an_ipc_in_the_threads_name(world: World) -> None:
    """The message comes through the handler's capability, with its badge (R4.115, R4.23)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _faulting(world, world.mint(endpoint, 0x33))
    world.trap(Trap.USER_EXCEPTION)
    answer = _received(world, endpoint)
    assert (answer.badge, answer.label) == (0x33, 4)
    assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_REPLY
    world.syscall(Syscall.REPLY)
    assert thread_state(world.ks, tcb) is ThreadState.RESTART


@pytest.mark.parametrize(
    ("status", "is_fetch"), [(0x5, 0), (0x7, 0), (0x807, 0), (0x80F, 0), (0x5, 1), (0x7, 1)]
)
def test_page_fault_message(world: World, status: int, is_fetch: int) -> None:
    """Address, kind and status reach user level unchanged, faults on tables as well (R4.117).

    Status 5 says that the second-level table is missing, 7 that it is there (R4.116).
    """
    endpoint = world.make(ObjectType.ENDPOINT)
    _faulting(world, endpoint)
    _page_fault(world, 0x1234_5678, status, is_fetch)
    answer = _received(world, endpoint)
    assert (answer.label, answer.words) == (2, [0x2_0000, 0x1234_5678, is_fetch, status])


@pytest.mark.parametrize("number", [0x55, 0, -20, -12])
def test_unknown_system_call(world: World, number: int) -> None:
    """A number that the kernel does not know goes to the same handler (R4.118)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _faulting(world, endpoint)
    world.syscall(number)
    answer = _received(world, endpoint)
    assert (answer.label, answer.words[12]) == (3, number & 0xFFFF_FFFF)


BAD_HANDLERS = {
    "none": "no fault handler is set",
    "missing": "cannot be found",
    "wrong": "not an endpoint",
    "weak": "lacks the right",
}


@pytest.mark.parametrize("name", list(BAD_HANDLERS))
def test_without_a_fit_handler_the_thread_stops(world: World, name: str) -> None:
    """The handler is looked up at the fault; one that is unfit stops the thread and is named."""
    endpoint = world.make(ObjectType.ENDPOINT)
    handlers = {
        "none": 0,
        "missing": 0x1_0002,
        "wrong": InitialCap.CNODE,
        "weak": world.copy(endpoint, 1),
    }
    tcb = _faulting(world, handlers[name])
    _page_fault(world, 0x1234, 0x805)
    assert thread_state(world.ks, tcb) is ThreadState.INACTIVE
    assert BAD_HANDLERS[name] in world.port.logs[-1]
    assert "0x00001234" in world.port.logs[-1]
    assert world.ks.load(tcb + layout.TCB_RESTART_PC) == 0x2_0000


def test_capability_fault_says_where_the_lookup_stopped(world: World) -> None:
    """The message has the address and the failure; the log has them in words."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _faulting(world, endpoint)
    world.syscall(Syscall.SEND, 0x1_0002)
    answer = _received(world, endpoint)
    assert (answer.label, answer.words) == (1, [0x2_0000, 0x1_0002, 0, 4, 32, 0, 16])
    lonely = _faulting(world, 0)
    world.syscall(Syscall.SEND, 0x1_0002)
    assert thread_state(world.ks, lonely) is ThreadState.INACTIVE
    assert (
        "with 32 address bits left the guard 0x0 of 16 bits does not match" in (world.port.logs[-1])
    )


def test_handler_found_late(world: World) -> None:
    """A capability that is put at the handler's address later counts."""
    endpoint = world.make(ObjectType.ENDPOINT)
    address = world.next_slot()
    _, tcb = world.thread(100, fault_handler=address)
    words = (address, 32, endpoint, 32, 7)
    assert world.cnode(Label.CNODE_COPY, words, (InitialCap.CNODE,)).label == 0
    world.run(tcb)
    world.trap(Trap.USER_EXCEPTION)
    assert _received(world, endpoint).label == 4


def test_message_about_an_undefined_instruction(world: World) -> None:
    """The handler gets number and code, both 0, and not the instruction of the reports."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _faulting(world, endpoint)
    world.trap(Trap.USER_EXCEPTION)
    answer = _received(world, endpoint)
    assert (answer.length, answer.words[3:]) == (5, [0, 0])
    assert world.ks.load(tcb + layout.TCB_FAULT) == 4


def test_breakpoint_is_named(world: World) -> None:
    """A fetch that ended in a debug event is a breakpoint; data with the same status is not."""
    _faulting(world, 0)
    _page_fault(world, 0x1234, 0x2, is_fetch=1)
    assert "stops: breakpoint instruction at 0x00001234; no fault" in world.port.logs[-1]
    _faulting(world, 0)
    _page_fault(world, 0x1234, 0x2)
    assert "page fault when accessing 0x00001234 (fault status 0x2)" in world.port.logs[-1]
