/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small operating system for the board that owes nothing to ours: processes with address spaces
 * and ASIDs, pages given on demand, round robin by the EPIT, messages, and a console that is driven
 * by the UART's interrupt. It runs a generation of processes, prints what they computed, and ends
 * or starts the next.
 */

#include "visitor.h"

enum {
    WINDOW = 0x40000000,
    PAGE = 4096,
    VECTOR_TABLE = 0x80001800,
    VECTOR_PAGE = 0x80002000,
    KERNEL_TABLE = 0x80008000,
    FIRST_PAGE = 0x80200000,
    LAST_PAGE = 0x81000000,
    LEVEL1_WORDS = 1024,
    LEVEL2_WORDS = 256,
    ASIDS = 256,
    OUTPUT = 4096,
    CONTEXT_WORDS = 17,
    TICK = 66500, /* of the peripheral clock: a millisecond */
};

enum {
    SECTION_KERNEL = 0x45406,     /* supersection, privileged, TEX 5: write-back, inner and outer */
    SECTION_DEVICE = 0x00416,     /* privileged, shared device, never executed */
    SUPERSECTION_WORDS = 16,
    TABLE = 0x00001,
    PAGE_VECTORS = 0x0021E,       /* privileged, read only, write-back */
    PAGE_USER = 0x0083E,          /* not global, read and write, write-back */
    PAGE_USER_CODE = 0x00A2E,     /* not global, read only */
    PAGE_NEVER_EXECUTED = 0x00001,
};

enum { UART = 0x43F90000, EPIT = 0x53F94000, AVIC = 0x68000000, L2CC = 0x30000000 };
enum { UTXD = 0x40, UCR1 = 0x80, USR1 = 0x94, URXD = 0, TXMPTYEN = 0x40, TRDY = 0x2000 };
enum { RRDYEN = 0x200, UARTEN = 1, CHARRDY = 0x8000, RRDY = 0x200 };
enum { INTENNUM = 8, NIPRIORITY3 = 0x30, NIPRIORITY5 = 0x28, NIVECSR = 0x40 };
enum { IRQ_EPIT = 28, IRQ_UART = 45 };
enum { FAULT_SECTION = 5, FAULT_PAGE = 7, FAULT_PERMISSION = 15, FAULT_WRITE = 0x800 };

enum state { FREE, READY, SLEEPING, RECEIVING };

struct process {
    word context[CONTEXT_WORDS]; /* r0 to r14, pc, CPSR */
    enum state state;
    word asid, table, wake, result;
    word mailbox, has_mail;
    word data_pages, code_pages, copied_pages, preempted;
};

static struct process processes[PROCESSES];
static struct process *current;
static word next_page = FIRST_PAGE, free_pages, next_asid;
static word endless, started, generation;
static char output[OUTPUT];
static word output_in, output_out;
word ticks, switches, device_interrupts, faults;

extern byte vectors[], vectors_end[];
extern byte user_code_store[], user_data_store[];
extern byte user_code_start[], user_code_end[], user_data_start[], user_data_end[];
void finish(void);

/* Machine ------------------------------------------------------------------------------------ */

static volatile word *reg(word base, word offset) { return (volatile word *)(base + offset); }
static word *seen(word physical) { return (word *)(physical + WINDOW); }

#define WRITE_CP15(operation, value) \
    __asm__ volatile("mcr p15, 0, %0, " operation : : "r"(value) : "memory")
#define READ_CP15(operation, value) __asm__ volatile("mrc p15, 0, %0, " operation : "=r"(value))

static void barrier(void) { WRITE_CP15("c7, c10, 4", 0); }

static void clean_line(const void *address) { WRITE_CP15("c7, c10, 1", address); }

static void flush_page(word address)
{
    barrier();
    WRITE_CP15("c8, c7, 1", (address & ~0xFFFu) | current->asid);
    barrier();
}

static byte user_byte(word address)
{
    word value;
    __asm__ volatile("ldrbt %0, [%1], #0" : "=r"(value) : "r"(address) : "memory");
    return value;
}

/* Console ------------------------------------------------------------------------------------ */

static void wait_for_interrupt(void);

static void put(char c)
{
    while (output_in - output_out == OUTPUT)
        wait_for_interrupt();
    output[output_in++ % OUTPUT] = c;
    *reg(UART, UCR1) |= TXMPTYEN;
}

