/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer server. It may touch no global variable: it has its own VSpace. */

#include <manager/check.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "epit.h"
#include "protocol.h"

/* A client whose call is not answered yet. */
struct sleeper {
    bool asleep;
    struct wakeup wakeup;
};

struct server {
    seL4_Word now; /* in ticks */
    struct sleeper sleepers[CLIENTS];
};

/* ---- requests ---- */

/* The next reply would go to the last caller only: the right to reply is kept in a slot. */
static void save_caller(seL4_Word client)
{
    require_no_error(
        seL4_CNode_SaveCaller(SERVER_CNODE, SERVER_CALLERS + client, seL4_WordBits),
        "save the caller");
}

static void take_request(struct server *self)
{
    seL4_Word badge = 0;
    seL4_Word ticks = 0;
    seL4_WaitWithMRs(SERVER_REQUESTS, &badge, &ticks, NULL, NULL, NULL);
    require(badge >= 1 && badge <= CLIENTS, "a request with an unknown badge");
    struct sleeper *const one = &self->sleepers[badge - 1];
    require(!one->asleep && ticks > 0, "a request that makes no sense");
    save_caller(badge - 1);
    *one = (struct sleeper){true, {ticks, self->now, self->now + ticks, 0}};
    printf("  timer   tick %u: %s sleeps until tick %u\n", (unsigned)self->now,
           badge == 1 ? "early" : "late", (unsigned)one->wakeup.woke);
}

/* Clients that rang at the same time: as many calls are here or on their way. */
static void take_requests(struct server *self, seL4_Word badge)
{
    for (seL4_Word client = 0; client < CLIENTS; client++) {
        if (badge & BADGE_FIRST_CLIENT << client) {
            take_request(self);
        }
    }
}

/* ---- ticks ---- */

/* A saved reply capability is used up by the one message that it carries. */
static void wake(struct sleeper *one, seL4_CPtr caller)
{
    struct wakeup *const words = &one->wakeup;
    one->asleep = false;
    words->cycles = seL4_CycleRead();
    seL4_SendWithMRs(caller, seL4_MessageInfo_new(0, 0, 0, WAKEUP_WORDS), &words->wanted,
                     &words->asked, &words->woke, &words->cycles);
}

static void take_tick(struct server *self)
{
    self->now++;
    /* First the device, then the line: the other way round it would interrupt again at once. */
    epit_acknowledge();
    require_no_error(seL4_IRQHandler_Ack(SERVER_INTERRUPT), "acknowledge the interrupt");
    printf("  timer   tick %u\n", (unsigned)self->now);
    for (seL4_Word client = 0; client < CLIENTS; client++) {
        struct sleeper *const one = &self->sleepers[client];
        if (one->asleep && one->wakeup.woke <= self->now) {
            wake(one, SERVER_CALLERS + client);
        }
    }
}

/* ---- its life ---- */

static void count_capabilities(void)
{
    seL4_Word count = 0;
    for (seL4_CPtr slot = 0; slot < 1u << SLOT_BITS; slot++) {
        count += seL4_DebugCapIdentify(slot) != 0;
    }
    require(count == SERVER_CAPS, "the timer server does not have exactly its capabilities");
    printf("  timer   finds %u capabilities in its CSpace\n", (unsigned)count);
}

static void start_clock(void)
{
    epit_start();
    seL4_CycleReset();
    require(epit_counts_left() < EPIT_COUNTS_PER_TICK, "the counter of EPIT2 is out of range");
    printf("  timer   starts EPIT2: an interrupt each %u counts at %u Hz\n", EPIT_COUNTS_PER_TICK,
           EPIT_HERTZ);
}

_Noreturn void timer_server(void)
{
    struct server self = {0};
    count_capabilities();
    start_clock();
    for (;;) {
        seL4_Word badge = 0;
        seL4_Wait(SERVER_TICKS, &badge);
        if (badge & BADGE_TICK) {
            take_tick(&self);
        }
        take_requests(&self, badge);
    }
}
