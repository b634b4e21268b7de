# SPDX-License-Identifier: BSD-2-Clause
"""Decodes VFP instructions for the cycle model, roughly (rule 10 of docs/TIMING.md).

Modelled: latency and occupation of the unit, loads, stores and transfers, by double register.
Not modelled: short vectors, the unit's separate pipelines, exceptions bounced to support code.
"""

from typing import Any

from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.decoding import address_source, result, source
from sel4emu.native.parameters import Parameter

_BUSY = int(Parameter.VFP__ISSUE_BUSY)
_LATENCY = int(Parameter.VFP__LATENCY)
_MULTIPLY_BUSY = int(Parameter.VFP__DOUBLE_MULTIPLY_BUSY)
_MULTIPLY_LATENCY = int(Parameter.VFP__DOUBLE_MULTIPLY_LATENCY)
_DIVIDE_BUSY = int(Parameter.VFP__DIVIDE_SINGLE_BUSY)
_DIVIDE_LATENCY = int(Parameter.VFP__DIVIDE_SINGLE_LATENCY)
_LONG_DIVIDE_BUSY = int(Parameter.VFP__DIVIDE_DOUBLE_BUSY)
_LONG_DIVIDE_LATENCY = int(Parameter.VFP__DIVIDE_DOUBLE_LATENCY)
_LOAD_LATENCY = int(Parameter.VFP__LOAD_LATENCY)
_FROM_ARM = int(Parameter.VFP__FROM_ARM_LATENCY)
_TO_ARM = int(Parameter.INSTRUCTION__COPROCESSOR_READ_LATENCY)
_LS_ISSUE = int(Parameter.LOAD_STORE__ISSUE)


@njit(cache=True)
def _arithmetic(s: Any, d: Any, word: Any) -> None:
    wide = (word >> 8) & 1
    to = ms.VFP + ((word >> 12) & 15)
    operation = (word >> 20) & 8 | (word >> 19) & 6 | (word >> 6) & 1
    d.busy = s.parameters[_BUSY]
    latency = s.parameters[_LATENCY]
    extension = (word >> 16) & 15
    divides = operation == 8 or (operation == 15 and extension == 1 and (word >> 7) & 1 == 1)
    if divides:
        d.busy = s.parameters[_LONG_DIVIDE_BUSY] if wide else s.parameters[_DIVIDE_BUSY]
        latency = s.parameters[_LONG_DIVIDE_LATENCY] if wide else s.parameters[_DIVIDE_LATENCY]
    elif operation < 6 and wide:
        d.busy = s.parameters[_MULTIPLY_BUSY]
        latency = s.parameters[_MULTIPLY_LATENCY]
    source(d, ms.VFP + (word & 15))
    if operation != 15:
        source(d, ms.VFP + ((word >> 16) & 15))
    compares = operation == 15 and extension in (4, 5)
    if operation < 4 or compares:
        source(d, to)
    if compares:
        d.latencies[0] = latency
    else:
        result(d, 0, to, latency)


@njit(cache=True)
def _transfer(s: Any, d: Any, word: Any) -> None:
    """Between an ARM register and a single, half a double, or a system register."""
    rd = (word >> 12) & 15
    vfp = ms.VFP + ((word >> 16) & 15)
    system = (word >> 21) & 7 == 7
    if (word >> 20) & 1:
        if not system:
            source(d, vfp)
        elif rd == 15:
            d.flags |= ms.SETS_FLAGS
        result(d, 0, rd, s.parameters[_TO_ARM])
    else:
        source(d, rd)
        if not system:
            result(d, 0, vfp, s.parameters[_FROM_ARM])


@njit(cache=True)
def _transfer_two(s: Any, d: Any, word: Any) -> None:
    first = (word >> 12) & 15
    second = (word >> 16) & 15
    vfp = ms.VFP + (word & 15)
    if (word >> 20) & 1:
        source(d, vfp)
        result(d, 0, first, s.parameters[_TO_ARM])
        result(d, 1, second, s.parameters[_TO_ARM])
    else:
        source(d, first)
        source(d, second)
        result(d, 0, vfp, s.parameters[_FROM_ARM])


@njit(cache=True)
def _load_store(s: Any, d: Any, word: Any) -> None:
    load = (word >> 20) & 1
    wide = (word >> 8) & 1
    d.base = (word >> 16) & 15
    d.issue = s.parameters[_LS_ISSUE]
    address_source(d, d.base)
    d.access = ms.ACCESS_LOAD if load else ms.ACCESS_STORE
    if (word >> 23) & 1 == 0:
        d.mode |= ms.MODE_DOWN
    first = ms.VFP + ((word >> 12) & 15)
    if (word >> 24) & 1 and (word >> 21) & 1 == 0:
        d.access |= ms.ACCESS_VFP
        d.bytes = 8 if wide else 4
        d.words = 2 if wide else 1
        d.offset = 4 * (word & 0xFF)
        d.list = 1 << first
        return
    words = word & 0xFF
    registers = min(words // 2 if wide else (words + 1) // 2, 16)
    d.access |= ms.ACCESS_MULTIPLE
    d.words = min(words, 32)
    if (word >> 24) & 1:
        d.mode |= ms.MODE_BEFORE
    if (word >> 21) & 1:
        d.mode |= ms.MODE_WRITEBACK
        d.writeback = d.base if d.base != 15 else ms.NOWHERE
    for k in range(registers):
        d.list |= 1 << (first + k) & 0xFFFF_0000


@njit(cache=True)
def decode_vfp(s: Any, d: Any, word: Any) -> None:
    """Fill in the record of an instruction of coprocessor 10 or 11."""
    d.flags |= ms.IS_VFP
    d.special = 1
    if (word >> 24) & 15 == 14:
        if (word >> 4) & 1:
            _transfer(s, d, word)
        else:
            _arithmetic(s, d, word)
    elif (word & 0x0FE0_0000) == 0x0C40_0000:
        _transfer_two(s, d, word)
    else:
        _load_store(s, d, word)
