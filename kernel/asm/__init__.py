# SPDX-License-Identifier: BSD-2-Clause
"""The kernel in ARM assembly: one module a subject, each with its `SOURCE` text.

Constants come from `kernel.layout.asm_constants`; the text is assembled by `kernel.image`.
Every label that is jumped to from elsewhere begins with its contract: who comes here, what the
registers hold, what is destroyed. Inside an entry that came from user mode these hold throughout:

    mode SVC, interrupts masked, sp = address of `pc` in the current TCB (TCB + TCB_PC);
    the user's registers are saved in the TCB; r0-r5 and r7 still hold the user's values
    until a label says otherwise. There is no stack: nothing here pushes.

A path that cannot go on branches to `slowpath` before its commit point, marked `COMMIT`; the
Python kernel then does the whole call again from the saved registers. Behind a commit point
nothing bails out.
"""
