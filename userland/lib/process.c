/* SPDX-License-Identifier: BSD-2-Clause */
/* Building processes out of objects. */

#include <manager/check.h>
#include <manager/process.h>

/* From the linker script: the image, and the end of its code and constants. */
extern char image_start[], code_end[];

/* Slots of the manager are addressed with all bits of a pointer, those of a fresh CNode, which
   has no guard yet, with its own bits alone. */
enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

/* No guard but zeros, so that a small number is a complete pointer. */
static seL4_CapData_t guard_of(const struct process *one)
{
    return seL4_CapData_Guard_new(0, seL4_WordBits - one->slot_bits);
}

/* ---- objects ---- */

static void note_frames(struct process *one, seL4_ARM_Page first)
{
    for (seL4_Word i = 0; i < PROCESS_PAGES; i++) {
        one->frames[i] = first + i;
    }
}

void processes_make_objects(struct allocator *from, struct process *const *all, seL4_Word count,
                            seL4_Word slot_bits)
{
    const seL4_CPtr cnode = allocate_objects(from, seL4_CapTableObject, slot_bits, count);
    const seL4_CPtr tcb = allocate_objects(from, seL4_TCBObject, 0, count);
    const seL4_CPtr directory = allocate_objects(from, seL4_ARM_PageDirectoryObject, 0, count);
    const seL4_CPtr table = allocate_objects(from, seL4_ARM_PageTableObject, 0, count);
    const seL4_CPtr frames =
        allocate_objects(from, seL4_ARM_SmallPageObject, 0, count * PROCESS_PAGES);
    for (seL4_Word i = 0; i < count; i++) {
        all[i]->slot_bits = slot_bits;
        all[i]->cnode = cnode + i;
        all[i]->tcb = tcb + i;
        all[i]->directory = directory + i;
        all[i]->table = table + i;
        note_frames(all[i], frames + i * PROCESS_PAGES);
    }
}

/* ---- CSpace ---- */

void process_mint(const struct process *one, seL4_Word slot, seL4_CPtr source,
                  seL4_CapRights rights, seL4_CapData_t data)
{
    require_no_error(seL4_CNode_Mint(one->cnode, slot, (seL4_Uint8)one->slot_bits, ROOT, source,
                                     ROOT_DEPTH, rights, data),
                     "mint a capability into a process");
}

void process_mint_self(const struct process *one, seL4_Word slot)
{
    process_mint(one, slot, one->cnode, seL4_AllRights, guard_of(one));
}

void process_move(const struct process *one, seL4_Word slot, seL4_CPtr source)
{
    require_no_error(seL4_CNode_Move(one->cnode, slot, (seL4_Uint8)one->slot_bits, ROOT, source,
                                     ROOT_DEPTH),
                     "move a capability into a process");
}

/* ---- VSpace ---- */

static void map_page(seL4_ARM_Page frame, const struct process *one, seL4_Word vaddr,
                     seL4_CapRights rights)
{
    require_no_error(seL4_ARM_Page_Map(frame, one->directory, vaddr, rights,
                                       seL4_ARM_Default_VMAttributes),
                     "map a page into a process");
}

/* A mapping belongs to its capability, so each page that is shared needs a copy. The copy is
   read-only, whatever rights a mapping through it asks for. */
static void share_page(const struct process *one, seL4_ARM_Page original, seL4_CPtr copy,
                       seL4_Word vaddr)
{
    require_no_error(seL4_CNode_Copy(ROOT, copy, ROOT_DEPTH, ROOT, original, ROOT_DEPTH,
                                     seL4_CanRead),
                     "copy a frame of the image");
    map_page(copy, one, vaddr, seL4_CanRead);
}

seL4_Word code_pages(void)
{
    return ((seL4_Word)code_end - (seL4_Word)image_start) >> seL4_PageBits;
}

void process_map(const struct process *one, seL4_ARM_Page code, seL4_CPtr copies)
{
    static const seL4_Word addresses[PROCESS_PAGES] = {PROCESS_STACK, PROCESS_DATA,
                                                       PROCESS_BUFFER};
    const seL4_Word first = (seL4_Word)image_start;

    require_no_error(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, one->directory),
                     "assign an address space identifier");
    require_no_error(seL4_ARM_PageTable_Map(one->table, one->directory, first,
                                            seL4_ARM_Default_VMAttributes),
                     "install a page table");
    for (seL4_Word i = 0; i < PROCESS_PAGES; i++) {
        map_page(one->frames[i], one, addresses[i], seL4_CanRead | seL4_CanWrite);
    }
    for (seL4_Word i = 0; i < code_pages(); i++) {
        share_page(one, code + i, copies + i, first + (i << seL4_PageBits));
    }
}

/* ---- thread ---- */

void process_start(const struct process *one)
{
    enum { BUFFER_FRAME = PROCESS_PAGES - 1 };
    const seL4_UserContext context = {
        .pc = (seL4_Word)one->entry,
        .sp = PROCESS_STACK + PROCESS_PAGE_BYTES,
    };
    /* No fault handler: an endpoint for faults would need the Grant right, and with it a
       process could pass capabilities on. */
    require_no_error(seL4_TCB_Configure(one->tcb, seL4_CapNull, one->priority, one->cnode,
                                        guard_of(one), one->directory, seL4_NilData,
                                        PROCESS_BUFFER, one->frames[BUFFER_FRAME]),
                     "configure a thread");
    require_no_error(seL4_TCB_WriteRegisters(one->tcb, false, 0, seL4_UserContextWords, &context),
                     "set the registers of a thread");
    seL4_DebugNameThread(one->tcb, one->name);
    require_no_error(seL4_TCB_Resume(one->tcb), "resume a thread");
}
