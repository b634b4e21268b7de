/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile image: threads that make every system call on every capability that they can name,
 * with random words, for ever.
 *
 * The initial thread gives them a CSpace full of capabilities, lets them run for a while and takes
 * everything back, round after round. In some rounds one of them has the initial thread's own
 * CSpace, and so can destroy all there is; then the run ends, and the host starts another.
 */

#include <sel4/sel4.h>

enum { THREADS = 3, PRIORITY = 255, STACK_WORDS = 256 };
enum { ROOT_DEPTH = 32, NODE_BITS = 7, NODE_SLOTS = 1 << NODE_BITS };
enum { PIECES = 16, PIECE_BITS = 15, BUFFERS = 0xe0000, PAGE = 0x1000, REGISTERS_WRITTEN = 5 };
/* The initial CNode's slots in use, and some behind. */
enum { FULL_POWER_SLOTS = 512 };
enum { YIELDS_A_ROUND = 128, YIELDS_A_START = 2, FULL_POWER_EVERY = 8 };
/* Calls that end the run or print much are made once in so many times. */
enum { RARE = 0x7ff };

struct kind {
    seL4_Word type;
    seL4_Word size_bits;
    seL4_Word count;
};

/* What is made of the first pieces; the other pieces are handed over as they are. */
static const struct kind kinds[] = {
    {seL4_TCBObject, 0, THREADS},
    {seL4_CapTableObject, NODE_BITS, 1},
    {seL4_ARM_SmallPageObject, 0, 2 * THREADS},
    {seL4_EndpointObject, 0, 4},
    {seL4_AsyncEndpointObject, 0, 2},
    {seL4_CapTableObject, 4, 2},
    {seL4_ARM_PageTableObject, 0, 3},
    {seL4_ARM_PageDirectoryObject, 0, 2},
    {seL4_UntypedObject, 12, 6},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
enum { TCBS, NODE, FRAMES, ENDPOINTS };
/* Where the threads find their own CNode and the endpoint for their faults. */
enum { NODE_AT = 1 + THREADS, ENDPOINT_AT = NODE_AT + 1 + 2 * THREADS };

static const int numbers[] = {
    ABI_SYS_CALL, ABI_SYS_SEND, ABI_SYS_NB_SEND, ABI_SYS_WAIT, ABI_SYS_REPLY, ABI_SYS_REPLY_WAIT,
    ABI_SYS_YIELD, ABI_SYS_DEBUG_PUT_CHAR, ABI_SYS_DEBUG_CAP_IDENTIFY, ABI_SYS_CYCLE_RESET,
    ABI_SYS_CYCLE_READ, ABI_SYS_DEBUG_NAME_THREAD, ABI_SYS_DEBUG_SNAPSHOT, ABI_SYS_DEBUG_HALT,
    ABI_SYS_DEBUG_EXIT, 0, -12,
};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), FIRST_RARE = 12, BEHIND_RARE = 15 };

const char program_name[] = "hostile";

/* The host writes another number here for each run. */
volatile seL4_Word seed = 1;
static seL4_Word stacks[THREADS][STACK_WORDS];
static seL4_Word first_slot[KINDS];
static seL4_Word rounds;
/* The addresses that a thread tries, and the CNode and depth with which it names slots. */
struct reach {
    seL4_Word mask;
    seL4_Word node;
    seL4_Word depth;
};
static struct reach reaches[THREADS];

/* The methods of a kind of capability. */
struct methods {
    seL4_Word tag;
    seL4_Word first;
    seL4_Word last;
};

