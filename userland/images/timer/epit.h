/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of EPIT2, a down counter that interrupts whenever it gets to its compare value. */
#pragma once

#include <sel4/types.h>

/* Where the device is on the board, and the interrupt line it raises. */
enum {
    EPIT2_PHYSICAL = 0x53f98000,
    EPIT2_LINE = 27,
};

/* It counts the 32 kHz crystal. This many counts make a tick: 1/1024 s. */
enum {
    EPIT_HERTZ = 32768,
    EPIT_COUNTS_PER_TICK = 32,
};

/* The server's view of the registers: the device page must be mapped uncached. */
enum { EPIT_VADDR = 0x000fb000 };

/* Starts the periodic tick. */
void epit_start(void);

/* Takes the interrupt back; the line stays masked until the kernel is told as well. */
void epit_acknowledge(void);

/* Counts left of the running tick. */
seL4_Word epit_counts_left(void);
