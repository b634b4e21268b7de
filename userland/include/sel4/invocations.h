/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocations of kernel objects: generic methods, in the order of their labels.
 *
 * Each stub is a Call on the service capability. Its capability arguments become the extra
 * capabilities of the message, in order; the other arguments become its words, in order; each
 * answers the error of the reply (seL4_NoError is 0).
 */
#pragma once

#include <sel4/syscalls.h>

/* Words 0 to 3 of the message go in registers; a stub sets the words above and the extra
   capabilities in the buffer before it comes here. The reply's words are left in `words`. */
SEL4_INLINE int sel4_invoke_results(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                    seL4_Word length, sel4_Registers *words)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(label, 0, caps, length);
    seL4_MessageInfo_t reply = sel4_trap_both(ABI_SYS_CALL, service, info, NULL, words);
    return (int)seL4_MessageInfo_get_label(reply);
}

SEL4_INLINE int sel4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps, seL4_Word length,
                            sel4_Registers words)
{
    return sel4_invoke_results(service, label, caps, length, &words);
}

/* The architecture flags of register methods lie above the method's own flags. */
enum { SEL4_ARCH_FLAGS_SHIFT = 8 };

/* ---- Untyped ---- */

/* Makes `num_objects` objects; their capabilities go to slots `node_offset` and up of the CNode
   at (root, node_index, node_depth), or of `root` itself where `node_depth` is 0. */
SEL4_INLINE int seL4_Untyped_Retype(seL4_Untyped service, seL4_Word type, seL4_Word size_bits,
                                    seL4_CNode root, seL4_Word node_index, seL4_Word node_depth,
                                    seL4_Word node_offset, seL4_Word num_objects)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, node_offset);
    seL4_SetMR(5, num_objects);
    return sel4_invoke(service, ABI_LABEL_UNTYPED_RETYPE, 1, 6,
                       (sel4_Registers){{type, size_bits, node_index, node_depth}});
}

/* ---- TCB ---- */

/* Reads the first `count` registers of a thread, in the order of seL4_UserContext. */
SEL4_INLINE int seL4_TCB_ReadRegisters(seL4_TCB service, bool suspend_source,
                                       seL4_Uint8 arch_flags, seL4_Word count,
                                       seL4_UserContext *regs)
{
    seL4_Word *const out = (seL4_Word *)regs;
    const seL4_Word flags = (suspend_source ? ABI_READ_REGISTERS_SUSPEND : 0)
                            | (seL4_Word)arch_flags << SEL4_ARCH_FLAGS_SHIFT;
    sel4_Registers words = {{flags, count}};
    int error = sel4_invoke_results(service, ABI_LABEL_TCB_READ_REGISTERS, 0, 2, &words);
    for (seL4_Word i = 0; error == seL4_NoError && i < count && i < seL4_UserContextWords; i++) {
        out[i] = i < ABI_MSG_REGISTERS ? words.mr[i] : seL4_GetMR((int)i);
    }
    return error;
}

/* Writes the first `count` registers of a thread. The message always carries all of them. */
SEL4_INLINE int seL4_TCB_WriteRegisters(seL4_TCB service, bool resume_target,
                                        seL4_Uint8 arch_flags, seL4_Word count,
                                        const seL4_UserContext *regs)
{
    enum { BEFORE = 2, IN_REGISTERS = ABI_MSG_REGISTERS - BEFORE };
    const seL4_Word *const in = (const seL4_Word *)regs;
    const seL4_Word flags = (resume_target ? ABI_WRITE_REGISTERS_RESUME : 0)
                            | (seL4_Word)arch_flags << SEL4_ARCH_FLAGS_SHIFT;
    for (int i = IN_REGISTERS; i < seL4_UserContextWords; i++) {
        seL4_SetMR(BEFORE + i, in[i]);
    }
    return sel4_invoke(service, ABI_LABEL_TCB_WRITE_REGISTERS, 0, BEFORE + seL4_UserContextWords,
                       (sel4_Registers){{flags, count, in[0], in[1]}});
}

