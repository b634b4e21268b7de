/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sub-manager as its parent sees it: an Untyped, and an endpoint to ask.
 *
 * The sub-manager is made of one Untyped, all of it: its CSpace, its VSpace, its thread, and the
 * memory that it is to manage. The capabilities to these go into its own CSpace. The parent
 * keeps the Untyped, and so can take everything back, but can name nothing that was made of it.
 */
#pragma once

#include <manager/process.h>

#include "memory.h"

/* The CSpace of a sub-manager. Two slots are where an initial thread has the same. */
enum {
    CHILD_SLOT_BITS = 8,

    CHILD_CNODE = seL4_CapInitThreadCNode,
    CHILD_ASID_POOL = seL4_CapInitThreadASIDPool, /* only who may build VSpaces */
    CHILD_MEMORY = 16,                            /* an Untyped */
    CHILD_HEAR,                                   /* its parent's questions */
    CHILD_PULSE,                                  /* to the initial manager: Write only */
    CHILD_PARTS,                                  /* TCB, PageDirectory, PageTable, Frames */
    CHILD_CODE = 32,                              /* the pages of the image's code */
    CHILD_FREE = 64,
};

struct plan {
    const char *name;
    seL4_Uint8 priority;
    void (*entry)(void);
    seL4_Word pulse_badge; /* 0: none, so that it may choose those of its own children */
    bool may_build;        /* gets the ASID pool */
    seL4_Word whole_bits;  /* 2^ this many bytes for everything */
    seL4_Word memory_bits; /* of these, what it manages itself */
};

struct child {
    const struct plan *plan;
    seL4_Untyped whole;
    struct memory books; /* over `whole`; what is free is kept back */
};

/* What a parent needs to build. */
struct builder {
    struct memory *memory;
    seL4_ARM_Page code; /* the first of its capabilities to the code pages */
    seL4_CPtr pulse;
};

/* Builds a sub-manager out of `whole`, and lets it run. It hears questions at `hear`, or has
   none to hear if that is seL4_CapNull. */
struct child child_build(const struct builder *by, const struct plan *plan, seL4_Untyped whole,
                         seL4_CPtr hear);

/* Bytes of the kernel objects that the sub-manager itself is made of. */
seL4_Word child_parts(const struct child *one);
