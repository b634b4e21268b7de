# SPDX-License-Identifier: BSD-2-Clause
"""TCB methods (ABI 8.5, R4.124)."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.abi import Label
from kernel.api.errors import (
    alignment_error,
    illegal_operation,
    invalid_capability,
    range_error,
    truncated_message,
)
from kernel.api.message import Invocation, Result
from kernel.layout import CapType
from kernel.object import mdb
from kernel.object.capability import Cap, read_cap, same_object
from kernel.object.delete import delete
from kernel.object.derive import derive_or_refuse, insert_copy, update_data
from kernel.object.vspace import is_vspace
from kernel.schedule import set_priority
from kernel.state import State
from kernel.thread import (
    continue_at_restart_pc,
    read_context,
    restart,
    suspend,
    write_context,
)

Commit = Callable[[], Result | None]


class NewRoot(NamedTuple):
    """A capability to put into a TCB slot; `derived` None only empties the slot."""

    offset: int
    source: int
    derived: Cap | None


def _target(inv: Invocation) -> int:
    return inv.cap.get(layout.TCB_POINTER)


def _refuse_own(inv: Invocation) -> None:
    if _target(inv) == inv.thread:
        raise illegal_operation("a thread cannot read or write its own registers")


def _read_registers_now(ks: State, tcb: int, count: int, stop: bool) -> Result:
    if stop:
        suspend(ks, tcb)
    return Result(read_context(ks, tcb, abi.CONTEXT_REGISTERS[:count]))


def _read_registers(inv: Invocation) -> Commit:
    if inv.length < 2:
        raise truncated_message("ReadRegisters needs 2 words")
    flags, count = inv.args(2)
    most = len(abi.CONTEXT_REGISTERS)
    if not 1 <= count <= most:
        raise range_error(1, most, f"{count} registers: a thread has {most}")
    _refuse_own(inv)
    stop = bool(flags & abi.READ_REGISTERS_SUSPEND)
    return partial(_read_registers_now, inv.ks, _target(inv), count, stop)


def _write_registers_now(ks: State, tcb: int, values: list[int], resume: bool) -> None:
    write_context(ks, tcb, abi.CONTEXT_REGISTERS, values)
    continue_at_restart_pc(ks, tcb)
    if resume:
        restart(ks, tcb)


def _write_registers(inv: Invocation) -> Commit:
    if inv.length < 2 or inv.length - 2 < inv.arg(1):
        raise truncated_message("WriteRegisters needs 2 words and the registers")
    flags, count = inv.args(2)
    _refuse_own(inv)
    count = min(count, len(abi.CONTEXT_REGISTERS))
    values = [inv.arg(2 + index) for index in range(count)]
    resume = bool(flags & abi.WRITE_REGISTERS_RESUME)
    return partial(_write_registers_now, inv.ks, _target(inv), values, resume)


def _copy_context(ks: State, source: int, target: int, names: tuple[str, ...]) -> None:
    write_context(ks, target, names, list(read_context(ks, source, names)))


def _copy_registers_now(ks: State, source: int, target: int, flags: int) -> None:
    if flags & abi.COPY_SUSPEND_SOURCE:
        suspend(ks, source)
    if flags & abi.COPY_RESUME_TARGET:
        restart(ks, target)
    if flags & abi.COPY_FRAME:
        _copy_context(ks, source, target, abi.FRAME_REGISTERS)
        continue_at_restart_pc(ks, target)
    if flags & abi.COPY_INTEGER:
        _copy_context(ks, source, target, abi.INTEGER_REGISTERS)


def _copy_registers(inv: Invocation) -> Commit:
    if inv.length < 1 or not inv.extra:
        raise truncated_message("CopyRegisters needs 1 word and the source TCB")
    source = inv.extra_cap(0)
    if source.type is not CapType.TCB:
        raise invalid_capability(1, "the source is not a TCB")
    return partial(
        _copy_registers_now, inv.ks, source.get(layout.TCB_POINTER), _target(inv), inv.arg(0)
    )


def _check_priority(inv: Invocation, word: int) -> int:
    level = word & (abi.PRIORITY_COUNT - 1)
    own = inv.ks.load(inv.thread + layout.TCB_PRIORITY)
    if level > own:
        raise illegal_operation(f"priority {level} is above the caller's own priority {own}")
    return level


def _check_buffer(inv: Invocation, index: int, address: int) -> NewRoot:
    """The new IPC buffer capability from extra capability `index`; address 0 removes it."""
    source = inv.extra[index]
    if address == 0:
        return NewRoot(layout.TCB_BUFFER, source, None)
    cap = derive_or_refuse(inv.ks, source, inv.extra_cap(index))
    if cap.type is not CapType.FRAME:
        raise illegal_operation("the IPC buffer must be in a frame")
    if cap.get(layout.FRAME_DEVICE):
        raise illegal_operation("an IPC buffer cannot be in device memory")
    if address & ((1 << abi.IPC_BUFFER_BITS) - 1):
        raise alignment_error(f"the IPC buffer 0x{address:08x} is not 512-byte aligned")
    mdb.check_copy(inv.ks, source)
    return NewRoot(layout.TCB_BUFFER, source, cap)


def _check_root(inv: Invocation, index: int, offset: int, data: int) -> NewRoot:
    cap = inv.extra_cap(index)
    changed = update_data(cap, data, preserve=False) if data else cap
    return NewRoot(offset, inv.extra[index], derive_or_refuse(inv.ks, inv.extra[index], changed))


def _check_roots(inv: Invocation, cspace_data: int, vspace_data: int) -> list[NewRoot]:
    cspace = _check_root(inv, 0, layout.TCB_CTABLE, cspace_data)
    if cspace.derived is None or cspace.derived.type is not CapType.CNODE:
        raise illegal_operation("the CSpace root is not a CNode")
    vspace = _check_root(inv, 1, layout.TCB_VTABLE, vspace_data)
    if vspace.derived is None or not is_vspace(vspace.derived):
        raise illegal_operation("the VSpace root is not a PageDirectory with an ASID")
    for root in (cspace, vspace):
        mdb.check_copy(inv.ks, root.source)
    return [cspace, vspace]


def _install(ks: State, slot: int, tcb: int, roots: list[NewRoot]) -> None:
    """Replace slots of a TCB.

    Deleting the old contents may destroy what the new ones were derived from, or the TCB
    itself: then the slot stays empty.
    """
    named = read_cap(ks, slot)
    for root in roots:
        delete(ks, tcb + root.offset)
        if root.derived is None:
            continue
        alive = same_object(named, read_cap(ks, slot))
        if alive and same_object(root.derived, read_cap(ks, root.source)):
            insert_copy(ks, root.source, tcb + root.offset, root.derived)


class Configuration(NamedTuple):
    """What a configuring method changes; None leaves a thing as it is."""

    fault_handler: int | None = None
    priority: int | None = None
    buffer: int | None = None
    roots: tuple[NewRoot, ...] = ()


def _configure_now(ks: State, slot: int, tcb: int, change: Configuration) -> None:
    if change.fault_handler is not None:
        ks.store(tcb + layout.TCB_FAULT_HANDLER, change.fault_handler)
    if change.priority is not None:
        set_priority(ks, tcb, change.priority)
    if change.buffer is not None:
        ks.store(tcb + layout.TCB_IPC_BUFFER, change.buffer)
    _install(ks, slot, tcb, list(change.roots))


def _commit(inv: Invocation, change: Configuration) -> Commit:
    return partial(_configure_now, inv.ks, inv.slot, _target(inv), change)


def _configure(inv: Invocation) -> Commit:
    if inv.length < 5 or len(inv.extra) < 3:
        raise truncated_message("Configure needs 5 words and 3 capabilities")
    handler, priority, cspace_data, vspace_data, address = inv.args(5)
    level = _check_priority(inv, priority)
    buffer = _check_buffer(inv, 2, address)
    roots = _check_roots(inv, cspace_data, vspace_data)
    return _commit(inv, Configuration(handler, level, address, (*roots, buffer)))


def _set_priority(inv: Invocation) -> Commit:
    if inv.length < 1:
        raise truncated_message("SetPriority needs the priority")
    return _commit(inv, Configuration(priority=_check_priority(inv, inv.arg(0))))


def _set_ipc_buffer(inv: Invocation) -> Commit:
    if inv.length < 1 or not inv.extra:
        raise truncated_message("SetIPCBuffer needs the address and the frame")
    address = inv.arg(0)
    return _commit(inv, Configuration(buffer=address, roots=(_check_buffer(inv, 0, address),)))


def _set_space(inv: Invocation) -> Commit:
    if inv.length < 3 or len(inv.extra) < 2:
        raise truncated_message("SetSpace needs 3 words and 2 capabilities")
    handler, cspace_data, vspace_data = inv.args(3)
    roots = _check_roots(inv, cspace_data, vspace_data)
    return _commit(inv, Configuration(fault_handler=handler, roots=tuple(roots)))


_METHODS: Final[dict[int, Callable[[Invocation], Commit]]] = {
    Label.TCB_READ_REGISTERS: _read_registers,
    Label.TCB_WRITE_REGISTERS: _write_registers,
    Label.TCB_COPY_REGISTERS: _copy_registers,
    Label.TCB_CONFIGURE: _configure,
    Label.TCB_SET_PRIORITY: _set_priority,
    Label.TCB_SET_IPC_BUFFER: _set_ipc_buffer,
    Label.TCB_SET_SPACE: _set_space,
    Label.TCB_SUSPEND: lambda inv: partial(suspend, inv.ks, _target(inv)),
    Label.TCB_RESUME: lambda inv: partial(restart, inv.ks, _target(inv)),
}


def decode(inv: Invocation) -> Commit:
    """Check a TCB method; the answer commits it."""
    method = _METHODS.get(inv.label)
    if method is None:
        raise illegal_operation("a TCB has no such method")
    return method(inv)
