# SPDX-License-Identifier: BSD-2-Clause
"""The FIFOs of an Ethernet controller: frames put together from words, and given out in words.

Modelled: the two command words before each buffer of a frame, the padding at its beginning and end,
frames of several buffers, and the received frame with its check sum and status (SMSC LAN9118 data
sheet, 3.11 and 3.13).

Not modelled: the capacity of the FIFOs, and cutting through: a frame is complete
before it goes on.
"""

import zlib
from collections import deque
from dataclasses import dataclass
from typing import Final

CHECKSUM_BYTES: Final = 4
BROADCAST: Final = b"\xff" * 6

COMMAND_FIRST: Final = 1 << 13
COMMAND_LAST: Final = 1 << 12
COMMAND_SIZE: Final = 0x7FF
COMMAND_OFFSET_LOW: Final = 16
COMMAND_END_LOW: Final = 24
#: End alignment of a buffer: 4, 16 or 32 bytes.
END_BYTES: Final = (4, 16, 32, 4)

STATUS_LENGTH_LOW: Final = 16
STATUS_BROADCAST: Final = 1 << 13
STATUS_MULTICAST: Final = 1 << 10


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame to be sent: its bytes, and the tag that comes back in its status."""

    data: bytes
    tag: int


class TransmitWords:
    """Makes frames of the words written to the transmit FIFO."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget a frame that is not complete."""
        self._command: int | None = None
        self._tag: int | None = None
        self._frame = bytearray()
        self._buffer = bytearray()

    def put(self, word: int) -> Frame | None:
        """One more word; the frame, if it is the last one of its last buffer."""
        if self._command is None:
            self._command = word
        elif self._tag is None:
            self._tag = word >> 16
            self._buffer.clear()
        else:
            self._buffer += word.to_bytes(4, "little")
        return self._finish_buffer()

    def _finish_buffer(self) -> Frame | None:
        command, tag = self._command, self._tag
        if command is None or tag is None:
            return None
        offset, size = command >> COMMAND_OFFSET_LOW & 0x1F, command & COMMAND_SIZE
        align = END_BYTES[command >> COMMAND_END_LOW & 3]
        if len(self._buffer) < -(-(offset + size) // align) * align:
            return None
        if command & COMMAND_FIRST:
            self._frame.clear()
        self._frame += self._buffer[offset : offset + size]
        self._command = self._tag = None
        return Frame(bytes(self._frame), tag) if command & COMMAND_LAST else None


class ReceiveWords:
    """Gives received frames out: a status each, and words of data."""

    def __init__(self) -> None:
        self.statuses: deque[int] = deque()
        self._words: deque[int] = deque()

    @property
    def bytes_used(self) -> int:
        """How much data waits."""
        return 4 * len(self._words)

    def clear(self) -> None:
        """Drop everything."""
        self.statuses.clear()
        self._words.clear()

    def put(self, data: bytes, offset: int) -> None:
        """A frame has arrived; its data begins `offset` bytes into its first word."""
        whole = data + zlib.crc32(data).to_bytes(CHECKSUM_BYTES, "little")
        status = len(whole) << STATUS_LENGTH_LOW
        if data[:6] == BROADCAST:
            status |= STATUS_BROADCAST
        elif data[:1] and data[0] & 1:
            status |= STATUS_MULTICAST
        self.statuses.append(status)
        padded = bytes(offset) + whole
        padded += bytes(-len(padded) % 4)
        for place in range(0, len(padded), 4):
            self._words.append(int.from_bytes(padded[place : place + 4], "little"))

    def take(self) -> int:
        """The next word of data, 0 if there is none."""
        return self._words.popleft() if self._words else 0

    def drop(self, words: int) -> None:
        """Drop as many words of data."""
        for _ in range(min(words, len(self._words))):
            self._words.popleft()
