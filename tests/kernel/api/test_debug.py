# SPDX-License-Identifier: BSD-2-Clause
"""The debug system calls: names, identification, the snapshot on the console."""

import pytest

from kernel import abi, layout
from kernel.abi import CapTag, InitialCap, ObjectType, Syscall
from kernel.api.debug import cap_tag
from kernel.layout import CapType
from kernel.object.capability import make_cap
from kernel.snapshot import snapshot_lines
from kernel.thread import debug_name
from tests.kernel.conftest import World


def _put_name(world: World, name: bytes) -> None:
    padded = name.ljust(-(-len(name) // 4) * 4 + 4, b"\0")
    for at in range(0, len(padded), 4):
        word = int.from_bytes(padded[at : at + 4], "little")
        world.ks.store(world.buffer + abi.IPC_MSG + at, word)


def test_snapshot_goes_to_the_console(world: World) -> None:
    """The lines of the picture stand on UART1, each ended as DebugPutChar ends them."""
    expected = list(snapshot_lines(world.ks))
    world.port.console = ""
    world.syscall(Syscall.DEBUG_SNAPSHOT)
    assert world.port.console == "".join(f"{line}\n\r" for line in expected)
    assert world.port.logs == []


def test_snapshot_changes_nothing(world: World) -> None:
    """The picture is taken without a store to memory, and the caller goes on behind the call."""
    svc = world.register("pc")
    memory = bytes(world.port.ram)
    world.syscall(Syscall.DEBUG_SNAPSHOT)
    assert world.register("pc") == svc + 4
    thread = world.root_thread - layout.WINDOW_BASE
    changed = [
        n for n in range(0, len(memory), 4) if memory[n : n + 4] != world.port.ram[n : n + 4]
    ]
    assert {n for n in changed if not thread <= n < thread + 512} == set()


@pytest.mark.parametrize("length", [0, 1, 4, 30, 31, 32, 100])
def test_names_have_31_characters(world: World, length: int) -> None:
    """A longer name is cut, and the end of the field stays zero."""
    index, tcb = world.thread()
    _put_name(world, b"n" * length)
    world.syscall(Syscall.DEBUG_NAME_THREAD, index)
    assert debug_name(world.ks, tcb) == "n" * min(length, 31)
    last = world.ks.load(tcb + layout.TCB_NAME + layout.TCB_NAME_BYTES - 4)
    assert last >> 24 == 0


def test_new_name_replaces_the_old(world: World) -> None:
    """Nothing of a longer earlier name is left."""
    index, tcb = world.thread()
    for name in (b"a long earlier name", b"short"):
        _put_name(world, name)
        world.syscall(Syscall.DEBUG_NAME_THREAD, index)
    assert debug_name(world.ks, tcb) == "short"


@pytest.mark.parametrize(
    ("cptr", "why"), [(InitialCap.CNODE, "is not a TCB"), (0x1_0002, "cannot be resolved")]
)
def test_what_cannot_be_named(world: World, cptr: int, why: str) -> None:
    """The log says what is wrong; no thread is named."""
    _put_name(world, b"name")
    world.syscall(Syscall.DEBUG_NAME_THREAD, cptr)
    assert why in world.port.logs[-1]
    assert debug_name(world.ks, world.root_thread) == ""


def test_naming_needs_a_buffer(world: World) -> None:
    """A thread without an IPC buffer has nowhere to put a name."""
    index, tcb = world.thread()
    world.run(tcb)
    world.syscall(Syscall.DEBUG_NAME_THREAD, index)
    assert "no IPC buffer" in world.port.logs[-1]


def test_every_type_has_its_tag(world: World) -> None:
    """DebugCapIdentify answers for every type of capability, and tells small frames apart."""
    tags = {kind: cap_tag(make_cap(kind)) for kind in CapType}
    assert len(set(tags.values())) == len(CapType)
    assert tags[CapType.FRAME] is CapTag.SMALL_FRAME
    section = world.make(ObjectType.SECTION)
    assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, section).badge == CapTag.LARGER_FRAME
    assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, 60000).badge == CapTag.NULL


def test_dead_uart_does_not_hang_the_kernel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transmitter that is never ready delays a character, but not for ever."""
    load = world.port.load
    status = layout.KERNEL_UART1 + 0x94
    monkeypatch.setattr(world.ks, "load", lambda at: 0 if at == status else load(at))
    world.syscall(Syscall.DEBUG_PUT_CHAR, ord("x"))
    assert world.port.console == "x"
