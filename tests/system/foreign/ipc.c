/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between two threads, replies, and async endpoints. */
#include "harness.h"

static u32 endpoint, badged;
static struct thread helper[4], mute;

static struct job sending(u32 number, u32 cptr, u32 label, u32 length)
{
    return (struct job){ .number = number, .cptr = cptr, .word = INFO(label, 0, length),
                         .words = { 11, 12, 13, 14, 15, 16 }, .word_count = 6 };
}

static struct regs wait_keeping(u32 cptr)
{
    return trap(WAIT, (struct regs){ .r0 = cptr, .info = 9, .m = { 91, 92, 93, 94 } });
}

/* Each length once with the receiver there first and once with the sender. */
static void check_lengths(void)
{
    static const u8 lengths[] = { 0, 1, 2, 3, 4, 5, 6, 60, 119, 120, 121, 127 };
    for (u32 i = 0; i < 2 * sizeof(lengths); i++) {
        u32 length = lengths[i / 2], seen = length > 120 ? 120 : length;
        struct job job = sending(i % 4 < 2 ? SEND : NB_SEND, badged, 0xfffff - i, length);
        begin(helper[0], &job);
        for (u32 n = 6; n < 120; n++) {
            helper[0].buffer->msg[n] = 1000 + n;
            my_buffer()->msg[n] = 7;
        }
        if (i % 2 && job.number == (u32)SEND)
            yield();
        struct regs got = wait_keeping(endpoint);
        EQ(got.r0, 0xabcdef5);
        EQ(got.info, INFO(0xfffff - i, 0, seen));
        for (u32 n = 0; n < 4; n++)
            EQ(got.m[n], n < seen ? 11 + n : 91 + n);
        u32 wrong = 0;
        for (u32 n = 6; n < 120; n++)
            wrong += my_buffer()->msg[n] != (n < seen ? 1000 + n : 7);
        EQ(wrong, 0);
        yield();
        TRUE(job.done);
        EQ(job.answer.r0, job.cptr);
        EQ(job.answer.info, job.word);
    }
}

static void check_call_and_reply(void)
{
    struct job job = sending(CALL, badged, 4, 2);
    begin(helper[0], &job);
    GOT(wait_keeping(endpoint), 0xabcdef5, INFO(4, 0, 2), 11, 12, 93, 94);
    yield();
    EQ(job.done, 0);
    message(REPLY, 0, INFO(6, 0, 3), LIST(21, 22, 23, 24), LIST());
    yield();
    TRUE(job.done);
    GOT(job.answer, 0, INFO(6, 0, 3), 21, 22, 23, 14);
    struct regs nothing = message(REPLY, 5, 77, LIST(1, 2, 3, 4), LIST()); /* none is pending */
    GOT(nothing, 5, 77, 1, 2, 3, 4);
    struct job second = sending(CALL, endpoint, 8, 1);
    begin(helper[0], &job);
    begin(helper[1], &second);
    wait(endpoint); /* the thread that was resumed last runs first */
    struct regs got = message(REPLY_WAIT, endpoint, INFO(9, 0, 6), LIST(31, 32, 33, 34, 35, 36),
                              LIST());
    GOT(got, 0xabcdef5, INFO(4, 0, 2), 11, 12, 33, 34);
    message(REPLY, 0, 0, LIST(), LIST());
    yield();
    TRUE(second.done);
    GOT(second.answer, 0, INFO(9, 0, 6), 31, 32, 33, 34);
    EQ(helper[1].buffer->msg[4], 35);
    EQ(helper[1].buffer->msg[5], 36);
    GOT(job.answer, 0, 0, 11, 12, 13, 14);
}

/* The reply right needs Grant at the caller and Write at the receiver. */
static void check_no_reply_right(void)
{
    u32 no_grant = copied(endpoint, W), read_only = copied(endpoint, R | G);
    struct job job = sending(CALL, no_grant, 4, 1), other = sending(CALL, badged, 5, 1);
    begin(helper[0], &job);
    GOT(wait(endpoint), 0, INFO(4, 0, 1), 11);
    message(REPLY, 0, 0, LIST(), LIST());
    yield();
    EQ(job.done, 0);
    begin(helper[1], &other);
    GOT(wait(read_only), 0xabcdef5, INFO(5, 0, 1), 11);
    OK(on_slot(SAVE_CALLER, slots(1)));
    message(REPLY, 0, 0, LIST(), LIST());
    yield();
    EQ(other.done, 0);
    begin(helper[2], &other);
    yield(); /* blocked in its call before the receiver comes */
    GOT(wait(read_only), 0xabcdef5, INFO(5, 0, 1), 11);
    message(REPLY, 0, 0, LIST(), LIST());
    yield();
    EQ(other.done, 0);
    OK(invoke(helper[2].tcb, RESUME, LIST(), LIST())); /* it repeats the call */
    GOT(wait(endpoint), 0xabcdef5, INFO(5, 0, 1), 11);
    message(REPLY, 0, INFO(2, 0, 0), LIST(), LIST());
    yield();
    TRUE(other.done);
    EQ(other.answer.info, INFO(2, 0, 0));
}

