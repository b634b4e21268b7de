# SPDX-License-Identifier: BSD-2-Clause
"""Programs that measure memory: what they touch."""

import pytest

from benchmarks.memory import KILOBYTE, page_chain
from benchmarks.probe import DATA
from sel4emu.bare import PAGE_BYTES


@pytest.mark.parametrize("pages", [1, 10, 128])
def test_page_chain(pages: int) -> None:
    """The chain comes through each page once, each time in another set of the cache."""
    memory = page_chain(pages)
    place, seen = DATA, []
    for _ in range(pages):
        seen.append(place)
        place = int.from_bytes(memory[place], "little")
    assert place == DATA
    assert {(address - DATA) // PAGE_BYTES for address in seen} == set(range(pages))
    assert len({address % (4 * KILOBYTE) // 32 for address in seen}) == pages
