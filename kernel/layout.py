# SPDX-License-Identifier: BSD-2-Clause
"""Where everything lies: the words of capabilities, objects and kernel data, as one table.

Assembly constants (`asm_constants`), the Python accessors and the documentation are all derived
from this file; an offset or a bit position stands nowhere else. A capability slot (CTE) is four
words: two for the capability, two for its entry in the derivation list (R4.15, R4.39).
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from kernel import abi

# --------------------------------------------------------------------------------------------
# Bit fields
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """`width` bits from bit `low` of word number `word`; a value is shifted left by `scale`.

    A field with `scale` equal to `low` keeps an aligned address in place: `get` and `put` then
    need no shift. `base` is added to a value that was read (and is implied when written).
    """

    word: int
    low: int
    width: int
    scale: int = 0
    base: int = 0
    #: of the field inside its word; derived, and kept because it is needed at every access
    mask: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", ((1 << self.width) - 1) << self.low)

    def get(self, word_value: int) -> int:
        """Value of the field in a word."""
        return (((word_value & self.mask) >> self.low) << self.scale) + self.base

    def put(self, word_value: int, value: int) -> int:
        """The word with the field set to `value`, which must fit exactly."""
        raw = (value - self.base) >> self.scale
        assert self.get((raw << self.low) & self.mask) == value, (self, hex(value))
        return (word_value & ~self.mask & abi.WORD_MASK) | (raw << self.low)


def address_field(word: int, low: int) -> Field:
    """The field for an address aligned to 2^low, kept in place in bits 31..low."""
    return Field(word, low, 32 - low, scale=low)


# --------------------------------------------------------------------------------------------
# Physical memory and the kernel window (R4.107 to R4.112)
# --------------------------------------------------------------------------------------------

WINDOW_BASE: Final = 0xF000_0000
WINDOW_BYTES: Final = 0x1000_0000
RAM_BASE: Final = 0x8000_0000
#: virtual minus physical address inside the window
WINDOW_OFFSET: Final = WINDOW_BASE - RAM_BASE

#: The last megabyte is mapped by one second-level table: kernel devices, globals, vectors.
KERNEL_EPIT1: Final = 0xFFF0_0000
KERNEL_AVIC: Final = 0xFFF0_1000
KERNEL_L2CC: Final = 0xFFF0_2000
KERNEL_UART1: Final = 0xFFF0_3000
KERNEL_DEVICE_PAGES: Final = {
    KERNEL_EPIT1: 0x53F9_4000,
    KERNEL_AVIC: 0x6800_0000,
    KERNEL_L2CC: 0x3000_0000,
    KERNEL_UART1: 0x43F9_0000,
}
VECTORS_ADDRESS: Final = 0xFFFF_0000


def window_address(physical: int) -> int:
    """Kernel virtual address of a physical address in RAM."""
    return physical + WINDOW_OFFSET


def physical_address(window: int) -> int:
    """Physical address of a kernel virtual address in the window."""
    return window - WINDOW_OFFSET


# The kernel image: offsets from WINDOW_BASE (and from RAM_BASE).
IMAGE_BYTES: Final = 0x3_0000
TEXT_OFFSET: Final = 0x0
TEXT_BYTES: Final = 0x1_8000
#: No multiple of 64 KB: the pages of an IPC would share places of Unicorn's own TLB with user
#: programs and objects at such multiples, which costs the host a twentieth of its messages.
DATA_OFFSET: Final = 0x1_8000
# Variables, ASID table and ready queues share a page: an IPC touches all three, and each page
# more is a TLB entry more.
ASID_TABLE_OFFSET: Final = DATA_OFFSET + 0x400
READY_QUEUES_OFFSET: Final = DATA_OFFSET + 0x800
GLOBALS_OFFSET: Final = DATA_OFFSET + 0x3000
KERNEL_PD_OFFSET: Final = DATA_OFFSET + 0x4000
KERNEL_PT_OFFSET: Final = DATA_OFFSET + 0x8000
VECTORS_OFFSET: Final = DATA_OFFSET + 0x9000
#: Excluded from comparisons between the assembly and the Python kernel: stack and scratch.
STACK_OFFSET: Final = DATA_OFFSET + 0xA000
STACK_BYTES: Final = 0x1000
IDLE_TCB_OFFSET: Final = DATA_OFFSET + 0xB000
IRQ_NODE_OFFSET: Final = DATA_OFFSET + 0xC000

KERNEL_DATA: Final = WINDOW_BASE + DATA_OFFSET
READY_QUEUES: Final = WINDOW_BASE + READY_QUEUES_OFFSET
ASID_TABLE: Final = WINDOW_BASE + ASID_TABLE_OFFSET
GLOBALS: Final = WINDOW_BASE + GLOBALS_OFFSET
KERNEL_PD: Final = WINDOW_BASE + KERNEL_PD_OFFSET
KERNEL_PT: Final = WINDOW_BASE + KERNEL_PT_OFFSET
VECTORS: Final = WINDOW_BASE + VECTORS_OFFSET
STACK_TOP: Final = WINDOW_BASE + STACK_OFFSET + STACK_BYTES
IDLE_TCB: Final = WINDOW_BASE + IDLE_TCB_OFFSET
IRQ_NODE: Final = WINDOW_BASE + IRQ_NODE_OFFSET

# --------------------------------------------------------------------------------------------
# Capabilities
# --------------------------------------------------------------------------------------------

SLOT_BYTES: Final = 1 << abi.SLOT_BITS


class CapType(IntEnum):
    """The type of a capability, in the low four bits of its first word."""

    NULL = 0
    UNTYPED = 1
    ENDPOINT = 2
    ASYNC_ENDPOINT = 3
    REPLY = 4
    CNODE = 5
    TCB = 6
    FRAME = 7
    PAGE_TABLE = 8
    PAGE_DIRECTORY = 9
    ASID_CONTROL = 10
    ASID_POOL = 11
    IRQ_CONTROL = 12
    IRQ_HANDLER = 13
    ZOMBIE = 14
    DOMAIN = 15


CAP_TYPE: Final = Field(0, 0, 4)

#: Objects are named by their kernel-window address, frames by their physical address.
UNTYPED_POINTER: Final = address_field(0, 4)
UNTYPED_SIZE_BITS: Final = Field(1, 0, 5)
#: First free byte behind the objects made so far, from the base, in units of 16 bytes.
UNTYPED_WATERMARK: Final = Field(1, 5, 27, scale=4)

ENDPOINT_POINTER: Final = address_field(0, 4)
ENDPOINT_RIGHTS: Final = Field(1, 0, 3)
ENDPOINT_BADGE: Final = Field(1, 4, 28)

#: Made for the lookup: ARM takes a shift amount from the low byte of a register, so the guard
#: test is two instructions (`lsr t, index, w1` and `cmp t, w1, lsr #16`).
CNODE_POINTER: Final = address_field(0, 4)
CNODE_GUARD_SHIFT: Final = Field(1, 0, 8)  # 32 - guard size
CNODE_INDEX_SHIFT: Final = Field(1, 8, 8)  # 32 - log2(slots)
CNODE_GUARD: Final = Field(1, 16, 16)

TCB_POINTER: Final = address_field(0, 9)

REPLY_TCB: Final = address_field(0, 9)
REPLY_MASTER: Final = Field(0, 4, 1)

FRAME_BASE: Final = address_field(0, 12)
FRAME_DEVICE: Final = Field(0, 11, 1)
FRAME_SIZE: Final = Field(0, 9, 2)  # index into FRAME_SIZE_BITS
FRAME_RIGHTS: Final = Field(0, 7, 2)  # a VmRights
FRAME_VADDR: Final = address_field(1, 12)
FRAME_ASID: Final = Field(1, 0, 8)  # 0: not mapped
FRAME_SIZE_BITS: Final = (
    abi.SMALL_PAGE_BITS,
    abi.LARGE_PAGE_BITS,
    abi.SECTION_BITS,
    abi.SUPER_SECTION_BITS,
)


class VmRights(IntEnum):
    """What a Frame capability allows; the value is the AP field of a descriptor."""

    KERNEL_ONLY = 1
    READ_ONLY = 2
    READ_WRITE = 3


PAGE_TABLE_POINTER: Final = address_field(0, 10)
PAGE_TABLE_USED: Final = Field(0, 4, 1)  # R4.99
PAGE_TABLE_IS_4K: Final = Field(0, 5, 1)
PAGE_TABLE_VADDR: Final = address_field(1, 20)
PAGE_TABLE_ASID: Final = Field(1, 0, 8)  # 0: not installed

PAGE_DIRECTORY_POINTER: Final = address_field(0, 14)
PAGE_DIRECTORY_ASID: Final = Field(1, 0, 8)  # 0: not initialised (R4.88)

ASID_POOL_POINTER: Final = address_field(0, 12)  # 0: the boot pool
ASID_POOL_BASE: Final = Field(1, 0, 8)
ASID_POOL_COUNT: Final = Field(1, 8, 8)

IRQ_HANDLER_IRQ: Final = Field(1, 0, 6)


class ZombieKind(IntEnum):
    """What an opaque capability is left from; decides what the rest of its word 1 means."""

    CNODE = 0  # a container that is being emptied
    TCB = 1
    OBJECT = 2  # another object whose destruction or recycling takes more than one step
    TOMBSTONE = 3  # a deleted capability whose descendants are being lifted (kernel.object.mdb)


#: Word 0 of a zombie is that of the capability it was, but for the type.
ZOMBIE_POINTER: Final = address_field(0, 4)
ZOMBIE_KIND: Final = Field(1, 30, 2)
ZOMBIE_RADIX: Final = Field(1, 25, 5)  # CNODE
ZOMBIE_NEXT: Final = Field(1, 0, 25)  # CNODE, TCB: slots not yet emptied; OBJECT: pieces left
ZOMBIE_TYPE: Final = Field(1, 26, 4)  # OBJECT, TOMBSTONE: the CapType it was
#: Depth of a tombstone. Its MDB_DEPTH reads MDB_MAX_DEPTH, so that a leaf test which knows
#: nothing of tombstones finds a descendant and declines.
TOMBSTONE_LEVEL: Final = Field(1, 0, 7)

# The derivation entry: words 2 and 3 of a slot.
#: The next slot in pre-order, without the four address bits that are the same for all of the
#: window; that frees the low byte for `depth` and `revocable`.
MDB_NEXT: Final = Field(2, 8, 24, scale=4, base=WINDOW_BASE)
MDB_REVOCABLE: Final = Field(2, 7, 1)
MDB_DEPTH: Final = Field(2, 0, 7)
MDB_PREV: Final = address_field(3, 4)
MDB_MASTER: Final = Field(3, 0, 1)
MDB_MAX_DEPTH: Final = (1 << 7) - 1

# --------------------------------------------------------------------------------------------
# Objects: byte offsets
# --------------------------------------------------------------------------------------------


class QueueState(IntEnum):
    """What an Endpoint (or AsyncEndpoint) is doing; low bits of its first word."""

    IDLE = 0
    SENDING = 1  # AsyncEndpoint: ACTIVE, a message is stored
    RECEIVING = 2


# Endpoint and AsyncEndpoint, 16 bytes: state and queue head share the first word.
EP_STATE: Final = Field(0, 0, 2)
EP_HEAD: Final = address_field(0, 9)
EP_HEAD_OFFSET: Final = 0
EP_TAIL_OFFSET: Final = 4
AEP_MESSAGE_OFFSET: Final = 8
AEP_BADGE_OFFSET: Final = 12


class ThreadState(IntEnum):
    """The `state` word of a TCB."""

    INACTIVE = 0
    RUNNING = 1
    RESTART = 2
    BLOCKED_ON_RECEIVE = 3
    BLOCKED_ON_SEND = 4
    BLOCKED_ON_REPLY = 5
    BLOCKED_ON_ASYNC_EVENT = 6
    IDLE = 7


RUNNABLE_STATES: Final = frozenset({ThreadState.RUNNING, ThreadState.RESTART})

# TCB, 512 bytes.
TCB_CTABLE: Final = 0x000
TCB_VTABLE: Final = 0x010
TCB_REPLY: Final = 0x020  # master reply capability of this thread
TCB_CALLER: Final = 0x030  # reply capability to the thread that called this one
TCB_BUFFER: Final = 0x040
TCB_SLOTS: Final = (TCB_CTABLE, TCB_VTABLE, TCB_REPLY, TCB_CALLER, TCB_BUFFER)
TCB_RESTART_PC: Final = 0x050  # the SVC or the faulting instruction
TCB_REGISTERS: Final = 0x054  # r0 .. r12, sp, lr
TCB_PC: Final = 0x090  # eight-byte aligned, with cpsr behind it: SRS and RFE work on the pair
TCB_CPSR: Final = 0x094
TCB_STATE: Final = 0x098
TCB_BLOCKING_OBJECT: Final = 0x09C
TCB_BLOCKING_BADGE: Final = 0x0A0
TCB_BLOCKING_FLAGS: Final = 0x0A4
TCB_EP_NEXT: Final = 0x0A8
TCB_EP_PREV: Final = 0x0AC
TCB_SCHED_NEXT: Final = 0x0B0
TCB_SCHED_PREV: Final = 0x0B4
TCB_PRIORITY: Final = 0x0B8
TCB_TIME_SLICE: Final = 0x0BC
TCB_IPC_BUFFER: Final = 0x0C0  # user virtual address, 0: none
TCB_FAULT_HANDLER: Final = 0x0C4
TCB_FAULT: Final = 0x0C8  # an abi.Fault
TCB_FAULT_WORDS: Final = 0x0CC
TCB_FAULT_WORD_COUNT: Final = 7
TCB_DOMAIN: Final = 0x0E8
TCB_NAME: Final = 0x0F0
TCB_NAME_BYTES: Final = 32

BLOCKING_CAN_GRANT: Final = 1
BLOCKING_IS_CALL: Final = 2
#: set while blocked on receive when the endpoint capability lacks Write
BLOCKING_DIMINISH: Final = 4

#: Byte offset in a TCB of each user register.
REGISTER_OFFSETS: Final = {
    **{f"r{n}": TCB_REGISTERS + 4 * n for n in range(13)},
    "sp": TCB_REGISTERS + 4 * 13,
    "lr": TCB_REGISTERS + 4 * 14,
    "pc": TCB_PC,
    "cpsr": TCB_CPSR,
}

# --------------------------------------------------------------------------------------------
# Kernel data
# --------------------------------------------------------------------------------------------

KV_CURRENT: Final = KERNEL_DATA + 0x00
KV_IDLE: Final = KERNEL_DATA + 0x04
KV_SCHEDULER_ACTION: Final = KERNEL_DATA + 0x08
KV_CURRENT_DOMAIN: Final = KERNEL_DATA + 0x0C
KV_LOADED_ASID: Final = KERNEL_DATA + 0x10  # address space in TTBR0; 0: the kernel's own
KV_WORK_UNITS: Final = KERNEL_DATA + 0x14
KV_READY_SUMMARY: Final = KERNEL_DATA + 0x18  # bit n: some bit of READY_BITMAP word n is set
KV_READY_BITMAP: Final = KERNEL_DATA + 0x20  # 8 words, bit p: priority p has a ready thread
#: First slot of the derivation list (the ring is entered here by checks and dumps).
KV_MDB_ROOT: Final = KERNEL_DATA + 0x40
KV_TICK_ENABLED: Final = KERNEL_DATA + 0x44
#: Low word of the cycle counter at the last CycleReset.
KV_CYCLE_BASE: Final = KERNEL_DATA + 0x48
#: Window address of the object of each small ASID pool, 0: free (ASID_SMALL_POOLS words).
KV_ASID_POOLS: Final = KERNEL_DATA + 0x50
#: Free memory that a preempted retype has made ready (kernel.object.prepare): from window
#: address START up to END (0: none), as new objects of KIND, an abi.ObjectType, need it.
KV_PREPARED_START: Final = KERNEL_DATA + 0x60
KV_PREPARED_END: Final = KERNEL_DATA + 0x64
KV_PREPARED_KIND: Final = KERNEL_DATA + 0x68
# Scratch, filled by the entry code for the handlers; like the stack, not compared.
KV_FAULT_STATUS: Final = KERNEL_DATA + 0x80
KV_FAULT_ADDRESS: Final = KERNEL_DATA + 0x84
KV_FAULT_IS_FETCH: Final = KERNEL_DATA + 0x88
KV_SCRATCH: Final = KERNEL_DATA + 0x80
KV_SCRATCH_BYTES: Final = 0x40
#: One word a line: 0 inactive, 1 user signal, 2 kernel timer.
KV_IRQ_STATE: Final = KERNEL_DATA + 0x100

SCHEDULE_RESUME_CURRENT: Final = 0
SCHEDULE_CHOOSE_NEW: Final = 1  # any other value: the TCB to switch to

IRQ_INACTIVE: Final = 0
IRQ_SIGNAL: Final = 1
IRQ_TIMER: Final = 2

READY_QUEUE_BYTES: Final = 8  # head, tail
ASID_TABLE_ENTRY_BYTES: Final = 4  # window address of the PD, 0: free
ASID_COUNT: Final = 256
ASID_BOOT_POOL_COUNT: Final = 192
ASID_SMALL_POOL_COUNT: Final = 16
ASID_SMALL_POOLS: Final = (ASID_COUNT - ASID_BOOT_POOL_COUNT) // ASID_SMALL_POOL_COUNT


class Trap(IntEnum):
    """Numbers of the undefined instruction `udf #n` by which the assembly calls Python."""

    BOOT = 0
    SYSCALL = 1
    VM_FAULT = 2
    USER_EXCEPTION = 3
    INTERRUPT = 4
    KERNEL_PANIC = 5


def _constants_of(enum: type[IntEnum], prefix: str) -> dict[str, int]:
    return {f"{prefix}_{member.name}": int(member) for member in enum}


def asm_constants() -> dict[str, int]:
    """Every number of this file and of `abi` under the name that the assembly uses.

    Integers keep their name; a `Field` gives `NAME_MASK` and `NAME_SHIFT`; an enumeration gives
    `ENUM_MEMBER` (CAP_, STATE_, QUEUE_, TRAP_, VM_, SYS_, LABEL_, OBJ_, ERR_).
    """
    constants: dict[str, int] = {}
    for namespace in (vars(abi), globals()):
        for name, value in namespace.items():
            if not name.isupper() or name.startswith("_"):
                continue
            if isinstance(value, Field):
                constants[f"{name}_MASK"] = value.mask
                constants[f"{name}_SHIFT"] = value.low
            elif isinstance(value, int):
                constants[name] = value
    for enum, prefix in (
        (CapType, "CAP"), (ThreadState, "STATE"), (QueueState, "QUEUE"), (Trap, "TRAP"),
        (VmRights, "VM"), (abi.Syscall, "SYS"), (abi.Label, "LABEL"), (abi.ObjectType, "OBJ"),
        (abi.Error, "ERR"),
    ):  # fmt: skip
        constants.update(_constants_of(enum, prefix))
    return constants


# Relations that the assembly and the hardware rely on.
assert TCB_PC % 8 == 0 and TCB_CPSR == TCB_PC + 4
assert TCB_REGISTERS + 15 * 4 == TCB_PC
assert TCB_NAME + TCB_NAME_BYTES <= 1 << abi.TCB_BITS
assert TCB_CTABLE == 0, "the CSpace root is the first slot of a TCB (docs/decisions/0001)"
assert KV_ASID_POOLS + 4 * ASID_SMALL_POOLS <= KV_PREPARED_START
assert KV_IRQ_STATE + 4 * abi.IRQ_COUNT <= ASID_TABLE
assert ASID_TABLE + ASID_COUNT * ASID_TABLE_ENTRY_BYTES <= READY_QUEUES
assert READY_QUEUES + abi.PRIORITY_COUNT * READY_QUEUE_BYTES <= GLOBALS
assert KERNEL_PD % (1 << 14) == 0 and IDLE_TCB % (1 << abi.TCB_BITS) == 0
assert IRQ_NODE + abi.IRQ_COUNT * SLOT_BYTES <= WINDOW_BASE + IMAGE_BYTES
