/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The books of a manager over its untyped memory: halves of halves.
 *
 * An Untyped that is too big is split into two halves, one of which waits for the next request.
 * So there is at most one free Untyped of each size, and every byte is accounted for. A manager
 * takes memory back by revoking the Untyped that it gave, not by merging halves.
 */
#pragma once

#include <manager/allocator.h>

struct memory {
    seL4_SlotRegion *slots;           /* empty ones of the manager's CSpace */
    seL4_Untyped free[seL4_WordBits]; /* by size in bits; 0: none */
    seL4_Word taken;                  /* bytes */
};

/* Books over one Untyped of 2^bits bytes. */
struct memory memory_new(seL4_SlotRegion *slots, seL4_Untyped untyped, seL4_Word bits);

/* `count` neighbouring empty slots; answers the first. */
seL4_CPtr memory_slots(struct memory *of, seL4_Word count);

/* An Untyped of exactly 2^bits bytes. */
seL4_Untyped memory_take(struct memory *of, seL4_Word bits);

/* One object that takes 2^bits bytes; `size_bits` is what retype is told of its size. */
seL4_CPtr memory_make(struct memory *of, seL4_ObjectType type, seL4_Word size_bits,
                      seL4_Word bits);

/* Bytes that nobody has taken. */
seL4_Word memory_free(const struct memory *of);