static void text(const char *string)
{
    while (*string)
        put(*string++);
}

static void hexadecimal(word value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
}

static void decimal(word value)
{
    char digits[10];
    int count = 0;
    do {
        digits[count++] = '0' + value % 10;
        value /= 10;
    } while (value);
    while (count)
        put(digits[--count]);
}

static void serve_uart(void)
{
    while (*reg(UART, USR1) & RRDY)
        put(*reg(UART, URXD) & 0xFF);
    while (output_out != output_in && *reg(UART, USR1) & TRDY)
        *reg(UART, UTXD) = output[output_out++ % OUTPUT];
    if (output_out == output_in)
        *reg(UART, UCR1) &= ~TXMPTYEN;
}

/* Memory ------------------------------------------------------------------------------------- */

static word take_page(void)
{
    word page = free_pages;
    if (page)
        free_pages = *seen(page);
    else {
        page = next_page;
        next_page += PAGE;
        if (page >= LAST_PAGE) {
            text("out of memory\n");
            finish();
        }
    }
    word *words = seen(page);
    for (word n = 0; n < PAGE / 4; n += 4)
        words[n] = words[n + 1] = words[n + 2] = words[n + 3] = 0;
    return page;
}

static void give_page(word page)
{
    *seen(page) = free_pages;
    free_pages = page;
}

static void copy_page(word page, const byte *from)
{
    const word *source = (const word *)from;
    word *target = seen(page);
    for (word n = 0; n < PAGE / 4; n++)
        target[n] = source[n];
}

/* The word of the second-level table for an address, with a table if there was none. */
static word *entry_of(word table, word address)
{
    word *first = seen(table) + (address >> 20);
    if (!*first) {
        *first = take_page() | TABLE;
        clean_line(first);
    }
    return seen(*first & ~0x3FFu) + (address >> 12 & 0xFF);
}

static void map(word address, word descriptor)
{
    word *entry = entry_of(current->table, address);
    *entry = descriptor;
    clean_line(entry);
    flush_page(address);
}

void make_tables(void)
{
    word *table = seen(KERNEL_TABLE), *second = seen(VECTOR_TABLE);
    for (word n = 0; n < 4 * LEVEL1_WORDS; n++)
        table[n] = 0;
    for (word n = 0; n < LEVEL2_WORDS; n++)
        second[n] = 0;
    for (word n = 0; n < SUPERSECTION_WORDS; n++)
        table[0xC00 + n] = 0x80000000 | SECTION_KERNEL;
    const word devices[] = {0x43F00000, 0x53F00000, AVIC};
    for (word n = 0; n < 3; n++)
        table[devices[n] >> 20] = devices[n] | SECTION_DEVICE;
    table[0xC10] = L2CC | SECTION_DEVICE; /* its own address is a user's */
    table[0xFFF] = VECTOR_TABLE | TABLE;
    second[0xF0] = VECTOR_PAGE | PAGE_VECTORS;
    word *target = seen(VECTOR_PAGE);
    for (const word *word_at = (const word *)vectors; word_at < (const word *)vectors_end;)
        *target++ = *word_at++;
}

/* Processes ---------------------------------------------------------------------------------- */

static void new_asid(struct process *process)
{
    if (++next_asid % ASIDS == 0) {
        next_asid++;
        WRITE_CP15("c8, c7, 0", 0);
    }
    process->asid = next_asid % ASIDS;
    WRITE_CP15("c8, c7, 2", process->asid);
}

static void start(word number)
{
    struct process *process = &processes[number];
    for (word n = 0; n < sizeof *process / 4; n++)
        ((word *)process)[n] = 0;
    process->table = take_page();
    new_asid(process);
    process->context[0] = number;
    process->context[13] = STACK_END;
    process->context[15] = (word)user_main;
    process->context[16] = 0x10;
    process->state = READY;
}

static void release(struct process *process)
{
    word *first = seen(process->table);
    for (word n = 0; n < LEVEL1_WORDS; n++) {
        if (!first[n])
            continue;
        word *second = seen(first[n] & ~0x3FFu);
        for (word m = 0; m < LEVEL2_WORDS; m++) {
            const word page = second[m] & ~0xFFFu;
            if (page >= FIRST_PAGE) /* not one of the image's */
                give_page(page);
        }
        give_page(first[n] & ~0xFFFu);
    }
    give_page(process->table);
    WRITE_CP15("c8, c7, 2", process->asid);
    process->state = FREE;
}

