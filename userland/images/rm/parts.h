/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two subsystems as they see themselves: the slots of their CSpace, the addresses of their
 * VSpace, and the report they owe the manager.
 *
 * Their code is the manager's own, mapped read-only. They cannot write its data; all their state
 * is on their stack and in their data page.
 */
#pragma once

#include <sel4/types.h>

/* The size of the untyped memory of each. */
enum { PART_MEMORY_BITS = 12 };

/* Slots. With the guard, a capability pointer is the slot's number. */
enum {
    PART_CNODE_BITS = 6,
    PART_GUARD_BITS = 32 - PART_CNODE_BITS,

    PART_CNODE = 1, /* their own CSpace */
    PART_UNTYPED,   /* their own memory */
    PART_SPEAK,     /* to the other: Write only */
    PART_HEAR,      /* from the other: Read only */
    PART_REPORT,    /* to the manager: Write only */
    PART_MADE = 16, /* where they put what they make themselves */
    PART_MADE_COUNT = 4,
    PART_COPY = PART_MADE + PART_MADE_COUNT,
    PART_EMPTY = 40, /* nobody ever puts anything here */
};

/* Pages of their own, at the end of the first megabyte: one page table covers all. */
enum {
    PART_STACK = 0x000fd000, /* the page below is not mapped: an overflow faults */
    PART_DATA = 0x000fe000,
    PART_BUFFER = 0x000ff000,
    PART_PAGE_BYTES = 0x1000,
    PART_PAGES = 3,
};

/* The conversation: ping asks for the squares of 1 to PART_QUESTIONS, pong answers; then they
   exchange PART_ROUNDS more without a word to the console, to be timed. */
enum {
    PART_QUESTIONS = 3,
    PART_SUM_OF_SQUARES = 14,
    PART_ROUNDS = 64,
    PART_CHECKS = 8,
};

/* Words of the report. */
enum {
    REPORT_CHECKS, /* how many checks were made */
    REPORT_FAILED, /* how many of them went wrong */
    REPORT_SUM,    /* of the answers heard or given */
    REPORT_CYCLES, /* of the silent rounds; 0 from pong */
    REPORT_WORDS,
};

/* Where their threads start. */
_Noreturn void part_ping(void);
_Noreturn void part_pong(void);
