# SPDX-License-Identifier: BSD-2-Clause
"""What a boot loader writes into a device tree that it was given: only what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sel4emu.board import Board
from sel4emu.bootloader.devicetree import DeviceTree, Node
from sel4emu.bootloader.tags import Span
from sel4emu.errors import InputError

_CHOSEN: Final = "chosen"
_MEMORY: Final = "memory"
#: Cells of addresses and sizes below a root that does not say (specification, 2.3.5).
_DEFAULT_ADDRESS_CELLS: Final = 2
_DEFAULT_SIZE_CELLS: Final = 1
_CELL_BITS: Final = 32
_CELLS_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the tree is to tell: None leaves what it tells already."""

    command_line: bytes | None
    initrd: Span | None
    memories: Sequence[Span]


def describes(tree: DeviceTree, board: Board) -> bool:
    """Whether a tree is for the board, or for a family that it belongs to."""
    names = board.boot.compatible
    return not names or not set(names).isdisjoint(tree.root.texts("compatible"))


def patch(path: str | Path, tree: DeviceTree, wishes: Wishes) -> bool:
    """Write the wishes into the tree, memory only if it has none; whether anything changed."""
    changed = False
    if wishes.command_line is not None:
        _chosen(tree.root).properties["bootargs"] = wishes.command_line + b"\0"
        changed = True
    if wishes.initrd is not None:
        start = wishes.initrd.start
        _chosen(tree.root).set_words("linux,initrd-start", start)
        _chosen(tree.root).set_words("linux,initrd-end", start + wishes.initrd.size)
        changed = True
    if not any(map(_tells_memory, tree.root.children)):
        _set_memory(path, tree.root, wishes.memories)
        changed = True
    return changed


def _chosen(root: Node) -> Node:
    node = root.child(_CHOSEN)
    if node is None:
        node = Node(_CHOSEN)
        root.children.append(node)
    return node


def _tells_memory(node: Node) -> bool:
    """Whether a node gives any memory; sources of trees often have one with zeros only."""
    return _is_memory(node) and any(node.properties.get("reg", b""))


def _is_memory(node: Node) -> bool:
    by_name = node.name == _MEMORY or node.name.startswith(f"{_MEMORY}@")
    return by_name or node.texts("device_type") == (_MEMORY,)


def _set_memory(path: str | Path, root: Node, memories: Sequence[Span]) -> None:
    node = next(filter(_is_memory, root.children), None)
    if node is None:
        node = Node(f"{_MEMORY}@{memories[0].start:x}")
        root.children.append(node)
    node.set_texts("device_type", _MEMORY)
    address_cells = _cells(path, root, "#address-cells", _DEFAULT_ADDRESS_CELLS)
    size_cells = _cells(path, root, "#size-cells", _DEFAULT_SIZE_CELLS)
    words: list[int] = []
    for memory in memories:
        words += _as_cells(memory.start, address_cells)
        words += _as_cells(memory.size, size_cells)
    node.set_words("reg", *words)


def _cells(path: str | Path, root: Node, name: str, default: int) -> int:
    count = (*root.words(name), default)[0]
    if not 1 <= count <= _CELLS_MAX:
        raise InputError(
            f"{path}: expected 1 or {_CELLS_MAX} for the root's {name}, to write the board's "
            f"memory, not {count}"
        )
    return count


def _as_cells(value: int, count: int) -> list[int]:
    return [value >> _CELL_BITS * place & 0xFFFF_FFFF for place in reversed(range(count))]