static const struct methods methods[] = {
    {ABI_TAG_UNTYPED, ABI_LABEL_UNTYPED_RETYPE, ABI_LABEL_UNTYPED_RETYPE},
    {ABI_TAG_TCB, ABI_LABEL_TCB_READ_REGISTERS, ABI_LABEL_TCB_RESUME},
    {ABI_TAG_CNODE, ABI_LABEL_CNODE_REVOKE, ABI_LABEL_CNODE_SAVE_CALLER},
    {ABI_TAG_IRQ_CONTROL, ABI_LABEL_IRQ_CONTROL_GET, ABI_LABEL_IRQ_CONTROL_GET},
    {ABI_TAG_IRQ_HANDLER, ABI_LABEL_IRQ_HANDLER_ACK, ABI_LABEL_IRQ_HANDLER_CLEAR},
    {ABI_TAG_DOMAIN, ABI_LABEL_DOMAIN_SET_SET, ABI_LABEL_DOMAIN_SET_SET},
    {ABI_TAG_PAGE_DIRECTORY, ABI_LABEL_PD_CLEAN_DATA, ABI_LABEL_PD_UNIFY_INSTRUCTION},
    {ABI_TAG_PAGE_TABLE, ABI_LABEL_PAGE_TABLE_MAP, ABI_LABEL_PAGE_TABLE_UNMAP},
    {ABI_TAG_ASID_CONTROL, ABI_LABEL_ASID_CONTROL_MAKE_POOL, ABI_LABEL_ASID_CONTROL_MAKE_POOL},
    {ABI_TAG_ASID_POOL, ABI_LABEL_ASID_POOL_ASSIGN, ABI_LABEL_ASID_POOL_ASSIGN},
    {ABI_TAG_SMALL_FRAME, ABI_LABEL_PAGE_MAP, ABI_LABEL_PAGE_GET_ADDRESS},
    {ABI_TAG_LARGER_FRAME, ABI_LABEL_PAGE_MAP, ABI_LABEL_PAGE_GET_ADDRESS},
};
enum { KINDS_WITH_METHODS = sizeof(methods) / sizeof(methods[0]) };

static seL4_Word next_random(seL4_Word *state)
{
    seL4_Word word = *state;
    word ^= word << 13;
    word ^= word >> 17;
    word ^= word << 5;
    return *state = word;
}

/* A small number, an edge, or anything. */
static seL4_Word wild(seL4_Word *state)
{
    const seL4_Word choice = next_random(state) & 7;
    const seL4_Word word = next_random(state);
    switch (choice) {
    case 0:
        return ROOT_DEPTH;
    case 1:
        return word >> 31 ? 0 : ~0u;
    case 2:
        return word & (NODE_SLOTS - 1);
    case 3:
        return word & 0xfffff000;
    case 4:
        return word;
    case 5:
        return NODE_BITS;
    case 6:
        return word & 7;
    default:
        return word & 63;
    }
}

/* The compiler must not turn the traps into one that it finds better. */
static void trap(int number, const seL4_Word words[6])
{
    SEL4_REGISTER(r0, words[0]);
    SEL4_REGISTER(r1, words[1]);
    SEL4_REGISTER(r2, words[2]);
    SEL4_REGISTER(r3, words[3]);
    SEL4_REGISTER(r4, words[4]);
    SEL4_REGISTER(r5, words[5]);
    SEL4_REGISTER(r7, (seL4_Word)number);
    __asm__ volatile("swi #0"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r7)
                     :
                     : "memory");
}

static void fill_buffer(seL4_IPCBuffer *buffer, const struct reach *reach, seL4_Word *state)
{
    const seL4_Word mask = reach->mask;
    for (int i = ABI_MSG_REGISTERS; i < 10; i++) {
        buffer->msg[i] = wild(state);
    }
    for (int i = 0; i < ABI_MSG_MAX_EXTRA_CAPS; i++) {
        buffer->caps_or_badges[i] = next_random(state) & mask;
    }
    buffer->receiveCNode = next_random(state) & mask;
    buffer->receiveIndex = wild(state);
    buffer->receiveDepth = wild(state);
}

static seL4_Word random_info(seL4_Word *state)
{
    const seL4_Word word = next_random(state);
    if ((word & 15) == 0) {
        return next_random(state);
    }
    /* A label that exists, or one just behind, up to three capabilities, a short message. */
    return (word >> 8) % 46 << 12 | (word >> 4 & 3) << 7 | (word >> 20) % 12;
}

