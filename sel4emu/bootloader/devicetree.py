# SPDX-License-Identifier: BSD-2-Clause
"""Flattened device trees: reads, changes and writes the blobs that kernels are given.

A blob is an untrusted input. Its structure is walked once, without recursion, and everything in it
lies inside its block or the blob is refused. The values of properties are bytes and stay what they
are; only who asks for a property decides what it means. Source: Devicetree Specification 0.4,
chapter 5.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sel4emu.errors import InputError
from sel4emu.loader import read_file

MAGIC: Final = 0xD00D_FEED
#: A kernel reaches the tree through a section or two while its memory is not yet mapped: half of
#: one, so that there is room for what a boot loader writes into it.
MAX_BLOB_BYTES: Final = 1 << 19
#: Deeper than any tree of a board; so that a file cannot make a reader of ours recurse.
MAX_DEPTH: Final = 64
#: Longer than any name; so that a file cannot let a million names overlap in one long string.
MAX_NAME_BYTES: Final = 256

_BEGIN_NODE: Final = 1
_END_NODE: Final = 2
_PROPERTY: Final = 3
_NOP: Final = 4
_END: Final = 9
_HEADER: Final = struct.Struct(">10I")
_VERSION: Final = 17
_OLDEST_VERSION: Final = 16
_RESERVATION_BYTES: Final = 16


@dataclass(slots=True)
class Node:
    """A node: properties by name, and nodes, both in the order of the blob."""

    name: str
    properties: dict[str, bytes] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def child(self, name: str) -> "Node | None":
        """The first node of that name, unit address included."""
        return next((node for node in self.children if node.name == name), None)

    def words(self, name: str) -> tuple[int, ...]:
        """The whole 32-bit cells of a property; none if it is missing."""
        value = self.properties.get(name, b"")
        return struct.unpack_from(f">{len(value) // 4}I", value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The strings of a property; none if it is missing."""
        value = self.properties.get(name, b"")
        return tuple(part.decode("latin-1") for part in value.split(b"\0") if part)

    def set_words(self, name: str, *values: int) -> None:
        """Give a property 32-bit cells."""
        self.properties[name] = struct.pack(f">{len(values)}I", *values)

    def set_texts(self, name: str, *values: str) -> None:
        """Give a property strings."""
        self.properties[name] = b"".join(value.encode("latin-1") + b"\0" for value in values)


@dataclass(slots=True)
class DeviceTree:
    """A tree with what else its blob tells: reserved memory (16 bytes each) and the boot CPU."""

    root: Node
    reservations: bytes = b""
    boot_cpu: int = 0


def read_blob(path: str | Path) -> bytes:
    """The blob in a file, without what may lie behind it (InputError, one sentence)."""
    data = read_file(path, "a device tree", MAX_BLOB_BYTES)
    if len(data) < _HEADER.size or struct.unpack_from(">I", data)[0] != MAGIC:
        raise InputError(
            f"{path}: expected a device tree blob, but it does not begin with the bytes d0 0d fe ed"
        )
    (total,) = struct.unpack_from(">I", data, 4)
    if total > len(data):
        raise InputError(
            f"{path}: expected the device tree to end at byte {total}, but the file has "
            f"{len(data)} bytes (truncated?)"
        )
    return data[:total]


def parse_tree(path: str | Path, blob: bytes) -> DeviceTree:
    """The tree of a blob that was read from `path` (InputError, one sentence)."""
    return _Reader(path, blob).tree()


