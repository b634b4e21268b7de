# SPDX-License-Identifier: BSD-2-Clause
"""Tables in Markdown."""

from benchmarks.flow import Flow
from benchmarks.tables import flow_table, size_text, table


def test_numbers_stand_right() -> None:
    """A column of numbers is aligned to the right, one with any text to the left."""
    assert table(("a", "b", "c"), [("x", 1, "+2.5 %"), ("y", "-3", "?")]) == (
        "| a | b | c |\n| --- | ---: | --- |\n| x | 1 | +2.5 % |\n| y | -3 | ? |\n"
    )


def test_sizes() -> None:
    """Sizes are written in the largest unit that fits."""
    assert [size_text(size) for size in (1024, 1 << 19, 1 << 20, 1 << 23)] == [
        "1 KB",
        "512 KB",
        "1 MB",
        "8 MB",
    ]


def test_flows_have_errors() -> None:
    """A change of flow stands beside the source's figure with the difference, if there is one."""
    text = flow_table([Flow("a", 5, 7), Flow("b", 8, None)])
    assert "| a | 5 | 7 | -2 |" in text
    assert "| b | 8 | none found |  |" in text
