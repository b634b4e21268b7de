/* SPDX-License-Identifier: BSD-2-Clause */
/* What the initial manager does with its sub-managers, again and again. */
#pragma once

#include "child.h"
#include "policies.h"

/* The initial manager. Its books and slots must stay where they are. */
struct root {
    seL4_SlotRegion slots;
    seL4_CPtr first_slot; /* that was empty at the start */
    seL4_Word bits;       /* 2^ this many bytes of memory */
    struct memory memory;
    seL4_ARM_Page code;
    seL4_CPtr pulse;
};

/* A sub-manager with the endpoint where it hears. */
struct managed {
    struct child child;
    seL4_CPtr ask;
};

struct pulse {
    seL4_Word badge;
    seL4_Word number;
    seL4_Word bytes;
};

/* Takes one Untyped into its books. */
void root_init(struct root *root, const seL4_BootInfo *info);

/* Builds a sub-manager, of `whole` or of fresh memory, and lets it start. */
struct managed manage(struct root *root, const struct plan *plan, seL4_Untyped whole);
struct managed manage_new(struct root *root, const struct plan *plan);

/* Asks a question that must not be refused and brings no capability. */
struct account ask_plainly(const struct managed *whom, seL4_Word question);

/* Asks for a page: the slot where it is now, or seL4_CapNull if it was refused. */
seL4_CPtr ask_page(struct root *root, const struct managed *whom);

/* Waits for the next pulse, whoever sends it. */
struct pulse hear_pulse(const struct root *root);

/* Whether a slot of the initial manager is empty, and how many of those that it filled are not. */
bool is_empty(seL4_CPtr slot);
seL4_Word count_capabilities(const struct root *root);

/* The physical address of a page, and the page in the initial manager's VSpace. */
seL4_Word address_of(seL4_ARM_Page page);
volatile seL4_Word *map_view(seL4_ARM_Page page, seL4_Word vaddr);

/* Prints who holds how many bytes, and checks that all sums are right. */
void show_books(const struct root *root, const struct managed *const *all, seL4_Word count);
