/* SPDX-License-Identifier: BSD-2-Clause */

#include <manager/check.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "programs.h"

/* Pages for itself: the rest of its memory it keeps. */
static void use_memory(const struct summary *self)
{
    enum { PAGES = 16 };
    if (self->memory_count == 0 || self->free + PAGES > 1u << self->slot_bits) {
        return;
    }
    require_no_error(seL4_Untyped_Retype(self->memory_first, seL4_ARM_SmallPageObject, 0,
                                         SUMMARY_CNODE, 0, 0, self->free, PAGES),
                     "make pages of its own memory");
}

static void use_channel(const struct summary *self, const struct summary_channel *channel)
{
    seL4_Word word = self->number;
    seL4_Word badge = 0;
    if (channel->sends) {
        seL4_SendWithMRs(channel->slot, seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
        return;
    }
    seL4_WaitWithMRs(channel->slot, &badge, &word, NULL, NULL, NULL);
    printf("  %s: %s of %u heard\n", self->name,
           channel->kind == POLICY_CHANNEL_COMM ? "message" : "event", (unsigned)channel->peer);
}

void use_channels(const struct summary *self)
{
    for (seL4_Word i = 0; i < self->channel_count; i++) {
        use_channel(self, &self->channels[i]);
    }
}

_Noreturn void rest(void)
{
    seL4_TCB_Suspend(SUMMARY_TCB);
    for (;;) {
    }
}

_Noreturn void worker(const struct summary *self)
{
    printf("  %s: %u MiB, %u channels\n", self->name, (unsigned)self->memory_count,
           (unsigned)self->channel_count);
    use_memory(self);
    use_channels(self);
    printf("  %s: done\n", self->name);
    rest();
}

seL4_Word program_entry(seL4_Word number)
{
    switch (number) {
    case POLICY_PROGRAM_WORKER: return (seL4_Word)worker;
    case POLICY_PROGRAM_SMUGGLER: return (seL4_Word)smuggler;
    case POLICY_PROGRAM_GLUTTON: return (seL4_Word)glutton;
    default: require(false, "there is no program of this number"); return 0;
    }
}
