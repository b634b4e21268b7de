# SPDX-License-Identifier: BSD-2-Clause
"""Native functions that are compiled apart: every one that is called by name is there."""

import importlib
import pkgutil

import llvmlite.binding
import pytest

import sel4emu.native
from sel4emu.native import linkage
from sel4emu.native.mmu import on_translate
from sel4emu.native.state import FaultKind, RegionKind, new_state

NAMES = sorted(linkage._FUNCTIONS)


@pytest.mark.parametrize("name", NAMES)
def test_every_function_has_its_address(name: str) -> None:
    """Importing the package makes each symbol known to what numba compiles."""
    assert llvmlite.binding.address_of_symbol(f"sel4emu_{name}")


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name: str) -> None:
    """The state's address and whole numbers go in; the table says how many, and if one comes."""
    arguments, has_result = linkage._FUNCTIONS[name]
    function = linkage.imported(name)
    assert len(function.sig.args) == 1 + arguments
    assert (str(function.sig.return_type) == "int64") == has_result


def test_each_is_exported_by_a_loaded_module() -> None:
    """Each symbol is a function of a module that the package loads in its order."""
    exporters: dict[int, str] = {}
    for info in pkgutil.iter_modules(sel4emu.native.__path__):
        module = importlib.import_module(f"sel4emu.native.{info.name}")
        for value in vars(module).values():
            native = getattr(value, "native_name", None)
            if native and module.__name__.endswith(info.name) and hasattr(value, "address"):
                exporters.setdefault(value.address, info.name)
    for name in NAMES:
        address = llvmlite.binding.address_of_symbol(f"sel4emu_{name}")
        assert exporters[address] in (*sel4emu.native._LINKED, "calls"), name


def test_a_call_by_name_reaches_the_function() -> None:
    """What is exported works on the record that it is given."""
    state = new_state()
    state[0]["region_count"] = 1
    state[0]["region_base"][0] = 0x8000_0000
    state[0]["region_last"][0] = 0x8000_FFFF
    state[0]["region_kind"][0] = RegionKind.RAM
    read = int(FaultKind.READ)
    assert on_translate.ctypes(state.ctypes.data, 0x8000_1234, read, 1) & 0xFFFF_FFFF == 0x8000_1000
    assert on_translate.ctypes(state.ctypes.data, 0x9000_0000, read, 1) == -1
    assert state[0]["fault_page"] == 0x9000_0000