SEL4_INLINE int seL4_TCB_CopyRegisters(seL4_TCB service, seL4_TCB source, bool suspend_source,
                                       bool resume_target, bool transfer_frame,
                                       bool transfer_integer, seL4_Uint8 arch_flags)
{
    const seL4_Word flags = (suspend_source ? ABI_COPY_SUSPEND_SOURCE : 0)
                            | (resume_target ? ABI_COPY_RESUME_TARGET : 0)
                            | (transfer_frame ? ABI_COPY_FRAME : 0)
                            | (transfer_integer ? ABI_COPY_INTEGER : 0)
                            | (seL4_Word)arch_flags << SEL4_ARCH_FLAGS_SHIFT;
    seL4_SetCap(0, source);
    return sel4_invoke(service, ABI_LABEL_TCB_COPY_REGISTERS, 1, 1, (sel4_Registers){{flags}});
}

/* Sets what a thread needs to run. `fault_ep` is an address in the CSpace given here; root data
   of 0 leaves the guard as it is; `buffer` is the virtual address of the IPC buffer. */
SEL4_INLINE int seL4_TCB_Configure(seL4_TCB service, seL4_Word fault_ep, seL4_Uint8 priority,
                                   seL4_CNode cspace_root, seL4_CapData_t cspace_root_data,
                                   seL4_CNode vspace_root, seL4_CapData_t vspace_root_data,
                                   seL4_Word buffer, seL4_CPtr buffer_frame)
{
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    seL4_SetCap(2, buffer_frame);
    seL4_SetMR(4, buffer);
    return sel4_invoke(service, ABI_LABEL_TCB_CONFIGURE, 3, 5,
                       (sel4_Registers){{fault_ep, priority, cspace_root_data.words[0],
                                         vspace_root_data.words[0]}});
}

SEL4_INLINE int seL4_TCB_SetPriority(seL4_TCB service, seL4_Uint8 priority)
{
    return sel4_invoke(service, ABI_LABEL_TCB_SET_PRIORITY, 0, 1, (sel4_Registers){{priority}});
}

SEL4_INLINE int seL4_TCB_SetIPCBuffer(seL4_TCB service, seL4_Word buffer, seL4_CPtr buffer_frame)
{
    seL4_SetCap(0, buffer_frame);
    return sel4_invoke(service, ABI_LABEL_TCB_SET_IPC_BUFFER, 1, 1, (sel4_Registers){{buffer}});
}

SEL4_INLINE int seL4_TCB_SetSpace(seL4_TCB service, seL4_Word fault_ep, seL4_CNode cspace_root,
                                  seL4_CapData_t cspace_root_data, seL4_CNode vspace_root,
                                  seL4_CapData_t vspace_root_data)
{
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    return sel4_invoke(service, ABI_LABEL_TCB_SET_SPACE, 2, 3,
                       (sel4_Registers){{fault_ep, cspace_root_data.words[0],
                                         vspace_root_data.words[0]}});
}

SEL4_INLINE int seL4_TCB_Suspend(seL4_TCB service)
{
    return sel4_invoke(service, ABI_LABEL_TCB_SUSPEND, 0, 0, (sel4_Registers){{0}});
}

SEL4_INLINE int seL4_TCB_Resume(seL4_TCB service)
{
    return sel4_invoke(service, ABI_LABEL_TCB_RESUME, 0, 0, (sel4_Registers){{0}});
}

/* ---- CNode: (index, depth) names a slot in the CSpace whose root is `service` ---- */

SEL4_INLINE int seL4_CNode_Revoke(seL4_CNode service, seL4_Word index, seL4_Uint8 depth)
{
    return sel4_invoke(service, ABI_LABEL_CNODE_REVOKE, 0, 2, (sel4_Registers){{index, depth}});
}

SEL4_INLINE int seL4_CNode_Delete(seL4_CNode service, seL4_Word index, seL4_Uint8 depth)
{
    return sel4_invoke(service, ABI_LABEL_CNODE_DELETE, 0, 2, (sel4_Registers){{index, depth}});
}

SEL4_INLINE int seL4_CNode_Recycle(seL4_CNode service, seL4_Word index, seL4_Uint8 depth)
{
    return sel4_invoke(service, ABI_LABEL_CNODE_RECYCLE, 0, 2, (sel4_Registers){{index, depth}});
}

/* A child of a master, else a sibling; with the rights in `rights` that the source has too. */
SEL4_INLINE int seL4_CNode_Copy(seL4_CNode service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                seL4_CapRights rights)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights);
    return sel4_invoke(service, ABI_LABEL_CNODE_COPY, 1, 5,
                       (sel4_Registers){{dest_index, dest_depth, src_index, src_depth}});
}

