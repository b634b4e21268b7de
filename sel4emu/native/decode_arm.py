# SPDX-License-Identifier: BSD-2-Clause
"""Decodes ARM instructions into the fields that the cycle model needs.

Modelled: every ARMv6 instruction, by the tables of rules 3 to 5 in docs/TIMING.md.
Not modelled: encodings of later architectures, which are undefined instructions here.
"""

from typing import Any, Final

from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native.decode_vfp import decode_vfp
from sel4emu.native.decoding import (
    AL,
    accumulator,
    address_source,
    clear,
    double,
    early,
    late,
    multiple,
    result,
    single,
    source,
)
from sel4emu.native.linkage import exported
from sel4emu.native.parameters import Parameter
from sel4emu.native.special import is_hint, is_v6k

_ALU = int(Parameter.INSTRUCTION__ALU_ISSUE)
_ALU_LATENCY = int(Parameter.INSTRUCTION__ALU_LATENCY)
_SHIFT = int(Parameter.INSTRUCTION__ALU_SHIFT_REGISTER_ISSUE)
_SHIFT_LATENCY = int(Parameter.INSTRUCTION__ALU_SHIFT_REGISTER_LATENCY)
_SUM_OF_DIFFERENCES = int(Parameter.INSTRUCTION__SUM_OF_DIFFERENCES_LATENCY)
_SATURATE = int(Parameter.INSTRUCTION__SATURATE_LATENCY)
_MULTIPLY = int(Parameter.INSTRUCTION__MULTIPLY_ISSUE)
_MULTIPLY_FLAGS = int(Parameter.INSTRUCTION__MULTIPLY_FLAGS_ISSUE)
_MULTIPLY_LATENCY = int(Parameter.INSTRUCTION__MULTIPLY_LATENCY)
_LONG = int(Parameter.INSTRUCTION__MULTIPLY_LONG_ISSUE)
_LONG_FLAGS = int(Parameter.INSTRUCTION__MULTIPLY_LONG_FLAGS_ISSUE)
_LONG_LOW = int(Parameter.INSTRUCTION__MULTIPLY_LONG_LOW_LATENCY)
_LONG_HIGH = int(Parameter.INSTRUCTION__MULTIPLY_LONG_HIGH_LATENCY)
_HALFWORD = int(Parameter.INSTRUCTION__MULTIPLY_HALFWORD_ISSUE)
_HALFWORD_LATENCY = int(Parameter.INSTRUCTION__MULTIPLY_HALFWORD_LATENCY)
_DUAL = int(Parameter.INSTRUCTION__MULTIPLY_DUAL_LONG_ISSUE)
_DUAL_LOW = int(Parameter.INSTRUCTION__MULTIPLY_DUAL_LONG_LOW_LATENCY)
_DUAL_HIGH = int(Parameter.INSTRUCTION__MULTIPLY_DUAL_LONG_HIGH_LATENCY)
_HIGH = int(Parameter.INSTRUCTION__MULTIPLY_HIGH_ISSUE)
_HIGH_LATENCY = int(Parameter.INSTRUCTION__MULTIPLY_HIGH_LATENCY)
_MRS = int(Parameter.INSTRUCTION__MRS_ISSUE)
_MSR_FLAGS = int(Parameter.INSTRUCTION__MSR_FLAGS_ISSUE)
_MSR_CONTROL = int(Parameter.INSTRUCTION__MSR_CONTROL_ISSUE)
_MSR_SPSR = int(Parameter.INSTRUCTION__MSR_SPSR_ISSUE)
_CPS = int(Parameter.INSTRUCTION__CPS_ISSUE)
_CPS_MODE = int(Parameter.INSTRUCTION__CPS_MODE_ISSUE)
_SETEND = int(Parameter.INSTRUCTION__SETEND_ISSUE)
_MCR = int(Parameter.INSTRUCTION__COPROCESSOR_WRITE_ISSUE)
_MRC = int(Parameter.INSTRUCTION__COPROCESSOR_READ_ISSUE)
_MRC_LATENCY = int(Parameter.INSTRUCTION__COPROCESSOR_READ_LATENCY)
_LOAD_LATENCY = int(Parameter.LOAD_STORE__LOAD_LATENCY)
_SWAP = int(Parameter.LOAD_STORE__SWAP_ISSUE)
_SWAP_MEMORY = int(Parameter.LOAD_STORE__SWAP_MEMORY_CYCLES)
_LS_ISSUE = int(Parameter.LOAD_STORE__ISSUE)
_LS_MEMORY = int(Parameter.LOAD_STORE__MEMORY_CYCLES)

