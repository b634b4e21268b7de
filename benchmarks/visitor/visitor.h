/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel and processes know of each other. */

#pragma once

typedef unsigned int word;
typedef unsigned char byte;

/* Calls: number in r7, arguments and result in r0 and r1. */
enum { CALL_EXIT, CALL_YIELD, CALL_WRITE, CALL_SLEEP, CALL_SEND, CALL_RECEIVE };

enum {
    PROCESSES = 6,
    HEAP = 0x00100000,
    HEAP_END = 0x00200000,
    STACK_END = 0x30000000,
    STACK = STACK_END - 0x40000,
};

/* A process: entered with its number; it never returns. */
void user_main(word number);
