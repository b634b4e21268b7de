/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of untyped memory and empty slots, each used once. */

#include <manager/allocator.h>
#include <manager/check.h>

enum { LOG2_PIECE_COUNT = 4, NEEDED_BITS = PIECE_BITS + LOG2_PIECE_COUNT };
_Static_assert(1 << LOG2_PIECE_COUNT == PIECE_COUNT, "the pieces fill the Untyped exactly");

struct supply find_untyped(const seL4_BootInfo *info, seL4_Word bits)
{
    const seL4_Word count = info->untyped.end - info->untyped.start;
    seL4_Word best = count;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_Word size = info->untypedSizeBitsList[i];
        if (size >= bits && (best == count || size < info->untypedSizeBitsList[best])) {
            best = i;
        }
    }
    require(best < count, "no untyped memory that is big enough");
    return (struct supply){
        .untyped = info->untyped.start + best,
        .physical = info->untypedPaddrList[best],
        .size_bits = info->untypedSizeBitsList[best],
    };
}

void retype(seL4_Untyped untyped, seL4_ObjectType type, seL4_Word size_bits, seL4_CPtr first,
            seL4_Word count)
{
    /* Depth 0: the capabilities go into the named CNode itself. */
    require_no_error(seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0,
                                         first, count),
                     "retype untyped memory");
}

struct allocator allocator_new(const seL4_BootInfo *info)
{
    struct allocator fresh = {.supply = find_untyped(info, NEEDED_BITS), .slots = info->empty};
    fresh.pieces.start = allocate_slots(&fresh, PIECE_COUNT);
    fresh.pieces.end = fresh.pieces.start + PIECE_COUNT;
    retype(fresh.supply.untyped, seL4_UntypedObject, PIECE_BITS, fresh.pieces.start, PIECE_COUNT);
    return fresh;
}

seL4_CPtr allocate_slots(struct allocator *from, seL4_Word count)
{
    require(count <= from->slots.end - from->slots.start, "no empty slots left");
    from->slots.start += count;
    return from->slots.start - count;
}

seL4_CPtr allocate_objects(struct allocator *from, seL4_ObjectType type, seL4_Word size_bits,
                           seL4_Word count)
{
    require(from->pieces.start < from->pieces.end, "no pieces of untyped memory left");
    const seL4_CPtr first = allocate_slots(from, count);
    retype(from->pieces.start++, type, size_bits, first, count);
    return first;
}
