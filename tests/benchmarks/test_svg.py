# SPDX-License-Identifier: BSD-2-Clause
"""Pictures: well-formed, with every value at its place."""

from xml.etree import ElementTree as ET

from benchmarks.svg import COLOURS, Guide, Series, bar_chart, line_chart, row_chart

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    """The picture's tree; ParseError if it is not well-formed."""
    return ET.fromstring(picture)  # noqa: S314  # our own text


def coloured(picture: str, tag: str, colour: str) -> list[ET.Element]:
    """The elements with a tag and a fill."""
    return [node for node in parsed(picture).iter(SPACE + tag) if node.get("fill") == colour]


def test_lines() -> None:
    """Points stand in the order of their places, higher values higher up, names escaped."""
    series = [Series("a < b", (1.0, 3.0, 2.0))]
    picture = line_chart("T", "u", "x", [1, 2, 8], ["1", "2", ""], series, [Guide("g", 2.0)])
    dots = coloured(picture, "circle", COLOURS[0])
    x = [float(dot.attrib["cx"]) for dot in dots]
    y = [float(dot.attrib["cy"]) for dot in dots]
    assert x[1] - x[0] == (x[2] - x[1]) / 2  # logarithmic
    assert y[1] < y[2] < y[0]
    texts = {node.text for node in parsed(picture).iter(SPACE + "text")}
    assert {"a < b", "g", "T", "u", "x", "1", "2"} <= texts


def test_bars() -> None:
    """A bar's height is in proportion to its value."""
    series = [Series("a", (10.0, 20.0)), Series("b", (40.0, 0.0))]
    picture = bar_chart("T", "u", ["one", "two"], series)
    first, second = (float(b.attrib["height"]) for b in coloured(picture, "rect", COLOURS[0])[1:])
    assert abs(second - 2 * first) < 0.2
    third, fourth = (float(b.attrib["height"]) for b in coloured(picture, "rect", COLOURS[1])[1:])
    assert abs(third - 4 * first) < 0.3 and fourth == 0


def test_rows() -> None:
    """A row's bar is as long as its value says."""
    picture = row_chart("T", ["one", "two"], [Series("a", (1.0, 4.0))])
    first, second = (float(b.attrib["width"]) for b in coloured(picture, "rect", COLOURS[0])[1:])
    assert abs(second - 4 * first) < 0.3
