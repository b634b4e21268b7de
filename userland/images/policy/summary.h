/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The summary page: what a subsystem finds at POLICY_SUMMARY_VADDR, and in r0 when it starts.
 *
 * It tells what the CSpace holds and where. A slot's number is a complete capability pointer.
 */
#pragma once

#include <policy/state_generated.h>
#include <sel4/types.h>

/* Slots that are the same in every subsystem. */
enum {
    SUMMARY_CNODE = 1, /* its own CSpace */
    SUMMARY_TCB,       /* its own thread */
    SUMMARY_VSPACE,    /* its own page directory */
    SUMMARY_FIRST,     /* everything else, without gaps */
};

typedef uint16_t summary_half;

enum { SUMMARY_MAGIC = 0x314d5553, SUMMARY_CHANNELS = 256, SUMMARY_DEVICES = 16 };

struct summary_channel {
    summary_half slot;
    summary_half order; /* in the whole system: who all keep to it never wait in a ring */
    summary_half peer;  /* number of the subsystem on the other side */
    seL4_Uint8 kind;   /* POLICY_CHANNEL_COMM or POLICY_CHANNEL_NOTIFY */
    seL4_Uint8 sends;  /* 1: may be sent on, 0: may be waited on */
};

struct summary_device {
    char name[POLICY_NAME_BYTES];
    seL4_Word base;
    seL4_Word frame_bits;
    seL4_Word first; /* slot of the first frame */
    seL4_Word frames;
    seL4_Word handler; /* slot of the interrupt handler, 0: none */
};

struct summary {
    seL4_Word magic;
    char name[POLICY_NAME_BYTES];
    seL4_Word number;
    seL4_Word slot_bits;
    seL4_Word free; /* the first empty slot; all above are empty too */
    /* Untypeds of 2^memory_bits bytes each, in neighbouring slots. */
    seL4_Word memory_first;
    seL4_Word memory_count;
    seL4_Word memory_bits;
    /* Where its program was copied from. */
    seL4_Word text_start, text_end, data_start, data_end;
    seL4_Word channel_count;
    struct summary_channel channels[SUMMARY_CHANNELS];
    seL4_Word device_count;
    struct summary_device devices[SUMMARY_DEVICES];
};

_Static_assert(sizeof(struct summary) <= 1u << seL4_PageBits, "the summary is one page");
