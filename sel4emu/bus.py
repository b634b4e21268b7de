# SPDX-License-Identifier: BSD-2-Clause
"""The physical address space: memories as numpy buffers, devices as windows of registers.

Modelled: RAM and ROM shared with Unicorn without copies, device windows, a hole as an external
abort (the MMU refuses it).
Not modelled: bus timing, and the bytes of the chip's boot ROM. In its place stands a table of
undefined instructions, so that an exception without a handler is reported, not run.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from unicorn import UC_PROT_ALL, UC_PROT_EXEC, UC_PROT_READ, Uc

from sel4emu.native.blocks import NEVER as NEVER_BARE
from sel4emu.native.hooks import ROM_TRAP_FIRST, ROM_TRAP_OTHER
from sel4emu.native.state import REGIONS, RegionKind, StateArray

PAGE_BYTES: Final = 4096
_VECTORS: Final = 8


class DevicePort(Protocol):
    """A device as the bus sees it: byte offsets, sizes 1, 2 and 4."""

    def read(self, offset: int, size: int) -> int:
        """The value of `size` bytes at `offset`."""

    def write(self, offset: int, size: int, value: int) -> None:
        """Write `size` bytes at `offset`."""


def undefined_instruction(number: int) -> int:
    """The ARM encoding of `udf #number` (0 to 65535)."""
    return 0xE7F0_00F0 | (number & 0xFFF0) << 4 | number & 0xF


class Memory:
    """One RAM or ROM: `data` are its bytes, `words` the same as little-endian words."""

    def __init__(self, name: str, base: int, size: int, *, writable: bool) -> None:
        self.name = name
        self.base = base
        self.size = size
        self.writable = writable
        self.data: NDArray[np.uint8] = np.zeros(size, np.uint8)
        self.words: memoryview = self.data.data.cast("B").cast("I")

    def holds(self, address: int, size: int) -> bool:
        """Whether `size` bytes at a physical address lie inside."""
        return self.base <= address and address + size <= self.base + self.size

    def fill_as_boot_rom(self) -> None:
        """Vectors that trap by number, and a different trap everywhere else."""
        words = self.data.view("<u4")
        words[:] = undefined_instruction(ROM_TRAP_OTHER)
        if self.base == 0:
            for vector in range(_VECTORS):
                words[vector] = undefined_instruction(ROM_TRAP_FIRST + vector)


class Failure:
    """Catches what a device's code raises: nothing may be raised through Unicorn's C code."""

    def __init__(self, uc: Uc) -> None:
        self._uc = uc
        self._error: BaseException | None = None

    def __enter__(self) -> None:
        """Start catching."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _where: object
    ) -> bool:
        """Keep the error, and stop the processor."""
        if error is not None:
            self._error = error
            self._uc.emu_stop()
        return True

    def raise_again(self) -> None:
        """Raise what was caught, now that Unicorn has returned."""
        error, self._error = self._error, None
        if error is not None:
            raise error


class Bus:
    """Everything that answers to a physical address."""

    def __init__(self, uc: Uc, state: StateArray) -> None:
        self._uc = uc
        self.failure = Failure(uc)
        #: Set by everything that is not memory: whoever wants to know clears it before.
        self.touched = False
        self._state = state
        # Views of single fields: a device is polled too often for a look at the whole record.
        self._current_block = state["current_block"].data
        self._full = state["full"].data
        self._refused = state["blocks"]["refused"][0]
        self.memories: list[Memory] = []
        self._devices: list[tuple[int, int, DevicePort]] = []

    def add_memory(self, memory: Memory) -> None:
        """Map a memory at its base."""
        rights = UC_PROT_ALL if memory.writable else UC_PROT_READ | UC_PROT_EXEC
        self._uc.mem_map_ptr(memory.base, memory.size, rights, memory.data.ctypes.data)
        kind = RegionKind.RAM if memory.writable else RegionKind.ROM
        self._add_region(memory.base, memory.size, kind, memory.data.ctypes.data)
        self.memories.append(memory)

    def add_device(self, base: int, size: int, device: DevicePort) -> None:
        """Map a device; its window is rounded up to whole pages."""
        mapped = -(-size // PAGE_BYTES) * PAGE_BYTES

        def read(_uc: Uc, offset: int, width: int, _data: Any) -> int:
            self._note_device_access()
            with self.failure:
                return device.read(offset, width)
            return 0

        def write(_uc: Uc, offset: int, width: int, value: int, _data: Any) -> None:
            self._note_device_access()
            with self.failure:
                device.write(offset, width, value)

        self._uc.mmio_map(base, mapped, read, None, write, None)
        self._add_region(base, mapped, RegionKind.DEVICE, 0)
        self._devices.append((base, mapped, device))

    def _note_device_access(self) -> None:
        """Level `off`: have the running block counted instruction by instruction from now on.

        A device must see the cycle of the access. Level `full` knows addresses beforehand.
        """
        self.touched = True
        place = self._current_block[0]
        if place >= 0 and not self._full[0]:
            self._refused[place] = NEVER_BARE
            self._current_block[0] = -1

    def _add_region(self, base: int, size: int, kind: RegionKind, host: int) -> None:
        record = self._state[0]
        index = int(record["region_count"])
        assert index < REGIONS, "too many memories and devices"
        record["region_base"][index] = base
        record["region_last"][index] = base + size - 1
        record["region_kind"][index] = kind
        record["region_host"][index] = host
        record["region_count"] = index + 1

    def memory_at(self, address: int, size: int) -> Memory | None:
        """The memory that holds all of a physical range, or None."""
        for memory in self.memories:
            if memory.holds(address, size):
                return memory
        return None

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory at a physical address; ValueError where there is none."""
        memory = self.require_memory(address, size)
        start = address - memory.base
        return memory.data[start : start + size].tobytes()

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write memory (ROM too: this is the host's hand); ValueError where there is none."""
        memory = self.require_memory(address, len(data))
        start = address - memory.base
        memory.data[start : start + len(data)] = np.frombuffer(data, np.uint8)

    def require_memory(self, address: int, size: int) -> Memory:
        """The memory that holds all of a physical range; ValueError if there is none."""
        memory = self.memory_at(address, size)
        if memory is None:
            raise ValueError(f"no memory at physical 0x{address:08x} (size {size})")
        return memory

    def device_at(self, address: int) -> tuple[int, DevicePort] | None:
        """Base and device of the window that holds a physical address, or None."""
        for base, size, device in self._devices:
            if base <= address < base + size:
                return base, device
        return None

    def read_device(self, address: int, size: int = 4) -> int:
        """Read a device register as the processor would; ValueError where there is no device."""
        base, device = self._require_device(address)
        return device.read(address - base, size)

    def write_device(self, address: int, value: int, size: int = 4) -> None:
        """Write a device register as the processor would."""
        base, device = self._require_device(address)
        device.write(address - base, size, value)

    def _require_device(self, address: int) -> tuple[int, DevicePort]:
        found = self.device_at(address)
        if found is None:
            raise ValueError(f"no device at physical 0x{address:08x}")
        return found

    def ranges(self) -> Sequence[tuple[int, int]]:
        """First and last address of every memory that can be written."""
        return [(m.base, m.base + m.size - 1) for m in self.memories if m.writable]
