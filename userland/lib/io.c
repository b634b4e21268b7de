/* SPDX-License-Identifier: BSD-2-Clause */
/* A small printf over seL4_DebugPutChar. */

#include <stdarg.h>

#include <sel4/debug.h>
#include <sel4/io.h>
#include <sel4/string.h>

enum { DIGITS_MAX = 10 };

/* How one argument is laid out. */
struct layout {
    bool left;
    bool zeros;
    int width;
};

static void put_repeated(char character, int count)
{
    while (count-- > 0) {
        seL4_DebugPutChar(character);
    }
}

static void put_field(const char *text, int length, struct layout layout)
{
    const int padding = layout.width - length;
    if (!layout.left) {
        put_repeated(layout.zeros ? '0' : ' ', padding);
    }
    for (int i = 0; i < length; i++) {
        seL4_DebugPutChar(text[i]);
    }
    if (layout.left) {
        put_repeated(' ', padding);
    }
}

/* The base is a constant in every copy of this: the ARM1136 has no divide instruction. */
SEL4_INLINE int digits(unsigned value, const unsigned base, char *end)
{
    char *to = end;
    do {
        *--to = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    return (int)(end - to);
}

static void put_decimal(unsigned value, bool negative, struct layout layout)
{
    char buffer[DIGITS_MAX + 1];
    char *const end = buffer + sizeof(buffer);
    int length = digits(value, 10, end);
    if (negative) {
        *(end - ++length) = '-';
    }
    put_field(end - length, length, layout);
}

static void put_hex(unsigned value, struct layout layout)
{
    char buffer[DIGITS_MAX];
    char *const end = buffer + sizeof(buffer);
    const int length = digits(value, 16, end);
    put_field(end - length, length, layout);
}

/* Reads the flags and the width behind a '%'; answers the conversion's place. */
static const char *parse_layout(const char *format, struct layout *layout)
{
    *layout = (struct layout){0};
    for (; *format == '-' || *format == '0'; format++) {
        layout->left |= *format == '-';
        layout->zeros |= *format == '0';
    }
    for (; *format >= '0' && *format <= '9'; format++) {
        layout->width = 10 * layout->width + (*format - '0');
    }
    return format;
}

static void put_string(const char *text, struct layout layout)
{
    put_field(text, (int)strlen(text), layout);
}

static void put_signed(int value, struct layout layout)
{
    put_decimal(value < 0 ? 0u - (unsigned)value : (unsigned)value, value < 0, layout);
}

void printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        struct layout layout;
        if (*format != '%') {
            seL4_DebugPutChar(*format);
            continue;
        }
        format = parse_layout(format + 1, &layout);
        switch (*format) {
        case 's': put_string(va_arg(arguments, const char *), layout); break;
        case 'd': put_signed(va_arg(arguments, int), layout); break;
        case 'u': put_decimal(va_arg(arguments, unsigned), false, layout); break;
        case 'x': put_hex(va_arg(arguments, unsigned), layout); break;
        case 'c': put_repeated((char)va_arg(arguments, int), 1); break;
        case 'p':
            put_string("0x", (struct layout){0});
            put_hex((uintptr_t)va_arg(arguments, void *), (struct layout){false, true, 8});
            break;
        case '\0': format--; break; /* a lone '%' at the end prints nothing */
        default: seL4_DebugPutChar(*format); break;
        }
    }
    va_end(arguments);
}

const char *sel4_error_name(seL4_Word error)
{
    static const char *const names[] = {
        [seL4_NoError] = "NoError",
        [seL4_InvalidArgument] = "InvalidArgument",
        [seL4_InvalidCapability] = "InvalidCapability",
        [seL4_IllegalOperation] = "IllegalOperation",
        [seL4_RangeError] = "RangeError",
        [seL4_AlignmentError] = "AlignmentError",
        [seL4_FailedLookup] = "FailedLookup",
        [seL4_TruncatedMessage] = "TruncatedMessage",
        [seL4_DeleteFirst] = "DeleteFirst",
        [seL4_RevokeFirst] = "RevokeFirst",
        [seL4_NotEnoughMemory] = "NotEnoughMemory",
    };
    return error < sizeof(names) / sizeof(names[0]) ? names[error] : "an unknown error";
}
