# SPDX-License-Identifier: BSD-2-Clause
"""The instruction at a fault, read through each kind of mapping that a thread may have."""

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap
from kernel.instruction import CPSR_THUMB, UNREADABLE, Instruction, instruction_at_fault
from kernel.layout import Trap
from kernel.object import vspace
from tests.kernel.conftest import IMAGE_VADDR, World

#: Two Thumb instructions, or one for ARM.
WORD = 0xDE05_E301


def _directory(world: World) -> int:
    return world.ks.get(world.slot(InitialCap.VSPACE), layout.PAGE_DIRECTORY_POINTER)


def _at(world: World, pc: int, cpsr: int = abi.USER_CPSR) -> Instruction:
    world.ks.store(world.root_thread + layout.TCB_RESTART_PC, pc)
    world.ks.store(world.root_thread + layout.TCB_CPSR, cpsr)
    return instruction_at_fault(world.ks, world.root_thread)


def _physical_of_image(world: World) -> int:
    return world.parameters.image_physical_start


def test_arm_and_thumb(world: World) -> None:
    """Four bytes in ARM state; in Thumb state the two at the address."""
    pc = IMAGE_VADDR + 0x1008
    world.ks.store(layout.window_address(_physical_of_image(world) + 0x1008), WORD)
    assert _at(world, pc) == (WORD, 4)
    thumb = abi.USER_CPSR | CPSR_THUMB
    assert [_at(world, pc + offset, thumb) for offset in (0, 2)] == [(0xE301, 2), (0xDE05, 2)]


@pytest.mark.parametrize("size_bits", list(vspace.SHAPES))
def test_every_size_of_frame(world: World, size_bits: int) -> None:
    """Small and large pages, sections and supersections are followed to the right word."""
    ks, physical = world.ks, _physical_of_image(world) + 0x24
    frame = physical & -(1 << size_bits)
    vaddr = (3 << size_bits) + physical - frame
    entry = vspace.directory_entry(_directory(world), vaddr)
    if size_bits < abi.SECTION_BITS:
        entry = vspace.table_entry(vspace.table_of(ks, _directory(world), vaddr), vaddr)
    ks.store(entry, vspace.descriptor(size_bits, frame, layout.VmRights.READ_WRITE, 0))
    ks.store(layout.window_address(physical), WORD)
    assert _at(world, vaddr) == (WORD, 4)


@pytest.mark.parametrize(
    "pc", [0, IMAGE_VADDR + 0x8_0000, 0x5000_0000, layout.WINDOW_BASE, 0xFFFF_0000]
)
def test_nothing_there(world: World, pc: int) -> None:
    """An address without a user mapping is not read, the kernel's own neither."""
    assert _at(world, pc) == UNREADABLE


def test_device_registers_are_not_read(world: World) -> None:
    """A frame outside RAM is left alone: to read a device may change it."""
    table = vspace.table_of(world.ks, _directory(world), IMAGE_VADDR)
    entry = vspace.table_entry(table, IMAGE_VADDR)
    device = vspace.descriptor(abi.SMALL_PAGE_BITS, 0x43F9_0000, layout.VmRights.READ_WRITE, 0)
    world.ks.store(entry, device)
    assert _at(world, IMAGE_VADDR) == UNREADABLE


def test_no_address_space(world: World) -> None:
    """A thread without an address space has no instruction to show."""
    _, tcb = world.thread(100)
    world.ks.store(tcb + layout.TCB_VTABLE, 0)
    assert instruction_at_fault(world.ks, tcb) == UNREADABLE


def test_the_log_has_it(world: World) -> None:
    """Without a handler, the line about the thread shows the encoding, if it can be read."""
    world.ks.store(layout.window_address(_physical_of_image(world)), 0xE301_0234)
    world.ks.store(world.root_thread + layout.TCB_RESTART_PC, IMAGE_VADDR)
    world.trap(Trap.USER_EXCEPTION)
    assert "stops: undefined instruction 0xe3010234; no fault handler is set" in world.port.logs[-1]
