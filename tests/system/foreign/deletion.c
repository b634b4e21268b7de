/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes with the last capability of an object, and what Recycle resets. */
#include "harness.h"

static struct thread helper[4];

static struct job doing(u32 number, u32 cptr)
{
    return (struct job){ .number = number, .cptr = cptr, .word = INFO(2, 0, 1), .words = { 8 },
                         .word_count = 1 };
}

/* Threads that are blocked at an endpoint repeat their call, which meets an empty slot. */
static void check_endpoint(void)
{
    u32 handler = make(ENDPOINT, 0);
    for (u32 i = 0; i < 3; i++)
        OK(invoke(helper[i].tcb, SET_SPACE, LIST(handler, 0, 0), LIST(ROOT, MY_PD)));
    u32 endpoint = make(ENDPOINT, 0), other = copied(endpoint, ALL);
    struct job jobs[2] = { doing(SEND, endpoint), doing(CALL, endpoint) };
    for (u32 i = 0; i < 2; i++) {
        begin(helper[i], &jobs[i]);
        yield();
    }
    OK(on_slot(DELETE, endpoint));
    yield();
    EQ(jobs[0].done | jobs[1].done, 0); /* the copy keeps it alive */
    OK(on_slot(DELETE, other));
    yield();
    TRUE(jobs[0].done && jobs[1].done);
    EQ(jobs[0].answer.info, INFO(2, 0, 1));
    GOT(jobs[1].answer, 0, INFO(INVALID_CAPABILITY, 0, 1), 0);
    u32 async = make(ASYNC_ENDPOINT, 0), again = make(ENDPOINT, 0);
    struct job waits[2] = { doing(WAIT, async), doing(WAIT, again) };
    wait(handler), wait(handler); /* both have stopped in park() */
    for (u32 i = 0; i < 2; i++) {
        begin(helper[i], &waits[i]);
        yield();
        OK(on_slot(DELETE, waits[i].cptr));
        struct regs got = wait(handler);
        EQ(got.info, INFO(CAP_FAULT, 0, 5));
        EQ(got.m[1], waits[i].cptr);
        EQ(got.m[2], 1);
        EQ(got.m[3], MISSING_CAPABILITY);
        EQ(my_buffer()->msg[4], 0);
        OK(invoke(helper[i].tcb, SUSPEND, LIST(), LIST()));
    }
    for (u32 i = 0; i < 3; i++)
        OK(invoke(helper[i].tcb, SET_SPACE, LIST(0, 0, 0), LIST(ROOT, MY_PD)));
    OK(on_slot(DELETE, handler));
}

static void check_dying_cnode(void)
{
    u32 cnode = make(CAP_TABLE, 2), inner = make(CAP_TABLE, 2), endpoint = make(ENDPOINT, 0);
    u32 child = slots(1), second = copied(cnode, ALL);
    OK(invoke(inner, COPY, LIST(0, 2, endpoint, 32, ALL), LIST(ROOT)));
    OK(invoke(inner, MINT, LIST(1, 2, endpoint, 32, ALL, 7), LIST(ROOT)));
    OK(invoke(ROOT, COPY, LIST(child, 32, 1, 2, ALL), LIST(inner)));
    OK(invoke(cnode, MOVE, LIST(3, 2, inner, 32), LIST(ROOT)));
    OK(invoke(cnode, COPY, LIST(2, 2, cnode, 32, ALL), LIST(ROOT))); /* a loop */
    OK(on_slot(DELETE, cnode));
    OK(invoke(second, COPY, LIST(1, 2, endpoint, 32, ALL), LIST(ROOT)));
    OK(on_slot(REVOKE, second));
    OK(on_slot(DELETE, second));
    EQ(identify(child), TAG_ENDPOINT);
    EQ(identify(endpoint), TAG_ENDPOINT);
    OK(on_slot(REVOKE, endpoint));
    EQ(identify(child), TAG_NULL);
    OK(on_slot(DELETE, endpoint));
}

static void check_reply_cap(void)
{
    u32 endpoint = make(ENDPOINT, 0), saved = slots(1);
    struct job job = doing(CALL, endpoint);
    begin(helper[0], &job);
    wait(endpoint);
    OK(on_slot(SAVE_CALLER, saved));
    OK(on_slot(REVOKE, saved));
    EQ(identify(saved), TAG_REPLY);
    OK(on_slot(DELETE, saved));
    yield();
    EQ(job.done, 0);
    OK(invoke(helper[0].tcb, RESUME, LIST(), LIST()));
    wait(endpoint);
    OK(on_slot(SAVE_CALLER, saved));
    FAILS(on_slot(RECYCLE, saved), ILLEGAL_OPERATION);
    OK(on_slot(DELETE, helper[0].tcb)); /* its reply capability goes with it */
    EQ(identify(saved), TAG_NULL);
    OK(on_slot(DELETE, endpoint));
}

static void check_thread(void)
{
    u32 endpoint = make(ENDPOINT, 0), second = copied(helper[1].tcb, ALL);
    struct job job = doing(WAIT, endpoint);
    begin(helper[1], &job);
    yield();
    OK(on_slot(DELETE, helper[1].tcb));
    send(endpoint, 6, LIST(1)); /* the thread lives on by its other capability */
    yield();
    EQ(job.answer.info, INFO(6, 0, 1));
    helper[1].tcb = second;
    begin(helper[1], &job);
    yield();
    OK(on_slot(DELETE, second));
    message(NB_SEND, endpoint, INFO(7, 0, 0), LIST(), LIST());
    yield();
    EQ(job.done, 0);
    OK(on_slot(DELETE, endpoint));
}

