# SPDX-License-Identifier: BSD-2-Clause
"""Call, Send, Wait and ReplyWait: each path, and each reason to leave it to Python.

Every case also says whether the assembly has to finish it alone, so that a path which silently
always bails out fails.
"""

import random
from typing import Final

import pytest

from kernel import abi, layout
from kernel.abi import Fault, Label, Syscall
from tests.equivalence.arena import NODE, PEER_PRIORITY, ROOT_PRIORITY, Arena

WRITES: Final = {"full", "badged", "badge 1", "send", "send grant"}
GRANTS: Final = {"full", "badged", "badge 1", "send grant", "receive grant", "grant"}
READS: Final = {"full", "badged", "receive", "receive grant"}
ALL_CAPS: Final = (
    "full", "badged", "badge 1", "send", "send grant", "receive", "receive grant", "grant",
    "async", "empty", "node", "outside",
)  # fmt: skip
LENGTHS: Final = (0, 1, 2, 3, 4, 5, 6, 119, 120, 121, 127)
DELTAS: Final = (-1, 0, 1)


def _message(label: int, unwrapped: int, caps: int, length: int) -> int:
    return label << 12 | unwrapped << 9 | caps << 7 | length


def _send(arena: Arena, number: int, cap: str, info: int) -> bool:
    """A sending system call with recognisable words; whether the assembly did it alone."""
    registers = {f"r{n}": 0xA000_0000 + 0x111_1111 * n for n in (2, 3, 4, 5, 6)}
    registers |= {"r0": arena.caps[cap], "r1": info, "r7": number & abi.WORD_MASK}
    registers |= {"r8": 0xFFFF_FFFF, "r12": 0x8000_0000, "sp": 0xDEAD_BEEF, "lr": 1}
    buffer = {abi.IPC_MSG + 4 * n: n * n for n in range(4, 120)}
    buffer |= {abi.IPC_CAPS_OR_BADGES + 4 * n: arena.endpoints[n] for n in range(3)}
    arena.lock.step(registers, buffer)
    return arena.lock.last_was_fast


