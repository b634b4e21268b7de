/* SPDX-License-Identifier: BSD-2-Clause */
/* CNode methods: their checks in order, and what they make. */
#include "harness.h"

static u32 endpoint, async, empty;

static struct regs two_slots(u32 label, struct list words)
{
    return invoke(ROOT, label, words, LIST(ROOT));
}

static void check_labels(void)
{
    static const u32 others[] = { 0, 1, 10, 20, 41, 44, 0xfffff };
    for (u32 i = 0; i < sizeof(others) / 4; i++)
        FAILS(invoke(ROOT, others[i], LIST(), LIST()), ILLEGAL_OPERATION);
    for (u32 label = REVOKE; label <= SAVE_CALLER; label++) {
        FAILS(invoke(ROOT, label, LIST(), LIST(ROOT)), TRUNCATED_MESSAGE);
        FAILS(invoke(ROOT, label, LIST(0), LIST(ROOT)), TRUNCATED_MESSAGE);
        FAILS(invoke(ROOT, label, LIST(5, 0), LIST(ROOT)), RANGE_ERROR, 1, 32);
        FAILS(invoke(ROOT, label, LIST(5, 16), LIST(ROOT)), FAILED_LOOKUP, 0, GUARD_MISMATCH, 16,
              0, 16);
    }
}

static void check_two_slot_order(u32 label, u32 words)
{
    u32 full = endpoint;
    FAILS(two_slots(label, LIST(full, 32, 0)), TRUNCATED_MESSAGE);
    FAILS(invoke(ROOT, label, LIST(full, 32, 0, 32, 7, 7), LIST()), TRUNCATED_MESSAGE);
    FAILS(two_slots(label, LIST(full, 32, 0, 99)), DELETE_FIRST);
    FAILS(two_slots(label, LIST(empty, 32, 0, 99)), RANGE_ERROR, 1, 32);
    FAILS(two_slots(label, LIST(empty, 32, empty, 32)), FAILED_LOOKUP, 1, MISSING_CAPABILITY, 32);
    FAILS(two_slots(label, LIST(empty, 32, 0, 32)), FAILED_LOOKUP, 1, MISSING_CAPABILITY, 32);
    if (words > 4)
        FAILS(two_slots(label, LIST(empty, 32, endpoint, 32)), TRUNCATED_MESSAGE);
    if (words > 5)
        FAILS(two_slots(label, LIST(empty, 32, endpoint, 32, 7)), TRUNCATED_MESSAGE);
    EQ(identify(empty), TAG_NULL);
}

static void check_uncopyable(void)
{
    u32 table = make(PAGE_TABLE, 0), directory = make(PAGE_DIRECTORY, 0);
    const u32 caps[] = { IRQ_CTRL, table, directory };
    for (u32 i = 0; i < 3; i++) {
        FAILS(copy(empty, caps[i], ALL), ILLEGAL_OPERATION);
        FAILS(mint(empty, caps[i], ALL, 0), ILLEGAL_OPERATION);
        OK(move(empty, caps[i]));
        EQ(identify(caps[i]), TAG_NULL);
        OK(two_slots(MUTATE, LIST(caps[i], 32, empty, 32, 12345)));
    }
    const u32 copyable[] = { MY_TCB, ROOT, MY_PD, ASID_CTRL, ASID_POOL, INFO_FRAME, DOMAIN_CTRL,
                             info->tables.start };
    for (u32 i = 0; i < sizeof(copyable) / 4; i++) {
        OK(copy(empty, copyable[i], 0));
        EQ(identify(empty), identify(copyable[i]));
        OK(on_slot(DELETE, empty));
        OK(mint(empty, copyable[i], ALL, 0));
        EQ(identify(empty), identify(copyable[i]));
        OK(on_slot(DELETE, empty));
    }
}

static void check_badges(u32 object)
{
    u32 badged = minted(object, ALL, 0xf8000005), zero = minted(object, ALL, 0);
    FAILS(mint(empty, badged, ALL, 5), ILLEGAL_OPERATION);
    FAILS(mint(empty, badged, ALL, 0), ILLEGAL_OPERATION);
    OK(mint(empty, zero, ALL, 9)); /* badge 0 is no badge */
    FAILS(two_slots(MUTATE, LIST(slots(1), 32, object, 32, 0)), ILLEGAL_OPERATION);
    FAILS(two_slots(MUTATE, LIST(slots(1), 32, badged, 32, 5)), ILLEGAL_OPERATION);
    FAILS(invoke(ROOT, ROTATE, LIST(badged, 32, 0, object, 32, 0, badged, 32), LIST(ROOT, ROOT)),
          ILLEGAL_OPERATION);
    OK(on_slot(DELETE, empty));
    EQ(identify(badged), identify(object));
}

