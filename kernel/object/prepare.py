# SPDX-License-Identifier: BSD-2-Clause
"""Free Untyped memory made ready for new objects, in pieces, before a retype commits (R4.37).

Nobody can see free memory, so that it is ready too early has no effect on anybody, and a retype
that was preempted has changed nothing. How far it got is in three words of kernel data: from
START up to END memory is as new objects of KIND need it, and belongs to no object. An END of 0
says that nothing is ready. Whoever makes objects forgets these words.
"""

from kernel import abi, layout, limits
from kernel.abi import ObjectType
from kernel.object import vspace
from kernel.preemption import Preempted, work
from kernel.state import State


def prepare(ks: State, kind: ObjectType, start: int, size: int) -> None:
    """Make `size` bytes of free memory ready for objects of a type. Raises Preempted.

    Small objects are done at once, as in assembly. Otherwise a repeated call with the same
    arguments goes on where it was, even if only the commit is left to do.
    """
    if kind is ObjectType.UNTYPED:
        return
    if size <= limits.RETYPE_AT_ONCE_BYTES:
        _prepare_piece(ks, kind, start, size)
        return
    at, end = _resume(ks, kind, start), start + size
    while at < end:
        piece = min(_piece_bytes(kind), end - at)
        _prepare_piece(ks, kind, at, piece)
        at += piece
        try:
            work(ks, piece // limits.CLEAR_UNIT_BYTES)
        except Preempted:
            _remember(ks, kind, start, at)
            raise


def forget(ks: State) -> None:
    """Objects are about to be made: nothing is known of free memory any more."""
    ks.store(layout.KV_PREPARED_END, 0)


def _resume(ks: State, kind: ObjectType, start: int) -> int:
    """Where to go on: the end of what an earlier call for the same objects has done."""
    end = ks.load(layout.KV_PREPARED_END)
    is_ours = (
        ks.load(layout.KV_PREPARED_START) == start and ks.load(layout.KV_PREPARED_KIND) == kind
    )
    return end if end and is_ours else start


def _remember(ks: State, kind: ObjectType, start: int, end: int) -> None:
    ks.store(layout.KV_PREPARED_START, start)
    ks.store(layout.KV_PREPARED_END, end)
    ks.store(layout.KV_PREPARED_KIND, kind)


def _piece_bytes(kind: ObjectType) -> int:
    """A PageDirectory is one piece, so that the words above say which have their entries."""
    if kind is ObjectType.PAGE_DIRECTORY:
        return 1 << abi.PAGE_DIRECTORY_BITS
    return limits.CLEAR_PIECE_BYTES


def _prepare_piece(ks: State, kind: ObjectType, at: int, size: int) -> None:
    ks.port.clear(at, size)
    if kind is ObjectType.PAGE_DIRECTORY:
        vspace.init_page_directory(ks, at)
