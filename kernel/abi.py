# SPDX-License-Identifier: BSD-2-Clause
"""The binary interface: every number that a user program and the kernel must agree on.

The interface is that of seL4 1.0.3 on ARM, extended by the few numbers listed as our own.
Nothing here depends on anything else, so that userland may import it (docs/SYSCALLS.md).
All words are 32-bit little-endian.
"""

from enum import IntEnum
from typing import Final

WORD_BYTES: Final = 4
WORD_BITS: Final = 32
WORD_MASK: Final = 0xFFFF_FFFF


class Syscall(IntEnum):
    """System call numbers, in r7 as a signed word; the SVC immediate is ignored."""

    CALL = -1
    REPLY_WAIT = -2
    SEND = -3
    NB_SEND = -4
    WAIT = -5
    REPLY = -6
    YIELD = -7
    DEBUG_PUT_CHAR = -8
    DEBUG_HALT = -9
    DEBUG_CAP_IDENTIFY = -10
    DEBUG_SNAPSHOT = -11
    # Our own numbers start where 1.0.3's list ends.
    CYCLE_RESET = -16
    CYCLE_READ = -17
    DEBUG_NAME_THREAD = -18
    DEBUG_EXIT = -19


class ObjectType(IntEnum):
    """The `type` argument of Untyped_Retype."""

    UNTYPED = 0
    TCB = 1
    ENDPOINT = 2
    ASYNC_ENDPOINT = 3
    CNODE = 4
    SMALL_PAGE = 5
    LARGE_PAGE = 6
    SECTION = 7
    SUPER_SECTION = 8
    PAGE_TABLE = 9
    PAGE_DIRECTORY = 10


OBJECT_TYPE_COUNT: Final = 11

#: log2 of an object's size in bytes. Untyped and CNode depend on the `size_bits` argument
#: (a CNode of 2^n slots has n + SLOT_BITS bits); a PageTable is PAGE_TABLE_4K_BITS big when
#: `size_bits` is 12 and PAGE_TABLE_BITS otherwise (docs/decisions/0001).
SLOT_BITS: Final = 4
TCB_BITS: Final = 9
ENDPOINT_BITS: Final = 4
ASYNC_ENDPOINT_BITS: Final = 4
SMALL_PAGE_BITS: Final = 12
LARGE_PAGE_BITS: Final = 16
SECTION_BITS: Final = 20
SUPER_SECTION_BITS: Final = 24
PAGE_TABLE_BITS: Final = 10
PAGE_TABLE_4K_BITS: Final = 12
PAGE_DIRECTORY_BITS: Final = 14
ASID_POOL_BITS: Final = 12
UNTYPED_MIN_BITS: Final = 4
UNTYPED_MAX_BITS: Final = 30
RETYPE_MAX_OBJECTS: Final = 256


class Label(IntEnum):
    """Invocation labels: the label field of the message info sent to a kernel object."""

    INVALID = 0
    UNTYPED_RETYPE = 1
    TCB_READ_REGISTERS = 2
    TCB_WRITE_REGISTERS = 3
    TCB_COPY_REGISTERS = 4
    TCB_CONFIGURE = 5
    TCB_SET_PRIORITY = 6
    TCB_SET_IPC_BUFFER = 7
    TCB_SET_SPACE = 8
    TCB_SUSPEND = 9
    TCB_RESUME = 10
    CNODE_REVOKE = 11
    CNODE_DELETE = 12
    CNODE_RECYCLE = 13
    CNODE_COPY = 14
    CNODE_MINT = 15
    CNODE_MOVE = 16
    CNODE_MUTATE = 17
    CNODE_ROTATE = 18
    CNODE_SAVE_CALLER = 19
    IRQ_CONTROL_GET = 20
    IRQ_CONTROL_CONTROL = 21
    IRQ_HANDLER_ACK = 22
    IRQ_HANDLER_SET_ENDPOINT = 23
    IRQ_HANDLER_CLEAR = 24
    DOMAIN_SET_SET = 25
    PD_CLEAN_DATA = 26
    PD_INVALIDATE_DATA = 27
    PD_CLEAN_INVALIDATE_DATA = 28
    PD_UNIFY_INSTRUCTION = 29
    PAGE_TABLE_MAP = 30
    PAGE_TABLE_UNMAP = 31
    PAGE_MAP = 32
    PAGE_REMAP = 33
    PAGE_UNMAP = 34
    PAGE_CLEAN_DATA = 35
    PAGE_INVALIDATE_DATA = 36
    PAGE_CLEAN_INVALIDATE_DATA = 37
    PAGE_UNIFY_INSTRUCTION = 38
    PAGE_GET_ADDRESS = 39
    ASID_CONTROL_MAKE_POOL = 40
    ASID_POOL_ASSIGN = 41
    # Our own.
    CNODE_IMITATE = 42
    PAGE_MAP_WITH_TABLE = 43


