# SPDX-License-Identifier: BSD-2-Clause
"""The last branches, from the machine's trail: in order, folded, the same at both levels."""

import numpy as np
import pytest

from sel4emu.native.branches import CUT, SIZE_SHIFT
from sel4emu.native.state import STATE, ExceptionKind
from sel4emu.trail import Branch, Rounds, fold, last_branches
from tests.sel4emu.conftest import RAM, Bare


def pairs(rounds: list[Rounds]) -> list[tuple[list[tuple[int, int]], int]]:
    """Offsets of origins and targets in RAM, and how often they came."""
    return [
        ([(b.origin - RAM, b.target - RAM) for b in each.branches], each.times) for each in rounds
    ]


def test_branches_in_order(bare: Bare) -> None:
    """Calls, returns and taken branches are there; those not taken, and plain code, are not."""
    bare.run(
        """
        mov r0, #3
    again: subs r0, r0, #1
        bne again
        bl function
        beq done
        b done
    function: mov r2, #1
        bx lr
    done: b done
        """
    )
    assert pairs(last_branches(bare.machine.cpu.state, 20)) == [
        ([(8, 4)], 2),
        ([(12, 24)], 1),
        ([(28, 16)], 1),
        ([(16, 32)], 1),
    ]


def test_thumb_origins(bare: Bare) -> None:
    """The origin of a branch in Thumb state is its halfword."""
    bare.run(
        """
        ldr r0, =thumb
        orr r0, r0, #1
        blx r0
    done: b done
    literals: .ltorg
        .thumb
    thumb: mov r8, r8
        b over
        mov r8, r8
    over: bx lr
        """
    )
    assert pairs(last_branches(bare.machine.cpu.state, 20)) == [
        ([(8, 20)], 1),
        ([(22, 26)], 1),
        ([(26, 12)], 1),
    ]


def test_exceptions_and_what_led_to_them(bare: Bare) -> None:
    """A branch to nowhere is there before the abort that it raises, and the abort by its name."""
    bare.load("ldr r0, =0x40000000\nbx r0\nhandler: b handler", pabt="handler")
    bare.machine.run("handler", cycles=1000)
    jump, abort, load = (each.branches[0] for each in last_branches(bare.machine.cpu.state, 3))
    assert jump == Branch(RAM + 4, 0x4000_0000)
    assert abort == Branch(0x4000_0000, 0xC, ExceptionKind.PREFETCH_ABORT)
    assert (load.origin, load.target) == (0xC, RAM + 8)


def test_exception_within_a_block(bare: Bare) -> None:
    """A data abort's origin is the instruction that raised it, not the end of its block."""
    bare.load(
        "mov r1, #0x40000000\nmov r0, #0\nldr r0, [r1]\nmov r3, #0\nhandler: b handler",
        dabt="handler",
    )
    bare.machine.run("handler", cycles=1000)
    abort = last_branches(bare.machine.cpu.state, 2)[0].branches[0]
    assert abort == Branch(RAM + 8, 0x10, ExceptionKind.DATA_ABORT)


def test_interrupt_in_a_hot_block(bare: Bare) -> None:
    """Stops for events leave no branches behind: a loop of one block stays a loop of one branch."""
    bare.load("ldr r0, =100000\nagain: subs r0, r0, #1\nbne again\ndone: b done")
    for _ in range(100):
        bare.machine.run(cycles=777)
    bare.go(cycles=10**6)
    state = bare.machine.cpu.state
    assert pairs(last_branches(state, 20))[0] == ([(8, 4)], 99_999)


def test_long_loop_does_not_push_out_what_led_to_it(bare: Bare) -> None:
    """A million rounds of a loop of three branches: what came before it is still known."""
    bare.load(
        """
        bl first
        b panic
    first: bx lr
        .space 32
    panic: bl delay
        nop
        b panic
    delay: nop
        bx lr
        """
    )
    bare.machine.run(cycles=600_000)
    rounds = pairs(last_branches(bare.machine.cpu.state, 20))
    assert rounds[:3] == [([(0, 8)], 1), ([(8, 4)], 1), ([(4, 44)], 1)]
    loop, times = rounds[3]
    assert loop == [(44, 56), (60, 48), (52, 44)] and times > 10_000


def test_loops_one_after_the_other(counting: Bare) -> None:
    """The trail never says that branches followed one another that did not."""
    counting.run(
        """
        ldr r0, =5000
    one: subs r0, r0, #1
        bne one
        ldr r0, =7001
    two: nop
        subs r0, r0, #1
        beq done
        b two
    done: b done
        """
    )
    rounds = pairs(last_branches(counting.machine.cpu.state, 20))
    assert rounds[-2:] == [([(28, 16)], 7000), ([(24, 32)], 1)]
    (loop, times), others = rounds[0], rounds[1:-2]
    assert loop == [(8, 4)] and 2 <= times <= 4999  # the oldest may be cut off
    assert others == []


def test_fold() -> None:
    """Repetitions are put together, the shortest period first; what is left stays as it is."""
    a, b, c = (Branch(n, n + 4) for n in (0, 8, 16))
    assert list(fold([a, a, a, b])) == [Rounds((a,), 3), Rounds((b,), 1)]
    assert list(fold([c, a, b, a, b, a])) == [
        Rounds((c,), 1),
        Rounds((a, b), 2),
        Rounds((a,), 1),
    ]


def block(offset: int, size: int, flags: int = 0) -> int:
    """An entry of the trail."""
    return RAM + offset | size << SIZE_SHIFT | flags


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([block(8, 12, CUT), block(12, 8), block(8, 12)], [(16, 8)]),
        ([block(8, 12, CUT), block(12, 8, CUT), block(16, 4), block(8, 12)], [(16, 8)]),
        ([block(8, 12, CUT), block(12, 28), block(40, 8), block(0, 4)], [(44, 0)]),
    ],
)
def test_block_stopped_in_its_middle(entries: list[int], expected: list[tuple[int, int]]) -> None:
    """The rest of a block may be stopped again, or be translated with more behind it.

    Each of these showed a branch that nobody had executed, from the first block's end.
    """
    state = np.zeros(1, STATE)
    state[0]["trail"][: len(entries)] = entries
    state[0]["trail_count"] = len(entries)
    assert [each for part, _ in pairs(last_branches(state, 20)) for each in part] == expected
