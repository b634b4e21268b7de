# SPDX-License-Identifier: BSD-2-Clause
"""Programs on our machine: every way in which a run ends."""

from collections.abc import Callable

import pytest

from oracle.fields import fields_of
from oracle.ours import run_on_ours
from oracle.outcome import Ending
from oracle.program import REGIONS
from sel4emu.loader import Image

MakeImage = Callable[[str], Image]


@pytest.mark.parametrize("level", ["off", "full"])
def test_finished(make_image: MakeImage, level: str) -> None:
    """Results, an exception's record and the registers of every mode come back by name."""
    image = make_image(
        """
        program:
            mov     r0, #5
            put     r0
            svc     #7
            cps     #0x12
            mov     sp, #0x99
            cps     #0x13
            end
        """
    )
    outcome = run_on_ours(image, regions=REGIONS, timing=level)
    fields = fields_of(outcome)
    assert outcome.ending is Ending.FINISHED
    assert (fields["result[0]"], fields["r0"], fields["sp_irq"]) == (5, 5, 0x99)
    assert (fields["log[0].kind"], fields["log[0].lr"]) == (2, image.symbols["program"] + 12)
    assert "log[1].kind" not in fields


def test_a_failure_is_not_lost(make_image: MakeImage) -> None:
    """A jump into the void ends a program in the state in which its vector found it."""
    fields = fields_of(run_on_ours(make_image("program:\nmov pc, #0\n"), regions=REGIONS))
    assert fields["log[0].kind"] == 9


def test_limit(make_image: MakeImage) -> None:
    """A program that never ends is stopped, and says where."""
    image = make_image("program:\nwait: cmp r0, #1\nbne wait\n")
    outcome = run_on_ours(image, regions=REGIONS, limit_cycles=10_000)
    assert outcome.ending is Ending.TIMEOUT
    assert "PC 0x8000000" in outcome.detail
    assert outcome.regions == ()


def test_crash(make_image: MakeImage) -> None:
    """A machine that cannot go on is told apart from one that is late."""
    image = make_image(
        """
        program:
            set_control 0x2000, 0            @ high vectors, and nothing there
            svc     #1
        """
    )
    outcome = run_on_ours(image, regions=REGIONS)
    assert outcome.ending is Ending.STOPPED
    assert "cannot be fetched" in outcome.detail


def test_typed_and_printed(make_image: MakeImage) -> None:
    """What is typed reaches UART1, and what is sent comes back."""
    image = make_image(
        """
        program:
            ldr     r1, =UART1
        wait:
            ldr     r0, [r1, #0x98]
            tst     r0, #1
            beq     wait
            ldr     r0, [r1]
            str     r0, [r1, #0x40]
            end
        """
    )
    assert run_on_ours(image, regions=REGIONS, typed=b"?").console == b"?"
