# SPDX-License-Identifier: BSD-2-Clause
"""Interrupt control and handlers, and what an interrupt does (ABI 10.2, R4.122, R4.123)."""

from collections.abc import Callable
from functools import partial

from kernel import abi, layout
from kernel.abi import Label
from kernel.api.errors import (
    illegal_operation,
    invalid_capability,
    range_error,
    revoke_first,
    truncated_message,
)
from kernel.api.message import Invocation
from kernel.cspace import ensure_empty, lookup_target_slot
from kernel.layout import CapType
from kernel.object import irq, mdb
from kernel.object.async_endpoint import send_async_ipc
from kernel.object.capability import Cap, make_cap, read_cap
from kernel.object.delete import delete
from kernel.object.derive import derive_or_refuse, insert_copy
from kernel.object.endpoint import has_right
from kernel.schedule import timer_tick
from kernel.state import State

Commit = Callable[[], None]


def decode_control(inv: Invocation) -> Commit:
    """Check IRQControl_Get; the answer commits it."""
    ks = inv.ks
    if inv.label != Label.IRQ_CONTROL_GET:
        raise illegal_operation("interrupt control only has Get")
    if inv.length < 3 or not inv.extra:
        raise truncated_message("IRQControl_Get needs 3 words and a CNode")
    line, index, depth = inv.args(3)
    if line >= abi.IRQ_COUNT:
        raise range_error(0, abi.IRQ_COUNT - 1, f"there is no interrupt line {line}")
    if irq.line_state(ks, line) != layout.IRQ_INACTIVE:
        raise revoke_first(f"interrupt line {line} is in use: revoke or delete its handler first")
    target = lookup_target_slot(ks, inv.extra_cap(0), index, depth)
    ensure_empty(ks, target)
    mdb.check_child(ks, inv.slot)
    return partial(_get, ks, inv.slot, target, line)


def _get(ks: State, control: int, target: int, line: int) -> None:
    cap = make_cap(CapType.IRQ_HANDLER, (layout.IRQ_HANDLER_IRQ, line))
    mdb.insert_children(ks, control, [(target, cap)])
    irq.set_line_state(ks, line, layout.IRQ_SIGNAL)


def _set_endpoint(inv: Invocation, line: int) -> Commit:
    ks = inv.ks
    if not inv.extra:
        raise truncated_message("SetEndpoint needs an AsyncEndpoint")
    source, cap = inv.extra[0], inv.extra_cap(0)
    if cap.type is not CapType.ASYNC_ENDPOINT or not has_right(cap, abi.RIGHT_WRITE):
        raise invalid_capability(0, "not an AsyncEndpoint with the right to write")
    derived = derive_or_refuse(ks, source, cap)
    mdb.check_copy(ks, source)
    return partial(_set_endpoint_now, ks, line, source, derived)


def _set_endpoint_now(ks: State, line: int, source: int, derived: Cap) -> None:
    slot = irq.endpoint_slot(line)
    delete(ks, slot)
    insert_copy(ks, source, slot, derived)


def decode_handler(inv: Invocation) -> Commit:
    """Check an IRQHandler method; the answer commits it."""
    line = inv.cap.get(layout.IRQ_HANDLER_IRQ)
    match inv.label:
        case Label.IRQ_HANDLER_ACK:
            return partial(irq.unmask, inv.ks, line)
        case Label.IRQ_HANDLER_SET_ENDPOINT:
            return _set_endpoint(inv, line)
        case Label.IRQ_HANDLER_CLEAR:
            return partial(delete, inv.ks, irq.endpoint_slot(line))
    raise illegal_operation("an interrupt handler has no such method")


def _signal(ks: State, line: int) -> None:
    cap = read_cap(ks, irq.endpoint_slot(line))
    if cap.type is CapType.ASYNC_ENDPOINT and has_right(cap, abi.RIGHT_WRITE):
        send_async_ipc(ks, cap, 1 << line % abi.WORD_BITS)
    irq.mask(ks, line)


def handle_interrupt(ks: State) -> None:
    """Deliver the pending interrupt; a line that nobody registered is masked."""
    line = irq.pending(ks)
    if line is None:
        return
    match irq.line_state(ks, line):
        case layout.IRQ_TIMER:
            timer_tick(ks)
            irq.acknowledge_tick(ks)
        case layout.IRQ_SIGNAL:
            _signal(ks, line)
        case _:
            irq.mask(ks, line)
