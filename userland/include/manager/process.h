/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: a CSpace of one CNode, a VSpace and a thread each.
 *
 * The code of a process is its manager's own, mapped read-only; the manager's variables are not
 * mapped. All state of a process is on its stack and in its data page.
 *
 * The manager's root CNode and its ASID pool are in the slots where an initial thread has them.
 */
#pragma once

#include <manager/allocator.h>

/* Pages of a process, at the end of the first megabyte: one page table covers them and the code. */
enum {
    PROCESS_STACK = 0x000fd000, /* the page below is not mapped: an overflow faults */
    PROCESS_DATA = 0x000fe000,
    PROCESS_BUFFER = 0x000ff000,
    PROCESS_PAGE_BYTES = 0x1000,
    PROCESS_PAGES = 3,
};

struct process {
    const char *name;
    seL4_Uint8 priority;
    void (*entry)(void);
    seL4_Word slot_bits; /* its CSpace has 2^slot_bits slots; a small number is a full pointer */

    /* The manager's capabilities to its parts. */
    seL4_CNode cnode;
    seL4_TCB tcb;
    seL4_ARM_PageDirectory directory;
    seL4_ARM_PageTable table;
    seL4_ARM_Page frames[PROCESS_PAGES]; /* stack, data, IPC buffer */
};

/* Makes the objects of all, one batch of each type. */
void processes_make_objects(struct allocator *from, struct process *const *all, seL4_Word count,
                            seL4_Word slot_bits);

/* Mints a capability of the manager into a slot of the process. */
void process_mint(const struct process *one, seL4_Word slot, seL4_CPtr source,
                  seL4_CapRights rights, seL4_CapData_t data);

/* Gives a process the capability to its own CSpace. */
void process_mint_self(const struct process *one, seL4_Word slot);

/* Moves a capability: the manager keeps nothing but what it was made of. */
void process_move(const struct process *one, seL4_Word slot, seL4_CPtr source);

/* The number of pages of the image's code and constants. */
seL4_Word code_pages(void);

/* Builds the VSpace: the pages of the process, and the code. `code` is the first of the
   manager's capabilities to the code pages, `copies` of as many empty slots. */
void process_map(const struct process *one, seL4_ARM_Page code, seL4_CPtr copies);

/* Configures the thread and lets it run. */
void process_start(const struct process *one);
