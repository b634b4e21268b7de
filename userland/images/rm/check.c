/* SPDX-License-Identifier: BSD-2-Clause */

#include "check.h"

#include <sel4/debug.h>
#include <sel4/io.h>

enum { EXIT_FAILED = 1 };

void require(bool good, const char *what)
{
    if (!good) {
        printf("\nrm: failed: %s\n", what);
        seL4_DebugExit(EXIT_FAILED);
    }
}

void require_no_error(int error, const char *what)
{
    if (error != seL4_NoError) {
        printf("\nrm: failed: %s: %s\n", what, sel4_error_name((seL4_Word)error));
        seL4_DebugExit(EXIT_FAILED);
    }
}
