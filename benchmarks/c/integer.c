/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integer work as compilers make it: a checksum with a table, text, matrices, a sieve, a hash
 * table and a bit-by-bit division. One call of `work` is a turn of some tens of thousands of
 * instructions; its result depends on all of them.
 */

typedef unsigned int word;
typedef unsigned char byte;

enum { BUFFER = 1024, SIDE = 10, LIMIT = 1024, SLOTS = 256, KEYS = 96 };

static const word polynomial = 0xEDB88320u;

static word crc_table[256];
static byte buffer[BUFFER];
static int left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
static byte composite[LIMIT];
static struct { word key, value; } slots[SLOTS];

static const char text[] =
    "Words for a checksum and a search to work on: untyped memory is given out by retype; "
    "a capability says who may use what was made of it. A thread has capabilities "
    "and memory, and waits at an endpoint until another one sends a message there.";

static word next(word seed)
{
    return seed * 1664525u + 1013904223u;
}

static void make_table(void)
{
    for (word n = 0; n < 256; n++) {
        word value = n;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? polynomial ^ value >> 1 : value >> 1;
        crc_table[n] = value;
    }
}

static word checksum(const byte *data, word size)
{
    word value = ~0u;
    while (size--)
        value = crc_table[(value ^ *data++) & 0xFF] ^ value >> 8;
    return ~value;
}

static void fill(word seed)
{
    for (word n = 0; n < BUFFER; n++) {
        seed = next(seed);
        buffer[n] = seed >> 24;
    }
}

static word length(const char *string)
{
    const char *end = string;
    while (*end)
        end++;
    return end - string;
}

static word count_words(const char *string)
{
    word count = 0;
    int inside = 0;
    for (; *string; string++) {
        const int letter = (*string | 32) >= 'a' && (*string | 32) <= 'z';
        count += letter && !inside;
        inside = letter;
    }
    return count;
}

static word find(const char *string, const char *part)
{
    for (const char *start = string; *start; start++) {
        const char *a = start, *b = part;
        while (*b && *a == *b)
            a++, b++;
        if (!*b)
            return start - string;
    }
    return ~0u;
}

static word texts(void)
{
    return length(text) + count_words(text) + find(text, "kernel") + find(text, "absent");
}

static word matrices(word seed)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            seed = next(seed);
            left[i][j] = (int)(seed >> 20) - 2048;
            right[j][i] = (int)(seed >> 8 & 0xFFF) - 2048;
        }
    int trace = 0;
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
        trace += product[i][i];
    }
    return (word)trace;
}

static word primes(void)
{
    for (word n = 0; n < LIMIT; n++)
        composite[n] = 0;
    word count = 0;
    for (word n = 2; n < LIMIT; n++) {
        if (composite[n])
            continue;
        count++;
        for (word multiple = n * n; multiple < LIMIT; multiple += n)
            composite[multiple] = 1;
    }
    return count;
}

static word *place(word key)
{
    word slot = (key ^ key >> 15) * 2654435761u >> 24;
    while (slots[slot].key && slots[slot].key != key)
        slot = (slot + 1) % SLOTS;
    slots[slot].key = key;
    return &slots[slot].value;
}

static word hashes(word seed)
{
    for (word n = 0; n < SLOTS; n++)
        slots[n].key = slots[n].value = 0;
    for (word n = 0; n < 4 * KEYS; n++) {
        seed = next(seed);
        *place(seed % 128 + 1) += seed >> 16;
    }
    word sum = 0;
    for (word n = 0; n < SLOTS; n++)
        sum ^= slots[n].value;
    return sum;
}

static word divide(word dividend, word divisor)
{
    word quotient = 0, rest = 0;
    for (int bit = 31; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

word work(word seed)
{
    if (!crc_table[1])
        make_table();
    fill(seed);
    word result = checksum(buffer, BUFFER);
    result += texts();
    result ^= matrices(seed);
    result += primes();
    result ^= hashes(seed);
    return divide(result, (seed >> 8) | 1) ^ next(result);
}
