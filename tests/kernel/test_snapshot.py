# SPDX-License-Identifier: BSD-2-Clause
"""The picture of all capabilities says what there is, and where."""

import pytest

from kernel import abi, layout, limits
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.object import mdb
from kernel.object.capability import read_cap
from kernel.snapshot import Snapshot, cap_text, object_name, snapshot_lines
from tests.kernel.conftest import World


def _sections(world: World) -> dict[str, list[str]]:
    """Lines of each section without their first indentation."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in snapshot_lines(world.ks):
        if line.endswith(" {"):
            name = line.removesuffix(" {")
            found[name] = []
        elif line.startswith("  "):
            found[name].append(line[2:])
    return found


def _name(world: World, index: int) -> str:
    return object_name(read_cap(world.ks, world.slot(index)))


def _counted(lines: list[str]) -> int:
    """How many things the lines stand for: `x 3` at the end is three."""
    return sum(int(line.rsplit(" x ", 1)[1]) if " x " in line else 1 for line in lines)


def test_every_capability_is_shown_once(world: World) -> None:
    """Each listed slot is in `caps` and in `cdt`; the first line has their number."""
    world.thread()
    sections = _sections(world)
    total = len(list(mdb.listed_slots(world.ks)))
    assert _counted([line for line in sections["caps"] if line.startswith("  ")]) == total
    assert _counted(sections["cdt"]) == total
    assert next(snapshot_lines(world.ks)).startswith(f"snapshot: {total} capabilities")


def test_objects(world: World) -> None:
    """Threads with name, state and priority; endpoints with their queue; sizes elsewhere."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, tcb = world.thread(77)
    world.ks.store(tcb + layout.TCB_NAME, int.from_bytes(b"abc", "little"))
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    cnode = world.make(ObjectType.CNODE, 5)
    lines = _sections(world)["objects"]
    assert f"{_name(world, endpoint)} = ep (receiving: tcb_{tcb:08x})" in lines
    assert f"{_name(world, cnode)} = cnode (5 bits)" in lines
    (thread,) = [line for line in lines if line.startswith(f"tcb_{tcb:08x}")]
    assert 'name: "abc", blocked_on_receive, prio: 77, ip: 0x20000' in thread
    assert "frame_a0000000 = frame (1M, paddr: 0xa0000000, device) x 64" in lines


def test_signalled_endpoint(world: World) -> None:
    """A stored signal is shown with word and badge."""
    signal = world.make(ObjectType.ASYNC_ENDPOINT)
    world.syscall(Syscall.SEND, world.mint(signal, 4), (0x10,))
    lines = _sections(world)["objects"]
    assert f"{_name(world, signal)} = aep (signalled 0x10, badge: 4)" in lines


def test_capabilities_by_slot(world: World) -> None:
    """A slot is named by its container and number, with rights, badge, guard and mapping."""
    endpoint = world.make(ObjectType.ENDPOINT)
    badged = world.mint(endpoint, 9, abi.RIGHT_WRITE)
    lines = _sections(world)["caps"]
    assert f"  0x{badged:x}: {_name(world, endpoint)} (W, badge: 9)" in lines
    assert f"  0x2: {_name(world, InitialCap.CNODE)} (guard: 0x0, guard_size: 16)" in lines
    assert f"  0x3: {_name(world, InitialCap.VSPACE)} (asid: 1)" in lines
    frame = _name(world, InitialCap.IPC_BUFFER)
    assert (
        f"  0xa: {frame} (RW, asid: 1, vaddr: 0x{world.parameters.ipc_buffer_vaddr:08x})" in lines
    )
    thread = lines.index(f"tcb_{world.root_thread:08x}:")
    assert lines[thread + 1].startswith("  cspace: cnode_")
    assert lines[thread + 2].startswith("  vspace: pd_")
    assert lines[thread + 3] == f"  ipc_buffer: {frame} (RW)"


