/* SPDX-License-Identifier: BSD-2-Clause */

#include "parts.h"

#include <manager/check.h>
#include <sel4/bootinfo.h>
#include <sel4/debug.h>
#include <sel4/string.h>

#include "broken.h"
#include "programs.h"

/* From the linker script. */
extern char image_start[], code_end[];

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };
enum { PAGE_BYTES = 1 << seL4_PageBits, MEMORY_BITS = 20 };
/* An empty page of the manager's first megabyte, below its image: for looking into new frames. */
enum { WINDOW = 0x0000e000 };

/* ---- CSpace ---- */

seL4_CapData_t part_guard(void)
{
    return seL4_CapData_Guard_new(0, seL4_WordBits - POLICY_CNODE_BITS);
}

static seL4_Word next_slot(struct part *one)
{
    require(one->next < 1u << POLICY_CNODE_BITS, "a subsystem has more capabilities than slots");
    return one->next++;
}

static void move_to(const struct part *one, seL4_Word slot, seL4_CPtr source)
{
    require_no_error(seL4_CNode_Move(one->cnode, slot, POLICY_CNODE_BITS, ROOT, source,
                                     ROOT_DEPTH),
                     "move a capability into a subsystem");
}

seL4_Word part_give(struct part *one, seL4_CPtr source)
{
    const seL4_Word slot = next_slot(one);
    move_to(one, slot, source);
    return slot;
}

seL4_Word part_mint(struct part *one, seL4_CPtr source, seL4_CapRights rights, seL4_CapData_t data)
{
    const seL4_Word slot = next_slot(one);
    require_no_error(seL4_CNode_Mint(one->cnode, slot, POLICY_CNODE_BITS, ROOT, source, ROOT_DEPTH,
                                     rights, data),
                     "mint a capability into a subsystem");
    return slot;
}

static void give_memory(struct part *one, struct shared *shared, struct summary *summary)
{
    summary->memory_first = one->next;
    summary->memory_count = one->plan->memory_mib + BROKEN(MORE_MEMORY);
    summary->memory_bits = MEMORY_BITS;
    for (seL4_Word i = 0; i < summary->memory_count; i++) {
        part_give(one, stock_take(&shared->stock, MEMORY_BITS));
    }
}

/* ---- channels ---- */

void make_endpoints(struct shared *shared)
{
    const struct policy_channel *const channels = state_channels();
    const seL4_Word count = state_header()->channels_count;
    shared->endpoints = stock_slots(&shared->stock, count);
    for (seL4_Word i = 0; i < count; i++) {
        const bool comm = channels[i].kind == POLICY_CHANNEL_COMM;
        stock_make_at(&shared->stock, comm ? seL4_EndpointObject : seL4_AsyncEndpointObject, 0,
                      seL4_EndpointBits, shared->endpoints + i);
    }
}

static void join(struct part *one, const struct shared *shared, seL4_Word order,
                 struct summary *summary)
{
    const struct policy_channel *const channel = &state_channels()[order];
    const bool sends = channel->sender == one->number;
    const seL4_CapRights right = sends ? seL4_CanWrite : seL4_CanRead;
    const seL4_Word also = (BROKEN(GRANT_CHANNEL) ? seL4_CanGrant : 0)
                           | (BROKEN(BOTH_WAYS) ? seL4_CanRead | seL4_CanWrite : 0);
    const seL4_Word badge = sends ? one->number + 1 : 0;
    require(summary->channel_count < SUMMARY_CHANNELS, "a subsystem has too many channels");
    summary->channels[summary->channel_count++] = (struct summary_channel){
        .slot = (summary_half)part_mint(one, shared->endpoints + order,
                                       (seL4_CapRights)(right | also),
                                       seL4_CapData_Badge_new(badge)),
        .order = (summary_half)order,
        .peer = (summary_half)(sends ? channel->receiver : channel->sender),
        .kind = (seL4_Uint8)channel->kind,
        .sends = sends,
    };
}

static void give_channels(struct part *one, const struct shared *shared, struct summary *summary)
{
    const struct policy_channel *const channels = state_channels();
    const seL4_Word all = state_header()->channels_count;
    const seL4_Word count = BROKEN(NO_CHANNEL) && all > 0 ? all - 1 : all;
    for (seL4_Word i = 0; i < count; i++) {
        if (channels[i].sender == one->number || channels[i].receiver == one->number) {
            join(one, shared, i, summary);
        }
    }
}

/* ---- devices ---- */

