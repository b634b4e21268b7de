/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs when: priorities, direct switches, the order in a level, the tick. */
#include "harness.h"

static volatile u32 order[32], noted;
static u32 done, endpoint, async;

static void note(u32 what) { order[noted++ % 32] = what; }

/* Checks what was noted since the last time. */
static void check_order(int line, struct list expected)
{
    check(__FILE__, line, "number of notes", noted, expected.count);
    for (u32 i = 0; i < expected.count; i++)
        check(__FILE__, line, "note", order[i], expected.at[i]);
    noted = 0;
}

#define ORDER(...) check_order(__LINE__, LIST(__VA_ARGS__))

static void spin(u32 counter)
{
    for (;;)
        ++*(volatile u32 *)counter;
}

/* Returns right behind a tick, so that no slice ends in the middle of what follows. */
static void new_slice(void)
{
    static u32 counter;
    static struct thread spinner;
    if (!spinner.tcb)
        spinner = new_thread(255, 0, 0);
    OK(start(spinner, spin, (u32)&counter));
    yield();
    OK(invoke(spinner.tcb, SUSPEND, LIST(), LIST()));
}

static void noting(u32 what) { note(what); }

static void finishing(u32 what)
{
    note(what);
    send(done, 0, LIST());
}

static void check_resumed(void)
{
    struct thread threads[3];
    for (u32 i = 0; i < 3; i++)
        threads[i] = new_thread(255, 0, 0);
    new_slice();
    for (u32 i = 0; i < 3; i++)
        OK(start(threads[i], noting, i));
    ORDER();
    yield();
    ORDER(2, 1, 0); /* last in, first out */
    for (u32 i = 0; i < 3; i++)
        OK(on_slot(DELETE, threads[i].tcb));
}

static void check_priorities(void)
{
    static const u8 levels[] = { 10, 254, 0, 31, 32, 200, 64 };
    u32 tcbs[7];
    new_slice();
    for (u32 i = 0; i < 7; i++)
        tcbs[i] = spawn(levels[i] ? noting : finishing, levels[i], levels[i], 0).tcb;
    yield(); /* nobody else at our level */
    ORDER();
    wait(done);
    ORDER(254, 200, 64, 32, 31, 10, 0);
    for (u32 i = 0; i < 7; i++)
        OK(on_slot(DELETE, tcbs[i]));
}

static void receiving(u32 from)
{
    trap(WAIT, (struct regs){ .r0 = from });
    note(1);
}

static void calling(u32 to)
{
    note(5);
    invoke(to, 0, LIST(), LIST());
    note(6);
}

static void sending(u32 to)
{
    note(7);
    send(to, 0, LIST());
    note(8);
}

/* Equal priority: a message switches at once, a signal and a freed sender do not. */
static void check_equal(void)
{
    struct thread one = new_thread(255, 0, 1), two = new_thread(255, 0, 1);
    new_slice();
    OK(start(one, receiving, endpoint));
    yield();
    send(endpoint, 0, LIST());
    note(2);
    ORDER(1, 2);
    OK(start(one, receiving, async));
    yield();
    send(async, 0, LIST());
    note(2);
    yield();
    ORDER(2, 1);
    OK(start(one, sending, endpoint));
    yield();
    wait(endpoint);
    note(2);
    yield();
    ORDER(7, 2, 8);
    OK(start(one, calling, endpoint));
    yield();
    wait(endpoint);
    note(2);
    message(REPLY, 0, 0, LIST(), LIST());
    note(3);
    ORDER(5, 2, 6, 3);
    OK(start(one, noting, 11));
    OK(start(two, receiving, endpoint));
    yield(); /* `two` waits now; `one` has run behind it */
    OK(start(one, noting, 12));
    send(endpoint, 0, LIST()); /* to `two`; we go to the head, before `one` */
    note(13);
    yield();
    ORDER(11, 1, 13, 12);
    OK(on_slot(DELETE, one.tcb));
    OK(on_slot(DELETE, two.tcb));
}

