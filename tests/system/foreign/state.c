/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor state of threads, corners of the system calls, and messages to dead spaces. */
#include "harness.h"

extern const u32 thumb_spin[], big_endian_call[], barriers[], read_id[], sleep_now[],
    breakpoint[], exclusive[], change_mode[], float_add[], thumb_undefined[];

static u32 handler;
static struct thread helper;
static u32 registers[REGISTERS];
static volatile u32 word[2] = { 0x11223344, 0x55667788 };

/* The first fault of a thread that starts there. */
static struct regs run(const u32 *entry, u32 at, u32 number)
{
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    for (u32 i = 0; i < REGISTERS; i++)
        registers[i] = 0;
    registers[PC] = (u32)entry;
    registers[R2] = at;
    registers[R7] = number;
    set_registers(helper.tcb, registers, 1);
    struct regs got = wait(handler);
    get_registers(helper.tcb, registers);
    return got;
}

static void check_undefined(const u32 *entry)
{
    struct regs got = run(entry, 0, 0);
    GOT(got, 0, INFO(USER_EXCEPTION, 0, 5), (u32)entry, 0, 0x50, 0, 0);
}

static void check_processor_state(void)
{
    struct regs got = run(barriers, 0, 0);
    GOT(got, 0, INFO(USER_EXCEPTION, 0, 5), (u32)barriers + 16);
    check_undefined(read_id);
    check_undefined(sleep_now);
    check_undefined(float_add);
    got = run(change_mode, 0, 0);
    GOT(got, 0, INFO(USER_EXCEPTION, 0, 5), (u32)change_mode + 8, 0, 0x50);
    EQ(registers[R3], 0x50);
    got = run(breakpoint, 0, 0);
    GOT(got, 0, INFO(VM_FAULT, 0, 4), (u32)breakpoint, (u32)breakpoint, 1, 2);
    got = run(exclusive, (u32)word, (u32)YIELD);
    EQ(label_of(got), USER_EXCEPTION);
    EQ(registers[R4], 1); /* another thread has run: the monitor is cleared */
    got = run(big_endian_call, (u32)word, (u32)YIELD);
    EQ(label_of(got), USER_EXCEPTION);
    EQ(registers[R3], 0x44332211);
    EQ(registers[R6], 0x44332211);
}

/* Thumb code is preempted and goes on as Thumb code. */
static void check_thumb(void)
{
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    for (u32 i = 0; i < REGISTERS; i++)
        registers[i] = 0;
    registers[PC] = (u32)thumb_spin;
    set_registers(helper.tcb, registers, 1);
    u32 last = 0;
    for (u32 round = 0; round < 3; round++) {
        yield();
        get_registers(helper.tcb, registers);
        TRUE(registers[R4] > last + 100);
        EQ(registers[CPSR] & 0x20, 0x20);
        last = registers[R4];
    }
    struct regs got = run(thumb_undefined, 0, 0);
    EQ(label_of(got), USER_EXCEPTION);
    EQ(got.m[2], 0x70);
}

/* Bits of the info word that a sender has no say in. */
static void check_info_bits(void)
{
    u32 endpoint = make(ENDPOINT, 0), badged = minted(endpoint, ALL, 4);
    struct thread partner = new_thread(255, 0, 1);
    struct job job = { .cptr = badged, .word_count = 4, .words = { 1, 2, 3, 4 } };
    static const int numbers[] = { SEND, CALL, CALL, CALL, SEND };
    static const u8 lengths[] = { 2, 2, 127, 0, 127 };
    for (u32 i = 0; i < 5; i++) {
        job.number = (u32)numbers[i];
        job.word = INFO(5, 0, lengths[i]) | 7 << 9;
        u32 seen = lengths[i] > 120 ? 120 : lengths[i];
        begin(partner, &job);
        EQ(wait(endpoint).info, INFO(5, 0, seen));
        if (numbers[i] == CALL) {
            message(REPLY, 0, job.word, LIST(9), LIST());
            yield();
            EQ(job.answer.info, INFO(5, 0, seen));
        }
        yield();
        TRUE(job.done);
    }
    job.number = (u32)WAIT;
    job.cptr = endpoint;
    for (u32 i = 0; i < 5; i++) {
        begin(partner, &job);
        yield();
        u32 seen = lengths[i] > 120 ? 120 : lengths[i];
        message((u32)SEND, badged, INFO(5, 0, lengths[i]) | 7 << 9, LIST(), LIST());
        yield();
        EQ(job.answer.info, INFO(5, 0, seen));
    }
    OK(on_slot(DELETE, partner.tcb));
    OK(on_slot(DELETE, badged));
}

