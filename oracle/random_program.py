# SPDX-License-Identifier: BSD-2-Clause
"""The bare program that runs random sequences one after the other and keeps what each leaves.

For each sequence it fills the scratch memory, sets every register of every mode, SCTLR's alignment
bits and VFP's state, and enters it. Exceptions on the way are logged and skipped; the one that
would go on at the end of the sequence ends it. A record then holds all registers of all
modes, VFP's registers, the log and the scratch memory.
"""

from collections.abc import Mapping
from typing import Final

from oracle.random_builder import ABT, FIQ, IRQ, SVC, SYS, UND
from oracle.random_sequence import BANKS
from sel4emu.asm import Assembly, assemble
from sel4emu.bare import flat_startup
from sel4emu.board import load_board

_TABLE: Final = 0x8000_4000
_CODE: Final = 0x8010_0000
#: The megabyte that is mapped at the top of the address space as well.
VECTORS_MEGABYTE: Final = 0x8020_0000
VECTORS: Final = 0xFFFF_0000

_MAIN: Final = """
main:
    mrc     p15, 0, r0, c1, c0, 2
    orr     r0, r0, #0xF00000            @ CP10 and CP11 for every mode
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    ldr     r0, =TABLE + ALIAS / 0x100000 * 4
    ldr     r1, =SCRATCH + 0x000E        @ sections: write-back, with these permissions
    mov     r2, #0
    str     r2, [r0]                     @ not mapped
    add     r2, r1, #0x0400
    str     r2, [r0, #0x040]             @ for privileged modes only
    add     r2, r1, #0x0800
    str     r2, [r0, #0x080]             @ read-only for user mode
    add     r2, r1, #0x8400
    str     r2, [r0, #0x0C0]             @ read-only for privileged modes
    add     r2, r1, #0x8800
    str     r2, [r0, #0x100]             @ read-only for both
    add     r2, r1, #0x0C20
    str     r2, [r0, #0x140]             @ of domain 1, which nobody may access
    mov     r2, #0
    mcr     p15, 0, r2, c7, c10, 0       @ clean the data cache
    mcr     p15, 0, r2, c7, c10, 4
    mcr     p15, 0, r2, c8, c7, 0
    ldr     r0, =STARTS
    ldr     r1, =VARIABLES
    mrc     p15, 0, r2, c1, c0, 0
    str     r2, [r1, #V_SCTLR]
    str     r0, [r1, #V_START]
    ldr     r0, =RECORDS
    str     r0, [r1, #V_RECORD]
next:                                    @ supervisor mode, E clear
    ldr     r12, =VARIABLES
    ldr     r11, [r12, #V_START]
    ldr     r0, [r11, #S_CODE]
    cmp     r0, #0
    ldreq   pc, =FINISH
    ldr     r0, [r12, #V_RECORD]
    add     r0, r0, #LOG_OFFSET
    str     r0, [r12, #V_LOG]
    mov     r1, #0
    str     r1, [r12, #V_COUNT]
    ldr     r0, [r11, #S_END]
    str     r0, [r12, #V_END]
    ldr     r0, [r11, #S_PATTERN]
    ldr     r1, =SCRATCH
    mov     r2, #SCRATCH_BYTES
fill:
    ldm     r0!, {r3, r4, r5, r6, r7, r8, r9, r10}
    stm     r1!, {r3, r4, r5, r6, r7, r8, r9, r10}
    subs    r2, r2, #32
    bne     fill
    add     r1, r12, #V_MONITOR
    strex   r2, r3, [r1]                 @ no access is exclusive any more
    ldr     r0, [r11, #S_CONTROL]
    add     r1, r11, #S_VFP
    vldmia  r1, {d0-d15}
    vmsr    fpscr, r0
    add     r1, r11, #S_BANKS
    mov     r0, r11
LOAD_BANKS
    cps     #0x17                        @ a sequence is entered by a return from abort mode
    ldr     r14, [r0, #S_CODE]
    ldr     r1, [r0, #S_STATUS]
    msr     spsr_fsxc, r1
    ldr     r1, =VARIABLES
    ldr     r1, [r1, #V_SCTLR]
    ldr     r2, [r0, #S_SCTLR]
    eor     r1, r1, r2
    mcr     p15, 0, r1, c1, c0, 0
    mov     r1, #0
    mcr     p15, 0, r1, c5, c0, 0        @ fault registers as if nothing had happened
    mcr     p15, 0, r1, c5, c0, 1
    mcr     p15, 0, r1, c6, c0, 0
    mcr     p15, 0, r1, c7, c5, 4
    add     r0, r0, #S_REGISTERS
    ldm     r0, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}
    movs    pc, lr

finished:                                @ r3: the exception's saved status
    ldr     r0, =VARIABLES
    ldr     r2, [r0, #V_SCTLR]
    mcr     p15, 0, r2, c1, c0, 0
    mcr     p15, 0, r2, c7, c5, 4
    ldr     r1, [r0, #V_RECORD]
    ldr     r2, [r0, #V_R0]
    str     r2, [r1], #4
    ldr     r2, [r0, #V_R1]
    str     r2, [r1], #4
    ldr     r2, [r0, #V_R2]
    str     r2, [r1], #4
    ldr     r2, [r0, #V_R3]
    str     r2, [r1], #4
    stm     r1!, {r4, r5, r6, r7}
    str     r3, [r1], #4
KEEP_BANKS
    cps     #0x13
    vmrs    r2, fpscr
    str     r2, [r1], #4
    ldr     r2, [r0, #V_COUNT]
    str     r2, [r1], #4
    ldr     r12, [r0, #V_RECORD]
    add     r1, r12, #VFP_OFFSET
    vstmia  r1, {d0-d15}
    add     r1, r12, #SCRATCH_OFFSET
    ldr     r2, =SCRATCH
    mov     r3, #SCRATCH_BYTES
keep:
    ldm     r2!, {r4, r5, r6, r7, r8, r9, r10, r11}
    stm     r1!, {r4, r5, r6, r7, r8, r9, r10, r11}
    subs    r3, r3, #32
    bne     keep
    add     r12, r12, #RECORD_BYTES
    str     r12, [r0, #V_RECORD]
    ldr     r1, [r0, #V_START]
    add     r1, r1, #START_BYTES
    str     r1, [r0, #V_START]
    b       next
"""

