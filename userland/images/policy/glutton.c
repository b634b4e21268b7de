/* SPDX-License-Identifier: BSD-2-Clause */

#include <sel4/io.h>
#include <sel4/sel4.h>

#include "programs.h"

static int retype_own(const struct summary *self, seL4_Word memory, seL4_ObjectType type,
                      seL4_Word size_bits, seL4_Word count)
{
    return seL4_Untyped_Retype(self->memory_first + memory, type, size_bits, SUMMARY_CNODE, 0, 0,
                               self->free, count);
}

static void take_back(const struct summary *self, seL4_Word memory)
{
    seL4_CNode_Revoke(SUMMARY_CNODE, self->memory_first + memory, seL4_WordBits);
}

/* All of a piece as one CNode, then as threads, pages, halves: and nothing of a second try. */
static void exhaust(const struct summary *self, seL4_Word memory)
{
    static const struct {
        seL4_ObjectType type;
        seL4_Word size_bits, count;
    } wishes[] = {
        {seL4_CapTableObject, 16, 1},     {seL4_CapTableObject, 20, 1},
        {seL4_UntypedObject, 19, 2},      {seL4_UntypedObject, 20, 1},
        {seL4_ARM_SectionObject, 0, 1},   {seL4_ARM_SectionObject, 0, 2},
        {seL4_TCBObject, 0, 64},          {seL4_ARM_PageDirectoryObject, 0, 16},
        {seL4_ARM_SuperSectionObject, 0, 1},
    };
    for (seL4_Word i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        retype_own(self, memory, wishes[i].type, wishes[i].size_bits, wishes[i].count);
        retype_own(self, memory, seL4_EndpointObject, 0, 1);
        take_back(self, memory);
    }
}

/* The channels and all that is behind them: of what others hold, nothing may go. (Of its parts
   it could revoke what its own thread runs on, and be gone.) */
static void revoke_everything(const struct summary *self)
{
    for (seL4_Word i = 0; i < self->channel_count; i++) {
        seL4_CNode_Revoke(SUMMARY_CNODE, self->channels[i].slot, seL4_WordBits);
        seL4_CNode_Recycle(SUMMARY_CNODE, self->channels[i].slot, seL4_WordBits);
    }
    for (seL4_Word i = 0; i < self->memory_count; i++) {
        take_back(self, i);
    }
}

/* An empty slot for a capability that a message might bring. */
static void take_what_is_sent(const struct summary *self)
{
    enum { BEHIND = 8 };
    seL4_SetCapReceivePath(SUMMARY_CNODE, self->free + BEHIND, seL4_WordBits);
}

/* A thread of its own with its CSpace and VSpace, which stays stopped. */
static void multiply(const struct summary *self)
{
    if (self->memory_count == 0 || retype_own(self, 0, seL4_TCBObject, 0, 1) != seL4_NoError) {
        return;
    }
    seL4_TCB_SetSpace(self->free, seL4_CapNull, SUMMARY_CNODE, seL4_NilData, SUMMARY_VSPACE,
                      seL4_NilData);
    seL4_TCB_SetPriority(self->free, 255);
}

_Noreturn void glutton(const struct summary *self)
{
    printf("  %s: exhausts and revokes\n", self->name);
    for (seL4_Word memory = 0; memory < self->memory_count; memory++) {
        exhaust(self, memory);
    }
    take_what_is_sent(self);
    use_channels(self);
    revoke_everything(self);
    multiply(self);
    printf("  %s: done\n", self->name);
    rest();
}
