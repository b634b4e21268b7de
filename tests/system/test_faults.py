# SPDX-License-Identifier: BSD-2-Clause
"""Faults of user threads: as messages to a handler that mends them, and without a handler."""

import pytest

from kernel import abi, layout
from kernel.abi import Fault, Label, LookupFailure, Syscall
from kernel.layout import ThreadState
from sel4emu.stop import StopReason
from tests.equivalence.lockstep import LOOP
from tests.system.stage import CODE, Stage

_LOAD = "ldr r0, [r1]\n b LOOP"
_STORE = "str r0, [r1]\n b LOOP"
_WRITE = 1 << 11  # the fault status says that it was a write


@pytest.mark.parametrize(
    ("code", "address", "status"),
    [
        (_LOAD, 0x0050_0000, 0x5),
        (_LOAD, 0x0002_0004, 0x7),
        (_LOAD, 0xF000_0000, 0xD),
        (_LOAD, 0xFFFF_0000, 0xF),
        (_LOAD, 0xFFF0_1000, 0xF),
        (_STORE, 0x0050_0000, 0x5 | _WRITE),
        (_STORE, 0xF000_0000, 0xD | _WRITE),
        (_STORE, abi.GLOBALS_ADDRESS, 0xF | _WRITE),
        (_STORE, abi.GLOBALS_ADDRESS + 0xFFC, 0xF | _WRITE),
        ("swp r0, r2, [r1]\n b LOOP", 0xFFFF_C000, 0xF | _WRITE),
    ],
)
def test_data_faults(stage: Stage, code: str, address: int, status: int) -> None:
    """A load or store that may not be: pc, address, "data" and the status reach the handler."""
    stage.give_handler(stage.faulter)
    stage.place(code)
    stage.run(stage.faulter, CODE, r1=address)
    assert stage.lock.current == stage.handler.tcb
    label, words = stage.message()
    assert label == Fault.VM_FAULT
    if code.startswith("swp"):  # whether the read or the write of a swap is reported is open
        words[3] |= _WRITE
    assert words == [CODE, address, 0, status]


@pytest.mark.parametrize(
    ("address", "status"),
    [(0x0050_0000, 0x5), (0x0002_0000, 0x7), (0xF000_0000, 0xD), (0xFFFF_0008, 0xF)],
)
def test_fetch_faults(stage: Stage, address: int, status: int) -> None:
    """A jump to nowhere or into the kernel: the instruction is the address."""
    stage.give_handler(stage.faulter)
    stage.run(stage.faulter, address)
    assert stage.lock.current == stage.handler.tcb
    assert stage.message() == (Fault.VM_FAULT, [address, address, 1, status])


def test_globals_page_can_be_read(stage: Stage) -> None:
    """User code finds the address of its IPC buffer on the globals page."""
    stage.place(_LOAD)
    stage.run(stage.faulter, CODE, r1=abi.GLOBALS_ADDRESS)
    assert stage.lock.current == stage.faulter.tcb
    assert stage.machine.registers["r0"] == 0x4_1200


def test_mended_fault_goes_on(stage: Stage) -> None:
    """After the reply the faulting instruction is repeated, now with a good address."""
    stage.give_handler(stage.faulter)
    stage.place(_LOAD)
    stage.run(stage.faulter, CODE, r1=0x0050_0000)
    stage.lock.poke(stage.faulter.tcb + layout.REGISTER_OFFSETS["r1"], LOOP)
    stage.reply()
    assert stage.lock.current == stage.faulter.tcb
    assert stage.machine.registers["r0"] == int.from_bytes(b"\x00\x00\x00\xef", "little")
    stage.check()


@pytest.mark.parametrize(
    "word",
    [
        0xE7F0_00F0,  # udf #0, as the kernel's own code uses it to call Python
        0xE7F0_00F1,
        0xE7F0_00F6,
        0xEE07_0F17,  # mcr p15, 0, r0, c7, c7, 0: invalidate the caches
        0xEE02_0F10,  # mcr p15, 0, r0, c2, c0, 0: another page directory
        0xEE11_0F10,  # mrc p15, 0, r0, c1, c0, 0
        0xEE07_0F90,  # mcr p15, 0, r0, c7, c0, 4: wait for interrupt
        0xEE08_0F17,  # mcr p15, 0, r0, c8, c7, 0: invalidate the TLB
        0xE7FF_FFFF,
        0xEC41_0B10,  # a coprocessor that is not there or not enabled
    ],
)
def test_undefined_and_privileged_instructions(stage: Stage, word: int) -> None:
    """They reach the handler as user exceptions, which may skip them."""
    stage.give_handler(stage.faulter)
    stage.place(word.to_bytes(4, "little") + bytes.fromhex("fefffeea"))
    stage.place("b LOOP", CODE + 4)
    stage.run(stage.faulter, CODE, sp=0x1234)
    assert stage.lock.current == stage.handler.tcb
    label, words = stage.message(5)
    assert (label, words) == (Fault.USER_EXCEPTION, [CODE, 0x1234, abi.USER_CPSR, 0, 0])
    stage.reply(words=(CODE + 4, 0x5678))
    assert stage.lock.current == stage.faulter.tcb
    assert stage.machine.registers["sp"] == 0x5678
    stage.check()


