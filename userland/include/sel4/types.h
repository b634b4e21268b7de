/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words and structures of the binary interface, under libsel4's names.
 * Every number comes from abi_generated.h; the structures are asserted against it below.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sel4/abi_generated.h>

typedef uint32_t seL4_Word;
typedef uint8_t seL4_Uint8;
typedef seL4_Word seL4_CPtr;

/* What a capability pointer is expected to name. */
typedef seL4_CPtr seL4_Untyped;
typedef seL4_CPtr seL4_TCB;
typedef seL4_CPtr seL4_CNode;
typedef seL4_CPtr seL4_IRQControl;
typedef seL4_CPtr seL4_IRQHandler;
typedef seL4_CPtr seL4_DomainSet;
typedef seL4_CPtr seL4_ARM_Page;
typedef seL4_CPtr seL4_ARM_PageTable;
typedef seL4_CPtr seL4_ARM_PageDirectory;
typedef seL4_CPtr seL4_ARM_ASIDControl;
typedef seL4_CPtr seL4_ARM_ASIDPool;

typedef enum {
    seL4_NoError = ABI_ERROR_NO_ERROR,
    seL4_InvalidArgument = ABI_ERROR_INVALID_ARGUMENT,
    seL4_InvalidCapability = ABI_ERROR_INVALID_CAPABILITY,
    seL4_IllegalOperation = ABI_ERROR_ILLEGAL_OPERATION,
    seL4_RangeError = ABI_ERROR_RANGE_ERROR,
    seL4_AlignmentError = ABI_ERROR_ALIGNMENT_ERROR,
    seL4_FailedLookup = ABI_ERROR_FAILED_LOOKUP,
    seL4_TruncatedMessage = ABI_ERROR_TRUNCATED_MESSAGE,
    seL4_DeleteFirst = ABI_ERROR_DELETE_FIRST,
    seL4_RevokeFirst = ABI_ERROR_REVOKE_FIRST,
    seL4_NotEnoughMemory = ABI_ERROR_NOT_ENOUGH_MEMORY,
} seL4_Error;

typedef enum {
    seL4_NoFault = ABI_FAULT_NONE,
    seL4_CapFault = ABI_FAULT_CAP_FAULT,
    seL4_VMFault = ABI_FAULT_VM_FAULT,
    seL4_UnknownSyscall = ABI_FAULT_UNKNOWN_SYSCALL,
    seL4_UserException = ABI_FAULT_USER_EXCEPTION,
} seL4_FaultType;

typedef enum {
    seL4_UntypedObject = ABI_OBJECT_UNTYPED,
    seL4_TCBObject = ABI_OBJECT_TCB,
    seL4_EndpointObject = ABI_OBJECT_ENDPOINT,
    seL4_AsyncEndpointObject = ABI_OBJECT_ASYNC_ENDPOINT,
    seL4_CapTableObject = ABI_OBJECT_CNODE,
    seL4_ARM_SmallPageObject = ABI_OBJECT_SMALL_PAGE,
    seL4_ARM_LargePageObject = ABI_OBJECT_LARGE_PAGE,
    seL4_ARM_SectionObject = ABI_OBJECT_SECTION,
    seL4_ARM_SuperSectionObject = ABI_OBJECT_SUPER_SECTION,
    seL4_ARM_PageTableObject = ABI_OBJECT_PAGE_TABLE,
    seL4_ARM_PageDirectoryObject = ABI_OBJECT_PAGE_DIRECTORY,
} seL4_ObjectType;

typedef enum {
    seL4_NoRights = 0,
    seL4_CanWrite = ABI_RIGHT_WRITE,
    seL4_CanRead = ABI_RIGHT_READ,
    seL4_CanGrant = ABI_RIGHT_GRANT,
    seL4_AllRights = ABI_RIGHTS_ALL,
} seL4_CapRights;

