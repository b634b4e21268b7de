/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory functions, and the names under which the ARM EABI lets the compiler call them. */

#include <stdint.h>

#include <sel4/string.h>

/* Words where both sides allow it: the images copy page-sized structures with this. */
void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3) == 0) {
        for (; count >= 4; count -= 4, out += 4, in += 4) {
            *(uint32_t *)out = *(const uint32_t *)in;
        }
    }
    while (count-- > 0) {
        *out++ = *in++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    /* Away from the overlap: upwards unless the destination starts inside the source. */
    if ((uintptr_t)out - (uintptr_t)in >= count) {
        for (size_t i = 0; i < count; i++) {
            out[i] = in[i];
        }
    } else {
        while (count-- > 0) {
            out[count] = in[count];
        }
    }
    return to;
}

void *memset(void *to, int byte, size_t count)
{
    unsigned char *out = to;
    const uint32_t word = 0x01010101u * (unsigned char)byte;
    if (((uintptr_t)out & 3) == 0) {
        for (; count >= 4; count -= 4, out += 4) {
            *(uint32_t *)out = word;
        }
    }
    while (count-- > 0) {
        *out++ = (unsigned char)byte;
    }
    return to;
}

size_t strlen(const char *string)
{
    const char *end = string;
    while (*end != '\0') {
        end++;
    }
    return (size_t)(end - string);
}

/* The EABI names promise an alignment (4, 8) that the functions above find out by themselves. */
#define EABI_COPY(name, target) \
    void name(void *to, const void *from, size_t count) \
    { \
        target(to, from, count); \
    }

EABI_COPY(__aeabi_memcpy, memcpy)
EABI_COPY(__aeabi_memcpy4, memcpy)
EABI_COPY(__aeabi_memcpy8, memcpy)
EABI_COPY(__aeabi_memmove, memmove)
EABI_COPY(__aeabi_memmove4, memmove)
EABI_COPY(__aeabi_memmove8, memmove)

/* The EABI has the count before the byte, unlike C. */
#define EABI_SET(suffix) \
    void __aeabi_memset##suffix(void *to, size_t count, int byte) \
    { \
        memset(to, byte, count); \
    } \
    void __aeabi_memclr##suffix(void *to, size_t count) \
    { \
        memset(to, 0, count); \
    }

EABI_SET()
EABI_SET(4)
EABI_SET(8)