_BRANCH = int(ms.Flow.BRANCH)
_CALL = int(ms.Flow.CALL)
_RETURN = int(ms.Flow.RETURN)
_REGISTER = int(ms.Flow.REGISTER)
_REGISTER_CALL = int(ms.Flow.REGISTER_CALL)
_LOAD_RETURN = int(ms.Flow.LOAD_RETURN)
_LOAD_MULTIPLE = int(ms.Flow.LOAD_MULTIPLE)
_FLOW_ALU = int(ms.Flow.ALU)
_FLOW_ALU_SHIFT = int(ms.Flow.ALU_SHIFT_REGISTER)
_EXCEPTION_RETURN = int(ms.Flow.EXCEPTION_RETURN)

#: LDREX, LDREXD, LDREXB, LDREXH and their stores, by bits 22-21.
_EXCLUSIVE_BYTES: Final = (4, 8, 1, 2)
_MOV: Final = 13
_MVN: Final = 15


@njit(cache=True)
def _to_pc(d: Any, word: Any, opcode: Any, by_register: Any) -> None:
    if (word >> 20) & 1:
        d.flow = _EXCEPTION_RETURN
        d.special = 1
    elif opcode == _MOV and (word & 0x0200_0FFF) == 14:
        d.flow = _RETURN
        d.flags |= ms.MOVES_PC
    else:
        d.flow = _FLOW_ALU_SHIFT if by_register else _FLOW_ALU


@njit(cache=True)
def _data_processing(s: Any, d: Any, word: Any) -> None:
    opcode = (word >> 21) & 15
    rn = (word >> 16) & 15
    rd = (word >> 12) & 15
    immediate = (word >> 25) & 1
    by_register = immediate == 0 and (word >> 4) & 1 == 1
    d.issue = s.parameters[_SHIFT] if by_register else s.parameters[_ALU]
    if opcode not in (_MOV, _MVN):
        if by_register:
            late(s, d, rn)
        else:
            source(d, rn)
    plain = immediate == 0 and word & 0xFF0 == 0
    if plain:
        source(d, word & 15)
    elif by_register:
        source(d, word & 15)
        early(s, d, (word >> 8) & 15)
    elif immediate == 0:
        early(s, d, word & 15)
    if (word >> 20) & 1:
        d.flags |= ms.SETS_FLAGS
    if 8 <= opcode < 12:
        return
    latency = s.parameters[_SHIFT_LATENCY] if by_register else s.parameters[_ALU_LATENCY]
    result(d, 0, rd, latency)
    if rd == 15:
        _to_pc(d, word, opcode, by_register)


@njit(cache=True)
def _branch_register(d: Any, word: Any, call: Any) -> None:
    source(d, word & 15)
    if call:
        d.flow = _REGISTER_CALL
    else:
        d.flow = _RETURN if word & 15 == 14 else _REGISTER


@njit(cache=True)
def _status(s: Any, d: Any, word: Any) -> None:
    """MRS and MSR."""
    if (word >> 21) & 1 == 0:
        d.issue = s.parameters[_MRS]
        result(d, 0, (word >> 12) & 15, s.parameters[_ALU_LATENCY])
        return
    if (word >> 25) & 1 == 0:
        source(d, word & 15)
    fields = (word >> 16) & 15
    if fields == 0:
        d.special = 1 if is_hint(word) else 0
        return
    if (word >> 22) & 1:
        d.issue = s.parameters[_MSR_SPSR]
        return
    d.issue = s.parameters[_MSR_FLAGS] if fields == 8 else s.parameters[_MSR_CONTROL]
    if fields & 8:
        d.flags |= ms.SETS_FLAGS
    d.special = 1


