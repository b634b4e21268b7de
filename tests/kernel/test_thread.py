# SPDX-License-Identifier: BSD-2-Clause
"""Suspend, resume, restart, registers, buffers and names of threads (R4.124)."""

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import ThreadState
from kernel.schedule import is_queued, thread_state
from kernel.thread import (
    all_threads,
    debug_name,
    lookup_ipc_buffer,
    sanitise_register,
    thread_name,
)
from tests.kernel.conftest import World

BLOCKED = {
    "send": ThreadState.BLOCKED_ON_SEND,
    "receive": ThreadState.BLOCKED_ON_RECEIVE,
    "signal": ThreadState.BLOCKED_ON_ASYNC_EVENT,
    "reply": ThreadState.BLOCKED_ON_REPLY,
}


def _blocked(world: World, how: str) -> tuple[int, int]:
    """A blocked thread: its slot and its TCB; the initial thread runs."""
    endpoint = world.make(ObjectType.ENDPOINT)
    signal = world.make(ObjectType.ASYNC_ENDPOINT)
    index, tcb = world.thread(100)
    world.run(tcb)
    calls = {
        "send": (Syscall.SEND, endpoint),
        "receive": (Syscall.WAIT, endpoint),
        "signal": (Syscall.WAIT, signal),
        "reply": (Syscall.CALL, endpoint),
    }
    world.syscall(*calls[how])
    if how == "reply":
        world.syscall(Syscall.WAIT, endpoint)
    assert thread_state(world.ks, tcb) is BLOCKED[how]
    return index, tcb


@pytest.mark.parametrize("how", list(BLOCKED))
def test_suspend_leaves_every_queue(world: World, how: str) -> None:
    """A suspended thread waits for nothing; its caller's right to reply is gone."""
    index, tcb = _blocked(world, how)
    assert world.call(index, Label.TCB_SUSPEND).label == 0
    assert thread_state(world.ks, tcb) is ThreadState.INACTIVE
    assert not is_queued(world.ks, tcb)
    assert world.ks.load(tcb + layout.TCB_EP_NEXT) == world.ks.load(tcb + layout.TCB_EP_PREV) == 0
    assert world.ks.get(world.root_thread + layout.TCB_CALLER, layout.CAP_TYPE) == 0


@pytest.mark.parametrize("how", list(BLOCKED))
def test_resume_repeats_the_call(world: World, how: str) -> None:
    """A blocked thread that is resumed goes on at its SVC, in its turn."""
    index, tcb = _blocked(world, how)
    svc = world.ks.load(tcb + layout.TCB_RESTART_PC)
    assert world.call(index, Label.TCB_RESUME).label == 0
    assert thread_state(world.ks, tcb) is ThreadState.RESTART
    world.run(tcb)
    assert world.register("pc", tcb) == svc
    assert thread_state(world.ks, tcb) is ThreadState.RUNNING


def test_resume_of_a_ready_thread_does_nothing(world: World) -> None:
    """Resume changes nothing on a thread that can run."""
    index, tcb = world.thread(100)
    world.set_register("pc", 0x1234_0000, tcb)
    world.call(index, Label.TCB_RESUME)
    assert world.register("pc", tcb) == 0x1234_0000


def test_suspended_switch_target_does_not_run(world: World) -> None:
    """A thread that is suspended by itself repeats the Suspend when it is resumed."""
    _, other = world.thread(10)
    svc = world.register("pc")
    world.call(InitialCap.TCB, Label.TCB_SUSPEND)
    assert world.ks.current == other
    world.call(InitialCap.TCB, Label.TCB_RESUME)
    assert world.ks.current == world.root_thread
    assert world.register("pc") == svc


@pytest.mark.parametrize("value", [0, 0xFFFF_FFFF, 0x1D3, 0x8000_0000])
def test_only_flags_of_the_cpsr_count(value: int) -> None:
    """A thread stays in user mode, ARM state, with interrupts on."""
    result = sanitise_register("cpsr", value)
    assert result & 0x07FF_FFFF == abi.USER_CPSR
    assert result & 0xF800_0000 == value & 0xF800_0000
    assert sanitise_register("r0", value) == value


