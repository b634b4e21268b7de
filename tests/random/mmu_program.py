# SPDX-License-Identifier: BSD-2-Clause
"""The bare program of the MMU torture test, which makes accesses from a list and logs each outcome.

A step of the list is the address of a stub, the CPSR to run it under, and r0 to r7. The stub ends
in SVC, or in an abort; both write r0 to r7, SPSR, the way it ended, DFSR, FAR, IFSR and LR to the
log. Program, list, log and a window on the page tables are in two locked TLB entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sel4emu.asm import Assembly, assemble

#: The megabyte at FIXED is the one at RAM; that of the tables' window is at TABLES.
RAM: Final = 0x8000_0000
FIXED: Final = 0xFFF0_0000
TABLES: Final = 0x8010_0000
WINDOW: Final = 0xFFE0_0000
CODE: Final = 0xFFFF_0000
STATE: Final = 0xFFFF_3FF0
LIST: Final = 0xFFFF_4000
LOG: Final = 0xFFFF_9000
STEPS: Final = 450
STEP_WORDS: Final = 10
RECORD_WORDS: Final = 14
#: Where the program is entered, and where it ends.
ENTRY: Final = "boot"
END: Final = "done"

#: First-level tables: two for TTBR0 and one for TTBR1.
FIRST_LEVEL: Final = (TABLES, TABLES + 0x4000, TABLES + 0x8000)
SECOND_LEVEL: Final = TABLES + 0x1_0000
#: What tested pages map: two supersections of RAM, a hole, and ROM.
POOL: Final = 0x8100_0000
POOL_BYTES: Final = 0x0200_0000
HOLE: Final = 0x7000_0000
ROM: Final = 0
#: Offsets in each kilobyte of the pool that have `svc #0`, in ARM and twice in Thumb code.
SVC_ARM: Final = 0x200
SVC_THUMB: Final = 0x204

FIXED_DOMAIN: Final = 15
_SECTION: Final = 0x0000_1C0E | FIXED_DOMAIN << 5
#: U, XP, V, I, C, Z and M; the bits that are always set.
SCTLR: Final = 0x00C5_387D
VFP_ON: Final = 1 << 30

SVC, DATA_ABORT, PREFETCH_ABORT, UNDEFINED = range(4)

_MONITOR: Final = f"""
    b boot
    b und
    b svc
    b pabt
    b dabt
    b dabt
    b dabt
    b dabt
und:
    ldr sp, =log
    ldr sp, [sp]
    stmia sp!, {{r0-r7}}
    mov r1, #{UNDEFINED}
    b finish
svc:
    ldr sp, =log
    ldr sp, [sp]
    stmia sp!, {{r0-r7}}
    mov r1, #{SVC}
    b finish
pabt:
    ldr sp, =log
    ldr sp, [sp]
    stmia sp!, {{r0-r7}}
    mov r1, #{PREFETCH_ABORT}
    b finish
dabt:
    ldr sp, =log
    ldr sp, [sp]
    stmia sp!, {{r0-r7}}
    mov r1, #{DATA_ABORT}
finish:
    mrs r0, spsr
    mrc p15, 0, r2, c5, c0, 0
    mrc p15, 0, r3, c6, c0, 0
    mrc p15, 0, r4, c5, c0, 1
    stmia sp!, {{r0-r4, lr}}
    ldr r0, =log
    str sp, [r0]
next:
    cpsid aif, #0x13
    ldr r8, =list
    ldr r9, [r8]
    ldmia r9!, {{r10, r11}}
    cmp r10, #0
    beq done
    ldmia r9!, {{r0-r7}}
    str r9, [r8]
    msr spsr_fsxc, r11
    movs pc, r10
done:
    b done
boot:
    ldr r0, ={FIRST_LEVEL[0]}
    mcr p15, 0, r0, c2, c0, 0
    mov r1, #0
    mcr p15, 0, r1, c2, c0, 2
    ldr r0, ={FIRST_LEVEL[2]}
    mcr p15, 0, r0, c2, c0, 1
    mcr p15, 0, r1, c13, c0, 0
    mcr p15, 0, r1, c13, c0, 1
    mcr p15, 0, r1, c5, c0, 0
    mcr p15, 0, r1, c5, c0, 1
    mcr p15, 0, r1, c6, c0, 0
    ldr r0, =0x40000000
    mcr p15, 0, r0, c3, c0, 0
    mov r0, #0xF00000
    mcr p15, 0, r0, c1, c0, 2
    ldr r0, ={SCTLR}
    mcr p15, 0, r0, c1, c0, 0
    ldr pc, =mapped
mapped:
    mov r0, #1
    mcr p15, 0, r0, c10, c0, 0          @ the next two walks fill entries 0 and 1
    mcr p15, 0, r1, c8, c7, 0
    mcr p15, 0, r1, c7, c5, 4
    ldr r0, ={WINDOW}
    ldr r0, [r0]
    mcr p15, 0, r1, c10, c0, 0
    ldr r0, ={VFP_ON}
    vmsr fpexc, r0
    ldr r0, ={LIST}
    ldr r2, =list
    str r0, [r2]
    ldr r0, ={LOG}
    ldr r2, =log
    str r0, [r2]
    b next
    .equ list, {STATE}
    .equ log, {STATE + 4}
    .ltorg