static seL4_CPtr device_frames(const struct policy_device *device)
{
    const seL4_BootInfo *const info = seL4_GetBootInfo();
    for (seL4_Word i = 0; i < info->numDeviceRegions; i++) {
        const seL4_DeviceRegion *const region = &info->deviceRegions[i];
        const seL4_Word offset = (device->base - region->basePaddr) >> region->frameSizeBits;
        if (device->base >= region->basePaddr && region->frameSizeBits == device->frame_bits
            && offset + device->frames <= region->frames.end - region->frames.start) {
            return region->frames.start + offset;
        }
    }
    require(false, "the boot information does not tell of a device");
    return seL4_CapNull;
}

static seL4_Word give_interrupt(struct part *one, struct shared *shared, seL4_Word irq)
{
    const seL4_CPtr handler = stock_slots(&shared->stock, 1);
    require_no_error(seL4_IRQControl_Get(seL4_CapIRQControl, irq, ROOT, handler, ROOT_DEPTH),
                     "get an interrupt");
    return part_give(one, handler);
}

static void give_devices(struct part *one, struct shared *shared, struct summary *summary)
{
    const struct policy_device *const all = state_devices() + one->plan->first_device;
    require(one->plan->device_count <= SUMMARY_DEVICES, "a subsystem has too many devices");
    summary->device_count = one->plan->device_count;
    for (seL4_Word i = 0; i < one->plan->device_count; i++) {
        struct summary_device *const shown = &summary->devices[i];
        const seL4_CPtr frames = device_frames(&all[i]);
        memcpy(shown->name, all[i].name, sizeof(shown->name));
        shown->base = all[i].base;
        shown->frame_bits = all[i].frame_bits;
        shown->frames = all[i].frames;
        shown->first = one->next;
        for (seL4_Word n = 0; n < all[i].frames; n++) {
            part_give(one, frames + n);
        }
        shown->handler = all[i].irq == POLICY_NONE ? 0 : give_interrupt(one, shared, all[i].irq);
    }
}

/* ---- VSpace ---- */

static void map(seL4_ARM_Page frame, seL4_ARM_PageDirectory directory, seL4_Word vaddr,
                seL4_CapRights rights)
{
    require_no_error(seL4_ARM_Page_Map(frame, directory, vaddr, rights,
                                       seL4_ARM_Default_VMAttributes),
                     "map a page");
}

static void unmap(seL4_ARM_Page frame)
{
    require_no_error(seL4_ARM_Page_Unmap(frame), "unmap a page");
}

static seL4_ARM_Page new_page(struct shared *shared)
{
    return stock_make(&shared->stock, seL4_ARM_SmallPageObject, 0, seL4_PageBits);
}

/* A page that begins as a copy of something; mapped and in the hands of the subsystem. */
static void give_copy(struct part *one, struct shared *shared, const void *from, seL4_Word bytes,
                      seL4_Word vaddr)
{
    const seL4_ARM_Page frame = new_page(shared);
    map(frame, seL4_CapInitThreadVSpace, WINDOW, seL4_CanRead | seL4_CanWrite);
    memcpy((void *)WINDOW, from, bytes);
    require_no_error(seL4_ARM_Page_Unify_Instruction(frame, 0, PAGE_BYTES),
                     "make a page visible to instructions");
    unmap(frame);
    map(frame, one->directory, vaddr, seL4_CanRead);
    part_give(one, frame);
}

static void map_tables(struct part *one, struct shared *shared)
{
    const struct policy_table *const all = state_tables() + one->plan->first_table;
    one->first_table = one->next;
    for (seL4_Word i = 0; i < one->plan->table_count; i++) {
        const seL4_ARM_PageTable table =
            stock_make(&shared->stock, seL4_ARM_PageTableObject, 0, seL4_PageTableBits);
        require_no_error(seL4_ARM_PageTable_Map(table, one->directory, all[i].vaddr,
                                                seL4_ARM_Default_VMAttributes),
                         "install a page table");
        part_give(one, table);
    }
}

static void map_stack(struct part *one, struct shared *shared)
{
    one->stack = one->next;
    for (seL4_Word i = 0; i < POLICY_STACK_PAGES; i++) {
        const seL4_ARM_Page frame = new_page(shared);
        map(frame, one->directory, POLICY_STACK_BASE + (i << seL4_PageBits),
            seL4_CanRead | seL4_CanWrite);
        part_give(one, frame);
    }
}

/* The pages of the state itself change hands: what was the manager's is now the subsystem's. */
static void move_segment(struct part *one, const struct policy_segment *segment)
{
    const bool writable = segment->rights & POLICY_SEGMENT_WRITE;
    for (seL4_Word i = 0; i < segment->pages; i++) {
        const seL4_Word offset = i << seL4_PageBits;
        const seL4_ARM_Page frame = state_page(segment->offset + offset);
        unmap(frame);
        map(frame, one->directory, segment->vaddr + offset,
            writable ? seL4_CanRead | seL4_CanWrite : seL4_CanRead);
        part_give(one, frame);
    }
}

