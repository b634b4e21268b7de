# SPDX-License-Identifier: BSD-2-Clause
"""The system calls, in the order of work of ABI 1.3; errors become replies here and only here."""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import abi, layout
from kernel.abi import Error, Label, LookupFailure, Syscall
from kernel.api.debug import DEBUG_CALLS
from kernel.api.decode import decode_invocation
from kernel.api.errors import LookupFault, SyscallError
from kernel.api.faults import FaultRecord
from kernel.api.message import (
    INFO_REGISTER,
    R0,
    SYSCALL_REGISTER,
    Invocation,
    MessageInfo,
    Result,
    decode_info,
    write_message,
)
from kernel.api.names import camel_name, label_name
from kernel.cspace import lookup_slot
from kernel.faulthandler import cap_fault, handle_fault
from kernel.layout import CapType, ThreadState
from kernel.object import reply
from kernel.object.async_endpoint import receive_async_ipc
from kernel.object.capability import Cap, describe, is_empty, read_cap
from kernel.object.endpoint import do_reply_transfer, has_right, receive_ipc
from kernel.object.transfer import CapLookupError, lookup_extra_caps
from kernel.preemption import Preempted
from kernel.schedule import is_runnable, set_thread_state, thread_state, yield_current
from kernel.state import State
from kernel.thread import lookup_ipc_buffer


def _signed(word: int) -> int:
    return word - (1 << abi.WORD_BITS) if word >> (abi.WORD_BITS - 1) else word


def handle_syscall(ks: State) -> None:
    """Do the system call that the current thread made."""
    thread = ks.current
    number = _signed(ks.load(thread + SYSCALL_REGISTER))
    handler = _SYSCALLS.get(number)
    if handler is None and ks.options.debug:
        handler = DEBUG_CALLS.get(number)
    if handler is None:
        words = (ks.load(thread + SYSCALL_REGISTER),)
        handle_fault(ks, thread, FaultRecord(abi.Fault.UNKNOWN_SYSCALL, words))
        return
    handler(ks, thread)


def _find(ks: State, thread: int) -> tuple[int, int, tuple[int, ...]]:
    """Invoked slot, IPC buffer, slots of the extra capabilities. Raises CapLookupError."""
    cptr = ks.load(thread + R0)
    try:
        slot = lookup_slot(ks, thread, cptr)
    except LookupFault as fault:
        raise CapLookupError(cptr, fault) from None
    buffer = lookup_ipc_buffer(ks, thread, for_receiver=False)
    count = decode_info(ks.load(thread + INFO_REGISTER)).caps
    return slot, buffer, lookup_extra_caps(ks, thread, buffer, count)


def _handle_invocation(ks: State, thread: int, *, is_call: bool, blocking: bool) -> None:
    try:
        slot, buffer, extra = _find(ks, thread)
    except CapLookupError as error:
        if blocking:
            handle_fault(ks, thread, cap_fault(error.cptr, error.fault, in_receive=False))
        return
    info = decode_info(ks.load(thread + INFO_REGISTER))
    inv = Invocation(
        ks=ks,
        thread=thread,
        cptr=ks.load(thread + R0),
        slot=slot,
        cap=read_cap(ks, slot),
        label=info.label,
        length=info.length if buffer else min(info.length, abi.MSG_REGISTERS),
        buffer=buffer,
        extra=extra,
        blocking=blocking,
        is_call=is_call,
    )
    _perform(inv)


def _perform(inv: Invocation) -> None:
    """Decode, commit, and answer a Call; a thread that was stopped meanwhile gets no answer.

    A preempted commit leaves the thread in RESTART. It goes back to its SVC, where the interrupt
    is taken first and, if it is the tick, counts against its time slice like any other.
    """
    ks, thread = inv.ks, inv.thread
    try:
        commit = decode_invocation(inv)
        set_thread_state(ks, thread, ThreadState.RESTART)
        result = commit()
    except Preempted:
        return
    except SyscallError as error:
        if thread_state(ks, thread) is ThreadState.RESTART:
            set_thread_state(ks, thread, ThreadState.RUNNING)
        _explain(inv, error)
        if inv.is_call and is_runnable(ks, thread):
            _answer(ks, thread, int(error.error), Result(error.words))
        return
    if thread_state(ks, thread) is ThreadState.RESTART:
        if inv.is_call:
            _answer(ks, thread, 0, result or Result(()))
        set_thread_state(ks, thread, ThreadState.RUNNING)


