/* SPDX-License-Identifier: BSD-2-Clause */
/* What Revoke removes, and what it leaves. */
#include "harness.h"

static void gone(u32 slot) { EQ(identify(slot), TAG_NULL); }
static void there(u32 slot, u32 tag) { EQ(identify(slot), tag); }

static void check_originals(void)
{
    u32 original = make(ENDPOINT, 0), a = copied(original, ALL), b = copied(a, ALL);
    OK(on_slot(REVOKE, a)); /* a plain copy has no descendants */
    there(b, TAG_ENDPOINT);
    there(original, TAG_ENDPOINT);
    OK(on_slot(DELETE, a));
    there(b, TAG_ENDPOINT);
    OK(on_slot(REVOKE, original));
    gone(b);
    there(original, TAG_ENDPOINT);
    OK(on_slot(DELETE, original));
}

static void check_badged(u32 type, u32 tag)
{
    u32 original = make(type, 0);
    u32 one = minted(original, ALL, 1), two = minted(original, ALL, 2), plain = copied(one, R);
    u32 copied_two = copied(two, R);
    OK(on_slot(REVOKE, one));
    gone(plain);
    there(one, tag);
    there(two, tag);
    there(copied_two, tag);
    OK(on_slot(DELETE, two));
    there(copied_two, tag);
    OK(on_slot(REVOKE, original));
    gone(one);
    gone(copied_two);
    there(original, tag);
    OK(on_slot(DELETE, original));
}

static void check_untyped(void)
{
    u32 untyped = make_untyped(16), child = slots(1), at = slots(3);
    OK(retype(untyped, UNTYPED, 12, child, 1));
    OK(retype(child, ENDPOINT, 0, at, 2));
    u32 badge = minted(at, ALL, 5), plain = copied(badge, ALL);
    OK(retype(untyped, CAP_TABLE, 4, at + 2, 1));
    OK(invoke(at + 2, MOVE, LIST(7, 4, plain, 32), LIST(ROOT)));
    OK(on_slot(REVOKE, child));
    gone(at);
    gone(at + 1);
    gone(badge);
    FAILS(invoke(at + 2, MOVE, LIST(6, 4, 7, 4), LIST(at + 2)), FAILED_LOOKUP, 1,
          MISSING_CAPABILITY, 4);
    there(at + 2, TAG_CNODE);
    OK(retype(child, ENDPOINT, 0, at, 1));
    OK(on_slot(REVOKE, untyped));
    gone(child);
    gone(at);
    gone(at + 2);
    there(untyped, TAG_UNTYPED);
    OK(on_slot(DELETE, untyped));
}

static void check_untyped_copies(void)
{
    u32 untyped = make_untyped(12), child = copied(untyped, ALL), at = slots(2);
    FAILS(copy(at, untyped, ALL), REVOKE_FIRST);
    FAILS(mint(at, untyped, ALL, 0), REVOKE_FIRST);
    FAILS(retype(untyped, ENDPOINT, 0, at, 1), NOT_ENOUGH_MEMORY, 0);
    OK(retype(child, SMALL_PAGE, 0, at, 1));
    FAILS(copy(at + 1, child, ALL), REVOKE_FIRST);
    OK(on_slot(REVOKE, untyped));
    gone(child);
    gone(at);
    OK(copy(child, untyped, 0));
    OK(on_slot(DELETE, child));
    OK(retype(untyped, SMALL_PAGE, 0, at, 1));
    OK(on_slot(REVOKE, untyped));
    gone(at);
    OK(on_slot(DELETE, untyped));
}

/* Move, Mutate and Rotate keep the place in the tree. */
static void check_moved(void)
{
    u32 untyped = make_untyped(12), a = slots(4), endpoint = slots(1);
    OK(retype(untyped, ENDPOINT, 0, endpoint, 1));
    u32 badged = minted(endpoint, ALL, 3);
    OK(move(a, endpoint));
    gone(endpoint);
    OK(move(a + 1, badged));
    FAILS(invoke(ROOT, ROTATE, LIST(a + 2, 32, 0, a + 1, 32, 0, untyped, 32), LIST(ROOT, ROOT)),
          ILLEGAL_OPERATION);
    OK(move(a + 2, untyped));
    OK(on_slot(REVOKE, a));
    gone(a + 1);
    there(a, TAG_ENDPOINT);
    OK(on_slot(REVOKE, a + 2));
    gone(a);
    OK(on_slot(DELETE, a + 2));
}

