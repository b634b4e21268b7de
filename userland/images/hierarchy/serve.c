/* SPDX-License-Identifier: BSD-2-Clause */

#include "serve.h"

#include <sel4/sel4.h>

#include "child.h"

static void reply(const struct answer *answer)
{
    struct account account = answer->account;
    const seL4_Word caps = answer->cap != seL4_CapNull;
    seL4_SetCap(0, answer->cap);
    seL4_ReplyWithMRs(seL4_MessageInfo_new(answer->label, 0, caps, ACCOUNT_WORDS), &account.made,
                      &account.given, &account.left, NULL);
}

void send_pulse(seL4_Word number, seL4_Word bytes)
{
    seL4_SendWithMRs(CHILD_PULSE, seL4_MessageInfo_new(0, 0, 0, PULSE_WORDS), &number, &bytes,
                     NULL, NULL);
}

_Noreturn void serve(void *self, struct answer (*policy)(void *self, seL4_Word question))
{
    for (;;) {
        seL4_Word question = 0;
        seL4_WaitWithMRs(CHILD_HEAR, NULL, &question, NULL, NULL, NULL);
        const struct answer answer = policy(self, question);
        reply(&answer);
        if (question == ASK_PULSE) {
            send_pulse(0, answer.account.made);
        }
    }
}
