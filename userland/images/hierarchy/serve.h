/* SPDX-License-Identifier: BSD-2-Clause */
/* What all sub-managers do alike: hear a question, answer it, hear the next. */
#pragma once

#include "policies.h"

struct answer {
    seL4_Word label;
    struct account account;
    seL4_CPtr cap; /* goes with the answer unless it is seL4_CapNull */
};

/* Answers with `policy(self, question)` for ever. */
_Noreturn void serve(void *self, struct answer (*policy)(void *self, seL4_Word question));

/* Sends a pulse, and waits until the initial manager takes it. */
void send_pulse(seL4_Word number, seL4_Word bytes);
