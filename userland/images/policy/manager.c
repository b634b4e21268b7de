/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resource manager that boots a system description.
 *
 * It reads the compact state, builds each subsystem out of untyped memory, and gives it exactly
 * what the state says. When all are built it lets them go, removes every capability that it has
 * left, and with the last one itself. No subsystem runs before: the manager's priority is above
 * theirs.
 *
 * What remains is its root CNode, with the pages that it ran in and the ASID pool: nothing but
 * itself can name that CNode any more, and no thread can act through it.
 *
 * The file is not called main.c because this is no image of its own: without a description behind
 * it there is nothing to boot.
 */

#include <manager/check.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "broken.h"
#include "parts.h"
#include "state.h"

const char program_name[] = "policy";

/* From the linker script. */
extern char image_start[], image_end[];

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

static struct shared shared;
static struct part parts[POLICY_MAX_SUBSYSTEMS];

static void build_all(seL4_Word count)
{
    stock_fill(&shared.stock, seL4_GetBootInfo());
    shared.scratch = stock_slots(&shared.stock, 1);
    make_endpoints(&shared);
    for (seL4_Word i = 0; i < count; i++) {
        parts[i].number = i;
        parts[i].plan = &state_subsystems()[i];
        part_build(&parts[i], &shared);
    }
    break_a_rule(parts, count, &shared);
    for (seL4_Word i = 0; i < count; i++) {
        part_finish(&parts[i]);
    }
}

/* ---- the end ---- */

static bool within(seL4_CPtr slot, seL4_SlotRegion region)
{
    return slot >= region.start && slot < region.end;
}

/* What it takes to run to the end: a thread in its own VSpace, and the CNode to invoke. And the
   pool of the address space identifiers, with which every VSpace would lose its own. */
static bool is_needed(seL4_CPtr slot, seL4_SlotRegion pages, seL4_SlotRegion tables)
{
    return slot == seL4_CapInitThreadTCB || slot == seL4_CapInitThreadCNode
           || slot == seL4_CapInitThreadIPCBuffer || slot == seL4_CapInitThreadASIDPool
           || within(slot, pages) || within(slot, tables)
           || (BROKEN(KEPT_THREAD) && slot == shared.scratch);
}

static _Noreturn void leave(void)
{
    /* The boot information itself goes on the way. */
    const seL4_SlotRegion tables = seL4_GetBootInfo()->userImagePTs;
    const seL4_CPtr first = seL4_GetBootInfo()->userImageFrames.start;
    const seL4_SlotRegion pages = {
        first, first + (((seL4_Word)image_end - (seL4_Word)image_start) >> seL4_PageBits)};
    for (seL4_CPtr slot = shared.stock.slots.start; slot-- > seL4_CapInitThreadTCB;) {
        if (!is_needed(slot, pages, tables)) {
            require_no_error(seL4_CNode_Delete(ROOT, slot, ROOT_DEPTH), "remove a capability");
        }
    }
    if (BROKEN(STAYS)) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
    seL4_CNode_Delete(ROOT, seL4_CapInitThreadTCB, ROOT_DEPTH);
    require(false, "the manager is still here");
    for (;;) {
    }
}

int main(void)
{
    const seL4_Word count = state_header()->subsystems_count;
    seL4_DebugNameThread(seL4_CapInitThreadTCB, "manager");
    build_all(count);
    printf("policy: %u subsystems built; the manager leaves\n", (unsigned)count);
    leave();
}
