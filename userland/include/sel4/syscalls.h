/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls.
 *
 * r7 holds the number, r0 the capability pointer (on return: the badge), r1 the message info,
 * r2 to r5 the first four message words; the rest lies in the IPC buffer. The kernel leaves every
 * register alone that a call does not name, so the traps below clobber nothing else. The plain
 * calls take the first four words from the buffer and put them back there; the ...WithMRs calls
 * take pointers to them, and a null pointer means "not used".
 */
#pragma once

#include <sel4/types.h>

#define SEL4_INLINE static inline __attribute__((always_inline))

/* The first four message words, which travel in registers. */
typedef struct {
    seL4_Word mr[ABI_MSG_REGISTERS];
} sel4_Registers;

#define SEL4_REGISTER(name, value) register seL4_Word name __asm__(#name) = (value)

/* The kernel looks at r7 only; the immediate makes a disassembly readable. */
#define SEL4_SWI(number) [immediate] "i"((number) & 0xffffff)

/* The kernel's globals page holds the address of the running thread's IPC buffer. */
SEL4_INLINE seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
    return *(seL4_IPCBuffer *volatile *)ABI_GLOBALS_ADDRESS;
}

SEL4_INLINE seL4_Word seL4_GetMR(int i)
{
    return seL4_GetIPCBuffer()->msg[i];
}

SEL4_INLINE void seL4_SetMR(int i, seL4_Word value)
{
    seL4_GetIPCBuffer()->msg[i] = value;
}

SEL4_INLINE seL4_MessageInfo_t seL4_GetTag(void)
{
    return seL4_GetIPCBuffer()->tag;
}

SEL4_INLINE void seL4_SetTag(seL4_MessageInfo_t tag)
{
    seL4_GetIPCBuffer()->tag = tag;
}

SEL4_INLINE seL4_Word seL4_GetUserData(void)
{
    return seL4_GetIPCBuffer()->userData;
}

SEL4_INLINE void seL4_SetUserData(seL4_Word value)
{
    seL4_GetIPCBuffer()->userData = value;
}

SEL4_INLINE seL4_Word seL4_GetBadge(int i)
{
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

SEL4_INLINE void seL4_SetCap(int i, seL4_CPtr cptr)
{
    seL4_GetIPCBuffer()->caps_or_badges[i] = cptr;
}

/* Where a capability that arrives with a message is put. */
SEL4_INLINE void seL4_SetCapReceivePath(seL4_CPtr root, seL4_CPtr index, seL4_Word depth)
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
    buffer->receiveCNode = root;
    buffer->receiveIndex = index;
    buffer->receiveDepth = depth;
}

/* ---- the three shapes of a trap: send only, receive only, both ---- */

SEL4_INLINE void sel4_trap_send(const int number, seL4_CPtr dest, seL4_MessageInfo_t info,
                                sel4_Registers in)
{
    SEL4_REGISTER(r0, dest);
    SEL4_REGISTER(r1, info.words[0]);
    SEL4_REGISTER(r2, in.mr[0]);
    SEL4_REGISTER(r3, in.mr[1]);
    SEL4_REGISTER(r4, in.mr[2]);
    SEL4_REGISTER(r5, in.mr[3]);
    SEL4_REGISTER(r7, (seL4_Word)number);
    __asm__ volatile("swi %[immediate]"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
                     : "r"(r7), SEL4_SWI(number)
                     : "memory");
}

SEL4_INLINE seL4_MessageInfo_t sel4_trap_receive(const int number, seL4_CPtr source,
                                                 seL4_Word *badge, sel4_Registers *out)
{
    SEL4_REGISTER(r0, source);
    register seL4_Word r1 __asm__("r1");
    /* A short message leaves the upper registers alone, so they go in as well as out. */
    SEL4_REGISTER(r2, out->mr[0]);
    SEL4_REGISTER(r3, out->mr[1]);
    SEL4_REGISTER(r4, out->mr[2]);
    SEL4_REGISTER(r5, out->mr[3]);
    SEL4_REGISTER(r7, (seL4_Word)number);
    __asm__ volatile("swi %[immediate]"
                     : "+r"(r0), "=r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
                     : "r"(r7), SEL4_SWI(number)
                     : "memory");
    *out = (sel4_Registers){{r2, r3, r4, r5}};
    if (badge) {
        *badge = r0;
    }
    return (seL4_MessageInfo_t){{r1}};
}

SEL4_INLINE seL4_MessageInfo_t sel4_trap_both(const int number, seL4_CPtr dest,
                                              seL4_MessageInfo_t info, seL4_Word *badge,
                                              sel4_Registers *inout)
{
    SEL4_REGISTER(r0, dest);
    SEL4_REGISTER(r1, info.words[0]);
    SEL4_REGISTER(r2, inout->mr[0]);
    SEL4_REGISTER(r3, inout->mr[1]);
    SEL4_REGISTER(r4, inout->mr[2]);
    SEL4_REGISTER(r5, inout->mr[3]);
    SEL4_REGISTER(r7, (seL4_Word)number);
    __asm__ volatile("swi %[immediate]"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
                     : "r"(r7), SEL4_SWI(number)
                     : "memory");
    *inout = (sel4_Registers){{r2, r3, r4, r5}};
    if (badge) {
        *badge = r0;
    }
    return (seL4_MessageInfo_t){{r1}};
}

/* ---- the first four words, from and to where the caller keeps them ---- */

