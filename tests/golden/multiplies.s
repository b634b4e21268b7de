/* SPDX-License-Identifier: BSD-2-Clause */

@ Multiplies: T76 table 16-10. Issue cycles first.

issue_of_mul:
    mul r0, r1, r2

issue_of_muls:
    muls r0, r1, r2

issue_of_mla:
    mla r0, r1, r2, r3

issue_of_mlas:
    mlas r0, r1, r2, r3

issue_of_umull:
    umull r0, r1, r2, r3

issue_of_umulls:
    umulls r0, r1, r2, r3

issue_of_smull:
    smull r0, r1, r2, r3

issue_of_smulls:
    smulls r0, r1, r2, r3

issue_of_umlal:
    umlal r0, r1, r2, r3

issue_of_umlals:
    umlals r0, r1, r2, r3

issue_of_smlal:
    smlal r0, r1, r2, r3

issue_of_smlals:
    smlals r0, r1, r2, r3

issue_of_umaal:
    umaal r0, r1, r2, r3

issue_of_smulbb:
    smulbb r0, r1, r2

issue_of_smultb:
    smultb r0, r1, r2

issue_of_smlabb:
    smlabb r0, r1, r2, r3

issue_of_smlatt:
    smlatt r0, r1, r2, r3

issue_of_smulwb:
    smulwb r0, r1, r2

issue_of_smlawt:
    smlawt r0, r1, r2, r3

issue_of_smuad:
    smuad r0, r1, r2

issue_of_smuadx:
    smuadx r0, r1, r2

issue_of_smlad:
    smlad r0, r1, r2, r3

issue_of_smusd:
    smusd r0, r1, r2

issue_of_smlsd:
    smlsd r0, r1, r2, r3

issue_of_smlalbb:
    smlalbb r0, r1, r2, r3

issue_of_smlaltt:
    smlaltt r0, r1, r2, r3

issue_of_smlald:
    smlald r0, r1, r2, r3

issue_of_smlsld:
    smlsld r0, r1, r2, r3

issue_of_smmul:
    smmul r0, r1, r2

issue_of_smmulr:
    smmulr r0, r1, r2

issue_of_smmla:
    smmla r0, r1, r2, r3

issue_of_smmls:
    smmls r0, r1, r2, r3

@ Result latency, to a normal consumer

latency_of_mul:
    mul r0, r1, r2
    add r4, r0, #1

latency_of_mla:
    mla r0, r1, r2, r3
    add r4, r0, #1

latency_of_smulbb:
    smulbb r0, r1, r2
    add r4, r0, #1

latency_of_smlabb:
    smlabb r0, r1, r2, r3
    add r4, r0, #1

latency_of_smulwt:
    smulwt r0, r1, r2
    add r4, r0, #1

latency_of_smlawb:
    smlawb r0, r1, r2, r3
    add r4, r0, #1

latency_of_smuad:
    smuad r0, r1, r2
    add r4, r0, #1

latency_of_smlad:
    smlad r0, r1, r2, r3
    add r4, r0, #1

latency_of_smusd:
    smusd r0, r1, r2
    add r4, r0, #1

latency_of_smlsd:
    smlsd r0, r1, r2, r3
    add r4, r0, #1

latency_of_smmul:
    smmul r0, r1, r2
    add r4, r0, #1

latency_of_smmla:
    smmla r0, r1, r2, r3
    add r4, r0, #1

latency_of_smmls:
    smmls r0, r1, r2, r3
    add r4, r0, #1

low_latency_of_umull:
    umull r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_umull:
    umull r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_smull:
    smull r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_smull:
    smull r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_umlal:
    umlal r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_umlal:
    umlal r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_smlal:
    smlal r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_smlal:
    smlal r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_umaal:
    umaal r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_umaal:
    umaal r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_smlalbb:
    smlalbb r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_smlalbb:
    smlalbb r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_smlald:
    smlald r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_smlald:
    smlald r0, r1, r2, r3
    add r4, r1, #1

low_latency_of_smlsld:
    smlsld r0, r1, r2, r3
    add r4, r0, #1

high_latency_of_smlsld:
    smlsld r0, r1, r2, r3
    add r4, r1, #1

@ Operands: Rm and Rs are Early, so behind a move they wait one cycle

early_rm_of_mul:
    mov r1, #3
    mul r0, r1, r2

early_rs_of_mul:
    mov r2, #3
    mul r0, r1, r2

early_rm_of_mla:
    mov r1, #3
    mla r0, r1, r2, r3

early_rs_of_mla:
    mov r2, #3
    mla r0, r1, r2, r3

early_rm_of_smulbb:
    mov r1, #3
    smulbb r0, r1, r2

early_rs_of_smulbb:
    mov r2, #3
    smulbb r0, r1, r2

early_rm_of_smlabb:
    mov r1, #3
    smlabb r0, r1, r2, r3

early_rs_of_smlabb:
    mov r2, #3
    smlabb r0, r1, r2, r3

