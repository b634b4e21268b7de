/* SPDX-License-Identifier: BSD-2-Clause */
@ FPEXC, CPACR, and length and rounding of FPSCR change between runs of one hot block.
program:
    vfp_on
    ldr     r7, =DATA
    ldr     r0, =0x3F8CCCCD
    ldr     r1, =0x40133333
    mov     r4, #0
fill:
    vmov    s0, r0
    str     r0, [r7, r4, lsl #2]
    str     r1, [r7, r4, lsl #2]
    add     r0, r0, #0x10000
    add     r1, r1, #0x3000
    add     r4, r4, #1
    cmp     r4, #32
    bne     fill
    vldmia  r7, {s0-s31}
    ldr     r9, =13000
    mov     r4, r9
    bl      many
    bl      show
    mov     r0, #0x30000
    vmsr    fpscr, r0
    mov     r4, r9
    bl      many
    mov     r0, #0
    vmsr    fpscr, r0
    bl      show
    mov     r0, #0xC00000
    vmsr    fpscr, r0
    mov     r4, r9
    bl      many
    bl      show
    ldr     r0, =0x1000000
    vmsr    fpscr, r0
    mov     r4, r9
    bl      many
    bl      show
    mov     r0, #0
    vmsr    fpexc, r0
    mov     r4, #2
    bl      many
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    mov     r4, r9
    bl      many
    bl      show
    mov     r0, #0x500000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #20
    bl      many
    to_user
    mov     r4, #2
    bl      many
    to_supervisor
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    bl      show
    end
many:
    vadd.f32 s8, s16, s24
    vmul.f32 s9, s8, s25
    vldr    s26, [r7, #8]
    vdiv.f32 s10, s9, s17
    vstr    s10, [r7, #12]
    vmov    r0, s10
    vcmp.f32 s10, s9
    vmrs    APSR_nzcv, fpscr
    addmi   r5, r5, r0
    eorpl   r5, r5, r0, ror #7
    subs    r4, r4, #1
    bne     many
    bx      lr
show:
    put     r5
    vmrs    r0, fpscr
    put     r0
    vmov    r0, s8
    put     r0
    vmov    r0, s12
    put     r0
    bx      lr
