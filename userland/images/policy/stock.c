/* SPDX-License-Identifier: BSD-2-Clause */

#include "stock.h"

#include <manager/allocator.h>
#include <manager/check.h>

static void put(struct stock *one, seL4_Untyped untyped, seL4_Word bits)
{
    require(one->count[bits] < STOCK_OF_A_SIZE, "too many untypeds of one size");
    one->free[bits][one->count[bits]++] = untyped;
}

void stock_fill(struct stock *one, const seL4_BootInfo *info)
{
    one->slots = info->empty;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        put(one, info->untyped.start + i, info->untypedSizeBitsList[i]);
    }
}

seL4_CPtr stock_slots(struct stock *from, seL4_Word count)
{
    require(count <= from->slots.end - from->slots.start, "no empty slots left");
    from->slots.start += count;
    return from->slots.start - count;
}

seL4_Untyped stock_take(struct stock *from, seL4_Word bits)
{
    seL4_Word size = bits;
    while (size < seL4_WordBits && from->count[size] == 0) {
        size++;
    }
    require(size < seL4_WordBits, "not enough untyped memory");
    seL4_Untyped current = from->free[size][--from->count[size]];
    while (size > bits) {
        const seL4_Untyped half = stock_slots(from, 2);
        retype(current, seL4_UntypedObject, --size, half, 2);
        current = half;
        put(from, half + 1, size);
    }
    return current;
}

void stock_make_at(struct stock *from, seL4_ObjectType type, seL4_Word size_bits, seL4_Word bits,
                   seL4_CPtr slot)
{
    retype(stock_take(from, bits), type, size_bits, slot, 1);
}

seL4_CPtr stock_make(struct stock *from, seL4_ObjectType type, seL4_Word size_bits,
                     seL4_Word bits)
{
    const seL4_CPtr slot = stock_slots(from, 1);
    stock_make_at(from, type, size_bits, bits, slot);
    return slot;
}
