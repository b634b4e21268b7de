# SPDX-License-Identifier: BSD-2-Clause
"""The file of a saved machine: written and read again, and every damage found."""

import random
import struct
import zlib
from dataclasses import replace

import pytest

from kernel import layout
from kernel.options import KernelOptions
from kernel.policy.savedfile import MAGIC, VERSION, SavedMachine, is_saved, pack, unpack
from sel4emu.errors import InputError

RAM_BYTES = 1 << 20


@pytest.fixture(scope="module")
def machine() -> SavedMachine:
    """A machine whose RAM is noise and zeros."""
    noise = random.Random(1).randbytes(RAM_BYTES // 4)
    options = KernelOptions(compat=True, slow=False, debug=True)
    return SavedMachine("bräd", options, noise + bytes(RAM_BYTES - len(noise)))


@pytest.fixture(scope="module")
def file(machine: SavedMachine) -> bytes:
    """The same, as a file."""
    return pack(machine)


def test_what_is_written_is_read(machine: SavedMachine, file: bytes) -> None:
    """Board, options and RAM come back, and the zeros take no room."""
    assert is_saved(file)
    assert unpack(file, "it") == machine
    assert len(file) < RAM_BYTES // 2


@pytest.mark.parametrize("flag", ["compat", "slow", "debug"])
def test_each_option_is_kept(machine: SavedMachine, flag: str) -> None:
    """No two options share a bit."""
    options = replace(KernelOptions(False, False, False), **{flag: True})
    assert unpack(pack(replace(machine, options=options)), "it").options == options


def test_another_version_is_named(file: bytes) -> None:
    """A file of the future is refused with both versions."""
    later = MAGIC + struct.pack("<I", VERSION + 1) + file[len(MAGIC) + 4 :]
    with pytest.raises(InputError, match=rf"^it: .* version {VERSION}, not {VERSION + 1}$"):
        unpack(later, "it")


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.3, 0.9, 0.99999])
def test_a_truncated_file_is_refused(file: bytes, share: float) -> None:
    """Wherever it ends behind the magic."""
    length = max(len(MAGIC), int(len(file) * share))
    with pytest.raises(InputError, match=r"^it: expected a saved machine, but it is damaged: "):
        unpack(file[:length], "it")


def test_bytes_behind_the_end_are_refused(file: bytes) -> None:
    """The file ends with the RAM."""
    with pytest.raises(InputError, match="damaged"):
        unpack(file + b"\0", "it")


def test_any_changed_byte_is_noticed(file: bytes) -> None:
    """Each byte of the head, and bytes anywhere in the rest."""
    source = random.Random(2)
    places = [*range(len(MAGIC), 40), *(source.randrange(40, len(file)) for _ in range(60))]
    for place in places:
        changed = bytearray(file)
        changed[place] ^= source.randint(1, 255)
        with pytest.raises(InputError, match=r"^it: expected a saved machine"):
            unpack(bytes(changed), "it")


def test_more_ram_than_announced_is_never_unpacked(machine: SavedMachine) -> None:
    """A small file that would become 4 GB is refused after the size of its head."""
    small = pack(replace(machine, ram=bytes(RAM_BYTES)))
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 24)) for _ in range(16)) + packer.flush()
    start = small.index(zlib.compress(bytes(RAM_BYTES), 1))
    with pytest.raises(InputError, match=f"not exactly {RAM_BYTES} bytes"):
        unpack(small[:start] + bomb, "it")


@pytest.mark.parametrize("size", [0, layout.IMAGE_BYTES - 4096, RAM_BYTES + 1, (1 << 32) - 4096])
def test_impossible_sizes_of_ram(file: bytes, size: int) -> None:
    """No such RAM is made room for."""
    head = bytearray(file)
    struct.pack_into("<I", head, len(MAGIC) + 12, size)
    with pytest.raises(InputError, match=f"no board has {size} bytes"):
        unpack(bytes(head), "it")