@njit(cache=True)
def _halfword_multiply(s: Any, d: Any, word: Any) -> None:
    kind = (word >> 21) & 3
    early(s, d, word & 15)
    early(s, d, (word >> 8) & 15)
    d.flags |= ms.MULTIPLIES
    high = (word >> 16) & 15
    low = (word >> 12) & 15
    if kind == 2:
        _dual_long(s, d, high, low)
        return
    d.issue = s.parameters[_HALFWORD]
    result(d, 0, high, s.parameters[_HALFWORD_LATENCY])
    if kind == 0 or (kind == 1 and (word >> 5) & 1 == 0):
        accumulator(d, low)


@njit(cache=True)
def _dual_long(s: Any, d: Any, high: Any, low: Any) -> None:
    d.issue = s.parameters[_DUAL]
    late(s, d, high)
    accumulator(d, low)
    result(d, 0, low, s.parameters[_DUAL_LOW])
    result(d, 1, high, s.parameters[_DUAL_HIGH])


@njit(cache=True)
def _miscellaneous(s: Any, d: Any, word: Any) -> None:
    kind = (word >> 4) & 15
    which = (word >> 21) & 3
    if kind & 9 == 8:
        _halfword_multiply(s, d, word)
    elif kind == 0:
        _status(s, d, word)
    elif kind == 1 and which == 3:
        source(d, word & 15)
        d.issue = s.parameters[_ALU]
        result(d, 0, (word >> 12) & 15, s.parameters[_ALU_LATENCY])
    elif kind in (1, 2) and which == 1:
        _branch_register(d, word, call=False)
    elif kind == 3 and which == 1:
        _branch_register(d, word, call=True)
    elif kind == 5:
        source(d, word & 15)
        if which & 2:
            early(s, d, (word >> 16) & 15)
        else:
            source(d, (word >> 16) & 15)
        d.issue = s.parameters[_ALU]
        result(d, 0, (word >> 12) & 15, s.parameters[_SATURATE])


@njit(cache=True)
def _multiply(s: Any, d: Any, word: Any) -> None:
    kind = (word >> 21) & 7
    flags = (word >> 20) & 1
    high = (word >> 16) & 15
    low = (word >> 12) & 15
    if kind == 3:
        return
    early(s, d, word & 15)
    early(s, d, (word >> 8) & 15)
    d.flags |= ms.MULTIPLIES
    if flags:
        d.flags |= ms.SETS_FLAGS
    if kind < 2:
        d.issue = s.parameters[_MULTIPLY_FLAGS] if flags else s.parameters[_MULTIPLY]
        if kind == 1:
            late(s, d, low)
        result(d, 0, high, s.parameters[_MULTIPLY_LATENCY])
        return
    d.issue = s.parameters[_LONG_FLAGS] if flags else s.parameters[_LONG]
    if kind in (2, 5, 7):
        late(s, d, low)
        source(d, high)
    result(d, 0, low, s.parameters[_LONG_LOW])
    result(d, 1, high, s.parameters[_LONG_HIGH])


@njit(cache=True)
def _swap_or_exclusive(s: Any, d: Any, word: Any) -> None:
    rd = (word >> 12) & 15
    d.base = (word >> 16) & 15
    address_source(d, d.base)
    d.bytes = 4
    if (word & 0x0FB0_0FF0) == 0x0100_0090:
        d.bytes = 1 if (word >> 22) & 1 else 4
        d.access = ms.ACCESS_LOAD | ms.ACCESS_STORE
        d.issue = s.parameters[_SWAP]
        d.memory = s.parameters[_SWAP_MEMORY]
        source(d, word & 15)
        result(d, 0, rd, s.parameters[_LOAD_LATENCY])
        return
    if (word & 0x0FE0_0FF0) != 0x0180_0F90 and not (s.v6k and is_v6k(word)):
        d.base = ms.NOWHERE
        d.source_count = 0
        d.special = 1
        return
    d.bytes = _EXCLUSIVE_BYTES[(word >> 21) & 3]
    d.issue = s.parameters[_LS_ISSUE]
    d.memory = s.parameters[_LS_MEMORY]
    result(d, 0, rd, s.parameters[_LOAD_LATENCY])
    if (word >> 20) & 1:
        d.access = ms.ACCESS_LOAD
        if d.bytes == 8:
            result(d, 1, (rd + 1) & 15, s.parameters[_LOAD_LATENCY])
    else:
        d.access = ms.ACCESS_STORE
        source(d, word & 15)
        if d.bytes == 8:
            source(d, ((word & 15) + 1) & 15)


