/* SPDX-License-Identifier: BSD-2-Clause */
@ The performance monitor's registers read zero before they are used.
program:
    mrc     p15, 0, r0, c15, c12, 0
    put     r0
    mrc     p15, 0, r0, c15, c12, 2
    put     r0
    mrc     p15, 0, r0, c15, c12, 3
    put     r0
    to_user
    mrc     p15, 0, r0, c15, c12, 1
    svc     #0x3F