/* A child, with a badge (endpoints) or a guard (CNodes). */
SEL4_INLINE int seL4_CNode_Mint(seL4_CNode service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                seL4_CapRights rights, seL4_CapData_t data)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights);
    seL4_SetMR(5, data.words[0]);
    return sel4_invoke(service, ABI_LABEL_CNODE_MINT, 1, 6,
                       (sel4_Registers){{dest_index, dest_depth, src_index, src_depth}});
}

SEL4_INLINE int seL4_CNode_Move(seL4_CNode service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, src_root);
    return sel4_invoke(service, ABI_LABEL_CNODE_MOVE, 1, 4,
                       (sel4_Registers){{dest_index, dest_depth, src_index, src_depth}});
}

SEL4_INLINE int seL4_CNode_Mutate(seL4_CNode service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                  seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                  seL4_CapData_t data)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, data.words[0]);
    return sel4_invoke(service, ABI_LABEL_CNODE_MUTATE, 1, 5,
                       (sel4_Registers){{dest_index, dest_depth, src_index, src_depth}});
}

/* Moves the pivot's capability to the destination and the source's to the pivot. */
SEL4_INLINE int seL4_CNode_Rotate(seL4_CNode service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                  seL4_CapData_t dest_data, seL4_CNode pivot_root,
                                  seL4_Word pivot_index, seL4_Uint8 pivot_depth,
                                  seL4_CapData_t pivot_data, seL4_CNode src_root,
                                  seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, pivot_root);
    seL4_SetCap(1, src_root);
    seL4_SetMR(4, pivot_depth);
    seL4_SetMR(5, pivot_data.words[0]);
    seL4_SetMR(6, src_index);
    seL4_SetMR(7, src_depth);
    return sel4_invoke(
        service, ABI_LABEL_CNODE_ROTATE, 2, 8,
        (sel4_Registers){{dest_index, dest_depth, dest_data.words[0], pivot_index}});
}

/* Keeps the pending reply capability in a slot. */
SEL4_INLINE int seL4_CNode_SaveCaller(seL4_CNode service, seL4_Word index, seL4_Uint8 depth)
{
    return sel4_invoke(service, ABI_LABEL_CNODE_SAVE_CALLER, 0, 2,
                       (sel4_Registers){{index, depth}});
}

/* A sibling of the source, master like it. Not part of seL4: the thesis's imitate. */
SEL4_INLINE int seL4_CNode_Imitate(seL4_CNode service, seL4_Word dest_index,
                                   seL4_Uint8 dest_depth, seL4_CNode src_root,
                                   seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, src_root);
    return sel4_invoke(service, ABI_LABEL_CNODE_IMITATE, 1, 4,
                       (sel4_Registers){{dest_index, dest_depth, src_index, src_depth}});
}

/* ---- interrupts and domains ---- */

SEL4_INLINE int seL4_IRQControl_Get(seL4_IRQControl service, seL4_Word irq, seL4_CNode root,
                                    seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return sel4_invoke(service, ABI_LABEL_IRQ_CONTROL_GET, 1, 3,
                       (sel4_Registers){{irq, index, depth}});
}

SEL4_INLINE int seL4_IRQHandler_Ack(seL4_IRQHandler service)
{
    return sel4_invoke(service, ABI_LABEL_IRQ_HANDLER_ACK, 0, 0, (sel4_Registers){{0}});
}

SEL4_INLINE int seL4_IRQHandler_SetEndpoint(seL4_IRQHandler service, seL4_CPtr endpoint)
{
    seL4_SetCap(0, endpoint);
    return sel4_invoke(service, ABI_LABEL_IRQ_HANDLER_SET_ENDPOINT, 1, 0, (sel4_Registers){{0}});
}

SEL4_INLINE int seL4_IRQHandler_Clear(seL4_IRQHandler service)
{
    return sel4_invoke(service, ABI_LABEL_IRQ_HANDLER_CLEAR, 0, 0, (sel4_Registers){{0}});
}

SEL4_INLINE int seL4_DomainSet_Set(seL4_DomainSet service, seL4_Uint8 domain, seL4_TCB thread)
{
    seL4_SetCap(0, thread);
    return sel4_invoke(service, ABI_LABEL_DOMAIN_SET_SET, 1, 1, (sel4_Registers){{domain}});
}
