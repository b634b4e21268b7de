/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory functions that C programs, and the compiler itself, expect to find. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
size_t strlen(const char *string);
