/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How clients talk to the timer server, and the CSpaces of both.
 *
 * A thread waits at one endpoint at a time, so everything that the server waits for comes through
 * the AsyncEndpoint of the ticks: a badge bit for the interrupt and one for each client, which the
 * kernel gathers by OR. A client first rings, and then calls with the number of ticks; the call
 * ends when the time is over. Clients are trusted in one point: to call after they have rung.
 */
#pragma once

#include <sel4/types.h>

enum { CLIENTS = 2 };

/* Bits of the badge that the server finds at the AsyncEndpoint. */
enum {
    BADGE_TICK = 1 << 0,
    BADGE_FIRST_CLIENT = 1 << 1,
};

/* Slots. With the guard, a capability pointer is the slot's number. */
enum {
    SLOT_BITS = 5,

    /* The server has these four capabilities, and the saved callers. */
    SERVER_CNODE = 1, /* itself, to save callers into */
    SERVER_REQUESTS,  /* Write too: who only reads cannot be given the right to reply */
    SERVER_TICKS,     /* Read only */
    SERVER_INTERRUPT, /* to acknowledge */
    SERVER_CAPS = 4,
    SERVER_CALLERS = 16, /* one slot for each client */

    CLIENT_BELL = 1, /* the AsyncEndpoint: Write only */
    CLIENT_TIMER,    /* requests: Write, and Grant for the right to reply */
    CLIENT_REPORT,   /* to the manager: Write only */
    CLIENT_THREAD,   /* itself, to end */
};

/* A reply of the server, and a report of a client. */
struct wakeup {
    seL4_Word wanted; /* ticks to sleep */
    seL4_Word asked;  /* the tick at which the server got the request */
    seL4_Word woke;   /* the tick at which it replied */
    seL4_Word cycles; /* of the processor, from the start of the timer to the reply */
};

enum { WAKEUP_WORDS = 4 };

/* How long each client sleeps, one time after the other; 0 ends the list. */
enum { SLEEPS_MAX = 4 };
extern const seL4_Word client_sleeps[CLIENTS][SLEEPS_MAX];

/* Where the threads start. */
_Noreturn void timer_server(void);
_Noreturn void early_client(void);
_Noreturn void late_client(void);
