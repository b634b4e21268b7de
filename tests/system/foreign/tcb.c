/* SPDX-License-Identifier: BSD-2-Clause */
/* Configure, SetPriority, SetIPCBuffer, SetSpace, Suspend and Resume. */
#include "harness.h"

static u32 tcb, page, directory;

static struct regs configure(u32 priority, u32 data, u32 buffer, u32 cspace, u32 vspace, u32 frame)
{
    return invoke(tcb, CONFIGURE, LIST(0, priority, data, 0, buffer), LIST(cspace, vspace, frame));
}

static void check_errors(void)
{
    u32 untyped = make_untyped(12), at = slots(1);
    OK(retype(untyped, ENDPOINT, 0, at, 1));
    struct list four = LIST(0, 5, 0, 0), five = LIST(0, 5, 0, 0, 0);
    FAILS(invoke(tcb, CONFIGURE, four, LIST(ROOT, MY_PD, page)), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, CONFIGURE, five, LIST(ROOT, MY_PD)), TRUNCATED_MESSAGE);
    FAILS(configure(5, 0, 0x1001, 0, 0, untyped), REVOKE_FIRST);
    FAILS(configure(5, 0, 0x1001, 0, 0, IRQ_CTRL), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0x1001, 0, 0, 0), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0x1001, 0, 0, ROOT), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0x1100, 0, 0, page), ALIGNMENT_ERROR);
    FAILS(configure(5, 0, 0x1000, page, MY_PD, page), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0x1000, 0, MY_PD, page), ILLEGAL_OPERATION);
    FAILS(configure(5, GUARD(0, 17), 0, ROOT, MY_PD, 0), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0, ROOT, ROOT, 0), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0, ROOT, directory, 0), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0, ROOT, 0, 0), ILLEGAL_OPERATION);
    FAILS(configure(5, 0, 0, untyped, MY_PD, 0), REVOKE_FIRST);
    FAILS(configure(5, 0, 0x1000, ROOT, MY_PD, info->device[4].frames.start), ILLEGAL_OPERATION);
    OK(configure(0xffffff05, 0, 0, ROOT, MY_PD, untyped)); /* no buffer: any capability will do */
    FAILS(invoke(tcb, SET_PRIORITY, LIST(), LIST()), TRUNCATED_MESSAGE);
    OK(invoke(tcb, SET_PRIORITY, LIST(0xffff00ff), LIST()));
    FAILS(invoke(tcb, SET_BUFFER, LIST(), LIST(page)), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, SET_BUFFER, LIST(0x1000), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, SET_BUFFER, LIST(0), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, SET_BUFFER, LIST(0x1001), LIST(ROOT)), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, SET_BUFFER, LIST(0x1001), LIST(page)), ALIGNMENT_ERROR);
    OK(invoke(tcb, SET_BUFFER, LIST(0x1e00), LIST(page)));
    OK(invoke(tcb, SET_BUFFER, LIST(0), LIST(0)));
    FAILS(invoke(tcb, SET_SPACE, LIST(0, 0), LIST(ROOT, MY_PD)), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, SET_SPACE, LIST(0, 0, 0), LIST(ROOT)), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, SET_SPACE, LIST(0, 0, 0), LIST(page, MY_PD)), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, SET_SPACE, LIST(0, 0, 0), LIST(ROOT, directory)), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, SET_SPACE, LIST(0, GUARD(0, 17), 0), LIST(ROOT, MY_PD)),
          ILLEGAL_OPERATION);
    OK(invoke(tcb, SET_SPACE, LIST(0x12345678, GUARD(0, 16), 0xffff), LIST(ROOT, MY_PD)));
}

static volatile u32 seen[8];
static u32 done;

/* A thread of priority 10: what it may do to priorities, judged by its own. */
static void climber(u32 own)
{
    seen[0] = invoke(tcb, SET_PRIORITY, LIST(11), LIST()).info;
    seen[1] = invoke(tcb, SET_PRIORITY, LIST(10), LIST()).info;
    seen[2] = invoke(tcb, CONFIGURE, LIST(0, 11, 0, 0, 0), LIST(ROOT, MY_PD, 0)).info;
    seen[3] = invoke(own, SET_PRIORITY, LIST(4), LIST()).info;
    seen[4] = invoke(own, SET_PRIORITY, LIST(5), LIST()).info;
    seen[5] = invoke(tcb, SET_PRIORITY, LIST(0x104), LIST()).info;
    send(done, 0, LIST());
}

