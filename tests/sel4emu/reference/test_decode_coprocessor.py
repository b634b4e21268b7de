# SPDX-License-Identifier: BSD-2-Clause
"""Coprocessor 15 as the decoder sees it."""

from collections.abc import Callable

import pytest

from sel4emu.reference.decode_coprocessor import decode_coprocessor
from sel4emu.reference.operation import Operation, Result, SystemWrite
from sel4emu.reference.records import Control, Executed

DSB = 0xEE07_1F9A
TTBR = 0xEE02_1F10


def test_write(decode: Callable[..., Operation]) -> None:
    """MCR needs its register and says what it writes where."""
    operation = decode("mcr p15, 0, r1, c8, c7, 1", r1=0x1234)
    assert operation.issue == 1 and operation.normal == (1,)
    assert operation.system == SystemWrite(8, 7, 1, 0x1234)


def test_read(decode: Callable[..., Operation]) -> None:
    """MRC has a latency of three; to PC it sets the flags."""
    assert decode("mrc p15, 0, r1, c1, c0, 0").results == (Result(1, 3),)
    assert decode(".word 0xee11ff10").sets_flags


def test_range(decode: Callable[..., Operation]) -> None:
    """MCRR has the end of the range in its first register and the start in its second."""
    operation = decode("mcrr p15, #0, r1, r2, c12", r1=0x9000, r2=0x8000)
    assert operation.system == SystemWrite(0, 12, 0, 0x8000, range_end=0x9000)


@pytest.mark.parametrize(("word", "acts"), [(DSB, True), (TTBR, False)])
def test_user_mode(control: Control, figures: dict[str, int], word: int, acts: bool) -> None:
    """User mode has its barriers; the rest is undefined."""
    executed = Executed(0, word, 4, False, (0,) * 16, 0x10)
    operation = decode_coprocessor(word, executed, control, figures)
    assert (operation.system is not None) == acts


def test_other_coprocessors(decode: Callable[..., Operation]) -> None:
    """There is no coprocessor 5."""
    assert decode("mcr p5, 0, r1, c1, c0, 0") == Operation(issue=1)
