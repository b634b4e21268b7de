/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One subsystem while it is built: a CSpace of one CNode, a VSpace and a thread.
 *
 * Each capability is moved into the subsystem as soon as the manager needs it no more. The last
 * two are those to the thread and to the CNode.
 */
#pragma once

#include "state.h"
#include "stock.h"
#include "summary.h"

/* The first slots of the manager that hold something made for all. */
struct shared {
    struct stock stock;
    seL4_CPtr endpoints; /* one for each channel */
    seL4_CPtr scratch;   /* an empty slot */
};

struct part {
    seL4_Word number;
    const struct policy_subsystem *plan;
    seL4_CNode cnode;
    seL4_TCB tcb;
    seL4_ARM_PageDirectory directory;
    seL4_Word next; /* first empty slot of its CSpace */
    /* Where two of its capabilities went. */
    seL4_Word first_table, stack;
};

void make_endpoints(struct shared *shared);

/* Everything but letting the thread run. */
void part_build(struct part *one, struct shared *shared);

/* Lets the thread run as soon as the manager does not, and hands the last capabilities over. */
void part_finish(struct part *one);

/* Moves a capability into the subsystem; answers the slot there. */
seL4_Word part_give(struct part *one, seL4_CPtr source);

/* A capability with fewer rights into the subsystem; answers the slot there. */
seL4_Word part_mint(struct part *one, seL4_CPtr source, seL4_CapRights rights,
                    seL4_CapData_t data);

/* The guard with which a small number is a complete pointer into the CSpace of a subsystem. */
seL4_CapData_t part_guard(void);
