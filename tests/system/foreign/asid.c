/* SPDX-License-Identifier: BSD-2-Clause */
/* ASID pools, and threads in address spaces of their own. */
#include "harness.h"

#define MEGABYTE 0x100000u

static u32 handler, full, base;

static struct regs make_pool(u32 untyped, u32 root, u32 slot, u32 depth)
{
    return invoke(ASID_CTRL, MAKE_POOL, LIST(slot, depth), LIST(untyped, root));
}

static void check_pool_errors(void)
{
    u32 at = slots(1), small = make_untyped(11), used = make_untyped(12), good = make_untyped(12);
    OK(retype(used, ENDPOINT, 0, full = slots(1), 1));
    FAILS(invoke(ASID_CTRL, ASSIGN, LIST(at, 32), LIST(good, ROOT)), ILLEGAL_OPERATION);
    FAILS(invoke(ASID_CTRL, MAKE_POOL, LIST(at), LIST(good, ROOT)), TRUNCATED_MESSAGE);
    FAILS(invoke(ASID_CTRL, MAKE_POOL, LIST(at, 32), LIST(good)), TRUNCATED_MESSAGE);
    FAILS(make_pool(small, MY_TCB, at, 99), INVALID_CAPABILITY, 1);
    FAILS(make_pool(ROOT, MY_TCB, at, 99), INVALID_CAPABILITY, 1);
    FAILS(make_pool(used, MY_TCB, at, 99), REVOKE_FIRST);
    FAILS(make_pool(good, MY_TCB, at, 99), FAILED_LOOKUP, 0, INVALID_ROOT);
    FAILS(make_pool(good, ROOT, at, 0), RANGE_ERROR, 1, 32);
    FAILS(make_pool(good, ROOT, full, 32), DELETE_FIRST);
    OK(make_pool(good, ROOT, at, 32));
    EQ(identify(at), TAG_POOL);
    FAILS(retype(good, ENDPOINT, 0, slots(1), 1), NOT_ENOUGH_MEMORY, 0);
    FAILS(make_pool(good, ROOT, slots(1), 32), REVOKE_FIRST);
    OK(on_slot(REVOKE, good));
    EQ(identify(at), TAG_NULL);
    OK(on_slot(DELETE, good));
}

/* Four pools of sixteen beside the first one. */
static void check_exhaustion(void)
{
    u32 pool_slot[5], untyped[5], pd = slots(17);
    for (u32 i = 0; i < 5; i++) {
        untyped[i] = make_untyped(12);
        pool_slot[i] = slots(1);
    }
    for (u32 i = 0; i < 4; i++)
        OK(make_pool(untyped[i], ROOT, pool_slot[i], 32));
    FAILS(make_pool(ROOT, MY_TCB, pool_slot[4], 99), DELETE_FIRST);
    OK(retype(second_pool, PAGE_DIRECTORY, 0, pd, 17));
    FAILS(invoke(pool_slot[2], MAKE_POOL, LIST(), LIST(pd)), ILLEGAL_OPERATION);
    FAILS(invoke(pool_slot[2], ASSIGN, LIST(), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(pool_slot[2], ASSIGN, LIST(), LIST(ROOT)), INVALID_CAPABILITY, 1);
    FAILS(invoke(pool_slot[2], ASSIGN, LIST(), LIST(MY_PD)), INVALID_CAPABILITY, 1);
    for (u32 i = 0; i < 16; i++)
        OK(invoke(pool_slot[2], ASSIGN, LIST(), LIST(pd + i)));
    FAILS(invoke(pool_slot[2], ASSIGN, LIST(), LIST(pd + 16)), DELETE_FIRST);
    FAILS(invoke(pool_slot[2], ASSIGN, LIST(), LIST(pd)), INVALID_CAPABILITY, 1);
    OK(on_slot(DELETE, pd + 5));
    OK(invoke(pool_slot[2], ASSIGN, LIST(), LIST(pd + 16)));
    u32 table = make(PAGE_TABLE, 0), frame = make(SMALL_PAGE, 0), stale = copied(frame, ALL);
    OK(invoke(table, PT_MAP, LIST(0, 3), LIST(pd)));
    OK(invoke(frame, PAGE_MAP, LIST(0x1000, RW, 3), LIST(pd)));
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW, 3), LIST(MY_PD)), INVALID_CAPABILITY, 1);
    OK(on_slot(DELETE, pool_slot[2]));
    FAILS(invoke(stale, PAGE_MAP, LIST(0x2000, RW, 3), LIST(pd)), FAILED_LOOKUP, 0, INVALID_ROOT);
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW, 3), LIST(pd)), FAILED_LOOKUP, 0, INVALID_ROOT);
    FAILS(invoke(frame, PAGE_CLEAN, LIST(0, 4), LIST()), FAILED_LOOKUP, 0, INVALID_ROOT);
    FAILS(invoke(pd, PD_CLEAN, LIST(0x1000, 0x1004), LIST()), FAILED_LOOKUP, 0, INVALID_ROOT);
    u32 other = make(PAGE_TABLE, 0);
    FAILS(invoke(other, PT_MAP, LIST(MEGABYTE, 3), LIST(pd)), FAILED_LOOKUP, 0, INVALID_ROOT);
    OK(invoke(frame, PAGE_UNMAP, LIST(), LIST()));
    OK(invoke(table, PT_UNMAP, LIST(), LIST()));
    OK(invoke(table, PT_MAP, LIST(0x90000000, 3), LIST(MY_PD)));
    OK(on_slot(DELETE, table));
    OK(make_pool(untyped[4], ROOT, pool_slot[4], 32)); /* in the place of the one that died */
    FAILS(invoke(pool_slot[4], ASSIGN, LIST(), LIST(pd + 1)), INVALID_CAPABILITY, 1);
    OK(on_slot(REVOKE, second_pool));
    for (u32 i = 0; i < 5; i++)
        OK(on_slot(i == 2 ? DELETE : REVOKE, untyped[i]));
    EQ(identify(pool_slot[0]), TAG_NULL);
}

