/* SPDX-License-Identifier: BSD-2-Clause */
@ FPSID, MVFR0 and MVFR1, and which bits of FPSCR and FPEXC can be written.
program:
    vfp_on
    vmrs    r0, fpsid
    put     r0
    vmrs    r0, mvfr0
    put     r0
    vmrs    r0, mvfr1
    put     r0
    mov     r0, #0
    vmsr    fpsid, r0
    vmrs    r0, fpsid
    put     r0
    ldr     r1, =0xF7C09F9F
    vmsr    fpscr, r1
    vmrs    r0, fpscr
    put     r0
    mov     r1, #0x03000000
    vmsr    fpscr, r1
    vmrs    r0, fpscr
    put     r0
    mov     r1, #0xA0000000
    vmsr    fpscr, r1
    vmrs    apsr_nzcv, fpscr
    put_flags
    mov     r1, #0
    vmsr    fpscr, r1
    end
