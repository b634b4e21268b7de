/* SPDX-License-Identifier: BSD-2-Clause */

#include "state.h"

#include <manager/check.h>
#include <sel4/bootinfo.h>

/* From the linker script. */
extern char image_start[], image_end[];

const struct policy_header *state_header(void)
{
    const struct policy_header *const header = (const struct policy_header *)image_end;
    require(header->magic == POLICY_MAGIC, "there is no system description behind the image");
    require(header->version == POLICY_VERSION, "the description is of another version");
    return header;
}

static const void *at(seL4_Word offset)
{
    return image_end + offset;
}

const struct policy_subsystem *state_subsystems(void)
{
    return at(state_header()->subsystems_offset);
}

const struct policy_channel *state_channels(void)
{
    return at(state_header()->channels_offset);
}

const struct policy_segment *state_segments(void)
{
    return at(state_header()->segments_offset);
}

const struct policy_table *state_tables(void)
{
    return at(state_header()->tables_offset);
}

const struct policy_device *state_devices(void)
{
    return at(state_header()->devices_offset);
}

seL4_ARM_Page state_page(seL4_Word offset)
{
    const seL4_Word before = (seL4_Word)image_end - (seL4_Word)image_start;
    return seL4_GetBootInfo()->userImageFrames.start + ((before + offset) >> seL4_PageBits);
}