/* A directory in which our image is at its place; tables and frames are left to their Untyped. */
static u32 new_space(u32 asids)
{
    u32 directory = make(PAGE_DIRECTORY, 0), pages = info->frames.end - info->frames.start;
    u32 end = base + pages * PAGE_BYTES;
    OK(invoke(asids, ASSIGN, LIST(), LIST(directory)));
    for (u32 at = base & -MEGABYTE; at < end; at += MEGABYTE)
        OK(invoke(make(PAGE_TABLE, 0), PT_MAP, LIST(at, 3), LIST(directory)));
    u32 first = slots(pages), bad = 0;
    for (u32 i = 0; i < pages; i++) {
        bad += copy(first + i, info->frames.start + i, ALL).info;
        bad += invoke(first + i, PAGE_MAP, LIST(base + i * PAGE_BYTES, RW, 3),
                      LIST(directory)).info;
    }
    EQ(bad, 0);
    return directory;
}

static struct job job;

/* System calls, faults and replies across address spaces. */
static void check_foreign_space(void)
{
    struct thread thread = new_thread(255, handler, 1);
    u32 directory = new_space(ASID_POOL), endpoint = make(ENDPOINT, 0), page = make(SMALL_PAGE, 0);
    OK(invoke(thread.tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, directory)));
    job = (struct job){ .number = (u32)CALL, .cptr = endpoint, .word = INFO(3, 0, 6),
                        .words = { 1, 2, 3, 4, 5, 6 }, .word_count = 6 };
    begin(thread, &job);
    GOT(wait(endpoint), 0, INFO(3, 0, 6), 1, 2, 3, 4, 5, 6);
    message(REPLY, 0, INFO(4, 0, 5), LIST(7, 8, 9, 10, 11), LIST());
    struct regs got = wait(handler);
    EQ(label_of(got), USER_EXCEPTION);
    TRUE(job.done);
    GOT(job.answer, 0, INFO(4, 0, 5), 7, 8, 9, 10);
    EQ(thread.buffer->msg[4], 11);
    u32 registers[REGISTERS] = { 0 };
    registers[PC] = (u32)load_then_stop;
    registers[R2] = (u32)info; /* mapped here, not there */
    OK(invoke(thread.tcb, SUSPEND, LIST(), LIST()));
    set_registers(thread.tcb, registers, 1);
    got = wait(handler);
    GOT(got, 0, INFO(VM_FAULT, 0, 4), (u32)load_then_stop, (u32)info, 0);
    u32 shared = (u32)info & ~0xfffu;
    u32 status = got.m[3];
    if (status == 5)
        OK(invoke(make(PAGE_TABLE, 0), PT_MAP, LIST(shared, 3), LIST(directory)));
    OK(invoke(page, PAGE_MAP, LIST(shared, R, 3), LIST(directory)));
    got = message(REPLY_WAIT, handler, 0, LIST(), LIST());
    EQ(label_of(got), USER_EXCEPTION);
    get_registers(thread.tcb, registers);
    EQ(registers[R3], 0);
    EQ(info->nodes, 1); /* our own mapping is as it was */
    message(REPLY, 0, INFO(0, 0, 1), LIST((u32)spin_here), LIST());
    yield();
    OK(on_slot(DELETE, directory)); /* the master goes, the thread's copy keeps the space */
    yield();
    OK(invoke(thread.tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, MY_PD)));
    registers[PC] = (u32)load_then_stop;
    registers[R2] = (u32)info + 4;
    OK(invoke(thread.tcb, SUSPEND, LIST(), LIST()));
    set_registers(thread.tcb, registers, 1);
    EQ(label_of(wait(handler)), USER_EXCEPTION);
    get_registers(thread.tcb, registers);
    EQ(registers[R3], 1);
    OK(on_slot(DELETE, thread.tcb));
}

