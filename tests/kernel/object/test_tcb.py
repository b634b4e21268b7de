# SPDX-License-Identifier: BSD-2-Clause
"""TCB methods and the life of a thread."""

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.layout import ThreadState
from kernel.schedule import thread_state
from tests.kernel.conftest import Refusal, Unchanged, World

SPACES = (InitialCap.CNODE, InitialCap.VSPACE)


def test_registers_are_read_as_written(world: World) -> None:
    """ReadRegisters gives the 17 words back in order; the CPSR is sanitised."""
    index = world.make(ObjectType.TCB)
    values = [0x1000 + 4 * n for n in range(17)]
    values[2] = 0xF000_01D3
    words = (0, 17, *values)
    assert world.call(index, Label.TCB_WRITE_REGISTERS, words).label == 0
    answer = world.call(index, Label.TCB_READ_REGISTERS, (0, 17))
    values[2] = 0xF000_0050
    assert (answer.length, answer.words) == (17, values)


def test_resumed_thread_runs_when_others_block(world: World) -> None:
    """A resumed thread of lower priority waits; it runs at its pc when the initial one stops."""
    _, tcb = world.thread(100)
    assert thread_state(world.ks, tcb) is ThreadState.RESTART
    world.call(InitialCap.TCB, Label.TCB_SUSPEND)
    assert world.ks.current == tcb
    assert world.register("pc", tcb) == 0x2_0000
    assert thread_state(world.ks, tcb) is ThreadState.RUNNING


def test_higher_thread_runs_at_once(world: World) -> None:
    """Raising a ready thread above the caller is refused; an equal one stays queued."""
    index, tcb = world.thread(255)
    assert world.ks.current == world.root_thread
    world.call(InitialCap.TCB, Label.TCB_SET_PRIORITY, (50,))
    assert world.ks.current == tcb
    answer_words = world.answer(world.root_thread)
    assert answer_words.label == 0
    world.run(world.root_thread)
    assert world.call(index, Label.TCB_SET_PRIORITY, (51,)).label == Error.ILLEGAL_OPERATION


REFUSALS = [
    ("label", Label.UNTYPED_RETYPE, (), (), Error.ILLEGAL_OPERATION, ()),
    ("read short", Label.TCB_READ_REGISTERS, (0,), (), Error.TRUNCATED_MESSAGE, ()),
    ("read none", Label.TCB_READ_REGISTERS, (0, 0), (), Error.RANGE_ERROR, (1, 17)),
    ("read many", Label.TCB_READ_REGISTERS, (0, 18), (), Error.RANGE_ERROR, (1, 17)),
    ("write short", Label.TCB_WRITE_REGISTERS, (0, 3, 1, 2), (), Error.TRUNCATED_MESSAGE, ()),
    ("copy no cap", Label.TCB_COPY_REGISTERS, (0,), (), Error.TRUNCATED_MESSAGE, ()),
    ("copy wrong", Label.TCB_COPY_REGISTERS, (0,), (2,), Error.INVALID_CAPABILITY, (1,)),
    ("short", Label.TCB_CONFIGURE, (0, 0, 0, 0), (2, 3, 10), Error.TRUNCATED_MESSAGE, ()),
    ("two caps", Label.TCB_CONFIGURE, (0,) * 5, (2, 3), Error.TRUNCATED_MESSAGE, ()),
    ("no cnode", Label.TCB_SET_SPACE, (0, 0, 0), (3, 3), Error.ILLEGAL_OPERATION, ()),
    ("no vspace", Label.TCB_SET_SPACE, (0, 0, 0), (2, 2), Error.ILLEGAL_OPERATION, ()),
    ("no frame", Label.TCB_SET_IPC_BUFFER, (0x1000,), (1,), Error.ILLEGAL_OPERATION, ()),
    ("unaligned", Label.TCB_SET_IPC_BUFFER, (0x1004,), (10,), Error.ALIGNMENT_ERROR, ()),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[case[0] for case in REFUSALS])
def test_refusals(world: World, unchanged: Unchanged, case: Refusal) -> None:
    """Each check answers with its error and details, and nothing has changed."""
    _, label, words, caps, error, details = case
    index = world.make(ObjectType.TCB)
    answer = unchanged(world, lambda: world.call(index, label, words, caps))
    assert answer.label == error
    if details:
        assert tuple(answer.words) == details


def test_own_registers_are_refused(world: World) -> None:
    """A thread cannot read or write its own registers."""
    for label, words in (
        (Label.TCB_READ_REGISTERS, (0, 17)),
        (Label.TCB_WRITE_REGISTERS, (0, 1, 0)),
    ):
        assert world.call(InitialCap.TCB, label, words).label == Error.ILLEGAL_OPERATION


def test_device_frame_is_no_ipc_buffer(world: World) -> None:
    """A device frame as IPC buffer is an IllegalOperation."""
    device = world.info(abi.BI_DEVICES + 8)
    index = world.make(ObjectType.TCB)
    answer = world.call(index, Label.TCB_SET_IPC_BUFFER, (0x1000,), (device,))
    assert answer.label == Error.ILLEGAL_OPERATION


def test_deleting_the_last_capability_stops_the_thread(world: World) -> None:
    """A destroyed thread is in no queue, and its own capabilities are gone (R4.55)."""
    index, tcb = world.thread()
    assert world.cnode(Label.CNODE_DELETE, (index, 32)).label == 0
    assert thread_state(world.ks, tcb) is ThreadState.INACTIVE
    types = {world.ks.get(tcb + slot, layout.CAP_TYPE) for slot in layout.TCB_SLOTS}
    assert types == {layout.CapType.NULL}


def test_revoking_the_cspace_strips_the_thread(world: World) -> None:
    """The roots in a TCB are children of the given capabilities."""
    cnode = world.make(ObjectType.CNODE, 4)
    index = world.make(ObjectType.TCB)
    tcb = world.ks.get(world.slot(index), layout.TCB_POINTER)
    assert world.call(index, Label.TCB_SET_SPACE, (0, 0, 0), (cnode, 3)).label == 0
    assert world.ks.get(tcb, layout.CAP_TYPE) == layout.CapType.CNODE
    world.cnode(Label.CNODE_REVOKE, (cnode, 32))
    assert world.ks.get(tcb, layout.CAP_TYPE) == layout.CapType.NULL


def test_copy_registers(world: World) -> None:
    """CopyRegisters moves the frame part, with pc, and the integer part as flagged."""
    source, target = world.make(ObjectType.TCB), world.make(ObjectType.TCB)
    values = list(range(0x100, 0x100 + 17 * 4, 4))
    values[2] = 0x50
    world.call(source, Label.TCB_WRITE_REGISTERS, (0, 17, *values))
    world.call(target, Label.TCB_COPY_REGISTERS, (abi.COPY_FRAME,), (source,))
    answer = world.call(target, Label.TCB_READ_REGISTERS, (0, 17))
    assert answer.words == values[:10] + [0] * 7
    world.call(target, Label.TCB_COPY_REGISTERS, (abi.COPY_INTEGER,), (source,))
    assert world.call(target, Label.TCB_READ_REGISTERS, (0, 17)).words == values