def _sends_fast(
    number: int, cap: str, length: int, caps: int, delta: int, *, receiver_writes: bool = True
) -> bool:
    ok = cap in WRITES and length <= 4 and caps == 0 and delta >= 0
    return ok and (number == Syscall.SEND or (cap in GRANTS and receiver_writes))


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND])
@pytest.mark.parametrize("length", LENGTHS)
def test_message_length(arena: Arena, number: int, length: int) -> None:
    """Up to four words go by registers; the receiver keeps what lies beyond the length."""
    arena.park(arena.peers[0])
    fast = _send(arena, number, "full", _message(0xABCDE, 7, 0, length))
    assert fast == _sends_fast(number, "full", length, 0, 1)
    assert arena.lock.current == arena.peers[0].tcb


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND])
@pytest.mark.parametrize("caps", [1, 2, 3])
@pytest.mark.parametrize("length", [0, 4, 5])
def test_extra_capabilities(arena: Arena, number: int, caps: int, length: int) -> None:
    """A message with capabilities is left to Python."""
    arena.park(arena.peers[0])
    assert not _send(arena, number, "full", _message(1, 0, caps, length))


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND, Syscall.NB_SEND])
@pytest.mark.parametrize("cap", ALL_CAPS)
@pytest.mark.parametrize("receive_cap", ["full", "receive", "receive grant"])
def test_rights_and_badges(arena: Arena, number: int, cap: str, receive_cap: str) -> None:
    """Rights of both sides, badges, and things that are no endpoint at all."""
    arena.park(arena.peers[1], receive_cap)
    fast = _send(arena, number, cap, _message(9, 0, 0, 3))
    expected = _sends_fast(number, cap, 3, 0, 1, receiver_writes=receive_cap == "full")
    assert fast == (expected and number != Syscall.NB_SEND)
    if fast:
        badge = {"badged": 0xFFF_FFFF, "badge 1": 1}.get(cap, 0)
        assert arena.lock.plain.machine.registers["r0"] == badge


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND])
@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("peer", [0, 1, 2])
def test_priorities_and_spaces(arena: Arena, number: int, delta: int, peer: int) -> None:
    """A partner of lower priority is left to Python, in the same address space or another."""
    target = arena.peers[peer]
    arena.park(target)
    arena.set_priority(target.tcb, ROOT_PRIORITY + delta)
    assert _send(arena, number, "badged", _message(5, 0, 0, 2)) == (delta >= 0)
    if delta >= 0:
        assert arena.lock.current == target.tcb


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND, Syscall.NB_SEND])
@pytest.mark.parametrize("state", ["idle", "sending", "calling", "receiving"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_endpoint_states_and_queue_lengths(
    arena: Arena, number: int, state: str, count: int
) -> None:
    """Every state of the endpoint with queues of one to four threads, until nobody is left."""
    how = {"sending": Syscall.SEND, "calling": Syscall.CALL, "receiving": Syscall.WAIT}
    for peer in arena.peers[: count if state != "idle" else 0]:
        arena.park(peer, number=how[state])
    others = arena.lock.ks.load(arena.lock.object_at(arena.caps["full"]))
    fast = _send(arena, number, "full", _message(5, 0, 0, 2))
    assert fast == (state == "receiving" and number != Syscall.NB_SEND)
    if fast:
        assert arena.lock.current == arena.peers[0].tcb
        assert arena.lock.ks.load(arena.lock.object_at(arena.caps["full"])) != others


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_queue_is_served_in_order(arena: Arena, count: int) -> None:
    """Sends take the receivers of a queue one by one; each receiver waits again behind the rest."""
    for peer in arena.peers[:count]:
        arena.park(peer)
        arena.set_priority(peer.tcb, ROOT_PRIORITY)
    for number in range(2 * count + 1):
        assert _send(arena, Syscall.SEND, "badged", _message(number, 0, 0, 4))
        assert arena.lock.current == arena.peers[number % count].tcb
        arena.lock.invoke(Syscall.WAIT, arena.caps["full"])
        assert arena.lock.last_was_fast
        assert arena.lock.current == arena.lock.root


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND])
@pytest.mark.parametrize("peer", [0, 1])
def test_dead_address_space_of_the_receiver(arena: Arena, number: int, peer: int) -> None:
    """A receiver whose ASID entry is dead, or that has no address space, is left to Python."""
    target = arena.peers[peer]
    arena.park(target)
    if peer:
        arena.kill_space(target)
    else:
        for offset in (0, 4):
            arena.lock.poke(target.tcb + layout.TCB_VTABLE + offset, 0)
    # The receiver faults at once, and without a handler the caller goes on (Send) or all stop.
    assert not _send(arena, number, "full", _message(1, 0, 0, 1))


def test_call_and_reply_ping_pong(arena: Arena) -> None:
    """A client and a server in two address spaces exchange a hundred messages, all by assembly."""
    server = arena.peers[1]
    arena.park(server)
    arena.set_priority(server.tcb, ROOT_PRIORITY)
    lock = arena.lock
    for number in range(100):
        assert _send(arena, Syscall.CALL, "badged", _message(number, 0, 0, number % 5))
        assert lock.current == server.tcb
        assert _send(arena, Syscall.REPLY_WAIT, "full", _message(number, 3, 0, number % 5))
        assert lock.current == lock.root


def _reply_fast(cap: str, length: int, caps: int, delta: int) -> bool:
    return cap in READS and length <= 4 and caps == 0 and delta >= 0


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("caps", [0, 1, 3])
def test_reply_wait_message(arena: Arena, length: int, caps: int) -> None:
    """ReplyWait with every length, with and without capabilities."""
    arena.park(arena.peers[0])
    arena.set_priority(arena.peers[0].tcb, ROOT_PRIORITY)
    _send(arena, Syscall.CALL, "full", _message(1, 0, 0, 1))
    fast = _send(arena, Syscall.REPLY_WAIT, "full", _message(0xFFFFF, 5, caps, length))
    assert fast == _reply_fast("full", length, caps, 0)
    assert arena.lock.current == arena.lock.root


