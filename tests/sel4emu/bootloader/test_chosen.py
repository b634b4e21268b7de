# SPDX-License-Identifier: BSD-2-Clause
"""What is written into a tree that was given, and what is left as it is."""

import copy
import struct
from dataclasses import replace

import pytest

from sel4emu.board import Board, BootNames
from sel4emu.bootloader.chosen import Wishes, describes, patch
from sel4emu.bootloader.devicetree import DeviceTree, Node
from sel4emu.bootloader.tags import Span
from sel4emu.errors import InputError

RAM = (Span(0x8000_0000, 0x800_0000),)
NOTHING = Wishes(None, None, RAM)


def tree_with(*nodes: Node, cells: tuple[int, int] | None = (1, 1)) -> DeviceTree:
    """A tree of these nodes, for the chip of the board."""
    root = Node("", children=list(nodes))
    root.set_texts("compatible", "somebody,board", "fsl,imx31")
    if cells is not None:
        root.set_words("#address-cells", cells[0])
        root.set_words("#size-cells", cells[1])
    return DeviceTree(root)


def memory_node(name: str = "memory@80000000", *reg: int) -> Node:
    """A node that tells memory."""
    node = Node(name)
    node.set_texts("device_type", "memory")
    if reg:
        node.set_words("reg", *reg)
    return node


def test_nothing_asked_nothing_changed() -> None:
    """A tree that tells its memory is left alone, /chosen included."""
    chosen = Node("chosen", {"bootargs": b"of the tree\0"})
    tree = tree_with(chosen, memory_node("memory@80000000", 0x8000_0000, 0x100_0000))
    before = copy.deepcopy(tree)
    assert not patch("t", tree, NOTHING) and tree == before


def test_append_replaces_the_command_line() -> None:
    """The arguments are those of --append; other properties of /chosen stay."""
    chosen = Node("chosen", {"bootargs": b"of the tree\0", "stdout-path": b"serial0\0"})
    tree = tree_with(chosen, memory_node("memory", 0x8000_0000, 0x100_0000))
    assert patch("t", tree, Wishes(b"mine", None, RAM))
    assert chosen.properties == {"bootargs": b"mine\0", "stdout-path": b"serial0\0"}


def test_initrd_and_a_chosen_node_that_is_missing() -> None:
    """The end is the first address behind the disk; a tree without /chosen gets one."""
    tree = tree_with(memory_node("memory", 0x8000_0000, 0x100_0000))
    assert patch("t", tree, Wishes(None, Span(0x8400_0000, 0x123), RAM))
    chosen = tree.root.child("chosen")
    assert chosen is not None
    assert chosen.words("linux,initrd-start") == (0x8400_0000,)
    assert chosen.words("linux,initrd-end") == (0x8400_0123,)
    assert "bootargs" not in chosen.properties


@pytest.mark.parametrize(
    "nodes", [(), (memory_node("memory"),), (memory_node("memory", 0, 0),)], ids=str
)
def test_memory_that_is_missing_or_empty_is_filled_in(nodes: tuple[Node, ...]) -> None:
    """No node, one without reg, and the zeros of common sources get the RAM of the board."""
    tree = tree_with(*copy.deepcopy(nodes))
    assert patch("t", tree, NOTHING)
    (node,) = tree.root.children
    assert node.texts("device_type") == ("memory",)
    assert node.words("reg") == (0x8000_0000, 0x800_0000)
    assert not patch("t", tree, NOTHING)


@pytest.mark.parametrize(
    ("cells", "reg"),
    [
        ((1, 1), struct.pack(">II", 0x8000_0000, 0x800_0000)),
        ((2, 1), struct.pack(">QI", 0x8000_0000, 0x800_0000)),
        ((2, 2), struct.pack(">QQ", 0x8000_0000, 0x800_0000)),
        (None, struct.pack(">QI", 0x8000_0000, 0x800_0000)),
    ],
)
def test_memory_in_the_cells_of_the_root(cells: tuple[int, int] | None, reg: bytes) -> None:
    """Addresses and sizes have as many cells as the root says, 2 and 1 if it does not."""
    tree = tree_with(cells=cells)
    assert patch("t", tree, NOTHING)
    assert tree.root.children[0].properties["reg"] == reg


@pytest.mark.parametrize("cells", [(0, 1), (1, 0), (3, 1)])
def test_cells_that_hold_no_address(cells: tuple[int, int]) -> None:
    """A root with cells of no use for memory is refused, if memory has to be written."""
    with pytest.raises(InputError, match=r"^t: expected 1 or 2 for the root's #.*-cells"):
        patch("t", tree_with(cells=cells), NOTHING)


def test_whether_a_tree_is_for_the_board(board: Board) -> None:
    """One common name is enough, of the board or the chip; a board without names takes all."""
    assert describes(tree_with(), board)
    for names in ((), ("fsl,imx35",), ("fsl,imx31-x",)):
        tree = tree_with()
        tree.root.set_texts("compatible", *names)
        assert not describes(tree, board)
        assert describes(tree, replace(board, boot=BootNames()))