/* A random number below `limit`, which is at most 2^16. */
static seL4_Word below(seL4_Word limit, seL4_Word *state)
{
    return (next_random(state) >> 16) * limit >> 16;
}

/* Makes a method fit its capability, and words that have a chance: most random ones have none. */
static void aim(seL4_IPCBuffer *buffer, const struct reach *reach, seL4_Word *state,
                seL4_Word words[6])
{
    if ((next_random(state) & 3) == 0) {
        words[0] = reach->node;
    }
    const seL4_Word tag = seL4_DebugCapIdentify(words[0]);
    for (seL4_Word i = 0; i < KINDS_WITH_METHODS; i++) {
        const struct methods *const known = &methods[i];
        if (known->tag == tag) {
            const seL4_Word count = known->last - known->first + 1;
            words[1] = (known->first + below(count, state)) << 12 | 2 << 7 | 8;
        }
    }
    if (tag == ABI_TAG_UNTYPED) {
        words[2] = below(11, state);
        words[3] = 3 + below(14, state);
        words[4] = words[5] = 0;
        buffer->msg[4] = next_random(state) & reach->mask;
        buffer->msg[5] = 1 + below(8, state);
        buffer->caps_or_badges[0] = reach->node;
    } else if (tag == ABI_TAG_CNODE) {
        words[2] = next_random(state) & reach->mask;
        words[4] = next_random(state) & reach->mask;
        words[3] = words[5] = reach->depth;
        buffer->caps_or_badges[0] = reach->node;
    }
}

/* By turns: the next number on the next capability, and a Call on any capability. */
static void attack(seL4_IPCBuffer *buffer, const struct reach *reach, seL4_Word *state,
                   seL4_Word *turn)
{
    const seL4_Word mask = reach->mask;
    seL4_Word words[6] = {next_random(state) & mask, random_info(state)};
    int number = ABI_SYS_CALL;
    for (int i = 2; i < 6; i++) {
        words[i] = wild(state);
    }
    const seL4_Word at = *turn >> 1;
    if ((*turn)++ & 1) {
        const seL4_Word sweep = mask < NODE_SLOTS ? at / NODE_SLOTS : at / FULL_POWER_SLOTS;
        const seL4_Word which = sweep % NUMBERS;
        const bool is_rare = which >= FIRST_RARE && which < BEHIND_RARE;
        words[0] = at & mask;
        number = is_rare && next_random(state) & RARE ? ABI_SYS_YIELD : numbers[which];
    } else if (next_random(state) & 3) {
        aim(buffer, reach, state, words);
    }
    trap(number, words);
}

static void hostile(seL4_Word thread, seL4_Word state)
{
    seL4_IPCBuffer *const buffer = (seL4_IPCBuffer *)(BUFFERS + PAGE * thread);
    const struct reach *const reach = &reaches[thread];
    seL4_Word turn = state;
    for (;;) {
        fill_buffer(buffer, reach, &state);
        attack(buffer, reach, &state, &turn);
    }
}

/* Without what a round needs there is nothing more to see: a hostile thread has taken it. */
static void must(int error)
{
    if (error != seL4_NoError) {
        seL4_DebugHalt();
    }
}

static seL4_Word largest_untyped(const seL4_BootInfo *info)
{
    seL4_Word best = 0;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untypedSizeBitsList[i] > info->untypedSizeBitsList[best]) {
            best = i;
        }
    }
    return info->untyped.start + best;
}

static seL4_Word retype(seL4_Word untyped, struct kind kind, seL4_Word slot)
{
    must(seL4_Untyped_Retype(untyped, kind.type, kind.size_bits, seL4_CapInitThreadCNode, 0, 0,
                             slot, kind.count));
    return slot + kind.count;
}

