/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls that carry one word in r0 or none: Yield, debugging, the cycle counter. */
#pragma once

#include <sel4/syscalls.h>

SEL4_INLINE seL4_Word sel4_trap_word(const int number, seL4_Word word)
{
    SEL4_REGISTER(r0, word);
    SEL4_REGISTER(r7, (seL4_Word)number);
    __asm__ volatile("swi %[immediate]" : "+r"(r0) : "r"(r7), SEL4_SWI(number) : "memory");
    return r0;
}

/* Lets the next thread of the same priority run. */
SEL4_INLINE void seL4_Yield(void)
{
    sel4_trap_word(ABI_SYS_YIELD, 0);
}

SEL4_INLINE void seL4_DebugPutChar(char character)
{
    sel4_trap_word(ABI_SYS_DEBUG_PUT_CHAR, (unsigned char)character);
}

/* Ends the run as a success. */
SEL4_INLINE _Noreturn void seL4_DebugHalt(void)
{
    for (;;) {
        sel4_trap_word(ABI_SYS_DEBUG_HALT, 0);
    }
}

/* Ends the run with a status; 0 is success. */
SEL4_INLINE _Noreturn void seL4_DebugExit(seL4_Word status)
{
    for (;;) {
        sel4_trap_word(ABI_SYS_DEBUG_EXIT, status);
    }
}

/* The tag (ABI_TAG_...) of the capability in a slot; an empty slot and a bad pointer give 0. */
SEL4_INLINE seL4_Word seL4_DebugCapIdentify(seL4_CPtr cptr)
{
    return sel4_trap_word(ABI_SYS_DEBUG_CAP_IDENTIFY, cptr);
}

SEL4_INLINE void seL4_DebugSnapshot(void)
{
    sel4_trap_word(ABI_SYS_DEBUG_SNAPSHOT, 0);
}

/* Names a thread in reports; the name travels as a C string from the buffer's first word on. */
SEL4_INLINE void seL4_DebugNameThread(seL4_TCB tcb, const char *name)
{
    char *to = (char *)seL4_GetIPCBuffer()->msg;
    const char *const last = to + sizeof(seL4_Word) * ABI_MSG_MAX_LENGTH - 1;
    while (*name != '\0' && to < last) {
        *to++ = *name++;
    }
    *to = '\0';
    sel4_trap_word(ABI_SYS_DEBUG_NAME_THREAD, tcb);
}

SEL4_INLINE void seL4_CycleReset(void)
{
    sel4_trap_word(ABI_SYS_CYCLE_RESET, 0);
}

/* Cycles since the last seL4_CycleReset. */
SEL4_INLINE seL4_Word seL4_CycleRead(void)
{
    return sel4_trap_word(ABI_SYS_CYCLE_READ, 0);
}
