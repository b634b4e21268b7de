/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dynamic policy: a page is made when somebody asks for it. When LAZY_PAGES are out, the
 * oldest is taken from whoever has it, and its memory serves again. It also builds a sub-manager
 * of its own.
 */

#include <manager/check.h>
#include <sel4/io.h>
#include <sel4/sel4.h>

#include "child.h"
#include "serve.h"

struct page {
    seL4_Untyped memory;
    seL4_CPtr frame;
};

struct lazy {
    seL4_SlotRegion slots;
    struct memory memory;
    struct page pages[LAZY_PAGES];
    seL4_Word asked; /* for pages */
    seL4_Word given; /* bytes, to its sub-manager */
};

static const struct plan leaf_plan = {
    .name = "leaf",
    .priority = 110,
    .entry = leaf_manager,
    .pulse_badge = BADGE_LEAF,
    .whole_bits = LEAF_WHOLE_BITS,
    .memory_bits = LEAF_MEMORY_BITS,
};

/* ---- pages ---- */

/* Revoke takes the page and every copy of it, wherever they went. */
static void take_back(const struct lazy *self, const struct page *oldest)
{
    printf("  lazy    takes page %u back for page %u\n", (unsigned)(self->asked - LAZY_PAGES + 1),
           (unsigned)self->asked + 1);
    require_no_error(
        seL4_CNode_Revoke(seL4_CapInitThreadCNode, oldest->memory, seL4_WordBits),
        "take a page back");
}

static struct answer hand_out(struct lazy *self)
{
    struct page *const page = &self->pages[self->asked % LAZY_PAGES];
    if (self->asked < LAZY_PAGES) {
        page->memory = memory_take(&self->memory, seL4_PageBits);
        page->frame = memory_slots(&self->memory, 1);
    } else {
        take_back(self, page);
    }
    retype(page->memory, seL4_ARM_SmallPageObject, 0, page->frame, 1);
    self->asked++;
    return (struct answer){.cap = page->frame};
}

/* ---- a sub-manager ---- */

static struct answer build_leaf(struct lazy *self)
{
    const struct builder builder = {&self->memory, CHILD_CODE, CHILD_PULSE};
    const seL4_Untyped whole = memory_take(&self->memory, LEAF_WHOLE_BITS);
    const struct child leaf = child_build(&builder, &leaf_plan, whole, seL4_CapNull);
    const seL4_Word parts = child_parts(&leaf);
    const seL4_Word kept = memory_free(&leaf.books);
    const seL4_Word own = 1u << LEAF_MEMORY_BITS;
    self->given = 1u << LEAF_WHOLE_BITS;
    require(parts + own + kept == self->given, "the books of leaf do not add up");
    printf("  lazy    builds leaf of %u bytes: %u in parts, %u its own, %u kept\n",
           (unsigned)self->given, (unsigned)parts, (unsigned)own, (unsigned)kept);
    return (struct answer){.label = ANSWER_DONE};
}

/* ---- its life ---- */

static struct answer show_books(const struct lazy *self)
{
    return (struct answer){.account = {
                               .made = self->memory.taken - self->given,
                               .given = self->given,
                               .left = memory_free(&self->memory),
                           }};
}

static struct answer answer(void *state, seL4_Word question)
{
    switch (question) {
    case ASK_PAGE: return hand_out(state);
    case ASK_CHILD: return build_leaf(state);
    case ASK_BOOKS: return show_books(state);
    default: return (struct answer){.label = ANSWER_REFUSED};
    }
}

_Noreturn void lazy_manager(void)
{
    struct lazy self = {.slots = {CHILD_FREE, 1u << CHILD_SLOT_BITS}};
    self.memory = memory_new(&self.slots, CHILD_MEMORY, LAZY_MEMORY_BITS);
    printf("  lazy    makes nothing of its %u bytes before it is asked\n", 1u << LAZY_MEMORY_BITS);
    serve(&self, answer);
}
