# SPDX-License-Identifier: BSD-2-Clause
"""Start-up code of bare programs: what is mapped and switched on when the program begins."""

from typing import Any, Final

import pytest

from sel4emu.asm import assemble
from sel4emu.bare import flat_startup
from sel4emu.board import load_board
from sel4emu.devices.l2cc import L2cc
from sel4emu.machine import Machine
from sel4emu.mmu import TranslationFault
from sel4emu.stop import StopReason

RAM: Final = 0x8000_0000
TABLE: Final = 0x8010_0000
STACK: Final = 0x8020_0000
VECTORS: Final = 0x8030_0000
PROGRAM: Final = "program: b program\n"

SCTLR_CACHES: Final = 1 << 12 | 1 << 2
SCTLR_OTHERS: Final = 1 << 23 | 1 << 22 | 1 << 11 | 1


def started(program: str = PROGRAM, **options: Any) -> Machine:
    """A machine that has run the start-up code up to the label `program`."""
    board = load_board("kzm_arm11")
    source = flat_startup(board, entry="program", table=TABLE, stack=STACK, **options)
    assembly = assemble(source + program, RAM)
    machine = Machine.from_board(timing="off")
    machine.write_physical(RAM, assembly.code)
    machine.symbols.update(assembly.labels)
    machine.registers["pc"] = RAM
    stop = machine.run(until="program", cycles=1_000_000)
    assert stop.reason is StopReason.ADDRESS, stop
    return machine


def descriptor(machine: Machine, address: int) -> int:
    """The first-level descriptor of an address."""
    return int.from_bytes(machine.read_physical(TABLE + (address >> 20) * 4, 4), "little")


@pytest.mark.parametrize("address", [0x0, 0x40_4000, 0x1FFF_C000, RAM, RAM + 0x7FF_FFFC])
def test_memory_is_flat_and_cacheable(address: int) -> None:
    """Every memory of the board is mapped at its own address, write-back and executable."""
    machine = started()
    assert machine.translate(address, "x") == address
    assert descriptor(machine, address) & 0xF_FFFF == 0x0C0E


@pytest.mark.parametrize("address", [0x43F9_0000, 0x5000_0000, 0x6800_0000, RAM + (128 << 20)])
def test_the_rest_is_device_memory(address: int) -> None:
    """What is no memory is non-shared device memory and cannot be executed."""
    machine = started()
    assert machine.translate(address, "w") == address
    assert descriptor(machine, address) & 0xF_FFFF == 0x2C12
    with pytest.raises(TranslationFault):
        machine.translate(address, "x", privileged=False)


@pytest.mark.parametrize("caches", [True, False])
def test_units_that_are_on(caches: bool) -> None:
    """MMU, predictors and, if asked for, both caches are on; the stack is set; L2 stays off."""
    machine = started(caches=caches)
    sctlr = int(machine.cpu.state[0]["sctlr"])
    assert sctlr & SCTLR_OTHERS == SCTLR_OTHERS
    assert sctlr & SCTLR_CACHES == (SCTLR_CACHES if caches else 0)
    assert machine.registers["sp"] == STACK
    assert not second_level_cache(machine).enabled


def second_level_cache(machine: Machine) -> L2cc:
    """The board's L2CC."""
    return next(m.device for m in machine.devices if isinstance(m.device, L2cc))


def test_second_level_cache_on_request() -> None:
    """With `l2` the controller is enabled, with the geometry that kernels give it."""
    cache = second_level_cache(started(l2=True))
    assert cache.enabled
    assert cache.read(0x104, 4) == 0x0003_001B


def test_small_pages() -> None:
    """A range can be mapped with 4 KB pages, each flat; what follows has sections again."""
    machine = started(pages=(RAM + (4 << 20), 2 << 20))
    for address in (RAM + (4 << 20), RAM + (6 << 20) - 4):
        assert descriptor(machine, address) & 3 == 1
        assert machine.translate(address, "x") == address
    assert descriptor(machine, RAM + (6 << 20)) & 3 == 2


def test_high_vectors() -> None:
    """With `vectors`, exceptions are taken through RAM mapped at the top."""
    program = """
    program:
        mov     r0, #0
        svc     #0
    stuck:
        b       stuck
    handler:
        mov     r0, #7
    done:
        b       done
    """
    machine = started(program, vectors=VECTORS)
    branch = assemble("ldr pc, [pc, #-4]\n.word 0", 0).code[:4]
    handler = machine.symbols["handler"].to_bytes(4, "little")
    machine.write_physical(VECTORS + 0xF_0008, branch + handler)
    assert machine.run(until="done", cycles=1000).reason is StopReason.ADDRESS
    assert machine.registers["r0"] == 7


def test_entry_by_address() -> None:
    """The entry may be a number: that of a program loaded elsewhere."""
    board = load_board("kzm_arm11")
    source = flat_startup(board, entry=RAM + 0x8000, table=TABLE, stack=STACK)
    machine = Machine.from_board(timing="off")
    machine.write_physical(RAM, assemble(source, RAM).code)
    machine.registers["pc"] = RAM
    assert machine.run(until=RAM + 0x8000, cycles=1_000_000).reason is StopReason.ADDRESS