@njit(cache=True)
def _addressing(d: Any, word: Any) -> None:
    """P, U and W of loads and stores."""
    d.base = (word >> 16) & 15
    if (word >> 23) & 1 == 0:
        d.mode |= ms.MODE_DOWN
    if (word >> 24) & 1 == 0:
        d.mode |= ms.MODE_POST | ms.MODE_WRITEBACK
    elif (word >> 21) & 1:
        d.mode |= ms.MODE_WRITEBACK


@njit(cache=True)
def _extra_load_store(s: Any, d: Any, word: Any) -> None:
    """Halfwords, signed bytes, doublewords."""
    _addressing(d, word)
    slow = False
    if (word >> 22) & 1:
        d.offset = ((word >> 4) & 0xF0) | (word & 15)
    else:
        d.index = word & 15
        slow = d.mode & ms.MODE_DOWN != 0
    rd = (word >> 12) & 15
    kind = (word >> 5) & 3
    if (word >> 20) & 1:
        size = 1 if kind == 2 else 2
        if size == 2:
            d.mode |= ms.MODE_UNALIGNED
        single(s, d, True, rd, size, slow)
    elif kind == 1:
        d.mode |= ms.MODE_UNALIGNED
        single(s, d, False, rd, 2, slow)
    else:
        double(s, d, kind == 2, rd, slow)


@njit(cache=True)
def _load_store(s: Any, d: Any, word: Any, preload: Any) -> None:
    _addressing(d, word)
    slow = False
    if (word >> 25) & 1 == 0:
        d.offset = word & 0xFFF
    else:
        d.index = word & 15
        d.shift = (word >> 7) & 31
        d.shift_kind = (word >> 5) & 3
        plain = d.shift_kind == 0 and (d.shift == 0 or d.shift == 2)
        slow = d.mode & ms.MODE_DOWN != 0 or not plain
    size = 1 if (word >> 22) & 1 else 4
    if preload:
        d.access = ms.ACCESS_PRELOAD
        single(s, d, True, ms.NOWHERE, 1, slow)
        d.results[0] = ms.NOWHERE
        return
    if size == 4:
        d.mode |= ms.MODE_UNALIGNED
    if d.mode & ms.MODE_POST and (word >> 21) & 1:
        d.access |= ms.ACCESS_USER
        d.special = 1
    single(s, d, (word >> 20) & 1 == 1, (word >> 12) & 15, size, slow)


@njit(cache=True)
def _block_transfer(s: Any, d: Any, word: Any) -> None:
    up = (word >> 23) & 1
    if up == 0:
        d.mode |= ms.MODE_DOWN
    if (word >> 24) & 1:
        d.mode |= ms.MODE_BEFORE
    if (word >> 21) & 1:
        d.mode |= ms.MODE_WRITEBACK
    base = (word >> 16) & 15
    multiple(s, d, (word >> 20) & 1 == 1, base, word & 0xFFFF)
    if d.access & ms.ACCESS_PC == 0:
        return
    if (word >> 22) & 1:
        d.flow = _EXCEPTION_RETURN
        d.special = 1
    elif base == 13 and (word >> 21) & 1:
        d.flow = _LOAD_RETURN
    else:
        d.flow = _LOAD_MULTIPLE


