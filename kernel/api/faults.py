# SPDX-License-Identifier: BSD-2-Clause
"""Faults as messages, and what the replies to them do (ABI 5.3 and 5.5)."""

from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.abi import Fault
from kernel.api.errors import LookupFault
from kernel.api.message import INFO_REGISTER, decode_info, read_message
from kernel.state import State
from kernel.thread import lookup_ipc_buffer, read_context, write_context


class FaultRecord(NamedTuple):
    """A fault and its own words, as a TCB stores them."""

    kind: Fault
    words: tuple[int, ...]


#: Register words that stand before the fault's own words in its message.
_REGISTERS: Final = {
    Fault.CAP_FAULT: ("pc",),
    Fault.VM_FAULT: ("pc",),
    Fault.UNKNOWN_SYSCALL: abi.SYSCALL_FAULT_REGISTERS,
    Fault.USER_EXCEPTION: abi.EXCEPTION_FAULT_REGISTERS,
}
#: How many words a fault has where that does not depend on its first words.
_WORD_COUNT: Final = {Fault.VM_FAULT: 3, Fault.UNKNOWN_SYSCALL: 1, Fault.USER_EXCEPTION: 4}
#: How many of them are in the message, where not all are: the instruction is for reports.
_MESSAGE_WORD_COUNT: Final = {Fault.USER_EXCEPTION: 2}
#: Of a fault status, the bits that tell its cause (10 and 3 to 0), and the cause "debug event":
#: for a fetch a BKPT instruction.
_CAUSE_MASK: Final = 0x40F
_BREAKPOINT: Final = 0x002
#: Details behind the type word of a lookup failure.
_DETAILS: Final = {
    abi.LookupFailure.INVALID_ROOT: 0,
    abi.LookupFailure.MISSING_CAPABILITY: 1,
    abi.LookupFailure.DEPTH_MISMATCH: 2,
    abi.LookupFailure.GUARD_MISMATCH: 3,
}
_CAP_FAULT_HEAD: Final = 2


def store_fault(ks: State, tcb: int, fault: FaultRecord) -> None:
    """Record a fault in a TCB."""
    assert len(fault.words) <= layout.TCB_FAULT_WORD_COUNT
    ks.store(tcb + layout.TCB_FAULT, fault.kind)
    for index, word in enumerate(fault.words):
        ks.store(tcb + layout.TCB_FAULT_WORDS + 4 * index, word)


def load_fault(ks: State, tcb: int) -> FaultRecord:
    """The fault recorded in a TCB."""
    kind = Fault(ks.load(tcb + layout.TCB_FAULT))
    words = [
        ks.load(tcb + layout.TCB_FAULT_WORDS + 4 * index)
        for index in range(layout.TCB_FAULT_WORD_COUNT)
    ]
    if kind is Fault.CAP_FAULT:
        count = _CAP_FAULT_HEAD + 1 + _DETAILS[abi.LookupFailure(words[_CAP_FAULT_HEAD])]
    else:
        count = _WORD_COUNT.get(kind, 0)
    return FaultRecord(kind, tuple(words[:count]))


def fault_message(ks: State, tcb: int) -> tuple[int, ...]:
    """The words of the message about a thread's recorded fault."""
    fault = load_fault(ks, tcb)
    words = fault.words[: _MESSAGE_WORD_COUNT.get(fault.kind)]
    return read_context(ks, tcb, _REGISTERS[fault.kind]) + words


def describe_fault(fault: FaultRecord) -> str:
    """One phrase for a person."""
    words = fault.words
    match fault.kind:
        case Fault.CAP_FAULT:
            phase = "waiting on" if words[1] else "invoking"
            why = LookupFault(abi.LookupFailure(words[2]), *words[3:]).describe()
            return f"capability fault when {phase} capability address 0x{words[0]:x} ({why})"
        case Fault.VM_FAULT:
            return _describe_abort(*words)
        case Fault.UNKNOWN_SYSCALL:
            return f"unknown system call 0x{words[0]:x}"
        case Fault.USER_EXCEPTION:
            _, _, encoding, size = words
            return "undefined instruction" + (f" 0x{encoding:0{2 * size}x}" if size else "")
    return "no fault"


def _describe_abort(address: int, is_fetch: int, status: int) -> str:
    if is_fetch and status & _CAUSE_MASK == _BREAKPOINT:
        return f"breakpoint instruction at 0x{address:08x}"
    access = "fetching from" if is_fetch else "accessing"
    return f"page fault when {access} 0x{address:08x} (fault status 0x{status:x})"


def handle_fault_reply(ks: State, faulter: int, replier: int) -> bool:
    """Apply a reply to the thread that faulted; whether it may go on."""
    kind = Fault(ks.load(faulter + layout.TCB_FAULT))
    names = _REGISTERS[kind]
    if kind in (Fault.CAP_FAULT, Fault.VM_FAULT):
        return True
    info = decode_info(ks.load(replier + INFO_REGISTER))
    buffer = lookup_ipc_buffer(ks, replier, for_receiver=False)
    length = min(info.length, len(names), len(names) if buffer else abi.MSG_REGISTERS)
    values = [read_message(ks, replier, buffer, index) for index in range(length)]
    write_context(ks, faulter, names, values)
    return info.label == 0
