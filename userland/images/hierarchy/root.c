/* SPDX-License-Identifier: BSD-2-Clause */

#include "root.h"

#include <manager/allocator.h>
#include <manager/check.h>
#include <sel4/io.h>

enum { ROOT = seL4_CapInitThreadCNode, ROOT_DEPTH = seL4_WordBits, NEEDED_BITS = 20 };

/* ---- building ---- */

void root_init(struct root *root, const seL4_BootInfo *info)
{
    const struct supply supply = find_untyped(info, NEEDED_BITS);
    root->slots = info->empty;
    root->first_slot = info->empty.start;
    root->bits = supply.size_bits;
    root->memory = memory_new(&root->slots, supply.untyped, supply.size_bits);
    root->code = info->userImageFrames.start;
    root->pulse = memory_make(&root->memory, seL4_EndpointObject, 0, seL4_EndpointBits);
    printf("  root    takes an untyped of %u bytes into its books\n", 1u << supply.size_bits);
}

/* A high priority keeps the initial manager running until it waits for somebody. So the new one
   says its first words when it is asked its first question, which is for its books. */
struct managed manage(struct root *root, const struct plan *plan, seL4_Untyped whole)
{
    const struct builder builder = {&root->memory, root->code, root->pulse};
    const seL4_CPtr ask = memory_make(&root->memory, seL4_EndpointObject, 0, seL4_EndpointBits);
    const struct managed fresh = {child_build(&builder, plan, whole, ask), ask};
    printf("  root    builds %s of an untyped of %u bytes\n", plan->name, 1u << plan->whole_bits);
    const struct account account = ask_plainly(&fresh, ASK_BOOKS);
    require(account.made + account.given + account.left == 1u << plan->memory_bits,
            "a new manager does not have the memory it was given");
    return fresh;
}

struct managed manage_new(struct root *root, const struct plan *plan)
{
    return manage(root, plan, memory_take(&root->memory, plan->whole_bits));
}

/* ---- talking ---- */

static seL4_MessageInfo_t ask(const struct managed *whom, seL4_Word question,
                              struct account *answer)
{
    answer->made = question;
    return seL4_CallWithMRs(whom->ask, seL4_MessageInfo_new(0, 0, 0, 1), &answer->made,
                            &answer->given, &answer->left, NULL);
}

struct account ask_plainly(const struct managed *whom, seL4_Word question)
{
    struct account answer = {0};
    const seL4_MessageInfo_t info = ask(whom, question, &answer);
    require(seL4_MessageInfo_get_label(info) == ANSWER_DONE, "a question was refused");
    require(seL4_MessageInfo_get_extraCaps(info) == 0, "an answer brought a capability");
    return answer;
}

seL4_CPtr ask_page(struct root *root, const struct managed *whom)
{
    const seL4_CPtr slot = memory_slots(&root->memory, 1);
    struct account nothing = {0};
    seL4_SetCapReceivePath(ROOT, slot, ROOT_DEPTH);
    const seL4_MessageInfo_t info = ask(whom, ASK_PAGE, &nothing);
    const bool done = seL4_MessageInfo_get_label(info) == ANSWER_DONE;
    require(seL4_MessageInfo_get_extraCaps(info) == done, "an answer without what it says");
    require(is_empty(slot) == !done, "a capability did not arrive");
    if (!done) {
        return seL4_CapNull;
    }
    printf("  root    gets the page at 0x%08x from %s\n", (unsigned)address_of(slot),
           whom->child.plan->name);
    return slot;
}

struct pulse hear_pulse(const struct root *root)
{
    struct pulse pulse = {0};
    seL4_WaitWithMRs(root->pulse, &pulse.badge, &pulse.number, &pulse.bytes, NULL, NULL);
    return pulse;
}

/* ---- looking ---- */

bool is_empty(seL4_CPtr slot)
{
    return seL4_DebugCapIdentify(slot) == 0;
}

seL4_Word count_capabilities(const struct root *root)
{
    seL4_Word count = 0;
    for (seL4_CPtr slot = root->first_slot; slot < root->slots.start; slot++) {
        count += !is_empty(slot);
    }
    return count;
}

seL4_Word address_of(seL4_ARM_Page page)
{
    const seL4_ARM_Page_GetAddress_t address = seL4_ARM_Page_GetAddress(page);
    require_no_error(address.error, "get the address of a page");
    return address.paddr;
}

volatile seL4_Word *map_view(seL4_ARM_Page page, seL4_Word vaddr)
{
    require_no_error(seL4_ARM_Page_Map(page, seL4_CapInitThreadVSpace, vaddr,
                                       seL4_CanRead | seL4_CanWrite,
                                       seL4_ARM_Default_VMAttributes),
                     "map a page");
    return (volatile seL4_Word *)vaddr;
}

/* ---- accounting ---- */

/* A line of the table, whose columns must add up to the first. */
static void show_line(const char *name, seL4_Word bits, seL4_Word parts, struct account account,
                      seL4_Word kept)
{
    const seL4_Word holds = (seL4_Word)1 << bits;
    require(parts + account.made + account.given + account.left + kept == holds,
            "the books do not add up");
    printf("  %-5s%9u%9u%9u%9u%9u%9u\n", name, (unsigned)holds, (unsigned)parts,
           (unsigned)account.made, (unsigned)account.given, (unsigned)account.left,
           (unsigned)kept);
}

static void show_manager(const struct managed *one)
{
    const struct plan *plan = one->child.plan;
    show_line(plan->name, plan->whole_bits, child_parts(&one->child),
              ask_plainly(one, ASK_BOOKS), memory_free(&one->child.books));
}

static struct account account_of_root(const struct root *root,
                                      const struct managed *const *all, seL4_Word count)
{
    seL4_Word given = 0;
    for (seL4_Word i = 0; i < count; i++) {
        given += (seL4_Word)1 << all[i]->child.plan->whole_bits;
    }
    return (struct account){root->memory.taken - given, given, memory_free(&root->memory)};
}

void show_books(const struct root *root, const struct managed *const *all, seL4_Word count)
{
    printf("\nThe books, in bytes: who holds, of which for its own parts, for objects it made,\n"
           "for its sub-managers, not used yet, and kept back by its parent\n");
    show_line("root", root->bits, 0, account_of_root(root, all, count), 0);
    for (seL4_Word i = 0; i < count; i++) {
        show_manager(all[i]);
    }
}
