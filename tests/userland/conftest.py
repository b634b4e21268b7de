# SPDX-License-Identifier: BSD-2-Clause
"""Runs compiled userland code on a bare Unicorn: the test plays the kernel at each SVC."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import pytest
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_HOOK_INTR, UC_MODE_ARM, Uc
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_R0, UC_ARM_REG_SP
from unicorn.unicorn_const import UC_PROT_ALL

from kernel import abi

#: Sees the machine at an SVC (the program counter is behind it) and says whether to go on.
Kernel = Callable[[Uc], bool]
#: run_guest(elf, function, r0, kernel, memory) -> r0 at the end. `memory` is what lies at some
#: addresses at first; the end is where the function returns or the kernel says stop.
RunGuest = Callable[[Path, str, int, Kernel, Mapping[int, bytes]], int]

PAGE = 0x1000
STACK_TOP = 0x0030_0000
IPC_BUFFER = 0x0040_0000
BOOT_INFO = 0x0050_0000
RETURN_ADDRESS = 0x0060_0000
SVC = 2  # Unicorn's number of the exception
INSTRUCTION_LIMIT = 5_000_000


def _symbol_address(stream: BinaryIO, name: str) -> int:
    table = ELFFile(stream).get_section_by_name(".symtab")
    (symbol,) = table.get_symbol_by_name(name)
    return int(symbol["st_value"])


def _load_segments(uc: Uc, stream: BinaryIO) -> None:
    for segment in ELFFile(stream).iter_segments("PT_LOAD"):
        start = segment["p_vaddr"] & -PAGE
        end = (segment["p_vaddr"] + segment["p_memsz"] + PAGE - 1) & -PAGE
        if end > start:
            uc.mem_map(start, end - start, UC_PROT_ALL)
            uc.mem_write(segment["p_vaddr"], segment.data())


def _fresh_machine(elf: Path) -> Uc:
    uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
    with elf.open("rb") as stream:
        _load_segments(uc, stream)
    for page in (STACK_TOP - PAGE, IPC_BUFFER, BOOT_INFO, RETURN_ADDRESS, abi.GLOBALS_ADDRESS):
        uc.mem_map(page, PAGE, UC_PROT_ALL)
    uc.mem_write(abi.GLOBALS_ADDRESS, IPC_BUFFER.to_bytes(4, "little"))
    uc.mem_write(BOOT_INFO + abi.BI_IPC_BUFFER, IPC_BUFFER.to_bytes(4, "little"))
    return uc


def _write_memory(uc: Uc, memory: Mapping[int, bytes]) -> None:
    """Write whole pages' worth of bytes or less; a page that is not there yet is mapped."""
    for address, content in memory.items():
        page = address & -PAGE
        if not any(start <= page <= end for start, end, _ in uc.mem_regions()):
            uc.mem_map(page, PAGE, UC_PROT_ALL)
        uc.mem_write(address, content)


def _run(elf: Path, function: str, r0: int, kernel: Kernel, memory: Mapping[int, bytes]) -> int:
    uc = _fresh_machine(elf)
    _write_memory(uc, memory)

    def at_svc(machine: Uc, number: int, _data: object) -> None:
        assert number == SVC, f"exception {number}, expected SVC"
        if not kernel(machine):
            machine.emu_stop()

    uc.hook_add(UC_HOOK_INTR, at_svc)
    uc.reg_write(UC_ARM_REG_R0, r0)
    uc.reg_write(UC_ARM_REG_SP, STACK_TOP)
    uc.reg_write(UC_ARM_REG_LR, RETURN_ADDRESS)
    with elf.open("rb") as stream:
        start = _symbol_address(stream, function)
    uc.emu_start(start, RETURN_ADDRESS, count=INSTRUCTION_LIMIT)
    return int(uc.reg_read(UC_ARM_REG_R0))


@pytest.fixture(scope="session")
def run_guest() -> RunGuest:
    """Call a function of an ELF file in the guest, with the test as its kernel."""
    return _run


@pytest.fixture(scope="session")
def guest_boot_info() -> int:
    """The address of a page of boot information, zeroed but for the IPC buffer's address."""
    return BOOT_INFO


@pytest.fixture(scope="session")
def guest_ipc_buffer() -> int:
    """The address of the guest's IPC buffer."""
    return IPC_BUFFER


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or fills the cache folder of the person who runs it."""
    folder = tmp_path_factory.getbasetemp() / "userland-cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder
