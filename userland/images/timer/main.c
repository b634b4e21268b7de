/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A timer server and two clients, each in its own CSpace and VSpace.
 *
 * The server drives EPIT2: its registers are in its VSpace, and the kernel turns the interrupt
 * into a message. The clients ask it to be woken, and tell the manager here, which checks the
 * order and the times against the processor's cycle counter.
 */

#include <manager/check.h>
#include <manager/process.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "epit.h"
#include "protocol.h"

const char program_name[] = "timer";

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

/* 532 MHz, the clock of the processor. */
enum { CYCLES_PER_COUNT = 532000000 / EPIT_HERTZ };

/* Where everything meets. */
struct meeting {
    seL4_CPtr requests;
    seL4_CPtr reports;
    seL4_CPtr ticks;
};

static struct meeting make_endpoints(struct allocator *memory)
{
    enum { REQUESTS, REPORTS, ENDPOINTS };
    const seL4_CPtr first = allocate_objects(memory, seL4_EndpointObject, 0, ENDPOINTS);
    return (struct meeting){
        .requests = first + REQUESTS,
        .reports = first + REPORTS,
        .ticks = allocate_objects(memory, seL4_AsyncEndpointObject, 0, 1),
    };
}

/* ---- the device ---- */

static seL4_ARM_Page find_device_page(const seL4_BootInfo *info)
{
    for (seL4_Word i = 0; i < info->numDeviceRegions; i++) {
        const seL4_DeviceRegion *region = &info->deviceRegions[i];
        if (region->basePaddr == EPIT2_PHYSICAL && region->frameSizeBits == seL4_PageBits) {
            return region->frames.start;
        }
    }
    require(false, "the boot information does not tell of EPIT2");
    return seL4_CapNull;
}

static void map_device(const struct process *server, seL4_ARM_Page page)
{
    const seL4_ARM_VMAttributes uncached = 0;
    require_no_error(seL4_ARM_Page_Map(page, server->directory, EPIT_VADDR,
                                       seL4_CanRead | seL4_CanWrite, uncached),
                     "map the device page");
}

/* The kernel keeps its own copy of the badged capability; the server needs no right to signal. */
static seL4_IRQHandler bind_interrupt(struct allocator *memory, seL4_CPtr ticks)
{
    const seL4_IRQHandler handler = allocate_slots(memory, 1);
    const seL4_CPtr badged = allocate_slots(memory, 1);
    require_no_error(seL4_IRQControl_Get(seL4_CapIRQControl, EPIT2_LINE, ROOT, handler, ROOT_DEPTH),
                     "get the interrupt");
    require_no_error(seL4_CNode_Mint(ROOT, badged, ROOT_DEPTH, ROOT, ticks, ROOT_DEPTH,
                                     seL4_CanWrite, seL4_CapData_Badge_new(BADGE_TICK)),
                     "badge the endpoint of the ticks");
    require_no_error(seL4_IRQHandler_SetEndpoint(handler, badged), "bind the interrupt");
    return handler;
}

/* ---- the processes ---- */

static void equip_server(const struct process *server, const struct meeting *at,
                         seL4_IRQHandler handler)
{
    process_mint_self(server, SERVER_CNODE);
    process_mint(server, SERVER_REQUESTS, at->requests, seL4_CanRead | seL4_CanWrite,
                 seL4_NilData);
    process_mint(server, SERVER_TICKS, at->ticks, seL4_CanRead, seL4_NilData);
    process_move(server, SERVER_INTERRUPT, handler);
}

static void equip_client(const struct process *client, const struct meeting *at, seL4_Word number)
{
    const seL4_CapData_t badge = seL4_CapData_Badge_new(number + 1);
    process_mint(client, CLIENT_BELL, at->ticks, seL4_CanWrite,
                 seL4_CapData_Badge_new(BADGE_FIRST_CLIENT << number));
    process_mint(client, CLIENT_TIMER, at->requests, seL4_CanWrite | seL4_CanGrant, badge);
    process_mint(client, CLIENT_REPORT, at->reports, seL4_CanWrite, badge);
    process_mint(client, CLIENT_THREAD, client->tcb, seL4_AllRights, seL4_NilData);
}