static void check_rotated(void)
{
    u32 untyped = make_untyped(13), a = slots(4), other = make(TCB, 0);
    OK(retype(untyped, SMALL_PAGE, 0, a, 1));
    u32 again = copied(a, R);
    OK(invoke(ROOT, ROTATE, LIST(a + 1, 32, 0, a, 32, 0, other, 32), LIST(ROOT, ROOT)));
    there(a, TAG_TCB);
    there(a + 1, TAG_SMALL);
    OK(invoke(ROOT, ROTATE, LIST(untyped, 32, 0, again, 32, 0, untyped, 32), LIST(ROOT, ROOT)));
    there(again, TAG_UNTYPED);
    there(untyped, TAG_SMALL);
    OK(invoke(ROOT, ROTATE, LIST(a + 1, 32, 0, again, 32, 0, a + 1, 32), LIST(ROOT, ROOT)));
    there(a + 1, TAG_UNTYPED); /* parent and child have changed places */
    OK(on_slot(REVOKE, a + 1));
    gone(again);
    gone(untyped);
    there(a, TAG_TCB);
    there(a + 1, TAG_UNTYPED);
    OK(on_slot(DELETE, a + 1));
    OK(on_slot(DELETE, a));
}

/* A TCB's roots are copies: revoking what they were copied from strips it. */
static void check_thread_roots(void)
{
    u32 cnode = make(CAP_TABLE, 4), page = make(SMALL_PAGE, 0), tcb = make(TCB, 0);
    OK(invoke(tcb, CONFIGURE, LIST(0, 5, 0, 0, 0x1000), LIST(cnode, MY_PD, page)));
    OK(on_slot(REVOKE, cnode));
    OK(on_slot(REVOKE, page));
    OK(on_slot(DELETE, cnode));
    OK(on_slot(DELETE, page));
    OK(on_slot(DELETE, tcb));
}

static void check_depths(void)
{
    u32 chain[12];
    chain[0] = make(ENDPOINT, 0);
    chain[1] = minted(chain[0], ALL, 1);
    for (u32 i = 2; i < 12; i++)
        chain[i] = copied(chain[i - 1], ALL);
    OK(on_slot(DELETE, chain[5]));
    OK(on_slot(DELETE, chain[2]));
    there(chain[11], TAG_ENDPOINT);
    OK(on_slot(REVOKE, chain[1]));
    for (u32 i = 2; i < 12; i++)
        gone(chain[i]);
    there(chain[1], TAG_ENDPOINT);
    OK(on_slot(REVOKE, chain[0]));
    gone(chain[1]);
    OK(on_slot(DELETE, chain[0]));
}

/* A child of a child, and so on: at the 128th level it ends, for Mint, Copy and messages alike. */
static void check_deepest(void)
{
    u32 endpoint = make(ENDPOINT, 0), first = slots(130), depth = 0, last = endpoint;
    struct regs answer = mint(first, last, ALL, 0);
    while (!answer.info && depth < 130) {
        last = first + depth++;
        answer = mint(first + depth, last, ALL, 0);
    }
    FAILS(answer, RANGE_ERROR, 0, 127);
    TRUE(depth > 100 && depth <= 127);
    OK(copy(first + depth, last, ALL)); /* a sibling lies no deeper */
    OK(on_slot(DELETE, first)); /* all below move up by one level */
    OK(mint(first, last, ALL, 7));
    FAILS(mint(slots(1), first, ALL, 0), ILLEGAL_OPERATION);
    FAILS(copy(slots(1), first, ALL), RANGE_ERROR, 0, 127); /* badged: a child once more */
    OK(on_slot(REVOKE, endpoint));
    for (u32 i = 0; i <= depth; i++)
        gone(first + i);
    OK(on_slot(DELETE, endpoint));
}

void check_derivation(void)
{
    check_originals();
    check_badged(ENDPOINT, TAG_ENDPOINT);
    check_badged(ASYNC_ENDPOINT, TAG_ASYNC);
    check_untyped();
    check_untyped_copies();
    check_moved();
    check_rotated();
    check_thread_roots();
    check_depths();
    check_deepest();
}