#: The vector page, one instruction to a line. A handler has no register free until it has saved
#: some beside itself. To `common` they come with kind and details in r0 to r2, and in LR where it
#: goes on.
_HANDLERS: Final = """
vectors:
    b       lost
    b       undefined
    b       supervisor
    b       prefetch
    b       data
    b       lost
    b       lost
    b       lost
lost:
    b       lost
undefined:
    SAVE
    mov     r0, #1
    mov     r1, #0
    mov     r2, #0
    b       common
supervisor:
    SAVE
    mov     r0, #2
    mov     r1, #0
    mov     r2, #0
    b       common
prefetch:
    SAVE
    mov     r0, #3
    mrc     p15, 0, r1, c5, c0, 1        @ IFSR
    mov     r2, #0
    mrs     r3, spsr
    tst     r3, #0x20
    subne   lr, lr, #2
    b       common
data:
    SAVE
    mov     r0, #4
    mrc     p15, 0, r1, c5, c0, 0        @ DFSR
    mrc     p15, 0, r2, c6, c0, 0        @ FAR
    mrs     r3, spsr
    tst     r3, #0x20
    sub     lr, lr, #4
    subne   lr, lr, #2
common:
    mrs     r3, spsr
    str     r4, v_r4
    ldr     r4, v_end
    cmp     lr, r4
    beq     ended
    ldr     r4, v_count
    add     r4, r4, #1
    str     r4, v_count
    cmp     r4, #EXCEPTIONS_MAX
    bhs     ended
    cmp     r4, #LOG_ENTRIES
    bhi     logged
    ldr     r4, v_log
    stm     r4!, {r0, r1, r2, r3, lr}
    str     r4, v_log
logged:
    ldr     r4, v_r4
    ldr     r3, v_r3
    ldr     r2, v_r2
    ldr     r1, v_r1
    ldr     r0, v_r0
    movs    pc, lr
ended:
    ldr     r4, v_r4
    ldr     pc, v_finished
"""
#: Variables, a word each; the last one is a constant.
_VARIABLES: Final = (
    "start", "record", "log", "count", "end", "monitor", "sctlr", "r0", "r1", "r2", "r3", "r4",
    "finished",
)  # fmt: skip
#: The variables have a page of their own, still within a handler's reach.
_VARIABLES_OFFSET: Final = 0x1000
#: Exceptions after which a sequence is given up: one that has lost its way.
_EXCEPTIONS_MAX: Final = 3072

