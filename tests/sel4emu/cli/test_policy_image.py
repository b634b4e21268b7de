# SPDX-License-Identifier: BSD-2-Clause
"""The manager and the state behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.elf import Section, write_elf
from kernel.policy.compile import read_state
from kernel.policy.layout import NONE
from sel4emu.cli.descriptions import load_description
from sel4emu.cli.policy_image import MANAGERS, PROGRAMS, boot_image, state_header
from sel4emu.errors import InputError

EXAMPLE = Path(__file__).parents[3] / "examples" / "policies" / "two.spec"


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Managers are compiled away from the cache of the person who runs this."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def test_the_state_lies_where_the_manager_looks() -> None:
    """The last segment is the state, from the end of the manager's image on."""
    image = boot_image(load_description(str(EXAMPLE), "kzm_arm11"), {"driver": "glutton"})
    *_, state = image.segments
    assert state.vaddr == image.symbols["image_end"]
    programs = [each["builtin"] for each in read_state(state.data)["subsystems"]]
    assert programs == [PROGRAMS.index("worker"), PROGRAMS.index("glutton")]
    assert NONE not in programs


def test_broken_managers_are_other_images() -> None:
    """Each way to be broken is compiled into an image of its own."""
    description = load_description(str(EXAMPLE), "kzm_arm11")
    images = {boot_image(description, {}, name).segments for name in list(MANAGERS)[:3]}
    assert len(images) == 3


def test_numbers_for_c() -> None:
    """Programs and managers have the same numbers in C."""
    lines = state_header().splitlines()
    assert "#define POLICY_PROGRAM_GLUTTON 2" in lines
    assert "#define POLICY_BROKEN_INTACT 0" in lines
    assert f"#define POLICY_BROKEN_STAYS {len(MANAGERS) - 1}" in lines


def test_more_pages_than_slots(tmp_path: Path) -> None:
    """A program whose pages cannot all be named in its CSpace is refused, with the number."""
    section = Section(".text", 0x40_0000, bytes(600 << 12), executable=True)
    (tmp_path / "big.elf").write_bytes(write_elf([section], [], 0x40_0000, 0))
    path = tmp_path / "big.spec"
    path.write_text('"big" { image "big.elf"; resource { 1 }; };')
    with pytest.raises(InputError, match=r"'big' would have 60\d capabilities .* at most 508"):
        boot_image(load_description(str(path), "kzm_arm11"), {})
