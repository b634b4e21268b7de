/* SPDX-License-Identifier: BSD-2-Clause */
/* Object types, and every check of Untyped_Retype in its order. */
#include "harness.h"

static void check_arguments(u32 untyped)
{
    u32 full = slots(1), at = slots(4), small = make(CAP_TABLE, 2);
    OK(retype(pool, ENDPOINT, 0, full, 1));
    FAILS(invoke(untyped, 2, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(untyped, 0, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(untyped, RETYPE, LIST(99, 0, 0, 0, at), LIST(ROOT)), TRUNCATED_MESSAGE);
    FAILS(invoke(untyped, RETYPE, LIST(99, 0, 0, 0, at, 1), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(untyped, RETYPE, LIST(11, 31, 0, 0, at, 0), LIST(ROOT)), INVALID_ARGUMENT, 0);
    FAILS(retype(untyped, 0xffffffff, 31, at, 0), INVALID_ARGUMENT, 0);
    FAILS(retype(untyped, ENDPOINT, 31, at, 0), RANGE_ERROR, 0, 30);
    FAILS(retype(untyped, CAP_TABLE, 0, at, 0), INVALID_ARGUMENT, 1);
    FAILS(retype(untyped, UNTYPED, 3, at, 0), INVALID_ARGUMENT, 1);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, at, 33, 9, 0), LIST(ROOT)), RANGE_ERROR, 1, 32);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, at, 16, 9, 0), LIST(ROOT)), FAILED_LOOKUP, 0,
          GUARD_MISMATCH, 16, 0, 16);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, 0, 16, 9, 0), LIST(ROOT)), FAILED_LOOKUP, 0,
          DEPTH_MISMATCH, 16, 32);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, at, 7, 9, 0), LIST(MY_TCB)), FAILED_LOOKUP, 0,
          INVALID_ROOT);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, at, 0, 9, 0), LIST(MY_TCB)), FAILED_LOOKUP, 0,
          MISSING_CAPABILITY, 0);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, MY_TCB, 32, 9, 0), LIST(ROOT)), FAILED_LOOKUP, 0,
          MISSING_CAPABILITY, 32);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, at, 32, 9, 0), LIST(ROOT)), FAILED_LOOKUP, 0,
          MISSING_CAPABILITY, 32);
    FAILS(retype(untyped, ENDPOINT, 0, 65536, 0), RANGE_ERROR, 0, 65535);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, small, 32, 4, 0), LIST(ROOT)), RANGE_ERROR, 0, 3);
    FAILS(retype(untyped, ENDPOINT, 0, full, 0), RANGE_ERROR, 1, 256);
    FAILS(retype(untyped, ENDPOINT, 0, full, 257), RANGE_ERROR, 1, 256);
    FAILS(retype(untyped, ENDPOINT, 0, 65535, 2), RANGE_ERROR, 1, 1);
    FAILS(invoke(untyped, RETYPE, LIST(2, 0, small, 32, 2, 3), LIST(ROOT)), RANGE_ERROR, 1, 2);
    FAILS(retype(untyped, SECTION, 0, full - 1, 2), DELETE_FIRST);
    FAILS(retype(untyped, SECTION, 0, full, 1), DELETE_FIRST);
    FAILS(retype(untyped, SECTION, 0, at, 1), NOT_ENOUGH_MEMORY, 4096);
    EQ(identify(at), TAG_NULL);
    OK(invoke(untyped, RETYPE, LIST(2, 30, small, 32, 1, 3, 77, 78), LIST(ROOT, 999)));
    OK(on_slot(REVOKE, untyped));
}

static const struct { u8 type, bits, argument, tag; } types[] = {
    { UNTYPED, 4, 4, TAG_UNTYPED }, { UNTYPED, 13, 13, TAG_UNTYPED }, { TCB, 9, 0, TAG_TCB },
    { ENDPOINT, 4, 0, TAG_ENDPOINT }, { ASYNC_ENDPOINT, 4, 30, TAG_ASYNC },
    { CAP_TABLE, 5, 1, TAG_CNODE }, { CAP_TABLE, 12, 8, TAG_CNODE },
    { SMALL_PAGE, 12, 9, TAG_SMALL }, { LARGE_PAGE, 16, 0, TAG_LARGER },
    { SECTION, 20, 0, TAG_LARGER }, { SUPER_SECTION, 24, 0, TAG_LARGER },
    { PAGE_TABLE, 10, 0, TAG_TABLE }, { PAGE_DIRECTORY, 14, 0, TAG_DIRECTORY },
};

