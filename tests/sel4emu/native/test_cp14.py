# SPDX-License-Identifier: BSD-2-Clause
"""Coprocessor 14 as software finds it that looks for a debug unit."""

import pytest

from tests.sel4emu.conftest import Bare

SKIP = """
    skip:
    add r8, r8, #1
    movs pc, lr
"""


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize(("revision", "didr"), [("r0p4", 0x1511_0004), ("r1p3", 0x1511_0013)])
def test_identification(level: str, revision: str, didr: int) -> None:
    """Six breakpoints, two watchpoints, the debug architecture of v6, and the core's revision."""
    bare = Bare(level, revision=revision)
    bare.run("mrc p14, 0, r0, c0, c0, 0\nmrc p14, 0, r1, c0, c1, 0\ndone: b done")
    assert (bare["r0"], bare["r1"]) == (didr, 0)


def test_monitor_mode_is_enabled_and_read_back(bare: Bare) -> None:
    """A kernel sets DSCR's monitor mode and checks that it stuck; what a debugger sets does not."""
    bare.run(
        """
        mvn r0, #0
        mcr p14, 0, r0, c0, c1, 0
        mrc p14, 0, r1, c0, c1, 0
        ldr r0, =0x80001000
        mcr p14, 0, r0, c0, c5, 4    @ BVR5
        ldr r2, =0x1E7
        mcr p14, 0, r2, c0, c1, 7    @ WCR1
        mrc p14, 0, r3, c0, c5, 4
        mrc p14, 0, r4, c0, c1, 7
        mrc p14, 0, r5, c0, c0, 4
        done: b done
        """
    )
    assert bare["r1"] == 0x9000
    assert (bare["r3"], bare["r4"], bare["r5"]) == (0x8000_1000, 0x1E7, 0)


def test_breakpoints_never_hit(bare: Bare) -> None:
    """An enabled breakpoint on the next instruction changes nothing."""
    bare.load(
        f"""
        mov r0, #0x8000
        mcr p14, 0, r0, c0, c1, 0
        adr r0, here
        mcr p14, 0, r0, c0, c0, 4
        ldr r0, =0x1E7
        mcr p14, 0, r0, c0, c0, 5
        here: mov r3, #1
        done: b done
        {SKIP}
        """,
        pabt="skip",
        und="skip",
    )
    bare.go()
    assert (bare["r3"], bare["r8"]) == (1, 0)


@pytest.mark.parametrize(
    "line",
    [
        "mrc p14, 0, r1, c0, c6, 4",  # a seventh breakpoint
        "mcr p14, 0, r1, c0, c2, 6",  # a third watchpoint
        "mrc p14, 1, r1, c0, c0, 0",  # the trace unit
        "mrc p14, 0, r1, c1, c0, 0",
    ],
)
def test_what_is_not_there_is_undefined(bare: Bare, line: str) -> None:
    """Registers beyond those of the core trap."""
    bare.load(f"{line}\nmov r2, #1\ndone: b done\n{SKIP}", und="skip")
    bare.go()
    assert (bare["r8"], bare["r2"]) == (1, 1)


@pytest.mark.parametrize(
    ("line", "closed", "traps"),
    [
        ("mrc p14, 0, r1, c0, c0, 0", 0, 0),
        ("mrc p14, 0, r1, c0, c1, 0", 0, 0),
        ("mcr p14, 0, r1, c0, c1, 0", 0, 1),
        ("mrc p14, 0, r1, c0, c0, 4", 0, 1),
        ("mrc p14, 0, r1, c0, c0, 0", 0x1000, 1),
    ],
)
def test_user_mode(bare: Bare, line: str, closed: int, traps: int) -> None:
    """User mode may read DIDR and DSCR until DSCR says otherwise, and no more."""
    bare.load(
        f"mov r0, #{closed}\nmcr p14, 0, r0, c0, c1, 0\ncps #0x10\n{line}\ndone: b done\n{SKIP}",
        und="skip",
    )
    bare.go()
    assert bare["r8"] == traps


def test_a_failed_condition_reads_nothing(bare: Bare) -> None:
    """MRC p14 whose condition fails leaves the register."""
    bare.run("mov r0, #5\ncmp r0, r0\nmrcne p14, 0, r0, c0, c0, 0\ndone: b done")
    assert bare["r0"] == 5


def test_flags_from_dscr(bare: Bare) -> None:
    """MRC p14 to r15 sets the flags, as software that polls the channel does."""
    bare.run("cmp r0, r0\nmrc p14, 0, apsr_nzcv, c0, c1, 0\nmrs r0, cpsr\ndone: b done")
    assert bare["r0"] >> 28 == 0


def test_jazelle_is_trivial(bare: Bare) -> None:
    """JIDR reads zero: there is a Jazelle that does nothing."""
    bare.run("mvn r0, #0\nmrc p14, 7, r0, c0, c0, 0\ndone: b done")
    assert bare["r0"] == 0
