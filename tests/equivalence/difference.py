# SPDX-License-Identifier: BSD-2-Clause
"""Names for the words in which two kernels differ: which object, which field, which slot."""

from collections.abc import Iterator
from typing import Final

from kernel import abi, layout
from kernel.layout import CapType
from kernel.object.capability import object_address, object_bytes, read_cap
from kernel.object.mdb import listed_slots
from kernel.state import State
from kernel.thread import all_threads

_SLOT_WORDS: Final = ("capability 0", "capability 1", "derivation next", "derivation prev")


def _tcb_fields() -> dict[int, str]:
    names = {at: name for name, at in layout.REGISTER_OFFSETS.items()}
    for name, value in vars(layout).items():
        if name.startswith("TCB_") and isinstance(value, int) and value >= layout.TCB_RESTART_PC:
            names.setdefault(value, name)
    for name in ("CTABLE", "VTABLE", "REPLY", "CALLER", "BUFFER"):
        slot = getattr(layout, f"TCB_{name}")
        names.update({slot + 4 * n: f"{name} {_SLOT_WORDS[n]}" for n in range(4)})
    return names


_TCB_FIELDS: Final = _tcb_fields()
#: Parts of the kernel's data, from the last one on.
_AREAS: Final = sorted(
    (
        (getattr(layout, name), name)
        for name in (
            "KERNEL_DATA", "READY_QUEUES", "ASID_TABLE", "GLOBALS", "KERNEL_PD", "KERNEL_PT",
        )
    ),
    reverse=True,
)  # fmt: skip
_VARIABLES: Final = {value: name for name, value in vars(layout).items() if name.startswith("KV_")}


def _kernel_word(address: int) -> str | None:
    """A word of the kernel image."""
    if layout.IDLE_TCB <= address < layout.IDLE_TCB + (1 << abi.TCB_BITS):
        return f"idle thread: {_TCB_FIELDS.get(address - layout.IDLE_TCB, '?')}"
    if layout.IRQ_NODE <= address < layout.WINDOW_BASE + layout.IMAGE_BYTES:
        slot, word = divmod(address - layout.IRQ_NODE, layout.SLOT_BYTES)
        return f"endpoint slot of interrupt {slot}: {_SLOT_WORDS[word // 4]}"
    for base, name in _AREAS:
        if address >= base:
            index = f"{name} word {(address - base) // 4}"
            return _VARIABLES.get(address, index) if name == "KERNEL_DATA" else index
    return None


def _object_word(ks: State, address: int) -> Iterator[str]:
    """The smallest objects that some capability names and that hold the address."""
    found: dict[tuple[int, int], CapType] = {}
    for slot in listed_slots(ks):
        cap = read_cap(ks, slot)
        base, size = object_address(cap), object_bytes(cap)
        if base is None or not size:
            continue
        if cap.type is CapType.FRAME:
            base = layout.window_address(base)
        if base <= address < base + size:
            found[size, base] = cap.type
    for (_, base), kind in sorted(found.items())[:1]:
        offset = address - base
        if kind is CapType.TCB:
            yield f"TCB 0x{base:08x}: {_TCB_FIELDS.get(offset, hex(offset))}"
        elif kind is CapType.CNODE:
            index, word = divmod(offset, layout.SLOT_BYTES)
            yield f"CNode 0x{base:08x}: slot {index}: {_SLOT_WORDS[word // 4]}"
        else:
            yield f"{kind.name} 0x{base:08x}: byte 0x{offset:x}"


def name_of_word(ks: State, address: int) -> str:
    """What lies at a kernel address, as far as the layout and the capabilities tell."""
    if address < layout.WINDOW_BASE + layout.IMAGE_BYTES:
        return _kernel_word(address) or "kernel text"
    for tcb in all_threads(ks):
        if tcb <= address < tcb + (1 << abi.TCB_BITS):
            return f"TCB 0x{tcb:08x}: {_TCB_FIELDS.get(address - tcb, hex(address - tcb))}"
    return next(_object_word(ks, address), "memory that no capability names")
