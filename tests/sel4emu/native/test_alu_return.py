# SPDX-License-Identifier: BSD-2-Clause
"""Every operation with S set into PC returns from an exception."""

import pytest

from tests.sel4emu.conftest import Bare

BACK = {
    "movs pc, lr": "",
    "subs pc, lr, #0": "",
    "adds pc, lr, #0": "",
    "adds pc, lr, r7": "",
    "adcs pc, lr, #0": "cmn r7, #1",  # clears C
    "adcs pc, r6, #0": "sub r6, lr, #1\ncmp r7, r7",  # sets C
    "sbcs pc, lr, #0": "cmp r7, r7",
    "rsbs pc, r7, lr": "",
    "rscs pc, r7, lr": "cmp r7, r7",
    "ands pc, lr, r6": "mvn r6, #0",
    "orrs pc, lr, r7": "",
    "eors pc, lr, r7": "",
    "bics pc, lr, r7": "",
    "mvns pc, r6": "mvn r6, lr",
    "adds pc, r7, r6, lsl #2": "mov r6, lr, lsr #2",
    "adds pc, r7, r6, ror r5": "mov r5, #36\nmov r6, lr, ror #28",
    "orrs pc, r7, r6, rrx": "movs r6, lr, lsl #1",
    "orrs pc, r6, r7, asr r5": "mov r5, #99\nmov r6, lr",
}


@pytest.mark.parametrize("line", BACK)
@pytest.mark.parametrize("thumb", [0, 1])
def test_returns(bare: Bare, line: str, thumb: int) -> None:
    """PC gets the result, and CPSR the SPSR: mode, state, flags and masks.

    Unicorn, and the QEMU it is made from, set the flags by all but MOVS and SUBS.
    """
    bare.load(
        f"""
        msr cpsr_fsxc, #0xD3
        ldr r1, =0x60000110
        orr r1, r1, #{0x20 * thumb}
        msr spsr_fsxc, r1
        adr lr, back
        mov r7, #0
        {BACK[line]}
        {line}
        b .
        literals: .ltorg
        .align 2
        back: .word 0, 0
        """
    )
    back = bare.machine.symbols["back"]
    if not thumb:
        bare.put(back, 0xE3A0_0009, 0xEAFF_FFFE)  # mov r0, #9; b .
    else:
        bare.put(back, 0xE7FE_2009)  # movs r0, #9; b .
    bare.machine.run(back + (2 if thumb else 4), cycles=2000)
    assert bare["r0"] == 9
    flags = 0x20 if thumb else 0x60
    assert bare["cpsr"] == flags << 24 | 0x110 | 0x20 * thumb


def test_a_failed_condition_goes_on(bare: Bare) -> None:
    """Nothing happens where the condition fails."""
    bare.run("cmp r0, r0\nadr lr, bad\naddsne pc, lr, #0\nmov r1, #1\ndone: b done\nbad: b bad")
    assert bare["r1"] == 1 and bare["cpsr"] & 0x1F == 0x13