class _Reader:
    """One blob under inspection."""

    def __init__(self, path: str | Path, blob: bytes) -> None:
        self._path = path
        self._blob = blob
        if len(blob) < _HEADER.size:
            raise self._error(f"a header of {_HEADER.size} bytes, not {len(blob)}")
        header = _HEADER.unpack_from(blob)
        self._structure_at, self._strings_at, self._reserved_at = header[2:5]
        self._version, self._compatible_version, self._boot_cpu = header[5:8]
        self._strings_size, self._structure_size = header[8:10]

    def tree(self) -> DeviceTree:
        self._check_versions()
        strings = self._block("strings", self._strings_at, self._strings_size)
        size = self._structure_size
        if self._version < _VERSION:
            size = max(0, len(self._blob) - self._structure_at)
        structure = self._block("structure", self._structure_at, size)
        root = self._root(structure, strings)
        return DeviceTree(root, self._reservations(), self._boot_cpu)

    def _error(self, expected: str) -> InputError:
        return InputError(f"{self._path}: expected a device tree with {expected}")

    def _check_versions(self) -> None:
        if self._version < _OLDEST_VERSION or self._compatible_version > _VERSION:
            raise self._error(
                f"version {_VERSION} or compatible with it, not version {self._version} compatible "
                f"with {self._compatible_version}"
            )

    def _block(self, name: str, offset: int, size: int) -> bytes:
        if offset + size > len(self._blob):
            raise self._error(
                f"its {name} block inside its {len(self._blob)} bytes, not at "
                f"0x{offset:x}-0x{offset + size:x}"
            )
        return self._blob[offset : offset + size]

    def _reservations(self) -> bytes:
        """Pairs of address and size in 64 bits, without the pair of zeros at the end."""
        start = end = self._reserved_at
        while any(entry := self._block("reservation", end, _RESERVATION_BYTES)):
            end += len(entry)
        return self._blob[start:end]

    def _root(self, structure: bytes, strings: bytes) -> Node:
        top = Node("")
        open_nodes = [top]
        for token in self._tokens(structure, strings):
            if isinstance(token, Node):
                open_nodes[-1].children.append(token)
                open_nodes.append(token)
                if len(open_nodes) > MAX_DEPTH:
                    raise self._error(f"at most {MAX_DEPTH} nodes inside one another")
            elif token is None:
                if len(open_nodes) == 1:
                    raise self._error("a begin for every end of a node")
                open_nodes.pop()
            else:
                self._add_property(open_nodes, *token)
        if len(open_nodes) != 1 or len(top.children) != 1 or top.children[0].name:
            raise self._error("one root node without a name, and an end for every node")
        return top.children[0]

    def _add_property(self, open_nodes: list[Node], name: str, value: bytes) -> None:
        node = open_nodes[-1]
        if len(open_nodes) == 1 or node.children or name in node.properties:
            raise self._error(f"each property once, and before the nodes of its node: '{name}'")
        node.properties[name] = value

    def _tokens(
        self, structure: bytes, strings: bytes
    ) -> Iterator[Node | tuple[str, bytes] | None]:
        """Begins of nodes, properties, and None for each end of a node, up to the end."""
        at = 0
        while (token := self._word(structure, at)) != _END:
            at += 4
            if token == _BEGIN_NODE:
                name = self._text(structure, at)
                at = _aligned(at + len(name) + 1)
                yield Node(name)
            elif token == _PROPERTY:
                size, name_at = self._word(structure, at), self._word(structure, at + 4)
                value = structure[at + 8 : at + 8 + size]
                if len(value) != size:
                    raise self._error(f"properties inside its structure block, not {size} bytes")
                at = _aligned(at + 8 + size)
                yield self._text(strings, name_at), value
            elif token == _END_NODE:
                yield None
            elif token != _NOP:
                raise self._error(f"tokens of the specification, not 0x{token:x}")

    def _word(self, block: bytes, at: int) -> int:
        if at + 4 > len(block):
            raise self._error("an end token in its structure block")
        return int.from_bytes(block[at : at + 4], "big")

    def _text(self, block: bytes, at: int) -> str:
        end = block.find(b"\0", at, at + MAX_NAME_BYTES)
        if end < 0:
            raise self._error(f"names inside its blocks, each below {MAX_NAME_BYTES} bytes")
        return block[at:end].decode("latin-1")


def write_tree(tree: DeviceTree) -> bytes:
    """The blob of a tree, version 17."""
    strings: dict[str, int] = {}
    structure = bytearray()
    _write_node(tree.root, structure, strings)
    structure += struct.pack(">I", _END)
    names = b"".join(name.encode("latin-1") + b"\0" for name in strings)
    reserved_at = _HEADER.size
    structure_at = reserved_at + len(tree.reservations) + _RESERVATION_BYTES
    strings_at = structure_at + len(structure)
    total = _aligned(strings_at + len(names))
    header = _HEADER.pack(
        MAGIC, total, structure_at, strings_at, reserved_at, _VERSION, _OLDEST_VERSION,
        tree.boot_cpu, len(names), len(structure),
    )  # fmt: skip
    end = bytes(_RESERVATION_BYTES)
    return (header + tree.reservations + end + structure + names).ljust(total, b"\0")


def _write_node(node: Node, structure: bytearray, strings: dict[str, int]) -> None:
    structure += _padded(struct.pack(">I", _BEGIN_NODE) + node.name.encode("latin-1") + b"\0")
    for name, value in node.properties.items():
        if name not in strings:
            last = next(reversed(strings), None)
            strings[name] = 0 if last is None else strings[last] + len(last) + 1
        structure += struct.pack(">III", _PROPERTY, len(value), strings[name]) + _padded(value)
    for child in node.children:
        _write_node(child, structure, strings)
    structure += struct.pack(">I", _END_NODE)


def _aligned(size: int) -> int:
    return size + 3 & ~3


def _padded(data: bytes) -> bytes:
    return data.ljust(_aligned(len(data)), b"\0")
