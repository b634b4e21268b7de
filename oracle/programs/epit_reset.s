/* SPDX-License-Identifier: BSD-2-Clause */
@ A software reset clears the registers, and the bit itself.
program:
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 1000
    poke    EPIT1 + 12, 77
    poke    EPIT1, 0x00010000
    peek    EPIT1 + 4
    peek    EPIT1 + 8
    peek    EPIT1 + 12
    peek    EPIT1
    end
