/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, page tables and page directories: errors, rights, conflicts, and what the MMU sees. */
#include "harness.h"

#define HERE 0x20000000u
#define MEGABYTE 0x100000u
#define OF_PD LIST(MY_PD)

static u32 handler, fresh_pd;
static struct thread helper;

struct access { u32 status, value; };

/* The fault status of a load or store by another thread, 0 if it went well. */
static struct access access(const u32 *entry, u32 address, u32 value)
{
    u32 registers[REGISTERS] = { 0 };
    registers[PC] = (u32)entry;
    registers[R2] = address;
    registers[R3] = value;
    set_registers(helper.tcb, registers, 1);
    struct regs got = wait(handler);
    struct access result = { 0, 0 };
    if (label_of(got) == VM_FAULT) {
        EQ(got.m[0], entry);
        EQ(got.m[1], address);
        EQ(got.m[2], 0);
        result.status = got.m[3];
    } else {
        EQ(label_of(got), USER_EXCEPTION);
        get_registers(helper.tcb, registers);
        result.value = registers[R3];
    }
    OK(invoke(helper.tcb, SUSPEND, LIST(), LIST()));
    return result;
}

static u32 load_status(u32 at) { return access(load_then_stop, at, 0).status; }
static u32 store_status(u32 at) { return access(store_then_stop, at, 1).status; }

static struct regs map(u32 frame, u32 at, u32 rights)
{
    return invoke(frame, PAGE_MAP, LIST(at, rights, 3), OF_PD);
}

static struct regs unmap(u32 frame) { return invoke(frame, PAGE_UNMAP, LIST(), LIST()); }

static u32 address_of(u32 frame) { return invoke(frame, PAGE_ADDRESS, LIST(), LIST()).m[0]; }

