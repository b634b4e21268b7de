/* SPDX-License-Identifier: BSD-2-Clause */
/* Ending a run that went wrong. */

#include <manager/check.h>

#include <sel4/debug.h>
#include <sel4/io.h>

enum { EXIT_FAILED = 1 };

void require(bool good, const char *what)
{
    if (!good) {
        printf("\n%s: failed: %s\n", program_name, what);
        seL4_DebugExit(EXIT_FAILED);
    }
}

void require_no_error(int error, const char *what)
{
    if (error != seL4_NoError) {
        printf("\n%s: failed: %s: %s\n", program_name, what, sel4_error_name((seL4_Word)error));
        seL4_DebugExit(EXIT_FAILED);
    }
}
