# SPDX-License-Identifier: BSD-2-Clause
"""Capabilities as values: reading, writing, making them, and what object each one names."""

from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.layout import CapType, Field, VmRights
from kernel.state import State


class Cap(NamedTuple):
    """The two words of a capability."""

    word0: int
    word1: int

    @property
    def type(self) -> CapType:
        """Its type."""
        return CapType(self.word0 & layout.CAP_TYPE.mask)

    def get(self, field: Field) -> int:
        """The value of one of its fields."""
        return field.get(self[field.word])

    def having(self, field: Field, value: int) -> "Cap":
        """The same capability with one field changed."""
        word = field.put(self[field.word], value)
        return Cap(word, self.word1) if field.word == 0 else Cap(self.word0, word)


NULL_CAP: Final = Cap(0, 0)


def make_cap(cap_type: CapType, *fields: tuple[Field, int]) -> Cap:
    """A capability of a type with the given fields, all others zero."""
    cap = Cap(int(cap_type), 0)
    for field, value in fields:
        cap = cap.having(field, value)
    return cap


def read_cap(ks: State, slot: int) -> Cap:
    """The capability in a slot."""
    return Cap(ks.load(slot), ks.load(slot + 4))


def write_cap(ks: State, slot: int, cap: Cap) -> None:
    """Replace the capability in a slot, leaving its derivation entry alone."""
    ks.store(slot, cap.word0)
    ks.store(slot + 4, cap.word1)


def cap_type(ks: State, slot: int) -> CapType:
    """The type of the capability in a slot, in one load."""
    return CapType(ks.load(slot) & layout.CAP_TYPE.mask)


def is_empty(ks: State, slot: int) -> bool:
    """Whether a slot holds no capability."""
    return cap_type(ks, slot) is CapType.NULL


def untyped_cap(pointer: int, size_bits: int, watermark: int = 0) -> Cap:
    """An Untyped of 2^size_bits bytes whose first free byte is at offset `watermark`."""
    return make_cap(
        CapType.UNTYPED,
        (layout.UNTYPED_POINTER, pointer),
        (layout.UNTYPED_SIZE_BITS, size_bits),
        (layout.UNTYPED_WATERMARK, watermark),
    )


def endpoint_cap(cap_type: CapType, pointer: int) -> Cap:
    """An unbadged Endpoint or AsyncEndpoint capability with full rights."""
    rights = abi.RIGHTS_ALL if cap_type is CapType.ENDPOINT else abi.RIGHT_READ | abi.RIGHT_WRITE
    return make_cap(cap_type, (layout.ENDPOINT_POINTER, pointer), (layout.ENDPOINT_RIGHTS, rights))


def cnode_cap(pointer: int, radix: int, guard_size: int = 0, guard: int = 0) -> Cap:
    """A CNode of 2^radix slots with a guard of `guard_size` bits."""
    return make_cap(
        CapType.CNODE,
        (layout.CNODE_POINTER, pointer),
        (layout.CNODE_GUARD_SHIFT, abi.WORD_BITS - guard_size),
        (layout.CNODE_INDEX_SHIFT, abi.WORD_BITS - radix),
        (layout.CNODE_GUARD, guard),
    )


def tcb_cap(pointer: int) -> Cap:
    """A TCB."""
    return make_cap(CapType.TCB, (layout.TCB_POINTER, pointer))


def frame_cap(physical: int, size_bits: int, *, device: bool = False) -> Cap:
    """An unmapped Frame with read and write rights at a physical address."""
    return make_cap(
        CapType.FRAME,
        (layout.FRAME_BASE, physical),
        (layout.FRAME_DEVICE, int(device)),
        (layout.FRAME_SIZE, layout.FRAME_SIZE_BITS.index(size_bits)),
        (layout.FRAME_RIGHTS, VmRights.READ_WRITE),
    )


def page_table_cap(pointer: int, *, is_4k: bool) -> Cap:
    """An unused PageTable."""
    return make_cap(
        CapType.PAGE_TABLE,
        (layout.PAGE_TABLE_POINTER, pointer),
        (layout.PAGE_TABLE_IS_4K, int(is_4k)),
    )