static void check_table_errors(void)
{
    u32 table = make(PAGE_TABLE, 0), second = make(PAGE_TABLE, 0);
    FAILS(invoke(table, PAGE_MAP, LIST(HERE, 3), OF_PD), ILLEGAL_OPERATION);
    FAILS(invoke(table, PT_MAP, LIST(HERE), OF_PD), TRUNCATED_MESSAGE);
    FAILS(invoke(table, PT_MAP, LIST(HERE, 3), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(table, PT_MAP, LIST(USER_TOP, 3), LIST(fresh_pd)), INVALID_CAPABILITY, 1);
    FAILS(invoke(table, PT_MAP, LIST(USER_TOP, 3), LIST(ROOT)), INVALID_CAPABILITY, 1);
    FAILS(invoke(table, PT_MAP, LIST(USER_TOP, 3), OF_PD), INVALID_ARGUMENT, 0);
    FAILS(invoke(table, PT_MAP, LIST(0xffffffff, 3), OF_PD), INVALID_ARGUMENT, 0);
    OK(invoke(table, PT_UNMAP, LIST(), LIST()));
    OK(invoke(table, PT_MAP, LIST(HERE + 0xfffff, 3), OF_PD)); /* rounded down */
    FAILS(invoke(table, PT_MAP, LIST(USER_TOP, 3), LIST(ROOT)), INVALID_CAPABILITY, 0);
    FAILS(invoke(second, PT_MAP, LIST(HERE, 3), OF_PD), DELETE_FIRST);
    OK(invoke(second, PT_MAP, LIST(HERE + MEGABYTE, 3), OF_PD));
    OK(invoke(second, PT_UNMAP, LIST(), LIST()));
    u32 again = copied(table, ALL);
    FAILS(invoke(table, PT_UNMAP, LIST(), LIST()), REVOKE_FIRST);
    FAILS(invoke(again, PT_UNMAP, LIST(), LIST()), REVOKE_FIRST);
    FAILS(invoke(again, PT_MAP, LIST(HERE, 3), OF_PD), INVALID_CAPABILITY, 0);
    OK(on_slot(DELETE, again));
    u32 frame = make(SMALL_PAGE, 0);
    OK(map(frame, HERE, RW));
    EQ(store_status(HERE), 0);
    OK(invoke(table, PT_UNMAP, LIST(), LIST()));
    EQ(load_status(HERE), 5);
    OK(unmap(frame));
    OK(invoke(table, PT_MAP, LIST(HERE, 3), OF_PD));
    EQ(load_status(HERE), 7); /* its old pages are gone */
    OK(on_slot(DELETE, frame));
    OK(on_slot(DELETE, table));
    EQ(load_status(HERE), 5);
    OK(on_slot(DELETE, second));
}

static void check_page_errors(u32 table)
{
    u32 frame = make(SMALL_PAGE, 0), large = make(LARGE_PAGE, 0), section = make(SECTION, 0);
    struct list top = LIST(USER_TOP, RW, 3);
    FAILS(invoke(frame, PT_MAP, LIST(HERE, 3), OF_PD), ILLEGAL_OPERATION);
    FAILS(invoke(frame, PAGE_MAP, LIST(HERE, RW), OF_PD), TRUNCATED_MESSAGE);
    FAILS(invoke(frame, PAGE_MAP, top, LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(frame, PAGE_MAP, top, LIST(fresh_pd)), INVALID_CAPABILITY, 1);
    FAILS(invoke(frame, PAGE_MAP, top, LIST(0)), INVALID_CAPABILITY, 1);
    FAILS(invoke(frame, PAGE_MAP, top, OF_PD), INVALID_ARGUMENT, 0);
    FAILS(map(frame, USER_TOP - 1, RW), INVALID_ARGUMENT, 0);
    FAILS(map(section, USER_TOP - MEGABYTE + 0x1000, RW), INVALID_ARGUMENT, 0);
    FAILS(map(frame, HERE + 4 * MEGABYTE + 0x100, RW), ALIGNMENT_ERROR);
    FAILS(map(large, HERE + 0x1000, RW), ALIGNMENT_ERROR);
    FAILS(map(section, HERE + 0x10000, RW), ALIGNMENT_ERROR);
    FAILS(map(frame, HERE + 4 * MEGABYTE, RW), FAILED_LOOKUP, 0, MISSING_CAPABILITY, 20);
    FAILS(map(large, HERE + 4 * MEGABYTE, RW), FAILED_LOOKUP, 0, MISSING_CAPABILITY, 20);
    FAILS(map(section, HERE, RW), DELETE_FIRST);
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW), OF_PD), TRUNCATED_MESSAGE);
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW, 3), LIST()), TRUNCATED_MESSAGE);
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW, 3), LIST(ROOT)), INVALID_CAPABILITY, 1);
    FAILS(invoke(frame, PAGE_REMAP, LIST(RW, 3), OF_PD), INVALID_CAPABILITY, 0);
    OK(unmap(frame));
    OK(map(frame, HERE + 0x3000, RW));
    FAILS(invoke(frame, PAGE_MAP, top, LIST(ROOT)), INVALID_CAPABILITY, 0);
    FAILS(map(large, HERE, RW), DELETE_FIRST);
    OK(map(large, HERE + 0x10000, RW));
    u32 other = copied(frame, ALL);
    FAILS(map(other, HERE + 0x1f000, RW), DELETE_FIRST);
    OK(map(other, HERE + 0x20000, RW)); /* a copy is unmapped and maps once more */
    OK(map(section, HERE + 2 * MEGABYTE, RW));
    FAILS(invoke(table, PT_MAP, LIST(HERE + 2 * MEGABYTE, 3), OF_PD), INVALID_CAPABILITY, 0);
    FAILS(map(copied(frame, ALL), HERE + 2 * MEGABYTE, RW), FAILED_LOOKUP, 0, MISSING_CAPABILITY,
          20);
    EQ(store_status(HERE + 3 * MEGABYTE - 4), 0);
    OK(unmap(section));
    EQ(store_status(HERE + 3 * MEGABYTE - 4), 0x805);
    OK(on_slot(DELETE, section));
    OK(on_slot(DELETE, large));
    EQ(load_status(HERE + 0x10000), 7);
    EQ(load_status(HERE + 0x1f000), 7);
    OK(on_slot(REVOKE, frame));
    EQ(load_status(HERE + 0x20000), 7);
    EQ(load_status(HERE + 0x3000), 0);
    OK(on_slot(DELETE, frame));
    EQ(load_status(HERE + 0x3000), 7);
}

