# SPDX-License-Identifier: BSD-2-Clause
"""Threads: their registers, suspension and restart, activation, and their IPC buffer.

`pc` is where a thread goes on and `restart_pc` the instruction that entered the kernel. A thread
in state RESTART repeats that instruction: this is how an interrupted system call is redone.
"""

from typing import Final

from kernel import abi, layout
from kernel.layout import CapType, ThreadState, VmRights
from kernel.object import mdb, queue, reply
from kernel.object.capability import frame_size_bits, read_cap
from kernel.schedule import (
    dequeue,
    enqueue,
    is_runnable,
    set_thread_state,
    switch_if_required_to,
    thread_state,
)
from kernel.state import State

#: Offsets of the registers as messages to and from other threads name them: there `pc` is the
#: instruction that a restart repeats.
CONTEXT_OFFSETS: Final = {**layout.REGISTER_OFFSETS, "pc": layout.TCB_RESTART_PC}

_IN_QUEUE: Final = frozenset(
    {
        ThreadState.BLOCKED_ON_SEND,
        ThreadState.BLOCKED_ON_RECEIVE,
        ThreadState.BLOCKED_ON_ASYNC_EVENT,
    }
)


def all_threads(ks: State) -> list[int]:
    """Every TCB that some capability names, by address."""
    caps = (read_cap(ks, slot) for slot in mdb.listed_slots(ks))
    return sorted({cap.get(layout.TCB_POINTER) for cap in caps if cap.type is CapType.TCB})


def sanitise_register(name: str, value: int) -> int:
    """A register value as a thread may set it: of the CPSR only the condition flags (ABI 8.3)."""
    return (value & abi.USER_CPSR_MASK) | abi.USER_CPSR if name == "cpsr" else value


def read_context(ks: State, tcb: int, names: tuple[str, ...]) -> tuple[int, ...]:
    """Values of registers by name."""
    return tuple(ks.load(tcb + CONTEXT_OFFSETS[name]) for name in names)


def write_context(ks: State, tcb: int, names: tuple[str, ...], values: list[int]) -> None:
    """Set registers by name; the shorter of both lists counts."""
    for name, value in zip(names, values, strict=False):
        ks.store(tcb + CONTEXT_OFFSETS[name], sanitise_register(name, value))


def continue_at_restart_pc(ks: State, tcb: int) -> None:
    """Let the thread go on at `restart_pc`, which somebody may have rewritten."""
    ks.store(tcb + layout.TCB_PC, ks.load(tcb + layout.TCB_RESTART_PC))


def ipc_cancel(ks: State, tcb: int) -> None:
    """Take a thread out of whatever it waits for; it becomes Inactive."""
    state = thread_state(ks, tcb)
    if state in _IN_QUEUE:
        queue.unlink(ks, ks.load(tcb + layout.TCB_BLOCKING_OBJECT), tcb)
        set_thread_state(ks, tcb, ThreadState.INACTIVE)
    elif state is ThreadState.BLOCKED_ON_REPLY:
        reply.delete_outstanding(ks, tcb)
        set_thread_state(ks, tcb, ThreadState.INACTIVE)
    ks.store(tcb + layout.TCB_FAULT, abi.Fault.NONE)


def suspend(ks: State, tcb: int) -> None:
    """Stop a thread: no queue, no outstanding reply capability, no stored fault."""
    ipc_cancel(ks, tcb)
    set_thread_state(ks, tcb, ThreadState.INACTIVE)
    dequeue(ks, tcb)
    if ks.load(layout.KV_SCHEDULER_ACTION) == tcb:
        ks.store(layout.KV_SCHEDULER_ACTION, layout.SCHEDULE_CHOOSE_NEW)


def restart(ks: State, tcb: int) -> None:
    """Make a stopped or blocked thread repeat the instruction that stopped it."""
    if is_runnable(ks, tcb) or thread_state(ks, tcb) is ThreadState.IDLE:
        return
    ipc_cancel(ks, tcb)
    reply.setup_reply_master(ks, tcb)
    set_thread_state(ks, tcb, ThreadState.RESTART)
    enqueue(ks, tcb)
    switch_if_required_to(ks, tcb)


def activate(ks: State) -> None:
    """Prepare the current thread for the exit code."""
    current = ks.current
    if thread_state(ks, current) is ThreadState.RESTART:
        continue_at_restart_pc(ks, current)
        set_thread_state(ks, current, ThreadState.RUNNING)


def lookup_ipc_buffer(ks: State, tcb: int, *, for_receiver: bool) -> int:
    """Window address of a thread's IPC buffer, 0 when it has none fit for the purpose (ABI 11).

    Sending needs a readable frame and receiving a writable one. The position in the frame is
    that of the buffer's virtual address; that it is mapped there is not checked.
    """
    cap = read_cap(ks, tcb + layout.TCB_BUFFER)
    if cap.type is not CapType.FRAME:
        return 0
    needed = VmRights.READ_WRITE if for_receiver else VmRights.READ_ONLY
    if cap.get(layout.FRAME_RIGHTS) < needed:
        return 0
    offset = ks.load(tcb + layout.TCB_IPC_BUFFER) & ((1 << frame_size_bits(cap)) - 1)
    return layout.window_address(cap.get(layout.FRAME_BASE)) + offset


def debug_name(ks: State, tcb: int) -> str:
    """The name given by DebugNameThread, made printable; empty where there is none."""
    words = [ks.load(tcb + layout.TCB_NAME + 4 * n) for n in range(layout.TCB_NAME_BYTES // 4)]
    raw = b"".join(word.to_bytes(4, "little") for word in words).split(b"\0")[0]
    # The name comes from the user and goes to a terminal: nothing but plain characters.
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in raw)


def thread_name(ks: State, tcb: int) -> str:
    """The debug name with the address, or the address alone where there is no name."""
    name = debug_name(ks, tcb)
    address = f"0x{tcb:08x}"
    return f"{name} ({address})" if name else address
