/* SPDX-License-Identifier: BSD-2-Clause */
/* Building subsystems: a CSpace, a VSpace, memory and a thread for each. */
#pragma once

#include <sel4/sel4.h>

enum { SUBSYSTEMS = 2 };

struct subsystem {
    const char *name;
    seL4_Word badge; /* how the manager knows its reports */
    seL4_Uint8 priority;
    void (*entry)(void);

    /* The manager's capabilities to its parts. */
    seL4_CNode cnode;
    seL4_TCB tcb;
    seL4_ARM_PageDirectory directory;
    seL4_ARM_PageTable table;
    seL4_ARM_Page frames; /* PART_PAGES of them: stack, data, IPC buffer */
    seL4_Untyped memory;

    /* Endpoints: where it speaks, where it hears, where it reports. */
    seL4_CPtr speak, hear, report;
};

/* Makes the objects of all subsystems, one batch of each type. */
void subsystems_make_objects(struct subsystem *all);

/* Fills the CSpace of one subsystem. */
void subsystem_give_capabilities(struct subsystem *one);

/* Builds the VSpace of one subsystem; answers the number of pages of shared code. */
seL4_Word subsystem_map(const struct subsystem *one, const seL4_BootInfo *info);

/* Configures its thread and lets it run. */
void subsystem_start(const struct subsystem *one);
