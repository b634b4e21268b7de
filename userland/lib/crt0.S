/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of an image.
 *
 * The kernel starts the initial thread here with r0 = the boot information and every other
 * register 0, the stack pointer too. The image brings its own stack, in bss, so that it is part
 * of the pages that the kernel maps for it.
 */

#include <sel4/abi_generated.h>

#define STACK_BYTES 0x4000

    .section .text.start, "ax", %progbits
    .arm
    .global _start
    .type _start, %function
_start:
    ldr     sp, =stack_top
    bl      seL4_InitBootInfo
    bl      main
    /* main's value is already in r0; the call does not return. */
    ldr     r7, =ABI_SYS_DEBUG_EXIT
    swi     (ABI_SYS_DEBUG_EXIT & 0xffffff)
1:  b       1b
    .size _start, . - _start
    .ltorg

    .section .bss.stack, "aw", %nobits
    .balign 8
    .space  STACK_BYTES
stack_top:
