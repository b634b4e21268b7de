/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolving capability addresses through three levels with guards. */
#include "harness.h"

/* 8 bits, then a guard 0xa of 4 and 8, then 12: exactly 32 for what lies in the third. */
static u32 top, endpoint, bottom_address = 0x12a34567;

static void build(void)
{
    u32 middle = make(CAP_TABLE, 8), bottom = make(CAP_TABLE, 12);
    top = make(CAP_TABLE, 8);
    endpoint = make(ENDPOINT, 0);
    OK(invoke(top, MINT, LIST(0x12, 8, middle, 32, ALL, GUARD(0xa, 4)), LIST(ROOT)));
    OK(invoke(top, COPY, LIST(0x12a34, 20, bottom, 32, ALL), LIST(ROOT)));
    OK(invoke(top, MINT, LIST(bottom_address, 32, endpoint, 32, ALL, 77), LIST(ROOT)));
    OK(invoke(top, COPY, LIST(0x13, 8, endpoint, 32, ALL), LIST(ROOT)));
    OK(invoke(top, COPY, LIST(0x14, 8, ROOT, 32, ALL), LIST(ROOT)));
}

/* What a target argument answers; a source answers the same, but for the first word. */
static struct regs target(u32 index, u32 depth)
{
    return invoke(top, DELETE, LIST(index, depth), LIST());
}

static struct regs source(u32 index, u32 depth)
{
    return invoke(ROOT, COPY, LIST(slots(1), 32, index, depth, ALL), LIST(top));
}

static void check_arguments(void)
{
    u32 b = bottom_address;
    FAILS(target(b, 0), RANGE_ERROR, 1, 32);
    FAILS(target(b, 33), RANGE_ERROR, 1, 32);
    FAILS(source(b, 0), RANGE_ERROR, 1, 32);
    FAILS(source(b, 0xffffffff), RANGE_ERROR, 1, 32);
    FAILS(target(b >> 25, 7), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 7, 8);
    FAILS(source(b >> 25, 7), FAILED_LOOKUP, 1, DEPTH_MISMATCH, 7, 8);
    FAILS(target(b >> 22, 10), FAILED_LOOKUP, 0, GUARD_MISMATCH, 2, 0xa, 4);
    FAILS(target(b >> 20, 12), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 4, 12);
    FAILS(target(0x12b34567, 32), FAILED_LOOKUP, 0, GUARD_MISMATCH, 24, 0xa, 4);
    FAILS(source(0x12b34567, 32), FAILED_LOOKUP, 1, GUARD_MISMATCH, 24, 0xa, 4);
    FAILS(target(b >> 1, 31), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 11, 12);
    FAILS(target(0x13000000, 32), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 24, 0);
    FAILS(source(0x13000000, 32), FAILED_LOOKUP, 1, DEPTH_MISMATCH, 24, 0);
    FAILS(target(0x15000000, 32), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 24, 0);
    FAILS(target(0x12a35000, 32), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 12, 0);
    FAILS(target(0x14010000, 32), FAILED_LOOKUP, 0, GUARD_MISMATCH, 24, 0, 16);
    FAILS(target(0x14800000, 32), FAILED_LOOKUP, 0, GUARD_MISMATCH, 24, 0, 16);
    FAILS(target(0x14000000, 32), FAILED_LOOKUP, 0, DEPTH_MISMATCH, 24, 32);
    FAILS(source(0x16, 8), FAILED_LOOKUP, 1, MISSING_CAPABILITY, 8);
    FAILS(source(b + 1, 32), FAILED_LOOKUP, 1, MISSING_CAPABILITY, 32);
    FAILS(invoke(ROOT, COPY, LIST(slots(1), 32, 0, 32, ALL), LIST(MY_TCB)), FAILED_LOOKUP, 1,
          INVALID_ROOT);
    FAILS(invoke(ROOT, COPY, LIST(slots(1), 32, 0, 99, ALL), LIST(FIRST_FREE)), FAILED_LOOKUP,
          1, INVALID_ROOT);
    OK(source(b, 32));
    OK(source(0x12a34, 20));
    OK(source(0x12, 8));
    OK(source(0xab000012, 8)); /* only the low bits of the index count */
    OK(target(0x16, 8));
}

static u32 answers[8];

/* Runs on the CSpace `top`: the globals page still leads to the buffer. */
static void explorer(u32 argument)
{
    (void)argument;
    answers[0] = identify(bottom_address);
    answers[1] = identify(0x13000000);
    answers[2] = identify(0x13ffffff); /* bits left over do not matter here */
    answers[3] = identify(0x12b34567);
    answers[4] = identify(0x16000000);
    answers[5] = identify(0x12a34000);
    answers[6] = identify(0x12a3500f);
    send(bottom_address, 5, LIST(1, 2));
}

static void check_thread(void)
{
    struct thread thread = new_thread(255, 0, 1);
    OK(invoke(thread.tcb, SET_SPACE, LIST(0, 0, 0), LIST(top, MY_PD)));
    OK(start(thread, explorer, 0));
    GOT(wait(endpoint), 77, INFO(5, 0, 2), 1, 2);
    EQ(answers[0], TAG_ENDPOINT);
    EQ(answers[1], TAG_ENDPOINT);
    EQ(answers[2], TAG_ENDPOINT);
    EQ(answers[3], 0);
    EQ(answers[4], TAG_NULL);
    EQ(answers[5], TAG_NULL);
    EQ(answers[6], TAG_NULL);
    OK(on_slot(DELETE, thread.tcb));
}

static void check_guards(void)
{
    u32 cnode = make(CAP_TABLE, 4), wide = minted(cnode, ALL, GUARD(0, 28)), probe = slots(1);
    FAILS(mint(probe, cnode, ALL, GUARD(0, 29)), ILLEGAL_OPERATION);
    FAILS(mint(probe, cnode, ALL, GUARD(1, 17)), RANGE_ERROR, 0, 16);
    OK(invoke(wide, COPY, LIST(3, 32, endpoint, 32, ALL), LIST(ROOT)));
    OK(invoke(cnode, COPY, LIST(4, 4, 3, 4, ALL), LIST(cnode)));
    FAILS(invoke(wide, DELETE, LIST(0x13, 32), LIST()), FAILED_LOOKUP, 0, GUARD_MISMATCH, 32, 0,
          28);
    u32 masked = minted(cnode, ALL, GUARD(0x3fff1, 4) | 0x7c000007); /* other bits are ignored */
    OK(invoke(masked, DELETE, LIST(0x13, 8), LIST()));
    u32 kept = copied(masked, 0), reset = minted(masked, ALL, 0);
    FAILS(invoke(kept, DELETE, LIST(0x03, 8), LIST()), FAILED_LOOKUP, 0, GUARD_MISMATCH, 8, 1, 4);
    OK(invoke(reset, DELETE, LIST(4, 4), LIST()));
    OK(invoke(ROOT, MUTATE, LIST(probe, 32, kept, 32, GUARD(0xffff, 16)), LIST(ROOT)));
    OK(invoke(probe, DELETE, LIST(0xffff4, 20), LIST()));
    FAILS(invoke(ROOT, MUTATE, LIST(kept, 32, probe, 32, GUARD(0, 31)), LIST(ROOT)),
          ILLEGAL_OPERATION);
    EQ(identify(probe), TAG_CNODE);
}

void check_lookup(void)
{
    build();
    check_arguments();
    check_thread();
    check_guards();
}
