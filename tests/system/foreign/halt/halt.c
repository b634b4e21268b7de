/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing but a line and the end of the run. */
#include "abi.h"

void foreign_main(void)
{
    trap(PUT_CHAR, (struct regs){ .r0 = 0xffffff00u | 'a' });
    trap(PUT_CHAR, (struct regs){ .r0 = '\n' });
    trap(HALT, (struct regs){ 0 });
}
