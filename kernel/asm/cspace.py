# SPDX-License-Identifier: BSD-2-Clause
"""The guarded lookup of a capability address, any number of levels (R4.64 to R4.76).

Twin of `kernel.cspace.lookup_slot`. Any failure bails out: the Python kernel finds the reason.
"""

from typing import Final

SOURCE: Final = """
@ ---------------------------------------------------------------------------------------------
@ lookup_cap: called (bl) by the fast paths with a capability address.
@ Live-in:  r0 = address, sp = current TCB + TCB_PC.
@ Live-out: r8, r9 = the capability, r12 = its slot; r0-r5 and r7 unchanged.
@ Clobbers: r6, r10, r11. Bails out to slowpath on every lookup failure.
@ ---------------------------------------------------------------------------------------------
lookup_cap:
    ldrd    r8, r9, [sp, #TCB_CTABLE - TCB_PC]
    mov     r10, r0                     @ bits still to decode, the next one on top
    mov     r11, #WORD_BITS             @ how many those are
lookup_level:
    and     r6, r8, #CAP_TYPE_MASK
    cmp     r6, #CAP_CNODE
    bne     lookup_object
    lsr     r6, r10, r9                 @ a shift takes its amount from the low byte: the guard's
    cmp     r6, r9, lsr #CNODE_GUARD_SHIFT
    bne     slowpath                    @ GuardMismatch
    rsb     r6, r9, #WORD_BITS          @ low byte: guard size
    lsl     r10, r10, r6
    lsr     r6, r9, #CNODE_INDEX_SHIFT_SHIFT
    lsr     r12, r10, r6                @ index of the slot
    sub     r8, r8, #CAP_CNODE          @ address of the slots
    add     r12, r8, r12, lsl #SLOT_BITS
    rsb     r8, r6, #WORD_BITS          @ low byte: bits of the index
    lsl     r10, r10, r8
    uxtb    r8, r9                      @ 32 - guard size
    uxtb    r6, r6                      @ 32 - bits of the index
    add     r6, r6, r8
    sub     r6, r6, #2 * WORD_BITS
    adds    r11, r11, r6
    bmi     slowpath                    @ DepthMismatch
    ldrd    r8, r9, [r12]
    bne     lookup_level                @ flags of the adds: bits are left
    bx      lr                          @ bit-terminated

@ lookup_object: something other than a CNode before the bits ran out (object-terminated).
lookup_object:
    cmp     r11, #WORD_BITS
    beq     slowpath                    @ the CSpace root itself is no CNode
    bx      lr
"""
