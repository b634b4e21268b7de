# SPDX-License-Identifier: BSD-2-Clause
"""The processor object: what Python does to it from outside."""

import pytest

from sel4emu.cpu import Processor
from tests.sel4emu.conftest import RAM, TABLE, Bare

PAGE = 0x4000_7000


def test_unknown_level() -> None:
    """Levels of timing are a closed set."""
    with pytest.raises(AssertionError):
        Processor("fast", [])


def test_registers_of_a_mode(bare: Bare) -> None:
    """Reading a bank leaves the mode as it was."""
    bare["sp_und"] = 0x1B0
    cpu = bare.machine.cpu
    status = bare["cpsr"]
    assert cpu.read_in_mode("sp", 0x1B) == 0x1B0
    assert bare["cpsr"] == status and cpu.mode == 0x13 and not cpu.thumb


def stale(bare: Bare, mmu_on: str) -> None:
    """PAGE read once under ASID 5, then mapped anew in the table only."""
    attributes = 0x830
    bare.tables.identity()
    bare.tables.page(PAGE, RAM + 0x20_0000, attributes)
    bare.put(RAM + 0x20_0000, 11)
    bare.put(RAM + 0x20_1000, 22)
    bare.run(
        f"""
        {mmu_on}
        mov r0, #5
        mcr p15, 0, r0, c13, c0, 1
        ldr r1, ={PAGE}
        ldr r2, [r1]
        done: ldr r2, [r1]
        end: b end
        """
    )
    bare.tables.page(PAGE, RAM + 0x20_1000, attributes)


@pytest.mark.parametrize(
    ("flush", "seen"),
    [
        ("none", 11), ("asid 5", 22), ("asid 4", 11), ("all", 22), ("address 5", 22),
        ("address 4", 11),
    ],
)  # fmt: skip
def test_invalidation_by_python(bare: Bare, mmu_on: str, flush: str, seen: int) -> None:
    """The kernel in Python invalidates as the guest's MCRs would."""
    stale(bare, mmu_on)
    cpu = bare.machine.cpu
    name, _, asid = flush.partition(" ")
    if name == "asid":
        cpu.invalidate_tlb_asid(int(asid))
    elif name == "all":
        cpu.invalidate_tlb()
    elif name == "address":
        cpu.invalidate_tlb_address(PAGE + 0x123, int(asid))
    bare.go("end")
    assert bare["r2"] == seen


def test_address_space_set_by_python(bare: Bare, mmu_on: str) -> None:
    """A new table and ASID are in force at once, and read back by the guest."""
    stale(bare, mmu_on)
    bare.machine.cpu.set_address_space(TABLE, 6)
    bare.go("end")
    assert bare["r2"] == 22
    bare.run("mrc p15, 0, r0, c2, c0, 0\nmrc p15, 0, r1, c13, c0, 1\ndone: b done")
    assert (bare["r0"], bare["r1"]) == (TABLE, 6)


def test_instruction_at(bare: Bare) -> None:
    """Words in ARM state, half-words at odd ones, 0 where nothing is mapped."""
    bare.put(RAM, 0x2222_1111, 0x4444_3333)
    cpu = bare.machine.cpu
    assert cpu.instruction_at(RAM) == 0x2222_1111
    assert cpu.instruction_at(RAM + 2) & 0xFFFF == 0x2222
    assert cpu.instruction_at(0x7000_0000) == 0
    assert cpu.instruction_at(0x87FF_FFFE) == 0  # the last half-word of RAM
