/* SPDX-License-Identifier: BSD-2-Clause */
/* A root task that knows the kernel only from the description of its binary interface. */
#include "harness.h"

/* The largest Untyped but for `taken`. */
static u32 largest_untyped(u32 taken)
{
    u32 best = 0, best_bits = 0, count = info->untyped.end - info->untyped.start;
    for (u32 i = 0; i < count; i++) {
        if (info->untyped_bits[i] > best_bits && info->untyped.start + i != taken) {
            best = info->untyped.start + i;
            best_bits = info->untyped_bits[i];
        }
    }
    return best;
}

void foreign_main(const u32 *initial)
{
    info = (const struct boot_info *)initial[0];
    pool = largest_untyped(0);
    second_pool = largest_untyped(pool);
    check_boot(initial);
    check_retype();
    check_lookup();
    check_cnode();
    check_derivation();
    check_registers();
    check_ipc();
    check_transfer();
    check_deletion();
    check_tcb();
    check_faults();
    check_memory();
    check_asid();
    check_schedule();
    check_state();
    check_hostile();
    check_interrupts();
    trap(EXIT, (struct regs){ .r0 = (u32)summary() });
}