static void check_priorities(void)
{
    struct thread thread = new_thread(10, 0, 1);
    done = make(ENDPOINT, 0);
    OK(start(thread, climber, thread.tcb));
    wait(done);
    EQ(seen[0], INFO(ILLEGAL_OPERATION, 0, 0));
    EQ(seen[1], 0);
    EQ(seen[2], INFO(ILLEGAL_OPERATION, 0, 0));
    EQ(seen[3], 0);
    EQ(seen[4], INFO(ILLEGAL_OPERATION, 0, 0));
    EQ(seen[5], 0);
    OK(on_slot(DELETE, thread.tcb));
}

/* Suspending oneself, and being resumed, means suspending oneself again. */
static void check_suicide(void)
{
    struct thread thread = new_thread(255, 0, 1);
    struct job job = { .number = (u32)CALL, .cptr = thread.tcb, .word = INFO(SUSPEND, 0, 0) };
    u32 registers[REGISTERS];
    begin(thread, &job);
    yield();
    EQ(job.done, 0);
    OK(invoke(thread.tcb, RESUME, LIST(), LIST()));
    yield();
    EQ(job.done, 0);
    get_registers(thread.tcb, registers);
    EQ(registers[R7], CALL);
    EQ(*(u32 *)registers[PC], 0xef001234);
    OK(invoke(thread.tcb, WRITE_REGS, LIST(1, 1, registers[PC] + 4), LIST()));
    yield();
    EQ(job.done, 1);
    OK(on_slot(DELETE, thread.tcb));
}

/* The globals word is that of the thread that runs, at the latest after the next switch. */
static void report_buffer(u32 slot)
{
    seen[slot] = GLOBALS[0];
}

static void check_buffer_word(void)
{
    struct thread thread = new_thread(255, 0, 0);
    u32 own = GLOBALS[0], frame = make(SMALL_PAGE, 0);
    OK(start(thread, report_buffer, 0));
    yield();
    EQ(seen[0], 0);
    OK(invoke(thread.tcb, SET_BUFFER, LIST(0xabcde400), LIST(frame)));
    OK(start(thread, report_buffer, 1));
    yield();
    EQ(seen[1], 0xabcde400);
    EQ(GLOBALS[0], own);
    OK(on_slot(DELETE, thread.tcb));
    OK(on_slot(DELETE, frame));
}

/* A read-only buffer serves to send from, not to receive into. */
static void check_read_only_buffer(void)
{
    struct thread thread = new_thread(255, 0, 1);
    u32 endpoint = make(ENDPOINT, 0), read_only = copied(frame_of(thread.buffer), R);
    struct job job = { .number = (u32)CALL, .cptr = endpoint, .word = INFO(1, 0, 6),
                       .words = { 1, 2, 3, 4, 5, 6 }, .word_count = 6 };
    OK(invoke(thread.tcb, SET_BUFFER, LIST((u32)thread.buffer), LIST(read_only)));
    begin(thread, &job);
    struct regs got = wait(endpoint);
    GOT(got, 0, INFO(1, 0, 6), 1, 2, 3, 4, 5, 6);
    message(REPLY, 0, INFO(2, 1, 6), LIST(7, 8, 9, 10, 11, 12), LIST(endpoint));
    yield();
    EQ(job.answer.info, INFO(2, 0, 4));
    EQ(job.answer.m[3], 10);
    EQ(thread.buffer->msg[4], 5);
    OK(on_slot(DELETE, read_only));
    OK(on_slot(DELETE, thread.tcb));
}

static void check_domain(void)
{
    FAILS(invoke(DOMAIN_CTRL, 1, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(), LIST(tcb)), TRUNCATED_MESSAGE);
    FAILS(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(1), LIST()), INVALID_ARGUMENT, 0);
    FAILS(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(0), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(0), LIST(ROOT)), INVALID_ARGUMENT, 1);
    OK(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(0), LIST(tcb)));
    OK(invoke(DOMAIN_CTRL, DOMAIN_SET, LIST(0), LIST(MY_TCB)));
}

void check_tcb(void)
{
    tcb = make(TCB, 0);
    page = make(SMALL_PAGE, 0);
    directory = make(PAGE_DIRECTORY, 0);
    check_errors();
    check_priorities();
    check_suicide();
    check_buffer_word();
    check_read_only_buffer();
    check_domain();
    OK(on_slot(DELETE, tcb));
}
