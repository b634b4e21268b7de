/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the initial thread keeps its boot information. */

#include <sel4/bootinfo.h>

static seL4_BootInfo *boot_info;

void seL4_InitBootInfo(seL4_BootInfo *info)
{
    boot_info = info;
    info->ipcBuffer->userData = (seL4_Word)info->ipcBuffer;
}

seL4_BootInfo *seL4_GetBootInfo(void)
{
    return boot_info;
}