/* The cap's rights and the argument's together decide; Write without Read is nothing. */
static void check_rights(void)
{
    static const u8 status[4][2] = { { 1, 1 }, { 1, 1 }, { 0, 1 }, { 0, 0 } };
    u32 frame = make(SMALL_PAGE, 0);
    for (u32 cap = 0; cap < 4; cap++) {
        u32 masked = copied(frame, cap | G);
        for (u32 argument = 0; argument < 8; argument++) {
            u32 both = (cap & R) && (argument & R) ? R | (cap & argument & W) : 0;
            OK(map(masked, HERE + 0x5000, argument));
            EQ(load_status(HERE + 0x5010), status[both][0] ? 0xf : 0);
            EQ(store_status(HERE + 0x5010), status[both][1] ? 0x80f : 0);
            OK(unmap(masked));
        }
        OK(on_slot(DELETE, masked));
    }
    OK(map(frame, HERE + 0x5000, RW));
    EQ(store_status(HERE + 0x5000), 0);
    OK(invoke(frame, PAGE_REMAP, LIST(R, 3), OF_PD));
    EQ(store_status(HERE + 0x5000), 0x80f);
    EQ(load_status(HERE + 0x5000), 0);
    OK(invoke(frame, PAGE_REMAP, LIST(0, 0), OF_PD));
    EQ(load_status(HERE + 0x5000), 0xf);
    OK(invoke(frame, PAGE_REMAP, LIST(ALL, 0), OF_PD));
    EQ(store_status(HERE + 0x5000), 0);
    OK(on_slot(DELETE, frame));
}

/* Same kind over same kind overwrites at once; the old capability is stale. */
static void check_overwrite(u32 type, u32 at)
{
    u32 one = make(type, 0), two = make(type, 0), last = at + (type == SMALL_PAGE ? 0xffc : 0xfffc);
    if (type == SUPER_SECTION || type == SECTION)
        last = at + 0xffffc;
    OK(map(one, at, RW));
    access(store_then_stop, at, 0x1111);
    access(store_then_stop, last, 0x1112);
    OK(map(two, at, RW));
    EQ(access(load_then_stop, at, 0).value, 0);
    EQ(access(load_then_stop, last, 0).value, 0);
    access(store_then_stop, at, 0x2222);
    access(store_then_stop, last, 0x2223);
    FAILS(map(one, at, RW), INVALID_CAPABILITY, 0);
    OK(unmap(one)); /* stale: the other mapping stays */
    EQ(access(load_then_stop, last, 0).value, 0x2223);
    OK(unmap(two));
    TRUE(load_status(last) == 7 || load_status(last) == 5);
    OK(map(one, at, R));
    EQ(access(load_then_stop, at, 0).value, 0x1111);
    EQ(access(load_then_stop, last, 0).value, 0x1112);
    OK(on_slot(RECYCLE, one));
    TRUE(load_status(last) == 7 || load_status(last) == 5);
    OK(map(one, at, R));
    EQ(access(load_then_stop, at, 0).value, 0);
    EQ(access(load_then_stop, last, 0).value, 0);
    OK(on_slot(DELETE, one));
    OK(on_slot(DELETE, two));
}

static void check_super_section(void)
{
    u32 at = 0x30000000, big = slots(1), section = make(SECTION, 0), table = make(PAGE_TABLE, 0);
    OK(retype(second_pool, SUPER_SECTION, 0, big, 1));
    FAILS(map(big, at + MEGABYTE, RW), ALIGNMENT_ERROR);
    FAILS(map(big, 0xef100000, RW), INVALID_ARGUMENT, 0);
    OK(map(section, at + 7 * MEGABYTE, RW));
    FAILS(map(big, at, RW), DELETE_FIRST);
    OK(unmap(section));
    OK(map(big, at, RW));
    access(store_then_stop, at + 15 * MEGABYTE + 8, 0x77);
    EQ(access(load_then_stop, at + 15 * MEGABYTE + 8, 0).value, 0x77);
    EQ(load_status(at + 16 * MEGABYTE), 5);
    FAILS(map(section, at + MEGABYTE, RW), DELETE_FIRST);
    FAILS(invoke(table, PT_MAP, LIST(at + MEGABYTE, 3), OF_PD), DELETE_FIRST);
    OK(unmap(big));
    EQ(load_status(at + 15 * MEGABYTE + 8), 5);
    EQ(load_status(at), 5);
    OK(map(big, 0xef000000, R)); /* the last place there is */
    EQ(load_status(0xeffffffc), 0);
    EQ(store_status(0xeffffffc), 0x80d);
    OK(on_slot(REVOKE, second_pool));
    EQ(load_status(0xeffffffc), 5);
    OK(on_slot(DELETE, section));
    OK(on_slot(DELETE, table));
}

