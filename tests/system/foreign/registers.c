/* SPDX-License-Identifier: BSD-2-Clause */
/* ReadRegisters, WriteRegisters, CopyRegisters, and which registers a system call leaves alone. */
#include "harness.h"

static void fill(u32 *registers, u32 pc)
{
    for (u32 i = 0; i < REGISTERS; i++)
        registers[i] = 0x1000 + i;
    registers[PC] = pc;
    registers[CPSR] = 0;
    registers[R7] = (u32)YIELD;
}

/* Compares all registers with `expected`. */
static void same(u32 tcb, const u32 *expected)
{
    u32 now[REGISTERS];
    get_registers(tcb, now);
    for (u32 i = 0; i < REGISTERS; i++)
        EQ(now[i], expected[i]);
}

static void check_arguments(u32 tcb)
{
    FAILS(invoke(tcb, READ_REGS, LIST(0), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, READ_REGS, LIST(0, 0), LIST()), RANGE_ERROR, 1, 17);
    FAILS(invoke(tcb, READ_REGS, LIST(0, 18), LIST()), RANGE_ERROR, 1, 17);
    FAILS(invoke(MY_TCB, READ_REGS, LIST(0, 18), LIST()), RANGE_ERROR, 1, 17);
    FAILS(invoke(MY_TCB, READ_REGS, LIST(0, 1), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, WRITE_REGS, LIST(0), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, WRITE_REGS, LIST(0, 1), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(MY_TCB, WRITE_REGS, LIST(0, 5, 1, 2, 3, 4), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(MY_TCB, WRITE_REGS, LIST(0, 1, 1), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, COPY_REGS, LIST(), LIST(MY_TCB)), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, COPY_REGS, LIST(15), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(tcb, COPY_REGS, LIST(15), LIST(ROOT)), INVALID_CAPABILITY, 1);
    FAILS(invoke(tcb, 0, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, REVOKE, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(tcb, PAGE_MAP, LIST(), LIST()), ILLEGAL_OPERATION);
}

static void check_fresh(u32 tcb)
{
    u32 registers[REGISTERS] = { 0 };
    registers[CPSR] = 0x50;
    same(tcb, registers);
}

static void check_read_and_write(u32 tcb)
{
    u32 registers[REGISTERS];
    fill(registers, 0x12340);
    registers[CPSR] = 0xffffffff;
    set_registers(tcb, registers, 0);
    registers[CPSR] = 0xf8000050;
    same(tcb, registers);
    struct regs some = invoke(tcb, READ_REGS, LIST(0xff00, 3), LIST());
    GOT(some, 0, 3, registers[PC], registers[SP], registers[CPSR]);
    OK(invoke(tcb, WRITE_REGS, LIST(0, 2, 0x5554, 0x6660), LIST())); /* only pc and sp */
    registers[PC] = 0x5554;
    registers[SP] = 0x6660;
    same(tcb, registers);
    struct list many = LIST(0, 19, 0x7770, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
                            18, 19);
    OK(invoke(tcb, WRITE_REGS, many, LIST()));
    for (u32 i = 0; i < REGISTERS; i++)
        registers[i] = many.at[2 + i];
    registers[CPSR] = 0x50;
    same(tcb, registers);
}

static void check_copy(u32 tcb)
{
    u32 other = make(TCB, 0), registers[REGISTERS], target[REGISTERS] = { 0 };
    fill(registers, 0x4440);
    set_registers(tcb, registers, 0);
    registers[CPSR] = target[CPSR] = 0x50;
    OK(invoke(other, COPY_REGS, LIST(4), LIST(tcb))); /* the frame part */
    for (u32 i = PC; i <= R12; i++)
        target[i] = registers[i];
    same(other, target);
    for (u32 i = 0; i <= R12; i++)
        registers[i] = i == CPSR ? 0x50 : 0x99 + i;
    set_registers(tcb, registers, 0);
    OK(invoke(other, COPY_REGS, LIST(0xff08), LIST(tcb))); /* the integer part */
    for (u32 i = R2; i <= LR; i++)
        target[i] = registers[i];
    same(other, target);
    OK(invoke(other, COPY_REGS, LIST(0), LIST(tcb)));
    same(other, target);
    OK(on_slot(DELETE, other));
}

/* What a thread has after one system call, and where it stopped. */
static void run(u32 tcb, const u32 *before, u32 *after)
{
    set_registers(tcb, before, 1);
    yield();
    yield(); /* it may have yielded itself */
    get_registers(tcb, after);
}

static void check_untouched(u32 tcb, u32 number, u32 cptr, u32 word)
{
    u32 before[REGISTERS], after[REGISTERS];
    fill(before, (u32)svc_then_stop);
    before[CPSR] = 0xa8000000;
    before[R7] = number;
    before[R0] = cptr;
    before[R1] = word;
    run(tcb, before, after);
    before[PC] = (u32)stop_here;
    before[CPSR] = 0xa8000050;
    for (u32 i = 0; i < REGISTERS; i++)
        EQ(after[i], before[i]);
}

static void check_system_calls(void)
{
    u32 tcb = new_thread(255, 0, 0).tcb;
    u32 async = make(ASYNC_ENDPOINT, 0), endpoint = make(ENDPOINT, 0);
    u32 before[REGISTERS], after[REGISTERS];
    check_untouched(tcb, (u32)YIELD, 0x77, 0x88);
    check_untouched(tcb, (u32)SEND, async, INFO(5, 0, 1));
    check_untouched(tcb, (u32)NB_SEND, async, INFO(5, 0, 0));
    check_untouched(tcb, (u32)NB_SEND, endpoint, INFO(5, 0, 4));
    check_untouched(tcb, (u32)NB_SEND, 0x12345678, INFO(5, 3, 4));
    check_untouched(tcb, (u32)NB_SEND, 0, INFO(5, 0, 4));
    check_untouched(tcb, (u32)SEND, 0, INFO(5, 0, 4));
    check_untouched(tcb, (u32)SEND, MY_TCB, INFO(5, 0, 4)); /* refused, but nobody is told */
    check_untouched(tcb, (u32)REPLY, 0, INFO(5, 0, 4));
    fill(before, (u32)svc_then_stop);
    before[R7] = (u32)CALL;
    before[R0] = async;
    before[R1] = INFO(7, 0, 2);
    run(tcb, before, after);
    before[R0] = before[R1] = 0;
    before[PC] = (u32)stop_here;
    before[CPSR] = 0x50;
    for (u32 i = 0; i < REGISTERS; i++)
        EQ(after[i], before[i]);
    before[PC] = (u32)svc_then_stop;
    before[R7] = (u32)WAIT;
    before[R0] = async;
    run(tcb, before, after);
    EQ(after[R0], 0);
    EQ(after[R1], 1);
    EQ(after[R2], before[R2]);
    EQ(after[R3], before[R3]);
    EQ(after[R7], before[R7]);
    OK(on_slot(DELETE, tcb));
}

/* A preempted thread's pc is where it goes on. */
static void check_running_target(void)
{
    u32 tcb = new_thread(255, 0, 0).tcb, before[REGISTERS], after[REGISTERS];
    fill(before, (u32)spin_here);
    run(tcb, before, after);
    TRUE(after[PC] == (u32)spin_here || after[PC] == (u32)spin_here + 4);
    TRUE(after[R4] != before[R4]);
    u32 progress = after[R4];
    yield();
    get_registers(tcb, after);
    TRUE(after[R4] > progress);
    EQ(after[R5], before[R5]);
    OK(invoke(tcb, WRITE_REGS, LIST(0, 1, (u32)stop_here), LIST())); /* it runs on, elsewhere */
    yield();
    get_registers(tcb, after);
    EQ(after[PC], stop_here);
    set_registers(tcb, before, 1);
    yield();
    struct regs stopped = invoke(tcb, READ_REGS, LIST(1, 1), LIST());
    EQ(stopped.info, 1);
    get_registers(tcb, before);
    yield();
    get_registers(tcb, after);
    EQ(after[R4], before[R4]);
    OK(on_slot(DELETE, tcb));
}

void check_registers(void)
{
    u32 tcb = make(TCB, 0);
    check_arguments(tcb);
    check_fresh(tcb);
    check_read_and_write(tcb);
    check_copy(tcb);
    OK(on_slot(DELETE, tcb));
    check_system_calls();
    check_running_target();
}
