# SPDX-License-Identifier: BSD-2-Clause
"""Small pictures as SVG text: lines over a logarithmic axis, bars upward and rows of bars."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
HEIGHT: Final = 420
LEFT: Final = 64
RIGHT: Final = 24
TOP: Final = 64
BOTTOM: Final = 56
COLOURS: Final = ("#1f5fa8", "#c4571b", "#3c8a3f", "#7b4ea3")
GRID: Final = "#d8d8d8"
INK: Final = "#222222"
PLOT_WIDTH: Final = WIDTH - LEFT - RIGHT
PLOT_HEIGHT: Final = HEIGHT - TOP - BOTTOM
TICKS: Final = 6
#: Of a chart with rows: room for the names, and the height of a row.
NAMES_WIDTH: Final = 320
ROW: Final = 24


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of values, one for each place of the axis."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A dashed level with its name: what a source says."""

    name: str
    value: float


def _text(x: float, y: float, text: str, anchor: str = "middle", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{INK}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, extra: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{extra}/>'
    )


def _step(greatest: float) -> float:
    """A round distance between lines of the grid."""
    rough = greatest / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _height_of(value: float, top: float) -> float:
    return TOP + PLOT_HEIGHT * (1 - value / top)


def _sheet(title: str, height: int) -> Iterator[str]:
    """White ground and title."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">'
    )
    yield f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    yield _text(LEFT, 22, title, "start", 15)


def _frame(title: str, unit: str, top: float, step: float) -> Iterator[str]:
    """A sheet with the grid and its values."""
    yield from _sheet(title, HEIGHT)
    yield _text(LEFT, TOP - 8, unit, "end", 11)
    for number in range(round(top / step) + 1):
        y = _height_of(number * step, top)
        yield _line(LEFT, y, WIDTH - RIGHT, y, GRID)
        yield _text(LEFT - 6, y + 4, f"{number * step:g}", "end", 11)


def _legend(series: Sequence[Series]) -> Iterator[str]:
    x = float(LEFT + 40)
    for colour, one in zip(COLOURS, series, strict=False):
        yield f'<rect x="{x:.1f}" y="36" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 17, 46, one.name, "start")
        x += 40 + 7 * len(one.name)


def _guides(guides: Sequence[Guide], top: float) -> Iterator[str]:
    for guide in guides:
        y = _height_of(guide.value, top)
        yield _line(LEFT, y, WIDTH - RIGHT, y, "#888888", ' stroke-dasharray="5 4"')
        yield _text(LEFT + 6, y - 4, guide.name, "start", 11)


def _top_of(series: Sequence[Series], guides: Sequence[Guide]) -> tuple[float, float]:
    """The value at the upper edge, and the distance of the grid's lines."""
    greatest = max(
        *(value for one in series for value in one.values), *(guide.value for guide in guides), 0
    )
    step = _step(greatest)
    return math.ceil(greatest * 1.02 / step) * step, step


def line_chart(
    title: str,
    unit: str,
    axis: str,
    places: Sequence[float],
    labels: Sequence[str],
    series: Sequence[Series],
    guides: Sequence[Guide] = (),
) -> str:
    """Lines over a logarithmic axis; an empty label leaves its place without a name."""
    top, step = _top_of(series, guides)
    low, high = math.log2(places[0]), math.log2(places[-1])
    across = [LEFT + PLOT_WIDTH * (math.log2(place) - low) / (high - low) for place in places]
    parts = [*_frame(title, unit, top, step), *_legend(series), *_guides(guides, top)]
    for x, label in zip(across, labels, strict=True):
        if label:
            parts.append(_line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5, INK))
            parts.append(_text(x, HEIGHT - BOTTOM + 19, label, size=11))
    parts.append(_text(LEFT + PLOT_WIDTH / 2, HEIGHT - 12, axis))
    for colour, one in zip(COLOURS, series, strict=False):
        points = [(x, _height_of(y, top)) for x, y in zip(across, one.values, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return "\n".join([*parts, "</svg>"]) + "\n"


def bar_chart(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Series],
    guides: Sequence[Guide] = (),
) -> str:
    """Groups of bars, one group for each label, each bar with its value."""
    top, step = _top_of(series, guides)
    parts = [*_frame(title, unit, top, step), *_legend(series), *_guides(guides, top)]
    group = PLOT_WIDTH / len(labels)
    width = group * 0.8 / len(series)
    for place, label in enumerate(labels):
        left = LEFT + group * place + group * 0.1
        parts.append(_text(left + group * 0.4, HEIGHT - BOTTOM + 19, label, size=11))
        for number, one in enumerate(series):
            x, y = left + number * width, _height_of(one.values[place], top)
            height = HEIGHT - BOTTOM - y
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 2:.1f}" '
                f'height="{height:.1f}" fill="{COLOURS[number]}"/>'
            )
            parts.append(_text(x + width / 2 - 1, y - 4, f"{one.values[place]:.0f}", size=10))
    return "\n".join([*parts, "</svg>"]) + "\n"


def row_chart(title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """One row for each label, with a bar for each series, each with its value."""
    greatest = max(value for one in series for value in one.values)
    scale = (WIDTH - RIGHT - 24 - NAMES_WIDTH) / greatest
    parts = [*_sheet(title, TOP + ROW * len(labels) + 16), *_legend(series)]
    thick = (ROW - 6) / len(series)
    for place, label in enumerate(labels):
        y = TOP + ROW * place
        parts.append(_text(NAMES_WIDTH - 8, y + ROW / 2 + 2, label, "end", 11))
        for number, one in enumerate(series):
            value = one.values[place]
            up = y + 2 + number * thick
            parts.append(
                f'<rect x="{NAMES_WIDTH}" y="{up:.1f}" width="{value * scale:.1f}" '
                f'height="{thick - 1:.1f}" fill="{COLOURS[number]}"/>'
            )
            end = NAMES_WIDTH + value * scale + 5
            parts.append(_text(end, up + thick - 1, f"{value:g}", "start", 9))
    return "\n".join([*parts, "</svg>"]) + "\n"
