# SPDX-License-Identifier: BSD-2-Clause
"""Device trees: written blobs read back by another reader, and every blob that is refused."""

import contextlib
import struct
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sel4emu.bootloader.devicetree import (
    MAX_BLOB_BYTES,
    MAX_DEPTH,
    DeviceTree,
    Node,
    parse_tree,
    read_blob,
    write_tree,
)
from sel4emu.errors import InputError

ReadTree = Callable[[bytes], dict[str, bytes]]
PutFile = Callable[[str, bytes], str]

NAMES = st.text("abcdefgh,@#-0123456789", min_size=1, max_size=12)
PROPERTIES = st.dictionaries(NAMES, st.binary(max_size=9), max_size=4)
NODES = st.recursive(
    st.builds(Node, NAMES, PROPERTIES),
    lambda nodes: st.builds(
        Node, NAMES, PROPERTIES, st.lists(nodes, max_size=3, unique_by=lambda node: node.name)
    ),
    max_leaves=8,
)
TREES = st.builds(
    DeviceTree,
    st.builds(
        Node,
        st.just(""),
        PROPERTIES,
        st.lists(NODES, max_size=3, unique_by=lambda node: node.name),
    ),
    st.lists(st.binary(min_size=16, max_size=16).filter(any), max_size=2).map(b"".join),
    st.integers(0, 3),
)


def small() -> DeviceTree:
    """A tree with a little of everything."""
    chosen = Node("chosen")
    chosen.set_texts("bootargs", "quiet")
    root = Node("", children=[chosen])
    root.set_texts("compatible", "one,board", "two,chip")
    root.set_words("#address-cells", 1)
    root.properties["empty"] = b""
    return DeviceTree(root, struct.pack(">QQ", 0x8000_0000, 0x1000))


def flat(node: Node, path: str = "") -> dict[str, bytes]:
    """Every property by its path."""
    here = f"{path}{node.name}/"
    found = {f"{here}{name}": value for name, value in node.properties.items()}
    for child in node.children:
        found |= flat(child, here)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=TREES)
def test_every_tree_reads_back(flat_tree: ReadTree, tree: DeviceTree) -> None:
    """What is written is what both readers find, reservations and boot processor included."""
    blob = write_tree(tree)
    assert parse_tree("tree.dtb", blob) == tree
    assert flat_tree(blob) == flat(tree.root)


def test_values_by_their_meaning() -> None:
    """Cells are 32 bits, big-endian; strings end in nulls; what is missing is empty."""
    root = small().root
    assert root.properties["compatible"] == b"one,board\0two,chip\0"
    assert root.texts("compatible") == ("one,board", "two,chip")
    assert root.properties["#address-cells"] == b"\0\0\0\1"
    assert root.words("#address-cells") == (1,) and root.words("missing") == ()
    assert root.child("chosen") is root.children[0] and root.child("none") is None


def test_no_operations_and_old_headers() -> None:
    """A reader skips NOPs, and version 16 does not say how long its structure is."""
    names = b"x\0"
    structure = struct.pack(">II4xIIIIIII", 4, 1, 4, 3, 0, 0, 4, 2, 9)
    strings_at = 56 + len(structure)
    header = struct.pack(
        ">10I", 0xD00DFEED, strings_at + len(names), 56, strings_at, 40, 16, 16, 0, len(names), 0
    )
    tree = parse_tree("old.dtb", header + bytes(16) + structure + names)
    assert tree == DeviceTree(Node("", {"x": b""}))


