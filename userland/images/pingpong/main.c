/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two threads in two address spaces that exchange messages for ever: a client that calls, and a
 * server that replies and waits. A benchmark runs it for as long as it wants to.
 */

#include <sel4/io.h>
#include <sel4/sel4.h>

/* From the linker script: the image, and the end of its code and constants. */
extern char image_start[], code_end[];

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits };

/* The client's stack, in the megabyte of the image so that one page table serves. */
enum { STACK = 0x000fe000, STACK_BYTES = 0x1000 };

/* The client names slots as the server does, since both use one CSpace. */
static seL4_CPtr endpoint;

static void require(int error, const char *what)
{
    if (error != seL4_NoError) {
        printf("pingpong: cannot %s: error %d\n", what, error);
        seL4_DebugExit(1);
    }
}

/* ---- objects ---- */

static seL4_CPtr next_slot;
static seL4_Word untyped_in_use[4]; /* a bit for each */

/* An unused Untyped of at least 2^bits bytes, the smallest one. */
static seL4_CPtr find_untyped(const seL4_BootInfo *info, seL4_Word bits)
{
    const seL4_Word count = info->untyped.end - info->untyped.start;
    seL4_Word best = count;
    for (seL4_Word i = 0; i < count && i < 128; i++) {
        const seL4_Word size = info->untypedSizeBitsList[i];
        const bool used = untyped_in_use[i / 32] >> (i % 32) & 1;
        if (!used && size >= bits && (best == count || size < info->untypedSizeBitsList[best])) {
            best = i;
        }
    }
    require(best == count, "find untyped memory");
    untyped_in_use[best / 32] |= 1u << (best % 32);
    return info->untyped.start + best;
}

/* Each object takes an Untyped of its own: one can be retyped once. */
static seL4_CPtr make(const seL4_BootInfo *info, seL4_ObjectType type, seL4_Word bits)
{
    const seL4_CPtr untyped = find_untyped(info, bits);
    require(seL4_Untyped_Retype(untyped, type, 0, ROOT, 0, 0, next_slot, 1), "make an object");
    return next_slot++;
}

/* ---- the client's address space ---- */

static void map(seL4_ARM_Page frame, seL4_ARM_PageDirectory directory, seL4_Word address,
                seL4_CapRights rights)
{
    require(seL4_ARM_Page_Map(frame, directory, address, rights, seL4_ARM_Default_VMAttributes),
            "map a page");
}

static void share_image(const seL4_BootInfo *info, seL4_ARM_PageDirectory directory)
{
    const seL4_Word first = (seL4_Word)image_start;
    const seL4_Word count = info->userImageFrames.end - info->userImageFrames.start;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_CPtr copy = next_slot++;
        require(seL4_CNode_Copy(ROOT, copy, ROOT_DEPTH, ROOT, info->userImageFrames.start + i,
                                ROOT_DEPTH, seL4_CanRead),
                "copy a frame");
        map(copy, directory, first + (i << seL4_PageBits), seL4_CanRead);
    }
}

static seL4_ARM_PageDirectory make_space(const seL4_BootInfo *info)
{
    const seL4_ARM_PageDirectory directory = make(info, seL4_ARM_PageDirectoryObject, 14);
    const seL4_ARM_PageTable table = make(info, seL4_ARM_PageTableObject, 10);
    require(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, directory), "assign an ASID");
    require(seL4_ARM_PageTable_Map(table, directory, (seL4_Word)image_start,
                                   seL4_ARM_Default_VMAttributes),
            "install a page table");
    share_image(info, directory);
    map(make(info, seL4_ARM_SmallPageObject, seL4_PageBits), directory, STACK,
        seL4_CanRead | seL4_CanWrite);
    return directory;
}

/* ---- the two threads ---- */

static _Noreturn void client(void)
{
    const seL4_CPtr server = endpoint;
    for (seL4_Word value = 0;; value++) {
        seL4_Word word = value;
        (void)seL4_CallWithMRs(server, seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
    }
}

static void start_client(const seL4_BootInfo *info)
{
    const seL4_TCB tcb = make(info, seL4_TCBObject, 9);
    const seL4_UserContext context = {.pc = (seL4_Word)client, .sp = STACK + STACK_BYTES};
    const seL4_CapData_t guard = seL4_NilData; /* 0: the guard stays as it is */
    require(seL4_TCB_Configure(tcb, seL4_CapNull, 255, ROOT, guard, make_space(info), seL4_NilData,
                               0, seL4_CapNull),
            "configure the client");
    require(seL4_TCB_WriteRegisters(tcb, true, 0, seL4_UserContextWords, &context),
            "start the client");
}

int main(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    next_slot = info->empty.start;
    endpoint = make(info, seL4_EndpointObject, 4);
    start_client(info);
    printf("pingpong: client and server are ready\n");
    seL4_Word word = 0;
    seL4_Wait(endpoint, NULL);
    for (;;) {
        word++;
        (void)seL4_ReplyWaitWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL, &word, NULL,
                                    NULL, NULL);
    }
}
