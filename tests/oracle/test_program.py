# SPDX-License-Identifier: BSD-2-Clause
"""Programs of the oracle: found by name, with what runs before and behind them."""

from collections.abc import Callable

import pytest

from oracle.program import CODE, HIGH_PAGE, RESULT, load_program, names
from sel4emu.errors import InputError
from sel4emu.loader import Image


def test_every_program_is_described() -> None:
    """Each has one sentence that says what it shows; there are at least 80."""
    programs = [load_program(name) for name in names()]
    assert len(programs) >= 80
    for program in programs:
        assert len(program.summary) > 20, program.name


def test_typed_text_of_a_program() -> None:
    """The line that says what is typed understands escapes."""
    assert load_program("uart_receive").typed == b"The quick brown fox\n"
    assert load_program("uart_polled").typed == b""


def test_unknown_program() -> None:
    """A name that is not that of a program is refused."""
    with pytest.raises(InputError, match="nothing: expected the name of a program"):
        load_program("nothing")


def test_image(make_image: Callable[[str], Image]) -> None:
    """The program stands first in RAM, its start elsewhere, the vectors at both their places."""
    image = make_image("program:\nldr r0, =RESULT\nend\n")
    bases = {segment.paddr: segment.data for segment in image.segments}
    assert bases[0] == bases[HIGH_PAGE]
    assert image.entry == image.symbols["start"] != CODE
    assert RESULT.to_bytes(4, "little") in bases[CODE]


def test_refused_source(make_image: Callable[[str], Image]) -> None:
    """An instruction that the core lacks is an error of the program that names it."""
    with pytest.raises(InputError, match=r"test: .*movw"):
        make_image("program:\nmovw r0, #1\nend\n")
