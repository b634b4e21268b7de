# SPDX-License-Identifier: BSD-2-Clause
"""The revisions of the core: which there are, and what a wrong name gives."""

import pytest

from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.revision import DEFAULT_REVISION, REVISIONS, find_revision


def test_the_boards_core_is_the_default() -> None:
    """The i.MX31 has an r0p4: variant 0, revision 4, part 0xB36, no v6K."""
    revision = find_revision(DEFAULT_REVISION)
    assert revision.midr >> 4 & 0xFFF == 0xB36
    assert (revision.midr >> 20 & 15, revision.midr & 15, revision.v6k) == (0, 4, False)


@pytest.mark.parametrize("name", REVISIONS)
def test_the_name_tells_variant_and_revision(name: str) -> None:
    """`rNpM` has N and M in its MIDR."""
    midr = REVISIONS[name].midr
    assert name == f"r{midr >> 20 & 15}p{midr & 15}"


def test_an_unknown_revision_is_refused() -> None:
    """One sentence that names what there is."""
    with pytest.raises(InputError, match="r0p4 or r1p3, not 'r2p0'"):
        Machine.from_board(timing="off", cpu_revision="r2p0")
