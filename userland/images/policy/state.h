/* SPDX-License-Identifier: BSD-2-Clause */
/* The compact global state: one block, in the pages directly behind the image. */
#pragma once

#include <policy/state_generated.h>
#include <sel4/types.h>

/* Its header; ends the run if there is no state. */
const struct policy_header *state_header(void);

const struct policy_subsystem *state_subsystems(void);
const struct policy_channel *state_channels(void);
const struct policy_segment *state_segments(void);
const struct policy_table *state_tables(void);
const struct policy_device *state_devices(void);

/* The manager's capability to the page at an offset of the block. */
seL4_ARM_Page state_page(seL4_Word offset);