typedef enum {
    seL4_ARM_PageCacheable = ABI_ATTR_CACHEABLE,
    seL4_ARM_ParityEnabled = ABI_ATTR_PARITY,
    seL4_ARM_Default_VMAttributes = ABI_ATTR_CACHEABLE | ABI_ATTR_PARITY,
} seL4_ARM_VMAttributes;

/* Slots of the initial thread's root CNode. */
enum {
    seL4_CapNull = ABI_CAP_NULL,
    seL4_CapInitThreadTCB = ABI_CAP_TCB,
    seL4_CapInitThreadCNode = ABI_CAP_CNODE,
    seL4_CapInitThreadVSpace = ABI_CAP_VSPACE,
    seL4_CapIRQControl = ABI_CAP_IRQ_CONTROL,
    seL4_CapASIDControl = ABI_CAP_ASID_CONTROL,
    seL4_CapInitThreadASIDPool = ABI_CAP_ASID_POOL,
    seL4_CapIOPort = ABI_CAP_IO_PORT,
    seL4_CapIOSpace = ABI_CAP_IO_SPACE,
    seL4_CapBootInfoFrame = ABI_CAP_BOOTINFO_FRAME,
    seL4_CapInitThreadIPCBuffer = ABI_CAP_IPC_BUFFER,
    seL4_CapDomain = ABI_CAP_DOMAIN,
};

enum {
    seL4_WordBits = ABI_WORD_BITS,
    seL4_PageBits = ABI_SMALL_PAGE_BITS,
    seL4_SlotBits = ABI_SLOT_BITS,
    seL4_TCBBits = ABI_TCB_BITS,
    seL4_EndpointBits = ABI_ENDPOINT_BITS,
    seL4_PageTableBits = ABI_PAGE_TABLE_BITS,
    seL4_PageDirBits = ABI_PAGE_DIRECTORY_BITS,
    seL4_ASIDPoolBits = ABI_ASID_POOL_BITS,
    seL4_MsgMaxLength = ABI_MSG_MAX_LENGTH,
    seL4_MsgMaxExtraCaps = ABI_MSG_MAX_EXTRA_CAPS,
};

/* A message info word: what a message carries (label, capabilities, length in words). */
typedef struct {
    seL4_Word words[1];
} seL4_MessageInfo_t;

static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label, seL4_Word unwrapped,
                                                      seL4_Word extra_caps, seL4_Word length)
{
    return (seL4_MessageInfo_t){{
        (label & ABI_INFO_LABEL_MASK) << ABI_INFO_LABEL_SHIFT
        | (unwrapped & ABI_INFO_UNWRAPPED_MASK) << ABI_INFO_UNWRAPPED_SHIFT
        | (extra_caps & ABI_INFO_CAPS_MASK) << ABI_INFO_CAPS_SHIFT
        | (length & ABI_INFO_LENGTH_MASK),
    }};
}

static inline seL4_Word seL4_MessageInfo_get_label(seL4_MessageInfo_t info)
{
    return info.words[0] >> ABI_INFO_LABEL_SHIFT & ABI_INFO_LABEL_MASK;
}

static inline seL4_Word seL4_MessageInfo_get_capsUnwrapped(seL4_MessageInfo_t info)
{
    return info.words[0] >> ABI_INFO_UNWRAPPED_SHIFT & ABI_INFO_UNWRAPPED_MASK;
}

static inline seL4_Word seL4_MessageInfo_get_extraCaps(seL4_MessageInfo_t info)
{
    return info.words[0] >> ABI_INFO_CAPS_SHIFT & ABI_INFO_CAPS_MASK;
}

static inline seL4_Word seL4_MessageInfo_get_length(seL4_MessageInfo_t info)
{
    return info.words[0] & ABI_INFO_LENGTH_MASK;
}

/* A capData word: the badge of an endpoint capability, or the guard of a CNode capability. */
typedef struct {
    seL4_Word words[1];
} seL4_CapData_t;

#define seL4_NilData ((seL4_CapData_t){{0}})

