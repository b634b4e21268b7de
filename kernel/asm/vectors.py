# SPDX-License-Identifier: BSD-2-Clause
"""The vector page, mapped at 0xFFFF0000."""

from typing import Final

SOURCE: Final = """
@ ---------------------------------------------------------------------------------------------
@ vectors: jumped to by the processor, in the mode of the exception, interrupts masked.
@ Each word loads the address of the entry code from the table behind: a branch would not reach.
@ ---------------------------------------------------------------------------------------------
vectors:
    ldr     pc, vector_reset
    ldr     pc, vector_undefined
    ldr     pc, vector_svc
    ldr     pc, vector_prefetch_abort
    ldr     pc, vector_data_abort
    ldr     pc, vector_reset            @ reserved by the architecture
    ldr     pc, vector_irq
    ldr     pc, vector_fiq
literals:
vector_reset:
    .word   ENTRY_RESET
vector_undefined:
    .word   ENTRY_UNDEFINED
vector_svc:
    .word   ENTRY_SVC
vector_prefetch_abort:
    .word   ENTRY_PREFETCH_ABORT
vector_data_abort:
    .word   ENTRY_DATA_ABORT
vector_irq:
    .word   ENTRY_IRQ
vector_fiq:
    .word   ENTRY_FIQ
"""

#: Label of the entry code for each constant that the table names.
ENTRIES: Final = {
    "ENTRY_RESET": "kernel_panic",
    "ENTRY_UNDEFINED": "handle_undefined",
    "ENTRY_SVC": "handle_svc",
    "ENTRY_PREFETCH_ABORT": "handle_prefetch_abort",
    "ENTRY_DATA_ABORT": "handle_data_abort",
    "ENTRY_IRQ": "handle_irq",
    "ENTRY_FIQ": "kernel_panic",
}