@pytest.mark.parametrize("cap", ALL_CAPS)
@pytest.mark.parametrize("delta", DELTAS)
def test_reply_wait_rights_and_priorities(arena: Arena, cap: str, delta: int) -> None:
    """ReplyWait at anything, to a caller of lower, equal or higher priority."""
    arena.park(arena.peers[2])
    _send(arena, Syscall.CALL, "full", _message(1, 0, 0, 1))
    arena.set_priority(arena.lock.root, PEER_PRIORITY + delta)
    fast = _send(arena, Syscall.REPLY_WAIT, cap, _message(2, 0, 0, 2))
    assert fast == _reply_fast(cap, 2, 0, delta)


@pytest.mark.parametrize("queue", ["empty", "receiving", "sending"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_reply_wait_endpoint_states(arena: Arena, queue: str, count: int) -> None:
    """ReplyWait where others wait already (it joins them) or senders wait (Python)."""
    server, *others = arena.peers
    arena.park(server)
    _send(arena, Syscall.CALL, "full", _message(1, 0, 0, 1))
    arena.set_priority(arena.lock.root, PEER_PRIORITY)
    lock = arena.lock
    # The server starts the others, which run at the same priority as it does.
    for peer in others[: count if queue != "empty" else 0]:
        words = (1, 3, 0x1_0000, 0, 0)
        lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, words)
        lock.invoke(Syscall.YIELD, 0)
        while lock.current != peer.tcb:
            lock.invoke(Syscall.YIELD, 0)
        number = Syscall.WAIT if queue == "receiving" else Syscall.SEND
        lock.invoke(number, arena.caps["full"], (7, 8))
        assert lock.current == server.tcb
    fast = _send(arena, Syscall.REPLY_WAIT, "full", _message(2, 0, 0, 2))
    assert fast == (queue != "sending")


def test_reply_wait_without_a_caller(arena: Arena) -> None:
    """ReplyWait by a thread that owes no reply is left to Python."""
    arena.park(arena.peers[0])
    arena.set_priority(arena.peers[0].tcb, ROOT_PRIORITY)
    _send(arena, Syscall.SEND, "full", _message(1, 0, 0, 1))
    assert not _send(arena, Syscall.REPLY_WAIT, "full", _message(2, 0, 0, 2))
    assert arena.lock.current == arena.lock.root


@pytest.mark.parametrize("fault", [Fault.UNKNOWN_SYSCALL, Fault.CAP_FAULT])
@pytest.mark.parametrize("label", [0, 1])
def test_reply_wait_to_a_fault(arena: Arena, fault: Fault, label: int) -> None:
    """A reply to a fault is left to Python, which restarts or stops the thread."""
    lock, handler = arena.lock, arena.peers[0]
    arena.park(handler)
    lock.poke(lock.root + layout.TCB_FAULT_HANDLER, arena.caps["full"])
    if fault is Fault.UNKNOWN_SYSCALL:
        lock.invoke(100, 0, (1, 2, 3))
    else:
        lock.invoke(Syscall.CALL, arena.caps["outside"], (1, 2, 3))
    assert lock.current == handler.tcb
    assert lock.plain.machine.registers["r1"] >> 12 == fault
    assert not _send(arena, Syscall.REPLY_WAIT, "full", _message(label, 0, 0, 4))


def test_reply_wait_to_a_dead_address_space(arena: Arena) -> None:
    """A caller whose address space is gone is left to Python."""
    client, server = arena.peers[1], arena.peers[3]
    arena.park(server)
    arena.set_priority(server.tcb, PEER_PRIORITY)
    arena.start(client)
    assert _send(arena, Syscall.CALL, "full", _message(1, 0, 0, 1))
    assert arena.lock.current == server.tcb
    arena.kill_space(client)
    assert not _send(arena, Syscall.REPLY_WAIT, "full", _message(2, 0, 0, 2))


@pytest.mark.parametrize("cap", ALL_CAPS)
def test_wait_at_anything(arena: Arena, cap: str) -> None:
    """Wait needs an endpoint with Read; the ready thread of highest priority goes on."""
    lock = arena.lock
    arena.ready(arena.peers[0], 50)
    arena.ready(arena.peers[1], 60)
    lock.invoke(Syscall.WAIT, arena.caps[cap])
    assert lock.last_was_fast == (cap in READS)
    assert lock.current == arena.peers[1].tcb


@pytest.mark.parametrize("queue", ["sending", "calling"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_wait_where_senders_wait(arena: Arena, queue: str, count: int) -> None:
    """A waiting sender's message is taken by Python."""
    number = Syscall.SEND if queue == "sending" else Syscall.CALL
    for peer in arena.peers[:count]:
        arena.park(peer, "badged", number)
    arena.lock.invoke(Syscall.WAIT, arena.caps["full"])
    assert not arena.lock.last_was_fast
    badge = arena.lock.ks.load(arena.lock.root + layout.REGISTER_OFFSETS["r0"])
    assert badge == 0xFFF_FFFF


def test_wait_with_an_unused_reply(arena: Arena) -> None:
    """The right to reply is given up by Python; the caller stays blocked."""
    arena.park(arena.peers[0])
    _send(arena, Syscall.CALL, "full", _message(1, 0, 0, 1))
    arena.lock.poke(arena.peers[0].tcb + layout.TCB_PRIORITY, ROOT_PRIORITY)
    arena.lock.invoke(Syscall.WAIT, arena.caps["full"])
    assert not arena.lock.last_was_fast


def test_wait_when_the_next_thread_restarts(arena: Arena) -> None:
    """A fresh thread is in state Restart: its pc is set by Python."""
    lock, peer = arena.lock, arena.peers[1]
    lock.poke(peer.tcb + layout.TCB_PRIORITY, 3)
    lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, (1, 3, 0x1_0000, 0, 0))
    lock.invoke(Syscall.WAIT, arena.caps["full"])
    assert not lock.last_was_fast
    assert lock.current == peer.tcb


def test_wait_when_the_next_thread_has_no_space(arena: Arena) -> None:
    """A ready thread whose address space is gone is left to Python."""
    arena.ready(arena.peers[2], 10)
    arena.kill_space(arena.peers[2])
    arena.lock.invoke(Syscall.WAIT, arena.caps["full"])
    assert not arena.lock.last_was_fast


def test_wait_when_nobody_is_ready(arena: Arena) -> None:
    """The idle thread is Python's business, and the system is reported as stuck."""
    stop = arena.lock.invoke(Syscall.WAIT, arena.caps["full"])
    assert not arena.lock.last_was_fast
    assert stop.status == 3


@pytest.mark.parametrize("levels", [(0,), (31, 32), (0, 31), (32, 63, 64), (0, 1), (5, 5), (99,)])
def test_wait_takes_ready_threads_by_priority(arena: Arena, levels: tuple[int, ...]) -> None:
    """Ready queues at the edges of the bitmap's words, one thread or several on a level."""
    for peer, level in zip(arena.peers, levels, strict=False):
        arena.ready(peer, level)
    lock = arena.lock
    for turn, level in enumerate(sorted(levels, reverse=True)):
        lock.invoke(Syscall.WAIT, arena.caps["full"])
        assert lock.last_was_fast, turn
        assert lock.ks.load(lock.current + layout.TCB_PRIORITY) == level


@pytest.mark.parametrize("level", [0, 1, 31, 32, 63, 64, 127, 128, 223, 224, 254, 255])
def test_send_displaces_a_thread_at_every_edge(arena: Arena, level: int) -> None:
    """The displaced sender enters its ready queue, and a Wait takes it out again."""
    lock = arena.lock
    receiver = arena.peers[1]
    arena.park(receiver)
    for tcb in (lock.root, receiver.tcb):
        arena.set_priority(tcb, level)
    for _ in range(2):
        assert _send(arena, Syscall.SEND, "full", _message(1, 0, 0, 4))
        assert lock.ks.load(layout.KV_READY_BITMAP + 4 * (level // 32)) == 1 << level % 32
        assert lock.current == receiver.tcb
        lock.invoke(Syscall.WAIT, arena.caps["full"])
        assert lock.last_was_fast
        assert lock.current == lock.root


def _other_priorities(arena: Arena, levels: tuple[int, ...]) -> None:
    for peer, level in zip(arena.peers[1:], levels, strict=False):
        arena.ready(peer, level)


@pytest.mark.parametrize("levels", [(99,), (99, 99), (98, 64), (96, 32, 0), (99, 31, 31)])
def test_displaced_sender_among_others(arena: Arena, levels: tuple[int, ...]) -> None:
    """The displaced sender goes to the head of a level that has others, below and beside it."""
    lock, receiver = arena.lock, arena.peers[0]
    arena.park(receiver)
    _other_priorities(arena, levels)
    for tcb in (lock.root, receiver.tcb):
        arena.set_priority(tcb, 99)
    assert _send(arena, Syscall.SEND, "full", _message(1, 0, 0, 4))
    for _ in range(1 + len(levels)):
        lock.invoke(Syscall.WAIT, arena.caps["full"])
        assert lock.last_was_fast
    assert lock.ks.load(lock.current + layout.TCB_PRIORITY) == min(levels)


@pytest.mark.parametrize("seed", range(4))
def test_random_combinations(arena: Arena, seed: int) -> None:
    """Endpoint cap, receiver's cap, lengths, priorities and spaces in all mixtures."""
    source = random.Random(seed)
    taken = 0
    for _ in range(60):
        arena.reset()
        receivers = source.sample(arena.peers, source.randint(1, 4))
        receive_cap = source.choice(("full", "full", "badged", "receive", "receive grant"))
        for peer in receivers:
            arena.park(peer, receive_cap)
        delta, reply_delta = source.choice(DELTAS), source.choice(DELTAS)
        arena.set_priority(receivers[0].tcb, ROOT_PRIORITY + delta)
        number = source.choice((Syscall.CALL, Syscall.SEND))
        cap = source.choice(("full", "badged", "badge 1", "send", "send grant"))
        length = source.choice((0, 1, 2, 3, 4, 4, 5))
        fast = _send(arena, number, cap, _message(source.getrandbits(20), 0, 0, length))
        writes = receive_cap in WRITES
        assert fast == _sends_fast(number, cap, length, 0, delta, receiver_writes=writes)
        taken += fast
        if arena.lock.current == receivers[0].tcb and number == Syscall.CALL and fast:
            arena.set_priority(arena.lock.root, ROOT_PRIORITY + delta + reply_delta)
            cap, length = source.choice(ALL_CAPS), source.choice((0, 1, 2, 3, 4, 5))
            fast = _send(arena, Syscall.REPLY_WAIT, cap, _message(length, 1, 0, length))
            assert fast == _reply_fast(cap, length, 0, reply_delta)
            taken += fast
    assert taken >= 20


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND, Syscall.WAIT, Syscall.REPLY_WAIT])
def test_every_capability_of_the_arena(arena: Arena, number: int) -> None:
    """Only endpoint capabilities are taken, whatever the words of the others look like."""
    lock = arena.lock
    arena.park(arena.peers[0])
    arena.ready(arena.peers[1], 50)
    if number == Syscall.REPLY_WAIT:
        arena.set_priority(arena.peers[0].tcb, ROOT_PRIORITY)
        _send(arena, Syscall.CALL, "full", _message(0, 0, 0, 0))
    start, right = lock.save(), abi.RIGHT_WRITE
    if number in (Syscall.WAIT, Syscall.REPLY_WAIT):
        right = abi.RIGHT_READ
    for index in range(arena.next_slot):
        lock.restore(start)
        cap = lock.slot(index)
        is_endpoint = lock.ks.get(cap, layout.CAP_TYPE) == layout.CapType.ENDPOINT
        allowed = is_endpoint and lock.ks.get(cap, layout.ENDPOINT_RIGHTS) & right
        if number == Syscall.CALL and is_endpoint:
            allowed = allowed and lock.ks.get(cap, layout.ENDPOINT_RIGHTS) & abi.RIGHT_GRANT
        if right == abi.RIGHT_WRITE and is_endpoint:
            allowed = allowed and lock.object_at(index) == lock.object_at(arena.caps["full"])
        lock.invoke(number, index)
        assert lock.last_was_fast == bool(allowed), index


def test_node_argument_is_used(arena: Arena) -> None:
    """The arena's capabilities are what their names say."""
    lock = arena.lock
    for name, index in arena.caps.items():
        if name in WRITES | GRANTS | READS:
            rights = lock.ks.get(lock.slot(index), layout.ENDPOINT_RIGHTS)
            assert bool(rights & abi.RIGHT_WRITE) == (name in WRITES)
            assert bool(rights & abi.RIGHT_READ) == (name in READS)
            assert bool(rights & abi.RIGHT_GRANT) == (name in GRANTS)
    assert NODE == (2,)
