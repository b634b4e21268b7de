# SPDX-License-Identifier: BSD-2-Clause
"""What is read from a machine whose guest has died: complete, and without changing it."""

from dataclasses import asdict
from typing import Final

from sel4emu.loader import Image, Segment
from sel4emu.machine import Machine
from sel4emu.postmortem import console_lines, examine, where
from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, Bare

#: Every bank gets values of its own, then the kernel writes where nothing is mapped.
DEATH: Final = """
    msr cpsr_c, #0xd1
    mov r8, #0x81
    mov r12, #0x85
    ldr sp, =0x11110000
    msr cpsr_c, #0xd2
    ldr sp, =0x22220000
    mov r0, #0x13
    msr spsr_cxsf, r0
    msr cpsr_c, #0xdb
    ldr sp, =0x33330000
    msr cpsr_c, #0xdf
    ldr sp, =0x44440000
    msr cpsr_c, #0xd3
    ldr sp, =0x80001000
    bl outer
outer:
    push {lr}
    bl inner
    nop
inner:
    push {r8, lr}
    mov r1, #0x40000000
    mov r2, #0x12
crash:
    str r2, [r1, #4]
"""


def died(bare: Bare) -> Machine:
    """A machine on which that has happened, with symbols."""
    labels = bare.load(DEATH)
    symbols = {name: labels[name] for name in ("outer", "inner", "crash")}
    segment = Segment(RAM, RAM, bare.machine.read_physical(RAM, 0x200), 0x200)
    bare.machine.add_symbols(Image("kernel", (segment,), RAM, symbols))
    assert bare.machine.run().reason is StopReason.CRASH
    return bare.machine


def test_place_and_registers(bare: Bare) -> None:
    """The place is the instruction that died, not the vector where nobody was."""
    machine = died(bare)
    dead = examine(machine, "because")
    assert dead.reason == "because"
    assert (dead.place.symbol, dead.place.mode, dead.place.thumb) == ("crash", "svc", False)
    assert dead.place.pc == machine.symbols["crash"]
    assert (dead.registers["r1"], dead.registers["r2"]) == (0x4000_0000, 0x12)
    assert dead.registers["r15"] == 0x10 and dead.registers["cpsr"] & 0x1F == 0x17


def test_banked_registers(bare: Bare) -> None:
    """Every mode's own registers, FIQ's eight among them."""
    banked = examine(died(bare), "").banked
    assert {mode: values["sp"] for mode, values in banked.items()} == {
        "usr": 0x4444_0000,
        "svc": 0x8000_0FF4,
        "abt": 0,
        "und": 0x3333_0000,
        "irq": 0x2222_0000,
        "fiq": 0x1111_0000,
    }
    assert (banked["fiq"]["r8"], banked["fiq"]["r12"]) == (0x81, 0x85)
    assert banked["irq"]["spsr"] == 0x13
    assert banked["abt"]["spsr"] & 0x1F == 0x13
    assert banked["abt"]["lr"] == bare.machine.symbols["crash"] + 8


def test_faults_and_control(bare: Bare) -> None:
    """The fault registers tell what the last abort was."""
    dead = examine(died(bare), "")
    assert dead.faults == {"dfsr": 0x808, "ifsr": 0, "far": 0x4000_0004}
    assert dead.control["sctlr"] == int(bare.machine.cpu.state[0]["sctlr"])
    assert set(dead.control) == {
        "sctlr", "ttbr0", "ttbr1", "ttbcr", "dacr", "contextidr", "fcse",
    }  # fmt: skip


def test_code_branches_and_stack(bare: Bare) -> None:
    """What surrounds the place, how the guest came there, and whom it would have returned to."""
    dead = examine(died(bare), "")
    here = next(line for line in dead.code if line.address == dead.place.pc)
    assert (here.text, here.symbol) == ("str r2, [r1, #4]", "crash")
    last = dead.branches[-1]
    assert (last.origin, last.target, last.exception) == (dead.place.pc, 0x10, "data abort")
    assert [line.target_symbol for line in dead.branches[:-1]] == ["inner"]
    assert dead.stack_mode == "svc"
    assert dead.stack[0].address == 0x8000_0FF4 and len(dead.stack) == 16
    assert [word.symbol for word in dead.returns] == ["outer+0x8", "outer"]


def test_looking_changes_nothing(bare: Bare) -> None:
    """Registers, counters and the TLB are the same before and after."""
    machine = died(bare)
    tlb = machine.cpu.state["tlb_virtual"].copy()
    before = dict(machine.registers), dict(machine.counters)
    examine(machine, "")
    assert (dict(machine.registers), dict(machine.counters)) == before
    assert (machine.cpu.state["tlb_virtual"] == tlb).all()


def test_nothing_to_read(bare: Bare) -> None:
    """A jump into the void with a stack nowhere: the code is that of the jump."""
    bare.load("ldr sp, =0x40000000\nldr r0, =0x50000000\nhere: bx r0")
    assert bare.machine.run().reason is StopReason.CRASH
    dead = examine(bare.machine, "")
    assert dead.place.pc == 0x5000_0000 and dead.code_at == bare.machine.symbols["here"]
    assert [line.text for line in dead.code if line.address == dead.code_at] == ["bx r0"]
    assert (dead.stack, dead.returns) == ([], [])


def test_symbols_by_physical_address(counting: Bare) -> None:
    """Before its MMU is on, a kernel linked at virtual addresses is known by its physical ones."""
    counting.load("here: b here")
    segment = Segment(0xC000_0000, RAM, b"\0" * 64, 64)
    counting.machine.add_symbols(Image("kernel", (segment,), RAM, {"stext": 0xC000_0000}))
    counting.machine.step(1)
    assert where(counting.machine).symbol == "stext"
    assert counting.machine.locate(0xC000_0010) == "stext+0x10"
    assert counting.machine.locate(RAM + 64) is None


def test_console_lines() -> None:
    """The last lines without blank ones at the end; what is no text is written out."""
    output = b"\n".join(b"line %d\r" % n for n in range(20)) + b"\n\xff\x1b[2J end\n\n  \n"
    lines = console_lines(output)
    assert len(lines) == 10
    assert lines[-2:] == ["line 19", "\\xff\x1b[2J end"]
    assert console_lines(b"") == []


def test_result_is_plain_data(bare: Bare) -> None:
    """The object for programs holds numbers, texts, lists and objects only."""
    dead = examine(died(bare), "because")
    assert dead.as_json() == asdict(dead)
    assert isinstance(dead.as_json()["branches"], list)