class Error(IntEnum):
    """Labels of error replies."""

    NO_ERROR = 0
    INVALID_ARGUMENT = 1
    INVALID_CAPABILITY = 2
    ILLEGAL_OPERATION = 3
    RANGE_ERROR = 4
    ALIGNMENT_ERROR = 5
    FAILED_LOOKUP = 6
    TRUNCATED_MESSAGE = 7
    DELETE_FIRST = 8
    REVOKE_FIRST = 9
    NOT_ENOUGH_MEMORY = 10


class LookupFailure(IntEnum):
    """First word of a lookup-failure block."""

    INVALID_ROOT = 1
    MISSING_CAPABILITY = 2
    DEPTH_MISMATCH = 3
    GUARD_MISMATCH = 4


class Fault(IntEnum):
    """Labels of fault messages."""

    NONE = 0
    CAP_FAULT = 1
    VM_FAULT = 2
    UNKNOWN_SYSCALL = 3
    USER_EXCEPTION = 4


class CapTag(IntEnum):
    """What DebugCapIdentify answers."""

    NULL = 0
    SMALL_FRAME = 1
    UNTYPED = 2
    LARGER_FRAME = 3
    ENDPOINT = 4
    ASID_POOL = 5
    ASYNC_ENDPOINT = 6
    PAGE_TABLE = 7
    REPLY = 8
    PAGE_DIRECTORY = 9
    CNODE = 10
    ASID_CONTROL = 11
    TCB = 12
    IRQ_CONTROL = 0x0E
    IRQ_HANDLER = 0x1E
    ZOMBIE = 0x2E
    DOMAIN = 0x3E


# Rights word.
RIGHT_WRITE: Final = 1
RIGHT_READ: Final = 2
RIGHT_GRANT: Final = 4
RIGHTS_ALL: Final = 7

# Message info word: label 31..12, capsUnwrapped 11..9, extraCaps 8..7, length 6..0.
INFO_LABEL_SHIFT: Final = 12
INFO_LABEL_MASK: Final = 0xFFFFF
INFO_UNWRAPPED_SHIFT: Final = 9
INFO_UNWRAPPED_MASK: Final = 7
INFO_CAPS_SHIFT: Final = 7
INFO_CAPS_MASK: Final = 3
INFO_LENGTH_MASK: Final = 0x7F
MSG_MAX_LENGTH: Final = 120
MSG_MAX_EXTRA_CAPS: Final = 3
MSG_REGISTERS: Final = 4

# capData words.
BADGE_BITS: Final = 28
BADGE_MASK: Final = (1 << BADGE_BITS) - 1
CAPDATA_GUARD_FLAG: Final = 1 << 31
CAPDATA_GUARD_SHIFT: Final = 8
CAPDATA_GUARD_MASK: Final = 0x3FFFF
CAPDATA_GUARD_SIZE_SHIFT: Final = 3
CAPDATA_GUARD_SIZE_MASK: Final = 0x1F

