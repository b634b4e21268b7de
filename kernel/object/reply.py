# SPDX-License-Identifier: BSD-2-Clause
"""Reply capabilities: the one-shot right to answer a thread that is blocked on its reply.

They stand outside the derivation list. The master in the TCB's reply slot and the one reply
capability point at each other: the master's MDB_NEXT is the capability's slot, whose MDB_PREV
is the master's slot. Every other derivation bit of both is zero.
"""

from kernel import layout
from kernel.layout import MDB_NEXT, MDB_PREV, REPLY_MASTER, REPLY_TCB, CapType, ThreadState
from kernel.object import mdb
from kernel.object.capability import Cap, is_empty, make_cap, read_cap, write_cap
from kernel.schedule import set_thread_state
from kernel.state import State


def setup_reply_master(ks: State, tcb: int) -> None:
    """Give a thread the master from which its reply capabilities are made."""
    slot = tcb + layout.TCB_REPLY
    if is_empty(ks, slot):
        write_cap(ks, slot, make_cap(CapType.REPLY, (REPLY_TCB, tcb), (REPLY_MASTER, 1)))


def outstanding(ks: State, tcb: int) -> int:
    """The slot of the reply capability that names this thread, or 0."""
    slot = mdb.next_slot(ks, tcb + layout.TCB_REPLY)
    return 0 if slot == mdb.NOT_LINKED else slot


def _link(ks: State, master: int, slot: int) -> None:
    ks.store(master + mdb.WORD_NEXT, MDB_NEXT.put(0, slot))
    ks.store(slot + mdb.WORD_NEXT, 0)
    ks.store(slot + mdb.WORD_PREV, MDB_PREV.put(0, master))


def setup_caller_cap(ks: State, sender: int, receiver: int) -> None:
    """Block the sender on its reply and put the right to reply into the receiver's caller slot."""
    slot = receiver + layout.TCB_CALLER
    assert is_empty(ks, slot), "a receiver has given up its caller before it waits"
    assert not is_empty(ks, sender + layout.TCB_REPLY), "a thread that ran has a reply master"
    set_thread_state(ks, sender, ThreadState.BLOCKED_ON_REPLY)
    write_cap(ks, slot, make_cap(CapType.REPLY, (REPLY_TCB, sender)))
    _link(ks, sender + layout.TCB_REPLY, slot)


def delete_reply(ks: State, slot: int) -> None:
    """Empty a slot that holds a reply capability or a master; the blocked thread stays blocked."""
    cap = read_cap(ks, slot)
    if cap.get(REPLY_MASTER):
        child = mdb.next_slot(ks, slot)
        if child != mdb.NOT_LINKED:
            mdb.clear_slot(ks, child)
    else:
        ks.store(mdb.prev_slot(ks, slot) + mdb.WORD_NEXT, 0)
    mdb.clear_slot(ks, slot)


def delete_outstanding(ks: State, tcb: int) -> None:
    """Drop the reply capability that names this thread, wherever it is."""
    slot = outstanding(ks, tcb)
    if slot:
        delete_reply(ks, slot)


def delete_caller_cap(ks: State, tcb: int) -> None:
    """Drop the right to reply that this thread holds unused."""
    slot = tcb + layout.TCB_CALLER
    if not is_empty(ks, slot):
        delete_reply(ks, slot)


def move_reply(ks: State, source: int, target: int) -> None:
    """Move a reply capability to an empty slot; it and its master keep pointing at each other."""
    cap: Cap = read_cap(ks, source)
    assert not cap.get(REPLY_MASTER), "a master never leaves its TCB"
    master = mdb.prev_slot(ks, source)
    mdb.clear_slot(ks, source)
    write_cap(ks, target, cap)
    _link(ks, master, target)


def swap_replies(ks: State, one: int, other: int) -> None:
    """Exchange two slots that both hold reply capabilities."""
    caps = read_cap(ks, one), read_cap(ks, other)
    masters = mdb.prev_slot(ks, one), mdb.prev_slot(ks, other)
    for slot, cap, master in zip((other, one), caps, masters, strict=True):
        write_cap(ks, slot, cap)
        _link(ks, master, slot)


def move_past(ks: State, reply_slot: int, listed_slot: int, listed_cap: Cap) -> None:
    """Exchange a reply capability with a listed one, which becomes `listed_cap`."""
    cap, master = read_cap(ks, reply_slot), mdb.prev_slot(ks, reply_slot)
    mdb.clear_slot(ks, reply_slot)
    mdb.move(ks, listed_slot, reply_slot, listed_cap)
    write_cap(ks, listed_slot, cap)
    _link(ks, master, listed_slot)
