/* SPDX-License-Identifier: BSD-2-Clause */
/* The code that runs in the subsystems. Nothing here may touch a global variable. */

#include "parts.h"

#include <manager/process.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

/* What a subsystem remembers, on its stack. */
struct part {
    const char *name;
    seL4_Word checks;
    seL4_Word failed;
    seL4_Word sum;
    seL4_Word cycles;
};

/* ---- showing and counting ---- */

static void show(struct part *self, bool good, const char *what, const char *outcome,
                 const char *detail)
{
    self->checks++;
    self->failed += !good;
    printf("  %-4s  %-44s%s%s%s\n", self->name, what, outcome, detail, good ? "" : "  <- WRONG");
}

static void show_fact(struct part *self, bool fact, const char *what)
{
    show(self, fact, what, fact ? "yes" : "no", "");
}

static void show_done(struct part *self, int error, const char *what)
{
    const bool done = error == seL4_NoError;
    show(self, done, what, done ? "done" : "refused: ",
         done ? "" : sel4_error_name((seL4_Word)error));
}

/* There is no capability to invoke, or none that allows this: that very error is expected. */
static void show_refused(struct part *self, int error, const char *what)
{
    show(self, error == seL4_InvalidCapability, what, "refused: ",
         sel4_error_name((seL4_Word)error));
}

/* ---- what they may do ---- */

/* The same address in both VSpaces, and each must find its own word there. */
static void use_own_memory(struct part *self, seL4_Word mark)
{
    volatile seL4_Word *const data = (seL4_Word *)PROCESS_DATA;
    const bool fresh = *data == 0;
    *data = mark;
    show_fact(self, fresh, "finds its data page empty, leaves a mark");
}

static void find_mark(struct part *self, seL4_Word mark)
{
    const bool kept = *(volatile seL4_Word *)PROCESS_DATA == mark;
    show_fact(self, kept, "finds its own mark in its data page");
}

static void use_own_untyped(struct part *self)
{
    int error = seL4_Untyped_Retype(PART_UNTYPED, seL4_EndpointObject, 0, PART_CNODE, 0, 0,
                                    PART_MADE, PART_MADE_COUNT);
    show_done(self, error, "makes endpoints of its own untyped");
}

/* ---- what they may not do ---- */

/* Any message will do: the capability is looked at before the message. */
static int call(seL4_CPtr cptr)
{
    seL4_Word none = 0;
    seL4_MessageInfo_t reply = seL4_CallWithMRs(cptr, seL4_MessageInfo_new(0, 0, 0, 0), &none,
                                                NULL, NULL, NULL);
    return (int)seL4_MessageInfo_get_label(reply);
}

/* In the manager's CSpace this number is the ASID pool; here the slot is empty. */
static int use_managers_number(void)
{
    return seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, PART_CNODE);
}

/* A mint asks for all rights, but never gets more than its source has. */
static void amplify_rights(struct part *self)
{
    int error = seL4_CNode_Copy(PART_CNODE, PART_COPY, seL4_WordBits, PART_CNODE, PART_HEAR,
                                seL4_WordBits, seL4_AllRights);
    show_done(self, error, "copies it, asking for all rights");
    show_refused(self, call(PART_COPY), "sends on the copy");
}

static void try_the_walls(struct part *self)
{
    show_refused(self, call(PART_EMPTY), "calls on an empty slot");
    show_refused(self, use_managers_number(), "uses the number of the manager's ASID pool");
    show_refused(self, call(PART_HEAR), "sends on its receive-only endpoint");
    amplify_rights(self);
}

/* ---- the conversation ---- */

static void speak(seL4_Word word)
{
    seL4_SendWithMRs(PART_SPEAK, seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
}

static seL4_Word hear(void)
{
    seL4_Word word = 0;
    seL4_WaitWithMRs(PART_HEAR, NULL, &word, NULL, NULL, NULL);
    return word;
}

static void ask(struct part *self)
{
    for (seL4_Word question = 1; question <= PART_QUESTIONS; question++) {
        printf("  %-4s  asks for the square of %u\n", self->name, (unsigned)question);
        speak(question);
        self->sum += hear();
    }
}

static void answer(struct part *self)
{
    for (seL4_Word i = 0; i < PART_QUESTIONS; i++) {
        const seL4_Word question = hear();
        const seL4_Word square = question * question;
        printf("  %-4s  answers %u\n", self->name, (unsigned)square);
        self->sum += square;
        speak(square);
    }
}

static void ask_silently(struct part *self)
{
    seL4_CycleReset();
    for (seL4_Word i = 0; i < PART_ROUNDS; i++) {
        speak(i);
        hear();
    }
    self->cycles = seL4_CycleRead();
    speak(PART_ROUNDS);
}

static void answer_silently(void)
{
    for (seL4_Word i = 0; i < PART_ROUNDS; i++) {
        speak(hear());
    }
    /* Not a word to the console before ping has read its clock. */
    hear();
}

/* ---- their lives ---- */

/* A thread cannot end itself without a capability to itself: it waits for ever. */
static _Noreturn void report(struct part *self)
{
    seL4_SendWithMRs(PART_REPORT, seL4_MessageInfo_new(0, 0, 0, REPORT_WORDS), &self->checks,
                     &self->failed, &self->sum, &self->cycles);
    for (;;) {
        hear();
    }
}

static void try_everything(struct part *self, seL4_Word mark)
{
    use_own_memory(self, mark);
    use_own_untyped(self);
    try_the_walls(self);
}

_Noreturn void part_ping(void)
{
    enum { MARK = 0x676e6970 };
    struct part self = {.name = "ping"};
    try_everything(&self, MARK);
    ask(&self);
    ask_silently(&self);
    find_mark(&self, MARK);
    report(&self);
}

_Noreturn void part_pong(void)
{
    enum { MARK = 0x676e6f70 };
    struct part self = {.name = "pong"};
    try_everything(&self, MARK);
    answer(&self);
    answer_silently();
    find_mark(&self, MARK);
    report(&self);
}