static void enter_space(struct process *process)
{
    switches++;
    current = process;
    WRITE_CP15("c7, c5, 6", 0);
    barrier();
    WRITE_CP15("c2, c0, 0", process->table | 0x18);
    WRITE_CP15("c13, c0, 1", process->asid);
    WRITE_CP15("c7, c5, 4", 0);
}

static word *schedule(void);

static void report(void)
{
    word preempted = 0;
    for (word n = 0; n < PROCESSES; n++) {
        const struct process *process = &processes[n];
        text("process ");
        decimal(n);
        text(": ");
        hexadecimal(process->result);
        text(", pages ");
        decimal(process->data_pages);
        text(" data, ");
        decimal(process->code_pages);
        text(" code, ");
        decimal(process->copied_pages);
        text(" copied\n");
        preempted += process->preempted != 0;
    }
    text("generation ");
    decimal(++generation);
    text(": ");
    decimal(preempted);
    text(" processes were preempted\n");
}

static void next_generation(void)
{
    if (started) {
        report();
        while (output_in != output_out)
            wait_for_interrupt();
        if (!endless)
            finish();
    }
    for (word n = 0; n < PROCESSES; n++)
        start(n);
    started = 1;
}

static void wake_sleepers(void)
{
    for (word n = 0; n < PROCESSES; n++)
        if (processes[n].state == SLEEPING && (int)(ticks - processes[n].wake) >= 0)
            processes[n].state = READY;
}

static void serve_interrupts(void)
{
    word vector;
    while (vector = *reg(AVIC, NIVECSR), vector != ~0u) {
        device_interrupts++;
        if (vector >> 16 == IRQ_EPIT) {
            *reg(EPIT, 4) = 1;
            ticks++;
            wake_sleepers();
        } else if (vector >> 16 == IRQ_UART)
            serve_uart();
    }
}

static void wait_for_interrupt(void)
{
    WRITE_CP15("c7, c0, 4", 0);
    serve_interrupts();
}

/* The context of the process to go on with: the next one in turn that is ready. */
static word *schedule(void)
{
    for (;;) {
        word used = 0;
        const word from = current ? current - processes : 0;
        for (word n = 1; n <= PROCESSES; n++) {
            struct process *process = &processes[(from + n) % PROCESSES];
            used += process->state != FREE;
            if (process->state == READY) {
                if (process != current)
                    enter_space(process);
                return process->context;
            }
        }
        if (used)
            wait_for_interrupt();
        else {
            current = 0;
            next_generation();
        }
    }
}

/* Exceptions --------------------------------------------------------------------------------- */

static word *kill(const char *why)
{
    text("process ");
    decimal(current - processes);
    text(why);
    put('\n');
    current->result = ~0u;
    release(current);
    return schedule();
}

/* A page of the image behind an address of a process, or none. */
static const byte *stored(word address, const byte *start, const byte *end, const byte *store)
{
    const word page = address & ~0xFFFu;
    return page >= (word)start && page < (word)end ? store + (page - (word)start) : 0;
}

static int give_code(word address)
{
    const byte *from = stored(address, user_code_start, user_code_end, user_code_store);
    if (!from)
        return 0;
    const word page = take_page();
    copy_page(page, from);
    for (word line = 0; line < PAGE; line += 32) {
        clean_line((byte *)seen(page) + line);
        barrier();
        WRITE_CP15("c7, c5, 1", (byte *)seen(page) + line);
    }
    WRITE_CP15("c7, c5, 6", 0);
    map(address, page | PAGE_USER_CODE);
    current->code_pages++;
    return 1;
}

static int give_data(word address)
{
    const byte *from = stored(address, user_data_start, user_data_end, user_data_store);
    if (from) /* shared until it is written to */
        map(address, ((word)from - WINDOW) | PAGE_USER_CODE | PAGE_NEVER_EXECUTED);
    else if ((address >= HEAP && address < HEAP_END) || (address >= STACK && address < STACK_END)) {
        map(address, take_page() | PAGE_USER | PAGE_NEVER_EXECUTED);
        current->data_pages++;
    } else
        return give_code(address); /* constants are among the code */
    return 1;
}