static inline seL4_CapData_t seL4_CapData_Badge_new(seL4_Word badge)
{
    return (seL4_CapData_t){{badge & ABI_BADGE_MASK}};
}

static inline seL4_CapData_t seL4_CapData_Guard_new(seL4_Word guard, seL4_Word size)
{
    return (seL4_CapData_t){{
        ABI_CAPDATA_GUARD_FLAG
        | (guard & ABI_CAPDATA_GUARD_MASK) << ABI_CAPDATA_GUARD_SHIFT
        | (size & ABI_CAPDATA_GUARD_SIZE_MASK) << ABI_CAPDATA_GUARD_SIZE_SHIFT,
    }};
}

/* The buffer that carries what does not fit in registers. */
typedef struct {
    seL4_MessageInfo_t tag;
    seL4_Word msg[ABI_MSG_MAX_LENGTH];
    seL4_Word userData;
    seL4_Word caps_or_badges[ABI_MSG_MAX_EXTRA_CAPS];
    seL4_CPtr receiveCNode;
    seL4_CPtr receiveIndex;
    seL4_Word receiveDepth;
} seL4_IPCBuffer;

/* The registers of a thread, in the order in which TCB methods carry them. */
typedef struct {
    seL4_Word pc, sp, cpsr, r0, r1, r8, r9, r10, r11, r12;
    seL4_Word r2, r3, r4, r5, r6, r7, r14;
} seL4_UserContext;

enum { seL4_UserContextWords = sizeof(seL4_UserContext) / sizeof(seL4_Word) };

#define SEL4_OFFSET(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " is misplaced")

SEL4_OFFSET(seL4_IPCBuffer, tag, ABI_IPC_TAG);
SEL4_OFFSET(seL4_IPCBuffer, msg, ABI_IPC_MSG);
SEL4_OFFSET(seL4_IPCBuffer, userData, ABI_IPC_USER_DATA);
SEL4_OFFSET(seL4_IPCBuffer, caps_or_badges, ABI_IPC_CAPS_OR_BADGES);
SEL4_OFFSET(seL4_IPCBuffer, receiveCNode, ABI_IPC_RECEIVE_CNODE);
SEL4_OFFSET(seL4_IPCBuffer, receiveIndex, ABI_IPC_RECEIVE_INDEX);
SEL4_OFFSET(seL4_IPCBuffer, receiveDepth, ABI_IPC_RECEIVE_DEPTH);
_Static_assert(sizeof(seL4_IPCBuffer) == 1 << ABI_IPC_BUFFER_BITS, "IPC buffer size");

#define SEL4_CONTEXT(field, index) \
    SEL4_OFFSET(seL4_UserContext, field, (index) * sizeof(seL4_Word))

SEL4_CONTEXT(pc, ABI_CONTEXT_PC);
SEL4_CONTEXT(sp, ABI_CONTEXT_SP);
SEL4_CONTEXT(cpsr, ABI_CONTEXT_CPSR);
SEL4_CONTEXT(r0, ABI_CONTEXT_R0);
SEL4_CONTEXT(r1, ABI_CONTEXT_R1);
SEL4_CONTEXT(r2, ABI_CONTEXT_R2);
SEL4_CONTEXT(r3, ABI_CONTEXT_R3);
SEL4_CONTEXT(r4, ABI_CONTEXT_R4);
SEL4_CONTEXT(r5, ABI_CONTEXT_R5);
SEL4_CONTEXT(r6, ABI_CONTEXT_R6);
SEL4_CONTEXT(r7, ABI_CONTEXT_R7);
SEL4_CONTEXT(r8, ABI_CONTEXT_R8);
SEL4_CONTEXT(r9, ABI_CONTEXT_R9);
SEL4_CONTEXT(r10, ABI_CONTEXT_R10);
SEL4_CONTEXT(r11, ABI_CONTEXT_R11);
SEL4_CONTEXT(r12, ABI_CONTEXT_R12);
SEL4_CONTEXT(r14, ABI_CONTEXT_LR);
