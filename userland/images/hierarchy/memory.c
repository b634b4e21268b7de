/* SPDX-License-Identifier: BSD-2-Clause */

#include "memory.h"

#include <manager/check.h>

struct memory memory_new(seL4_SlotRegion *slots, seL4_Untyped untyped, seL4_Word bits)
{
    struct memory fresh = {.slots = slots};
    fresh.free[bits] = untyped;
    return fresh;
}

seL4_CPtr memory_slots(struct memory *of, seL4_Word count)
{
    require(count <= of->slots->end - of->slots->start, "no empty slots left");
    of->slots->start += count;
    return of->slots->start - count;
}

seL4_Untyped memory_take(struct memory *of, seL4_Word bits)
{
    seL4_Word size = bits;
    while (size < seL4_WordBits && of->free[size] == seL4_CapNull) {
        size++;
    }
    require(size < seL4_WordBits, "no untyped memory left");
    seL4_Untyped current = of->free[size];
    of->free[size] = seL4_CapNull;
    while (size > bits) {
        /* No size between was free, so each has room for the half that waits. */
        const seL4_Untyped half = memory_slots(of, 2);
        retype(current, seL4_UntypedObject, --size, half, 2);
        current = half;
        of->free[size] = half + 1;
    }
    of->taken += (seL4_Word)1 << bits;
    return current;
}

seL4_CPtr memory_make(struct memory *of, seL4_ObjectType type, seL4_Word size_bits,
                      seL4_Word bits)
{
    const seL4_Untyped untyped = memory_take(of, bits);
    const seL4_CPtr object = memory_slots(of, 1);
    retype(untyped, type, size_bits, object, 1);
    return object;
}

seL4_Word memory_free(const struct memory *of)
{
    seL4_Word bytes = 0;
    for (seL4_Word bits = 0; bits < seL4_WordBits; bits++) {
        bytes += of->free[bits] != seL4_CapNull ? (seL4_Word)1 << bits : 0;
    }
    return bytes;
}
