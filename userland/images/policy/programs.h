/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs that the manager brings for subsystems without an image of their own.
 *
 * They are part of the manager's code, of which each subsystem has a copy. Nothing here may touch
 * a global variable. They never end: a thread that has done everything stops itself.
 */
#pragma once

#include "summary.h"

/* Where a program starts, by its number; its argument is the summary. */
seL4_Word program_entry(seL4_Word number);

/* Does its honest work: makes objects of its memory, and uses each of its channels once. */
_Noreturn void worker(const struct summary *self);

/* Tries to pass capabilities on, to forge them, and to reach what is not its own. */
_Noreturn void smuggler(const struct summary *self);

/* Tries to take more than it has, and to revoke what is not its own. */
_Noreturn void glutton(const struct summary *self);

/* Uses each channel once, in the order that is the same for all. */
void use_channels(const struct summary *self);

/* Stops its own thread: the end of every program. */
_Noreturn void rest(void);