def _answer(ks: State, thread: int, label: int, result: Result) -> None:
    buffer = lookup_ipc_buffer(ks, thread, for_receiver=True)
    written = write_message(ks, thread, buffer, result.words)
    length = written if result.length is None else result.length
    ks.store(thread + R0, 0)
    ks.store(thread + INFO_REGISTER, MessageInfo(label, 0, 0, length).encode())


def _what_was_asked(inv: Invocation) -> str:
    if inv.cap.type in (CapType.ENDPOINT, CapType.ASYNC_ENDPOINT, CapType.REPLY):
        return "a message"
    # "Invalid", the name of label 0, would read as the verdict rather than as what was asked.
    if inv.label == Label.INVALID:
        return "label 0 (no method)"
    return label_name(inv.label)


def _what_was_invoked(inv: Invocation) -> str:
    return "an empty slot" if inv.cap.type is CapType.NULL else f"the {describe(inv.cap)}"


def _culprit(inv: Invocation, error: SyscallError) -> str:
    """Which extra capability was unfit, where it was one."""
    if error.error is not Error.INVALID_CAPABILITY or not 0 < error.words[0] <= len(inv.extra):
        return ""
    index = error.words[0] - 1
    cptr = inv.ks.load(inv.buffer + abi.IPC_CAPS_OR_BADGES + 4 * index)
    return f"; extra capability {index} is the {describe(inv.extra_cap(index))} at 0x{cptr:x}"


def _explain(inv: Invocation, error: SyscallError) -> None:
    """One line for the person who wonders why an invocation failed."""
    if not inv.ks.options.debug:
        return
    details = ", ".join(str(word) for word in error.words)
    name = camel_name(error.error) + (f"({details})" if details else "")
    inv.ks.port.log(
        f"{_what_was_asked(inv)} on {_what_was_invoked(inv)} at address 0x{inv.cptr:x}: "
        f"{name}: {error.why}{_culprit(inv, error)}"
    )


def _receivable_cap(ks: State, thread: int, cptr: int) -> Cap:
    """The capability to wait on; anything unfit counts as missing (ABI 5.3)."""
    cap = read_cap(ks, lookup_slot(ks, thread, cptr))
    is_endpoint = cap.type in (CapType.ENDPOINT, CapType.ASYNC_ENDPOINT)
    if not is_endpoint or not has_right(cap, abi.RIGHT_READ):
        raise LookupFault(LookupFailure.MISSING_CAPABILITY, 0)
    return cap


def _handle_wait(ks: State, thread: int) -> None:
    reply.delete_caller_cap(ks, thread)
    cptr = ks.load(thread + R0)
    try:
        cap = _receivable_cap(ks, thread, cptr)
    except LookupFault as fault:
        handle_fault(ks, thread, cap_fault(cptr, fault, in_receive=True))
        return
    if cap.type is CapType.ENDPOINT:
        receive_ipc(ks, thread, cap)
    else:
        receive_async_ipc(ks, thread, cap)


def _handle_reply(ks: State, thread: int) -> None:
    slot = thread + layout.TCB_CALLER
    if not is_empty(ks, slot):
        do_reply_transfer(ks, thread, slot)


def _handle_reply_wait(ks: State, thread: int) -> None:
    _handle_reply(ks, thread)
    _handle_wait(ks, thread)


_SYSCALLS: Final[dict[int, Callable[[State, int], None]]] = {
    Syscall.CALL: partial(_handle_invocation, is_call=True, blocking=True),
    Syscall.SEND: partial(_handle_invocation, is_call=False, blocking=True),
    Syscall.NB_SEND: partial(_handle_invocation, is_call=False, blocking=False),
    Syscall.WAIT: _handle_wait,
    Syscall.REPLY: _handle_reply,
    Syscall.REPLY_WAIT: _handle_reply_wait,
    Syscall.YIELD: lambda ks, thread: yield_current(ks),
}
