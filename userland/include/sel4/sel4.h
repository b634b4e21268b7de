/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole interface: types, system calls, boot information, invocations of kernel objects. */
#pragma once

#include <sel4/types.h>
#include <sel4/syscalls.h>
#include <sel4/debug.h>
#include <sel4/bootinfo.h>
#include <sel4/invocations.h>
#include <sel4/invocations_arm.h>
