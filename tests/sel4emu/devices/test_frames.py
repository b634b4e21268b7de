# SPDX-License-Identifier: BSD-2-Clause
"""Frames of an Ethernet controller: put together from buffers, given out in words."""

import zlib

import pytest

from sel4emu.devices import frames

FIRST, LAST = frames.COMMAND_FIRST, frames.COMMAND_LAST


def words(data: bytes) -> list[int]:
    """Bytes as the words of memory that hold them."""
    data += bytes(-len(data) % 4)
    return [int.from_bytes(data[n : n + 4], "little") for n in range(0, len(data), 4)]


@pytest.mark.parametrize("offset", range(4))
@pytest.mark.parametrize(("alignment", "multiple"), [(0, 4), (1, 16), (2, 32)])
def test_padding_of_a_buffer(offset: int, alignment: int, multiple: int) -> None:
    """Bytes before the offset and behind the end are dropped; the frame is due with the last."""
    data = bytes(range(1, 22))
    whole = b"\xee" * offset + data
    whole += b"\xee" * (-len(whole) % multiple)
    fifo = frames.TransmitWords()
    command = alignment << 24 | offset << 16 | FIRST | LAST | len(data)
    written = [command, 0x77 << 16 | len(data), *words(whole)]
    results = [fifo.put(word) for word in written]
    assert results[:-1] == [None] * (len(written) - 1)
    assert results[-1] == frames.Frame(data, 0x77)


def test_frame_of_two_buffers() -> None:
    """The second buffer goes on where the first ends; the next frame starts anew."""
    fifo = frames.TransmitWords()
    written = (FIRST | 4, 0, words(b"abcd")[0], LAST | 3, 0, words(b"efg")[0])
    results = [fifo.put(word) for word in written]
    assert results == [None] * 5 + [frames.Frame(b"abcdefg", 0)]
    fifo.put(FIRST | LAST | 1)
    fifo.put(0)
    assert fifo.put(0x7A) == frames.Frame(b"z", 0)


@pytest.mark.parametrize(
    ("destination", "kind"),
    [
        (b"\xff" * 6, frames.STATUS_BROADCAST),
        (b"\x01\x00\x5e\x00\x00\x01", frames.STATUS_MULTICAST),
        (b"\x02\x00\x00\x00\x00\x01", 0),
    ],
)
def test_received_frame(destination: bytes, kind: int) -> None:
    """Length with check sum and kind of address in the status; data from the offset on."""
    data = destination + bytes(58)
    fifo = frames.ReceiveWords()
    fifo.put(data, 2)
    assert fifo.statuses.popleft() == 68 << 16 | kind
    assert fifo.bytes_used == 72
    got = b"".join(fifo.take().to_bytes(4, "little") for _ in range(18))
    assert got[2:70] == data + zlib.crc32(data).to_bytes(4, "little")
    assert fifo.take() == 0


def test_skipping() -> None:
    """Words of data can be dropped unread."""
    fifo = frames.ReceiveWords()
    fifo.put(b"12345678", 0)
    fifo.drop(1)
    assert fifo.take() == int.from_bytes(b"5678", "little")
    fifo.drop(100)
    assert fifo.bytes_used == 0
