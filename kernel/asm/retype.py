# SPDX-License-Identifier: BSD-2-Clause
"""Untyped_Retype of every type but PageDirectory, up to RETYPE_AT_ONCE_BYTES (R4.24 to R4.37).

Twin: `decode` and `retype` of `kernel.object.untyped`. Takes: a Call with exactly one extra
capability, an IPC buffer in a 4 KB frame. Everything else, every error too, bails out.
"""

from typing import Final

from kernel import abi, layout, limits
from kernel.layout import CapType, VmRights

_READ_WRITE_FRAME: Final = layout.FRAME_RIGHTS.put(int(CapType.FRAME), VmRights.READ_WRITE)


def _frame_tag(size_code: int) -> int:
    """Word 0 of a frame capability less the window address of its memory."""
    word = layout.FRAME_SIZE.put(_READ_WRITE_FRAME, size_code)
    return (word - layout.WINDOW_OFFSET) & abi.WORD_MASK


#: By object type: log2 of the size (0: depends on size_bits), what is added to an object's
#: address to make word 0 of its capability, and word 1.
_TYPES: Final = (
    (0, int(CapType.UNTYPED), 0),
    (abi.TCB_BITS, int(CapType.TCB), 0),
    (abi.ENDPOINT_BITS, int(CapType.ENDPOINT), abi.RIGHTS_ALL),
    (
        abi.ASYNC_ENDPOINT_BITS,
        int(CapType.ASYNC_ENDPOINT),
        abi.RIGHT_READ | abi.RIGHT_WRITE,
    ),
    (0, int(CapType.CNODE), 0),
    (abi.SMALL_PAGE_BITS, _frame_tag(0), 0),
    (abi.LARGE_PAGE_BITS, _frame_tag(1), 0),
    (abi.SECTION_BITS, _frame_tag(2), 0),
    (abi.SUPER_SECTION_BITS, _frame_tag(3), 0),
    (0, int(CapType.PAGE_TABLE), 0),
)

CONSTANTS: Final = {
    "RETYPE_TYPES": len(_TYPES),
    "TIME_SLICE_TICKS": limits.TIME_SLICE_TICKS,
    # Of the L1 data cache (DDI 0211, chapter 7).
    "CACHE_LINE_BYTES": 32,
    "RETYPE_AT_ONCE_BYTES": limits.RETYPE_AT_ONCE_BYTES,
    "INFO_CAPS_ONE": 1 << abi.INFO_CAPS_SHIFT,
    "INFO_CAPS_FIELD": abi.INFO_CAPS_MASK << abi.INFO_CAPS_SHIFT,
    "READABLE_FRAME": layout.FRAME_RIGHTS.put(0, VmRights.READ_ONLY),
    "MDB_NEW_MASTER": layout.MDB_REVOCABLE.mask,
    "MDB_NEXT_LOW": layout.MDB_NEXT.mask ^ abi.WORD_MASK,
    "UNGUARDED": layout.CNODE_GUARD_SHIFT.put(0, abi.WORD_BITS),
    # 32 - log2(slots) in terms of log2(bytes).
    "CNODE_SHIFT_BASE": abi.WORD_BITS + abi.SLOT_BITS,
}

#: What a retype of an Untyped that is no leaf does, by kernel option (`compat`).
NON_LEAF: Final = {
    False: """
    bhi     slowpath                    @ RevokeFirst
""",
    True: """
    bls     retype_leaf
    cmp     r6, #MDB_MAX_DEPTH          @ as a tombstone has, behind which a leaf may look deeper
    beq     slowpath
    ldr     r7, [r1, #4]                @ a non-leaf goes on above its watermark
    lsr     r7, r7, #UNTYPED_WATERMARK_SHIFT
    lsl     r7, r7, #4
retype_leaf:
""",
}
NON_LEAF_LINE: Final = "@ NON_LEAF"

