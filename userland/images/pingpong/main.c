/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two threads in two address spaces that exchange messages for ever: a client that calls, and a
 * server that replies and waits. A benchmark runs it for as long as it wants to.
 */

#include <manager/check.h>
#include <manager/process.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

const char program_name[] = "pingpong";

/* The CSpace of the client. */
enum { CLIENT_SLOT_BITS = 2, CLIENT_SERVER = 1 };

static void client(void)
{
    for (seL4_Word value = 0;; value++) {
        seL4_Word word = value;
        (void)seL4_CallWithMRs(CLIENT_SERVER, seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL,
                               NULL);
    }
}

/* Answers the endpoint where the client calls. */
static seL4_CPtr start_client(const seL4_BootInfo *info)
{
    struct allocator memory = allocator_new(info);
    struct process one = {.name = "client", .priority = 255, .entry = client};
    const seL4_CPtr endpoint = allocate_objects(&memory, seL4_EndpointObject, 0, 1);
    processes_make_objects(&memory, (struct process *[]){&one}, 1, CLIENT_SLOT_BITS);
    /* To call needs Grant as well: the call hands over the right to reply. */
    process_mint(&one, CLIENT_SERVER, endpoint, seL4_CanWrite | seL4_CanGrant, seL4_NilData);
    process_map(&one, info->userImageFrames.start, allocate_slots(&memory, code_pages()));
    process_start(&one);
    return endpoint;
}

int main(void)
{
    const seL4_CPtr endpoint = start_client(seL4_GetBootInfo());
    printf("pingpong: client and server are ready\n");
    seL4_Word word = 0;
    seL4_Wait(endpoint, NULL);
    for (;;) {
        word++;
        (void)seL4_ReplyWaitWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL, &word, NULL,
                                    NULL, NULL);
    }
}
