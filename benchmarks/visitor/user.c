/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process: fills, sorts and sums memory that it never had before, goes deep into its stack,
 * writes to data that it shares until it writes, gives way, sleeps, and passes a token round.
 */

#include "visitor.h"

#define USER __attribute__((section(".user.text"), noinline))
#define USER_CONST __attribute__((section(".user.rodata")))
#define USER_DATA __attribute__((section(".user.data")))

enum { WORDS = 1024, ROUNDS = 6, LAPS = 512, LAP_BYTES = 64, DEPTH = 40, FRAME_WORDS = 128 };

static const char hello[] USER_CONST = "hello\n";

/* Not a constant: compilers that know the loop below would keep its results in the kernel. */
static volatile word polynomial USER_DATA = 0xEDB88320;
static word seed USER_DATA = 0x1234567;
static word table[256] USER_DATA = {1};

USER static word call(word number, word a, word b)
{
    register word r0 __asm__("r0") = a;
    register word r1 __asm__("r1") = b;
    register word r7 __asm__("r7") = number;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r7) : "memory");
    return r0;
}

USER static word next(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed;
}

USER static void make_table(void)
{
    const word divisor = polynomial;
    for (word n = 0; n < 256; n++) {
        word value = n;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? divisor ^ value >> 1 : value >> 1;
        table[n] = value;
    }
}

USER static void sort(word *data, word count)
{
    for (word gap = count / 2; gap; gap /= 2)
        for (word i = gap; i < count; i++) {
            const word value = data[i];
            word j = i;
            for (; j >= gap && data[j - gap] > value; j -= gap)
                data[j] = data[j - gap];
            data[j] = value;
        }
}

USER static word checksum(const byte *data, word size)
{
    word value = ~0u;
    while (size--)
        value = table[(value ^ *data++) & 0xFF] ^ value >> 8;
    return ~value;
}

USER static word descend(word depth)
{
    volatile word frame[FRAME_WORDS];
    frame[depth] = depth * 7;
    const word below = depth ? descend(depth - 1) : 1;
    return below * 3 + frame[depth];
}

USER static word pass_token(word number, word sum)
{
    for (word lap = 0; lap < LAPS; lap++) {
        word token = lap;
        if (number)
            token = call(CALL_RECEIVE, 0, 0);
        if (lap % 256 == 0)
            call(CALL_WRITE, (word)hello, sizeof hello - 1);
        token ^= checksum((const byte *)HEAP + lap * LAP_BYTES, LAP_BYTES);
        while (!call(CALL_SEND, (number + 1) % PROCESSES, token * 5 + number))
            call(CALL_YIELD, 0, 0);
        if (!number)
            token = call(CALL_RECEIVE, 0, 0);
        sum = sum * 31 + token;
    }
    return sum;
}

USER void user_main(word number)
{
    word sum = 0;
    make_table();
    seed += number;
    for (word round = 0; round < ROUNDS; round++) {
        word *data = (word *)(HEAP + round * WORDS * sizeof(word));
        for (word n = 0; n < WORDS; n++)
            data[n] = next();
        call(CALL_YIELD, 0, 0);
        sort(data, WORDS);
        sum = sum * 31 + checksum((const byte *)data, WORDS * sizeof(word));
        sum += descend(DEPTH + number + round);
        call(CALL_SLEEP, 1, 0);
    }
    sum = pass_token(number, sum);
    call(CALL_EXIT, sum, 0);
    for (;;)
        ;
}