static void check_rights(void)
{
    u32 readable = copied(endpoint, R), writable = copied(endpoint, W | 0xfffffff8);
    u32 back = copied(readable, ALL);
    FAILS(invoke(readable, 0, LIST(), LIST()), INVALID_CAPABILITY, 0);
    FAILS(invoke(back, 0, LIST(), LIST()), INVALID_CAPABILITY, 0);
    u32 silent = copied(async, R), loud = copied(async, W);
    FAILS(invoke(silent, 0, LIST(4), LIST()), INVALID_CAPABILITY, 0);
    struct regs answer = message(CALL, loud, INFO(3, 0, 1), LIST(4, 5, 6, 7), LIST());
    GOT(answer, 0, 0, 4, 5, 6, 7);
    GOT(wait(silent), 0, INFO(0, 0, 1), 4);
    message(NB_SEND, writable, 0, LIST(), LIST()); /* nobody waits: dropped */
    OK(on_slot(DELETE, readable));
    OK(on_slot(DELETE, writable));
    OK(on_slot(DELETE, back));
    OK(on_slot(DELETE, silent));
    OK(on_slot(DELETE, loud));
}

static struct regs rotate(u32 to, u32 pivot, u32 from, u32 to_data, u32 pivot_data)
{
    return invoke(ROOT, ROTATE, LIST(to, 32, to_data, pivot, 32, pivot_data, from, 32),
                  LIST(ROOT, ROOT));
}

static void check_rotate(void)
{
    u32 tcb = make(TCB, 0), cnode = make(CAP_TABLE, 4), page = make(SMALL_PAGE, 0), a = empty;
    struct list seven = LIST(a, 32, 0, cnode, 32, 0, tcb);
    FAILS(invoke(ROOT, ROTATE, seven, LIST(ROOT, ROOT)), TRUNCATED_MESSAGE);
    FAILS(invoke(ROOT, ROTATE, LIST(a, 32, 0, cnode, 32, 0, tcb, 32), LIST(ROOT)),
          TRUNCATED_MESSAGE);
    FAILS(invoke(ROOT, ROTATE, LIST(a, 32, 0, cnode, 99, 0, tcb, 98), LIST(ROOT, MY_TCB)),
          FAILED_LOOKUP, 1, INVALID_ROOT);
    FAILS(invoke(ROOT, ROTATE, LIST(a, 32, 0, cnode, 99, 0, tcb, 32), LIST(MY_TCB, ROOT)),
          FAILED_LOOKUP, 1, INVALID_ROOT);
    FAILS(rotate(a, tcb, tcb, 0, 0), ILLEGAL_OPERATION);
    FAILS(rotate(tcb, tcb, a, 0, 0), ILLEGAL_OPERATION);
    FAILS(rotate(page, tcb, cnode, 0, 0), DELETE_FIRST);
    FAILS(rotate(a + 1, tcb, a, 0, 0), FAILED_LOOKUP, 1, MISSING_CAPABILITY, 32);
    FAILS(rotate(a, a + 1, tcb, 0, 0), FAILED_LOOKUP, 0, MISSING_CAPABILITY, 32);
    FAILS(rotate(a, a, tcb, 0, 0), ILLEGAL_OPERATION);
    FAILS(rotate(a, cnode, tcb, GUARD(0, 29), 0), ILLEGAL_OPERATION);
    OK(rotate(a, cnode, tcb, GUARD(2, 4), 0)); /* cnode -> a, tcb -> cnode */
    EQ(identify(a), TAG_CNODE);
    EQ(identify(cnode), TAG_TCB);
    EQ(identify(tcb), TAG_NULL);
    OK(invoke(a, DELETE, LIST(0x25, 8), LIST()));
    OK(rotate(page, cnode, page, 0, 0)); /* source and destination the same: a swap */
    EQ(identify(page), TAG_TCB);
    EQ(identify(cnode), TAG_SMALL);
    OK(rotate(tcb, a, page, GUARD(3, 4), 0));
    EQ(identify(tcb), TAG_CNODE);
    EQ(identify(a), TAG_TCB);
    OK(invoke(tcb, DELETE, LIST(0x35, 8), LIST()));
    OK(on_slot(DELETE, a));
    OK(on_slot(DELETE, tcb));
    OK(on_slot(DELETE, cnode));
}

static void check_one_slot(void)
{
    OK(on_slot(DELETE, empty));
    OK(on_slot(REVOKE, empty));
    FAILS(on_slot(RECYCLE, empty), ILLEGAL_OPERATION);
    OK(on_slot(SAVE_CALLER, empty));
    EQ(identify(empty), TAG_NULL);
    FAILS(on_slot(SAVE_CALLER, endpoint), DELETE_FIRST);
    FAILS(on_slot(RECYCLE, DOMAIN_CTRL), ILLEGAL_OPERATION);
    u32 half = copied(endpoint, RW), page = make(SMALL_PAGE, 0), read_only = copied(page, R);
    FAILS(on_slot(RECYCLE, half), ILLEGAL_OPERATION);
    FAILS(on_slot(RECYCLE, read_only), ILLEGAL_OPERATION);
    OK(on_slot(REVOKE, endpoint));
    EQ(identify(half), TAG_NULL);
    OK(on_slot(DELETE, page));
}

void check_cnode(void)
{
    endpoint = make(ENDPOINT, 0);
    async = make(ASYNC_ENDPOINT, 0);
    empty = slots(2);
    check_labels();
    check_two_slot_order(COPY, 5);
    check_two_slot_order(MINT, 6);
    check_two_slot_order(MOVE, 4);
    check_two_slot_order(MUTATE, 5);
    check_uncopyable();
    check_badges(endpoint);
    check_badges(async);
    check_rights();
    check_rotate();
    check_one_slot();
}