static void check_order(void)
{
    struct job jobs[3];
    for (u32 i = 0; i < 3; i++) {
        jobs[i] = sending(i == 1 ? CALL : SEND, endpoint, i, 0);
        begin(helper[i], &jobs[i]);
        yield();
    }
    for (u32 i = 0; i < 3; i++)
        EQ(wait(endpoint).info, INFO(i, 0, 0));
    yield();
    EQ(jobs[1].done, 0); /* the third message took the place of the pending reply */
    TRUE(jobs[0].done && jobs[2].done);
    for (u32 i = 0; i < 3; i++) {
        jobs[i] = sending(WAIT, endpoint, i, 0);
        begin(helper[i], &jobs[i]);
        yield();
    }
    for (u32 i = 0; i < 3; i++) {
        EQ(jobs[i].done, 0);
        send(badged, i, LIST(i));
    }
    yield();
    for (u32 i = 0; i < 3; i++)
        GOT(jobs[i].answer, 0xabcdef5, INFO(i, 0, 1), i, 12);
    message(NB_SEND, endpoint, 0, LIST(), LIST());
    begin(helper[0], &jobs[0]);
    yield();
    EQ(jobs[0].done, 0); /* nothing was kept of it */
    message(NB_SEND, badged, INFO(44, 0, 0), LIST(), LIST());
    yield();
    GOT(jobs[0].answer, 0xabcdef5, INFO(44, 0, 0));
}

static void check_suspend(void)
{
    struct job job = sending(SEND, badged, 3, 1);
    begin(helper[0], &job);
    yield();
    OK(invoke(helper[0].tcb, SUSPEND, LIST(), LIST()));
    u32 registers[REGISTERS];
    get_registers(helper[0].tcb, registers);
    EQ(registers[R0], badged); /* nothing happened yet */
    EQ(registers[R7], SEND);
    EQ(*(u32 *)registers[PC], 0xef001234);
    job.words[0] = 99; /* was read into a register long ago */
    OK(invoke(helper[0].tcb, RESUME, LIST(), LIST()));
    OK(invoke(helper[0].tcb, RESUME, LIST(), LIST())); /* no effect on a running thread */
    GOT(wait(endpoint), 0xabcdef5, INFO(3, 0, 1), 11);
    yield();
    TRUE(job.done);
    job = sending(CALL, badged, 3, 1);
    begin(helper[0], &job);
    wait(endpoint);
    u32 saved = slots(1);
    OK(on_slot(SAVE_CALLER, saved));
    EQ(identify(saved), TAG_REPLY);
    OK(invoke(helper[0].tcb, SUSPEND, LIST(), LIST()));
    EQ(identify(saved), TAG_NULL);
    OK(invoke(helper[0].tcb, RESUME, LIST(), LIST()));
    wait(endpoint);
    OK(invoke(helper[0].tcb, RESUME, LIST(), LIST())); /* also this one destroys the reply */
    message(REPLY, 0, INFO(66, 0, 0), LIST(), LIST());
    GOT(wait(endpoint), 0xabcdef5, INFO(3, 0, 1), 11);
    message(REPLY, 0, INFO(55, 0, 0), LIST(), LIST());
    yield();
    EQ(job.answer.info, INFO(55, 0, 0));
}

static void check_saved_reply(u32 number)
{
    struct job job = sending(CALL, badged, 3, 1);
    u32 saved = slots(1), moved = slots(1), other = make(TCB, 0);
    begin(helper[0], &job);
    wait(endpoint);
    OK(on_slot(SAVE_CALLER, saved));
    OK(on_slot(SAVE_CALLER, moved)); /* none pending any more */
    EQ(identify(moved), TAG_NULL);
    FAILS(copy(moved, saved, ALL), ILLEGAL_OPERATION);
    FAILS(mint(moved, saved, ALL, 0), ILLEGAL_OPERATION);
    FAILS(on_slot(SAVE_CALLER, saved), DELETE_FIRST);
    OK(move(moved, saved));
    EQ(identify(saved), TAG_NULL);
    EQ(identify(moved), TAG_REPLY);
    OK(invoke(ROOT, ROTATE, LIST(moved, 32, 0, other, 32, 0, moved, 32), LIST(ROOT, ROOT)));
    EQ(identify(moved), TAG_TCB);
    EQ(identify(other), TAG_REPLY);
    struct regs mine = message(number, other, INFO(12, 0, 2), LIST(41, 42, 43, 44), LIST());
    if (number == (u32)CALL)
        GOT(mine, 0, 0, 41, 42, 43, 44);
    else
        GOT(mine, other, INFO(12, 0, 2), 41, 42, 43, 44);
    EQ(identify(other), TAG_NULL);
    yield();
    TRUE(job.done);
    GOT(job.answer, 0, INFO(12, 0, 2), 41, 42, 13, 14);
    OK(on_slot(DELETE, moved));
}

