# SPDX-License-Identifier: BSD-2-Clause
"""Changes of flow on the emulated board, measured: branches, returns, exceptions, messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.probe import BOARD, DATA, TIMING, Probe
from benchmarks.programs import LINE_BYTES
from benchmarks.runners import message_machine
from sel4emu.bare import HIGH_VECTORS, SECTION_BYTES
from sel4emu.board import load_board

#: Passes before the one that counts: caches, TLBs and predictors are warm.
WARM_PASSES: Final = 3
#: Enough for every result to be there, and the flags to be old.
PAUSE: Final = "    mov     r11, r11\n" * 12
#: The megabyte whose end holds the vectors, and where exceptions keep their return state.
VECTORS: Final = 0x8020_0000
SOURCE_FORCED: Final = 5
MESSAGE_WARM_UP_CYCLES: Final = 3_000_000
MESSAGE_CYCLES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Flow:
    """A change of flow: cycles from the instruction to the next one, and what sources say.

    `expected` is None where no source has a figure.
    """

    name: str
    cycles: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """Assembly: `before` prepares, `change` holds the labels `at` and `to`.

    `cold`: the branch target cache is emptied before.
    """

    name: str
    expected: int
    change: str
    before: str = ""
    cold: bool = False


_TAKEN: Final = "at: {branch} to\n    mov r11, r11\nto:\n"
_RETURN: Final = "    bl sub\nto:\n    b over\nsub:\n{body}" + PAUSE + "at: {branch}\nover:\n"


def _taken(branch: str) -> str:
    return _TAKEN.format(branch=branch)


def _return(branch: str, body: str = "") -> str:
    return _RETURN.format(branch=branch, body=body)


def _flags(distance: int) -> str:
    """A flag setter, so that the branch comes `distance` instructions later."""
    return "    cmp     r11, r11\n" + "    mov     r9, r9\n" * (distance - 1)


#: Pushes the address of `to`; the return stack knows nothing of it.
_PUSHED: Final = "    ldr     r0, =to\n" + PAUSE + "    push    {r0}\n"
_POPPED: Final = "    mov     r11, r11\nto:\n"
#: Returns through four calls, of which the first is the one forgotten.
_DEEP: Final = f"""
    bl      one
to:
    b       over
one:
    mov     r4, lr
    bl      two
    mov     lr, r4
{PAUSE}
at: bx      lr
two:
    mov     r5, lr
    bl      three
    mov     lr, r5
{PAUSE}
    bx      lr
three:
    mov     r6, lr
    bl      four
    mov     lr, r6
{PAUSE}
    bx      lr
four:
    bx      lr
over:
"""

#: Sources: the manual's tables of branches and of loads and ALU writes of PC.
BRANCHES: Final = (
    Case("B in the branch target cache (folded)", 0, _taken("b")),
    Case("BL in the branch target cache", 1, _taken("bl")),
    Case("B for the first time (static prediction)", 4, _taken("b"), cold=True),
    Case(
        "conditional B forward, not taken, for the first time",
        1,
        "at: bne over\nto:\n    mov r11, r11\nover:\n",
        _flags(4),
        cold=True,
    ),
    *(
        Case(
            f"conditional B mispredicted, flags set {distance} before",
            max(8 - distance, 5),
            _taken("beq"),
            _flags(distance),
            cold=True,
        )
        for distance in (1, 2, 3, 4)
    ),
    Case("BX LR, return stack right", 4, _return("bx lr")),
    Case("MOV PC, LR, return stack right", 4, _return("mov pc, lr")),
    Case(
        "BX LR, return stack wrong",
        7,
        "    bl sub\n    mov r11, r11\nto:\n    b over\nsub:\n    add lr, lr, #4\n"
        + PAUSE
        + "at: bx lr\nover:\n",
    ),
    Case("BX LR, return stack empty", 5, "at: bx lr\n" + _POPPED, "    ldr lr, =to\n" + PAUSE),
    Case("BX LR, fourth level of calls", 5, _DEEP),
    Case("conditional BX LR, flags old", 5, _return("bxeq lr", "    cmp r11, r11\n")),
    Case("LDM SP!, {PC}, return stack right", 4, _return("pop {r0, pc}", "    push {r0, lr}\n")),
    Case(
        "LDM SP!, {PC}, return stack wrong",
        9,
        "    bl sub\n    mov r11, r11\nto:\n    b over\nsub:\n    add lr, lr, #4\n"
        "    push {r0, lr}\n" + PAUSE + "at: pop {r0, pc}\nover:\n",
    ),
    Case(
        "LDM SP!, {PC}, return stack empty",
        9,
        "at: ldm sp!, {r0, pc}\n" + _POPPED,
        "    ldr r1, =to\n    push {r0, r1}\n" + PAUSE,
    ),
    Case("LDR PC, [SP], #4, return stack right", 4, _return("ldr pc, [sp], #4", "    push {lr}\n")),
    Case(
        "LDR PC, [SP], #4, return stack empty",
        9,
        "at: ldr pc, [sp], #4\n" + _POPPED,
        _PUSHED + PAUSE,
    ),
    Case("LDR PC, [Rn]", 8, "at: ldr pc, [r2]\n" + _POPPED, _PUSHED + "    mov r2, sp\n" + PAUSE),
    Case(
        "LDM Rn, {PC}",
        8,
        "at: ldm r2, {r0, pc}\n" + _POPPED,
        "    ldr r1, =to\n    push {r0, r1}\n    mov r2, sp\n" + PAUSE,
    ),
    Case("BX Rn", 5, "at: bx r2\n" + _POPPED, "    ldr r2, =to\n" + PAUSE),
    Case("MOV PC, Rn", 6, "at: mov pc, r2\n" + _POPPED, "    ldr r2, =to\n" + PAUSE),
)

_SCENE: Final = """
program:
again:
    ldr     sp, ={data} + 4096
{clean}
{pause}
{before}{change}
{pause}
    b       again