/* Everything anew; answers the first slot behind, and leaves the pieces at `slot`. */
static seL4_Word make_objects(seL4_Word untyped, seL4_Word slot)
{
    must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, untyped, ROOT_DEPTH));
    seL4_Word next = retype(untyped, (struct kind){seL4_UntypedObject, PIECE_BITS, PIECES}, slot);
    for (seL4_Word i = 0; i < KINDS; i++) {
        first_slot[i] = next;
        next = retype(slot + i, kinds[i], next);
    }
    return next;
}

static void hand_over(seL4_Word target, seL4_Word source, bool move)
{
    const seL4_Word node = first_slot[NODE];
    if (move) {
        (void)seL4_CNode_Move(node, target, NODE_BITS, seL4_CapInitThreadCNode, source, ROOT_DEPTH);
    } else {
        (void)seL4_CNode_Copy(node, target, NODE_BITS, seL4_CapInitThreadCNode, source, ROOT_DEPTH,
                              seL4_AllRights);
    }
}

/* Copies of what the threads are made of, everything else for good; at the end what boot gave. */
static void fill_node(seL4_Word pieces, seL4_Word end)
{
    seL4_Word target = 1;
    for (seL4_Word slot = first_slot[TCBS]; slot < end; slot++) {
        hand_over(target++, slot, slot >= first_slot[ENDPOINTS]);
    }
    for (seL4_Word piece = pieces + KINDS; piece < pieces + PIECES; piece++) {
        hand_over(target++, piece, true);
    }
    for (seL4_Word cap = seL4_CapInitThreadVSpace; cap <= seL4_CapDomain; cap++) {
        hand_over(target++, cap, cap == seL4_CapIRQControl || cap == seL4_CapASIDControl);
    }
}

static void configure(seL4_Word thread, bool full_power)
{
    const seL4_Word frame = first_slot[FRAMES] + thread;
    const seL4_Word address = BUFFERS + PAGE * thread;
    const seL4_CapData_t guard = seL4_CapData_Guard_new(0, ROOT_DEPTH - NODE_BITS);
    reaches[thread] = full_power
                          ? (struct reach){FULL_POWER_SLOTS - 1, seL4_CapInitThreadCNode, ROOT_DEPTH}
                          : (struct reach){NODE_SLOTS - 1, NODE_AT, NODE_BITS};
    must(seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, address, seL4_AllRights,
                           seL4_ARM_Default_VMAttributes));
    must(seL4_TCB_Configure(first_slot[TCBS] + thread, ENDPOINT_AT, PRIORITY,
                            full_power ? seL4_CapInitThreadCNode : first_slot[NODE],
                            full_power ? seL4_NilData : guard, seL4_CapInitThreadVSpace,
                            seL4_NilData, address, frame));
}

static void start(seL4_Word thread, seL4_Word *state)
{
    seL4_UserContext context = {
        .pc = (seL4_Word)hostile,
        .sp = (seL4_Word)&stacks[thread][STACK_WORDS],
        .cpsr = 0x10,
        .r0 = thread,
        .r1 = next_random(state) | 1,
    };
    must(seL4_TCB_WriteRegisters(first_slot[TCBS] + thread, true, 0, REGISTERS_WRITTEN, &context));
}

int main(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    const seL4_Word untyped = largest_untyped(info);
    seL4_Word state = seed;
    for (;; rounds++) {
        const seL4_Word end = make_objects(untyped, info->empty.start);
        const bool full_power = rounds % FULL_POWER_EVERY == FULL_POWER_EVERY - 1;
        for (seL4_Word thread = 0; thread < THREADS; thread++) {
            configure(thread, full_power && thread == 0);
        }
        fill_node(info->empty.start, end);
        for (int i = 0; i < YIELDS_A_ROUND; i++) {
            for (seL4_Word thread = 0; i % YIELDS_A_START == 0 && thread < THREADS; thread++) {
                start(thread, &state);
            }
            seL4_Yield();
        }
    }
}
