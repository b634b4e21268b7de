# SPDX-License-Identifier: BSD-2-Clause
"""What the native functions need below numba: raw loads, and Unicorn's C functions by name.

Unicorn's functions are handed to LLVM as external symbols instead of ctypes pointers, because
numba refuses to cache a function that closes over an address.
"""

import ctypes
from typing import Any, Final

import llvmlite.binding
import llvmlite.ir
from numba import types
from numba.extending import intrinsic
from unicorn import UC_CTL_IO_WRITE, UC_CTL_TLB_FLUSH
from unicorn.unicorn_py3.unicorn import uclib

for _name in ("uc_reg_read", "uc_reg_write", "uc_emu_stop", "uc_ctl"):
    _address = ctypes.cast(getattr(uclib, _name), ctypes.c_void_p).value
    llvmlite.binding.add_symbol(_name, _address)

_i64, _i32 = types.int64, types.int32
# Addresses and handles are signed: numba turns mixed uint64 arithmetic into floating point.
#: int uc_reg_read(uc, register, address of the value)
uc_reg_read: Final = types.ExternalFunction("uc_reg_read", _i32(_i64, _i32, _i64))
uc_reg_write: Final = types.ExternalFunction("uc_reg_write", _i32(_i64, _i32, _i64))
uc_emu_stop: Final = types.ExternalFunction("uc_emu_stop", _i32(_i64))
#: int uc_ctl(uc, control, ...), only for controls without further arguments
uc_ctl: Final = types.ExternalFunction("uc_ctl", _i32(_i64, _i32))
#: Control word that drops Unicorn's own copies of translations: a write without arguments.
CONTROL_TLB_FLUSH: Final = UC_CTL_TLB_FLUSH | UC_CTL_IO_WRITE << 30


def _load(bits: int, result: Any) -> Any:
    """A numba intrinsic that loads `bits` bits from an absolute host address."""

    def typed(typing_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer_type = llvmlite.ir.IntType(bits).as_pointer()
            return builder.load(builder.inttoptr(arguments[0], pointer_type))

        return result(_i64), generate

    typed.__name__ = f"load{bits}"
    return intrinsic(typed)


load32: Final = _load(32, types.uint32)
load16: Final = _load(16, types.uint16)
load8: Final = _load(8, types.uint8)
load64: Final = _load(64, types.int64)


def _store(bits: int) -> Any:
    """A numba intrinsic that stores the low `bits` bits of a value at an absolute host address."""

    def typed(typing_context: Any, address: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            stored_type = llvmlite.ir.IntType(bits)
            stored = arguments[1] if bits == 64 else builder.trunc(arguments[1], stored_type)
            builder.store(stored, builder.inttoptr(arguments[0], stored_type.as_pointer()))

        return types.void(_i64, _i64), generate

    typed.__name__ = f"store{bits}"
    return intrinsic(typed)


store8: Final = _store(8)
store64: Final = _store(64)
