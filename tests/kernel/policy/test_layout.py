# SPDX-License-Identifier: BSD-2-Clause
"""The table of the compact state, in Python and in C."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.policy import layout
from kernel.policy.layout import ARRAYS, HEADER, Record


@pytest.mark.parametrize("record", [HEADER, *ARRAYS.values()], ids=lambda record: record.name)
def test_records_come_back(record: Record) -> None:
    """What was packed is unpacked, from any offset."""
    values: dict[str, int | str] = {
        field.name: f"name{i}" if field.text_bytes else 0xFFFF_FF00 + i
        for i, field in enumerate(record.fields)
    }
    packed = record.pack(values)
    assert len(packed) == record.size
    assert record.unpack(b"123" + packed, 3) == values


def test_a_value_that_does_not_fit_is_refused() -> None:
    """A word beyond 32 bits, a name without room for its zero, and a missing field assert."""
    for values in ({"vaddr": 1 << 32}, {"vaddr": -1}, {}, {"vaddr": 0, "more": 0}):
        with pytest.raises(AssertionError):
            layout.TABLE.pack(values)
    device: dict[str, int | str] = {"base": 0, "frame_bits": 12, "frames": 1, "irq": 0}
    layout.DEVICE.pack({"name": "n" * (layout.NAME_BYTES - 1), **device})
    with pytest.raises(AssertionError):
        layout.DEVICE.pack({"name": "n" * layout.NAME_BYTES, **device})


def test_c_sees_the_same_offsets(tmp_path: Path) -> None:
    """A C compiler finds every field of the generated header where Python packs it."""
    (tmp_path / "state.h").write_text(layout.c_header())
    lines = ["#include <stddef.h>", '#include "state.h"']
    for record in (HEADER, *ARRAYS.values()):
        offset = 0
        for field in record.fields:
            place = f"offsetof(struct policy_{record.name}, {field.name})"
            lines.append(f'_Static_assert({place} == {offset}, "{field.name}");')
            offset += field.text_bytes or 4
    lines.append(f'_Static_assert(POLICY_MAGIC == {layout.MAGIC}u, "magic");')
    source = tmp_path / "check.c"
    source.write_text("\n".join(lines))
    caches = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(tmp_path / "zig"))
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "arm-freestanding-eabi"]
    done = subprocess.run(
        [*command, "-std=c11", "-Wall", "-Werror", "-c", str(source), "-o", f"{tmp_path}/check.o"],
        env={**os.environ, **caches},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_known_pages_share_one_page_table() -> None:
    """Stack, summary and IPC buffer lie in one megabyte, behind all programs, apart."""
    stack_end = layout.STACK_BASE + layout.STACK_PAGES * layout.PAGE_BYTES
    pages = [layout.SUMMARY_VADDR, layout.IPC_BUFFER_VADDR]
    assert layout.PROGRAM_TOP <= layout.STACK_BASE
    assert stack_end <= min(pages) and len(set(pages)) == 2
    assert {address // layout.MIB for address in (layout.STACK_BASE, *pages)} == {
        layout.PROGRAM_TOP // layout.MIB
    }


def test_objects_are_counted() -> None:
    """TCB 512 B, CNode of 512 slots, page directory 16 KiB, four pages, 1 KiB a page table."""
    assert layout.object_bytes(0) == 512 + 512 * 16 + 16384 + 4 * 4096
    assert layout.object_bytes(3) - layout.object_bytes(0) == 3 * 1024
