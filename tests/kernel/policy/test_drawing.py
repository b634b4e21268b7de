# SPDX-License-Identifier: BSD-2-Clause
"""The drawing: everything is in it, inside the page, and nothing lies on something else."""

import re
from collections.abc import Callable
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from kernel.policy.description import Description
from kernel.policy.drawing import _arrange, draw
from kernel.policy.promise import promise

Describe = Callable[..., Description]

SVG = "{http://www.w3.org/2000/svg}"
SHIFT = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)")

Box = tuple[float, float, float, float]


@pytest.fixture
def drawing(describe: Describe) -> Callable[[int, int], ET.Element]:
    """`drawing(count, reach)`: a chain in which each of `count` sends to the next `reach`."""

    def make(count: int, reach: int) -> ET.Element:
        blocks = []
        for i in range(count):
            targets = [(i + step) % count for step in range(1, reach + 1)]
            channels = " ".join(f"comm {{ this -> part{j} }};" for j in targets if j != i)
            blocks.append(
                f'"part{i}" {{ text {{ {i} to {i + 1} }}; resource {{ 1 }}; {channels} }};'
            )
        return ET.fromstring(draw(promise(describe("\n".join(blocks)))))  # noqa: S314 - our own

    return make


def boxes(root: ET.Element, kind: str) -> list[Box]:
    """Left, top, right, bottom of the rectangles of a class, where they are on the page."""
    found: list[Box] = []

    def visit(element: ET.Element, dx: float, dy: float) -> None:
        shift = SHIFT.match(element.get("transform", ""))
        if shift:
            dx, dy = dx + float(shift[1]), dy + float(shift[2])
        if element.tag == f"{SVG}rect" and kind in element.get("class", "").split():
            x, y = float(element.get("x", 0)) + dx, float(element.get("y", 0)) + dy
            width, height = float(element.get("width", 0)), float(element.get("height", 0))
            found.append((x, y, x + width, y + height))
        for child in element:
            visit(child, dx, dy)

    visit(root, 0, 0)
    return found


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize(("count", "reach"), [(1, 0), (2, 1), (10, 0), (10, 3), (11, 1)])
def test_boxes(drawing: Callable[[int, int], ET.Element], count: int, reach: int) -> None:
    """Few subsystems of a domain are boxes that do not overlap, inside their panels and page."""
    root = drawing(count, reach)
    drawn, panels = boxes(root, "box"), boxes(root, "panel")
    assert len(drawn) == count and len(panels) == (1 if reach else count)
    assert not any(overlap(a, b) for a, b in combinations(drawn, 2))
    assert not any(overlap(a, b) for a, b in combinations(panels, 2))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for box in drawn:
        assert any(p[0] <= box[0] and box[2] <= p[2] and box[3] <= p[3] for p in panels)
    assert all(p[0] >= 0 and p[1] >= 0 and p[2] <= width and p[3] <= height for p in panels)


def test_everything_is_named(drawing: Callable[[int, int], ET.Element]) -> None:
    """Each subsystem's name and memory, and each channel's title."""
    root = drawing(10, 2)
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {f"part{i}" for i in range(10)} <= texts and "1 MiB untyped" in texts
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert len(titles) == 20 and "comm part9 -> part1" in titles


@pytest.mark.parametrize("reach", [1, 3])
def test_a_ring(describe: Describe, reach: int) -> None:
    """Many of one domain are dots with names around them, at least a line apart."""
    blocks = [
        f'"p{i}" {{ text {{ {i} to {i + 1} }}; resource {{ 1 }};'
        + "".join(f" notify {{ this -> p{(i + step) % 11} }};" for step in range(1, reach + 1))
        + " };"
        for i in range(11)
    ]
    made = promise(describe("\n".join(blocks)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.policy.drawing._MOST_BOXES", 4)
        root = ET.fromstring(draw(made))  # noqa: S314 - our own
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in root.iter(f"{SVG}circle")]
    assert len(dots) == 11
    assert min((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for a, b in combinations(dots, 2)) > 14**2
    assert len(list(root.iter(f"{SVG}title"))) == 11 * reach


def test_panels_are_packed() -> None:
    """Rows stay within the limit where they can, and low panels fill what is free."""
    sizes = [(100.0, 50.0), (300.0, 200.0), (100.0, 50.0), (900.0, 60.0), (100.0, 90.0)]
    corners = _arrange(sizes, 1000)
    placed = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    assert not any(overlap(a, b) for a, b in combinations(placed, 2))
    assert all(box[2] <= 1000 for box in placed)
    first_row = [box for box in placed if box[3] <= placed[1][3]]
    assert len(first_row) == 4 and len({box[0] for box in first_row}) == 3
    assert placed[3][1] > placed[1][3]
