/* SPDX-License-Identifier: BSD-2-Clause */
/* How an image ends when something does not go as it must. */
#pragma once

#include <sel4/types.h>

/* Each image that checks defines its name. A constant, so that threads which share only the
   code can fail as well. */
extern const char program_name[];

/* Ends the run with status 1 and the sentence, unless `good`. */
void require(bool good, const char *what);

/* The same for the answer of an invocation; names the error. */
void require_no_error(int error, const char *what);
