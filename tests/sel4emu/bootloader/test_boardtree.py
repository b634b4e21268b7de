# SPDX-License-Identifier: BSD-2-Clause
"""The tree that is made from the board."""

from dataclasses import replace

import pytest

from sel4emu.board import Board
from sel4emu.bootloader.boardtree import board_tree
from sel4emu.bootloader.devicetree import Node, parse_tree, write_tree


def node_at(root: Node, path: str) -> Node:
    """The node at a path, which must exist."""
    node: Node | None = root
    for name in path.strip("/").split("/"):
        assert node is not None
        node = node.child(name)
    assert node is not None, path
    return node


@pytest.fixture(scope="module")
def tree(board: Board) -> Node:
    """The root of the board's tree."""
    return board_tree(board).root


def test_the_tree_is_one(board: Board) -> None:
    """It goes through its blob unchanged."""
    tree = board_tree(board)
    assert parse_tree("auto", write_tree(tree)) == tree


def test_the_root_names_the_board(board: Board, tree: Node) -> None:
    """A kernel chooses its code by these names."""
    assert tree.texts("compatible") == board.boot.compatible == ("kmc,kzm-arm11-01", "fsl,imx31")


def test_the_console_is_the_first_uart(board: Board, tree: Node) -> None:
    """stdout-path and serial0 lead to UART1, with the interrupt of the board file."""
    path = node_at(tree, "chosen").texts("stdout-path")
    assert path == node_at(tree, "aliases").texts("serial0") == ("/soc/serial@43f90000",)
    uart, entry = node_at(tree, path[0]), board.device("uart1")
    assert entry is not None
    assert uart.words("reg") == (entry.base, entry.size)
    assert uart.words("interrupts") == (entry.irq,)
    assert "fsl,imx21-uart" in uart.texts("compatible")


def test_every_reference_leads_to_its_node(tree: Node) -> None:
    """Interrupt parents and clocks are phandles of nodes that are there and of the right sort."""
    soc = node_at(tree, "soc")
    nodes = [*tree.children, *soc.children]
    handles = {node.words("phandle")[0]: node for node in nodes if "phandle" in node.properties}
    for node in [soc, *soc.children]:
        for handle in node.words("interrupt-parent"):
            assert "interrupt-controller" in handles[handle].properties
        clocks = node.words("clocks")
        assert all("#clock-cells" in handles[handle].properties for handle in clocks[::2])
        assert len(node.texts("clock-names")) in {0, len(clocks) // 2}
    for path in node_at(tree, "aliases").properties.values():
        assert "compatible" in node_at(tree, path.rstrip(b"\0").decode()).properties


def test_no_two_devices_at_one_address(tree: Node) -> None:
    """Unit addresses are those of reg, and each is one device's."""
    nodes = node_at(tree, "soc").children
    assert all(node.name.partition("@")[2] == f"{node.words('reg')[0]:x}" for node in nodes)
    assert len({node.words("reg")[0] for node in nodes}) == len(nodes) > 10


def test_what_a_board_has_not_is_not_in_its_tree(board: Board) -> None:
    """A board with a controller only has an empty bus, and no console."""
    bare = replace(board, devices=tuple(each for each in board.devices if each.kind == "avic"))
    tree = board_tree(bare).root
    assert not node_at(tree, "soc").children
    assert "stdout-path" not in node_at(tree, "chosen").properties
    clockless = replace(board, devices=tuple(each for each in board.devices if each.kind != "ccm"))
    uart = node_at(board_tree(clockless).root, "soc/serial@43f90000")
    assert "clocks" not in uart.properties
