# SPDX-License-Identifier: BSD-2-Clause
"""The compact state, read back."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.policy.compile import compile_state, read_state
from kernel.policy.description import Description, Program, ProgramSegment
from kernel.policy.layout import NONE, PAGE_BYTES, PROGRAM_BASE, SegmentRights
from sel4emu.errors import InputError

Describe = Callable[..., Description]

READ, WRITE, EXECUTE = SegmentRights.READ, SegmentRights.WRITE, SegmentRights.EXECUTE

SYSTEM = (
    '"one" { text { 0 to 5000 }; data { 5000 to 5010 }; resource { 2 }; priority 7;'
    " comm { this -> two }; device clock; device port; };"
    '"two" { text { 8K to 9K }; resource { 3 }; notify { this -> one }; comm { this -> one }; };'
)


def arrays_of(block: bytes) -> dict[str, list[dict[str, Any]]]:
    """The records, for comparisons."""
    assert len(block) % PAGE_BYTES == 0
    arrays: dict[str, list[dict[str, Any]]] = read_state(block)
    header = arrays["header"][0]
    assert header["bytes"] == len(block) and header["pages"] % PAGE_BYTES == 0
    return arrays


def memory_of(block: bytes, number: int) -> dict[int, bytes]:
    """The pages that a subsystem sees, by virtual address."""
    arrays = arrays_of(block)
    row = arrays["subsystems"][number]
    first = row["first_segment"]
    return {
        segment["vaddr"] + page * PAGE_BYTES: block[start : start + PAGE_BYTES]
        for segment in arrays["segments"][first : first + row["segment_count"]]
        for page in range(segment["pages"])
        for start in [segment["offset"] + page * PAGE_BYTES]
    }


def test_every_record_is_found_through_its_subsystem(describe: Describe) -> None:
    """Names, priorities, memory, ranges, channels, devices and page tables."""
    arrays = arrays_of(compile_state(describe(SYSTEM), builtin={"one": 4, "two": 5}))
    one, two = arrays["subsystems"]
    assert (one["name"], one["priority"], one["memory_mib"]) == ("one", 7, 2)
    assert (one["text_start"], one["text_end"]) == (0, 5000)
    assert (one["data_start"], one["data_end"]) == (5000, 5010)
    assert (two["data_start"], two["data_end"]) == (0, 0)
    assert [(row["builtin"], row["segment_count"], row["entry"]) for row in (one, two)] == [
        (4, 0, 0),
        (5, 0, 0),
    ]
    assert arrays["channels"] == [
        {"sender": 0, "receiver": 1, "kind": 0},
        {"sender": 1, "receiver": 0, "kind": 0},
        {"sender": 1, "receiver": 0, "kind": 1},
    ]
    assert [(r["first_channel"], r["channel_count"]) for r in (one, two)] == [(0, 1), (1, 2)]
    assert [(d["name"], d["base"], d["frames"], d["irq"]) for d in arrays["devices"]] == [
        ("clock", 0x53F9_0000, 1, 29),
        ("port", 0x53FA_4000, 4, NONE),
    ]
    assert [(r["first_device"], r["device_count"]) for r in (one, two)] == [(0, 2), (2, 0)]
    assert [(r["first_table"], r["table_count"]) for r in (one, two)] == [(0, 2), (2, 2)]
    assert [table["vaddr"] for table in arrays["tables"]] == [0, 0xE000_0000] * 2


def test_text_and_data_name_bytes_of_the_store(describe: Describe) -> None:
    """Text is mapped from PROGRAM_BASE on, data behind it, padded with zeros."""
    store = random.Random(1).randbytes(3 * PAGE_BYTES)
    block = compile_state(describe(SYSTEM), store=store)
    pages = memory_of(block, 0)
    assert list(pages) == [PROGRAM_BASE + i * PAGE_BYTES for i in range(3)]
    assert b"".join(pages.values()) == (
        store[:5000].ljust(2 * PAGE_BYTES, b"\0") + store[5000:5010].ljust(PAGE_BYTES, b"\0")
    )
    assert memory_of(block, 1) == {PROGRAM_BASE: store[8192:9216].ljust(PAGE_BYTES, b"\0")}
    arrays = arrays_of(block)
    assert [segment["rights"] for segment in arrays["segments"]] == [
        READ | EXECUTE,
        READ | WRITE,
        READ | EXECUTE,
    ]
    assert {row["entry"] for row in arrays["subsystems"]} == {PROGRAM_BASE}
    assert {row["builtin"] for row in arrays["subsystems"]} == {NONE}


def test_a_store_that_is_too_short(describe: Describe) -> None:
    """One sentence names the subsystem and the bytes."""
    with pytest.raises(InputError, match="'two' names the bytes 8192 to 9216"):
        compile_state(describe(SYSTEM), store=bytes(9215))


def test_programs_of_the_manager_are_copied_for_each(describe: Describe) -> None:
    """Two subsystems that run one program share no page."""
    segment = ProgramSegment(0x10000, b"code", 100, READ | EXECUTE)
    program = Program(0x10002, (segment,))
    block = compile_state(describe(SYSTEM), programs={"one": program, "two": program})
    arrays = arrays_of(block)
    offsets = [segment["offset"] for segment in arrays["segments"]]
    assert len(set(offsets)) == 2
    assert memory_of(block, 0) == memory_of(block, 1) == {0x10000: b"code".ljust(4096, b"\0")}
    assert [row["entry"] for row in arrays["subsystems"]] == [0x10002] * 2


def test_segments_that_share_a_page(describe: Describe, tmp_path: Path) -> None:
    """A shared page has the bytes and the rights of both; others stay apart."""
    segments = (
        ProgramSegment(0x10FF0, b"A" * 32, 0x2000, READ | EXECUTE),
        ProgramSegment(0x12FF8, b"B" * 4, 0x10, READ | WRITE),
        ProgramSegment(0x20000, b"", 1, READ),
    )
    (tmp_path / "x.elf").touch()
    made = describe(
        '"a" { image "x.elf"; resource { 1 }; };',
        file=str(tmp_path / "a.spec"),
        programs={"x.elf": Program(0x10FF0, segments)},
    )
    block = compile_state(made)
    rows = [(s["vaddr"], s["pages"], s["rights"]) for s in arrays_of(block)["segments"]]
    both = READ | WRITE | EXECUTE
    assert rows == [
        (0x10000, 2, READ | EXECUTE),
        (0x12000, 1, both),
        (0x13000, 1, READ | WRITE),
        (0x20000, 1, READ),
    ]
    image = b"".join(memory_of(block, 0).values())
    assert image[0xFF0:0x1010] == b"A" * 32
    assert image[0x2FF8:0x2FFC] == b"B" * 4
    assert image.count(0) == len(image) - 36


def test_no_page_belongs_to_two(describe: Describe) -> None:
    """The pages of all segments tile the end of the block exactly."""
    block = compile_state(describe(SYSTEM), store=bytes(PAGE_BYTES * 3))
    arrays = arrays_of(block)
    place = arrays["header"][0]["pages"]
    for segment in arrays["segments"]:
        assert segment["offset"] == place
        place += segment["pages"] * PAGE_BYTES
    assert place == len(block)