# IPC buffer: byte offsets.
IPC_BUFFER_BITS: Final = 9
IPC_TAG: Final = 0
IPC_MSG: Final = 4
IPC_USER_DATA: Final = 484
IPC_CAPS_OR_BADGES: Final = 488
IPC_RECEIVE_CNODE: Final = 500
IPC_RECEIVE_INDEX: Final = 504
IPC_RECEIVE_DEPTH: Final = 508

#: Order of the words of seL4_UserContext, in TCB_ReadRegisters and TCB_WriteRegisters.
CONTEXT_REGISTERS: Final = (
    "pc", "sp", "cpsr", "r0", "r1", "r8", "r9", "r10", "r11", "r12",
    "r2", "r3", "r4", "r5", "r6", "r7", "lr",
)  # fmt: skip
FRAME_REGISTERS: Final = CONTEXT_REGISTERS[:10]
INTEGER_REGISTERS: Final = CONTEXT_REGISTERS[10:]
#: Order of the words of an UnknownSyscall message; word 12 is the number and is read-only.
SYSCALL_FAULT_REGISTERS: Final = (
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "pc", "sp", "lr", "cpsr",
)  # fmt: skip
#: Order of the first words of a UserException message.
EXCEPTION_FAULT_REGISTERS: Final = ("pc", "sp", "cpsr")

# CPSR of user threads: user mode, FIQ masked; only NZCVQ can be set from outside.
USER_CPSR: Final = 0x50
USER_CPSR_MASK: Final = 0xF800_0000

# Virtual addresses.
USER_TOP: Final = 0xF000_0000
GLOBALS_ADDRESS: Final = 0xFFFF_C000

# Page attributes and flags of TCB methods.
ATTR_CACHEABLE: Final = 1
ATTR_PARITY: Final = 2
READ_REGISTERS_SUSPEND: Final = 1
WRITE_REGISTERS_RESUME: Final = 1
COPY_SUSPEND_SOURCE: Final = 1
COPY_RESUME_TARGET: Final = 2
COPY_FRAME: Final = 4
COPY_INTEGER: Final = 8

# Boot information: constants shared by kernel and client, and byte offsets.
BOOTINFO_MAX_UNTYPED: Final = 167
BOOTINFO_MAX_DEVICES: Final = 199
BI_NODE_ID: Final = 0
BI_NUM_NODES: Final = 4
BI_IOPT_LEVELS: Final = 8
BI_IPC_BUFFER: Final = 12
BI_EMPTY: Final = 16
BI_SHARED_FRAMES: Final = 24
BI_IMAGE_FRAMES: Final = 32
BI_IMAGE_PTS: Final = 40
BI_UNTYPED: Final = 48
BI_UNTYPED_PADDR: Final = 56
BI_UNTYPED_BITS: Final = BI_UNTYPED_PADDR + 4 * BOOTINFO_MAX_UNTYPED
BI_CNODE_BITS: Final = BI_UNTYPED_BITS + BOOTINFO_MAX_UNTYPED
BI_NUM_DEVICES: Final = (BI_CNODE_BITS + 1 + 3) & ~3
BI_DEVICES: Final = BI_NUM_DEVICES + 4
BI_DEVICE_BYTES: Final = 16
BI_DOMAIN: Final = BI_DEVICES + BI_DEVICE_BYTES * BOOTINFO_MAX_DEVICES
BI_BYTES: Final = 4084
assert BI_CNODE_BITS == 891 and BI_NUM_DEVICES == 892 and BI_DOMAIN == 4080


class InitialCap(IntEnum):
    """Slots of the initial thread's root CNode."""

    NULL = 0
    TCB = 1
    CNODE = 2
    VSPACE = 3
    IRQ_CONTROL = 4
    ASID_CONTROL = 5
    ASID_POOL = 6
    IO_PORT = 7
    IO_SPACE = 8
    BOOTINFO_FRAME = 9
    IPC_BUFFER = 10
    DOMAIN = 11
    FIRST_FREE = 12


ROOT_CNODE_BITS: Final = 16
INITIAL_PRIORITY: Final = 255
INITIAL_ASID: Final = 1
IRQ_COUNT: Final = 64
PRIORITY_COUNT: Final = 256
