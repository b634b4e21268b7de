/* SPDX-License-Identifier: BSD-2-Clause */
/* The subsystems: what each process gets beyond its parts. */
#pragma once

#include <manager/process.h>

enum { SUBSYSTEMS = 2 };

struct subsystem {
    struct process process;
    seL4_Word badge; /* how the manager knows its reports */
    seL4_Untyped memory;

    /* Endpoints: where it speaks, where it hears, where it reports. */
    seL4_CPtr speak, hear, report;
};

/* Makes the objects of all subsystems, one batch of each type. */
void subsystems_make_objects(struct allocator *from, struct subsystem *all);

/* Fills the CSpace of one subsystem. */
void subsystem_give_capabilities(struct subsystem *one);
