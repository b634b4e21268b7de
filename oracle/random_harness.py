# SPDX-License-Identifier: BSD-2-Clause
"""Images of random sequences, and the records that running one leaves."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from oracle.outcome import FINISH
from oracle.random_builder import ALIASES
from oracle.random_program import VECTORS, VECTORS_MEGABYTE, assemble_program
from oracle.random_sequence import PATTERNS, SLOT_BYTES, Start, pattern_words
from oracle.random_sequence import Sequence as RandomSequence
from sel4emu.asm import Assembly
from sel4emu.loader import Image, Segment

_SCRATCH: Final = 0x8030_0000
_PATTERNS: Final = 0x8031_0000
_STARTS: Final = 0x8040_0000
_SLOTS: Final = 0x8100_0000
RECORDS: Final = 0x8300_0000

#: The anchor is in the middle; the ends are for accesses that reach a little further.
SCRATCH_BYTES: Final = 0x480
_ANCHOR: Final = _SCRATCH + SCRATCH_BYTES // 2
_START_BYTES: Final = 0x200
RECORD_BYTES: Final = 0x800
#: Slots in an image; a sequence with a greater number begins again at the first.
SLOTS: Final = 8192
LOG_ENTRIES: Final = 16
_SCTLR_A: Final = 1 << 1
_SCTLR_U: Final = 1 << 22
_THUMB: Final = 1 << 5

#: Words of a record from its beginning.
REGISTERS: Final = (
    *(f"r{n}" for n in range(8)), "cpsr",
    *(f"{name}_usr" for name in ("r8", "r9", "r10", "r11", "r12", "sp", "lr")),
    *(f"{name}_fiq" for name in ("r8", "r9", "r10", "r11", "r12", "sp", "lr", "spsr")),
    *(f"{name}_{mode}" for mode in ("irq", "svc", "abt", "und") for name in ("sp", "lr", "spsr")),
    "fpscr", "exceptions",
)  # fmt: skip
_VFP_OFFSET: Final = 0x100
_LOG_OFFSET: Final = 0x180
_LOG_WORDS: Final = 5
_SCRATCH_OFFSET: Final = 0x300
_EXCEPTIONS: Final = {1: "undefined", 2: "svc", 3: "prefetch abort", 4: "data abort"}
_ABORTS: Final = (3, 4)
assert 4 * len(REGISTERS) <= _VFP_OFFSET
assert _LOG_OFFSET + 4 * _LOG_WORDS * LOG_ENTRIES <= _SCRATCH_OFFSET
assert _SCRATCH_OFFSET + SCRATCH_BYTES <= RECORD_BYTES

_LAYOUT: Final = {
    "STARTS": _STARTS, "RECORDS": RECORDS, "FINISH": FINISH, "SCRATCH": _SCRATCH,
    "SCRATCH_BYTES": SCRATCH_BYTES, "START_BYTES": _START_BYTES, "RECORD_BYTES": RECORD_BYTES,
    "VFP_OFFSET": _VFP_OFFSET, "LOG_OFFSET": _LOG_OFFSET, "SCRATCH_OFFSET": _SCRATCH_OFFSET,
    "LOG_ENTRIES": LOG_ENTRIES, "ALIAS": _SCRATCH + ALIASES[0] & 0xFFFF_FFFF,
    # Offsets in a start block, as _start_block packs it.
    "S_CODE": 0, "S_STATUS": 4, "S_END": 8, "S_PATTERN": 12, "S_SCTLR": 16, "S_REGISTERS": 20,
    "S_BANKS": 72, "S_CONTROL": 160, "S_VFP": 164,
}  # fmt: skip


@cache
def _program() -> tuple[Assembly, bytes]:
    return assemble_program(_LAYOUT)


def slot_address(number: int) -> int:
    """Where the code of a sequence lies: what registers may hold of it is the same in any image."""
    return _SLOTS + number % SLOTS * SLOT_BYTES


def _marker(sequence: RandomSequence, *, thumb: bool) -> bytes:
    """The instruction that ends a sequence: one of three exceptions."""
    kind = sequence.number % 3
    if thumb:
        return (0xDF00, 0xDE00, 0xBE00)[kind].to_bytes(2, "little")
    return (0xEF00_0000, 0xE7F0_00F0, 0xE120_0070)[kind].to_bytes(4, "little")


def _start_block(start: Start, code: int, end: int) -> bytes:
    """The start in the order of the layout; SCTLR's word has the bits to be turned over."""
    checks = start.checks
    sctlr = (_SCTLR_A if checks.strict else 0) | (0 if checks.unaligned else _SCTLR_U)
    registers = list(start.registers)
    registers[start.anchor] = _ANCHOR
    words = (
        code, start.status, end, _PATTERNS + start.pattern * SCRATCH_BYTES, sctlr,
        *registers, *start.banks, start.control, *start.vfp,
    )  # fmt: skip
    return struct.pack(f"<{len(words)}I", *words).ljust(_START_BYTES, b"\0")


