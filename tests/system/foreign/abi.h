/* SPDX-License-Identifier: BSD-2-Clause */
/* The binary interface as a client knows it, written from its description alone. */
#ifndef FOREIGN_ABI_H
#define FOREIGN_ABI_H

typedef unsigned int u32;
typedef unsigned char u8;

enum { CALL = -1, REPLY_WAIT = -2, SEND = -3, NB_SEND = -4, WAIT = -5, REPLY = -6, YIELD = -7,
       PUT_CHAR = -8, HALT = -9, IDENTIFY = -10, EXIT = -19 };

enum { RETYPE = 1, READ_REGS, WRITE_REGS, COPY_REGS, CONFIGURE, SET_PRIORITY, SET_BUFFER,
       SET_SPACE, SUSPEND, RESUME, REVOKE, DELETE, RECYCLE, COPY, MINT, MOVE, MUTATE, ROTATE,
       SAVE_CALLER, IRQ_GET, IRQ_CONTROL, IRQ_ACK, IRQ_SET, IRQ_CLEAR, DOMAIN_SET,
       PD_CLEAN, PD_INVALIDATE, PD_CLEAN_INVALIDATE, PD_UNIFY, PT_MAP, PT_UNMAP, PAGE_MAP,
       PAGE_REMAP, PAGE_UNMAP, PAGE_CLEAN, PAGE_INVALIDATE, PAGE_CLEAN_INVALIDATE, PAGE_UNIFY,
       PAGE_ADDRESS, MAKE_POOL, ASSIGN };

enum { INVALID_ARGUMENT = 1, INVALID_CAPABILITY, ILLEGAL_OPERATION, RANGE_ERROR,
       ALIGNMENT_ERROR, FAILED_LOOKUP, TRUNCATED_MESSAGE, DELETE_FIRST, REVOKE_FIRST,
       NOT_ENOUGH_MEMORY };

enum { INVALID_ROOT = 1, MISSING_CAPABILITY, DEPTH_MISMATCH, GUARD_MISMATCH };

enum { CAP_FAULT = 1, VM_FAULT, UNKNOWN_SYSCALL, USER_EXCEPTION };

enum { UNTYPED, TCB, ENDPOINT, ASYNC_ENDPOINT, CAP_TABLE, SMALL_PAGE, LARGE_PAGE, SECTION,
       SUPER_SECTION, PAGE_TABLE, PAGE_DIRECTORY };

enum { TAG_NULL = 0, TAG_UNTYPED = 2, TAG_ENDPOINT = 4, TAG_ASYNC = 6, TAG_REPLY = 8,
       TAG_CNODE = 10, TAG_TCB = 12, TAG_SMALL = 1, TAG_LARGER = 3, TAG_POOL = 5, TAG_TABLE = 7,
       TAG_DIRECTORY = 9, TAG_ASID_CONTROL = 11, TAG_IRQ_CONTROL = 0x0e, TAG_IRQ = 0x1e,
       TAG_DOMAIN = 0x3e };

enum { MY_TCB = 1, ROOT = 2, MY_PD = 3, IRQ_CTRL = 4, ASID_CTRL = 5, ASID_POOL = 6,
       INFO_FRAME = 9, BUFFER_FRAME = 10, DOMAIN_CTRL = 11, FIRST_FREE = 12 };

enum { W = 1, R = 2, RW = 3, G = 4, ALL = 7 };

/* Order of the registers in ReadRegisters and WriteRegisters. */
enum { PC, SP, CPSR, R0, R1, R8, R9, R10, R11, R12, R2, R3, R4, R5, R6, R7, LR, REGISTERS };

#define USER_TOP 0xf0000000u
#define GLOBALS ((volatile u32 *)0xffffc000u)
#define MAX_UNTYPED 167
#define MAX_DEVICES 199

#define INFO(label, caps, length) ((u32)(label) << 12 | (u32)(caps) << 7 | (u32)(length))
#define GUARD(value, bits) (1u << 31 | (u32)(value) << 8 | (u32)(bits) << 3)

struct region { u32 start, end; };

struct device { u32 base, bits; struct region frames; };

struct boot_info {
    u32 node, nodes, io_levels;
    struct buffer *buffer;
    struct region empty, shared, frames, tables, untyped;
    u32 untyped_address[MAX_UNTYPED];
    u8 untyped_bits[MAX_UNTYPED];
    u8 cnode_bits;
    u32 devices;
    struct device device[MAX_DEVICES];
    u8 domain;
};

struct buffer {
    u32 tag, msg[120], user, caps[3], receive_root, receive_index, receive_depth;
};

/* What goes into a system call and what comes out of it: r0, r1, r2 to r5. */
struct regs { u32 r0, info, m[4]; };

static inline struct regs trap(u32 number, struct regs in)
{
    register u32 r0 __asm__("r0") = in.r0;
    register u32 r1 __asm__("r1") = in.info;
    register u32 r2 __asm__("r2") = in.m[0];
    register u32 r3 __asm__("r3") = in.m[1];
    register u32 r4 __asm__("r4") = in.m[2];
    register u32 r5 __asm__("r5") = in.m[3];
    register u32 r7 __asm__("r7") = number;
    __asm__ volatile("swi #0x1234"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
                     : "r"(r7) : "memory");
    return (struct regs){ r0, r1, { r2, r3, r4, r5 } };
}

static inline struct buffer *my_buffer(void)
{
    return (struct buffer *)GLOBALS[0];
}

static inline u32 label_of(struct regs r) { return r.info >> 12; }
static inline u32 length_of(struct regs r) { return r.info & 0x7f; }
static inline u32 caps_of(struct regs r) { return r.info >> 7 & 3; }
static inline u32 unwrapped_of(struct regs r) { return r.info >> 9 & 7; }

#endif
