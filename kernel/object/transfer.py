# SPDX-License-Identifier: BSD-2-Clause
"""Moving a message from one thread to another: words, badge, capabilities (ABI 2.5)."""

from typing import NamedTuple

from kernel import abi, layout
from kernel.api.errors import LookupFault, SyscallError
from kernel.api.faults import fault_message
from kernel.api.message import (
    INFO_REGISTER,
    MESSAGE_REGISTERS,
    R0,
    MessageInfo,
    decode_info,
    write_message,
)
from kernel.cspace import lookup_slot, lookup_target_slot
from kernel.layout import CapType
from kernel.object import mdb
from kernel.object.capability import is_empty, read_cap
from kernel.object.derive import derive, insert_copy, mask_rights
from kernel.state import State
from kernel.thread import lookup_ipc_buffer


class Channel(NamedTuple):
    """Through what a message goes: the endpoint (0: a reply), and what its capabilities allow."""

    endpoint: int
    badge: int
    can_grant: bool
    diminish: bool


def lookup_extra_caps(ks: State, tcb: int, buffer: int, count: int) -> tuple[int, ...]:
    """Slots of the extra capabilities a thread names in its buffer. Raises CapLookup."""
    if not buffer:
        return ()
    slots: list[int] = []
    for index in range(count):
        cptr = ks.load(buffer + abi.IPC_CAPS_OR_BADGES + 4 * index)
        try:
            slots.append(lookup_slot(ks, tcb, cptr))
        except LookupFault as fault:
            raise CapLookupError(cptr, fault) from None
    return tuple(slots)


class CapLookupError(Exception):
    """A capability address of a message could not be resolved."""

    def __init__(self, cptr: int, fault: LookupFault) -> None:
        super().__init__(cptr, fault)
        self.cptr = cptr
        self.fault = fault


def _copy_words(
    ks: State, sender: int, send_buffer: int, receiver: int, receive_buffer: int, length: int
) -> int:
    """Copy message registers; returns how many (four at most if either side has no buffer)."""
    if not (send_buffer and receive_buffer):
        length = min(length, abi.MSG_REGISTERS)
    for register in MESSAGE_REGISTERS[:length]:
        ks.store(receiver + register, ks.load(sender + register))
    for index in range(abi.MSG_REGISTERS, length):
        offset = abi.IPC_MSG + 4 * index
        ks.store(receive_buffer + offset, ks.load(send_buffer + offset))
    return length


def _receive_slot(ks: State, receiver: int, buffer: int) -> int:
    """The empty slot in which the receiver wants a capability, or 0: never an error."""
    root, index, depth = (
        ks.load(buffer + offset)
        for offset in (abi.IPC_RECEIVE_CNODE, abi.IPC_RECEIVE_INDEX, abi.IPC_RECEIVE_DEPTH)
    )
    try:
        root_cap = read_cap(ks, lookup_slot(ks, receiver, root))
        slot = lookup_target_slot(ks, root_cap, index, depth)
    except (LookupFault, SyscallError):
        return 0
    return slot if is_empty(ks, slot) else 0


def _copy_one(ks: State, source: int, target: int, channel: Channel) -> bool:
    """Put a derived copy of `source` in `target`; False where that is impossible."""
    cap = read_cap(ks, source)
    if channel.diminish:
        cap = mask_rights(cap, abi.RIGHTS_ALL & ~abi.RIGHT_WRITE)
    try:
        derived = derive(ks, source, cap)
        mdb.check_copy(ks, source)
    except SyscallError:
        return False
    if derived is None:
        return False
    insert_copy(ks, source, target, derived)
    return True


def _transfer_caps(
    ks: State, slots: tuple[int, ...], receiver: int, buffer: int, channel: Channel
) -> tuple[int, int]:
    """Hand over capabilities; returns the capsUnwrapped bits and how many were handled."""
    unwrapped = 0
    target = _receive_slot(ks, receiver, buffer)
    for index, source in enumerate(slots):
        cap = read_cap(ks, source)
        same = cap.type is CapType.ENDPOINT and (
            channel.endpoint != 0 and cap.get(layout.ENDPOINT_POINTER) == channel.endpoint
        )
        if same:
            badge = cap.get(layout.ENDPOINT_BADGE)
            ks.store(buffer + abi.IPC_CAPS_OR_BADGES + 4 * index, badge)
            unwrapped |= 1 << index
        elif target and _copy_one(ks, source, target, channel):
            target = 0
        else:
            return unwrapped, index
    return unwrapped, len(slots)


def _sent_caps(ks: State, sender: int, buffer: int, count: int) -> tuple[int, ...]:
    try:
        return lookup_extra_caps(ks, sender, buffer, count)
    except CapLookupError:
        return ()


def _transfer_message(
    ks: State, sender: int, receiver: int, receive_buffer: int, channel: Channel
) -> MessageInfo:
    send_buffer = lookup_ipc_buffer(ks, sender, for_receiver=False)
    info = decode_info(ks.load(sender + INFO_REGISTER))
    slots = _sent_caps(ks, sender, send_buffer, info.caps) if channel.can_grant else ()
    length = _copy_words(ks, sender, send_buffer, receiver, receive_buffer, info.length)
    unwrapped = handled = 0
    if slots and receive_buffer:
        unwrapped, handled = _transfer_caps(ks, slots, receiver, receive_buffer, channel)
    return MessageInfo(info.label, unwrapped, handled, length)


def do_ipc_transfer(ks: State, sender: int, receiver: int, channel: Channel) -> None:
    """Deliver the sender's message, or the message about its stored fault."""
    receive_buffer = lookup_ipc_buffer(ks, receiver, for_receiver=True)
    fault = ks.load(sender + layout.TCB_FAULT)
    if fault == abi.Fault.NONE:
        info = _transfer_message(ks, sender, receiver, receive_buffer, channel)
    else:
        length = write_message(ks, receiver, receive_buffer, fault_message(ks, sender))
        info = MessageInfo(fault, 0, 0, length)
    ks.store(receiver + INFO_REGISTER, info.encode())
    ks.store(receiver + R0, channel.badge)
