# SPDX-License-Identifier: BSD-2-Clause
"""What happens to a thread that faults: a message to its handler, or the end (ABI 5.4, R4.115)."""

from kernel import abi, layout
from kernel.api.errors import LookupFault
from kernel.api.faults import FaultRecord, describe_fault, store_fault
from kernel.cspace import lookup_slot
from kernel.layout import CapType, ThreadState
from kernel.object.capability import Cap, describe, read_cap
from kernel.object.endpoint import has_right, send_ipc
from kernel.schedule import set_thread_state
from kernel.state import State
from kernel.thread import thread_name


def cap_fault(cptr: int, fault: LookupFault, *, in_receive: bool) -> FaultRecord:
    """The record of a failed lookup of a capability that a system call named."""
    return FaultRecord(abi.Fault.CAP_FAULT, (cptr, int(in_receive), *fault.words))


def _find_handler(ks: State, tcb: int) -> Cap | str:
    """The handler's Endpoint capability, or why there is none."""
    cptr = ks.load(tcb + layout.TCB_FAULT_HANDLER)
    if cptr == 0:
        return "no fault handler is set"
    try:
        cap = read_cap(ks, lookup_slot(ks, tcb, cptr))
    except LookupFault as fault:
        return f"the fault handler 0x{cptr:x} cannot be found: {fault.describe()}"
    if cap.type is not CapType.ENDPOINT:
        return f"the fault handler 0x{cptr:x} is a {describe(cap)}, not an endpoint"
    if not (has_right(cap, abi.RIGHT_WRITE) and has_right(cap, abi.RIGHT_GRANT)):
        return f"the fault handler 0x{cptr:x} lacks the right to write or grant"
    return cap


def handle_fault(ks: State, tcb: int, fault: FaultRecord) -> None:
    """Send the fault to the thread's handler; without one the thread becomes Inactive."""
    store_fault(ks, tcb, fault)
    handler = _find_handler(ks, tcb)
    if isinstance(handler, Cap):
        send_ipc(ks, tcb, handler, blocking=True, is_call=False)
        return
    set_thread_state(ks, tcb, ThreadState.INACTIVE)
    pc = ks.load(tcb + layout.TCB_RESTART_PC)
    ks.port.log(
        f"thread {thread_name(ks, tcb)} at pc 0x{pc:08x} stops: {describe_fault(fault)}; {handler}"
    )
