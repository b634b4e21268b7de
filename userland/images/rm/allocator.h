/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and slots of the resource manager.
 *
 * An Untyped can be retyped once, into objects of one type, until all of them are gone. So the
 * manager first cuts one big Untyped into equal pieces, and spends a whole piece on each batch
 * of objects that it wants. Nothing is ever given back: the manager runs once.
 */
#pragma once

#include <sel4/sel4.h>

enum {
    PIECE_BITS = 16,
    PIECE_COUNT = 16,
};

/* Which Untyped was cut into pieces. */
struct supply {
    seL4_Word physical;
    seL4_Word size_bits;
};

/* Takes the free slots, and cuts the smallest Untyped that is big enough for all pieces. */
struct supply allocator_init(const seL4_BootInfo *info);

/* `count` neighbouring empty slots of the manager's CSpace; answers the first. */
seL4_CPtr allocate_slots(seL4_Word count);

/* `count` objects of one type out of one piece, in neighbouring slots; answers the first. */
seL4_CPtr allocate_objects(seL4_ObjectType type, seL4_Word size_bits, seL4_Word count);