/* Answers the endpoint of the reports. */
static seL4_CPtr build(const seL4_BootInfo *info)
{
    /* The server comes first: it must have counted its capabilities before anyone calls. */
    struct process server = {.name = "timer", .priority = 120, .entry = timer_server};
    struct process early = {.name = "early", .priority = 101, .entry = early_client};
    struct process late = {.name = "late", .priority = 100, .entry = late_client};
    struct process *const all[] = {&server, &early, &late};
    enum { COUNT = sizeof(all) / sizeof(all[0]) };

    struct allocator memory = allocator_new(info);
    const struct meeting at = make_endpoints(&memory);
    processes_make_objects(&memory, all, COUNT, SLOT_BITS);
    equip_server(&server, &at, bind_interrupt(&memory, at.ticks));
    equip_client(&early, &at, 0);
    equip_client(&late, &at, 1);
    for (seL4_Word i = 0; i < COUNT; i++) {
        process_map(all[i], info->userImageFrames.start, allocate_slots(&memory, code_pages()));
    }
    map_device(&server, find_device_page(info));
    for (seL4_Word i = 0; i < COUNT; i++) {
        process_start(all[i]);
    }
    return at.reports;
}

/* ---- what must come of it ---- */

/* What the manager expects of a client: its next wake-up. */
struct expectation {
    const seL4_Word *sleeps;
    seL4_Word asked;
};

/* The interrupt comes when the counter gets to 0, one count before its period is over. */
static seL4_Word counts_until(seL4_Word tick)
{
    return tick * EPIT_COUNTS_PER_TICK - 1;
}

/* The crystal runs on its own, so the first count may be a short one; replies come later. */
static void check_cycles(const struct wakeup *report)
{
    enum { COUNTS_LATE = EPIT_COUNTS_PER_TICK / 8 };
    const seL4_Word counts = counts_until(report->woke);
    require(report->cycles >= (counts - 1) * CYCLES_PER_COUNT, "woken early by the cycle counter");
    require(report->cycles <= (counts + COUNTS_LATE) * CYCLES_PER_COUNT,
            "woken late by the cycle counter");
}

static void check_report(struct expectation *of, const struct wakeup *report)
{
    const seL4_Word wanted = *of->sleeps++;
    require(wanted != 0, "a client slept too often");
    require(report->wanted == wanted, "a client reports a time that it must not have asked for");
    require(report->asked == of->asked, "a client asked at the wrong tick");
    require(report->woke == of->asked + wanted, "a client woke at the wrong tick");
    of->asked = report->woke;
    check_cycles(report);
}

static seL4_Word sleeps_of_all(void)
{
    seL4_Word count = 0;
    for (seL4_Word client = 0; client < CLIENTS; client++) {
        for (const seL4_Word *sleep = client_sleeps[client]; *sleep != 0; sleep++) {
            count++;
        }
    }
    return count;
}

/* Answers the last report. */
static struct wakeup hear_reports(seL4_CPtr endpoint)
{
    struct expectation expected[CLIENTS] = {{client_sleeps[0], 0}, {client_sleeps[1], 0}};
    struct wakeup last = {0};
    for (seL4_Word left = sleeps_of_all(); left > 0; left--) {
        seL4_Word badge = 0;
        struct wakeup now = {0};
        seL4_WaitWithMRs(endpoint, &badge, &now.wanted, &now.asked, &now.woke, &now.cycles);
        require(badge >= 1 && badge <= CLIENTS, "a report with an unknown badge");
        require(now.woke >= last.woke, "a later sleeper woke first");
        check_report(&expected[badge - 1], &now);
        last = now;
    }
    return last;
}

int main(void)
{
    seL4_DebugNameThread(seL4_CapInitThreadTCB, "main");
    printf("sel4emu timer server\n\n");
    const seL4_CPtr reports = build(seL4_GetBootInfo());
    printf("EPIT2 at 0x%08x: its page to the timer server, its interrupt %u a message\n\n",
           EPIT2_PHYSICAL, EPIT2_LINE);
    const struct wakeup last = hear_reports(reports);
    printf("\n%u ticks took %u cycles; by the clocks of the board, %u.\n", (unsigned)last.woke,
           (unsigned)last.cycles, (unsigned)counts_until(last.woke) * CYCLES_PER_COUNT);
    printf("Everything as it must be: %u sleepers woke in order and in time.\n",
           (unsigned)sleeps_of_all());
    return 0;
}
