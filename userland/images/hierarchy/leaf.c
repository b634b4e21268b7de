/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager at the bottom: makes objects that nobody else can name, and shows that it lives. */

#include <sel4/io.h>
#include <sel4/sel4.h>

#include "child.h"
#include "serve.h"

enum { LEAF_CNODE_BITS = LEAF_MEMORY_BITS - seL4_SlotBits };

_Noreturn void leaf_manager(void)
{
    const seL4_Word bytes = 1u << LEAF_MEMORY_BITS;
    retype(CHILD_MEMORY, seL4_CapTableObject, LEAF_CNODE_BITS, CHILD_FREE, 1);
    printf("  leaf    makes a CNode of its %u bytes\n", (unsigned)bytes);
    for (seL4_Word number = 0;; number++) {
        send_pulse(number, bytes);
    }
}
