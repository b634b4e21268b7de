/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hierarchy of resource managers, two deep.
 *
 *     root ---- fixed             makes everything at the start, takes nothing back
 *          \--- lazy ---- leaf    makes things when asked, and takes the oldest back
 *
 * The initial manager gives a part of its memory to each of two sub-managers. It cannot see into
 * them, but with the one Untyped of which lazy was made it takes back lazy, all that lazy made,
 * leaf, and all that leaf made. Then it builds another manager of the same memory.
 */

#include <manager/check.h>
#include <sel4/io.h>

#include "root.h"

const char program_name[] = "hierarchy";

static const struct plan fixed_plan = {
    .name = "fixed",
    .priority = 100,
    .entry = fixed_manager,
    .pulse_badge = BADGE_FIXED,
    .whole_bits = 17,
    .memory_bits = FIXED_MEMORY_BITS,
};

static const struct plan lazy_plan = {
    .name = "lazy",
    .priority = 120,
    .entry = lazy_manager,
    .may_build = true,
    .whole_bits = 19,
    .memory_bits = LAZY_MEMORY_BITS,
};

/* Of the memory of lazy, with the policy of fixed. */
static const struct plan heir_plan = {
    .name = "heir",
    .priority = 100,
    .entry = heir_manager,
    .pulse_badge = BADGE_HEIR,
    .whole_bits = 19,
    .memory_bits = HEIR_MEMORY_BITS,
};

/* Where the manager maps pages that it gets, in the megabyte of its image. */
enum { FIXED_VIEW = 0x000f0000, OTHER_VIEW = 0x000f1000, MARK = 0x6b72616d };

enum { REUSED_PAGES = 2, LAZY_ASKED = LAZY_PAGES + REUSED_PAGES };
_Static_assert(1 << FIXED_MEMORY_BITS == FIXED_PAGES << seL4_PageBits, "pages of all memory");

/* ---- the policies ---- */

static void use_fixed(struct root *root, const struct managed *fixed, seL4_CPtr *pages)
{
    for (seL4_Word i = 0; i < FIXED_PAGES; i++) {
        pages[i] = ask_page(root, fixed);
        require(pages[i] != seL4_CapNull, "fixed broke its promise of pages");
    }
    require(ask_page(root, fixed) == seL4_CapNull, "fixed has more pages than memory");
    map_view(pages[0], FIXED_VIEW)[0] = MARK;
}

/* Leaves a mark in the last page, and answers its physical address. */
static seL4_Word use_lazy(struct root *root, const struct managed *lazy, seL4_CPtr *pages)
{
    seL4_Word addresses[LAZY_ASKED];
    for (seL4_Word i = 0; i < LAZY_ASKED; i++) {
        pages[i] = ask_page(root, lazy);
        require(pages[i] != seL4_CapNull, "lazy refused a page");
        addresses[i] = address_of(pages[i]);
    }
    for (seL4_Word i = LAZY_PAGES; i < LAZY_ASKED; i++) {
        require(is_empty(pages[i - LAZY_PAGES]), "a page that was taken back is still here");
        require(addresses[i] == addresses[i - LAZY_PAGES], "memory was not used again");
    }
    map_view(pages[LAZY_ASKED - 1], OTHER_VIEW)[0] = MARK;
    return addresses[LAZY_ASKED - 1];
}

/* ---- taking back ---- */

static void take_lazy_back(struct root *root, const struct managed *lazy, const seL4_CPtr *pages)
{
    const seL4_Word before = count_capabilities(root);
    require_no_error(
        seL4_CNode_Revoke(seL4_CapInitThreadCNode, lazy->child.whole, seL4_WordBits),
        "revoke the Untyped of lazy");
    for (seL4_Word i = 0; i < LAZY_ASKED; i++) {
        require(is_empty(pages[i]), "a page of lazy outlived it");
    }
    const seL4_Word after = count_capabilities(root);
    require(after < before && !is_empty(lazy->child.whole), "the wrong capabilities are gone");
    printf("  root    revokes one Untyped, and with it %u more of its own capabilities\n",
           (unsigned)(before - after));
}

/* Leaf would run and be heard before fixed, whose priority is lower. */
static void leaf_is_silent(struct root *root, const struct managed *fixed)
{
    require(ask_plainly(fixed, ASK_PULSE).made == 1u << FIXED_MEMORY_BITS, "fixed forgot a page");
    const struct pulse pulse = hear_pulse(root);
    require(pulse.badge == BADGE_FIXED, "a thread of a revoked manager still runs");
    printf("  root    hears fixed now: leaf, who would come first, has stopped\n");
}