def page_directory_cap(pointer: int) -> Cap:
    """An uninitialised PageDirectory."""
    return make_cap(CapType.PAGE_DIRECTORY, (layout.PAGE_DIRECTORY_POINTER, pointer))


def cnode_radix(cap: Cap) -> int:
    """log2 of the number of slots."""
    return abi.WORD_BITS - cap.get(layout.CNODE_INDEX_SHIFT)


def cnode_guard_size(cap: Cap) -> int:
    """Bits of the guard."""
    return abi.WORD_BITS - cap.get(layout.CNODE_GUARD_SHIFT)


def frame_size_bits(cap: Cap) -> int:
    """log2 of a Frame's bytes."""
    return layout.FRAME_SIZE_BITS[cap.get(layout.FRAME_SIZE)]


#: The field that tells two objects of a type apart. Untyped is absent: two Untyped capabilities
#: never count as the same object (a child may cover its parent exactly).
_IDENTITY: Final = {
    CapType.ENDPOINT: layout.ENDPOINT_POINTER,
    CapType.ASYNC_ENDPOINT: layout.ENDPOINT_POINTER,
    CapType.CNODE: layout.CNODE_POINTER,
    CapType.TCB: layout.TCB_POINTER,
    CapType.FRAME: layout.FRAME_BASE,
    CapType.PAGE_TABLE: layout.PAGE_TABLE_POINTER,
    CapType.PAGE_DIRECTORY: layout.PAGE_DIRECTORY_POINTER,
    CapType.ASID_POOL: layout.ASID_POOL_BASE,
    CapType.IRQ_HANDLER: layout.IRQ_HANDLER_IRQ,
}
_SINGLETONS: Final = frozenset({CapType.ASID_CONTROL, CapType.IRQ_CONTROL, CapType.DOMAIN})


def object_identity(cap: Cap) -> int | None:
    """What tells the objects of one type apart; None where no two are ever the same."""
    field = _IDENTITY.get(cap.type)
    if field is not None:
        return cap.get(field)
    return 0 if cap.type in _SINGLETONS else None


def same_object(one: Cap, other: Cap) -> bool:
    """Whether two capabilities name the same object (R4.44, R4.48)."""
    if one.type is not other.type:
        return False
    identity = object_identity(one)
    return identity is not None and identity == object_identity(other)


def object_address(cap: Cap) -> int | None:
    """The window (Frame: physical) address of what a capability names, if it names memory."""
    if cap.type is CapType.UNTYPED:
        return cap.get(layout.UNTYPED_POINTER)
    if cap.type is CapType.ASID_POOL:
        return cap.get(layout.ASID_POOL_POINTER) or None
    field = _IDENTITY.get(cap.type)
    return None if field is None or cap.type is CapType.IRQ_HANDLER else cap.get(field)


def object_bytes(cap: Cap) -> int:
    """Bytes of memory that the named object occupies; 0 where it has none of its own."""
    match cap.type:
        case CapType.UNTYPED:
            return 1 << cap.get(layout.UNTYPED_SIZE_BITS)
        case CapType.CNODE:
            return layout.SLOT_BYTES << cnode_radix(cap)
        case CapType.FRAME:
            return 1 << frame_size_bits(cap)
        case CapType.PAGE_TABLE:
            is_4k = cap.get(layout.PAGE_TABLE_IS_4K)
            return 1 << (abi.PAGE_TABLE_4K_BITS if is_4k else abi.PAGE_TABLE_BITS)
        case CapType.ASID_POOL:
            return (1 << abi.ASID_POOL_BITS) if cap.get(layout.ASID_POOL_POINTER) else 0
    return _FIXED_BYTES.get(cap.type, 0)


_FIXED_BYTES: Final = {
    CapType.TCB: 1 << abi.TCB_BITS,
    CapType.ENDPOINT: 1 << abi.ENDPOINT_BITS,
    CapType.ASYNC_ENDPOINT: 1 << abi.ASYNC_ENDPOINT_BITS,
    CapType.PAGE_DIRECTORY: 1 << abi.PAGE_DIRECTORY_BITS,
}


def describe(cap: Cap) -> str:
    """A few words for logs: the type and the address of the object."""
    name = cap.type.name.lower().replace("_", " ")
    address = object_address(cap)
    return f"{name} capability" if address is None else f"{name} capability (0x{address:08x})"
