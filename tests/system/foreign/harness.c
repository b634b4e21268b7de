/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting and printing, system calls with lists, and threads. */
#include "harness.h"

const struct boot_info *info;
u32 pool, second_pool;

static u32 passed, failed, next_slot, threads;
static u32 stacks[THREADS][STACK_WORDS] __attribute__((aligned(8)));
static u8 buffers[THREADS][PAGE_BYTES] __attribute__((aligned(4096)));

void print(const char *text)
{
    for (; *text; text++)
        trap(PUT_CHAR, (struct regs){ .r0 = (u8)*text });
}

void print_number(u32 value)
{
    static const u32 powers[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
    int started = 0;
    for (u32 i = 0; i < sizeof(powers) / 4; i++) {
        u32 digit = 0;
        for (; value >= powers[i]; value -= powers[i])
            digit++;
        started |= digit || powers[i] == 1;
        if (started)
            trap(PUT_CHAR, (struct regs){ .r0 = '0' + digit });
    }
}

static void print_hex(u32 value)
{
    print("0x");
    for (int shift = 28; shift >= 0; shift -= 4)
        trap(PUT_CHAR, (struct regs){ .r0 = (u32)"0123456789abcdef"[value >> shift & 15] });
}

void check(const char *file, int line, const char *what, u32 got, u32 expected)
{
    if (got == expected) {
        passed++;
        return;
    }
    failed++;
    print(file);
    print(":");
    print_number((u32)line);
    print(": ");
    print(what);
    print(" is ");
    print_hex(got);
    print(", expected ");
    print_hex(expected);
    print("\n");
}

static u32 message_word(struct regs r, u32 index)
{
    return index < 4 ? r.m[index] : my_buffer()->msg[index];
}

void received(const char *file, int line, struct regs got, u32 badge, u32 word, struct list mrs)
{
    check(file, line, "badge", got.r0, badge);
    check(file, line, "message info", got.info, word);
    for (u32 i = 0; i < mrs.count; i++)
        check(file, line, "message register", message_word(got, i), mrs.at[i]);
}

void expect(const char *file, int line, struct regs got, u32 error, struct list details)
{
    received(file, line, got, 0, INFO(error, 0, details.count), details);
}

int summary(void)
{
    if (failed) {
        print_number(failed);
        print(" checks failed, ");
    }
    print_number(passed);
    print(" checks passed\n");
    return failed != 0;
}

struct regs message(u32 number, u32 cptr, u32 word, struct list words, struct list caps)
{
    struct regs in = { .r0 = cptr, .info = word };
    struct buffer *buffer = my_buffer();
    for (u32 i = 0; i < words.count; i++) {
        if (i < 4)
            in.m[i] = words.at[i];
        else
            buffer->msg[i] = words.at[i];
    }
    for (u32 i = 0; i < caps.count; i++)
        buffer->caps[i] = caps.at[i];
    return trap(number, in);
}

struct regs invoke(u32 cptr, u32 label, struct list words, struct list caps)
{
    return message(CALL, cptr, INFO(label, caps.count, words.count), words, caps);
}

struct regs wait(u32 cptr)
{
    return trap(WAIT, (struct regs){ .r0 = cptr });
}

void send(u32 cptr, u32 label, struct list words)
{
    message(SEND, cptr, INFO(label, 0, words.count), words, LIST());
}

void yield(void)
{
    trap(YIELD, (struct regs){ 0 });
}

u32 identify(u32 cptr)
{
    return trap(IDENTIFY, (struct regs){ .r0 = cptr }).r0;
}

/* Capabilities --------------------------------------------------------------------------- */

u32 slots(u32 count)
{
    if (!next_slot)
        next_slot = info->empty.start;
    next_slot += count;
    return next_slot - count;
}

struct regs retype(u32 untyped, u32 type, u32 bits, u32 slot, u32 count)
{
    return invoke(untyped, RETYPE, LIST(type, bits, 0, 0, slot, count), LIST(ROOT));
}

static u32 make_from(u32 untyped, u32 type, u32 bits)
{
    u32 slot = slots(1);
    struct regs answer = retype(untyped, type, bits, slot, 1);
    if (answer.info)
        check(__FILE__, __LINE__, "making an object", answer.info, 0);
    return slot;
}

u32 make(u32 type, u32 bits)
{
    return make_from(pool, type, bits);
}

u32 make_untyped(u32 bits)
{
    return make_from(pool, UNTYPED, bits);
}

struct regs copy(u32 to, u32 from, u32 rights)
{
    return invoke(ROOT, COPY, LIST(to, 32, from, 32, rights), LIST(ROOT));
}

struct regs mint(u32 to, u32 from, u32 rights, u32 data)
{
    return invoke(ROOT, MINT, LIST(to, 32, from, 32, rights, data), LIST(ROOT));
}

struct regs move(u32 to, u32 from)
{
    return invoke(ROOT, MOVE, LIST(to, 32, from, 32), LIST(ROOT));
}

struct regs on_slot(u32 label, u32 slot)
{
    return invoke(ROOT, label, LIST(slot, 32), LIST());
}

u32 copied(u32 from, u32 rights)
{
    u32 slot = slots(1);
    OK(copy(slot, from, rights));
    return slot;
}

u32 minted(u32 from, u32 rights, u32 data)
{
    u32 slot = slots(1);
    OK(mint(slot, from, rights, data));
    return slot;
}

/* Threads -------------------------------------------------------------------------------- */

u32 frame_of(const void *page)
{
    u32 pages = info->frames.end - info->frames.start;
    u32 base = (u32)info->buffer - pages * PAGE_BYTES;
    return info->frames.start + ((u32)page - base) / PAGE_BYTES;
}

struct thread new_thread(u32 priority, u32 handler, int with_buffer)
{
    u32 number = threads++;
    if (number >= THREADS) {
        print("too many threads\n");
        trap(EXIT, (struct regs){ .r0 = 2 });
    }
    struct buffer *buffer = with_buffer ? (struct buffer *)buffers[number] : 0;
    u32 tcb = make(TCB, 0);
    OK(invoke(tcb, CONFIGURE, LIST(handler, priority, 0, 0, (u32)buffer),
              LIST(ROOT, MY_PD, frame_of(buffers[number]))));
    return (struct thread){ tcb, buffer, (u32)(stacks[number] + STACK_WORDS) };
}

struct regs start(struct thread thread, void (*entry)(u32), u32 argument)
{
    u32 registers[REGISTERS] = { 0 };
    registers[PC] = (u32)entry;
    registers[SP] = thread.stack_top;
    registers[R0] = argument;
    registers[LR] = (u32)park;
    struct list words = { registers, REGISTERS };
    u32 all[REGISTERS + 2] = { 1, REGISTERS };
    for (u32 i = 0; i < words.count; i++)
        all[2 + i] = registers[i];
    return invoke(thread.tcb, WRITE_REGS, (struct list){ all, REGISTERS + 2 }, LIST());
}

struct thread spawn(void (*entry)(u32), u32 argument, u32 priority, u32 handler)
{
    struct thread thread = new_thread(priority, handler, 1);
    OK(start(thread, entry, argument));
    return thread;
}

void set_registers(u32 tcb, const u32 *registers, int resume)
{
    u32 all[REGISTERS + 2] = { (u32)resume, REGISTERS };
    for (u32 i = 0; i < REGISTERS; i++)
        all[2 + i] = registers[i];
    OK(invoke(tcb, WRITE_REGS, (struct list){ all, REGISTERS + 2 }, LIST()));
}

void get_registers(u32 tcb, u32 *registers)
{
    struct regs answer = invoke(tcb, READ_REGS, LIST(0, REGISTERS), LIST());
    EQ(answer.info, REGISTERS);
    for (u32 i = 0; i < REGISTERS; i++)
        registers[i] = message_word(answer, i);
}

static void work(u32 argument)
{
    struct job *job = (struct job *)argument;
    job->answer = message(job->number, job->cptr, job->word,
                          (struct list){ job->words, job->word_count },
                          (struct list){ job->caps, job->cap_count });
    job->done = 1;
}

void begin(struct thread thread, struct job *job)
{
    job->done = 0;
    OK(start(thread, work, (u32)job));
}

/* Where a thread's function returns to: it stops for good, its fault handled by nobody. */
void park(void)
{
    __asm__ volatile(".word 0xe7f000f0");
}

/* What compilers call by themselves. */
void *memset(void *to, int value, u32 count)
{
    for (volatile u8 *at = to; count--; at++)
        *at = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, u32 count)
{
    volatile u8 *at = to;
    for (const u8 *source = from; count--; source++)
        *at++ = *source;
    return to;
}

void __aeabi_memcpy(void *to, const void *from, u32 count) { memcpy(to, from, count); }
void __aeabi_memcpy4(void *to, const void *from, u32 count) { memcpy(to, from, count); }
void __aeabi_memcpy8(void *to, const void *from, u32 count) { memcpy(to, from, count); }
void __aeabi_memset(void *to, u32 count, int value) { memset(to, value, count); }
void __aeabi_memset4(void *to, u32 count, int value) { memset(to, value, count); }
void __aeabi_memset8(void *to, u32 count, int value) { memset(to, value, count); }
void __aeabi_memclr(void *to, u32 count) { memset(to, 0, count); }
void __aeabi_memclr4(void *to, u32 count) { memset(to, 0, count); }
void __aeabi_memclr8(void *to, u32 count) { memset(to, 0, count); }
