# SPDX-License-Identifier: BSD-2-Clause
"""System calls: order of work, debug calls, lookups that fail."""

import pytest

from kernel import layout
from kernel.abi import CapTag, Error, InitialCap, Label, ObjectType, Syscall
from kernel.layout import CapType, ThreadState, Trap
from kernel.options import KernelOptions
from kernel.schedule import thread_state
from tests.kernel.conftest import World


def test_call_on_an_empty_slot_is_an_error(world: World) -> None:
    """A null capability is InvalidCapability(0), not a fault; Send gets no answer (R4.75)."""
    answer = world.call(60000, 1)
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    assert world.port.logs[-1].startswith("Untyped_Retype on an empty slot at address 0xea60: ")
    world.call(60000, 0)
    assert world.port.logs[-1].startswith("label 0 (no method) on an empty slot at address 0xea60:")
    assert thread_state(world.ks, world.root_thread) is ThreadState.RUNNING
    world.syscall(Syscall.SEND, 60000)
    assert world.register("r0") == 60000


def test_unresolvable_address_is_a_fault(world: World) -> None:
    """A guard mismatch stops a thread without a handler; the log says where and why."""
    world.syscall(Syscall.CALL, 0x1_0002)
    assert thread_state(world.ks, world.root_thread) is ThreadState.INACTIVE
    assert "0x10002" in world.port.logs[-1]
    assert "no fault handler" in world.port.logs[-1]


def test_nb_send_never_faults(world: World) -> None:
    """NBSend to an address that cannot be resolved does nothing."""
    world.syscall(Syscall.NB_SEND, 0x1_0002)
    assert thread_state(world.ks, world.root_thread) is ThreadState.RUNNING


def test_put_char(world: World) -> None:
    """A character goes to UART1, with CR after LF."""
    for char in b"hi\n":
        world.syscall(Syscall.DEBUG_PUT_CHAR, char)
    assert world.port.console == "hi\n\r"


def test_halt_prints_two_lines(world: World) -> None:
    """DebugHalt ends the run with status 0 after its two lines."""
    world.syscall(Syscall.DEBUG_HALT)
    assert world.port.console == (
        f"Debug halt syscall from user thread 0x{world.root_thread:x}\n\rhalting...\n\r"
    )
    assert [status for status, _ in world.port.halts] == [0]


@pytest.mark.parametrize(("value", "status"), [(0, 0), (1, 1), (77, 1)])
def test_exit(world: World, value: int, status: int) -> None:
    """DebugExit with any status but 0 ends the run with status 1."""
    world.syscall(Syscall.DEBUG_EXIT, value)
    assert world.port.halts[0][0] == status


def test_cap_identify(world: World) -> None:
    """DebugCapIdentify answers the tag, 0 for what cannot be found."""
    large = world.make(ObjectType.LARGE_PAGE)
    expected = {
        InitialCap.CNODE: CapTag.CNODE,
        InitialCap.IPC_BUFFER: CapTag.SMALL_FRAME,
        large: CapTag.LARGER_FRAME,
        InitialCap.IRQ_CONTROL: CapTag.IRQ_CONTROL,
        0x10000: CapTag.NULL,
    }
    for cptr, tag in expected.items():
        assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, cptr).badge == tag


def test_name_thread(world: World) -> None:
    """The name appears in reports about the thread."""
    world.ks.store(world.buffer + 4, int.from_bytes(b"init", "little"))
    world.syscall(Syscall.DEBUG_NAME_THREAD, InitialCap.TCB)
    world.syscall(0x55)
    assert "init" in world.port.logs[-1]


def test_cycles(world: World) -> None:
    """CycleRead answers the cycles since CycleReset."""
    world.port.now = 1000
    world.syscall(Syscall.CYCLE_RESET)
    world.port.now = 1234
    assert world.syscall(Syscall.CYCLE_READ).badge == 234


def test_no_debug_calls_in_a_release_kernel(world: World) -> None:
    """Without debug a debug call is an unknown system call."""
    world.kernel.state.options = KernelOptions(debug=False)
    world.syscall(Syscall.DEBUG_PUT_CHAR, ord("x"))
    assert world.port.console == ""
    assert thread_state(world.ks, world.root_thread) is ThreadState.INACTIVE


