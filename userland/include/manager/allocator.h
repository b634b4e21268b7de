/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and slots of an initial thread.
 *
 * An Untyped can be retyped once, into objects of one type, until all of them are gone. So this
 * first cuts one big Untyped into equal pieces, and spends a whole piece on each batch of objects
 * that is wanted. Nothing is ever given back: this is for images that build once and then run.
 */
#pragma once

#include <sel4/sel4.h>

enum {
    PIECE_BITS = 16,
    PIECE_COUNT = 16,
};

/* An Untyped of the boot information. */
struct supply {
    seL4_Untyped untyped;
    seL4_Word physical;
    seL4_Word size_bits;
};

struct allocator {
    struct supply supply; /* what was cut into pieces */
    seL4_SlotRegion slots;
    seL4_SlotRegion pieces;
};

/* The smallest Untyped of at least 2^bits bytes: that leaves the big ones whole. */
struct supply find_untyped(const seL4_BootInfo *info, seL4_Word bits);

/* Retypes a whole Untyped into objects, in neighbouring slots of the thread's CSpace. */
void retype(seL4_Untyped untyped, seL4_ObjectType type, seL4_Word size_bits, seL4_CPtr first,
            seL4_Word count);

/* Takes the free slots, and cuts the smallest Untyped that is big enough for all pieces. */
struct allocator allocator_new(const seL4_BootInfo *info);

/* `count` neighbouring empty slots of the thread's CSpace; answers the first. */
seL4_CPtr allocate_slots(struct allocator *from, seL4_Word count);

/* `count` objects of one type out of one piece, in neighbouring slots; answers the first. */
seL4_CPtr allocate_objects(struct allocator *from, seL4_ObjectType type, seL4_Word size_bits,
                           seL4_Word count);
