# SPDX-License-Identifier: BSD-2-Clause
"""The hooks' own decoding: which instructions they must know of."""

import pytest

from sel4emu.native.cp15 import is_cp15, is_read
from sel4emu.native.special import is_unprivileged_access
from tests.sel4emu.conftest import RAM, Bare


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0xEE11_0F10, True),  # mrc p15, 0, r0, c1, c0, 0
        (0x0E01_0F10, True),  # mcreq
        (0xFE11_0F10, False),  # mrc2
        (0xEE31_0F10, False),  # opcode_1 is 1
        (0xEE11_0E10, False),  # p14
        (0xEE01_0F00, False),  # cdp
        (0xEF00_0F10, False),  # svc
    ],
)
def test_coprocessor_accesses(word: int, expected: bool) -> None:
    """MRC and MCR of CP15 with opcode_1 0, under any condition."""
    assert bool(is_cp15(word)) == expected
    assert bool(is_read(0xEE11_0F10)) and not is_read(0xEE01_0F10)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0xE4B1_0000, True),  # ldrt r0, [r1]
        (0xE4E1_0001, True),  # strbt r0, [r1], #1
        (0xE6B1_0002, True),  # ldrt r0, [r1], r2
        (0xE491_0004, False),  # ldr r0, [r1], #4
        (0xE5B1_0004, False),  # ldr r0, [r1, #4]!
        (0xE6B1_0012, False),  # a media instruction
        (0xF4B1_0000, False),
    ],
)
def test_unprivileged_accesses(word: int, expected: bool) -> None:
    """LDRT, STRT and their byte forms."""
    assert bool(is_unprivileged_access(word)) == expected


def test_alignment_fault_after_a_breakpoint(bare: Bare) -> None:
    """What Unicorn reports as unaligned is a data abort, whatever abort came before.

    Behind a refused fetch it was taken for another breakpoint.
    """
    bare.load(
        """
        mrc p15, 0, r1, c1, c0, 0
        orr r1, r1, #0x400000        @ SCTLR.U
        mcr p15, 0, r1, c1, c0, 0
        bkpt #0
        ldr r1, =0x80001002
        ldrex r0, [r1]
        b .
        back: mov pc, lr
        done: b done
        """,
        pabt="back",
        dabt="done",
    )
    bare.go()
    assert bare.machine.cpu.read_cp15(5, 0, 0) == 0b00001
    assert bare.machine.cpu.read_cp15(6, 0, 0) == RAM + 0x1002


@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_link_into_a_device_is_harmless(bare: Bare, page: int) -> None:
    """An undefined instruction whose report looks at an address in a device window.

    Only the first page of a device was told from memory: in the second the host read at the
    address 0x1000 of its own, and was killed.
    """
    device = 0x43F9_0000 + 4096 * page
    bare.load(f"ldr lr, ={device + 8}\nmov r1, #4\nbx r1")
    stop = bare.machine.run(cycles=1000)
    assert stop.reason.value == "crash"
