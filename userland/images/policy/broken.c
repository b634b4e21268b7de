/* SPDX-License-Identifier: BSD-2-Clause */

#include "broken.h"

#include <manager/check.h>

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

/* A copy of a capability that the first has already, for the second. */
static void share(struct part *first, seL4_Word slot, struct part *second)
{
    require_no_error(seL4_CNode_Copy(second->cnode, second->next++, POLICY_CNODE_BITS,
                                     first->cnode, slot, POLICY_CNODE_BITS, seL4_AllRights),
                     "share a capability");
}

/* The first subsystem's memory is in its last slots but two: IPC buffer and summary follow. */
static seL4_Word last_memory(const struct part *one)
{
    enum { BEHIND = 3 };
    return one->next - BEHIND;
}

static void add_channel(struct part *first, struct part *second, struct shared *shared)
{
    const seL4_CPtr endpoint = stock_make(&shared->stock, seL4_EndpointObject, 0,
                                          seL4_EndpointBits);
    part_mint(first, endpoint, seL4_CanWrite, seL4_NilData);
    part_mint(second, endpoint, seL4_CanRead, seL4_NilData);
}

/* A TCB capability that is forgotten keeps its place in the manager's own CSpace. */
static void forget_thread(const struct part *first, struct shared *shared)
{
    require_no_error(seL4_CNode_Copy(ROOT, shared->scratch, ROOT_DEPTH, ROOT, first->tcb,
                                     ROOT_DEPTH, seL4_AllRights),
                     "keep a capability");
}

void break_a_rule(struct part *parts, seL4_Word count, struct shared *shared)
{
    if (POLICY_BROKEN == 0) {
        return;
    }
    require(count >= 2, "the rules are about two subsystems");
    struct part *const first = &parts[0], *const second = &parts[1];
    switch (POLICY_BROKEN) {
    case POLICY_BROKEN_SHARED_CNODE:
        part_mint(second, first->cnode, seL4_AllRights, part_guard());
        break;
    case POLICY_BROKEN_SHARED_TABLE: share(first, first->first_table, second); break;
    case POLICY_BROKEN_SHARED_VSPACE:
        part_mint(second, first->directory, seL4_AllRights, seL4_NilData);
        break;
    case POLICY_BROKEN_SHARED_FRAME: share(first, first->stack, second); break;
    case POLICY_BROKEN_SHARED_MEMORY: share(first, last_memory(first), second); break;
    case POLICY_BROKEN_OTHERS_THREAD:
        part_mint(second, first->tcb, seL4_AllRights, seL4_NilData);
        break;
    case POLICY_BROKEN_NEW_CHANNEL: add_channel(second, first, shared); break;
    case POLICY_BROKEN_INTERRUPTS: part_give(second, seL4_CapIRQControl); break;
    case POLICY_BROKEN_KEPT_THREAD: forget_thread(first, shared); break;
    default: break;
    }
}
