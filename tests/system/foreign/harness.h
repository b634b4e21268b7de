/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks, and short names for what most of them do. */
#ifndef FOREIGN_HARNESS_H
#define FOREIGN_HARNESS_H

#include "abi.h"

struct list { const u32 *at; u32 count; };

#define LIST(...) ((struct list){ (const u32[]){ 0, ##__VA_ARGS__ } + 1, \
                                  sizeof((const u32[]){ 0, ##__VA_ARGS__ }) / 4 - 1 })

extern const struct boot_info *info;
extern u32 pool, second_pool; /* the two largest Untypeds */

void check(const char *file, int line, const char *what, u32 got, u32 expected);
void expect(const char *file, int line, struct regs got, u32 error, struct list details);
void received(const char *file, int line, struct regs got, u32 badge, u32 word, struct list mrs);

#define EQ(got, expected) check(__FILE__, __LINE__, #got, (u32)(got), (u32)(expected))
#define TRUE(what) check(__FILE__, __LINE__, #what, (what) != 0, 1)
#define OK(answer) expect(__FILE__, __LINE__, answer, 0, LIST())
#define FAILS(answer, error, ...) expect(__FILE__, __LINE__, answer, error, LIST(__VA_ARGS__))
#define GOT(message, badge, word, ...) \
    received(__FILE__, __LINE__, message, badge, word, LIST(__VA_ARGS__))

void print(const char *text);
void print_number(u32 value);
int summary(void);

struct regs message(u32 number, u32 cptr, u32 word, struct list words, struct list caps);
struct regs invoke(u32 cptr, u32 label, struct list words, struct list caps);
struct regs wait(u32 cptr);
void send(u32 cptr, u32 label, struct list words);
void yield(void);
u32 identify(u32 cptr);

u32 slots(u32 count);
struct regs retype(u32 untyped, u32 type, u32 bits, u32 slot, u32 count);
u32 make(u32 type, u32 bits);
u32 make_untyped(u32 bits);
struct regs copy(u32 to, u32 from, u32 rights);
struct regs mint(u32 to, u32 from, u32 rights, u32 data);
struct regs move(u32 to, u32 from);
struct regs on_slot(u32 label, u32 slot); /* Revoke, Delete, Recycle, SaveCaller */
u32 copied(u32 from, u32 rights);
u32 minted(u32 from, u32 rights, u32 data);

/* A thread in our own spaces. `frame` 0: without an IPC buffer. */
#define STACK_WORDS 256
#define THREADS 120
#define PAGE_BYTES 4096u
struct thread { u32 tcb; struct buffer *buffer; u32 stack_top; };
struct thread new_thread(u32 priority, u32 handler, int with_buffer);
struct regs start(struct thread thread, void (*entry)(u32), u32 argument);
struct thread spawn(void (*entry)(u32), u32 argument, u32 priority, u32 handler);
void set_registers(u32 tcb, const u32 *registers, int resume);
void get_registers(u32 tcb, u32 *registers);
void park(void);
u32 frame_of(const void *page); /* the capability of a page of our own image */

/* One system call by a thread of its own, which stops behind it. */
struct job {
    u32 number, cptr, word, words[6], word_count, caps[3], cap_count;
    struct regs answer;
    volatile u32 done;
};
void begin(struct thread thread, struct job *job);

/* One SVC and then an undefined instruction, as a place for threads to start at. */
extern const u32 svc_then_stop[], stop_here[], spin_here[], load_then_stop[], store_then_stop[];

void check_boot(const u32 *initial);
void check_retype(void);
void check_lookup(void);
void check_cnode(void);
void check_derivation(void);
void check_deletion(void);
void check_registers(void);
void check_tcb(void);
void check_ipc(void);
void check_transfer(void);
void check_faults(void);
void check_memory(void);
void check_asid(void);
void check_schedule(void);
void check_interrupts(void);
void check_state(void);
void check_hostile(void);

#endif
