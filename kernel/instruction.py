# SPDX-License-Identifier: BSD-2-Clause
"""Reads the instruction at which a thread faulted, as its own address space maps it.

Only reports need it: the message about an undefined instruction has no word for it (ABI 5.3). It
is read when the fault happens, because mapping and contents may be others when it is reported.
"""

from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.object import vspace
from kernel.object.capability import read_cap
from kernel.state import State

CPSR_THUMB: Final = 1 << 5
_THUMB_BYTES: Final = 2


class Instruction(NamedTuple):
    """An encoding and its size in bytes: 4, 2 for Thumb, 0 where it cannot be read."""

    encoding: int
    size: int


UNREADABLE: Final = Instruction(0, 0)


def instruction_at_fault(ks: State, tcb: int) -> Instruction:
    """The instruction at a thread's `restart_pc`, or UNREADABLE."""
    pc = ks.load(tcb + layout.TCB_RESTART_PC)
    physical = _physical(ks, _directory(ks, tcb), pc)
    if not vspace.is_ram(physical):
        return UNREADABLE
    word = ks.load(layout.window_address(physical & -abi.WORD_BYTES))
    if not ks.load(tcb + layout.TCB_CPSR) & CPSR_THUMB:
        return Instruction(word, abi.WORD_BYTES)
    return Instruction(word >> 8 * (pc & _THUMB_BYTES) & 0xFFFF, _THUMB_BYTES)


def _directory(ks: State, tcb: int) -> int:
    """The PageDirectory of a thread's address space, 0 where it has none."""
    cap = read_cap(ks, tcb + layout.TCB_VTABLE)
    if not vspace.is_vspace(cap):
        return 0
    return vspace.directory_of_asid(ks, cap.get(layout.PAGE_DIRECTORY_ASID))


def _physical(ks: State, directory: int, vaddr: int) -> int:
    """What a user address is mapped to; 0, which is not RAM, where it is not mapped."""
    if not directory or vaddr >= layout.WINDOW_BASE:
        return 0
    entry = ks.load(vspace.directory_entry(directory, vaddr))
    kind = entry & vspace.L1_TYPE_MASK
    if kind == vspace.L1_SECTION:
        is_super = entry & vspace.L1_SUPERSECTION_BIT
        return _inside(entry, vaddr, abi.SUPER_SECTION_BITS if is_super else abi.SECTION_BITS)
    if kind != vspace.L1_COARSE:
        return 0
    entry = ks.load(vspace.table_entry(vspace.table_of(ks, directory, vaddr), vaddr))
    if entry & vspace.L2_SMALL:
        return _inside(entry, vaddr, abi.SMALL_PAGE_BITS)
    is_large = entry & vspace.L2_TYPE_MASK == vspace.L2_LARGE
    return _inside(entry, vaddr, abi.LARGE_PAGE_BITS) if is_large else 0


def _inside(entry: int, vaddr: int, size_bits: int) -> int:
    """The physical address of `vaddr` in the frame that an entry maps."""
    offsets = (1 << size_bits) - 1
    return entry & abi.WORD_MASK & ~offsets | vaddr & offsets
