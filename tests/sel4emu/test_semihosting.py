# SPDX-License-Identifier: BSD-2-Clause
"""ARM semihosting of bare images."""

import pytest

from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, Bare


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("mov r0, #0x18\nldr r1, =0x20026\nsvc #0x123456", 0),
        ("mov r0, #0x18\nldr r1, =0x20024\nsvc #0x123456", 1),
        ("mov r0, #0x20\nadr r1, block\nsvc #0x123456\nliterals: block: .word 0x20026, 0", 0),
        ("mov r0, #0x20\nadr r1, block\nsvc #0x123456\nliterals: block: .word 0x20026, 3", 1),
    ],
)
def test_exit(bare: Bare, source: str, status: int) -> None:
    """SYS_EXIT and SYS_EXIT_EXTENDED end the run with status 0 or 1, in user mode as well."""
    for mode in ("", "cps #0x10\n"):
        bare.machine.semihosting = True
        bare["cpsr"] = 0x1D3
        bare.load(mode + source)
        stop = bare.machine.run(cycles=1000)
        assert (stop.reason, stop.status) == (StopReason.HALT, status)


def test_output(bare: Bare) -> None:
    """SYS_WRITE0 writes a string, SYS_WRITEC a character; the program goes on behind."""
    bare.machine.semihosting = True
    bare.run(
        """
        mov r0, #4
        adr r1, text
        svc #0x123456
        mov r0, #3
        add r1, r1, #1
        svc #0x123456
        mov r0, #5
        svc #0x123456
        done: b done
        literals:
        text: .asciz "hello"
        """
    )
    assert bytes(bare.machine.console.captured) == b"helloe"
    assert bare["r0"] == 0xFFFF_FFFF  # SYS_WRITE is not there


def test_bad_pointers(bare: Bare) -> None:
    """Pointers to nothing and to the end of the address space harm nobody."""
    bare.machine.semihosting = True
    for operation in (3, 4, 0x20):
        for pointer in (0x7000_0000, 0xFFFF_FFFF, 0x43F9_0000):
            bare.load(f"mov r0, #{operation}\nldr r1, ={pointer}\nsvc #0x123456\ndone: b done")
            assert bare.machine.run("done", cycles=1000).reason in {
                StopReason.ADDRESS, StopReason.HALT
            }  # fmt: skip


def test_clock(bare: Bare) -> None:
    """SYS_CLOCK counts hundredths of a second of the board's time."""
    bare.machine.semihosting = True
    bare.machine.charge(bare.machine.board.clocks.cpu * 3)
    bare.run("mov r0, #0x10\nsvc #0x123456\ndone: b done")
    assert bare["r0"] == 300


def test_thumb_form(bare: Bare) -> None:
    """SVC 0xAB in Thumb state."""
    bare.machine.semihosting = True
    bare.load("adr r2, literals + 1\nmov r0, #3\nadr r1, literals\nbx r2\nliterals: .ltorg")
    bare.put(bare.machine.symbols["literals"], 0xE7FE_DFAB)
    bare.machine.run(cycles=1000)
    assert bytes(bare.machine.console.captured) == b"\xab"


def test_off_by_default(bare: Bare) -> None:
    """Without semihosting the same SVC is a supervisor call."""
    assert not bare.machine.semihosting
    bare.load("svc #0x123456\nb .\ndone: b done", svc="done")
    bare.go()
    assert bare["lr"] == RAM + 4