"""


@dataclass(frozen=True)
class Stub:
    """An instruction to try, with its base in r1.

    `way` is "r", "w", or "s" for a swap; the access has `count` elements of `size` bytes from
    `offset` on. `strict` is the alignment that SCTLR.A demands, `words` whether SCTLR.U alone
    demands words. `loads` are the registers loaded, by
    element; `stores` those stored; `moves` what write-back adds to r1. An abort
    leaves in the register `kept[0]` the base: what r1 was, and `kept[1]` more.
    """

    text: str
    way: str
    size: int = 4
    count: int = 1
    offset: int = 0
    setup: str = ""
    after: str = ""
    loads: tuple[int, ...] = ()
    stores: tuple[int, ...] = ()
    moves: int = 0
    kept: tuple[int, int] = (1, 0)
    signed: bool = False
    user: bool = False
    words: bool = False
    thumb: bool = False
    privileged_only: bool = False

    @property
    def strict(self) -> int:
        """What SCTLR.A demands."""
        return min(self.size * self.count, 4)


def _multiple(text: str, way: str, count: int, offset: int = 0, moves: int = 0) -> Stub:
    """LDM or STM of r2 and the registers behind it."""
    registers = tuple(range(2, 2 + count))
    loads, stores = (registers, ()) if way == "r" else ((), registers)
    return Stub(
        text, way, count=count, offset=offset, loads=loads, stores=stores, moves=moves, words=True
    )


def _vfp(text: str, way: str, count: int, moves: int = 0) -> Stub:
    """A transfer of d0 and d1 (or s0) from and to r2 to r5."""
    registers = tuple(range(2, 2 + count))
    single = {1: ("vmov s0, r2", "vmov r2, s0")}
    double = {2: ("vmov d0, r2, r3", "vmov r2, r3, d0")}
    both = {4: ("vmov d0, r2, r3\nvmov d1, r4, r5", "vmov r2, r3, d0\nvmov r4, r5, d1")}
    before, after = (single | double | both)[count]
    if way == "r":
        return Stub(text, way, count=count, after=after, loads=registers, moves=moves, words=True)
    return Stub(text, way, count=count, setup=before, stores=registers, moves=moves, words=True)


STUBS: Final = (
    Stub("ldr r0, [r1]", "r", loads=(0,)),
    Stub("ldr r0, [r1, #4]", "r", offset=4, loads=(0,)),
    Stub("ldr r0, [r1], #8", "r", loads=(0,), moves=8),
    Stub("ldr r0, [r1, -r7, lsl #2]!", "r", loads=(0,)),
    Stub("ldrb r0, [r1]", "r", 1, loads=(0,)),
    Stub("ldrsb r0, [r1, #-1]!", "r", 1, offset=-1, loads=(0,), moves=-1, signed=True),
    Stub("ldrh r0, [r1]", "r", 2, loads=(0,)),
    Stub("ldrsh r0, [r1], #2", "r", 2, loads=(0,), moves=2, signed=True),
    Stub("str r2, [r1]", "w", stores=(2,)),
    Stub("str r2, [r1, #-4]!", "w", offset=-4, stores=(2,), moves=-4),
    Stub("strb r2, [r1], #1", "w", 1, stores=(2,), moves=1),
    Stub("strh r2, [r1]", "w", 2, stores=(2,)),
    Stub("ldrd r2, r3, [r1]", "r", count=2, loads=(2, 3), words=True),
    Stub("ldrd r2, r3, [r2]", "r", count=2, setup="mov r2, r1", loads=(2, 3), words=True,
         kept=(2, 0)),
    Stub("ldrd r2, r3, [r2, #-8]", "r", count=2, setup="add r2, r1, #8", loads=(2, 3), words=True,
         kept=(2, 8)),
    Stub("strd r2, r3, [r1, #8]!", "w", count=2, offset=8, stores=(2, 3), moves=8, words=True),
    _multiple("ldmia r1, {r2-r5}", "r", 4),
    _multiple("ldmia r1!, {r2-r7}", "r", 6, moves=24),
    _multiple("ldmdb r1!, {r2-r4}", "r", 3, -12, -12),
    _multiple("ldmib r1, {r2, r3}", "r", 2, 4),
    Stub("ldmia r1, {r0-r3}", "r", count=4, loads=(0, 1, 2, 3), words=True),
    _multiple("stmia r1, {r2-r5}", "w", 4),
    _multiple("stmdb r1!, {r2-r7}", "w", 6, -24, -24),
    _multiple("stmda r1, {r2, r3}", "w", 2, -4),
    Stub("pop {r2, r3}", "r", count=2, setup="mov sp, r1", loads=(2, 3), words=True),
    Stub("push {r2, r3}", "w", count=2, offset=-8, setup="mov sp, r1", stores=(2, 3), words=True),
    Stub("swp r0, r2, [r1]", "s", loads=(0,), stores=(2,), words=True),
    Stub("swpb r0, r2, [r1]", "s", 1, loads=(0,), stores=(2,)),
    Stub("ldrex r0, [r1]", "r", loads=(0,), words=True),
    Stub("ldrt r0, [r1]", "r", loads=(0,), user=True),
    Stub("ldrbt r0, [r1], #4", "r", 1, loads=(0,), moves=4, user=True),
    Stub("strt r2, [r1], #4", "w", stores=(2,), moves=4, user=True),
    Stub("strbt r2, [r1]", "w", 1, stores=(2,), user=True),
    _vfp("vldr s0, [r1]", "r", 1),
    _vfp("vldr d0, [r1]", "r", 2),
    _vfp("vldmia r1!, {d0, d1}", "r", 4, 16),
    _vfp("vstr s0, [r1]", "w", 1),
    _vfp("vstr d0, [r1]", "w", 2),
    _vfp("vstmia r1!, {d0, d1}", "w", 4, 16),
    Stub("srsia sp, #0x13", "w", count=2, setup="mov sp, r1\nmov lr, r2",
         stores=(2, 3), words=True, privileged_only=True),
    Stub("ldr r0, [r1, #4]", "r", offset=4, loads=(0,), thumb=True),
    Stub("ldrsh r0, [r1, r7]", "r", 2, loads=(0,), signed=True, thumb=True),
    Stub("ldrb r0, [r1]", "r", 1, loads=(0,), thumb=True),
    Stub("str r2, [r1]", "w", stores=(2,), thumb=True),
    Stub("strh r2, [r1, #2]", "w", 2, offset=2, stores=(2,), thumb=True),
    Stub("strb r2, [r1]", "w", 1, stores=(2,), thumb=True),
    Stub("ldmia r1!, {r2, r3}", "r", count=2, loads=(2, 3), moves=8, words=True, thumb=True),
    Stub("stmia r1!, {r2, r3}", "w", count=2, stores=(2, 3), moves=8, words=True, thumb=True),
    Stub("push {r2, r3}", "w", count=2, offset=-8, setup="mov sp, r1", stores=(2, 3), words=True,
         thumb=True),
    Stub("pop {r2, r3}", "r", count=2, setup="mov sp, r1", loads=(2, 3), words=True, thumb=True),
)  # fmt: skip

#: Registers of the MMU, written from r0.
CONTROLS: Final = {
    "sctlr": "c1, c0, 0",
    "ttbr0": "c2, c0, 0",
    "ttbr1": "c2, c0, 1",
    "ttbcr": "c2, c0, 2",
    "dacr": "c3, c0, 0",
    "lockdown": "c10, c0, 0",
    "fcse": "c13, c0, 0",
    "context": "c13, c0, 1",
    **{
        f"{name}_{side}": f"c8, {crm}, {opcode2}"
        for opcode2, name in enumerate(("flush_all", "flush_address", "flush_asid"))
        for side, crm in (("instructions", "c5"), ("data", "c6"), ("both", "c7"))
    },
}


def _stub_source(name: str, setup: str, text: str, after: str) -> str:
    return f"{name}:\n{setup}\nat_{name}:\n{text}\n{after}\nsvc #0\nend_{name}:\n"


@cache
def program() -> Assembly:
    """The whole program, at CODE."""
    arm = [_stub_source(f"do_{k}", "", f"mcr p15, 0, r0, {v}", "") for k, v in CONTROLS.items()]
    thumb: list[str] = []
    for number, stub in enumerate(STUBS):
        source = _stub_source(f"stub_{number}", stub.setup, stub.text, stub.after)
        (thumb if stub.thumb else arm).append(source)
    source = _MONITOR + "".join(arm) + ".thumb\n" + "".join(thumb)
    assembly = assemble(source, CODE)
    assert assembly.end <= STATE, hex(assembly.end)
    return assembly


@dataclass(frozen=True)
class Step:
    """One step: `what` is a stub, the name of a control, or None for a fetch at `address`.

    `registers` are r0 to r7; `number` is that of the stub.
    """

    what: Stub | str | None
    cpsr: int
    registers: tuple[int, ...]
    address: int = 0
    number: int = 0

    @property
    def label(self) -> str:
        """Of its code in the program."""
        return f"do_{self.what}" if isinstance(self.what, str) else f"stub_{self.number}"

    @property
    def entry(self) -> int:
        """Where its code begins."""
        return self.address if self.what is None else program().labels[self.label]

    @property
    def words(self) -> tuple[int, ...]:
        """As it stands in the list."""
        return (self.entry, self.cpsr, *self.registers)


def fixed_entries() -> Mapping[int, int]:
    """The descriptors that every first-level table has: index, word."""
    program_itself = RAM | _SECTION  # also where it lies, for the moment the MMU goes on
    return {
        RAM >> 20: program_itself,
        FIXED >> 20: program_itself,
        WINDOW >> 20: TABLES | _SECTION,
    }


def list_image(steps: Iterable[Step]) -> bytes:
    """The list as it stands in memory."""
    words = [word for step in steps for word in step.words] + [0] * STEP_WORDS
    return b"".join(word.to_bytes(4, "little") for word in words)
