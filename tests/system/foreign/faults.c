/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults as messages, and what the replies to them do. */
#include "harness.h"

static u32 handler, badged;
static struct thread helper, mute;
static u32 before[REGISTERS], after[REGISTERS];

static void prepare(const u32 *entry, u32 number, u32 cptr)
{
    for (u32 i = 0; i < REGISTERS; i++)
        before[i] = 0x100 + i;
    before[PC] = (u32)entry;
    before[CPSR] = 0x60000050;
    before[R0] = cptr;
    before[R1] = 0;
    before[R7] = number;
}

/* The fault that a thread makes which starts there. */
static struct regs fault(struct thread thread, const u32 *entry, u32 number, u32 cptr)
{
    prepare(entry, number, cptr);
    set_registers(thread.tcb, before, 1);
    return wait(handler);
}

static void unchanged(struct thread thread, u32 pc)
{
    before[PC] = pc;
    get_registers(thread.tcb, after);
    for (u32 i = 0; i < REGISTERS; i++)
        EQ(after[i], before[i]);
}

static void check_cap_fault(void)
{
    static const struct { int number; u32 phase; } calls[] = { { CALL, 0 }, { SEND, 0 },
                                                               { WAIT, 1 }, { REPLY_WAIT, 1 } };
    for (u32 i = 0; i < 4; i++) {
        struct regs got = fault(helper, svc_then_stop, (u32)calls[i].number, 0x70005);
        GOT(got, 0x77, INFO(CAP_FAULT, 0, 7), (u32)svc_then_stop, 0x70005, calls[i].phase,
            GUARD_MISMATCH, 32, 0, 16);
        unchanged(helper, (u32)svc_then_stop);
        got = message(REPLY_WAIT, handler, INFO(99, 0, 3), LIST(1, 2, 3), LIST());
        GOT(got, 0x77, INFO(CAP_FAULT, 0, 7)); /* the reply says nothing: it tries again */
        OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    }
    static const u32 unfit[] = { 0, MY_TCB, ROOT };
    for (u32 i = 0; i < 3; i++) {
        struct regs got = fault(helper, svc_then_stop, (u32)WAIT, unfit[i]);
        GOT(got, 0x77, INFO(CAP_FAULT, 0, 5), (u32)svc_then_stop, unfit[i], 1,
            MISSING_CAPABILITY, 0);
    }
    u32 silent = copied(handler, W | G);
    struct regs got = fault(helper, svc_then_stop, (u32)WAIT, silent);
    GOT(got, 0x77, INFO(CAP_FAULT, 0, 5), (u32)svc_then_stop, silent, 1, MISSING_CAPABILITY, 0);
    got = fault(mute, svc_then_stop, (u32)SEND, 0x20000000);
    GOT(got, 0x77, INFO(CAP_FAULT, 0, 7));
    OK(on_slot(DELETE, silent));
    OK(invoke(mute.tcb, SUSPEND, LIST(), LIST()));
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
}

static void check_unknown_syscall(void)
{
    static const u32 numbers[] = { 0x55, 0, (u32)-12, (u32)-15, (u32)-20, 0x80000000 };
    for (u32 i = 0; i < sizeof(numbers) / 4; i++) {
        struct regs got = fault(helper, svc_then_stop, numbers[i], 0x42);
        GOT(got, 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 0x42, 0, before[R2], before[R3], before[R4],
            before[R5], before[R6], numbers[i], (u32)svc_then_stop, before[SP], before[LR],
            0x60000050, numbers[i]);
        unchanged(helper, (u32)svc_then_stop);
    }
    struct list all = LIST(1, 2, 3, 4, 5, 6, 7, 8, (u32)stop_here, 9, 10, 0xffffffff, 11, 12);
    struct regs got = message(REPLY_WAIT, handler, INFO(0, 0, 14), all, LIST());
    GOT(got, 0x77, INFO(USER_EXCEPTION, 0, 5), (u32)stop_here, 9, 0xf8000050, 0, 0);
    get_registers(helper.tcb, after);
    static const u8 order[] = { R0, R1, R2, R3, R4, R5, R6, R7, PC, SP, LR };
    for (u32 i = 0; i < sizeof(order); i++)
        EQ(after[order[i]], all.at[i]);
    EQ(after[CPSR], 0xf8000050);
    EQ(after[R8], before[R8]);
}

static void check_partial_reply(void)
{
    fault(helper, svc_then_stop, 0x55, 0x42);
    struct regs got = message(REPLY_WAIT, handler, INFO(0, 0, 2), LIST(7, 8, 9), LIST());
    GOT(got, 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 7, 8, before[R2], before[R3]);
    message(REPLY, 0, INFO(1, 0, 1), LIST(5), LIST()); /* a label: it stays where it is */
    yield();
    get_registers(helper.tcb, after);
    EQ(after[R0], 5);
    EQ(after[R1], 8);
    EQ(after[PC], svc_then_stop);
    OK(invoke(helper.tcb, RESUME, LIST(), LIST()));
    GOT(wait(handler), 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 5, 8);
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    message(REPLY, 0, 0, LIST(), LIST()); /* that reply is gone */
    yield();
    get_registers(helper.tcb, after);
    EQ(after[R0], 5);
}