@pytest.mark.parametrize(
    "code",
    [
        "mrs r2, cpsr\n bic r2, #0xff\n orr r2, #0x13\n msr cpsr_c, r2",  # ask for SVC mode
        "cpsid aif",
        "msr cpsr_c, #0xd3",
    ],
)
def test_mode_changes_have_no_effect(stage: Stage, code: str) -> None:
    """User code that asks for another mode or masks interrupts stays what it is."""
    stage.place(f"{code}\n b LOOP")
    stage.run(stage.faulter, CODE)
    assert stage.lock.current == stage.faulter.tcb
    assert stage.machine.registers["cpsr"] & 0xFF == abi.USER_CPSR


def test_breakpoint_instruction(stage: Stage) -> None:
    """A breakpoint instruction is a fetch fault with the status of a debug event."""
    stage.give_handler(stage.faulter)
    stage.place("bkpt #1\n b LOOP")
    stage.run(stage.faulter, CODE)
    assert stage.message() == (Fault.VM_FAULT, [CODE, CODE, 1, 0x2])


def test_exclusive_reservation_ends_at_a_system_call(stage: Stage) -> None:
    """A store-exclusive fails when its thread has been in the kernel since the load."""
    lines = "ldrex r2, [r1]\n mvn r7, #6\n {call}\n strex r3, r2, [r1]\n b LOOP"
    for call, failed in (("svc #0", 1), ("mov r0, r0", 0)):
        stage.arena.reset()
        stage.place(lines.format(call=call))
        stage.run(stage.faulter, CODE, r1=LOOP + 0xF00)
        assert stage.lock.current == stage.faulter.tcb
        assert stage.machine.registers["r3"] == failed