static void check_flushes(void)
{
    u32 frame = make(SMALL_PAGE, 0);
    for (u32 label = PAGE_CLEAN; label <= PAGE_UNIFY; label++) {
        FAILS(invoke(frame, label, LIST(0), LIST()), TRUNCATED_MESSAGE);
        FAILS(invoke(frame, label, LIST(9, 8), LIST()), ILLEGAL_OPERATION);
        OK(map(frame, HERE + 0x6000, RW));
        FAILS(invoke(frame, label, LIST(9, 9), LIST()), INVALID_ARGUMENT, 1);
        FAILS(invoke(frame, label, LIST(0x1000, 0x1001), LIST()), INVALID_ARGUMENT, 0);
        FAILS(invoke(frame, label, LIST(0, 0x1001), LIST()), INVALID_ARGUMENT, 0);
        OK(invoke(frame, label, LIST(0, 0x1000), LIST()));
        OK(invoke(frame, label, LIST(5, 6), LIST()));
        OK(unmap(frame));
    }
    OK(map(frame, HERE + 0x6000, RW));
    for (u32 label = PD_CLEAN; label <= PD_UNIFY; label++) {
        u32 at = HERE + 0x6000;
        FAILS(invoke(MY_PD, label, LIST(at), LIST()), TRUNCATED_MESSAGE);
        FAILS(invoke(fresh_pd, label, LIST(USER_TOP, USER_TOP), LIST()), INVALID_ARGUMENT, 1);
        FAILS(invoke(fresh_pd, label, LIST(USER_TOP, USER_TOP + 1), LIST()), ILLEGAL_OPERATION);
        FAILS(invoke(fresh_pd, label, LIST(at, USER_TOP + 1), LIST()), ILLEGAL_OPERATION);
        FAILS(invoke(fresh_pd, label, LIST(at, at + 8), LIST()), INVALID_CAPABILITY, 0);
        FAILS(invoke(MY_PD, label, LIST(at + 4, at + 0x1001), LIST()), RANGE_ERROR, at + 4,
              at + 0xfff);
        OK(invoke(MY_PD, label, LIST(at + 4, at + 0x1000), LIST()));
        OK(invoke(MY_PD, label, LIST(0x50000000, USER_TOP), LIST())); /* nothing mapped there */
    }
    FAILS(invoke(MY_PD, PAGE_MAP, LIST(0, 0, 0), OF_PD), ILLEGAL_OPERATION);
    OK(on_slot(DELETE, frame));
}

static void check_address(void)
{
    u32 frame = make(SMALL_PAGE, 0);
    struct regs got = message(CALL, frame, INFO(PAGE_ADDRESS, 0, 0), LIST(1, 2, 3, 4), LIST());
    EQ(got.r0, 0);
    EQ(got.info, 0);
    TRUE(got.m[0] >= 0x80000000 && got.m[0] < 0x88000000 && !(got.m[0] & 0xfff));
    EQ(got.m[1], 2);
    EQ(got.m[3], 4);
    EQ(address_of(copied(frame, R)), got.m[0]);
}

/* The same memory at two addresses and uncached. */
static void check_aliases(void)
{
    u32 one = make(SMALL_PAGE, 0), two = copied(one, ALL);
    OK(map(one, HERE + 0x8000, RW));
    OK(invoke(two, PAGE_MAP, LIST(HERE + 0x9000, RW, 0), OF_PD));
    *(volatile u32 *)(HERE + 0x8010) = 0xfeed;
    EQ(*(volatile u32 *)(HERE + 0x9010), 0xfeed);
    *(volatile u32 *)(HERE + 0x9011) = 0x01020304; /* unaligned */
    EQ(*(volatile u8 *)(HERE + 0x8014), 1);
    OK(on_slot(DELETE, two));
    EQ(load_status(HERE + 0x9010), 7);
    EQ(load_status(HERE + 0x8010), 0);
    OK(on_slot(DELETE, one));
}

void check_memory(void)
{
    handler = make(ENDPOINT, 0);
    fresh_pd = make(PAGE_DIRECTORY, 0);
    helper = new_thread(255, handler, 0);
    check_table_errors();
    u32 table = make(PAGE_TABLE, 0);
    OK(invoke(table, PT_MAP, LIST(HERE, 3), OF_PD));
    check_page_errors(table);
    check_rights();
    check_overwrite(SMALL_PAGE, HERE + 0x7000);
    check_overwrite(LARGE_PAGE, HERE + 0x40000);
    check_overwrite(SECTION, HERE + 16 * MEGABYTE);
    check_super_section();
    check_flushes();
    check_address();
    check_aliases();
    OK(on_slot(DELETE, table));
    OK(on_slot(DELETE, helper.tcb));
}