def _handled_thread(world: World) -> tuple[int, int]:
    """A thread whose faults come to the initial thread, which has it as current thread now."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, tcb = world.thread(100, fault_handler=endpoint)
    world.run(tcb)
    return endpoint, tcb


def test_unknown_syscall_is_delivered_and_answered(world: World) -> None:
    """The handler sees registers and number; its reply may move the thread past the SVC."""
    endpoint, tcb = _handled_thread(world)
    world.set_register("r4", 44, tcb)
    world.syscall(0x55)
    assert world.ks.current == world.root_thread
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.label, answer.length) == (3, 13)
    assert (answer.words[4], answer.words[8], answer.words[12]) == (44, 0x2_0000, 0x55)
    reply = list(answer.words[:12])
    reply[4], reply[8], reply[11] = 45, 0x2_0004, 0x8000_001F
    world.syscall(Syscall.REPLY, 0, tuple(reply))
    world.run(tcb)
    assert world.register("r4", tcb) == 45
    assert world.register("pc", tcb) == 0x2_0004
    assert world.register("cpsr", tcb) == 0x8000_0050


def test_page_fault_restarts_after_the_reply(world: World) -> None:
    """A page fault tells pc, address, kind and status; after the reply the access is repeated."""
    endpoint, tcb = _handled_thread(world)
    for address, word in (
        (layout.KV_FAULT_STATUS, 0x805),
        (layout.KV_FAULT_ADDRESS, 0xDEAD_0000),
        (layout.KV_FAULT_IS_FETCH, 0),
    ):
        world.ks.store(address, word)
    world.trap(Trap.VM_FAULT)
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.label, answer.words) == (2, [0x2_0000, 0xDEAD_0000, 0, 0x805])
    world.syscall(Syscall.REPLY, 0, (1, 2, 3, 4), label=1)
    assert thread_state(world.ks, tcb) is ThreadState.RESTART


@pytest.mark.parametrize(("label", "state"), [(0, ThreadState.RESTART), (1, ThreadState.INACTIVE)])
def test_reply_to_an_undefined_instruction(world: World, label: int, state: ThreadState) -> None:
    """A reply with a label other than 0 leaves the thread Inactive."""
    endpoint, tcb = _handled_thread(world)
    world.trap(Trap.USER_EXCEPTION)
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.label, answer.words[3:]) == (4, [0, 0])
    world.syscall(Syscall.REPLY, 0, (), label=label)
    assert thread_state(world.ks, tcb) is state


def test_wait_on_the_wrong_object_is_a_fault(world: World) -> None:
    """Waiting on a CNode is a capability fault in the receive phase with MissingCapability(0)."""
    endpoint, _ = _handled_thread(world)
    world.syscall(Syscall.WAIT, InitialCap.CNODE)
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.label, answer.words) == (1, [0x2_0000, InitialCap.CNODE, 1, 2, 0])


def test_interrupt_reaches_the_driver(world: World) -> None:
    """A line signals its AsyncEndpoint once, is masked, and comes again after Ack (R4.122)."""
    control = InitialCap.IRQ_CONTROL
    handler, endpoint = world.next_slot(), world.make(ObjectType.ASYNC_ENDPOINT)
    words = (45, handler, 32)
    root = (InitialCap.CNODE,)
    assert world.call(control, Label.IRQ_CONTROL_GET, words, root).label == 0
    assert world.call(control, Label.IRQ_CONTROL_GET, words, root).label == Error.REVOKE_FIRST
    timer = world.call(control, Label.IRQ_CONTROL_GET, (28, 60000, 32), root)
    assert timer.label == Error.REVOKE_FIRST
    badged = world.mint(endpoint, 4)
    assert world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (badged,)).label == 0
    world.port.pending_irq = 45
    world.port.device_stores.clear()
    world.trap(Trap.INTERRUPT)
    assert world.port.device_stores == [(layout.KERNEL_AVIC + 0xC, 45)]
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.badge, answer.words) == (4, [1 << 13])
    world.call(handler, Label.IRQ_HANDLER_ACK)
    assert world.port.device_stores[-1] == (layout.KERNEL_AVIC + 8, 45)
    world.cnode(Label.CNODE_DELETE, (handler, 32))
    assert world.call(control, Label.IRQ_CONTROL_GET, words, root).label == 0


def test_tick_turns_equal_threads_round_robin(world: World) -> None:
    """At the end of a slice the next thread of the same priority runs."""
    _, tcb = world.thread(255)
    world.port.pending_irq = 28
    order = []
    for _ in range(3):
        world.trap(Trap.INTERRUPT)
        order.append(world.ks.current)
    assert order == [tcb, world.root_thread, tcb]


def test_yield_goes_to_the_tail(world: World) -> None:
    """Yield lets the other threads of the level run first."""
    _, first = world.thread(255)
    world.syscall(Syscall.YIELD)
    assert world.ks.current == first


def test_stuck_system_is_reported(world: World) -> None:
    """With no runnable thread and no armed line the run ends with status 3 and a report."""
    endpoint = world.make(ObjectType.ENDPOINT)
    address = world.ks.get(world.slot(endpoint), layout.ENDPOINT_POINTER)
    world.syscall(Syscall.WAIT, endpoint)
    status, reason = world.port.halts[0]
    assert status == 3
    assert f"waits for a message on the endpoint 0x{address:08x}" in reason


def test_armed_line_is_not_stuck(world: World) -> None:
    """A registered interrupt line may still wake somebody, unless no device can raise it."""
    words = (45, world.next_slot(), 32)
    world.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, (InitialCap.CNODE,))
    world.syscall(Syscall.WAIT, world.make(ObjectType.ENDPOINT))
    assert world.port.halts == []
    world.port.more_interrupts = False
    world.trap(Trap.INTERRUPT)
    assert world.port.halts[0][0] == 3


def test_destroying_nested_cnodes(world: World) -> None:
    """A CNode inside a dying one is set aside, and dies when its Untyped is revoked (R4.85)."""
    outer = world.make(ObjectType.CNODE, 4)
    memory = world.untyped()
    inner = world.retype(memory, ObjectType.CNODE, 4)
    endpoint = world.make(ObjectType.ENDPOINT)
    pointer = {n: world.ks.get(world.slot(n), layout.CNODE_POINTER) for n in (outer, inner)}
    root = (InitialCap.CNODE,)
    words = (3, 4, inner, 32)
    assert world.call(outer, Label.CNODE_MOVE, words, root).label == 0
    held = pointer[inner] + 16 * 5
    reach = world.next_slot()
    copy = (reach, 32, 3, 4, 7)
    assert world.cnode(Label.CNODE_COPY, copy, (outer,)).label == 0
    assert world.call(reach, Label.CNODE_MOVE, (5, 4, endpoint, 32), root).label == 0
    assert world.ks.get(held, layout.CAP_TYPE) == CapType.ENDPOINT
    world.cnode(Label.CNODE_DELETE, (reach, 32))
    assert world.ks.get(held, layout.CAP_TYPE) == CapType.ENDPOINT
    world.cnode(Label.CNODE_DELETE, (outer, 32))
    assert world.ks.get(pointer[inner], layout.CAP_TYPE) == CapType.ZOMBIE
    assert world.ks.get(held, layout.CAP_TYPE) == CapType.ENDPOINT
    world.cnode(Label.CNODE_REVOKE, (memory, 32))
    assert world.ks.get(held, layout.CAP_TYPE) == CapType.NULL


def test_revoking_an_untyped_that_holds_its_own_capability(world: World) -> None:
    """Revoke survives that the revoked capability lies in a CNode made from itself."""
    untyped = world.untyped()
    cnode = world.retype(untyped, ObjectType.CNODE, 4)
    reach = world.copy(cnode)
    root = (InitialCap.CNODE,)
    assert world.call(cnode, Label.CNODE_MOVE, (1, 4, untyped, 32), root).label == 0
    assert world.call(cnode, Label.CNODE_REVOKE, (1, 4)).label == 0
    assert world.cap_type(cnode) is world.cap_type(reach) is CapType.NULL
