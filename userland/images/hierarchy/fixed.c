/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The static policy: every object is made at the start. Whoever asks gets one, as long as there
 * are any, and keeps it: nothing is taken back, so a promise once made holds.
 */

#include <sel4/io.h>
#include <sel4/sel4.h>

#include "child.h"
#include "serve.h"

struct fixed {
    const char *name;
    seL4_Word pages;
    seL4_Word out; /* pages handed out */
};

static struct answer hand_out(struct fixed *self)
{
    if (self->out == self->pages) {
        printf("  %-5s   refuses: all %u pages are out\n", self->name,
               (unsigned)self->pages);
        return (struct answer){.label = ANSWER_REFUSED};
    }
    self->out++;
    return (struct answer){.cap = CHILD_FREE + self->out - 1};
}

static struct answer show_books(const struct fixed *self)
{
    return (struct answer){.account = {.made = self->pages << seL4_PageBits}};
}

static struct answer answer(void *state, seL4_Word question)
{
    switch (question) {
    case ASK_PAGE: return hand_out(state);
    case ASK_BOOKS:
    case ASK_PULSE: return show_books(state);
    default: return (struct answer){.label = ANSWER_REFUSED};
    }
}

static _Noreturn void live(const char *name, seL4_Word memory_bits)
{
    struct fixed self = {.name = name, .pages = (seL4_Word)1 << (memory_bits - seL4_PageBits)};
    retype(CHILD_MEMORY, seL4_ARM_SmallPageObject, 0, CHILD_FREE, self.pages);
    printf("  %-5s   makes %u pages of its %u bytes at once\n", name, (unsigned)self.pages,
           1u << memory_bits);
    serve(&self, answer);
}

_Noreturn void fixed_manager(void)
{
    live("fixed", FIXED_MEMORY_BITS);
}

_Noreturn void heir_manager(void)
{
    live("heir", HEIR_MEMORY_BITS);
}
