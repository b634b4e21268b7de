/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that destroy what they run on, in the middle of a system call. */
#include "harness.h"

static u32 handler, untyped, tcb, cnode, frame;
static struct thread victim;
static struct job job;

enum { OWN_TCB = 1, OWN_CNODE, OWN_PD, OWN_FRAME, OWN_UNTYPED, OWN_ENDPOINT };

static struct regs inside(u32 to, u32 from)
{
    return invoke(cnode, COPY, LIST(to, 32, from, 32, ALL), LIST(ROOT));
}

/* A thread whose TCB, CSpace and buffer lie in one Untyped; its CSpace names all of that. */
static void prepare(void)
{
    untyped = make_untyped(17);
    tcb = slots(3);
    cnode = tcb + 1;
    frame = tcb + 2;
    victim = new_thread(255, 0, 1);
    OK(on_slot(DELETE, victim.tcb));
    OK(retype(untyped, TCB, 0, tcb, 1));
    OK(retype(untyped, CAP_TABLE, 4, cnode, 1));
    OK(retype(untyped, SMALL_PAGE, 0, frame, 1));
    u32 guarded = slots(1);
    OK(invoke(ROOT, MUTATE, LIST(guarded, 32, cnode, 32, GUARD(0, 28)), LIST(ROOT)));
    cnode = guarded;
    victim.tcb = tcb;
    OK(inside(OWN_TCB, tcb));
    OK(inside(OWN_CNODE, cnode));
    OK(inside(OWN_PD, MY_PD));
    OK(inside(OWN_FRAME, frame));
    OK(inside(OWN_ENDPOINT, handler));
    OK(invoke(tcb, CONFIGURE, LIST(0, 255, 0, 0, (u32)victim.buffer),
              LIST(cnode, MY_PD, frame_of(victim.buffer))));
}

static struct regs move_inside(u32 to, u32 from)
{
    return invoke(cnode, MOVE, LIST(to, 32, from, 32), LIST(ROOT));
}

/* The victim makes one call; the rest of the system goes on, and its memory can be had again. */
static void run(u32 number, u32 cptr, u32 label, struct list words, struct list caps)
{
    job = (struct job){ .number = number, .cptr = cptr,
                        .word = INFO(label, caps.count, words.count),
                        .word_count = words.count, .cap_count = caps.count };
    for (u32 i = 0; i < words.count; i++)
        job.words[i] = words.at[i];
    for (u32 i = 0; i < caps.count; i++)
        job.caps[i] = caps.at[i];
    begin(victim, &job);
    yield();
    yield();
}

/* What the victim left behind can be revoked, and its memory is whole again. */
static void clean_up(void)
{
    OK(on_slot(REVOKE, untyped));
    EQ(identify(tcb), TAG_NULL);
    EQ(identify(cnode), TAG_NULL);
    EQ(identify(frame), TAG_NULL);
    OK(retype(untyped, UNTYPED, 17, tcb, 1));
    OK(on_slot(DELETE, tcb));
    OK(on_slot(DELETE, untyped));
}

/* It revokes the Untyped that it was made from, through our CSpace or through its own. */
static void check_revoking_memory(int number, u32 own_cspace)
{
    prepare();
    if (own_cspace) {
        OK(invoke(cnode, COPY, LIST(9, 32, ROOT, 32, ALL), LIST(ROOT)));
        run((u32)number, 9, REVOKE, LIST(untyped, 32), LIST());
    } else {
        OK(invoke(tcb, SET_SPACE, LIST(0, 0, 0), LIST(ROOT, MY_PD)));
        run((u32)number, ROOT, REVOKE, LIST(untyped, 32), LIST());
    }
    EQ(job.done, 0);
    EQ(identify(untyped), TAG_UNTYPED);
    EQ(identify(tcb), TAG_NULL);
    clean_up();
}