def cut(sequence: RandomSequence, items: int | None) -> bytes:
    """The code of the first `items` items (all of them: None), with its end."""
    if items is None:
        items = len(sequence.places)
    offset, thumb = 0, bool(sequence.start.status & _THUMB)
    if items:
        place = sequence.places[items - 1]
        offset, thumb = place.offset, place.thumb
    code = sequence.code[:offset] + _marker(sequence, thumb=thumb)
    assert len(code) <= SLOT_BYTES, f"sequence {sequence.number} does not fit into its slot"
    return code


def build_image(
    seed: int, sequences: Sequence[RandomSequence], items: Mapping[int, int] | None = None
) -> Image:
    """The program with those sequences; `items` says how many items of a number to keep."""
    items = {} if items is None else items
    assert len({sequence.number % SLOTS for sequence in sequences}) == len(sequences)
    main, handlers = _program()
    starts = bytearray()
    slots: list[tuple[int, bytes]] = []
    for sequence in sequences:
        code = cut(sequence, items.get(sequence.number))
        address = slot_address(sequence.number)
        starts += _start_block(sequence.start, address, address + len(code))
        slots.append((address, code))
    pieces = [
        (main.address, main.code),
        (VECTORS_MEGABYTE | VECTORS & 0xF_FFFF, handlers),
        (_PATTERNS, b"".join(_pattern(seed, n) for n in range(PATTERNS))),
        (_STARTS, bytes(starts) + bytes(4)),
        _join(slots),
    ]
    segments = tuple(Segment(address, address, data, len(data)) for address, data in pieces)
    return Image(f"random sequences of seed {seed}", segments, main.address)


def _pattern(seed: int, number: int) -> bytes:
    count = SCRATCH_BYTES // 4
    return struct.pack(f"<{count}I", *pattern_words(seed, number, count))


def _join(slots: Iterable[tuple[int, bytes]]) -> tuple[int, bytes]:
    """All slots as one piece of memory."""
    by_address = sorted(slots)
    first = by_address[0][0]
    memory = bytearray()
    for address, code in by_address:
        memory += bytes(address - first - len(memory))
        memory += code
    return first, bytes(memory)


def split_records(memory: bytes) -> list[bytes]:
    """The records in the memory from RECORDS on."""
    return [memory[n : n + RECORD_BYTES] for n in range(0, len(memory), RECORD_BYTES)]


def describe_record(record: bytes) -> Mapping[str, str]:
    """The contents of a record by name: registers, VFP's, exceptions, words of scratch memory."""
    words = struct.unpack(f"<{RECORD_BYTES // 4}I", record)
    found = dict(zip(REGISTERS, words, strict=False))
    found.update({f"s{n}": words[_VFP_OFFSET // 4 + n] for n in range(32)})
    scratch = words[_SCRATCH_OFFSET // 4 :][: SCRATCH_BYTES // 4]
    found.update({f"scratch+0x{4 * n:03x}": word for n, word in enumerate(scratch)})
    texts = {name: f"0x{value:08x}" for name, value in found.items()}
    for n in range(LOG_ENTRIES):
        first = _LOG_OFFSET // 4 + n * _LOG_WORDS
        texts[f"exception {n + 1}"] = _describe_exception(words[first : first + _LOG_WORDS])
    return texts


def _describe_exception(words: tuple[int, ...]) -> str:
    kind, status, address, saved, link = words
    if not kind:
        return "none"
    name = _EXCEPTIONS.get(kind, f"kind {kind}")
    details = f" FSR 0x{status:x} FAR 0x{address:08x}" if kind in _ABORTS else ""
    return f"{name}, on to 0x{link:08x}, SPSR 0x{saved:08x}{details}"