/* A program of ours lies in the manager's own code: the subsystem gets a copy of all of it. */
static void copy_code(struct part *one, struct shared *shared)
{
    _Static_assert(POLICY_PROGRAM_BASE == 0x10000, "where the linker script begins");
    require((seL4_Word)(code_end - image_start) <= POLICY_BUILTIN_BYTES, "too much code");
    for (const char *page = image_start; page < code_end; page += PAGE_BYTES) {
        give_copy(one, shared, page, PAGE_BYTES, (seL4_Word)page);
    }
}

static void map_program(struct part *one, struct shared *shared)
{
    const struct policy_segment *const all = state_segments() + one->plan->first_segment;
    for (seL4_Word i = 0; i < one->plan->segment_count; i++) {
        move_segment(one, &all[i]);
    }
    if (one->plan->builtin != POLICY_NONE) {
        copy_code(one, shared);
    }
}

/* ---- thread ---- */

static void configure(struct part *one, struct shared *shared)
{
    const seL4_ARM_Page buffer = new_page(shared);
    map(buffer, one->directory, POLICY_IPC_BUFFER_VADDR, seL4_CanRead | seL4_CanWrite);
    /* No fault handler: faults travel with the Grant right. */
    require_no_error(seL4_TCB_Configure(one->tcb, seL4_CapNull, (seL4_Uint8)one->plan->priority,
                                        one->cnode, part_guard(), one->directory, seL4_NilData,
                                        POLICY_IPC_BUFFER_VADDR, buffer),
                     "configure a thread");
    part_give(one, buffer);
    const seL4_UserContext context = {
        .pc = one->plan->builtin == POLICY_NONE ? one->plan->entry
                                                : program_entry(one->plan->builtin),
        .sp = POLICY_STACK_BASE + (POLICY_STACK_PAGES << seL4_PageBits),
        .r0 = POLICY_SUMMARY_VADDR,
    };
    require_no_error(seL4_TCB_WriteRegisters(one->tcb, false, 0, seL4_UserContextWords, &context),
                     "set the registers of a thread");
    seL4_DebugNameThread(one->tcb, one->plan->name);
}

/* ---- all of it ---- */

static void make_objects(struct part *one, struct shared *shared)
{
    struct stock *const stock = &shared->stock;
    one->cnode = stock_make(stock, seL4_CapTableObject, POLICY_CNODE_BITS,
                            POLICY_CNODE_BITS + seL4_SlotBits);
    one->tcb = stock_make(stock, seL4_TCBObject, 0, seL4_TCBBits);
    one->directory = stock_make(stock, seL4_ARM_PageDirectoryObject, 0, seL4_PageDirBits);
    one->next = SUMMARY_FIRST;
    require_no_error(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, one->directory),
                     "assign an address space identifier");
}

static void describe(const struct part *one, struct summary *summary)
{
    summary->magic = SUMMARY_MAGIC;
    memcpy(summary->name, one->plan->name, sizeof(summary->name));
    summary->number = one->number;
    summary->slot_bits = POLICY_CNODE_BITS;
    summary->text_start = one->plan->text_start;
    summary->text_end = one->plan->text_end;
    summary->data_start = one->plan->data_start;
    summary->data_end = one->plan->data_end;
}

void part_build(struct part *one, struct shared *shared)
{
    static struct summary summary;
    summary = (struct summary){0};
    make_objects(one, shared);
    map_tables(one, shared);
    map_stack(one, shared);
    map_program(one, shared);
    describe(one, &summary);
    give_channels(one, shared, &summary);
    give_devices(one, shared, &summary);
    give_memory(one, shared, &summary);
    configure(one, shared);
    /* The page with the summary takes the last slot. */
    summary.free = one->next + 1;
    give_copy(one, shared, &summary, sizeof(summary), POLICY_SUMMARY_VADDR);
}

void part_finish(struct part *one)
{
    require_no_error(seL4_TCB_Resume(one->tcb), "resume a thread");
    move_to(one, SUMMARY_TCB, one->tcb);
    move_to(one, SUMMARY_VSPACE, one->directory);
    /* With the guard, and into itself: after this the manager cannot name it. */
    require_no_error(seL4_CNode_Mutate(one->cnode, SUMMARY_CNODE, POLICY_CNODE_BITS, ROOT,
                                       one->cnode, ROOT_DEPTH, part_guard()),
                     "hand a CNode over");
}
