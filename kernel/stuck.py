# SPDX-License-Identifier: BSD-2-Clause
"""A system in which nothing can happen any more, and the report about it.

The kernel's own tick does not count as something that can happen.
"""

from typing import Final

from kernel import abi, layout
from kernel.api.faults import describe_fault, load_fault
from kernel.layout import ThreadState
from kernel.object import irq
from kernel.schedule import thread_state
from kernel.state import State
from kernel.thread import all_threads, thread_name

EXIT_STUCK: Final = 3
_WAITS: Final = {
    ThreadState.BLOCKED_ON_SEND: "is blocked sending to the endpoint",
    ThreadState.BLOCKED_ON_RECEIVE: "waits for a message on the endpoint",
    ThreadState.BLOCKED_ON_ASYNC_EVENT: "waits for a signal on the async endpoint",
}


def describe_thread(ks: State, tcb: int) -> str:
    """One line: which thread, at which pc, and what it waits on."""
    state, fault = thread_state(ks, tcb), load_fault(ks, tcb)
    text = f"thread {thread_name(ks, tcb)} at pc 0x{ks.load(tcb + layout.TCB_RESTART_PC):08x} "
    if state in _WAITS:
        text += f"{_WAITS[state]} 0x{ks.load(tcb + layout.TCB_BLOCKING_OBJECT):08x}"
    elif state is ThreadState.BLOCKED_ON_REPLY:
        text += "waits for a reply"
    else:
        text += f"is {state.name.lower()}"
    if fault.kind is not abi.Fault.NONE:
        handled = " without a handler" if state is ThreadState.INACTIVE else ""
        text += f" after a fault{handled}: {describe_fault(fault)}"
    return text


def _can_wake(ks: State) -> bool:
    lines = range(abi.IRQ_COUNT)
    armed = frozenset(line for line in lines if irq.line_state(ks, line) == layout.IRQ_SIGNAL)
    return bool(armed) and ks.port.future_interrupt_possible(armed)


def check_stuck(ks: State) -> None:
    """With the idle thread current: end the run if no interrupt can make a thread run again."""
    if _can_wake(ks):
        return
    lines = ["the system is stuck: no thread can run and no interrupt can come"]
    lines += [f"  {describe_thread(ks, tcb)}" for tcb in all_threads(ks)]
    ks.port.halt(EXIT_STUCK, "\n".join(lines))