static int copy_on_write(word address)
{
    const byte *from = stored(address, user_data_start, user_data_end, user_data_store);
    if (!from)
        return 0;
    const word page = take_page();
    copy_page(page, from);
    map(address, page | PAGE_USER | PAGE_NEVER_EXECUTED);
    current->copied_pages++;
    return 1;
}

word *handle_data_abort(word *context)
{
    word status, address;
    READ_CP15("c5, c0, 0", status);
    READ_CP15("c6, c0, 0", address);
    faults++;
    const word kind = status & 0x40F;
    int served = 0;
    if (kind == FAULT_SECTION || kind == FAULT_PAGE)
        served = give_data(address);
    else if (kind == FAULT_PERMISSION && status & FAULT_WRITE)
        served = copy_on_write(address);
    return served ? context : kill(" died of a data abort");
}

word *handle_prefetch_abort(word *context)
{
    word status;
    READ_CP15("c5, c0, 1", status);
    faults++;
    const word kind = status & 0x40F;
    const int missing = kind == FAULT_SECTION || kind == FAULT_PAGE;
    return missing && give_code(context[15]) ? context : kill(" died of a prefetch abort");
}

word *handle_undefined(word *context)
{
    (void)context;
    return kill(" died of an undefined instruction");
}

word *handle_interrupt(word *context)
{
    const word before = ticks;
    serve_interrupts();
    if (ticks == before)
        return context;
    current->preempted++;
    return schedule();
}

static void write_text(word address, word size)
{
    text("process ");
    decimal(current - processes);
    text(": ");
    for (; size; size--, address++) {
        const word *entry = entry_of(current->table, address);
        if (!*entry && !give_data(address))
            return;
        put(user_byte(address));
    }
}

static word send(word number, word value)
{
    struct process *to = &processes[number];
    if (number >= PROCESSES || to->has_mail)
        return 0;
    if (to->state == RECEIVING) {
        to->context[0] = value;
        to->state = READY;
    } else {
        to->mailbox = value;
        to->has_mail = 1;
    }
    return 1;
}

word *handle_call(word *context)
{
    switch (context[7]) {
    case CALL_EXIT:
        current->result = context[0];
        release(current);
        return schedule();
    case CALL_YIELD:
        return schedule();
    case CALL_WRITE:
        write_text(context[0], context[1]);
        return context;
    case CALL_SLEEP:
        current->wake = ticks + context[0];
        current->state = SLEEPING;
        return schedule();
    case CALL_SEND:
        context[0] = send(context[0], context[1]);
        return context;
    case CALL_RECEIVE:
        if (current->has_mail) {
            context[0] = current->mailbox;
            current->has_mail = 0;
            return context;
        }
        current->state = RECEIVING;
        return schedule();
    default:
        return kill(" made an unknown call");
    }
}

/* Start -------------------------------------------------------------------------------------- */

static void start_l2(void)
{
    const word base = 0xC1000000;
    *reg(base, 0x104) = 0x0003001B;
    *reg(base, 0x77C) = 0xFF;
    while (*reg(base, 0x77C))
        ;
    *reg(base, 0x100) = 1;
}

static void start_timer(void)
{
    *reg(EPIT, 0x00) = 0;
    *reg(EPIT, 0x00) = 0x0102000E; /* peripheral clock, overwrite, reload, interrupt */
    *reg(EPIT, 0x08) = TICK - 1;
    *reg(EPIT, 0x0C) = 0;
    *reg(EPIT, 0x04) = 1;
    *reg(EPIT, 0x00) = 0x0102000F;
}

/* `go_on`: start a generation after each; `quarters` of the old format's page were right. */
word *kernel_main(word go_on, word quarters)
{
    endless = go_on;
    start_l2();
    *reg(UART, UCR1) = UARTEN | RRDYEN;
    *reg(AVIC, NIPRIORITY3) = 2 << 16; /* EPIT before UART */
    *reg(AVIC, NIPRIORITY5) = 1 << 20;
    *reg(AVIC, INTENNUM) = IRQ_EPIT;
    *reg(AVIC, INTENNUM) = IRQ_UART;
    text("visitor: ");
    decimal(quarters);
    text(" of 4 quarters in the old format\n");
    start_timer();
    return schedule();
}
