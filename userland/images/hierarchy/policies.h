/* SPDX-License-Identifier: BSD-2-Clause */
/* The sub-managers, and the questions that their parent may ask them. */
#pragma once

#include <sel4/types.h>

/* The first word of a question. */
enum {
    ASK_PAGE = 1, /* a page; comes as a capability */
    ASK_BOOKS,    /* answers struct account */
    ASK_CHILD,    /* build a sub-manager of its own */
    ASK_PULSE,    /* answers, and then sends a pulse */
};

/* The label of an answer. */
enum {
    ANSWER_DONE,
    ANSWER_REFUSED,
};

/* The memory that a manager was given, in bytes. */
struct account {
    seL4_Word made;  /* objects for itself and for who asks */
    seL4_Word given; /* to sub-managers */
    seL4_Word left;
};

enum { ACCOUNT_WORDS = 3 };

/* A pulse says how many went before, and the bytes of the objects that its sender made. */
enum { PULSE_WORDS = 2 };

/* The memory of each, and the pages that the two policies deal with. */
enum {
    FIXED_MEMORY_BITS = 14,
    FIXED_PAGES = 4, /* all of its memory */
    HEIR_MEMORY_BITS = 18,
    LAZY_MEMORY_BITS = 18,
    LAZY_PAGES = 4, /* the most that are out at a time */
    LEAF_WHOLE_BITS = 17,
    LEAF_MEMORY_BITS = 15,
};

/* Whose pulse it is. */
enum { BADGE_FIXED = 1, BADGE_LEAF, BADGE_HEIR };

/* Where the threads start. */
_Noreturn void fixed_manager(void);
_Noreturn void heir_manager(void);
_Noreturn void lazy_manager(void);
_Noreturn void leaf_manager(void);