def test_what_lies_behind_the_blob_is_cut_off(file: PutFile) -> None:
    """A file may be longer than the tree in it."""
    blob = write_tree(small())
    assert read_blob(file("long.dtb", blob + b"padding")) == blob


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x7fELF" + bytes(60), "does not begin with the bytes d0 0d fe ed"),
        (b"\xd0\x0d\xfe\xed", "does not begin with the bytes d0 0d fe ed"),
        (write_tree(small())[:-1], "(truncated?)"),
        (b"", "expected a device tree, but the file is empty"),
        (bytes(MAX_BLOB_BYTES + 1), f"expected at most {MAX_BLOB_BYTES} bytes in a device tree"),
    ],
)
def test_a_file_that_is_no_tree(file: PutFile, data: bytes, sentence: str) -> None:
    """One sentence with the name of the file."""
    path = file("bad.dtb", data)
    with pytest.raises(InputError) as caught:
        read_blob(path)
    assert str(caught.value).startswith(f"{path}: ") and sentence in str(caught.value)


def blob_of(*words: int, names: bytes = b"a\0") -> bytes:
    """A blob with this structure block."""
    structure = struct.pack(f">{len(words)}I", *words)
    at = 56 + len(structure)
    sizes = len(names), len(structure)
    header = struct.pack(">10I", 0xD00DFEED, at + len(names), 56, at, 40, 17, 16, 0, *sizes)
    return header + bytes(16) + structure + names


def with_header(index: int, value: int) -> bytes:
    """A good blob with one word of its header changed."""
    blob = bytearray(write_tree(small()))
    struct.pack_into(">I", blob, 4 * index, value)
    return bytes(blob)


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (blob_of(1, 0, 2), "an end token"),
        (blob_of(1, 0), "an end token"),
        (blob_of(), "an end token"),
        (blob_of(9), "one root node"),
        (blob_of(1, 0, 9), "an end for every node"),
        (blob_of(1, 0, 2, 1, 0, 2, 9), "one root node"),
        (blob_of(1, 0x61000000, 2, 9), "one root node without a name"),
        (blob_of(2, 9), "a begin for every end"),
        (blob_of(3, 0, 0, 9), "each property once"),
        (blob_of(1, 0, 3, 0, 0, 3, 0, 0, 2, 9), "each property once"),
        (blob_of(1, 0, 1, 0, 2, 3, 0, 0, 2, 9), "before the nodes"),
        (blob_of(1, 0, 3, 0xFFFF_FFF0, 0, 2, 9), "properties inside its structure block"),
        (blob_of(1, 0, 3, 0, 2, 2, 9), "names inside its blocks"),
        (blob_of(1, 0, 3, 0, 0, 2, 9, names=b"a" * 300 + b"\0"), "each below 256 bytes"),
        (blob_of(1, 0, 5, 2, 9), "tokens of the specification, not 0x5"),
        (blob_of(*[1, 0] * (MAX_DEPTH + 1), *[2] * (MAX_DEPTH + 1), 9), f"at most {MAX_DEPTH}"),
        (with_header(2, 0xFFFF_FFFF), "its structure block inside"),
        (with_header(3, 0x10000), "its strings block inside"),
        (with_header(4, 0x10000), "its reservation block inside"),
        (with_header(5, 3), "version 17 or compatible with it, not version 3"),
        (with_header(6, 18), "compatible with 18"),
        (b"\xd0\x0d\xfe\xed", "a header of 40 bytes, not 4"),
    ],
)
def test_a_broken_tree(blob: bytes, sentence: str) -> None:
    """Each kind of damage has its sentence."""
    with pytest.raises(InputError) as caught:
        parse_tree("bad.dtb", blob)
    assert str(caught.value).startswith("bad.dtb: expected a device tree with ")
    assert sentence in str(caught.value)


@given(place=st.integers(0, 200), bits=st.integers(1, 255), cut=st.integers(0, 50))
def test_damage_never_raises_anything_else(place: int, bits: int, cut: int) -> None:
    """A blob with a byte changed, or cut off, is read or refused."""
    blob = bytearray(write_tree(small()))
    blob[place % len(blob)] ^= bits
    with contextlib.suppress(InputError):
        tree = parse_tree("damaged.dtb", bytes(blob[: len(blob) - cut]))
        assert parse_tree("again.dtb", write_tree(tree)) == tree