static void fixed_is_undisturbed(const struct managed *fixed, const seL4_CPtr *pages)
{
    for (seL4_Word i = 0; i < FIXED_PAGES; i++) {
        require(!is_empty(pages[i]), "a page of fixed is gone");
    }
    require(*(volatile seL4_Word *)FIXED_VIEW == MARK, "a page of fixed has changed");
    require(ask_plainly(fixed, ASK_BOOKS).made == 1u << FIXED_MEMORY_BITS,
            "the books of fixed have changed");
    printf("  root    finds its mark in the first page of fixed, and all %u pages\n", FIXED_PAGES);
}

/* Heir's first pages lie where lazy's were. That the last one can be mapped shows that lazy's
   page at this address is gone together with its mapping. */
static void use_heir(struct root *root, const struct managed *heir, seL4_Word marked)
{
    seL4_CPtr page = seL4_CapNull;
    for (seL4_Word i = 0; i < REUSED_PAGES; i++) {
        page = ask_page(root, heir);
        require(page != seL4_CapNull, "heir has no page");
    }
    require(address_of(page) == marked, "heir does not have the memory of lazy");
    const volatile seL4_Word *const view = map_view(page, OTHER_VIEW);
    for (seL4_Word i = 0; i < PROCESS_PAGE_BYTES / sizeof(seL4_Word); i++) {
        require(view[i] == 0, "memory was not cleared");
    }
    printf("  root    finds it empty: its mark in the page of lazy is gone\n");
}

/* ---- the story ---- */

static void hear_leaf(struct root *root)
{
    enum { PULSES = 3 };
    for (seL4_Word number = 0; number < PULSES; number++) {
        const struct pulse pulse = hear_pulse(root);
        require(pulse.badge == BADGE_LEAF, "a pulse from somebody else than leaf");
        require(pulse.number == number, "a pulse of leaf is missing");
        require(pulse.bytes == 1u << LEAF_MEMORY_BITS, "leaf did not use its memory");
    }
    printf("  root    hears %u pulses of leaf, who made %u bytes of objects\n", PULSES,
           1u << LEAF_MEMORY_BITS);
}

/* The pages that root got. */
struct pages {
    seL4_CPtr fixed[FIXED_PAGES];
    seL4_CPtr lazy[LAZY_ASKED];
    seL4_Word marked; /* the physical address of the last one of lazy */
};

static void use_both(struct root *root, const struct managed *fixed, const struct managed *lazy,
                     struct pages *pages)
{
    printf("\nEach has its own policy\n");
    use_fixed(root, fixed, pages->fixed);
    pages->marked = use_lazy(root, lazy, pages->lazy);
    (void)ask_plainly(lazy, ASK_CHILD);
    hear_leaf(root);
    show_books(root, (const struct managed *const[]){fixed, lazy}, 2);
}

static void replace_lazy(struct root *root, const struct managed *fixed,
                         const struct managed *lazy, const struct pages *pages)
{
    printf("\nRoot takes back what it gave to lazy\n");
    take_lazy_back(root, lazy, pages->lazy);
    leaf_is_silent(root, fixed);
    fixed_is_undisturbed(fixed, pages->fixed);
    printf("\nRoot builds another manager of the same memory\n");
    /* The kernel would refuse if anything were left that was made of it, wherever it is. */
    const struct managed heir = manage(root, &heir_plan, lazy->child.whole);
    use_heir(root, &heir, pages->marked);
    show_books(root, (const struct managed *const[]){fixed, &heir}, 2);
}

int main(void)
{
    struct root root;
    struct pages pages;

    seL4_DebugNameThread(seL4_CapInitThreadTCB, "root");
    printf("sel4emu hierarchy of resource managers\n\n");
    root_init(&root, seL4_GetBootInfo());
    const struct managed fixed = manage_new(&root, &fixed_plan);
    const struct managed lazy = manage_new(&root, &lazy_plan);
    use_both(&root, &fixed, &lazy, &pages);
    replace_lazy(&root, &fixed, &lazy, &pages);
    printf("\nEverything as it must be: the memory of lazy came back whole, and serves again.\n");
    return 0;
}
