/* SPDX-License-Identifier: BSD-2-Clause */

#include <sel4/io.h>
#include <sel4/sel4.h>

#include "programs.h"

/* Slots behind what the manager gave, for what it makes itself. */
enum { COPY, WIDE, ENDPOINT, MADE };

/* Its CSpace, its thread and its memory, with every message that it may send. */
static void pass_capabilities(const struct summary *self)
{
    for (seL4_Word i = 0; i < self->channel_count; i++) {
        if (self->channels[i].sends) {
            seL4_SetCap(0, SUMMARY_CNODE);
            seL4_SetCap(1, SUMMARY_TCB);
            seL4_SetCap(2, self->memory_first);
            seL4_NBSend(self->channels[i].slot, seL4_MessageInfo_new(0, 0, 3, 0));
        }
    }
}

/* A copy that asks for all rights has no more than the original. */
static void amplify(const struct summary *self)
{
    for (seL4_Word i = 0; i < self->channel_count; i++) {
        const seL4_Word copy = self->free + COPY;
        seL4_CNode_Copy(SUMMARY_CNODE, copy, seL4_WordBits, SUMMARY_CNODE, self->channels[i].slot,
                        seL4_WordBits, seL4_AllRights);
        seL4_SetCap(0, SUMMARY_CNODE);
        seL4_NBSend(copy, seL4_MessageInfo_new(0, 0, 1, 0));
        seL4_CNode_Delete(SUMMARY_CNODE, copy, seL4_WordBits);
    }
}

/* A CNode capability whose guard reaches beyond the CNode, and others of its parts. */
static void forge_guards(const struct summary *self)
{
    const seL4_Word wide = self->free + WIDE;
    for (seL4_Word size = 0; size < seL4_WordBits; size++) {
        seL4_CNode_Mint(SUMMARY_CNODE, wide, seL4_WordBits, SUMMARY_CNODE, SUMMARY_CNODE,
                        seL4_WordBits, seL4_AllRights, seL4_CapData_Guard_new(size, size));
        seL4_CNode_Copy(SUMMARY_CNODE, self->free + COPY, seL4_WordBits, wide,
                        (1u << self->slot_bits) + size, seL4_WordBits, seL4_AllRights);
        seL4_CNode_Delete(SUMMARY_CNODE, self->free + COPY, seL4_WordBits);
        seL4_CNode_Delete(SUMMARY_CNODE, wide, seL4_WordBits);
    }
}

/* Every number that could be a capability of somebody: the manager's slots, addresses. With
   NBSend, because a Call on what is not there ends the thread. */
static void guess(const struct summary *self)
{
    static const seL4_Word labels[] = {ABI_LABEL_TCB_SUSPEND, ABI_LABEL_CNODE_REVOKE,
                                       ABI_LABEL_UNTYPED_RETYPE, ABI_LABEL_ASID_POOL_ASSIGN};
    for (seL4_Word bit = self->slot_bits; bit < seL4_WordBits; bit++) {
        for (seL4_Word i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
            seL4_SetCap(0, SUMMARY_VSPACE);
            seL4_NBSend((1u << bit) | SUMMARY_TCB, seL4_MessageInfo_new(labels[i], 0, 1, 6));
        }
    }
}

/* An endpoint of its own has all rights; it leads to nobody but itself. */
static void use_own_endpoint(const struct summary *self)
{
    const seL4_Word endpoint = self->free + ENDPOINT;
    if (self->memory_count == 0) {
        return;
    }
    seL4_Untyped_Retype(self->memory_first, seL4_EndpointObject, 0, SUMMARY_CNODE, 0, 0, endpoint,
                        1);
    seL4_SetCap(0, SUMMARY_CNODE);
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 1, 0));
    seL4_CNode_Mint(SUMMARY_CNODE, self->free + MADE, seL4_WordBits, SUMMARY_CNODE, endpoint,
                    seL4_WordBits, seL4_AllRights, seL4_CapData_Badge_new(7));
    seL4_CNode_Recycle(SUMMARY_CNODE, endpoint, seL4_WordBits);
}

_Noreturn void smuggler(const struct summary *self)
{
    printf("  %s: passes, amplifies, forges and guesses\n", self->name);
    pass_capabilities(self);
    amplify(self);
    forge_guards(self);
    guess(self);
    use_own_endpoint(self);
    use_channels(self);
    printf("  %s: done\n", self->name);
    rest();
}
