/* SPDX-License-Identifier: BSD-2-Clause */

#include "subsystem.h"

#include "allocator.h"
#include "check.h"
#include "parts.h"

/* From the linker script: the image, and the end of its code and constants. */
extern char image_start[], code_end[];

/* Slots of the manager are addressed with all bits of a pointer, those of a fresh CNode, which
   has no guard yet, with its own bits alone. */
enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

/* No guard but zeros, so that a small number is a complete pointer. */
static seL4_CapData_t part_guard(void)
{
    return seL4_CapData_Guard_new(0, PART_GUARD_BITS);
}

/* ---- objects ---- */

void subsystems_make_objects(struct subsystem *all)
{
    const seL4_CPtr cnode = allocate_objects(seL4_CapTableObject, PART_CNODE_BITS, SUBSYSTEMS);
    const seL4_CPtr tcb = allocate_objects(seL4_TCBObject, 0, SUBSYSTEMS);
    const seL4_CPtr directory = allocate_objects(seL4_ARM_PageDirectoryObject, 0, SUBSYSTEMS);
    const seL4_CPtr table = allocate_objects(seL4_ARM_PageTableObject, 0, SUBSYSTEMS);
    const seL4_CPtr frames =
        allocate_objects(seL4_ARM_SmallPageObject, 0, SUBSYSTEMS * PART_PAGES);
    const seL4_CPtr memory = allocate_objects(seL4_UntypedObject, PART_MEMORY_BITS, SUBSYSTEMS);
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        all[i].cnode = cnode + i;
        all[i].tcb = tcb + i;
        all[i].directory = directory + i;
        all[i].table = table + i;
        all[i].frames = frames + i * PART_PAGES;
        all[i].memory = memory + i;
    }
}

/* ---- CSpace ---- */

static void mint(const struct subsystem *one, seL4_Word slot, seL4_CPtr source,
                 seL4_CapRights rights, seL4_CapData_t data)
{
    require_no_error(seL4_CNode_Mint(one->cnode, slot, PART_CNODE_BITS, ROOT, source, ROOT_DEPTH,
                                     rights, data),
                     "mint a capability into a subsystem");
}

void subsystem_give_capabilities(struct subsystem *one)
{
    mint(one, PART_CNODE, one->cnode, seL4_AllRights, part_guard());
    mint(one, PART_SPEAK, one->speak, seL4_CanWrite, seL4_CapData_Badge_new(one->badge));
    mint(one, PART_HEAR, one->hear, seL4_CanRead, seL4_NilData);
    mint(one, PART_REPORT, one->report, seL4_CanWrite, seL4_CapData_Badge_new(one->badge));
    /* Moved, not copied: the memory is the subsystem's alone. The manager keeps the parent, and
       with it the power to take all of it back. */
    require_no_error(seL4_CNode_Move(one->cnode, PART_UNTYPED, PART_CNODE_BITS, ROOT, one->memory,
                                     ROOT_DEPTH),
                     "move untyped memory into a subsystem");
    one->memory = seL4_CapNull;
}

/* ---- VSpace ---- */

static void map_page(seL4_ARM_Page frame, const struct subsystem *one, seL4_Word vaddr,
                     seL4_CapRights rights)
{
    require_no_error(seL4_ARM_Page_Map(frame, one->directory, vaddr, rights,
                                       seL4_ARM_Default_VMAttributes),
                     "map a page into a subsystem");
}

/* A mapping belongs to its capability, so each page that is shared needs a copy. The copy is
   read-only, whatever rights a mapping through it asks for. */
static void share_page(const struct subsystem *one, seL4_ARM_Page original, seL4_Word vaddr)
{
    const seL4_CPtr copy = allocate_slots(1);
    require_no_error(seL4_CNode_Copy(ROOT, copy, ROOT_DEPTH, ROOT, original, ROOT_DEPTH,
                                     seL4_CanRead),
                     "copy a frame of the image");
    map_page(copy, one, vaddr, seL4_CanRead);
}

static seL4_Word share_code(const struct subsystem *one, const seL4_BootInfo *info)
{
    const seL4_Word first = (seL4_Word)image_start;
    const seL4_Word pages = ((seL4_Word)code_end - first) >> seL4_PageBits;
    for (seL4_Word i = 0; i < pages; i++) {
        share_page(one, info->userImageFrames.start + i, first + (i << seL4_PageBits));
    }
    return pages;
}

seL4_Word subsystem_map(const struct subsystem *one, const seL4_BootInfo *info)
{
    static const seL4_Word addresses[PART_PAGES] = {PART_STACK, PART_DATA, PART_BUFFER};

    require_no_error(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, one->directory),
                     "assign an address space identifier");
    require_no_error(seL4_ARM_PageTable_Map(one->table, one->directory, (seL4_Word)image_start,
                                            seL4_ARM_Default_VMAttributes),
                     "install a page table");
    for (seL4_Word i = 0; i < PART_PAGES; i++) {
        map_page(one->frames + i, one, addresses[i], seL4_CanRead | seL4_CanWrite);
    }
    return share_code(one, info);
}

/* ---- thread ---- */

void subsystem_start(const struct subsystem *one)
{
    enum { BUFFER_FRAME = PART_PAGES - 1 };
    const seL4_UserContext context = {
        .pc = (seL4_Word)one->entry,
        .sp = PART_STACK + PART_PAGE_BYTES,
    };
    /* No fault handler: an endpoint for faults would need the Grant right, and with it a
       subsystem could pass capabilities on. */
    require_no_error(seL4_TCB_Configure(one->tcb, seL4_CapNull, one->priority, one->cnode,
                                        part_guard(), one->directory, seL4_NilData, PART_BUFFER,
                                        one->frames + BUFFER_FRAME),
                     "configure a thread");
    require_no_error(seL4_TCB_WriteRegisters(one->tcb, false, 0, seL4_UserContextWords, &context),
                     "set the registers of a thread");
    seL4_DebugNameThread(one->tcb, one->name);
    require_no_error(seL4_TCB_Resume(one->tcb), "resume a thread");
}