early_rm_of_smulwb:
    mov r1, #3
    smulwb r0, r1, r2

early_rs_of_smulwb:
    mov r2, #3
    smulwb r0, r1, r2

early_rm_of_smuad:
    mov r1, #3
    smuad r0, r1, r2

early_rs_of_smuad:
    mov r2, #3
    smuad r0, r1, r2

early_rm_of_smlad:
    mov r1, #3
    smlad r0, r1, r2, r3

early_rs_of_smlad:
    mov r2, #3
    smlad r0, r1, r2, r3

early_rm_of_smmul:
    mov r1, #3
    smmul r0, r1, r2

early_rs_of_smmul:
    mov r2, #3
    smmul r0, r1, r2

early_rm_of_smmla:
    mov r1, #3
    smmla r0, r1, r2, r3

early_rs_of_smmla:
    mov r2, #3
    smmla r0, r1, r2, r3

early_rm_of_umull:
    mov r2, #3
    umull r0, r1, r2, r3

early_rs_of_umull:
    mov r3, #3
    umull r0, r1, r2, r3

early_rm_of_smlal:
    mov r2, #3
    smlal r0, r1, r2, r3

early_rs_of_smlal:
    mov r3, #3
    smlal r0, r1, r2, r3

early_rm_of_umaal:
    mov r2, #3
    umaal r0, r1, r2, r3

early_rs_of_umaal:
    mov r3, #3
    umaal r0, r1, r2, r3

early_rm_of_smlalbb:
    mov r2, #3
    smlalbb r0, r1, r2, r3

early_rs_of_smlalbb:
    mov r3, #3
    smlalbb r0, r1, r2, r3

early_rm_of_smlald:
    mov r2, #3
    smlald r0, r1, r2, r3

early_rs_of_smlald:
    mov r3, #3
    smlald r0, r1, r2, r3

mul_to_operand_of_mul:
    mul r0, r1, r2
    mul r3, r0, r2

mul_to_shifted_operand:
    mul r0, r1, r2
    add r3, r4, r0, lsl #1

mul_to_base:
.before
    mov r5, #1
.measure
    mul r0, r8, r5
    ldr r1, [r0]

mul_to_store_data:
    mul r0, r1, r2
    str r0, [r8]

load_to_operand_of_mul:
    ldr r1, [r8]
    mul r0, r1, r2

mul_hidden_by_two:
    mul r0, r1, r2
    mov r11, r11
    mov r11, r11
    add r3, r0, #1

multiply_flags_then_condition:
    muls r0, r1, r2
    movne r3, #1

multiply_flags_latency:
    muls r0, r1, r2
    add r3, r0, #1

@ Accumulators: Rn of MLA and SMMLA, RdLo of UMLAL, RdHi of SMLALD are Late

late_accumulator_of_mla:
    ldr r3, [r8]
    mla r0, r1, r2, r3

late_low_of_umlal:
    ldr r0, [r8]
    umlal r0, r1, r2, r3

normal_high_of_umlal:
    ldr r1, [r8]
    umlal r0, r1, r2, r3

late_low_of_smlal:
    ldr r0, [r8]
    smlal r0, r1, r2, r3

late_low_of_umaal:
    ldr r0, [r8]
    umaal r0, r1, r2, r3

normal_high_of_umaal:
    ldr r1, [r8]
    umaal r0, r1, r2, r3

late_high_of_smlald:
    ldr r1, [r8]
    smlald r0, r1, r2, r3

normal_low_of_smlald:
    ldr r0, [r8]
    smlald r0, r1, r2, r3

late_high_of_smlalbb:
    ldr r1, [r8]
    smlalbb r0, r1, r2, r3

late_accumulator_of_smmla:
    ldr r3, [r8]
    smmla r0, r1, r2, r3

late_accumulator_of_smmls:
    ldr r3, [r8]
    smmls r0, r1, r2, r3

accumulator_of_smlabb:
    ldr r3, [r8]
    smlabb r0, r1, r2, r3

accumulator_of_smlad:
    ldr r3, [r8]
    smlad r0, r1, r2, r3

mul_to_accumulator_of_mla:
    mul r3, r1, r2
    mla r0, r1, r2, r3

mla_to_accumulator_of_mla:
    mla r3, r1, r2, r3
    mla r3, r1, r2, r3

smulbb_to_accumulator_of_smlabb:
    smulbb r3, r1, r2
    smlabb r0, r1, r2, r3

smlad_to_accumulator_of_smlad:
    smlad r3, r1, r2, r3
    smlad r3, r1, r2, r3

mul_to_accumulator_of_smlabb:
    mul r3, r1, r2
    smlabb r0, r1, r2, r3

smuad_to_accumulator_of_smlad_hidden:
    smuad r3, r1, r2
    mov r11, r11
    smlad r0, r1, r2, r3

smmul_to_accumulator_of_smmla:
    smmul r3, r1, r2
    smmla r0, r1, r2, r3