/* A lower one that gets a message waits; a higher one runs at once. */
static void check_unequal(void)
{
    struct thread low = new_thread(50, 0, 1), high = new_thread(60, 0, 1);
    new_slice();
    OK(start(high, receiving, endpoint));
    OK(start(low, sending, done));
    wait(done);
    ORDER(7); /* `high` waits, `low` has sent */
    send(endpoint, 0, LIST());
    note(2);
    OK(start(high, sending, done)); /* replaces its place behind the message */
    wait(done);
    ORDER(2, 7);
    OK(start(low, finishing, 3));
    wait(done);
    ORDER(8, 3);
    OK(on_slot(DELETE, low.tcb));
    OK(on_slot(DELETE, high.tcb));
}

static u32 own_tcb;

static void lowering(u32 level)
{
    note(1);
    invoke(own_tcb, SET_PRIORITY, LIST(level), LIST());
    note(2);
    send(done, 0, LIST());
}

static void check_set_priority(void)
{
    struct thread lowered = new_thread(100, 0, 1), middle = new_thread(70, 0, 1);
    own_tcb = lowered.tcb;
    OK(start(middle, noting, 3));
    OK(start(lowered, lowering, 50));
    wait(done);
    ORDER(1, 3, 2);
    struct thread threads[3];
    for (u32 i = 0; i < 3; i++)
        threads[i] = spawn(i ? noting : finishing, i, 40 + i, 0);
    OK(invoke(threads[1].tcb, SET_PRIORITY, LIST(80), LIST()));
    OK(invoke(threads[2].tcb, SET_PRIORITY, LIST(80), LIST()));
    wait(done);
    ORDER(2, 1, 0);
    OK(start(threads[2], noting, 4));
    OK(start(threads[1], noting, 5));
    OK(invoke(threads[2].tcb, SET_PRIORITY, LIST(80), LIST())); /* again at the head */
    OK(start(threads[0], finishing, 6));
    wait(done);
    ORDER(4, 5, 6);
    for (u32 i = 0; i < 3; i++)
        OK(on_slot(DELETE, threads[i].tcb));
    OK(on_slot(DELETE, lowered.tcb));
    OK(on_slot(DELETE, middle.tcb));
}

static volatile u32 counters[2];

static void check_round_robin(void)
{
    struct thread threads[2];
    for (u32 i = 0; i < 2; i++)
        threads[i] = spawn(spin, (u32)&counters[i], 255, 0);
    for (u32 round = 0; round < 3; round++) {
        u32 first = counters[0], second = counters[1];
        yield();
        TRUE(counters[0] > first + 1000);
        TRUE(counters[1] > second + 1000);
    }
    for (u32 i = 0; i < 2; i++)
        OK(on_slot(DELETE, threads[i].tcb));
    u32 last = counters[0];
    yield();
    EQ(counters[0], last);
}

/* A reply and a freed sender in one entry: the highest of all runs first. */
static void serving(u32 high)
{
    trap(WAIT, (struct regs){ .r0 = endpoint });
    note(20);
    invoke(high, RESUME, LIST(), LIST()); /* it queues up behind our back */
    note(21);
    trap(REPLY_WAIT, (struct regs){ .r0 = endpoint });
    note(22);
    send(done, 0, LIST());
}

static void check_two_switches(void)
{
    struct thread server = new_thread(100, 0, 1), client = new_thread(100, 0, 1);
    struct thread high = new_thread(150, 0, 1), low = new_thread(20, 0, 1);
    new_slice();
    OK(start(high, sending, endpoint));
    OK(invoke(high.tcb, SUSPEND, LIST(), LIST()));
    OK(start(client, calling, endpoint));
    OK(start(server, serving, high.tcb)); /* runs first, waits, and gets the call at once */
    wait(done);
    ORDER(5, 20, 7, 21, 8, 22); /* `high` is freed and runs before server and client */
    OK(start(low, finishing, 9));
    wait(done);
    ORDER(6, 9);
    OK(on_slot(DELETE, server.tcb));
    OK(on_slot(DELETE, client.tcb));
    OK(on_slot(DELETE, high.tcb));
    OK(on_slot(DELETE, low.tcb));
}

void check_schedule(void)
{
    done = make(ENDPOINT, 0);
    endpoint = make(ENDPOINT, 0);
    async = make(ASYNC_ENDPOINT, 0);
    check_resumed();
    check_priorities();
    check_equal();
    check_unequal();
    check_set_priority();
    check_round_robin();
    check_two_switches();
}