@njit(cache=True)
def _parallel(s: Any, d: Any, word: Any, kind: Any) -> None:
    source(d, (word >> 16) & 15)
    source(d, word & 15)
    saturating = kind in (2, 6)
    latency = s.parameters[_SATURATE] if saturating else s.parameters[_ALU_LATENCY]
    d.issue = s.parameters[_ALU]
    result(d, 0, (word >> 12) & 15, latency)


@njit(cache=True)
def _extend(s: Any, d: Any, word: Any) -> None:
    """Extension with or without rotation and addition."""
    rn = (word >> 16) & 15
    if rn == 15 and word & 0xC00 == 0:
        source(d, word & 15)
    else:
        early(s, d, word & 15)
        source(d, rn)
    result(d, 0, (word >> 12) & 15, s.parameters[_ALU_LATENCY])


@njit(cache=True)
def _pack(s: Any, d: Any, word: Any) -> None:
    """Packing, selecting, saturating, extending, reversing: bits 27-23 are 01101."""
    kind = (word >> 20) & 7
    low = (word >> 4) & 15
    rd = (word >> 12) & 15
    d.issue = s.parameters[_ALU]
    if low == 7:
        _extend(s, d, word)
    elif kind == 0 and low & 3 == 1:
        source(d, (word >> 16) & 15)
        early(s, d, word & 15)
        result(d, 0, rd, s.parameters[_ALU_LATENCY])
    elif kind == 0 and low == 11:
        source(d, (word >> 16) & 15)
        source(d, word & 15)
        result(d, 0, rd, s.parameters[_ALU_LATENCY])
    elif kind & 2 and low & 3 == 1:
        early(s, d, word & 15)
        result(d, 0, rd, s.parameters[_SATURATE])
    elif kind in (2, 6) and low == 3:
        source(d, word & 15)
        result(d, 0, rd, s.parameters[_SATURATE])
    elif (kind == 3 and low in (3, 11)) or (kind == 7 and low == 11):
        source(d, word & 15)
        result(d, 0, rd, s.parameters[_ALU_LATENCY])
    else:
        d.issue = 1


@njit(cache=True)
def _media_multiply(s: Any, d: Any, word: Any) -> None:
    """Dual and most-significant-word multiplies, sums of differences: bits 27-23 are 01110/1."""
    kind = (word >> 20) & 31
    high = (word >> 16) & 15
    low = (word >> 12) & 15
    if kind not in (16, 20, 21, 24):
        return
    early(s, d, word & 15)
    early(s, d, (word >> 8) & 15)
    if kind == 24:
        late(s, d, low)
        d.issue = s.parameters[_ALU]
        result(d, 0, high, s.parameters[_SUM_OF_DIFFERENCES])
        return
    d.flags |= ms.MULTIPLIES
    if kind == 16:
        d.issue = s.parameters[_HALFWORD]
        accumulator(d, low)
        result(d, 0, high, s.parameters[_HALFWORD_LATENCY])
    elif kind == 20:
        _dual_long(s, d, high, low)
    else:
        d.issue = s.parameters[_HIGH]
        late(s, d, low)
        result(d, 0, high, s.parameters[_HIGH_LATENCY])


@njit(cache=True)
def _media(s: Any, d: Any, word: Any) -> None:
    group = (word >> 23) & 3
    kind = (word >> 20) & 7
    if group == 0:
        if kind & 3:
            _parallel(s, d, word, kind)
    elif group == 1:
        _pack(s, d, word)
    else:
        _media_multiply(s, d, word)


@njit(cache=True)
def _coprocessor(s: Any, d: Any, word: Any) -> None:
    """MRC, MCR, MRRC and MCRR of any coprocessor but the VFP."""
    number = (word >> 8) & 15
    if number & 14 == 10:
        decode_vfp(s, d, word)
        return
    d.special = 1
    rd = (word >> 12) & 15
    if number not in (14, 15):
        return
    if (word & 0x0FF0_0000) == 0x0C40_0000 and number == 15:
        d.issue = s.parameters[_MCR]
        source(d, rd)
        source(d, (word >> 16) & 15)
    elif (word & 0x0F00_0010) == 0x0E00_0010:
        if (word >> 20) & 1:
            d.issue = s.parameters[_MRC]
            result(d, 0, rd, s.parameters[_MRC_LATENCY])
            if rd == 15:
                d.flags |= ms.SETS_FLAGS
        else:
            d.issue = s.parameters[_MCR]
            source(d, rd)


