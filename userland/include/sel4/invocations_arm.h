/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of kernel objects: the methods of virtual memory, in the order of their labels. */
#pragma once

#include <sel4/invocations.h>

/* Cache maintenance, on a virtual range of a VSpace or on offsets in one frame; `end` is
   exclusive. The eight methods differ in the label alone. */
#define SEL4_CACHE_METHOD(name, service_type, label)                                      \
    SEL4_INLINE int name(service_type service, seL4_Word start, seL4_Word end)            \
    {                                                                                     \
        return sel4_invoke(service, label, 0, 2, (sel4_Registers){{start, end}});         \
    }

SEL4_CACHE_METHOD(seL4_ARM_PageDirectory_Clean_Data, seL4_ARM_PageDirectory,
                  ABI_LABEL_PD_CLEAN_DATA)
SEL4_CACHE_METHOD(seL4_ARM_PageDirectory_Invalidate_Data, seL4_ARM_PageDirectory,
                  ABI_LABEL_PD_INVALIDATE_DATA)
SEL4_CACHE_METHOD(seL4_ARM_PageDirectory_CleanInvalidate_Data, seL4_ARM_PageDirectory,
                  ABI_LABEL_PD_CLEAN_INVALIDATE_DATA)
SEL4_CACHE_METHOD(seL4_ARM_PageDirectory_Unify_Instruction, seL4_ARM_PageDirectory,
                  ABI_LABEL_PD_UNIFY_INSTRUCTION)

/* ---- PageTable ---- */

SEL4_INLINE int seL4_ARM_PageTable_Map(seL4_ARM_PageTable service, seL4_ARM_PageDirectory pd,
                                       seL4_Word vaddr, seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, pd);
    return sel4_invoke(service, ABI_LABEL_PAGE_TABLE_MAP, 1, 2, (sel4_Registers){{vaddr, attr}});
}

SEL4_INLINE int seL4_ARM_PageTable_Unmap(seL4_ARM_PageTable service)
{
    return sel4_invoke(service, ABI_LABEL_PAGE_TABLE_UNMAP, 0, 0, (sel4_Registers){{0}});
}

/* ---- Page (a Frame) ---- */

SEL4_INLINE int seL4_ARM_Page_Map(seL4_ARM_Page service, seL4_ARM_PageDirectory pd,
                                  seL4_Word vaddr, seL4_CapRights rights,
                                  seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, pd);
    return sel4_invoke(service, ABI_LABEL_PAGE_MAP, 1, 3,
                       (sel4_Registers){{vaddr, rights, attr}});
}

SEL4_INLINE int seL4_ARM_Page_Remap(seL4_ARM_Page service, seL4_ARM_PageDirectory pd,
                                    seL4_CapRights rights, seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, pd);
    return sel4_invoke(service, ABI_LABEL_PAGE_REMAP, 1, 2, (sel4_Registers){{rights, attr}});
}

SEL4_INLINE int seL4_ARM_Page_Unmap(seL4_ARM_Page service)
{
    return sel4_invoke(service, ABI_LABEL_PAGE_UNMAP, 0, 0, (sel4_Registers){{0}});
}

SEL4_CACHE_METHOD(seL4_ARM_Page_Clean_Data, seL4_ARM_Page, ABI_LABEL_PAGE_CLEAN_DATA)
SEL4_CACHE_METHOD(seL4_ARM_Page_Invalidate_Data, seL4_ARM_Page, ABI_LABEL_PAGE_INVALIDATE_DATA)
SEL4_CACHE_METHOD(seL4_ARM_Page_CleanInvalidate_Data, seL4_ARM_Page,
                  ABI_LABEL_PAGE_CLEAN_INVALIDATE_DATA)
SEL4_CACHE_METHOD(seL4_ARM_Page_Unify_Instruction, seL4_ARM_Page,
                  ABI_LABEL_PAGE_UNIFY_INSTRUCTION)

typedef struct {
    int error;
    seL4_Word paddr;
} seL4_ARM_Page_GetAddress_t;

/* The physical address comes in the first word although the reply's length says 0. */
SEL4_INLINE seL4_ARM_Page_GetAddress_t seL4_ARM_Page_GetAddress(seL4_ARM_Page service)
{
    sel4_Registers words = {{0}};
    int error = sel4_invoke_results(service, ABI_LABEL_PAGE_GET_ADDRESS, 0, 0, &words);
    return (seL4_ARM_Page_GetAddress_t){error, words.mr[0]};
}

/* Installs the PageTable and maps the Frame through it, or does neither. Not part of seL4. */
SEL4_INLINE int seL4_ARM_Page_MapWithTable(seL4_ARM_Page service, seL4_ARM_PageDirectory pd,
                                           seL4_ARM_PageTable table, seL4_Word vaddr,
                                           seL4_CapRights rights, seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, pd);
    seL4_SetCap(1, table);
    return sel4_invoke(service, ABI_LABEL_PAGE_MAP_WITH_TABLE, 2, 3,
                       (sel4_Registers){{vaddr, rights, attr}});
}

/* ---- address space identifiers ---- */

SEL4_INLINE int seL4_ARM_ASIDControl_MakePool(seL4_ARM_ASIDControl service, seL4_Untyped untyped,
                                              seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, untyped);
    seL4_SetCap(1, root);
    return sel4_invoke(service, ABI_LABEL_ASID_CONTROL_MAKE_POOL, 2, 2,
                       (sel4_Registers){{index, depth}});
}

SEL4_INLINE int seL4_ARM_ASIDPool_Assign(seL4_ARM_ASIDPool service, seL4_ARM_PageDirectory vroot)
{
    seL4_SetCap(0, vroot);
    return sel4_invoke(service, ABI_LABEL_ASID_POOL_ASSIGN, 1, 0, (sel4_Registers){{0}});
}
