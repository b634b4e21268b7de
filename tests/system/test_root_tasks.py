# SPDX-License-Identifier: BSD-2-Clause
"""Root tasks that misbehave, each a few instructions booted as a whole image."""

import pytest

from kernel.invariants import invs
from kernel.options import KernelOptions
from sel4emu.asm import assemble
from sel4emu.cli.system import System
from sel4emu.loader import Image, Segment
from sel4emu.stop import StopReason

START = 0x1_0000
#: Yields for ever, with some work in between.
_YIELDING = "loop: mov r5, #0x4000\n busy: subs r5, #1\n bne busy\n mvn r7, #6\n svc #0\n b loop"


def _boot(board: str, code: str, *, slow: bool, log: list[str] | None = None) -> System:
    data = assemble(code, START).code
    segment = Segment(vaddr=START, paddr=START, data=data, memory_size=max(len(data), 4096))
    image = Image("bad", (segment,), START)
    messages: list[str] = [] if log is None else log
    return System.boot(image, board=board, options=KernelOptions(slow=slow), log=messages.append)


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ldr pc, literals\nliterals: .word 0xDEAD0000", "fetching from 0xdead0000"),
        ("ldr pc, literals\nliterals: .word 0xF0000000", "fetching from 0xf0000000"),
        ("mov pc, #0", "fetching from 0x00000000"),
        ("mov sp, #0\n push {r0, r1}", "accessing 0xfffffff8"),
        ("ldr sp, literals\n push {lr}\nliterals: .word 0xFFFFC010", "accessing 0xffffc00c"),
        ("udf #1", "undefined instruction"),
        ("mov r0, #0\n mov r7, #99\n svc #0", "unknown system call 0x63"),
        ("mvn r0, #0\n mvn r7, #0\n svc #0", "capability address 0xffffffff"),
    ],
)
def test_end_with_a_reason(small_board: str, slow: bool, code: str, reason: str) -> None:
    """A root task that faults ends the run with status 3 and one sentence that says why."""
    log: list[str] = []
    system = _boot(small_board, code, slow=slow, log=log)
    stop = system.machine.run(cycles=20_000_000)
    assert (stop.reason, stop.status) == (StopReason.HALT, 3)
    assert reason in stop.message
    assert reason in log[0]
    assert "no fault handler is set" in log[0]
    assert invs(system.kernel.state) == []


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("code", ["b .", _YIELDING])
def test_endless_root_task(small_board: str, slow: bool, code: str) -> None:
    """A root task that spins, or yields for ever, runs until the limit through many ticks."""
    system = _boot(small_board, code, slow=slow)
    stop = system.machine.run(cycles=20_000_000)
    assert stop.reason is StopReason.CYCLE
    assert system.machine.counters["exception_irq"] >= 3
    assert invs(system.kernel.state) == []


@pytest.mark.parametrize("slow", [False, True])
def test_stack_that_runs_into_the_code(small_board: str, slow: bool) -> None:
    """A recursion that overwrites its own code ends by itself, one way or another."""
    code = "mov sp, #0x11000\n loop: push {r0-r12, lr}\n bl loop"
    system = _boot(small_board, code, slow=slow)
    stop = system.machine.run(cycles=20_000_000)
    assert stop.reason in (StopReason.HALT, StopReason.CYCLE)
    assert invs(system.kernel.state) == []


@pytest.mark.parametrize("slow", [False, True])
def test_two_runs_are_equal(small_board: str, slow: bool) -> None:
    """Two runs of one image agree in every counter and every byte of RAM."""
    outcomes = []
    for _ in range(2):
        system = _boot(small_board, _YIELDING, slow=slow)
        system.machine.run(cycles=12_000_000)
        ram = system.machine.read_physical(0x8000_0000, 4 << 20)
        outcomes.append((dict(system.machine.counters), ram, dict(system.machine.registers)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0]["exception_irq"] > 0
