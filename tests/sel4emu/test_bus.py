# SPDX-License-Identifier: BSD-2-Clause
"""The physical address space."""

import pytest

from sel4emu.bus import Memory, undefined_instruction
from tests.sel4emu.conftest import RAM, Bare


class Recorder:
    """A device that keeps what is written and answers with offset and size."""

    def __init__(self) -> None:
        self.writes: list[tuple[int, int, int]] = []

    def read(self, offset: int, size: int) -> int:
        """Tell where it was read."""
        return offset << 8 | size

    def write(self, offset: int, size: int, value: int) -> None:
        """Keep it."""
        self.writes.append((offset, size, value))


def test_memory_views_are_one(bare: Bare) -> None:
    """Bytes, words and the guest see the same memory, at once."""
    memory = bare.machine.bus.memory_at(RAM, 4)
    assert memory is not None
    bare.run("ldr r0, =0x80001000\nldr r1, =0x12345678\nstr r1, [r0]\ndone: b done")
    assert memory.words[0x400] == 0x1234_5678
    memory.words[0x400] = 0xAABB_CCDD
    assert memory.data[0x1000] == 0xDD
    bare.run("ldr r0, =0x80001000\nldrb r2, [r0, #3]\ndone: b done")
    assert bare["r2"] == 0xAA


def test_device_window(bare: Bare) -> None:
    """A device sees offsets and sizes; its window is rounded up to pages."""
    device = Recorder()
    bare.machine.bus.add_device(0x6900_0000, 0x10, device)
    bare.run(
        """
        ldr r0, =0x69000000
        ldr r1, [r0, #4]
        ldrh r2, [r0, #6]
        ldrb r3, [r0, #0xff]
        strb r0, [r0, #1]
        strh r3, [r0, #2]
        str r0, [r0, #0xf00]
        stm r0, {r0, r1}
        done: b done
        """
    )
    assert (bare["r1"], bare["r2"], bare["r3"]) == (0x404, 0x602, 0xFF01 & 0xFF)
    assert device.writes == [
        (1, 1, 0), (2, 2, 1), (0xF00, 4, 0x6900_0000), (0, 4, 0x6900_0000), (4, 4, 0x404)
    ]  # fmt: skip


def test_host_access_to_devices(bare: Bare) -> None:
    """The host reads and writes device registers by physical address; elsewhere ValueError."""
    device = Recorder()
    bus = bare.machine.bus
    bus.add_device(0x6900_0000, 0x1000, device)
    bus.write_device(0x6900_0008, 7)
    assert bus.read_device(0x6900_0008) == 0x804 and device.writes == [(8, 4, 7)]
    assert bus.device_at(0x6900_1000) is None
    with pytest.raises(ValueError, match="0x69001000"):
        bus.read_device(0x6900_1000)
    assert bus.ranges() == [(0x1FFF_C000, 0x1FFF_FFFF), (0x8000_0000, 0x87FF_FFFF)]


def test_rom_refuses_the_guest(bare: Bare) -> None:
    """A guest's store to ROM is an external abort and changes nothing."""
    before = bare.machine.read_physical(0, 0x40)
    bare.load("mov r0, #0x100\nstr r0, [r0]\nb .\ndone: b done", dabt="done")
    before = bare.machine.read_physical(0, 0x200)
    bare.go()
    assert bare.machine.read_physical(0, 0x200) == before


def test_boot_rom_words() -> None:
    """Each vector of the boot ROM is an undefined instruction of its own."""
    rom = Memory("rom", 0, 0x1000, writable=False)
    rom.fill_as_boot_rom()
    assert len({int(rom.words[n]) for n in range(9)}) == 9
    assert undefined_instruction(0xFF08) == 0xE7FF_F0F8 == rom.words[100]
