/* SPDX-License-Identifier: BSD-2-Clause */
/* Text on the debug console. No state: any thread may print, with nothing but a stack. */
#pragma once

#include <sel4/types.h>

/* %s %c %d %u %x %p %%, each with an optional '-' (left), '0' and width. */
__attribute__((format(printf, 1, 2))) void printf(const char *format, ...);

/* The name of an error label, as in the binary interface. */
const char *sel4_error_name(seL4_Word error);
