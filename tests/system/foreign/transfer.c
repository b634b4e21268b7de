/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities in messages: unwrapping, one receive slot, diminished rights. */
#include "harness.h"

static u32 endpoint, sender, page, tcb, receive;
static struct thread helper;

static void receive_at(u32 root, u32 index, u32 depth)
{
    my_buffer()->receive_root = root;
    my_buffer()->receive_index = index;
    my_buffer()->receive_depth = depth;
    for (u32 i = 0; i < 3; i++)
        my_buffer()->caps[i] = 0x5555;
}

static struct job job;

/* What we receive through `through` when the helper sends capabilities. */
static struct regs exchange(u32 number, u32 through, u32 count, u32 a, u32 b, u32 c)
{
    job = (struct job){ .number = number, .cptr = sender, .word = INFO(1, count, 1),
                        .words = { 8 }, .word_count = 1, .caps = { a, b, c }, .cap_count = 3 };
    begin(helper, &job);
    return wait(through);
}

/* The same, in a slot that is emptied behind; how many arrived, unwrapped, and what is there. */
static void check_case(u32 count, u32 a, u32 b, u32 c, u32 unwrapped, u32 arrived, u32 tag)
{
    for (u32 first = 0; first < 2; first++) {
        receive_at(ROOT, receive, 32);
        struct regs got = exchange(first ? (u32)SEND : (u32)CALL, endpoint, count, a, b, c);
        EQ(got.r0, 0x321);
        EQ(got.info, INFO(1, arrived, 1) | unwrapped << 9);
        EQ(identify(receive), tag);
        for (u32 i = 0; i < 3; i++)
            EQ(my_buffer()->caps[i], unwrapped >> i & 1 ? 0x321 : 0x5555);
        OK(on_slot(DELETE, receive));
        if (!first)
            message(REPLY, 0, 0, LIST(), LIST());
        yield();
        TRUE(job.done);
    }
}

static void check_cases(void)
{
    check_case(0, page, page, page, 0, 0, TAG_NULL);
    check_case(1, page, 0, 0, 0, 1, TAG_SMALL);
    check_case(2, page, tcb, 0, 0, 1, TAG_SMALL);
    check_case(1, sender, 0, 0, 1, 1, TAG_NULL);
    check_case(3, sender, sender, sender, 7, 3, TAG_NULL);
    check_case(3, sender, page, sender, 5, 3, TAG_SMALL);
    check_case(3, sender, page, tcb, 1, 2, TAG_SMALL);
    check_case(3, page, sender, sender, 6, 3, TAG_SMALL);
    check_case(2, 0, sender, 0, 0, 0, TAG_NULL);
    check_case(2, IRQ_CTRL, sender, 0, 0, 0, TAG_NULL);
    check_case(2, sender, IRQ_CTRL, 0, 1, 1, TAG_NULL);
}

static void no_slot(u32 root, u32 index, u32 depth)
{
    receive_at(root, index, depth);
    struct regs got = exchange((u32)SEND, endpoint, 2, sender, page, 0);
    EQ(got.info, INFO(1, 1, 1) | 1 << 9);
    EQ(my_buffer()->caps[0], 0x321);
    yield();
    TRUE(job.done);
}

static void check_no_slot(void)
{
    no_slot(0, receive, 32);
    no_slot(ROOT, tcb, 32);
    no_slot(ROOT, receive, 0);
    no_slot(ROOT, receive, 33);
    no_slot(ROOT, receive, 16);
    no_slot(MY_TCB, receive, 32);
    no_slot(0x10000, receive, 32);
    EQ(identify(receive), TAG_NULL);
}

static void check_grant(void)
{
    u32 granting = sender;
    sender = minted(endpoint, W, 0x321);
    receive_at(ROOT, receive, 32);
    struct regs got = exchange((u32)SEND, endpoint, 2, sender, page, 0);
    EQ(got.info, INFO(1, 0, 1));
    EQ(identify(receive), TAG_NULL);
    EQ(my_buffer()->caps[0], 0x5555);
    OK(on_slot(DELETE, sender));
    sender = granting;
}

/* Is Write left of an endpoint capability in the receive slot? */
static void check_diminished(void)
{
    u32 other = make(ENDPOINT, 0), read_only = copied(endpoint, R);
    receive_at(ROOT, receive, 32);
    struct regs got = exchange((u32)SEND, read_only, 1, other, 0, 0);
    EQ(got.info, INFO(1, 1, 1));
    EQ(identify(receive), TAG_ENDPOINT);
    FAILS(invoke(receive, 0, LIST(), LIST()), INVALID_CAPABILITY, 0);
    OK(on_slot(REVOKE, other));
    EQ(identify(receive), TAG_NULL);
    yield();
    receive_at(ROOT, receive, 32);
    exchange((u32)SEND, endpoint, 1, other, 0, 0);
    message(NB_SEND, receive, 0, LIST(), LIST());
    yield();
    job = (struct job){ .number = (u32)WAIT, .cptr = other };
    begin(helper, &job);
    yield();
    send(receive, 3, LIST()); /* here Write is still there */
    yield();
    EQ(job.answer.info, INFO(3, 0, 0));
    OK(on_slot(DELETE, receive));
    OK(on_slot(DELETE, read_only));
}

/* A reply carries capabilities, but never unwraps. */
static void check_reply(void)
{
    helper.buffer->receive_root = ROOT;
    helper.buffer->receive_index = receive;
    helper.buffer->receive_depth = 32;
    exchange((u32)CALL, endpoint, 0, 0, 0, 0);
    message(REPLY, 0, INFO(5, 2, 0), LIST(), LIST(endpoint, page));
    yield();
    TRUE(job.done);
    EQ(job.answer.r0, 0);
    EQ(job.answer.info, INFO(5, 1, 0));
    EQ(identify(receive), TAG_ENDPOINT);
    OK(on_slot(DELETE, receive));
    my_buffer()->receive_depth = 0;
}

static void check_faulting_caps(void)
{
    u32 handler = make(ENDPOINT, 0);
    OK(invoke(helper.tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, MY_PD)));
    job = (struct job){ .number = (u32)SEND, .cptr = sender, .word = INFO(1, 2, 0),
                        .caps = { page, 0x70000 }, .cap_count = 2 };
    begin(helper, &job);
    struct regs got = wait(handler);
    EQ(got.info, INFO(CAP_FAULT, 0, 7));
    EQ(got.m[1], 0x70000);
    EQ(got.m[2], 0);
    EQ(got.m[3], GUARD_MISMATCH);
    EQ(my_buffer()->msg[4], 32);
    EQ(my_buffer()->msg[5], 0);
    EQ(my_buffer()->msg[6], 16);
    job.number = (u32)NB_SEND;
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    begin(helper, &job);
    yield();
    EQ(job.done, 1);
}

void check_transfer(void)
{
    endpoint = make(ENDPOINT, 0);
    sender = minted(endpoint, ALL, 0x321);
    page = make(SMALL_PAGE, 0);
    tcb = make(TCB, 0);
    receive = slots(1);
    helper = new_thread(255, 0, 1);
    check_cases();
    check_no_slot();
    check_grant();
    check_diminished();
    check_reply();
    check_faulting_caps();
    OK(on_slot(DELETE, helper.tcb));
}
