# SPDX-License-Identifier: BSD-2-Clause
"""Places of the cycle model's parameters in `parameters` of the state.

A member's name is the section and the key of `timing.toml`, with two underscores between; its
value is its place. What each one means stands in docs/TIMING.md.
"""

from enum import IntEnum, auto


class Parameter(IntEnum):
    """Every parameter, in the order of `timing.toml`."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[int]) -> int:
        return count

    INSTRUCTION__FAILED_CONDITION = auto()
    INSTRUCTION__EARLY = auto()
    INSTRUCTION__LATE = auto()
    INSTRUCTION__ALU_ISSUE = auto()
    INSTRUCTION__ALU_LATENCY = auto()
    INSTRUCTION__ALU_SHIFT_REGISTER_ISSUE = auto()
    INSTRUCTION__ALU_SHIFT_REGISTER_LATENCY = auto()
    INSTRUCTION__SUM_OF_DIFFERENCES_LATENCY = auto()
    INSTRUCTION__SATURATE_LATENCY = auto()
    INSTRUCTION__MULTIPLY_ISSUE = auto()
    INSTRUCTION__MULTIPLY_FLAGS_ISSUE = auto()
    INSTRUCTION__MULTIPLY_LATENCY = auto()
    INSTRUCTION__MULTIPLY_LONG_ISSUE = auto()
    INSTRUCTION__MULTIPLY_LONG_FLAGS_ISSUE = auto()
    INSTRUCTION__MULTIPLY_LONG_LOW_LATENCY = auto()
    INSTRUCTION__MULTIPLY_LONG_HIGH_LATENCY = auto()
    INSTRUCTION__MULTIPLY_HALFWORD_ISSUE = auto()
    INSTRUCTION__MULTIPLY_HALFWORD_LATENCY = auto()
    INSTRUCTION__MULTIPLY_DUAL_LONG_ISSUE = auto()
    INSTRUCTION__MULTIPLY_DUAL_LONG_LOW_LATENCY = auto()
    INSTRUCTION__MULTIPLY_DUAL_LONG_HIGH_LATENCY = auto()
    INSTRUCTION__MULTIPLY_HIGH_ISSUE = auto()
    INSTRUCTION__MULTIPLY_HIGH_LATENCY = auto()
    INSTRUCTION__MRS_ISSUE = auto()
    INSTRUCTION__MSR_FLAGS_ISSUE = auto()
    INSTRUCTION__MSR_CONTROL_ISSUE = auto()
    INSTRUCTION__MSR_SPSR_ISSUE = auto()
    INSTRUCTION__CPS_ISSUE = auto()
    INSTRUCTION__CPS_MODE_ISSUE = auto()
    INSTRUCTION__SETEND_ISSUE = auto()
    INSTRUCTION__COPROCESSOR_WRITE_ISSUE = auto()
    INSTRUCTION__COPROCESSOR_READ_ISSUE = auto()
    INSTRUCTION__COPROCESSOR_READ_LATENCY = auto()
    LOAD_STORE__ISSUE = auto()
    LOAD_STORE__MEMORY_CYCLES = auto()
    LOAD_STORE__LOAD_LATENCY = auto()
    LOAD_STORE__SLOW_ADDRESS = auto()
    LOAD_STORE__UNALIGNED_MEMORY_CYCLES = auto()
    LOAD_STORE__UNALIGNED_LATENCY = auto()
    LOAD_STORE__WRITEBACK_LATENCY = auto()
    LOAD_STORE__SWAP_ISSUE = auto()
    LOAD_STORE__SWAP_MEMORY_CYCLES = auto()
    LOAD_STORE__LOCK_FIRST = auto()
    LOAD_STORE__PC_EXTRA = auto()
    BRANCH__FOLDED = auto()
    BRANCH__PREDICTED = auto()
    BRANCH__STATIC_NOT_TAKEN = auto()
    BRANCH__STATIC_TAKEN = auto()
    BRANCH__MISPREDICT_MAX = auto()
    BRANCH__MISPREDICT_MIN = auto()
    BRANCH__RETURN_CORRECT = auto()
    BRANCH__RETURN_WRONG = auto()
    BRANCH__RETURN_EMPTY = auto()
    BRANCH__LOAD_RETURN_CORRECT = auto()
    BRANCH__LOAD_RETURN_WRONG = auto()
    BRANCH__LOAD_RETURN_EMPTY = auto()
    BRANCH__LOAD_MULTIPLE_PC = auto()
    BRANCH__LOAD_PC = auto()
    BRANCH__ALU_PC = auto()
    BRANCH__ALU_PC_SHIFT_REGISTER = auto()
    BRANCH__EXCEPTION_RETURN = auto()
    BRANCH__RUN_AHEAD = auto()
    EXCEPTION__ENTRY = auto()
    EXCEPTION__INTERRUPT_ENTRY = auto()
    SYSTEM__DSB = auto()
    SYSTEM__DMB = auto()
    SYSTEM__ISB = auto()
    SYSTEM__CACHE_LINE = auto()
    FETCH__SEQUENTIAL_LEAD = auto()
    BUS__BEAT = auto()
    L2__HIT = auto()
    L2__LINE_OPERATION = auto()
    SDRAM__LATENCY = auto()
    SDRAM__LATENCY_BEHIND_L2 = auto()
    SDRAM__LINE_WRITE = auto()
    WRITE_BUFFER__ENTRIES = auto()
    WRITE_BUFFER__DRAIN = auto()
    WRITE_BUFFER__HALF_LINE = auto()
    TLB__MICRO_ENTRIES = auto()
    TLB__MICRO_REFILL = auto()
    DEVICE__READ = auto()
    DEVICE__WRITE = auto()
    VFP__ISSUE_BUSY = auto()
    VFP__LATENCY = auto()
    VFP__DOUBLE_MULTIPLY_BUSY = auto()
    VFP__DOUBLE_MULTIPLY_LATENCY = auto()
    VFP__DIVIDE_SINGLE_BUSY = auto()
    VFP__DIVIDE_SINGLE_LATENCY = auto()
    VFP__DIVIDE_DOUBLE_BUSY = auto()
    VFP__DIVIDE_DOUBLE_LATENCY = auto()
    VFP__LOAD_LATENCY = auto()
    VFP__FROM_ARM_LATENCY = auto()

    @property
    def section(self) -> str:
        """The table of `timing.toml`."""
        return self.name.split("__")[0].lower()

    @property
    def key(self) -> str:
        """The key in that table."""
        return self.name.split("__")[1].lower()
