# SPDX-License-Identifier: BSD-2-Clause
"""Calls between native functions that are compiled apart.

numba compiles a function together with everything that it calls, again for each caller. The large
and rarely called functions are therefore reached as C functions by their symbol: each is compiled
once, and the hooks stay small. The state goes along as its address.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

import llvmlite.binding
from numba import cfunc, from_dtype, types

from sel4emu.native import state as st

state_pointer: Final = types.CPointer(from_dtype(st.STATE))
_i64: Final = types.int64

#: By name: the number of arguments behind the state, and whether there is a result.
_FUNCTIONS: Final = {
    "decode_arm": (2, False),
    "decode_thumb": (2, False),
    "access_slowly": (6, True),
    "fetch_slowly": (1, False),
    "settle": (1, False),
    "follow": (1, False),
    "look_up": (4, True),
    "translate": (3, True),
    "fill_part": (5, True),
    "analyse": (3, False),
    "maintain": (4, False),
    "maintain_block": (3, False),
    "cache_is_dirty": (0, True),
    "check_alignment": (3, True),
    "find_page": (1, False),
    "turn_trail": (0, False),
    # Called by Python alone.
    "finish": (0, False),
    "abandon": (0, False),
    "count_exception": (2, False),
    "count_interrupt": (1, False),
    "count_refused_fetch": (1, False),
    "enter_exception": (2, False),
    "interrupt_enabled": (0, True),
    "instruction_word": (1, True),
    "flush": (2, False),
    "set_address_space": (2, False),
    "empty_unicorn_tlb": (0, False),
    "set_bounds": (2, False),
    "close_profile": (0, False),
    "maintain_l2": (3, False),
}


def _symbol(name: str) -> str:
    return f"sel4emu_{name}"


def imported(name: str) -> types.ExternalFunction:
    """The function of that name, to be called with the state's address and whole numbers."""
    arguments, has_result = _FUNCTIONS[name]
    result = _i64 if has_result else types.void
    return types.ExternalFunction(_symbol(name), result(_i64, *([_i64] * arguments)))


def exported(name: str) -> Any:
    """Decorator that makes a function of a state pointer callable as `imported` says.

    The module that exports must be imported before a function that calls is loaded.
    """
    arguments, has_result = _FUNCTIONS[name]
    result = _i64 if has_result else types.void

    def export(function: Any) -> Any:
        compiled = cfunc(result(state_pointer, *([_i64] * arguments)), cache=True)(function)
        llvmlite.binding.add_symbol(_symbol(name), compiled.address)
        return compiled

    return export


def called(name: str, compiled: Any) -> Callable[..., int]:
    """An exported function as Python calls it, with the state's address.

    numba's own way in unpacks the whole record for each call, which takes much longer than what
    is called.
    """
    arguments, has_result = _FUNCTIONS[name]
    result = ctypes.c_int64 if has_result else None
    return ctypes.CFUNCTYPE(result, *([ctypes.c_int64] * (arguments + 1)))(compiled.address)
