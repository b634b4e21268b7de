/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot information, the initial CSpace and the initial registers. */
#include "harness.h"

static const u32 devices[][2] = {
    { 0x43f80000, 1 }, { 0x43f84000, 1 }, { 0x43f88000, 1 }, { 0x43f8c000, 1 },
    { 0x43f90000, 1 }, { 0x43f94000, 1 }, { 0x43f98000, 1 }, { 0x43f9c000, 1 },
    { 0x43fa0000, 1 }, { 0x43fa4000, 1 }, { 0x43fa8000, 1 }, { 0x43fac000, 1 },
    { 0x43fb0000, 1 }, { 0x43fb4000, 1 }, { 0x50004000, 1 }, { 0x50008000, 1 },
    { 0x5000c000, 1 }, { 0x50010000, 1 }, { 0x50014000, 1 }, { 0x50018000, 1 },
    { 0x5001c000, 1 }, { 0x50020000, 1 }, { 0x50024000, 1 }, { 0x50028000, 1 },
    { 0x5003c000, 1 }, { 0x53f80000, 1 }, { 0x53f84000, 1 }, { 0x53f8c000, 1 },
    { 0x53f90000, 1 }, { 0x53f98000, 1 }, { 0x53fa4000, 4 }, { 0x53fb0000, 1 },
    { 0x53fc4000, 1 }, { 0x53fcc000, 4 }, { 0x53fd0000, 4 }, { 0x53fd8000, 1 },
    { 0x53fe0000, 1 }, { 0x53fec000, 1 }, { 0xa0000000, 64 }, { 0xa8000000, 32 },
    { 0xb4000000, 32 }, { 0xb6000000, 32 }, { 0xc0000000, 32 },
};
#define DEVICES (sizeof(devices) / sizeof(devices[0]))

static u32 physical(u32 frame)
{
    struct regs answer = invoke(frame, PAGE_ADDRESS, LIST(), LIST());
    EQ(answer.info, 0);
    return answer.m[0];
}

static void check_initial_registers(const u32 *initial)
{
    for (u32 i = 1; i < 15; i++)
        EQ(initial[i], 0);
    EQ(initial[15], 0x50);
    EQ(initial[0], (u32)info->buffer + PAGE_BYTES);
    EQ(initial[0] & 0xfff, 0);
    EQ(GLOBALS[0], info->buffer);
    u32 other = 0;
    for (u32 i = 1; i < 1024; i++)
        other |= GLOBALS[i];
    EQ(other, 0);
}

static void check_fixed_slots(void)
{
    static const u8 tags[] = { TAG_NULL, TAG_TCB, TAG_CNODE, TAG_DIRECTORY, TAG_IRQ_CONTROL,
                               TAG_ASID_CONTROL, TAG_POOL, TAG_NULL, TAG_NULL, TAG_SMALL,
                               TAG_SMALL, TAG_DOMAIN };
    for (u32 slot = 0; slot < sizeof(tags); slot++)
        EQ(identify(slot), tags[slot]);
    EQ(identify(0x10000), 0);
    EQ(identify(0xffffffff), 0);
    EQ(identify(65535), 0);
    EQ(physical(INFO_FRAME) & 0xfff, 0);
    FAILS(invoke(INFO_FRAME, PAGE_MAP, LIST(0x20000000, RW, 3), LIST(MY_PD)),
          INVALID_CAPABILITY, 0);
    FAILS(invoke(BUFFER_FRAME, PAGE_MAP, LIST(0x20000000, RW, 3), LIST(MY_PD)),
          INVALID_CAPABILITY, 0);
}

static void check_regions(void)
{
    EQ(info->node, 0);
    EQ(info->nodes, 1);
    EQ(info->io_levels, 0);
    EQ(info->shared.start, 0);
    EQ(info->shared.end, 0);
    EQ(info->cnode_bits, 16);
    EQ(info->domain, 0);
    EQ(info->tables.start, FIRST_FREE);
    EQ(info->frames.start, info->tables.end);
    EQ(info->untyped.start, info->frames.end);
    EQ(info->device[0].frames.start, info->untyped.end);
    EQ(info->empty.end, 65536);
    EQ((u32)&info->domain - (u32)info, 4080);
    EQ(sizeof(struct boot_info), 4084);
}

static void check_image(void)
{
    u32 pages = info->frames.end - info->frames.start;
    u32 start = (u32)info->buffer - pages * PAGE_BYTES, end = (u32)info + PAGE_BYTES;
    EQ(info->tables.end - info->tables.start, ((end - 1) >> 20) - (start >> 20) + 1);
    for (u32 slot = info->tables.start; slot < info->tables.end; slot++)
        EQ(identify(slot), TAG_TABLE);
    u32 first = physical(info->frames.start), wrong = 0;
    for (u32 i = 0; i < pages; i++)
        wrong += physical(info->frames.start + i) != first + i * PAGE_BYTES;
    EQ(wrong, 0);
    FAILS(invoke(info->frames.start, PAGE_MAP, LIST(0x20000000, RW, 3), LIST(MY_PD)),
          INVALID_CAPABILITY, 0);
    FAILS(invoke(info->tables.start, PT_MAP, LIST(0x20000000, 3), LIST(MY_PD)),
          INVALID_CAPABILITY, 0);
}

static void check_untyped_list(void)
{
    u32 count = info->untyped.end - info->untyped.start, wrong = 0, bytes = 0;
    for (u32 i = 0; i < count; i++) {
        u32 bits = info->untyped_bits[i], at = info->untyped_address[i];
        wrong += identify(info->untyped.start + i) != TAG_UNTYPED;
        wrong += (at & ((1u << bits) - 1)) != 0 || bits < 4 || bits > 30;
        wrong += at < 0x80000000 || at + (1u << bits) > 0x88000000;
        for (u32 j = 0; j < i; j++)
            wrong += at < info->untyped_address[j] + (1u << info->untyped_bits[j]) &&
                     info->untyped_address[j] < at + (1u << bits);
        bytes += 1u << bits;
    }
    for (u32 i = count; i < MAX_UNTYPED; i++)
        wrong += info->untyped_address[i] || info->untyped_bits[i];
    EQ(wrong, 0);
    TRUE(bytes > 120u << 20);
}

static void check_devices(void)
{
    u32 next = info->untyped.end, wrong = 0;
    EQ(info->devices, 43);
    EQ(DEVICES, info->devices);
    for (u32 i = 0; i < DEVICES; i++) {
        const struct device *device = &info->device[i];
        u32 bits = devices[i][0] >= 0xa0000000 ? 20 : 12;
        EQ(device->base, devices[i][0]);
        EQ(device->bits, bits);
        EQ(device->frames.start, next);
        EQ(device->frames.end, next + devices[i][1]);
        for (u32 n = 0; n < devices[i][1]; n++, next++) {
            wrong += identify(next) != (bits == 12 ? TAG_SMALL : TAG_LARGER);
            wrong += physical(next) != device->base + (n << bits);
        }
    }
    EQ(wrong, 0);
    EQ(info->empty.start, next);
    for (u32 i = DEVICES; i < MAX_DEVICES; i++)
        wrong += info->device[i].base || info->device[i].bits || info->device[i].frames.end;
    for (u32 slot = next; slot < next + 64; slot++)
        wrong += identify(slot) != 0;
    EQ(wrong, 0);
}

void check_boot(const u32 *initial)
{
    check_initial_registers(initial);
    check_fixed_slots();
    check_regions();
    check_image();
    check_untyped_list();
    check_devices();
}