BUFFERS = {
    "read and write": (7, True, True),
    "read": (abi.RIGHT_READ, True, False),
    "nothing": (0, False, False),
}


@pytest.mark.parametrize("name", list(BUFFERS))
def test_buffer_needs_rights(world: World, name: str) -> None:
    """Sending needs a readable frame, receiving a writable one."""
    rights, sends, receives = BUFFERS[name]
    frame = world.copy(world.make(ObjectType.SMALL_PAGE), rights)
    index, tcb = world.thread(100)
    assert world.call(index, Label.TCB_SET_IPC_BUFFER, (0x4000_0200,), (frame,)).label == 0
    assert bool(lookup_ipc_buffer(world.ks, tcb, for_receiver=False)) == sends
    assert bool(lookup_ipc_buffer(world.ks, tcb, for_receiver=True)) == receives


@pytest.mark.parametrize("kind", [ObjectType.SMALL_PAGE, ObjectType.LARGE_PAGE])
def test_buffer_lies_where_its_address_says(world: World, kind: ObjectType) -> None:
    """The place in the frame is the address modulo the frame's size."""
    frame = world.make(kind)
    size = 1 << {ObjectType.SMALL_PAGE: 12, ObjectType.LARGE_PAGE: 16}[kind]
    index, tcb = world.thread(100)
    world.call(index, Label.TCB_SET_IPC_BUFFER, (0x4001_3A00,), (frame,))
    base = layout.window_address(world.ks.get(world.slot(frame), layout.FRAME_BASE))
    assert lookup_ipc_buffer(world.ks, tcb, for_receiver=True) == base + 0x4001_3A00 % size


def test_removed_buffer(world: World) -> None:
    """Address 0 takes the buffer away."""
    index, tcb = world.thread(100)
    frame = world.make(ObjectType.SMALL_PAGE)
    for address in (0x4000_0000, 0):
        assert world.call(index, Label.TCB_SET_IPC_BUFFER, (address,), (frame,)).label == 0
    assert lookup_ipc_buffer(world.ks, tcb, for_receiver=True) == 0
    assert world.ks.load(tcb + layout.TCB_IPC_BUFFER) == 0


def test_thread_control(world: World) -> None:
    """One call sets priority, handler and capabilities; others read and write registers (R4.124).

    Yield is in tests/kernel/api/test_syscall.py.
    """
    index, tcb = world.thread(33, fault_handler=77)
    assert world.ks.load(tcb + layout.TCB_PRIORITY) == 33
    assert world.ks.load(tcb + layout.TCB_FAULT_HANDLER) == 77
    assert world.ks.get(tcb + layout.TCB_CTABLE, layout.CAP_TYPE) == layout.CapType.CNODE
    answer = world.call(index, Label.TCB_READ_REGISTERS, (0, 2))
    assert answer.words == [0x2_0000, 0x3_0000]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"init", "init"),
        (b"", ""),
        (b"a\x1b[31mb", "a?[31mb"),
        (b"\xc3\xa9", "??"),
        (b"x" * 32, "x" * 32),
    ],
)
def test_names_are_printable(world: World, raw: bytes, shown: str) -> None:
    """A name is shown without control characters; without a name there is the address."""
    tcb = world.root_thread
    padded = raw.ljust(layout.TCB_NAME_BYTES, b"\0")
    for at in range(0, layout.TCB_NAME_BYTES, 4):
        word = int.from_bytes(padded[at : at + 4], "little")
        world.ks.store(tcb + layout.TCB_NAME + at, word)
    assert debug_name(world.ks, tcb) == shown
    assert thread_name(world.ks, tcb) == (f"{shown} (0x{tcb:08x})" if raw else f"0x{tcb:08x}")


def test_threads_are_found_by_their_capabilities(world: World) -> None:
    """Each thread is listed once, however many capabilities name it."""
    index, tcb = world.thread(100)
    world.copy(index)
    assert all_threads(world.ks) == sorted([tcb, world.root_thread])
