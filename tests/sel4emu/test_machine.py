# SPDX-License-Identifier: BSD-2-Clause
"""The machine's face: registers, memory, images, counters."""

import pytest

from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment
from sel4emu.machine import Machine
from sel4emu.mmu import TranslationFault
from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, Bare


def image(address: int, data: bytes, memory_size: int, entry: int) -> Image:
    """An image of one segment."""
    segment = Segment(vaddr=address, paddr=address, data=data, memory_size=memory_size)
    symbols = {"start": address, "later": address + 8}
    return Image("test.elf", (segment,), entry, symbols)


def test_reset_state(bare: Bare) -> None:
    """After reset: PC 0, SVC mode, everything masked, ARM state, all other registers 0."""
    registers = dict(bare.machine.registers)
    assert registers.pop("cpsr") & 0x3FF == 0x1D3
    assert set(registers.values()) == {0}
    assert bare.machine.cycles == 0


def test_registers_by_name(bare: Bare) -> None:
    """All registers, the banks of other modes, and KeyError for names that do not exist."""
    registers = bare.machine.registers
    for n, mode in enumerate(("usr", "fiq", "irq", "svc", "abt", "und")):
        registers[f"sp_{mode}"] = 0x1000 * (n + 1)
        registers[f"lr_{mode}"] = 0xFFFF_FFF0 + n
    registers["spsr_irq"] = 0x6000_0010
    assert registers["sp"] == registers["sp_svc"] == 0x4000
    assert [registers[f"sp_{mode}"] for mode in ("usr", "sys", "und")] == [0x1000, 0x1000, 0x6000]
    assert registers["lr_fiq"] == 0xFFFF_FFF1 and registers["spsr_irq"] == 0x6000_0010
    assert registers["cpsr"] & 0x1F == 0x13
    for name in ("r16", "sp_foo", "pc_irq", "r0_irq", "", "xpsr"):
        with pytest.raises(KeyError):
            registers[name]
        with pytest.raises(KeyError):
            registers[name] = 1
    with pytest.raises(TypeError):
        del registers["r0"]
    assert len(registers) == len(list(registers)) == 17


def test_setting_pc_keeps_the_state(bare: Bare) -> None:
    """In Thumb state a new PC stays in Thumb state."""
    bare.put(RAM, 0x2005_2004)  # movs r0, #4; movs r0, #5
    bare["cpsr"] = 0x1F3
    bare["pc"] = RAM + 2
    bare.machine.step()
    assert bare["r0"] == 5 and bare["cpsr"] & 0x20


def test_load(bare: Bare) -> None:
    """Segments at their addresses, the rest of each zeroed, PC at the entry, symbols known."""
    bare.put(RAM + 0x104, 0xFFFF_FFFF)
    machine = bare.machine
    machine.load(image(RAM + 0x100, b"\x05\x00\xa0\xe3", 8, RAM + 0x100))
    assert (bare["pc"], bare.word(RAM + 0x104)) == (RAM + 0x100, 0)
    assert machine.symbol_at(RAM + 0x104) == "start+0x4"
    assert machine.symbol_at(0) is None
    machine.load(image(RAM + 0x100, b"\x05\x20\xfe\xe7", 4, RAM + 0x101))  # movs r0, #5; b .
    assert machine.run(RAM + 0x102, cycles=10).reason is StopReason.ADDRESS
    assert bare["r0"] == 5


@pytest.mark.parametrize("address", [0x7000_0000, 0, 0x87FF_FFFE, 0x43F9_0000])
def test_load_outside_ram(address: int) -> None:
    """A segment outside RAM is a mistake of the user: one sentence with the range."""
    with pytest.raises(InputError, match=f"test.elf: .*0x{address:08x}-.*outside .*0x80000000-"):
        Machine.from_board().load(image(address, b"1234", 8, address))


def test_unknown_board() -> None:
    """A board that is not there."""
    with pytest.raises(InputError):
        Machine.from_board("no_such_board")


def test_physical_memory(bare: Bare) -> None:
    """RAM and ROM can be read and written; holes and devices cannot."""
    machine = bare.machine
    machine.write_physical(0x87FF_FFFC, b"last")
    assert machine.read_physical(0x87FF_FFFC, 4) == b"last"
    for address, size in ((0x7000_0000, 1), (0x87FF_FFFD, 4), (0x43F9_0000, 4), (0x4000, 1)):
        with pytest.raises(ValueError, match=f"0x{address:08x}"):
            machine.read_physical(address, size)
        with pytest.raises(ValueError, match=f"0x{address:08x}"):
            machine.write_physical(address, bytes(size))


def paged(bare: Bare, mmu_on: str) -> None:
    """Three pages from 0x4000_0000: RAM, other RAM for the privileged, a device; then nothing."""
    bare.tables.identity()
    bare.tables.page(0x4000_0000, RAM + 0x20_0000)
    bare.tables.page(0x4000_1000, RAM + 0x28_0000, 0x10)
    bare.tables.page(0x4000_2000, 0x43F9_0000)
    bare.tables.hole(0x4000_3000)
    bare.run(f"{mmu_on}\ndone: b done")


def test_virtual_memory(bare: Bare, mmu_on: str) -> None:
    """Reads and writes follow the page tables over borders, with the rights that are asked for."""
    paged(bare, mmu_on)
    machine = bare.machine
    machine.write_virtual(0x4000_0FFE, b"abcd")
    assert machine.read_virtual(0x4000_0FFE, 4) == b"abcd"
    assert machine.read_physical(RAM + 0x20_0FFE, 2) == b"ab"
    assert machine.read_physical(RAM + 0x28_0000, 2) == b"cd"
    assert machine.translate(0x4000_1004) == RAM + 0x28_0004
    with pytest.raises(TranslationFault, match="01111"):
        machine.translate(0x4000_1004, privileged=False)
    with pytest.raises(ValueError, match="0x40001000 is not mapped"):
        machine.read_virtual(0x4000_0FFE, 4, privileged=False)
    with pytest.raises(ValueError, match="0x40003000"):
        machine.read_virtual(0x4000_3000, 1)


def test_virtual_write_is_all_or_nothing(bare: Bare, mmu_on: str) -> None:
    """Nothing is written where a part cannot be: not mapped, no memory, beyond the last address.

    The part in front of a device page was written before the device was found.
    """
    paged(bare, mmu_on)
    machine = bare.machine
    with pytest.raises(ValueError, match="0x43f90000"):
        machine.write_virtual(0x4000_1FFE, b"abcd")
    assert machine.read_physical(RAM + 0x28_0FFE, 2) == b"\0\0"
    with pytest.raises(ValueError, match="beyond the address space"):
        machine.read_virtual(0xFFFF_FFFE, 4)
    with pytest.raises(ValueError, match="beyond the address space"):
        machine.write_virtual(0xFFFF_FFFE, b"abcd")


def test_counters(bare: Bare) -> None:
    """Counters are whole numbers with these names; `charge` is modelled, not executed, time."""
    bare.run("mov r0, #1\ndone: b done")
    bare.machine.charge(100)
    counters = bare.machine.counters
    assert all(type(value) is int for value in counters.values())
    assert counters["cycles"] - counters["executed"] == counters["modelled"] == 100
    assert {"idle", "instructions", "tlb_walks", "exception_irq", "exception_data_abort"} <= set(
        counters
    )
    assert bare.machine.cycles == counters["cycles"]
