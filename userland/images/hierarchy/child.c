/* SPDX-License-Identifier: BSD-2-Clause */

#include "child.h"

#include <manager/check.h>

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

static void make_parts(struct process *one, struct memory *books)
{
    one->cnode = memory_make(books, seL4_CapTableObject, CHILD_SLOT_BITS,
                             CHILD_SLOT_BITS + seL4_SlotBits);
    one->tcb = memory_make(books, seL4_TCBObject, 0, seL4_TCBBits);
    one->directory = memory_make(books, seL4_ARM_PageDirectoryObject, 0, seL4_PageDirBits);
    one->table = memory_make(books, seL4_ARM_PageTableObject, 0, seL4_PageTableBits);
    for (seL4_Word i = 0; i < PROCESS_PAGES; i++) {
        one->frames[i] = memory_make(books, seL4_ARM_SmallPageObject, 0, seL4_PageBits);
    }
}

static void give_powers(const struct builder *by, const struct process *to,
                        const struct plan *plan, seL4_CPtr hear)
{
    process_mint_self(to, CHILD_CNODE);
    process_mint(to, CHILD_PULSE, by->pulse, seL4_CanWrite,
                 seL4_CapData_Badge_new(plan->pulse_badge));
    if (hear != seL4_CapNull) {
        /* Write too: who only reads cannot be given the right to reply. */
        process_mint(to, CHILD_HEAR, hear, seL4_CanRead | seL4_CanWrite, seL4_NilData);
    }
    if (plan->may_build) {
        process_mint(to, CHILD_ASID_POOL, seL4_CapInitThreadASIDPool, seL4_AllRights,
                     seL4_NilData);
    }
}

/* The parent's own capabilities go: the last one that it needs is that to the CNode. */
static void hand_over_parts(const struct process *one, seL4_CPtr code_copies)
{
    const seL4_CPtr parts[] = {one->tcb,       one->directory, one->table,
                               one->frames[0], one->frames[1], one->frames[2]};
    for (seL4_Word i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        process_move(one, CHILD_PARTS + i, parts[i]);
    }
    for (seL4_Word i = 0; i < code_pages(); i++) {
        process_move(one, CHILD_CODE + i, code_copies + i);
    }
    require_no_error(seL4_CNode_Delete(ROOT, one->cnode, ROOT_DEPTH), "let go of a CNode");
}

struct child child_build(const struct builder *by, const struct plan *plan, seL4_Untyped whole,
                         seL4_CPtr hear)
{
    struct child fresh = {plan, whole, memory_new(by->memory->slots, whole, plan->whole_bits)};
    struct process process = {
        .name = plan->name,
        .priority = plan->priority,
        .entry = plan->entry,
        .slot_bits = CHILD_SLOT_BITS,
    };
    const seL4_CPtr code_copies = memory_slots(by->memory, code_pages());
    make_parts(&process, &fresh.books);
    give_powers(by, &process, plan, hear);
    process_move(&process, CHILD_MEMORY, memory_take(&fresh.books, plan->memory_bits));
    process_map(&process, by->code, code_copies);
    process_start(&process);
    hand_over_parts(&process, code_copies);
    return fresh;
}

seL4_Word child_parts(const struct child *one)
{
    return one->books.taken - ((seL4_Word)1 << one->plan->memory_bits);
}