def test_reply_capabilities_are_shown(world: World) -> None:
    """Outside the derivation list, but in the picture: who may reply to whom."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, tcb = world.thread(100)
    world.run(tcb)
    world.syscall(Syscall.CALL, endpoint)
    world.syscall(Syscall.WAIT, endpoint)
    assert f"  caller: reply_tcb_{tcb:08x}" in _sections(world)["caps"]


def test_registered_interrupt_is_shown(world: World) -> None:
    """The endpoint of a line is in the slot of that line."""
    handler, signal = world.next_slot(), world.make(ObjectType.ASYNC_ENDPOINT)
    words = (45, handler, 32)
    world.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, (InitialCap.CNODE,))
    world.call(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (signal,))
    lines = _sections(world)["caps"]
    at = lines.index("irq_node:")
    assert lines[at + 1] == f"  45: {_name(world, signal)} (RW)"


def test_derivation_is_indented_by_depth(world: World) -> None:
    """A child stands behind its parent, one step further right; masters are marked."""
    master = world.make(ObjectType.ENDPOINT)
    child = world.mint(master, 3)
    lines = _sections(world)["cdt"]
    root = _name(world, InitialCap.CNODE)
    name = _name(world, master)
    at = lines.index(f"  ({root}, 0x{master:x}) {name} master")
    assert lines[at + 1] == f"    ({root}, 0x{child:x}) {name}"
    assert mdb.depth(world.ks, world.slot(child)) == 2


def test_mapped_frames_are_not_drawn_together(world: World) -> None:
    """A row of frames that differ in more than their address keeps its lines."""
    first = world.make(ObjectType.SMALL_PAGE, 0, 4)
    together = [line for line in _sections(world)["caps"] if line.startswith(f"  0x{first:x}..")]
    assert len(together) == 1
    table = world.make(ObjectType.PAGE_TABLE)
    space = (InitialCap.VSPACE,)
    world.call(table, Label.PAGE_TABLE_MAP, (0x4000_0000, 3), space)
    world.call(first + 1, Label.PAGE_MAP, (0x4000_0000, 3, 3), space)
    lines = _sections(world)["caps"]
    assert [line for line in lines if line.startswith(f"  0x{first + 1:x}: ")]
    assert [line for line in lines if line.startswith(f"  0x{first + 2:x}..0x{first + 3:x}: ")]


def test_long_sections_are_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A section beyond the limit ends with the number of lines that are missing."""
    whole = len(_sections(world)["objects"])
    monkeypatch.setattr(limits, "SNAPSHOT_SECTION_LINES", 10)
    lines = _sections(world)["objects"]
    assert len(lines) == 11
    assert lines[-1] == f"... and {whole - 10} more lines"


def test_slot_outside_every_object(world: World) -> None:
    """A slot whose container has no capability any more is named by its address."""
    snapshot = Snapshot(world.ks)
    lost = layout.WINDOW_BASE + 0x80_0000
    assert snapshot.slot_text(lost) == f"(slot 0x{lost:08x})"


@pytest.mark.parametrize("kind", list(ObjectType)[:8], ids=lambda kind: kind.name)
def test_two_objects_have_two_names(world: World, kind: ObjectType) -> None:
    """A name tells objects apart, and copies share it."""
    sizes = {ObjectType.UNTYPED: 12, ObjectType.CNODE: 3}
    first = world.make(kind, sizes.get(kind, 0), 2)
    assert _name(world, first) != _name(world, first + 1)
    assert _name(world, world.copy(first)) == _name(world, first)
    assert cap_text(read_cap(world.ks, world.slot(first))).startswith(_name(world, first))


def test_half_deleted_objects(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the steps of a deletion the picture has the zombie, and its slots below its name."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)
    cnode = world.make(ObjectType.CNODE, 3)
    at = world.ks.get(world.slot(cnode), layout.CNODE_POINTER)
    root = (InitialCap.CNODE,)
    for place in range(8):
        words = (place, 3, InitialCap.DOMAIN, 32, 7)
        assert world.call(cnode, Label.CNODE_COPY, words, root).label == 0
    world.port.pending_irq = 33
    world.cnode(Label.CNODE_DELETE, (cnode, 32))
    name = f"zombie_cnode_{at:08x}"
    sections = _sections(world)
    assert f"  0x{cnode:x}: {name}" in sections["caps"]
    assert f"{name}:" in sections["caps"]
    assert [line for line in sections["cdt"] if f"({name}, 0x0) domain" in line]
