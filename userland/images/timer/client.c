/* SPDX-License-Identifier: BSD-2-Clause */
/* The clients of the timer server. They may touch no global variable. */

#include <sel4/io.h>
#include <sel4/sel4.h>

#include "protocol.h"

const seL4_Word client_sleeps[CLIENTS][SLEEPS_MAX] = {{2, 2, 4}, {5, 1, 2}};

static void sleep(struct wakeup *words)
{
    seL4_Notify(CLIENT_BELL, 0);
    seL4_CallWithMRs(CLIENT_TIMER, seL4_MessageInfo_new(0, 0, 0, 1), &words->wanted,
                     &words->asked, &words->woke, &words->cycles);
}

static void report(struct wakeup *words)
{
    seL4_SendWithMRs(CLIENT_REPORT, seL4_MessageInfo_new(0, 0, 0, WAKEUP_WORDS), &words->wanted,
                     &words->asked, &words->woke, &words->cycles);
}

static _Noreturn void end(void)
{
    for (;;) {
        (void)seL4_TCB_Suspend(CLIENT_THREAD);
    }
}

static _Noreturn void live(const char *name, const seL4_Word *sleeps)
{
    for (; *sleeps != 0; sleeps++) {
        struct wakeup words = {.wanted = *sleeps};
        sleep(&words);
        printf("  %-5s   woke at tick %u, having asked for %u at tick %u\n", name,
               (unsigned)words.woke, (unsigned)words.wanted, (unsigned)words.asked);
        report(&words);
    }
    end();
}

_Noreturn void early_client(void)
{
    live("early", client_sleeps[0]);
}

_Noreturn void late_client(void)
{
    live("late", client_sleeps[1]);
}
