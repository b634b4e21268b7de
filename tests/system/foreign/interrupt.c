/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: EPIT2 (line 27) and UART1 (line 45) through their device frames. */
#include "harness.h"

#define EPIT2_LINE 27
#define UART1_LINE 45
#define DEVICES 0x40000000u

static volatile u32 *const epit = (volatile u32 *)DEVICES;
static volatile u32 *const uart = (volatile u32 *)(DEVICES + 0x1000);
static u32 async, badged, handler;

enum { CR, SR, LR_, CMPR };

static struct regs get(u32 line, u32 slot, u32 depth, u32 root)
{
    return invoke(IRQ_CTRL, IRQ_GET, LIST(line, slot, depth), LIST(root));
}

static void check_control(void)
{
    u32 at = slots(1);
    FAILS(invoke(IRQ_CTRL, IRQ_CONTROL, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(IRQ_CTRL, 0, LIST(), LIST()), ILLEGAL_OPERATION);
    FAILS(invoke(IRQ_CTRL, IRQ_GET, LIST(64, at), LIST(ROOT)), TRUNCATED_MESSAGE);
    FAILS(invoke(IRQ_CTRL, IRQ_GET, LIST(64, at, 0), LIST()), TRUNCATED_MESSAGE);
    FAILS(get(64, at, 0, MY_TCB), RANGE_ERROR, 0, 63);
    FAILS(get(0xffffffff, at, 0, MY_TCB), RANGE_ERROR, 0, 63);
    FAILS(get(28, at, 0, MY_TCB), REVOKE_FIRST);
    FAILS(get(EPIT2_LINE, at, 0, MY_TCB), FAILED_LOOKUP, 0, INVALID_ROOT);
    FAILS(get(EPIT2_LINE, at, 0, ROOT), RANGE_ERROR, 1, 32);
    FAILS(get(EPIT2_LINE, async, 32, ROOT), DELETE_FIRST);
    OK(get(EPIT2_LINE, at, 32, ROOT));
    EQ(identify(at), TAG_IRQ);
    FAILS(get(EPIT2_LINE, at, 0, MY_TCB), REVOKE_FIRST);
    OK(get(0, slots(1), 32, ROOT));
    OK(get(63, slots(1), 32, ROOT));
    handler = at;
    u32 silent = copied(async, R);
    FAILS(invoke(handler, IRQ_GET, LIST(), LIST(async)), ILLEGAL_OPERATION);
    FAILS(invoke(handler, IRQ_SET, LIST(), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(handler, IRQ_SET, LIST(), LIST(ROOT)), INVALID_CAPABILITY, 0);
    FAILS(invoke(handler, IRQ_SET, LIST(), LIST(silent)), INVALID_CAPABILITY, 0);
    OK(invoke(handler, IRQ_CLEAR, LIST(), LIST()));
    OK(invoke(handler, IRQ_ACK, LIST(), LIST()));
    OK(on_slot(DELETE, silent));
}

/* One compare event after some ticks of the 32 kHz clock. */
static void arm(u32 ticks)
{
    epit[CR] = 0;
    epit[SR] = 1;
    epit[CR] = 3u << 24 | 1 << 17 | 1 << 3 | 1 << 2 | 1 << 1;
    epit[LR_] = ticks;
    epit[CMPR] = 0;
    epit[CR] |= 1;
}

static void disarm(void)
{
    epit[CR] = 0;
    epit[SR] = 1;
}

static void check_timer(void)
{
    OK(invoke(handler, IRQ_SET, LIST(), LIST(badged)));
    arm(10);
    GOT(wait(async), 0x99, 1, 1u << EPIT2_LINE); /* nobody can run: the idle thread waits */
    EQ(epit[SR], 1);
    disarm();
    arm(10); /* not acknowledged: the line is masked */
    while (!epit[SR]) {
    }
    message(NB_SEND, async, INFO(0, 0, 1), LIST(5), LIST());
    GOT(wait(async), 0, 1, 5);
    OK(invoke(handler, IRQ_ACK, LIST(), LIST())); /* still raised */
    GOT(wait(async), 0x99, 1, 1u << EPIT2_LINE);
    disarm();
    OK(invoke(handler, IRQ_ACK, LIST(), LIST()));
    message(NB_SEND, async, INFO(0, 0, 1), LIST(6), LIST());
    GOT(wait(async), 0, 1, 6);
    arm(10);
    message(NB_SEND, badged, INFO(0, 0, 1), LIST(2), LIST());
    while (!epit[SR]) {
    }
    GOT(wait(async), 0x99, 1, 1u << EPIT2_LINE | 2);
    disarm();
    OK(invoke(handler, IRQ_ACK, LIST(), LIST()));
}

/* Without an endpoint the line is masked all the same; a deleted one counts as none. */
static void check_cleared(void)
{
    OK(on_slot(REVOKE, badged)); /* the kernel's copy is a sibling: it stays */
    OK(invoke(handler, IRQ_CLEAR, LIST(), LIST()));
    arm(5);
    while (!epit[SR]) {
    }
    OK(invoke(handler, IRQ_SET, LIST(), LIST(async)));
    message(NB_SEND, async, INFO(0, 0, 1), LIST(7), LIST());
    GOT(wait(async), 0, 1, 7);
    OK(invoke(handler, IRQ_ACK, LIST(), LIST()));
    GOT(wait(async), 0, 1, 1u << EPIT2_LINE);
    disarm();
    OK(invoke(handler, IRQ_ACK, LIST(), LIST()));
    OK(on_slot(REVOKE, async)); /* this takes the kernel's copy away */
    arm(5);
    while (!epit[SR]) {
    }
    disarm();
    message(NB_SEND, async, INFO(0, 0, 1), LIST(8), LIST());
    GOT(wait(async), 0, 1, 8);
    OK(on_slot(DELETE, handler));
    arm(5); /* an inactive line is masked */
    while (!epit[SR]) {
    }
    disarm();
}

static void check_uart(void)
{
    u32 line = slots(1), control = 0x80 / 4;
    OK(get(UART1_LINE, line, 32, ROOT));
    OK(invoke(line, IRQ_SET, LIST(), LIST(async)));
    u32 before = uart[control];
    uart[control] = before | 1 | 1 << 13; /* the transmitter is ready: an interrupt */
    GOT(wait(async), 0, 1, 1u << (UART1_LINE - 32));
    uart[control] = before;
    OK(invoke(line, IRQ_ACK, LIST(), LIST()));
    OK(on_slot(DELETE, line));
}

/* Device memory is a frame like others, but nothing clears or owns it. */
static void check_device_frames(void)
{
    u32 frame = info->device[29].frames.start, other = copied(frame, R);
    FAILS(invoke(MY_TCB, SET_BUFFER, LIST(0x1000), LIST(frame)), ILLEGAL_OPERATION);
    OK(invoke(other, PAGE_MAP, LIST(DEVICES + 0x2000, RW, 0), LIST(MY_PD)));
    epit[LR_] = 0x1234;
    EQ(((volatile u32 *)(DEVICES + 0x2000))[LR_], 0x1234);
    OK(on_slot(DELETE, other));
}

void check_interrupts(void)
{
    u32 table = make(PAGE_TABLE, 0);
    async = make(ASYNC_ENDPOINT, 0);
    badged = minted(async, W, 0x99);
    OK(invoke(table, PT_MAP, LIST(DEVICES, 0), LIST(MY_PD)));
    OK(invoke(info->device[29].frames.start, PAGE_MAP, LIST((u32)epit, RW, 0), LIST(MY_PD)));
    OK(invoke(info->device[4].frames.start, PAGE_MAP, LIST((u32)uart, RW, 0), LIST(MY_PD)));
    check_control();
    check_timer();
    check_cleared();
    check_uart();
    check_device_frames();
}
