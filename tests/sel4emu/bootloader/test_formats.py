# SPDX-License-Identifier: BSD-2-Clause
"""Formats that are not ELF: what is taken for what, and what is refused."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sel4emu.bootloader.formats import (
    Program,
    check_code,
    is_linux,
    is_uimage,
    read_uimage,
    zimage_start,
)
from sel4emu.errors import InputError

Make = Callable[..., bytes]


def test_a_zimage_is_known_by_its_magic(zimage: Make) -> None:
    """0 is anywhere, another start is a place; code without the magic is none."""
    assert zimage_start("k", zimage()) == 0
    assert zimage_start("k", zimage() + b"device tree behind it") == 0
    assert zimage_start("k", zimage(start=0x8200_0000)) == 0x8200_0000
    for other in (bytes(0x100), zimage()[:0x2F], b""):
        assert zimage_start("k", other) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data[:-1], "expected the zImage to have 256 bytes"),
        (lambda data: data[:0x2C] + bytes(4) + data[0x30:], "from 0x00000000 to 0x00000000"),
        (lambda data: data[:0x24] + data[0x24:0x28][::-1] + data[0x28:], "this one is big-endian"),
    ],
)
def test_a_broken_zimage(zimage: Make, change: Callable[[bytes], bytes], sentence: str) -> None:
    """What is cut off, or for the other byte order, is refused by name."""
    with pytest.raises(InputError, match=f"^k: .*{sentence}"):
        zimage_start("k", change(zimage()))


def test_a_raw_linux_is_known_by_its_banner() -> None:
    """The banner is in every kernel that is not compressed."""
    for number in (b"2.6.34", b"3.0", b"6.1.0-rc1+"):
        assert is_linux(bytes(99) + b"Linux version " + number + b" (us@here) (gcc)")
    for text in (b"", b"Linux version ", b"Linux version %s (%s@%s)", b"Linux version 2.6"):
        assert not is_linux(bytes(99) + text + b"\0")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x1f\x8b\x08\0", "compressed with gzip"),
        (b"BZh9", "compressed with bzip2"),
        (b"\xfd7zXZ\0\0", "compressed with xz"),
        (b"\x28\xb5\x2f\xfd\0", "compressed with zstd"),
        (b"\xd0\x0d\xfe\xed\0", "a device tree"),
    ],
)
def test_what_is_no_code(start: bytes, kind: str) -> None:
    """A file that no processor can run is refused by what it is."""
    with pytest.raises(InputError, match=f"^f: .*but this is {kind}"):
        check_code("f", start + bytes(64))
    check_code("f", b"\0" + start)


def test_a_uimage_gives_its_program(uimage: Make) -> None:
    """Data, place and entry of a kernel or standalone program; what follows is left out."""
    data = uimage(b"code", load=0x8100_0000, entry=0x8100_0002)
    assert is_uimage(data) and not is_uimage(data[1:])
    assert read_uimage("u", data) == Program(b"code", 0x8100_0000, 0x8100_0002)
    assert read_uimage("u", uimage(b"code", kind=1) + b"behind").data == b"code"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"processor": 3}, r"a uImage for ARM \(2\), but its processor is 3"),
        ({"kind": 3}, r"a standalone program \(1\) or kernel \(2\), but its type is 3"),
        ({"compression": 1}, "not compressed, but this one is, with gzip"),
        ({"compression": 99}, "with method 99"),
        ({"data": b""}, "expected a uImage with a program in it"),
    ],
)
def test_a_uimage_for_something_else(uimage: Make, fields: dict[str, int], sentence: str) -> None:
    """Processor, type and compression are checked."""
    with pytest.raises(InputError, match=f"^u: .*{sentence}"):
        read_uimage("u", uimage(**fields))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(4, 79), bits=st.integers(1, 255))
def test_a_damaged_uimage(uimage: Make, place: int, bits: int) -> None:
    """A changed byte, wherever it is, or a missing one is noticed."""
    whole = uimage(bytes(range(16)))
    damaged = bytearray(whole)
    damaged[place] ^= bits
    with pytest.raises(InputError, match="damaged"):
        read_uimage("u", bytes(damaged))
    with pytest.raises(InputError, match="truncated"):
        read_uimage("u", whole[:place])
