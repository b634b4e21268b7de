# SPDX-License-Identifier: BSD-2-Clause
"""The kernel as the machine sees it: one call for each trap of the assembly.

Before the call the entry code has saved the user registers in the current TCB; after it the exit
code restores the thread in KV_CURRENT from its TCB.
"""

from collections.abc import Callable
from typing import Final

from kernel import abi, layout
from kernel.api.faults import FaultRecord
from kernel.api.syscall import handle_syscall
from kernel.faulthandler import handle_fault
from kernel.instruction import instruction_at_fault
from kernel.layout import Trap
from kernel.object.interrupt import handle_interrupt
from kernel.object.vspace import set_vm_root
from kernel.options import KernelOptions
from kernel.port import Port
from kernel.schedule import schedule
from kernel.state import State
from kernel.stuck import check_stuck
from kernel.thread import activate

_FAULT_STATUS_MASK: Final = 0xFFF


def _handle_vm_fault(ks: State) -> None:
    words = (
        ks.load(layout.KV_FAULT_ADDRESS),
        int(ks.load(layout.KV_FAULT_IS_FETCH) != 0),
        ks.load(layout.KV_FAULT_STATUS) & _FAULT_STATUS_MASK,
    )
    handle_fault(ks, ks.current, FaultRecord(abi.Fault.VM_FAULT, words))


def _handle_user_exception(ks: State) -> None:
    # Number and code are 0 on ARM (ABI 5.3); what is behind them is for reports only.
    words = (0, 0, *instruction_at_fault(ks, ks.current))
    handle_fault(ks, ks.current, FaultRecord(abi.Fault.USER_EXCEPTION, words))


_HANDLERS: Final[dict[Trap, Callable[[State], None]]] = {
    Trap.SYSCALL: handle_syscall,
    Trap.VM_FAULT: _handle_vm_fault,
    Trap.USER_EXCEPTION: _handle_user_exception,
    Trap.INTERRUPT: handle_interrupt,
}


class Kernel:
    """The complete kernel behind the traps; it owns nothing but its door to the machine."""

    def __init__(self, port: Port, options: KernelOptions) -> None:
        self.state = State(port, options)

    def handle_trap(self, trap: Trap) -> None:
        """Do what the trap asks for, then settle who runs next and in which address space."""
        ks = self.state
        _HANDLERS[trap](ks)
        schedule(ks)
        activate(ks)
        set_vm_root(ks)
        if ks.current == ks.load(layout.KV_IDLE):
            check_stuck(ks)
