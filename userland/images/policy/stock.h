/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All memory and slots of the manager.
 *
 * An Untyped that is too big is split into halves, one of which waits. So what the description
 * gives away is cut from big pieces, and the manager's own objects from small ones.
 */
#pragma once

#include <sel4/sel4.h>

/* Untypeds of one size that wait; boot leaves at most two of each, splitting adds one. */
enum { STOCK_OF_A_SIZE = 4 };

struct stock {
    seL4_SlotRegion slots;
    seL4_Untyped free[seL4_WordBits][STOCK_OF_A_SIZE];
    seL4_Uint8 count[seL4_WordBits];
};

void stock_fill(struct stock *one, const seL4_BootInfo *info);

/* `count` neighbouring empty slots; answers the first. */
seL4_CPtr stock_slots(struct stock *from, seL4_Word count);

/* An Untyped of exactly 2^bits bytes. */
seL4_Untyped stock_take(struct stock *from, seL4_Word bits);

/* One object of 2^bits bytes, into a slot; `size_bits` is what retype is told of its size. */
void stock_make_at(struct stock *from, seL4_ObjectType type, seL4_Word size_bits, seL4_Word bits,
                   seL4_CPtr slot);

/* The same into a fresh slot; answers it. */
seL4_CPtr stock_make(struct stock *from, seL4_ObjectType type, seL4_Word size_bits,
                     seL4_Word bits);