SEL4_INLINE sel4_Registers sel4_load_buffer(void)
{
    const seL4_Word *msg = seL4_GetIPCBuffer()->msg;
    return (sel4_Registers){{msg[0], msg[1], msg[2], msg[3]}};
}

SEL4_INLINE void sel4_store_buffer(sel4_Registers registers)
{
    for (int i = 0; i < ABI_MSG_REGISTERS; i++) {
        seL4_SetMR(i, registers.mr[i]);
    }
}

SEL4_INLINE sel4_Registers sel4_load_pointers(const seL4_Word *mr0, const seL4_Word *mr1,
                                              const seL4_Word *mr2, const seL4_Word *mr3)
{
    return (sel4_Registers){{mr0 ? *mr0 : 0, mr1 ? *mr1 : 0, mr2 ? *mr2 : 0, mr3 ? *mr3 : 0}};
}

SEL4_INLINE void sel4_store_pointers(sel4_Registers registers, seL4_Word *mr0, seL4_Word *mr1,
                                     seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word *const pointers[] = {mr0, mr1, mr2, mr3};
    for (int i = 0; i < ABI_MSG_REGISTERS; i++) {
        if (pointers[i]) {
            *pointers[i] = registers.mr[i];
        }
    }
}

/* ---- calls whose message lies in the IPC buffer ---- */

/* Sends, and waits until somebody takes the message. */
SEL4_INLINE void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    sel4_trap_send(ABI_SYS_SEND, dest, info, sel4_load_buffer());
}

/* Sends if somebody waits for it; otherwise the message is dropped. */
SEL4_INLINE void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    sel4_trap_send(ABI_SYS_NB_SEND, dest, info, sel4_load_buffer());
}

/* Answers the thread that called last. */
SEL4_INLINE void seL4_Reply(seL4_MessageInfo_t info)
{
    sel4_trap_send(ABI_SYS_REPLY, 0, info, sel4_load_buffer());
}

/* Signals an AsyncEndpoint with one word. */
SEL4_INLINE void seL4_Notify(seL4_CPtr dest, seL4_Word word)
{
    sel4_trap_send(ABI_SYS_SEND, dest, seL4_MessageInfo_new(0, 0, 0, 1),
                   (sel4_Registers){{word}});
}

/* Waits for a message; `badge`, if not null, gets the badge of the sender's capability. */
SEL4_INLINE seL4_MessageInfo_t seL4_Wait(seL4_CPtr source, seL4_Word *badge)
{
    sel4_Registers registers = sel4_load_buffer();
    seL4_MessageInfo_t info = sel4_trap_receive(ABI_SYS_WAIT, source, badge, &registers);
    sel4_store_buffer(registers);
    return info;
}

/* Sends, then waits for the answer (or, at a kernel object, for the result). */
SEL4_INLINE seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    sel4_Registers registers = sel4_load_buffer();
    seL4_MessageInfo_t reply = sel4_trap_both(ABI_SYS_CALL, dest, info, NULL, &registers);
    sel4_store_buffer(registers);
    return reply;
}

/* Answers the last caller and waits at `source`, in one call. */
SEL4_INLINE seL4_MessageInfo_t seL4_ReplyWait(seL4_CPtr source, seL4_MessageInfo_t info,
                                              seL4_Word *badge)
{
    sel4_Registers registers = sel4_load_buffer();
    seL4_MessageInfo_t next = sel4_trap_both(ABI_SYS_REPLY_WAIT, source, info, badge, &registers);
    sel4_store_buffer(registers);
    return next;
}

/* ---- the same with up to four words that never touch the buffer ---- */

SEL4_INLINE void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word *mr0,
                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    sel4_trap_send(ABI_SYS_SEND, dest, info, sel4_load_pointers(mr0, mr1, mr2, mr3));
}

SEL4_INLINE void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word *mr0,
                                    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    sel4_trap_send(ABI_SYS_NB_SEND, dest, info, sel4_load_pointers(mr0, mr1, mr2, mr3));
}

SEL4_INLINE void seL4_ReplyWithMRs(seL4_MessageInfo_t info, seL4_Word *mr0, seL4_Word *mr1,
                                   seL4_Word *mr2, seL4_Word *mr3)
{
    sel4_trap_send(ABI_SYS_REPLY, 0, info, sel4_load_pointers(mr0, mr1, mr2, mr3));
}

SEL4_INLINE seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr source, seL4_Word *badge,
                                                seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                seL4_Word *mr3)
{
    sel4_Registers registers = sel4_load_pointers(mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t info = sel4_trap_receive(ABI_SYS_WAIT, source, badge, &registers);
    sel4_store_pointers(registers, mr0, mr1, mr2, mr3);
    return info;
}

SEL4_INLINE seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info,
                                                seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                seL4_Word *mr3)
{
    sel4_Registers registers = sel4_load_pointers(mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t reply = sel4_trap_both(ABI_SYS_CALL, dest, info, NULL, &registers);
    sel4_store_pointers(registers, mr0, mr1, mr2, mr3);
    return reply;
}

SEL4_INLINE seL4_MessageInfo_t seL4_ReplyWaitWithMRs(seL4_CPtr source, seL4_MessageInfo_t info,
                                                     seL4_Word *badge, seL4_Word *mr0,
                                                     seL4_Word *mr1, seL4_Word *mr2,
                                                     seL4_Word *mr3)
{
    sel4_Registers registers = sel4_load_pointers(mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t next = sel4_trap_both(ABI_SYS_REPLY_WAIT, source, info, badge, &registers);
    sel4_store_pointers(registers, mr0, mr1, mr2, mr3);
    return next;
}
