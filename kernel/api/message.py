# SPDX-License-Identifier: BSD-2-Clause
"""Messages: the info word, message registers, and the invocation being decoded (ABI 2)."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.object.capability import Cap, read_cap
from kernel.state import State

R0: Final = layout.REGISTER_OFFSETS["r0"]
INFO_REGISTER: Final = layout.REGISTER_OFFSETS["r1"]
SYSCALL_REGISTER: Final = layout.REGISTER_OFFSETS["r7"]
#: Offsets in a TCB of the first message registers.
MESSAGE_REGISTERS: Final = tuple(
    layout.REGISTER_OFFSETS[f"r{n}"] for n in range(2, 2 + abi.MSG_REGISTERS)
)


class MessageInfo(NamedTuple):
    """The four fields of the info word."""

    label: int
    unwrapped: int
    caps: int
    length: int

    def encode(self) -> int:
        """As one word."""
        return (
            (self.label & abi.INFO_LABEL_MASK) << abi.INFO_LABEL_SHIFT
            | self.unwrapped << abi.INFO_UNWRAPPED_SHIFT
            | self.caps << abi.INFO_CAPS_SHIFT
            | self.length
        )


def decode_info(word: int) -> MessageInfo:
    """The fields of an info word; a length above 120 counts as 120."""
    return MessageInfo(
        word >> abi.INFO_LABEL_SHIFT & abi.INFO_LABEL_MASK,
        word >> abi.INFO_UNWRAPPED_SHIFT & abi.INFO_UNWRAPPED_MASK,
        word >> abi.INFO_CAPS_SHIFT & abi.INFO_CAPS_MASK,
        min(word & abi.INFO_LENGTH_MASK, abi.MSG_MAX_LENGTH),
    )


def read_message(ks: State, tcb: int, buffer: int, index: int) -> int:
    """Message register `index` of a thread; 0 beyond the registers without a buffer."""
    if index < abi.MSG_REGISTERS:
        return ks.load(tcb + MESSAGE_REGISTERS[index])
    return ks.load(buffer + abi.IPC_MSG + 4 * index) if buffer else 0


def write_message(ks: State, tcb: int, buffer: int, words: tuple[int, ...]) -> int:
    """Set a thread's message registers; returns how many words found room."""
    room = abi.MSG_MAX_LENGTH if buffer else abi.MSG_REGISTERS
    written = words[:room]
    for index, word in enumerate(written):
        if index < abi.MSG_REGISTERS:
            ks.store(tcb + MESSAGE_REGISTERS[index], word)
        else:
            ks.store(buffer + abi.IPC_MSG + 4 * index, word)
    return len(written)


class Result(NamedTuple):
    """What a successful invocation answers: words, and the length to announce if it differs."""

    words: tuple[int, ...]
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A message to a kernel object: `cap` in `slot` was invoked by `thread`.

    `extra` are the slots of the extra capabilities; `buffer` is the thread's IPC buffer or 0.
    """

    ks: State
    thread: int
    cptr: int
    slot: int
    cap: Cap
    label: int
    length: int
    buffer: int
    extra: tuple[int, ...]
    blocking: bool
    is_call: bool

    def arg(self, index: int) -> int:
        """Message register `index`."""
        return read_message(self.ks, self.thread, self.buffer, index)

    def args(self, count: int) -> list[int]:
        """The first `count` message registers."""
        return [self.arg(index) for index in range(count)]

    def extra_cap(self, index: int) -> Cap:
        """Extra capability `index`, which must be there."""
        return read_cap(self.ks, self.extra[index])
