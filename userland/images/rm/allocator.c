/* SPDX-License-Identifier: BSD-2-Clause */

#include "allocator.h"
#include "check.h"

enum { LOG2_PIECE_COUNT = 4, NEEDED_BITS = PIECE_BITS + LOG2_PIECE_COUNT };
_Static_assert(1 << LOG2_PIECE_COUNT == PIECE_COUNT, "the pieces fill the Untyped exactly");

static seL4_SlotRegion free_slots;
static seL4_SlotRegion free_pieces;

/* Index in the list of boot information. A small one leaves the big ones whole. */
static seL4_Word smallest_sufficient(const seL4_BootInfo *info)
{
    const seL4_Word count = info->untyped.end - info->untyped.start;
    seL4_Word best = count;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_Word bits = info->untypedSizeBitsList[i];
        if (bits >= NEEDED_BITS && (best == count || bits < info->untypedSizeBitsList[best])) {
            best = i;
        }
    }
    require(best < count, "no untyped memory of 1 MiB or more");
    return best;
}

static void retype(seL4_Untyped untyped, seL4_ObjectType type, seL4_Word size_bits,
                   seL4_CPtr first, seL4_Word count)
{
    /* Depth 0: the capabilities go into the named CNode itself. */
    require_no_error(seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0,
                                         first, count),
                     "retype untyped memory");
}

struct supply allocator_init(const seL4_BootInfo *info)
{
    const seL4_Word chosen = smallest_sufficient(info);
    free_slots = info->empty;
    free_pieces.start = allocate_slots(PIECE_COUNT);
    free_pieces.end = free_pieces.start + PIECE_COUNT;
    retype(info->untyped.start + chosen, seL4_UntypedObject, PIECE_BITS, free_pieces.start,
           PIECE_COUNT);
    return (struct supply){info->untypedPaddrList[chosen], info->untypedSizeBitsList[chosen]};
}

seL4_CPtr allocate_slots(seL4_Word count)
{
    require(count <= free_slots.end - free_slots.start, "no empty slots left");
    free_slots.start += count;
    return free_slots.start - count;
}

seL4_CPtr allocate_objects(seL4_ObjectType type, seL4_Word size_bits, seL4_Word count)
{
    require(free_pieces.start < free_pieces.end, "no pieces of untyped memory left");
    const seL4_CPtr first = allocate_slots(count);
    retype(free_pieces.start++, type, size_bits, first, count);
    return first;
}
