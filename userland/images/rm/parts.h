/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two subsystems as they see themselves: the slots of their CSpace, and the report they owe
 * the manager.
 */
#pragma once

#include <sel4/types.h>

/* The size of the untyped memory of each. */
enum { PART_MEMORY_BITS = 12 };

/* Slots. With the guard, a capability pointer is the slot's number. */
enum {
    PART_CNODE_BITS = 6,

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