static void check_user_exception(void)
{
    struct regs got = fault(helper, stop_here, 1, 2);
    GOT(got, 0x77, INFO(USER_EXCEPTION, 0, 5), (u32)stop_here, before[SP], 0x60000050, 0, 0);
    unchanged(helper, (u32)stop_here);
    got = message(REPLY_WAIT, handler, INFO(0, 0, 5), LIST((u32)svc_then_stop, 0x80, 0x80000000,
                                                          9, 9), LIST());
    GOT(got, 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 2, 0);
    EQ(my_buffer()->msg[8], svc_then_stop);
    EQ(my_buffer()->msg[9], 0x80);
    EQ(my_buffer()->msg[11], 0x80000050);
    message(REPLY, 0, 0, LIST(), LIST());
    got = wait(handler);
    EQ(got.info, INFO(UNKNOWN_SYSCALL, 0, 13));
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    got = fault(helper, stop_here, 1, 2);
    message(REPLY, 0, INFO(3, 0, 1), LIST(0x1230), LIST());
    yield();
    get_registers(helper.tcb, after);
    EQ(after[PC], 0x1230);
    EQ(after[SP], before[SP]);
}

static void check_vm_fault(void)
{
    prepare(load_then_stop, 0, 0);
    before[R2] = 0x30000003;
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), (u32)load_then_stop, 0x30000003, 0, 5);
    unchanged(helper, (u32)load_then_stop);
    prepare(store_then_stop, 0, 0);
    before[R2] = 0x30000004;
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), (u32)store_then_stop, 0x30000004, 0, 0x805);
    prepare((const u32 *)0x30000010, 0, 0);
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), 0x30000010, 0x30000010, 1, 5);
    prepare(load_then_stop, 0, 0);
    before[R2] = USER_TOP;
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), (u32)load_then_stop, USER_TOP, 0, 0xd);
    prepare(store_then_stop, 0, 0);
    before[R2] = 0xffffc000;
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), (u32)store_then_stop, 0xffffc000, 0, 0x80f);
    prepare(load_then_stop, 0, 0);
    before[R2] = 0xffff0000;
    set_registers(helper.tcb, before, 1);
    GOT(wait(handler), 0x77, INFO(VM_FAULT, 0, 4), (u32)load_then_stop, 0xffff0000, 0, 0xf);
    struct regs got = message(REPLY_WAIT, handler, INFO(99, 0, 4), LIST(1, 2, 3, 4), LIST());
    GOT(got, 0x77, INFO(VM_FAULT, 0, 4), (u32)load_then_stop, 0xffff0000, 0, 0xf);
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
}

/* Without a fit handler the thread stops, its pc at the fault. */
static void check_no_handler(void)
{
    u32 no_grant = copied(handler, RW), no_write = copied(handler, R | G), tcb = helper.tcb;
    const u32 unfit[] = { 0, no_grant, no_write, MY_TCB, 0x70000 };
    for (u32 i = 0; i < 5; i++) {
        OK(invoke(tcb, SET_SPACE, LIST(unfit[i], 0, 0), LIST(ROOT, MY_PD)));
        prepare(svc_then_stop, 0x55, 0);
        set_registers(tcb, before, 1);
        yield();
        unchanged(helper, (u32)svc_then_stop);
    }
    OK(invoke(tcb, SET_SPACE, LIST(badged, 0, 0), LIST(ROOT, MY_PD)));
    OK(invoke(tcb, RESUME, LIST(), LIST()));
    u32 read_only = copied(handler, R | G);
    GOT(wait(read_only), 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 0); /* no reply right for us */
    message(REPLY, 0, 0, LIST(), LIST());
    yield();
    unchanged(helper, (u32)svc_then_stop);
    OK(on_slot(DELETE, read_only));
    OK(on_slot(DELETE, no_grant));
    OK(on_slot(DELETE, no_write));
}

/* A handler without a buffer sees four words. */
static void check_without_buffer(void)
{
    u32 registers[REGISTERS] = { 0 };
    registers[PC] = (u32)svc_then_stop;
    registers[R0] = handler;
    registers[R7] = (u32)WAIT;
    set_registers(mute.tcb, registers, 1);
    yield();
    prepare(svc_then_stop, 0x55, 0x42);
    set_registers(helper.tcb, before, 1);
    yield();
    yield();
    get_registers(mute.tcb, registers);
    EQ(registers[R0], 0x77);
    EQ(registers[R1], INFO(UNKNOWN_SYSCALL, 0, 4));
    EQ(registers[R2], 0x42);
    EQ(registers[R5], before[R3]);
    registers[PC] = (u32)svc_then_stop;
    registers[R1] = INFO(0, 0, 12);
    registers[R7] = (u32)REPLY;
    registers[R2] = 0x4242;
    set_registers(mute.tcb, registers, 1);
    GOT(wait(handler), 0x77, INFO(UNKNOWN_SYSCALL, 0, 13), 0x4242);
    EQ(my_buffer()->msg[6], before[R6]);
    EQ(my_buffer()->msg[8], svc_then_stop);
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
}

void check_faults(void)
{
    handler = make(ENDPOINT, 0);
    badged = minted(handler, ALL, 0x77);
    helper = new_thread(255, badged, 1);
    mute = new_thread(255, badged, 0);
    check_cap_fault();
    check_unknown_syscall();
    check_partial_reply();
    check_user_exception();
    check_vm_fault();
    check_no_handler();
    check_without_buffer();
    OK(on_slot(DELETE, helper.tcb));
    OK(on_slot(DELETE, mute.tcb));
}