/* Objects are also invoked by Send and NBSend, which answer nothing. */
static void check_silent_invocations(void)
{
    u32 a = copied(MY_TCB, ALL), b = copied(MY_TCB, ALL);
    struct regs got = message(SEND, ROOT, INFO(DELETE, 0, 2), LIST(a, 32, 3, 4), LIST());
    GOT(got, ROOT, INFO(DELETE, 0, 2), a, 32, 3, 4);
    EQ(identify(a), TAG_NULL);
    got = message(NB_SEND, ROOT, INFO(DELETE, 0, 2), LIST(b, 32, 3, 4), LIST());
    GOT(got, ROOT, INFO(DELETE, 0, 2), b, 32, 3, 4);
    EQ(identify(b), TAG_NULL);
    u32 frame = make(SMALL_PAGE, 0);
    got = message(SEND, frame, INFO(PAGE_ADDRESS, 0, 0), LIST(1, 2, 3, 4), LIST());
    GOT(got, frame, INFO(PAGE_ADDRESS, 0, 0), 1, 2, 3, 4);
    got = message(SEND, pool, INFO(RETYPE, 1, 6), LIST(ENDPOINT, 0, 0, 0, a, 1), LIST(ROOT));
    GOT(got, pool, INFO(RETYPE, 1, 6), ENDPOINT, 0, 0, 0);
    EQ(identify(a), TAG_ENDPOINT);
    got = message(NB_SEND, pool, INFO(RETYPE, 1, 6), LIST(ENDPOINT, 0, 0, 0, a, 1), LIST(ROOT));
    GOT(got, pool, INFO(RETYPE, 1, 6), ENDPOINT, 0, 0, 0);
}

/* ReplyWait: the reply is given although the waiting then fails or is a signal. */
static void check_reply_wait(void)
{
    u32 endpoint = make(ENDPOINT, 0), async = make(ASYNC_ENDPOINT, 0);
    struct thread partner = new_thread(255, 0, 1), server = new_thread(255, handler, 1);
    struct job call = { .number = (u32)CALL, .cptr = endpoint };
    begin(partner, &call);
    wait(endpoint);
    send(async, 0, LIST(0x40));
    struct regs got = message(REPLY_WAIT, async, INFO(6, 0, 1), LIST(3, 4, 5, 6), LIST());
    GOT(got, 0, 1, 0x40, 4, 5, 6);
    yield();
    EQ(call.answer.info, INFO(6, 0, 1));
    struct job job = { .number = (u32)WAIT, .cptr = endpoint };
    begin(server, &job);
    begin(partner, &call);
    yield(); /* the partner runs first and blocks; the server gets its call and stops */
    got = wait(handler);
    EQ(label_of(got), USER_EXCEPTION); /* it is in park() and still has the reply */
    get_registers(server.tcb, registers);
    registers[PC] = (u32)svc_then_stop;
    registers[R0] = MY_TCB;
    registers[R1] = INFO(8, 0, 1);
    registers[R2] = 5;
    registers[R7] = (u32)REPLY_WAIT;
    OK(invoke(server.tcb, SUSPEND, LIST(), LIST()));
    set_registers(server.tcb, registers, 1);
    got = wait(handler);
    GOT(got, 0, INFO(CAP_FAULT, 0, 5), (u32)svc_then_stop, MY_TCB, 1, MISSING_CAPABILITY, 0);
    yield();
    GOT(call.answer, 0, INFO(8, 0, 1), 5);
    OK(on_slot(DELETE, partner.tcb));
    OK(on_slot(DELETE, server.tcb));
}

/* An IPC buffer anywhere in a large frame. */
static void check_large_buffer(void)
{
    u32 section = make(SECTION, 0), endpoint = make(ENDPOINT, 0);
    struct thread partner = new_thread(255, 0, 0);
    struct buffer *buffer = (struct buffer *)0x610ffe00;
    OK(invoke(section, PAGE_MAP, LIST(0x61000000, RW, 3), LIST(MY_PD)));
    OK(invoke(partner.tcb, SET_BUFFER, LIST((u32)buffer), LIST(section)));
    struct job job = { .number = (u32)CALL, .cptr = endpoint, .word = INFO(1, 0, 6),
                       .words = { 1, 2, 3, 4, 5, 6 }, .word_count = 6 };
    begin(partner, &job);
    GOT(wait(endpoint), 0, INFO(1, 0, 6), 1, 2, 3, 4, 5, 6);
    message(REPLY, 0, INFO(1, 0, 6), LIST(1, 2, 3, 4, 77, 78), LIST());
    yield();
    EQ(job.answer.info, INFO(1, 0, 6));
    EQ(buffer->msg[5], 78);
    OK(on_slot(REVOKE, section)); /* its copy in the TCB goes: no buffer any more */
    begin(partner, &job);
    GOT(wait(endpoint), 0, INFO(1, 0, 4), 1, 2, 3, 4);
    OK(on_slot(DELETE, section));
    OK(on_slot(DELETE, partner.tcb));
}

void check_state(void)
{
    handler = make(ENDPOINT, 0);
    helper = new_thread(255, handler, 1);
    check_info_bits();
    check_silent_invocations();
    check_reply_wait();
    check_large_buffer();
    check_thumb();
    check_processor_state();
    OK(on_slot(DELETE, helper.tcb));
}
