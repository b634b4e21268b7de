/* SPDX-License-Identifier: BSD-2-Clause */

#include "epit.h"

/* The registers, in their order (i.MX31 manual, EPIT). */
struct epit {
    seL4_Word control;
    seL4_Word status;
    seL4_Word load;
    seL4_Word compare;
    seL4_Word counter;
};

enum {
    CONTROL_ENABLE = 1 << 0,
    CONTROL_START_AT_LOAD = 1 << 1,
    CONTROL_INTERRUPT = 1 << 2,
    CONTROL_RELOAD = 1 << 3,
    CONTROL_CLOCK_32K = 3 << 24,
    STATUS_COMPARED = 1 << 0, /* cleared by writing 1 */
};

static volatile struct epit *const registers = (volatile struct epit *)EPIT_VADDR;

void epit_start(void)
{
    const seL4_Word control =
        CONTROL_START_AT_LOAD | CONTROL_INTERRUPT | CONTROL_RELOAD | CONTROL_CLOCK_32K;
    registers->control = 0;
    registers->control = control;
    /* The counter passes through the load value and 0, both included. */
    registers->load = EPIT_COUNTS_PER_TICK - 1;
    registers->compare = 0;
    registers->status = STATUS_COMPARED;
    registers->control = control | CONTROL_ENABLE;
}

void epit_acknowledge(void)
{
    registers->status = STATUS_COMPARED;
}

seL4_Word epit_counts_left(void)
{
    return registers->counter;
}