SOURCE: Final = """
@ ---------------------------------------------------------------------------------------------
@ fastpath_retype: from fastpath_call, where the message is not short.
@ Live-in: r0 = address of the Untyped, r1 = info, r2 = type, r3 = size_bits, r4 = node_index,
@ r5 = node_depth, sp. node_offset, num_objects and the CNode's address are in the IPC buffer.
@ ---------------------------------------------------------------------------------------------
fastpath_retype:
    lsr     r6, r1, #INFO_LABEL_SHIFT
    cmp     r6, #LABEL_UNTYPED_RETYPE
    bne     slowpath
    and     r6, r1, #INFO_CAPS_FIELD
    cmp     r6, #INFO_CAPS_ONE
    bne     slowpath
    and     r6, r1, #INFO_LENGTH_MASK
    cmp     r6, #6
    blo     slowpath                    @ TruncatedMessage
    cmp     r2, #RETYPE_TYPES
    bhs     slowpath
    cmp     r3, #UNTYPED_MAX_BITS
    bhi     slowpath                    @ RangeError
    ldr     r6, [sp, #TCB_BUFFER - TCB_PC]
    and     r7, r6, #CAP_TYPE_MASK
    cmp     r7, #CAP_FRAME
    bne     slowpath
    tst     r6, #FRAME_SIZE_MASK        @ small pages alone: the offset is then 12 bits
    bne     slowpath
    tst     r6, #READABLE_FRAME
    beq     slowpath
    ldr     r7, [sp, #TCB_IPC_BUFFER - TCB_PC]
    lsr     r6, r6, #FRAME_BASE_SHIFT
    lsl     r6, r6, #FRAME_BASE_SHIFT
    add     r6, r6, #WINDOW_OFFSET
    lsl     r7, r7, #WORD_BITS - SMALL_PAGE_BITS
    add     r7, r6, r7, lsr #WORD_BITS - SMALL_PAGE_BITS    @ the buffer in the window
    bl      lookup_cap
    and     r6, r8, #CAP_TYPE_MASK
    cmp     r6, #CAP_UNTYPED
    bne     slowpath
    mov     r1, r12                     @ slot of the Untyped, kept to the end
    ldr     r0, [r7, #IPC_CAPS_OR_BADGES]
    bl      lookup_cap
    cmp     r5, #0
    beq     retype_node                 @ the CNode itself was named
    cmp     r5, #WORD_BITS
    bhi     slowpath                    @ RangeError
    rsb     r6, r5, #WORD_BITS
    lsl     r10, r4, r6                 @ the index, its `depth` bits on top
    mov     r11, r5
    bl      lookup_level
    cmp     r11, #0
    bne     slowpath                    @ DepthMismatch
retype_node:
    and     r6, r8, #CAP_TYPE_MASK
    cmp     r6, #CAP_CNODE
    bne     slowpath
    ldr     r4, [r7, #IPC_MSG + 16]     @ node_offset
    ldr     r5, [r7, #IPC_MSG + 20]     @ num_objects
    lsr     r6, r9, #CNODE_INDEX_SHIFT_SHIFT
    rsb     r6, r6, #WORD_BITS          @ low byte: log2 of the slots
    mov     r10, #1
    lsl     r10, r10, r6
    cmp     r4, r10
    bhs     slowpath
    sub     r10, r10, r4
    cmp     r5, r10
    bhi     slowpath
    cmp     r5, #RETYPE_MAX_OBJECTS
    bhi     slowpath
    cmp     r5, #0
    beq     slowpath
    sub     r8, r8, #CAP_CNODE
    add     r8, r8, r4, lsl #SLOT_BITS  @ first slot
    add     r9, r8, r5, lsl #SLOT_BITS  @ behind the last
    mov     r10, r8
retype_slot_empty:
    ldr     r6, [r10], #SLOT_BYTES
    tst     r6, #CAP_TYPE_MASK
    bne     slowpath                    @ DeleteFirst
    cmp     r10, r9
    bne     retype_slot_empty

    ldr     r6, =retype_types
    add     r6, r6, r2, lsl #3
    ldr     r10, [r6, r2, lsl #2]       @ log2 of an object's bytes; three words an entry
    cmp     r10, #0
    bne     retype_sized
    cmp     r2, #OBJ_PAGE_TABLE
    beq     retype_page_table
    cmp     r2, #OBJ_CNODE
    addeq   r10, r3, #SLOT_BITS
    movne   r10, r3
    cmp     r10, #SLOT_BITS             @ an Untyped of 8 bytes; a CNode of one slot has exactly 4
    blo     slowpath
    cmpeq   r2, #OBJ_CNODE
    beq     slowpath
    cmp     r10, #WORD_BITS
    bhs     slowpath
    b       retype_sized
retype_page_table:
    cmp     r3, #PAGE_TABLE_4K_BITS
    moveq   r10, #PAGE_TABLE_4K_BITS
    movne   r10, #PAGE_TABLE_BITS
retype_sized:
    ldr     r3, [r1, #8]                @ derivation entry of the Untyped
    bic     r4, r3, #MDB_NEXT_LOW
    lsr     r4, r4, #4
    orr     r4, r4, #WINDOW_BASE        @ the entry behind it in the list
    ldr     r6, [r4, #8]
    and     r6, r6, #MDB_DEPTH_MASK
    and     r0, r3, #MDB_DEPTH_MASK
    cmp     r0, #MDB_MAX_DEPTH
    beq     slowpath                    @ too deep
    mov     r7, #0                      @ bytes in use: none in a leaf
    cmp     r6, r0                      @ a child would be deeper (R4.29)
    @ NON_LEAF
    ldr     r6, [r1, #4]
    and     r0, r6, #UNTYPED_SIZE_BITS_MASK
    mov     lr, #1
    lsl     r0, lr, r0
    sub     r0, r0, r7
    lsr     r0, r0, r10
    cmp     r0, r5
    blo     slowpath                    @ NotEnoughMemory
    lsl     lr, lr, r10                 @ bytes of an object
    sub     r0, lr, #1
    add     r7, r7, r0
    bic     r7, r7, r0                  @ offset of the first object
    lsl     r0, r5, r10
    cmp     r2, #OBJ_UNTYPED
    cmpne   r0, #RETYPE_AT_ONCE_BYTES   @ higher is never true of Untypeds: they are equal
    bhi     slowpath                    @ to be cleared in pieces
    @ COMMIT
    ldr     r3, =KV_PREPARED_END
    mov     r4, #0
    str     r4, [r3]                    @ what is known of free memory is forgotten
    add     r5, r7, r0
    and     r6, r6, #UNTYPED_SIZE_BITS_MASK
    orr     r6, r6, r5, lsl #UNTYPED_WATERMARK_SHIFT - 4
    str     r6, [r1, #4]                @ no object lies above the watermark
    ldr     r6, [r1]
    sub     r6, r6, #CAP_UNTYPED
    add     r7, r6, r7                  @ first object
    cmp     r2, #OBJ_UNTYPED
    beq     retype_cleared              @ Untyped memory is left as it is (R4.37)
    add     r12, r7, r0
    mov     r0, #0
    mov     r3, #0
    mov     r4, #0
    mov     r6, #0
    mov     r5, r7
retype_clear:
    stmia   r5!, {r0, r3, r4, r6}       @ the smallest object has 16 bytes
    cmp     r5, r12
    bne     retype_clear
    cmp     r2, #OBJ_PAGE_TABLE
    bne     retype_cleared
    mov     r5, r7
retype_clean:
    mcr     p15, 0, r5, c7, c10, 1      @ the table walker does not look into the L1 cache
    add     r5, r5, #CACHE_LINE_BYTES
    cmp     r5, r12
    bne     retype_clean
    mcr     p15, 0, r0, c7, c10, 4      @ r0 = 0: and the lines have arrived
retype_cleared:
    mov     r0, lr
    ldr     r6, =retype_types
    add     r6, r6, r2, lsl #3
    add     r6, r6, r2, lsl #2
    ldr     r5, [r6, #4]
    ldr     r11, [r6, #8]               @ word 1 of each capability
    cmp     r2, #OBJ_UNTYPED
    moveq   r11, r10                    @ watermark 0
    cmp     r2, #OBJ_CNODE
    bne     retype_not_cnode
    rsb     r11, r10, #CNODE_SHIFT_BASE
    lsl     r11, r11, #CNODE_INDEX_SHIFT_SHIFT
    orr     r11, r11, #UNGUARDED
retype_not_cnode:
    cmp     r2, #OBJ_PAGE_TABLE
    bne     retype_not_table
    cmp     r10, #PAGE_TABLE_4K_BITS
    orreq   r5, r5, #PAGE_TABLE_IS_4K_MASK
retype_not_table:
    add     r10, r5, r7                 @ word 0 of the first capability
    ldr     r3, [r1, #8]
    bic     r4, r3, #MDB_NEXT_LOW
    lsr     r4, r4, #4
    orr     r4, r4, #WINDOW_BASE
    and     r5, r3, #MDB_NEXT_LOW
    orr     r5, r5, r8, lsl #4
    str     r5, [r1, #8]                @ the first child follows the Untyped
    and     r3, r3, #MDB_DEPTH_MASK
    add     r3, r3, #1
    orr     r3, r3, #MDB_NEW_MASTER     @ one level deeper, revocable
    orr     lr, r1, #MDB_MASTER_MASK    @ word 3: the entry before, and master
retype_object:
    add     r6, r8, #SLOT_BYTES
    cmp     r6, r9
    orrne   r12, r3, r6, lsl #4         @ the next slot holds the next child
    orreq   r12, r3, r4, lsl #4         @ behind the last comes what came behind the Untyped
    stmia   r8, {r10, r11, r12, lr}
    orr     lr, r8, #MDB_MASTER_MASK
    cmp     r2, #OBJ_TCB
    bne     retype_next
    mov     r5, #USER_CPSR
    str     r5, [r7, #TCB_CPSR]
    mov     r5, #TIME_SLICE_TICKS
    str     r5, [r7, #TCB_TIME_SLICE]
    ldr     r5, =KV_CURRENT_DOMAIN
    ldr     r5, [r5]
    str     r5, [r7, #TCB_DOMAIN]
retype_next:
    add     r7, r7, r0
    add     r10, r10, r0
    mov     r8, r6
    cmp     r8, r9
    bne     retype_object
    ldr     r5, [r4, #12]
    sub     r8, r9, #SLOT_BYTES
    and     r5, r5, #SLOT_BYTES - 1     @ its tags
    orr     r5, r5, r8
    str     r5, [r4, #12]
    mov     r0, #0
    mov     r1, #0                      @ no error, no words
    sub     r2, sp, #TCB_PC - TCB_REGISTERS
    stmia   r2, {r0, r1}
    b       return_to_user
"""

#: Stands behind the code: the table that the source reads.
TABLE: Final = "retype_types:\n" + "".join(
    f"    .word {bits}, {tag}, {word}\n" for bits, tag, word in _TYPES
)
