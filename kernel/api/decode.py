# SPDX-License-Identifier: BSD-2-Clause
"""From an invoked capability to the operation: one table of decoders.

A decoder checks everything and raises `SyscallError`, or answers with the commit: a call that
cannot fail and does the work.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import abi
from kernel.api.errors import invalid_capability
from kernel.api.message import Invocation, Result
from kernel.layout import CapType
from kernel.object import asid, cnode, domain, interrupt, page, tcb, untyped
from kernel.object.async_endpoint import send_async_ipc
from kernel.object.endpoint import do_reply_transfer, has_right, send_ipc

Commit = Callable[[], Result | None]


def _check_write(inv: Invocation) -> None:
    if not has_right(inv.cap, abi.RIGHT_WRITE):
        raise invalid_capability(0, "the capability lacks the right to write: use one that has it")


def _decode_endpoint(inv: Invocation) -> Commit:
    _check_write(inv)
    return partial(
        send_ipc, inv.ks, inv.thread, inv.cap, blocking=inv.blocking, is_call=inv.is_call
    )


def _decode_async_endpoint(inv: Invocation) -> Commit:
    _check_write(inv)
    word = inv.arg(0) if inv.length else 0
    return partial(send_async_ipc, inv.ks, inv.cap, word)


def _decode_reply(inv: Invocation) -> Commit:
    return partial(do_reply_transfer, inv.ks, inv.thread, inv.slot)


def _decode_nothing(inv: Invocation) -> Commit:
    if inv.cap.type is CapType.ZOMBIE:
        raise invalid_capability(0, "the object is being deleted: nothing can be done with it")
    raise invalid_capability(0, "the slot at this address is empty")


_DECODERS: Final[dict[CapType, Callable[[Invocation], Commit]]] = {
    CapType.NULL: _decode_nothing,
    CapType.ZOMBIE: _decode_nothing,
    CapType.UNTYPED: untyped.decode,
    CapType.ENDPOINT: _decode_endpoint,
    CapType.ASYNC_ENDPOINT: _decode_async_endpoint,
    CapType.REPLY: _decode_reply,
    CapType.CNODE: cnode.decode,
    CapType.TCB: tcb.decode,
    CapType.FRAME: page.decode_frame,
    CapType.PAGE_TABLE: page.decode_page_table,
    CapType.PAGE_DIRECTORY: page.decode_page_directory,
    CapType.ASID_CONTROL: asid.decode_control,
    CapType.ASID_POOL: asid.decode_pool,
    CapType.IRQ_CONTROL: interrupt.decode_control,
    CapType.IRQ_HANDLER: interrupt.decode_handler,
    CapType.DOMAIN: domain.decode,
}
assert set(_DECODERS) == set(CapType)


def decode_invocation(inv: Invocation) -> Commit:
    """The commit of an invocation. Raises SyscallError with nothing changed."""
    return _DECODERS[inv.cap.type](inv)
