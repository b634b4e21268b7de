# SPDX-License-Identifier: BSD-2-Clause
"""The tick, preemption, and threads that wait for an interrupt."""

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, Syscall
from kernel.layout import ThreadState
from sel4emu.stop import StopReason
from tests.equivalence.lockstep import LOOP
from tests.system.stage import CODE, Stage

TICK_CYCLES = 5_320_000  # 10 ms at 532 MHz
EPIT2 = 0x53F9_8000
EPIT2_LINE = 27
EPIT2_VADDR = 0x8_0000

_SPIN = "spin: add r4, r4, #1\n b spin"
#: EN, ENMOD, OCIEN, RLD, IOVW, 32 kHz; a period of 33 steps is a millisecond.
_START_EPIT2 = """
    ldr r2, literals
    str r2, [r1]
    mov r2, #32
    str r2, [r1, #8]
    mov r2, #0
    str r2, [r1, #12]
    b LOOP
literals:
    .word 0x0302000F
"""
_CLEAR_EPIT2 = "mov r2, #1\n str r2, [r1, #4]\n b LOOP"


def _spin_at(stage: Stage, priorities: tuple[int, ...]) -> None:
    """Make peers spin at priorities below the root thread's, and let it wait for ever."""
    lock = stage.lock
    stage.place(_SPIN)
    for peer, priority in zip(stage.arena.peers, priorities, strict=False):
        lock.must(peer.slot, Label.TCB_SET_PRIORITY, (priority,))
        lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, (1, 3, CODE, 0, 0))
    stage.machine.registers["r0"] = stage.arena.caps["full"]
    stage.machine.registers["r7"] = Syscall.WAIT & abi.WORD_MASK


def _rounds(stage: Stage, number: int) -> int:
    """How often a spinning peer has gone round."""
    peer = stage.arena.peers[number]
    if stage.lock.current == peer.tcb:
        return stage.machine.registers["r4"]
    return stage.register(peer, "r4")


def test_equal_priorities_share_the_processor(ticking_stage: Stage) -> None:
    """Three spinning threads of one priority, in three address spaces, all make progress."""
    stage = ticking_stage
    _spin_at(stage, (50, 50, 50))
    stop = stage.machine.run(cycles=9 * TICK_CYCLES)
    assert stop.reason is StopReason.CYCLE
    rounds = [_rounds(stage, number) for number in range(3)]
    assert sum(rounds) > 9 * TICK_CYCLES // 2 * 0.99
    assert max(rounds) < 1.6 * min(rounds)
    assert 8 <= stage.machine.counters["exception_irq"] <= 10
    stage.check()


def test_higher_priority_starves_lower(ticking_stage: Stage) -> None:
    """A thread of lower priority does not run while a higher one spins, ticks or not."""
    stage = ticking_stage
    _spin_at(stage, (50, 49))
    stage.machine.run(cycles=4 * TICK_CYCLES)
    assert _rounds(stage, 0) > TICK_CYCLES
    assert _rounds(stage, 1) == 0
    stage.check()


def _device_frame(stage: Stage, base: int) -> int:
    """The slot of the frame of a device, from the boot information."""
    lock = stage.lock
    for index in range(lock.info(abi.BI_NUM_DEVICES)):
        offset = abi.BI_DEVICES + abi.BI_DEVICE_BYTES * index
        if lock.info(offset) == base:
            return lock.info(offset + 8)
    raise AssertionError(hex(base))


def _run_piece(stage: Stage, code: str) -> None:
    """Run a piece of code in the root thread, with r1 = the device, up to the loop."""
    stage.place(code)
    stage.machine.registers["r1"] = EPIT2_VADDR
    stage.machine.registers["pc"] = CODE
    stop = stage.machine.run(LOOP, cycles=1_000_000)
    assert stop.reason is StopReason.ADDRESS


def _own_timer(stage: Stage) -> tuple[int, int]:
    """Map EPIT2 and route its line to the async endpoint: handler slot, badged endpoint slot."""
    lock, arena = stage.lock, stage.arena
    frame = _device_frame(stage, EPIT2)
    lock.must(frame, Label.PAGE_MAP, (EPIT2_VADDR, abi.RIGHTS_ALL, 0), (InitialCap.VSPACE,))
    handler = arena.slots()
    words = (EPIT2_LINE, handler, 32)
    lock.must(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, (InitialCap.CNODE,))
    badged = arena.copy(arena.async_endpoint, badge=0x77)
    lock.must(handler, Label.IRQ_HANDLER_SET_ENDPOINT, (), (badged,))
    return handler, badged


def test_interrupts_wake_a_user_thread(own_stage: Stage) -> None:
    """A driver waits five times for EPIT2; each interrupt comes once and only after its Ack."""
    stage = own_stage
    handler, _ = _own_timer(stage)
    lock = stage.lock
    _run_piece(stage, _START_EPIT2)
    for number in range(5):
        stop = lock.invoke(Syscall.WAIT, stage.arena.async_endpoint)
        assert stop.reason is StopReason.ADDRESS
        registers = stage.machine.registers
        assert (registers["r0"], registers["r1"], registers["r2"]) == (0x77, 1, 1 << EPIT2_LINE)
        assert stage.machine.counters["exception_irq"] >= number
        stage.check()
        _run_piece(stage, _CLEAR_EPIT2)
        lock.must(handler, Label.IRQ_HANDLER_ACK)


def test_interrupt_without_ack_stays_masked(own_stage: Stage) -> None:
    """Without an Ack no second interrupt comes, and the waiting system never wakes."""
    stage = own_stage
    _own_timer(stage)
    _run_piece(stage, _START_EPIT2)
    stage.lock.invoke(Syscall.WAIT, stage.arena.async_endpoint)
    stage.machine.registers["r0"] = stage.arena.async_endpoint
    stage.machine.registers["r7"] = Syscall.WAIT & abi.WORD_MASK
    before = stage.machine.counters["exception_irq"]
    stop = stage.machine.run(LOOP, cycles=3 * TICK_CYCLES)
    assert stop.reason is not StopReason.ADDRESS
    assert stage.machine.counters["exception_irq"] == before


@pytest.mark.parametrize("number", [0, 1, 2])
def test_interrupt_preempts_a_lower_thread(own_stage: Stage, number: int) -> None:
    """A spinning peer in any address space is interrupted when the driver's signal comes."""
    stage = own_stage
    _own_timer(stage)
    peer, lock = stage.arena.peers[number], stage.lock
    _run_piece(stage, _START_EPIT2)
    stage.place(_SPIN)
    lock.must(peer.slot, Label.TCB_SET_PRIORITY, (20,))
    lock.must(peer.slot, Label.TCB_WRITE_REGISTERS, (1, 3, CODE, 0, 0))
    stop = lock.invoke(Syscall.WAIT, stage.arena.async_endpoint)
    assert stop.reason is StopReason.ADDRESS
    assert lock.current == lock.root
    assert stage.register(peer, "r4") > 0
    assert lock.ks.load(peer.tcb + layout.TCB_STATE) == ThreadState.RUNNING
    stage.check()
