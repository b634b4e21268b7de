/* SPDX-License-Identifier: BSD-2-Clause */

#include "subsystem.h"

#include "parts.h"

void subsystems_make_objects(struct allocator *from, struct subsystem *all)
{
    struct process *processes[SUBSYSTEMS];
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        processes[i] = &all[i].process;
    }
    processes_make_objects(from, processes, SUBSYSTEMS, PART_CNODE_BITS);
    const seL4_CPtr memory =
        allocate_objects(from, seL4_UntypedObject, PART_MEMORY_BITS, SUBSYSTEMS);
    for (seL4_Word i = 0; i < SUBSYSTEMS; i++) {
        all[i].memory = memory + i;
    }
}

void subsystem_give_capabilities(struct subsystem *one)
{
    const struct process *process = &one->process;
    process_mint_self(process, PART_CNODE);
    process_mint(process, PART_SPEAK, one->speak, seL4_CanWrite,
                 seL4_CapData_Badge_new(one->badge));
    process_mint(process, PART_HEAR, one->hear, seL4_CanRead, seL4_NilData);
    process_mint(process, PART_REPORT, one->report, seL4_CanWrite,
                 seL4_CapData_Badge_new(one->badge));
    /* Moved, not copied: the memory is the subsystem's alone. The manager keeps the parent, and
       with it the power to take all of it back. */
    process_move(process, PART_UNTYPED, one->memory);
    one->memory = seL4_CapNull;
}
