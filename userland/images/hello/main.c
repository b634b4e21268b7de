/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest image: says hello, where its boot information lies, and what that cost. */

#include <sel4/io.h>
#include <sel4/sel4.h>

int main(void)
{
    seL4_CycleReset();
    printf("Hello from user mode.\n");
    const seL4_Word cycles = seL4_CycleRead();
    printf("The boot information lies at %p.\n", (void *)seL4_GetBootInfo());
    printf("The greeting took %u cycles.\n", (unsigned)cycles);
    return 0;
}