/* The Untyped itself lies in the CSpace that goes with it: a revoke ends where it dies. */
static void check_revoking_from_inside(u32 label)
{
    prepare();
    OK(move_inside(OWN_UNTYPED, untyped));
    run((u32)CALL, OWN_CNODE, label, LIST(OWN_UNTYPED, 32), LIST());
    EQ(identify(cnode), label == REVOKE ? TAG_NULL : TAG_CNODE);
    OK(on_slot(DELETE, tcb));
    OK(on_slot(DELETE, cnode));
    OK(on_slot(DELETE, frame));
}

static void check_deleting_thread(u32 label)
{
    prepare();
    OK(invoke(cnode, DELETE, LIST(OWN_TCB, 32), LIST()));
    OK(move_inside(OWN_TCB, tcb));
    OK(inside(10, ROOT));
    victim.tcb = slots(1);
    OK(invoke(ROOT, MOVE, LIST(victim.tcb, 32, OWN_TCB, 32), LIST(cnode)));
    job.done = 0;
    run((u32)CALL, 10, label, LIST(victim.tcb, 32), LIST());
    EQ(job.done, 0);
    EQ(identify(victim.tcb), label == RECYCLE ? TAG_TCB : TAG_NULL);
    if (label == RECYCLE) {
        u32 registers[REGISTERS];
        get_registers(victim.tcb, registers);
        for (u32 i = 0; i < REGISTERS; i++)
            EQ(registers[i], i == CPSR ? 0x50 : 0);
    }
    clean_up();
}

/* The CSpace, the thread and nothing else hold each other; a call ends both. */
static void check_island(u32 method)
{
    prepare();
    OK(invoke(cnode, DELETE, LIST(OWN_TCB, 32), LIST()));
    OK(invoke(cnode, DELETE, LIST(OWN_CNODE, 32), LIST()));
    OK(inside(10, ROOT));
    job = (struct job){ .number = (u32)CALL };
    struct list words = method == SET_SPACE ? LIST(0, 0, 0) : LIST(OWN_TCB, 32);
    struct list caps = method == SET_SPACE ? LIST(10, OWN_PD) : LIST();
    job.cptr = method == SET_SPACE ? OWN_TCB : OWN_CNODE;
    job.word = INFO(method, caps.count, words.count);
    for (u32 i = 0; i < 3; i++)
        job.words[i] = i < words.count ? words.at[i] : 0;
    job.word_count = 3;
    job.caps[0] = 10;
    job.caps[1] = OWN_PD;
    job.cap_count = 2;
    begin(victim, &job);
    OK(move_inside(OWN_TCB, tcb));
    OK(method == DELETE ? move_inside(OWN_CNODE, cnode) : on_slot(DELETE, cnode));
    yield();
    yield();
    EQ(job.done, 0);
    clean_up();
}

/* Its IPC buffer goes while the answer would have to be written there. */
static void check_losing_buffer(void)
{
    prepare();
    u32 page = frame_of(victim.buffer), other = make(TCB, 0);
    OK(inside(10, ROOT));
    run((u32)CALL, 10, REVOKE, LIST(page, 32), LIST());
    EQ(job.done, 1);
    GOT(job.answer, 0, 0);
    OK(inside(11, other));
    run((u32)CALL, 11, READ_REGS, LIST(0, 17), LIST());
    EQ(job.done, 1);
    EQ(job.answer.info, INFO(0, 0, 4)); /* without a buffer four words arrive */
    OK(on_slot(DELETE, other));
    clean_up();
}

void check_hostile(void)
{
    handler = make(ENDPOINT, 0);
    check_revoking_memory(CALL, 0);
    check_revoking_memory(SEND, 0);
    check_revoking_memory(CALL, 1);
    check_revoking_from_inside(REVOKE);
    check_revoking_from_inside(DELETE);
    check_deleting_thread(DELETE);
    check_deleting_thread(RECYCLE);
    check_island(SET_SPACE);
    check_island(DELETE);
    check_losing_buffer();
}
