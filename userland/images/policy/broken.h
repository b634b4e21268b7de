/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Managers that are broken on purpose, to show that the check of the running system sees it.
 *
 * The image is compiled with POLICY_BROKEN set to one of the numbers POLICY_BROKEN_... of the
 * generated header; 0 is the manager that keeps the rules.
 */
#pragma once

#include "parts.h"

#ifndef POLICY_BROKEN
#define POLICY_BROKEN 0
#endif

/* 1 in the manager that is broken in this way, else 0. */
#define BROKEN(name) (POLICY_BROKEN == POLICY_BROKEN_##name)

/* Breaks a rule between the first two subsystems, which are built but still in our hands. */
void break_a_rule(struct part *parts, seL4_Word count, struct shared *shared);