/* An Untyped of exactly the size holds one object, of twice the size two, of half the size none. */
static void check_size(u32 type, u32 bits, u32 argument, u32 tag)
{
    u32 at = slots(3), untyped = slots(1);
    OK(retype(second_pool, UNTYPED, bits, untyped, 1));
    OK(retype(untyped, type, argument, at, 1));
    EQ(identify(at), tag);
    FAILS(retype(untyped, type, argument, at + 1, 1), NOT_ENOUGH_MEMORY, 0);
    FAILS(retype(untyped, ENDPOINT, 0, at + 1, 1), NOT_ENOUGH_MEMORY, 0);
    OK(on_slot(DELETE, at));
    FAILS(retype(untyped, type, argument, at, 2), NOT_ENOUGH_MEMORY, 1u << bits);
    OK(on_slot(REVOKE, second_pool));
    EQ(identify(untyped), TAG_NULL);
    OK(retype(second_pool, UNTYPED, bits + 1, untyped, 1));
    OK(retype(untyped, type, argument, at, 2));
    EQ(identify(at + 1), tag);
    FAILS(retype(untyped, type, argument, at + 2, 1), NOT_ENOUGH_MEMORY, 0);
    OK(on_slot(REVOKE, untyped));
    EQ(identify(at), TAG_NULL);
    EQ(identify(at + 1), TAG_NULL);
    OK(on_slot(REVOKE, second_pool));
}

static void check_watermark(void)
{
    u32 untyped = make_untyped(12), at = slots(4);
    OK(retype(untyped, ENDPOINT, 0, at, 1));
    FAILS(retype(untyped, SMALL_PAGE, 0, at + 1, 1), NOT_ENOUGH_MEMORY, 4080);
    OK(retype(untyped, TCB, 0, at + 1, 1)); /* at 512, so 1024 are used */
    FAILS(retype(untyped, UNTYPED, 11, at + 2, 2), NOT_ENOUGH_MEMORY, 3072);
    OK(on_slot(DELETE, at)); /* one object is left: nothing is free again */
    FAILS(retype(untyped, SMALL_PAGE, 0, at + 2, 1), NOT_ENOUGH_MEMORY, 3072);
    OK(retype(untyped, UNTYPED, 11, at + 2, 1)); /* at 2048 */
    FAILS(retype(untyped, ENDPOINT, 0, at + 3, 1), NOT_ENOUGH_MEMORY, 0);
    OK(on_slot(DELETE, at + 1));
    OK(on_slot(DELETE, at + 2));
    OK(retype(untyped, SMALL_PAGE, 0, at + 2, 1)); /* all children are gone: from the start */
    OK(on_slot(REVOKE, untyped));
    OK(retype(untyped, ENDPOINT, 0, slots(256), 256));
    FAILS(retype(untyped, ENDPOINT, 0, at, 1), NOT_ENOUGH_MEMORY, 0);
    OK(on_slot(REVOKE, untyped));
}

static void check_addresses(void)
{
    u32 untyped = make_untyped(18), at = slots(6);
    OK(retype(untyped, SMALL_PAGE, 0, at, 3));
    u32 first = invoke(at, PAGE_ADDRESS, LIST(), LIST()).m[0];
    EQ(first & 0x3ffff, 0);
    EQ(invoke(at + 1, PAGE_ADDRESS, LIST(), LIST()).m[0], first + 0x1000);
    EQ(invoke(at + 2, PAGE_ADDRESS, LIST(), LIST()).m[0], first + 0x2000);
    OK(retype(untyped, LARGE_PAGE, 0, at + 3, 2));
    EQ(invoke(at + 3, PAGE_ADDRESS, LIST(), LIST()).m[0], first + 0x10000);
    EQ(invoke(at + 4, PAGE_ADDRESS, LIST(), LIST()).m[0], first + 0x20000);
    OK(on_slot(REVOKE, untyped));
}

/* Memory that was used comes back zeroed. */
static void check_zeroing(void)
{
    u32 untyped = make_untyped(12), frame = slots(1), table = make(PAGE_TABLE, 0), wrong = 0;
    volatile u32 *page = (volatile u32 *)0x20000000;
    OK(invoke(table, PT_MAP, LIST(0x20000000, 3), LIST(MY_PD)));
    for (u32 round = 0; round < 2; round++) {
        OK(retype(untyped, SMALL_PAGE, 0, frame, 1));
        OK(invoke(frame, PAGE_MAP, LIST(0x20000000, RW, 3), LIST(MY_PD)));
        for (u32 i = 0; i < 1024; i++) {
            wrong += page[i] != 0;
            page[i] = 0xdeadbeef;
        }
        EQ(page[1023], 0xdeadbeef);
        OK(on_slot(REVOKE, untyped));
    }
    EQ(wrong, 0);
    OK(retype(untyped, CAP_TABLE, 8, frame, 1));
    for (u32 i = 0; i < 256; i++) { /* no slot of a new CNode holds anything */
        struct regs answer = invoke(frame, MOVE, LIST(0, 8, i, 8), LIST(frame));
        wrong += answer.info != INFO(FAILED_LOOKUP, 0, 3) || answer.m[1] != MISSING_CAPABILITY;
    }
    EQ(wrong, 0);
    OK(on_slot(DELETE, table));
    OK(on_slot(DELETE, untyped));
}

void check_retype(void)
{
    u32 untyped = make_untyped(12);
    check_arguments(untyped);
    for (u32 i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        check_size(types[i].type, types[i].bits, types[i].argument, types[i].tag);
    check_watermark();
    check_addresses();
    check_zeroing();
}