/* A thread whose address space dies runs on the kernel's own: it faults where it stands. */
static void check_dead_space(void)
{
    struct thread thread = new_thread(255, handler, 0);
    u32 directory = new_space(ASID_POOL), registers[REGISTERS] = { 0 };
    OK(invoke(thread.tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, directory)));
    registers[PC] = (u32)spin_here;
    set_registers(thread.tcb, registers, 1);
    yield();
    OK(on_slot(REVOKE, directory));
    OK(on_slot(DELETE, directory));
    struct regs got = wait(handler);
    EQ(got.info, INFO(VM_FAULT, 0, 4));
    TRUE(got.m[0] == (u32)spin_here || got.m[0] == (u32)spin_here + 4);
    EQ(got.m[1], got.m[0]);
    EQ(got.m[2], 1);
    EQ(got.m[3], 5);
    OK(on_slot(DELETE, thread.tcb));
}

/* What makes the address space of a waiting thread die. */
enum { REVOKED, POOL_DELETED, ASID_REUSED, DEATHS };

static void kill_space(u32 how, u32 directory, u32 untyped, u32 asids)
{
    if (how == REVOKED) {
        OK(on_slot(REVOKE, directory));
        OK(on_slot(DELETE, directory));
    } else {
        OK(on_slot(DELETE, asids));
    }
    if (how == ASID_REUSED) {
        u32 other = make(PAGE_DIRECTORY, 0);
        OK(make_pool(untyped, ROOT, asids, 32));
        OK(invoke(asids, ASSIGN, LIST(), LIST(other)));
    }
}

/* A message to a thread without a live space is delivered; then the thread faults. */
static void check_message_to_dead_space(u32 how, int number)
{
    struct thread victim = new_thread(255, handler, 1), partner = new_thread(255, 0, 1);
    u32 untyped = make_untyped(12), asids = slots(1), endpoint = make(ENDPOINT, 0);
    OK(make_pool(untyped, ROOT, asids, 32));
    u32 directory = new_space(asids), registers[REGISTERS] = { 0 };
    OK(invoke(victim.tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, directory)));
    job = (struct job){ .number = (u32)number, .cptr = endpoint, .word = INFO(3, 0, 1),
                        .words = { 55 }, .word_count = 1 };
    registers[PC] = (u32)svc_then_stop;
    registers[R0] = endpoint;
    registers[R7] = (u32)(number == REPLY_WAIT ? CALL : WAIT);
    if (number == REPLY_WAIT) { /* the partner waits, gets the call, and then answers it */
        job.number = (u32)WAIT;
        begin(partner, &job);
        yield();
    }
    set_registers(victim.tcb, registers, 1);
    yield();
    kill_space(how, directory, untyped, asids);
    if (number == REPLY_WAIT) {
        job.number = (u32)REPLY_WAIT;
        OK(invoke(partner.tcb, SUSPEND, LIST(), LIST()));
    }
    begin(partner, &job);
    struct regs got = wait(handler);
    GOT(got, 0, INFO(VM_FAULT, 0, 4), (u32)stop_here, (u32)stop_here, 1, 5);
    get_registers(victim.tcb, registers);
    EQ(registers[R1], INFO(3, 0, 1));
    EQ(registers[R2], 55);
    OK(on_slot(DELETE, victim.tcb));
    OK(on_slot(DELETE, partner.tcb));
    OK(on_slot(REVOKE, untyped));
}

void check_asid(void)
{
    handler = make(ENDPOINT, 0);
    base = (u32)info->buffer - (info->frames.end - info->frames.start) * PAGE_BYTES;
    check_pool_errors();
    check_exhaustion();
    check_foreign_space();
    check_dead_space();
    for (u32 how = REVOKED; how < DEATHS; how++) {
        check_message_to_dead_space(how, CALL);
        check_message_to_dead_space(how, SEND);
        check_message_to_dead_space(how, REPLY_WAIT);
    }
}