static void check_irq_handler(void)
{
    u32 irq = slots(1), async = make(ASYNC_ENDPOINT, 0);
    OK(invoke(IRQ_CTRL, IRQ_GET, LIST(3, irq, 32), LIST(ROOT)));
    u32 second = copied(irq, ALL);
    OK(invoke(irq, IRQ_SET, LIST(), LIST(async)));
    OK(on_slot(DELETE, irq));
    FAILS(invoke(IRQ_CTRL, IRQ_GET, LIST(3, irq, 32), LIST(ROOT)), REVOKE_FIRST);
    OK(on_slot(DELETE, second));
    OK(invoke(IRQ_CTRL, IRQ_GET, LIST(3, irq, 32), LIST(ROOT)));
    OK(on_slot(REVOKE, IRQ_CTRL));
    EQ(identify(irq), TAG_NULL);
    OK(invoke(IRQ_CTRL, IRQ_GET, LIST(3, irq, 32), LIST(ROOT)));
    OK(invoke(irq, IRQ_SET, LIST(), LIST(async)));
    OK(on_slot(RECYCLE, irq));
    EQ(identify(irq), TAG_IRQ);
    FAILS(invoke(IRQ_CTRL, IRQ_GET, LIST(3, second, 32), LIST(ROOT)), REVOKE_FIRST);
    OK(on_slot(DELETE, irq));
    OK(on_slot(DELETE, async));
}

static void check_recycled_cnode(void)
{
    u32 cnode = make(CAP_TABLE, 2), endpoint = make(ENDPOINT, 0), probe = slots(1);
    OK(invoke(cnode, COPY, LIST(3, 2, endpoint, 32, ALL), LIST(ROOT)));
    OK(invoke(ROOT, MUTATE, LIST(probe, 32, cnode, 32, GUARD(5, 3)), LIST(ROOT)));
    u32 child = copied(probe, ALL);
    OK(on_slot(RECYCLE, probe));
    EQ(identify(child), TAG_NULL);
    FAILS(invoke(probe, MOVE, LIST(0, 2, 3, 2), LIST(probe)), FAILED_LOOKUP, 1,
          MISSING_CAPABILITY, 2);
    EQ(identify(endpoint), TAG_ENDPOINT);
    OK(on_slot(DELETE, probe));
    OK(on_slot(DELETE, endpoint));
}

static void check_recycled_endpoint(void)
{
    u32 endpoint = make(ENDPOINT, 0), badged = minted(endpoint, ALL, 8);
    struct job job = doing(CALL, badged);
    begin(helper[2], &job);
    yield();
    OK(on_slot(RECYCLE, endpoint));
    EQ(identify(badged), TAG_NULL);
    yield();
    TRUE(job.done);
    GOT(job.answer, 0, INFO(INVALID_CAPABILITY, 0, 1), 0);
    job.cptr = endpoint;
    begin(helper[2], &job);
    GOT(wait(endpoint), 0, INFO(2, 0, 1), 8);
    message(REPLY, 0, 0, LIST(), LIST());
    u32 async = make(ASYNC_ENDPOINT, 0);
    send(async, 0, LIST(0xff));
    OK(on_slot(RECYCLE, async));
    message(NB_SEND, async, INFO(0, 0, 1), LIST(2), LIST());
    GOT(wait(async), 0, 1, 2);
    yield();
    OK(on_slot(DELETE, async));
    OK(on_slot(DELETE, endpoint));
}

static void check_recycled_thread(void)
{
    u32 endpoint = make(ENDPOINT, 0), registers[REGISTERS];
    struct job job = doing(SEND, endpoint);
    begin(helper[3], &job);
    yield();
    OK(on_slot(RECYCLE, helper[3].tcb));
    get_registers(helper[3].tcb, registers);
    for (u32 i = 0; i < REGISTERS; i++)
        EQ(registers[i], i == CPSR ? 0x50 : 0);
    message(NB_SEND, endpoint, 0, LIST(), LIST());
    struct thread thread = { helper[3].tcb, helper[3].buffer, helper[3].stack_top };
    OK(invoke(thread.tcb, CONFIGURE, LIST(0, 255, 0, 0, (u32)thread.buffer),
              LIST(ROOT, MY_PD, frame_of(thread.buffer))));
    begin(thread, &job);
    GOT(wait(endpoint), 0, INFO(2, 0, 1), 8);
    yield();
    OK(on_slot(DELETE, thread.tcb));
    OK(on_slot(DELETE, endpoint));
}

void check_deletion(void)
{
    for (u32 i = 0; i < 4; i++)
        helper[i] = new_thread(255, 0, 1);
    check_endpoint();
    check_dying_cnode();
    check_reply_cap();
    check_thread();
    check_irq_handler();
    check_recycled_cnode();
    check_recycled_endpoint();
    check_recycled_thread();
    OK(on_slot(DELETE, helper[2].tcb));
}
