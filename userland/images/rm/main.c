/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The default image: an initial resource manager.
 *
 * The kernel hands all memory to the first thread as Untyped capabilities, and never allocates
 * again. This manager makes two subsystems out of a little of it, ping and pong, gives each
 * exactly the capabilities it needs, and checks that they can do what they must and nothing more.
 */

#include <manager/check.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "parts.h"
#include "subsystem.h"

const char program_name[] = "rm";

enum { BITS_PER_UNIT = 10, SIZES_PER_LINE = 5 };

/* ---- what the kernel gave us ---- */

static seL4_Word untyped_count(const seL4_BootInfo *info)
{
    return info->untyped.end - info->untyped.start;
}

/* 2^bits bytes in the largest unit of which that is a whole number. */
static seL4_Word in_unit(seL4_Word bits)
{
    return (seL4_Word)1 << bits % BITS_PER_UNIT;
}

static const char *unit(seL4_Word bits)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    return units[bits / BITS_PER_UNIT];
}

static void print_untyped_sizes(const seL4_BootInfo *info)
{
    seL4_Word printed = 0;
    for (seL4_Word bits = seL4_WordBits; bits-- > 0;) {
        seL4_Word count = 0;
        for (seL4_Word i = 0; i < untyped_count(info); i++) {
            count += info->untypedSizeBitsList[i] == bits;
        }
        if (count > 0) {
            printf("%s%2u x %3u %s", printed % SIZES_PER_LINE == 0 ? "\n          " : "  ",
                   (unsigned)count, (unsigned)in_unit(bits), unit(bits));
            printed++;
        }
    }
    printf("\n");
}

static seL4_Word untyped_bytes(const seL4_BootInfo *info)
{
    seL4_Word bytes = 0;
    for (seL4_Word i = 0; i < untyped_count(info); i++) {
        bytes += (seL4_Word)1 << info->untypedSizeBitsList[i];
    }
    return bytes;
}

static void print_boot_information(const seL4_BootInfo *info)
{
    printf("Boot information at %p\n", (const void *)info);
    printf("  CSpace    %u slots, free from slot %u\n", 1u << info->initThreadCNodeSizeBits,
           (unsigned)info->empty.start);
    printf("  VSpace    %u image pages, IPC buffer at %p\n",
           (unsigned)(info->userImageFrames.end - info->userImageFrames.start),
           (void *)info->ipcBuffer);
    printf("  devices   %u regions\n", (unsigned)info->numDeviceRegions);
    printf("  untyped   %u bytes in %u pieces:", (unsigned)untyped_bytes(info),
           (unsigned)untyped_count(info));
    print_untyped_sizes(info);
}

/* ---- what we make of it ---- */

static struct allocator split_memory(const seL4_BootInfo *info)
{
    const struct allocator memory = allocator_new(info);
    printf("\nMemory\n  cut the %u %s at 0x%08x into %u untypeds of %u %s\n",
           (unsigned)in_unit(memory.supply.size_bits), unit(memory.supply.size_bits),
           (unsigned)memory.supply.physical, PIECE_COUNT, (unsigned)in_unit(PIECE_BITS),
           unit(PIECE_BITS));
    return memory;
}

/* One endpoint a direction, and one for the reports. */
static seL4_CPtr connect(struct allocator *memory, struct subsystem *ping, struct subsystem *pong)
{
    enum { TO_PONG, TO_PING, REPORTS, ENDPOINTS };
    const seL4_CPtr first = allocate_objects(memory, seL4_EndpointObject, 0, ENDPOINTS);
    ping->speak = pong->hear = first + TO_PONG;
    pong->speak = ping->hear = first + TO_PING;
    ping->report = pong->report = first + REPORTS;
    return first + REPORTS;
}

static void build(struct allocator *memory, struct subsystem *all, const seL4_BootInfo *info)
{
    const seL4_Word shared = code_pages();
    printf("\nSubsystems\n");
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        subsystem_give_capabilities(&all[i]);
        process_map(&all[i].process, info->userImageFrames.start, allocate_slots(memory, shared));
        printf("  %-4s  CSpace of %u slots, %u pages of shared code, %u of its own, ",
               all[i].process.name, 1u << PART_CNODE_BITS, (unsigned)shared, PROCESS_PAGES);
        printf("%u %s untyped\n", (unsigned)in_unit(PART_MEMORY_BITS), unit(PART_MEMORY_BITS));
    }
}

/* ---- what they tell us ---- */

static void judge(const struct subsystem *from, const seL4_Word *report)
{
    require(report[REPORT_CHECKS] == PART_CHECKS, "a subsystem left checks out");
    require(report[REPORT_FAILED] == 0, "a check of a subsystem went wrong");
    require(report[REPORT_SUM] == PART_SUM_OF_SQUARES, "the answers do not add up");
    printf("  rm    %s reports: %u checks good, the answers add up to %u\n", from->process.name,
           (unsigned)report[REPORT_CHECKS], (unsigned)report[REPORT_SUM]);
    if (report[REPORT_CYCLES] != 0) {
        const unsigned messages = 2 * PART_ROUNDS;
        printf("  rm    %u more messages, without a word printed, took %u cycles each\n", messages,
               (unsigned)report[REPORT_CYCLES] / messages);
    }
}

/* The badge tells who speaks: the kernel stamps it, the sender cannot choose it. */
static void hear_reports(const struct subsystem *all, seL4_CPtr endpoint)
{
    bool heard[SUBSYSTEMS] = {false};
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        seL4_Word badge = 0;
        seL4_Word words[REPORT_WORDS] = {0};
        seL4_MessageInfo_t info =
            seL4_WaitWithMRs(endpoint, &badge, &words[0], &words[1], &words[2], &words[3]);
        require(badge >= 1 && badge <= SUBSYSTEMS, "a report with an unknown badge");
        require(seL4_MessageInfo_get_length(info) == REPORT_WORDS, "a report of wrong length");
        require(!heard[badge - 1], "a subsystem reported twice");
        heard[badge - 1] = true;
        judge(&all[badge - 1], words);
    }
}

int main(void)
{
    /* Different priorities, so that two threads never mix their lines on the console. */
    struct subsystem all[SUBSYSTEMS] = {
        {.process = {.name = "ping", .priority = 100, .entry = part_ping}, .badge = 1},
        {.process = {.name = "pong", .priority = 101, .entry = part_pong}, .badge = 2},
    };
    const seL4_BootInfo *info = seL4_GetBootInfo();

    seL4_DebugNameThread(seL4_CapInitThreadTCB, "rm");
    printf("sel4emu resource manager\n\n");
    print_boot_information(info);
    struct allocator memory = split_memory(info);
    subsystems_make_objects(&memory, all);
    const seL4_CPtr reports = connect(&memory, &all[0], &all[1]);
    build(&memory, all, info);
    printf("\nThey try what they may and may not do, then talk\n");
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        process_start(&all[i].process);
    }
    hear_reports(all, reports);
    printf("\nEverything as it must be: ping and pong have what they were given, and no more.\n");
    return 0;
}