_LOAD_BANK: Final = """
    cps     #{mode}
    ldm     r1!, {{{registers}}}
"""
_LOAD_STATUS: Final = """
    ldr     r2, [r1], #4
    msr     spsr_fsxc, r2
"""
_KEEP_BANK: Final = """
    cps     #{mode}
    stm     r1!, {{{registers}}}
"""
_KEEP_STATUS: Final = """
    mrs     r2, spsr
    str     r2, [r1], #4
"""
_SAVE: Final = """
    str     r0, v_r0
    str     r1, v_r1
    str     r2, v_r2
    str     r3, v_r3
"""
_HIGH: Final = "r8, r9, r10, r11, r12, r13, r14"
_STACK_AND_LINK: Final = "r13, r14"


def _load_banks() -> str:
    text = ""
    for mode, count in BANKS:
        text += _LOAD_BANK.format(mode=mode, registers=_HIGH if count > 2 else _STACK_AND_LINK)
        text += "" if mode == SYS else _LOAD_STATUS
    return text


def _keep_banks() -> str:
    text = ""
    for mode in (SYS, FIQ, IRQ, SVC, ABT, UND):
        high = mode in (SYS, FIQ)
        text += _KEEP_BANK.format(mode=mode, registers=_HIGH if high else _STACK_AND_LINK)
        text += "" if mode == SYS else _KEEP_STATUS
    return text


def _reach_variables(source: str) -> str:
    """The handlers' source with offsets from r15 in place of the variables' names."""
    lines = source.replace("SAVE", _SAVE.strip()).splitlines()
    offset = 0
    placed = []
    for line in lines:
        before, _, name = line.partition("v_")
        if name:
            distance = _VARIABLES_OFFSET + 4 * _VARIABLES.index(name) - offset - 8
            placed.append(f"{before}[pc, #{distance}]")
        else:
            placed.append(line)
        if line.startswith("    "):
            offset += 4
    return "\n".join(placed)


def assemble_program(layout: Mapping[str, int]) -> tuple[Assembly, bytes]:
    """The main program, which is the entry, and what lies at VECTORS: handlers and variables.

    `layout` has the addresses and offsets that the source names.
    """
    constants = {
        **layout,
        **{f"V_{name.upper()}": 4 * n for n, name in enumerate(_VARIABLES)},
        "TABLE": _TABLE,
        "VARIABLES": VECTORS + _VARIABLES_OFFSET,
        "EXCEPTIONS_MAX": _EXCEPTIONS_MAX,
    }
    board = load_board("kzm_arm11")
    startup = flat_startup(
        board, entry="main", table=_TABLE, stack=layout["FINISH"], vectors=VECTORS_MEGABYTE
    )
    text = _MAIN.replace("LOAD_BANKS", _load_banks()).replace("KEEP_BANKS", _keep_banks())
    main = assemble(startup + text, _CODE, constants)
    handlers = assemble(_reach_variables(_HANDLERS), VECTORS, constants).code
    variables = bytes(4 * (len(_VARIABLES) - 1)) + main.labels["finished"].to_bytes(4, "little")
    return main, handlers.ljust(_VARIABLES_OFFSET, b"\0") + variables