"""
_EMPTY_PREDICTOR: Final = "    mov r0, #0\n    mcr p15, 0, r0, c7, c5, 6\n"


def measure_branch(case: Case) -> Flow:
    """One case, warm."""
    source = _SCENE.format(
        data=DATA,
        clean=_EMPTY_PREDICTOR if case.cold else "",
        pause=PAUSE,
        before=case.before,
        change=case.change,
    )
    probe = Probe(source)
    for _ in range(WARM_PASSES):
        probe.at("again")
    return Flow(case.name, probe.span("at", "to"), case.expected)


def branches() -> Iterator[Flow]:
    """Every kind of branch."""
    for case in BRANCHES:
        yield measure_branch(case)


# Exceptions ---------------------------------------------------------------------------------

_LOAD_PC: Final = 0xE59F_F01C  # ldr pc, [pc, #28]
_BX_LR: Final = 0xE12F_FF1E
_UND, _SVC, _IRQ = 1, 2, 6
#: From a vector to the word that it loads, behind an instruction at the start of the next line.
_VECTOR_WORDS: Final = 0x24

#: Exceptions are taken from system mode and keep their return state on the supervisor's stack.
_EXCEPTIONS: Final = """
program:
    mov     r4, sp
    cps     #31
    sub     sp, r4, #4096
    ldr     r5, ={controller}
    mov     r0, #{forced}
    str     r0, [r5, #0x08]              @ INTENNUM
    mov     r6, #1 << {forced}
    mov     r7, #0
    ldr     r8, ={next_line}
again:
    {fetch_next_line}
{pause}
svc_at:
    svc     #0
svc_to:
{pause}
und_at:
    udf     #0
und_to:
{pause}
    str     r6, [r5, #0x54]              @ INTFRCL: raise the line
    mcr     p15, 0, r7, c7, c10, 4
{pause}
irq_at:
    cpsie   i
{pause}
    cpsid   i
    b       again

svc_handler:
    srsdb   sp!, #19
{pause}
svc_return:
    rfeia   sp!
und_handler:
{pause}
und_return:
    movs    pc, lr
irq_handler:
    sub     lr, lr, #4
    srsdb   sp!, #19
    cps     #19
    str     r7, [r5, #0x54]
    mcr     p15, 0, r7, c7, c10, 4
{pause}
irq_return:
    rfeia   sp!
"""
_HANDLERS: Final = {_UND: "und_handler", _SVC: "svc_handler", _IRQ: "irq_handler"}


def _vector(number: int) -> int:
    return HIGH_VECTORS + 4 * number


def exception_probe(*, next_line: bool) -> Probe:
    """A program that meets a system call, an undefined instruction and an interrupt in turn.

    `next_line`: whether the instruction cache has the line behind the vectors, into which the
    prefetch unit runs on.
    """
    controller = load_board(BOARD).device("avic")
    assert controller is not None
    source = _EXCEPTIONS.format(
        controller=controller.base,
        forced=SOURCE_FORCED,
        next_line=HIGH_VECTORS + LINE_BYTES,
        fetch_next_line="blx r8" if next_line else "",
        pause=PAUSE,
    )
    probe = Probe(source, vectors=VECTORS)
    words = {LINE_BYTES: _BX_LR}
    for number, handler in _HANDLERS.items():
        words |= {4 * number: _LOAD_PC, 4 * number + _VECTOR_WORDS: probe.labels[handler]}
    for place, word in words.items():
        address = VECTORS + HIGH_VECTORS % SECTION_BYTES + place
        probe.machine.write_physical(address, word.to_bytes(4, "little"))
    for _ in range(WARM_PASSES):
        probe.at("again")
    return probe


def exceptions() -> Iterator[Flow]:
    """Entry of each kind, the vector's load of PC, and the return."""
    probe = exception_probe(next_line=True)
    yield Flow("SVC, to its vector", probe.span("svc_at", _vector(_SVC)), 8)
    yield Flow("RFE, to the program", probe.span("svc_return", "svc_to"), 9)
    yield Flow("undefined instruction, to its vector", probe.span("und_at", _vector(_UND)), 8)
    yield Flow("MOVS PC, LR, to the program", probe.span("und_return", "und_to"), None)
    # The instruction that lets the interrupt in is one cycle of this.
    yield Flow("IRQ, to its vector", probe.span("irq_at", _vector(_IRQ)) - 1, None)
    yield Flow("LDR PC in the vector", probe.span(_vector(_SVC), "svc_handler"), 8)
    alone = exception_probe(next_line=False)
    name = "LDR PC in the vector, next line not in the cache"
    yield Flow(name, alone.span(_vector(_SVC), "svc_handler"), None)


# Messages -----------------------------------------------------------------------------------


def message_cycles() -> float:
    """Cycles of a message of one word between two address spaces: Call and ReplyWait in turn."""
    machine = message_machine(TIMING)
    machine.run(cycles=MESSAGE_WARM_UP_CYCLES)
    before = machine.counters
    machine.run(cycles=MESSAGE_CYCLES)
    after = machine.counters
    messages = after["exception_svc"] - before["exception_svc"]
    return round((after["cycles"] - before["cycles"]) / messages, 1)