/* Without an IPC buffer four words are all there is. */
static void check_without_buffer(void)
{
    u32 registers[REGISTERS] = { 0 };
    registers[PC] = (u32)svc_then_stop;
    registers[R0] = badged;
    registers[R1] = INFO(2, 3, 9);
    registers[R2] = 51;
    registers[R5] = 54;
    registers[R7] = (u32)SEND;
    set_registers(mute.tcb, registers, 1);
    my_buffer()->msg[4] = 7;
    GOT(wait(endpoint), 0xabcdef5, INFO(2, 0, 4), 51, 0, 0, 54, 7);
    registers[R0] = endpoint;
    registers[R7] = (u32)WAIT;
    set_registers(mute.tcb, registers, 1);
    yield();
    message(SEND, badged, INFO(3, 1, 8), LIST(61, 62, 63, 64, 65), LIST(endpoint));
    yield();
    u32 after[REGISTERS];
    get_registers(mute.tcb, after);
    EQ(after[R0], 0xabcdef5);
    EQ(after[R1], INFO(3, 0, 4));
    EQ(after[R2], 61);
    EQ(after[R5], 64);
    EQ(after[PC], stop_here);
}

static void check_async(void)
{
    u32 async = make(ASYNC_ENDPOINT, 0), one = minted(async, W, 1), six = minted(async, W, 6);
    struct job jobs[2] = { sending(WAIT, async, 3, 0), sending(WAIT, async, 3, 0) };
    begin(helper[0], &jobs[0]);
    yield();
    begin(helper[1], &jobs[1]);
    yield();
    send(one, 99, LIST(0x100, 5, 6, 7));
    send(six, 99, LIST());
    yield();
    GOT(jobs[0].answer, 1, 1, 0x100, 12, 13);
    GOT(jobs[1].answer, 6, 1, 0, 12, 13);
    send(one, 99, LIST(0x0f0));
    send(six, 99, LIST(0x00f, 3));
    GOT(message(CALL, one, INFO(8, 0, 2), LIST(0xf000, 2), LIST()), 0, 0, 0xf000, 2);
    GOT(wait_keeping(async), 7, 1, 0xf0ff, 92, 93, 94);
    message(NB_SEND, async, 1, LIST(0), LIST());
    GOT(wait_keeping(async), 0, 1, 0, 92, 93, 94);
}

static void check_refused(void)
{
    u32 read_only = copied(endpoint, R);
    FAILS(invoke(read_only, 3, LIST(1, 2), LIST()), INVALID_CAPABILITY, 0);
    FAILS(invoke(0, 3, LIST(1, 2), LIST()), INVALID_CAPABILITY, 0);
    FAILS(invoke(slots(1), 3, LIST(1, 2), LIST()), INVALID_CAPABILITY, 0);
    send(read_only, 3, LIST(1));
    send(0, 3, LIST(1));
    message(NB_SEND, 0x10000, INFO(0, 3, 0), LIST(), LIST(0x10000, 0x10000, 0x10000));
    OK(on_slot(DELETE, read_only));
}

void check_ipc(void)
{
    endpoint = make(ENDPOINT, 0);
    badged = minted(endpoint, W | G, 0xabcdef5);
    for (u32 i = 0; i < 4; i++)
        helper[i] = new_thread(255, 0, 1);
    mute = new_thread(255, 0, 0);
    check_lengths();
    check_call_and_reply();
    check_no_reply_right();
    check_order();
    check_suspend();
    check_saved_reply((u32)SEND);
    check_saved_reply((u32)NB_SEND);
    check_saved_reply((u32)CALL);
    check_without_buffer();
    check_async();
    check_refused();
    for (u32 i = 0; i < 4; i++)
        OK(on_slot(DELETE, helper[i].tcb));
    OK(on_slot(DELETE, mute.tcb));
}