def test_unknown_system_call(stage: Stage) -> None:
    """All registers reach the handler, and its answer changes them."""
    stage.give_handler(stage.faulter)
    stage.place("mov r7, #100\n mov r2, #2\n mov r12, #12\n mov lr, #14\n svc #0x123\n b LOOP")
    stage.run(stage.faulter, CODE, sp=0x7777, r0=5, r1=6)
    label, words = stage.message(13)
    assert label == Fault.UNKNOWN_SYSCALL
    svc = CODE + 16
    assert words == [5, 6, 2, 0, 0, 0, 0, 100, svc, 0x7777, 14, abi.USER_CPSR, 100]
    stage.reply(words=(1, 2, 3, 4, 5, 6, 7, 8, CODE + 20, 0x10, 0x11, 0xFFFF_FFFF))
    assert stage.lock.current == stage.faulter.tcb
    registers = stage.machine.registers
    assert [registers[f"r{n}"] for n in range(8)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (registers["sp"], registers["lr"]) == (0x10, 0x11)
    assert registers["cpsr"] & 0x0700_FFFF == abi.USER_CPSR
    stage.check()


def test_refused_reply_stops_the_thread(stage: Stage) -> None:
    """An answer with a label leaves the thread inactive."""
    stage.give_handler(stage.faulter)
    stage.place("mov r7, #100\n svc #0\n b LOOP")
    stage.run(stage.faulter, CODE)
    stage.reply(label=1)
    state = stage.lock.ks.load(stage.faulter.tcb + layout.TCB_STATE)
    assert state == ThreadState.INACTIVE
    stage.check()


def test_capability_fault(stage: Stage) -> None:
    """A system call that names nothing: address, phase and lookup failure."""
    stage.give_handler(stage.faulter)
    stage.place("mvn r7, #0\n svc #0\n b LOOP")
    stage.run(stage.faulter, CODE, r0=0x7000_0001)
    label, words = stage.message(7)
    assert label == Fault.CAP_FAULT
    assert words == [CODE + 4, 0x7000_0001, 0, LookupFailure.GUARD_MISMATCH, 32, 0, 16]


@pytest.mark.parametrize("handler", ["none", "empty", "send", "async"])
def test_thread_without_a_usable_handler(stage: Stage, handler: str) -> None:
    """The thread stops; when nobody is left the run ends with status 3 and a list of threads."""
    cap = 0 if handler == "none" else stage.arena.caps[handler]
    stage.give_handler(stage.faulter, cap)
    stage.place(_LOAD)
    stage.run(stage.faulter, CODE, r1=0x0050_0000)
    assert stage.lock.current == stage.lock.root
    state = stage.lock.ks.load(stage.faulter.tcb + layout.TCB_STATE)
    assert state == ThreadState.INACTIVE
    stop = stage.lock.invoke(Syscall.WAIT, stage.arena.caps["full"])
    assert (stop.reason, stop.status) == (StopReason.HALT, 3)
    assert f"0x{stage.faulter.tcb:08x}" in stop.message
    assert "without a handler" in stop.message
    assert "accessing 0x00500000" in stop.message
    stage.check()


def test_handler_that_faults_itself(stage: Stage) -> None:
    """A handler that waits at its own fault endpoint and faults blocks as a sender there."""
    stage.give_handler(stage.faulter)
    stage.lock.poke(stage.handler.tcb + layout.TCB_FAULT_HANDLER, stage.arena.caps["full"])
    stage.place(_LOAD)
    stage.run(stage.faulter, CODE, r1=0x0050_0000)
    assert stage.lock.current == stage.handler.tcb
    stage.lock.invoke(50, 0)
    assert stage.lock.current == stage.lock.root
    state = stage.lock.ks.load(stage.handler.tcb + layout.TCB_STATE)
    assert state == ThreadState.BLOCKED_ON_SEND
    stage.check()


def test_wild_stack_and_link_registers(stage: Stage) -> None:
    """Values in r13 and r14 mean nothing to the kernel."""
    stage.place("mov sp, #1\n mvn lr, #0\n mvn r7, #6\n svc #0\n svc #0\n b LOOP")
    stage.run(stage.faulter, CODE)
    assert stage.lock.current == stage.faulter.tcb
    registers = stage.machine.registers
    assert (registers["sp"], registers["lr"]) == (1, 0xFFFF_FFFF)
    stage.check()


def _thumb(stage: Stage, halfwords: tuple[int, ...]) -> int:
    """ARM code that enters Thumb code, which can leave by `bx lr`; address of the Thumb code."""
    thumb = CODE + 0x40
    stage.place(f"ldr r6, literals\n mov lr, #LOOP\n bx r6\nliterals: .word {thumb + 1}")
    stage.place(b"".join(word.to_bytes(2, "little") for word in halfwords), thumb)
    return thumb


_NOP, _SVC, _BX_LR, _THUMB_UDF, _LOAD_R0_R1 = 0x46C0, 0xDF00, 0x4770, 0xDEFE, 0x6808
_MOV_R7_ALL_ONES = (0x2700, 0x43FF)  # movs r7, #0; mvns r7, r7


def test_system_call_from_thumb(stage: Stage) -> None:
    """The thread goes on behind the SVC, in Thumb state."""
    _thumb(stage, (*_MOV_R7_ALL_ONES, 0x3F06, _SVC, 0x2001, _BX_LR))  # subs r7, #6: Yield
    stage.run(stage.faulter, CODE)
    assert stage.lock.current == stage.faulter.tcb
    assert stage.machine.registers["r0"] == 1
    stage.check()


@pytest.mark.parametrize(
    ("halfword", "fault", "words"),
    [(_THUMB_UDF, Fault.USER_EXCEPTION, 0), (_LOAD_R0_R1, Fault.VM_FAULT, 0x0050_0000)],
)
def test_faults_in_thumb(stage: Stage, halfword: int, fault: Fault, words: int) -> None:
    """The reported pc is that of the Thumb instruction."""
    stage.give_handler(stage.faulter)
    thumb = _thumb(stage, (_NOP, halfword, _BX_LR))
    stage.run(stage.faulter, CODE, r1=0x0050_0000)
    label, message = stage.message()
    assert (label, message[0]) == (fault, thumb + 2)
    assert message[1] == words
    stage.check()


def test_restarted_system_call_from_thumb(stage: Stage) -> None:
    """A blocked call from Thumb code that is restarted harms nobody but its thread."""
    _thumb(stage, (*_MOV_R7_ALL_ONES, 0x3F02, _NOP, _NOP, _SVC, _BX_LR))  # Send
    stage.run(stage.faulter, CODE, r0=stage.arena.caps["full"])
    assert stage.lock.current == stage.lock.root
    for _ in range(3):
        stage.lock.must(stage.faulter.slot, Label.TCB_RESUME)
        stage.check()
        assert stage.lock.current == stage.lock.root
    stage.arena.start(stage.handler)
    stage.lock.invoke(Syscall.WAIT, stage.arena.caps["full"])
    stage.check()
    state = stage.lock.ks.load(stage.faulter.tcb + layout.TCB_STATE)
    assert state == ThreadState.RUNNING
