# SPDX-License-Identifier: BSD-2-Clause
"""The debug system calls (ABI 1.2): console, end of the run, identification, names, cycles.

DebugSnapshot goes the way of DebugPutChar, through UART1, so that it stands between the lines of
the image that asked for it. Unlike 1.0.3's it waits for nobody.
"""

from collections.abc import Callable
from typing import Final

from kernel import abi, layout, limits
from kernel.abi import CapTag, Syscall
from kernel.api.errors import LookupFault
from kernel.api.message import R0
from kernel.cspace import lookup_slot
from kernel.layout import CapType
from kernel.object.capability import Cap, describe, frame_size_bits, read_cap
from kernel.snapshot import snapshot_lines
from kernel.state import State
from kernel.thread import lookup_ipc_buffer

# UART registers (i.MX31 manual, UART): status 1 with "transmitter ready", transmit data.
UART_TXD: Final = 0x40
UART_STATUS: Final = 0x94
UART_READY_BIT: Final = 1 << 13

_TAGS: Final = {
    CapType.NULL: CapTag.NULL,
    CapType.UNTYPED: CapTag.UNTYPED,
    CapType.ENDPOINT: CapTag.ENDPOINT,
    CapType.ASYNC_ENDPOINT: CapTag.ASYNC_ENDPOINT,
    CapType.REPLY: CapTag.REPLY,
    CapType.CNODE: CapTag.CNODE,
    CapType.TCB: CapTag.TCB,
    CapType.PAGE_TABLE: CapTag.PAGE_TABLE,
    CapType.PAGE_DIRECTORY: CapTag.PAGE_DIRECTORY,
    CapType.ASID_CONTROL: CapTag.ASID_CONTROL,
    CapType.ASID_POOL: CapTag.ASID_POOL,
    CapType.IRQ_CONTROL: CapTag.IRQ_CONTROL,
    CapType.IRQ_HANDLER: CapTag.IRQ_HANDLER,
    CapType.ZOMBIE: CapTag.ZOMBIE,
    CapType.DOMAIN: CapTag.DOMAIN,
}


def put_char(ks: State, char: int) -> None:
    """Send a character through UART1, and a carriage return after each line feed."""
    _transmit(ks, char)
    if char == ord("\n"):
        _transmit(ks, ord("\r"))


def _transmit(ks: State, char: int) -> None:
    for _ in range(limits.UART_POLL_LIMIT):
        if ks.load(layout.KERNEL_UART1 + UART_STATUS) & UART_READY_BIT:
            break
    ks.store(layout.KERNEL_UART1 + UART_TXD, char)


def cap_tag(cap: Cap) -> CapTag:
    """The number by which DebugCapIdentify calls a capability."""
    if cap.type is CapType.FRAME:
        is_small = frame_size_bits(cap) == abi.SMALL_PAGE_BITS
        return CapTag.SMALL_FRAME if is_small else CapTag.LARGER_FRAME
    return _TAGS[cap.type]


def put_text(ks: State, text: str) -> None:
    """Send ASCII text through UART1."""
    for char in text.encode("ascii"):
        put_char(ks, char)


def _debug_put_char(ks: State, thread: int) -> None:
    put_char(ks, ks.load(thread + R0) & 0xFF)


def _debug_halt(ks: State, thread: int) -> None:
    put_text(ks, f"Debug halt syscall from user thread 0x{thread:x}\nhalting...\n")
    ks.port.halt(0, "the image called seL4_DebugHalt")


def _debug_exit(ks: State, thread: int) -> None:
    status = ks.load(thread + R0)
    ks.port.halt(int(status != 0), f"the image called seL4_DebugExit with status {status}")


def _named_cap(ks: State, thread: int) -> Cap | None:
    try:
        return read_cap(ks, lookup_slot(ks, thread, ks.load(thread + R0)))
    except LookupFault:
        return None


def _debug_cap_identify(ks: State, thread: int) -> None:
    cap = _named_cap(ks, thread)
    ks.store(thread + R0, CapTag.NULL if cap is None else cap_tag(cap))


def _debug_snapshot(ks: State, thread: int) -> None:
    for line in snapshot_lines(ks):
        put_text(ks, f"{line}\n")


def _why_not_named(ks: State, thread: int, cap: Cap | None, buffer: int) -> str:
    cptr = ks.load(thread + R0)
    if cap is None:
        return f"the address 0x{cptr:x} cannot be resolved"
    if cap.type is not CapType.TCB:
        return f"the {describe(cap)} at address 0x{cptr:x} is not a TCB"
    return "" if buffer else "the caller has no IPC buffer in which the name could be"


def _debug_name_thread(ks: State, thread: int) -> None:
    cap = _named_cap(ks, thread)
    buffer = lookup_ipc_buffer(ks, thread, for_receiver=False)
    problem = _why_not_named(ks, thread, cap, buffer)
    if cap is None or problem:
        ks.port.log(f"DebugNameThread: {problem}")
        return
    address = cap.get(layout.TCB_POINTER) + layout.TCB_NAME
    words = [ks.load(buffer + abi.IPC_MSG + at) for at in range(0, layout.TCB_NAME_BYTES, 4)]
    raw = b"".join(word.to_bytes(4, "little") for word in words).split(b"\0")[0]
    name = raw[: layout.TCB_NAME_BYTES - 1].ljust(layout.TCB_NAME_BYTES, b"\0")
    for at in range(0, layout.TCB_NAME_BYTES, 4):
        ks.store(address + at, int.from_bytes(name[at : at + 4], "little"))


def _cycle_reset(ks: State, thread: int) -> None:
    ks.store(layout.KV_CYCLE_BASE, ks.port.cycles() & abi.WORD_MASK)


def _cycle_read(ks: State, thread: int) -> None:
    elapsed = ks.port.cycles() - ks.load(layout.KV_CYCLE_BASE)
    ks.store(thread + R0, elapsed & abi.WORD_MASK)


DEBUG_CALLS: Final[dict[int, Callable[[State, int], None]]] = {
    Syscall.DEBUG_PUT_CHAR: _debug_put_char,
    Syscall.DEBUG_HALT: _debug_halt,
    Syscall.DEBUG_CAP_IDENTIFY: _debug_cap_identify,
    Syscall.DEBUG_SNAPSHOT: _debug_snapshot,
    Syscall.DEBUG_NAME_THREAD: _debug_name_thread,
    Syscall.DEBUG_EXIT: _debug_exit,
    Syscall.CYCLE_RESET: _cycle_reset,
    Syscall.CYCLE_READ: _cycle_read,
}