@njit(cache=True)
def _state_to_memory(s: Any, d: Any, word: Any) -> None:
    """SRS and RFE."""
    load = (word >> 20) & 1
    if (word >> 23) & 1 == 0:
        d.mode |= ms.MODE_DOWN
    if (word >> 24) & 1:
        d.mode |= ms.MODE_BEFORE
    if (word >> 21) & 1:
        d.mode |= ms.MODE_WRITEBACK
    d.special = 1
    d.issue = s.parameters[_LS_ISSUE]
    d.words = 2
    d.base = (word >> 16) & 15
    address_source(d, d.base)
    if d.mode & ms.MODE_WRITEBACK:
        d.writeback = d.base
    if load:
        d.access = ms.ACCESS_LOAD | ms.ACCESS_MULTIPLE
        d.flow = _EXCEPTION_RETURN
    else:
        d.access = ms.ACCESS_STORE | ms.ACCESS_MULTIPLE
        d.mode |= ms.MODE_BANKED
        source(d, 14)


@njit(cache=True)
def _unconditional(s: Any, d: Any, word: Any) -> None:
    if (word & 0x0E00_0000) == 0x0A00_0000:
        d.flow = _CALL
        d.backward = (word >> 23) & 1
    elif (word & 0x0D70_F000) == 0x0550_F000:
        _load_store(s, d, word, True)
    elif (word & 0x0FF1_0020) == 0x0100_0000:
        changes_mode = (word >> 17) & 1
        d.issue = s.parameters[_CPS_MODE] if changes_mode else s.parameters[_CPS]
        d.special = 1
    elif (word & 0x0FFF_0000) == 0x0101_0000:
        d.issue = s.parameters[_SETEND]
        d.special = 1
    elif (word & 0x0E50_FFFF) == 0x0810_0A00 or (word & 0x0E5F_FFE0) == 0x084D_0500:
        _state_to_memory(s, d, word)
    else:
        d.special = 1


@njit(cache=True)
def _first_group(s: Any, d: Any, word: Any) -> None:
    """Bits 27-25 are 000."""
    if word & 0x90 == 0x90:
        if word & 0x60:
            _extra_load_store(s, d, word)
        elif (word >> 24) & 1:
            _swap_or_exclusive(s, d, word)
        else:
            _multiply(s, d, word)
    elif (word & 0x0190_0000) == 0x0100_0000:
        _miscellaneous(s, d, word)
    else:
        _data_processing(s, d, word)


@exported("decode_arm")
def on_decode_arm(state: Any, place: Any, word: Any) -> None:
    """Fill in record `place` for an ARM instruction."""
    s = carray(state, 1)[0]
    d = s.decoded[place]
    condition = word >> 28
    clear(d, word | 1 << 33, condition if condition != 15 else AL)
    group = (word >> 25) & 7
    if condition == 15:
        _unconditional(s, d, word)
    elif group == 0:
        _first_group(s, d, word)
    elif group == 1:
        if (word & 0x0190_0000) != 0x0100_0000:
            _data_processing(s, d, word)
        elif (word >> 21) & 1:
            _status(s, d, word)
    elif group == 2:
        _load_store(s, d, word, False)
    elif group == 3:
        if (word >> 4) & 1:
            _media(s, d, word)
        else:
            _load_store(s, d, word, False)
    elif group == 4:
        _block_transfer(s, d, word)
    elif group == 5:
        d.flow = _CALL if (word >> 24) & 1 else _BRANCH
        d.backward = (word >> 23) & 1
    elif (word >> 24) & 15 != 15:
        _coprocessor(s, d, word)
