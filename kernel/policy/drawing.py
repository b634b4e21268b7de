# SPDX-License-Identifier: BSD-2-Clause
"""A drawing (SVG) of the promised system: isolation domains, subsystems, channels, memory.

A domain is a panel. Few subsystems of one domain are boxes on a circle; many are dots on a circle
with their names around it. Channels are chords of that circle, so none runs through a subsystem.
A chord bends to one side, so that two directions are two lines.
"""

import colorsys
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from kernel.policy.description import Channel, Description, Subsystem
from kernel.policy.layout import ChannelKind
from kernel.policy.promise import Promise
from kernel.policy.report import CHANNEL_WORDS

#: Measures in pixels.
_PAGE_WIDTH: Final = 1240
_MARGIN: Final = 24
_GAP: Final = 16
_PANEL_PADDING: Final = 14
_TITLE_HEIGHT: Final = 58
_PANEL_TITLE: Final = 24
_BOX_HEIGHT: Final = 62
_BOX_MIN_WIDTH: Final = 112
_LETTER: Final = 6.3
_SMALL_LETTER: Final = 6.2
#: With more than this many subsystems a domain is drawn with dots.
_MOST_BOXES: Final = 12
#: Along the circle between two names.
_NAME_PITCH: Final = 19.0
#: With more channels than this for each name, the circle grows, and each sender has a colour.
_DENSE: Final = 1.5
_PLAIN: Final = "#333333"
_SPREAD: Final = 1.7
_DOT: Final = 5.0
_BEND: Final = 0.14
_ARROW: Final = 8.0

_STYLE: Final = """\
text { font-family: 'DejaVu Sans', Arial, sans-serif; font-size: 12px; fill: #1c1c1c }
.title { font-size: 17px; font-weight: bold }
.name { font-weight: bold }
.small { font-size: 10.5px; fill: #444 }
.channel { fill: none; stroke: #333; stroke-width: 1.3 }
.notify { stroke-dasharray: 5 3 }
.head { fill: #333 }
.fine { stroke-width: 0.9; opacity: 0.75 }
.panel { stroke-dasharray: 2 3 }
.panel.d0 { fill: #e8f0fb } .d0 .dot { fill: #2f5f9e } .panel.d0, .d0 .box { stroke: #2f5f9e }
.panel.d1 { fill: #e9f5ea } .d1 .dot { fill: #2f7d3b } .panel.d1, .d1 .box { stroke: #2f7d3b }
.panel.d2 { fill: #fdf1e3 } .d2 .dot { fill: #a8641a } .panel.d2, .d2 .box { stroke: #a8641a }
.panel.d3 { fill: #f4ebf8 } .d3 .dot { fill: #74439a } .panel.d3, .d3 .box { stroke: #74439a }
.panel.d4 { fill: #e5f5f5 } .d4 .dot { fill: #1d7676 } .panel.d4, .d4 .box { stroke: #1d7676 }
.panel.d5 { fill: #fbe9ea } .d5 .dot { fill: #a63540 } .panel.d5, .d5 .box { stroke: #a63540 }
.box { fill: white; stroke-width: 1.5 }"""
#: How many colours the style has; domains take them in turn.
_COLOURS: Final = 6

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Panel:
    """One domain: its size, and its elements relative to its corner."""

    width: float
    height: float
    elements: tuple[str, ...]


@dataclass(slots=True)
class _Canvas:
    """Elements as they are added, and how to write them."""

    elements: list[str] = field(default_factory=list)

    def text(self, at: Point, words: str, kind: str = "", extra: str = "") -> None:
        """A line of text; `kind` is a class of the style."""
        x, y = at
        self.elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{extra}>{escape(words)}</text>'
        )

    def rectangle(self, at: Point, width: float, height: float, look: str) -> None:
        """A rectangle with round corners."""
        x, y = at
        self.elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="6" {look}/>'
        )

    def arrow(
        self, start: Point, end: Point, kind: ChannelKind, title: str = "", colour: str = ""
    ) -> None:
        """A bent line with a head: at its end, or for a line of a `colour` beyond its middle.

        Where many such fine lines end in one place, heads there could not be told apart. The
        title is shown by a viewer that has a pointer.
        """
        fine = bool(colour)
        (x1, y1), (x2, y2) = start, end
        dx, dy = x2 - x1, y2 - y1
        bend = _BEND * (0.6 if kind is ChannelKind.COMM else 1.5)
        bent = (x1 + x2) / 2 - dy * bend, (y1 + y2) / 2 + dx * bend
        classes = "channel" + (" fine" if fine else "")
        classes += " notify" if kind is ChannelKind.NOTIFY else ""
        tip, before = end, bent
        size = min(_ARROW, math.hypot(dx, dy) / 2)
        if fine:
            tip, before = _on_curve(start, bent, end, 0.6), _on_curve(start, bent, end, 0.55)
            size *= 0.8
        neck, *wings = _head(before, tip, size)
        line_end = end if fine else neck
        line = f'<path class="{classes}" d="M{_pair(start)} Q{_pair(bent)} {_pair(line_end)}"'
        head = f'<path class="head" d="M{_pair(tip)} L{_pair(wings[0])} L{_pair(wings[1])} Z"'
        if fine:
            line, head = f'{line} style="stroke:{colour}"', f'{head} style="fill:{colour}"'
        named = f"<title>{escape(title)}</title>" if title else ""
        self.elements.append(f"<g>{named}{line}/>{head}/></g>")


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _on_curve(start: Point, bent: Point, end: Point, t: float) -> Point:
    """A point of a quadratic curve, from 0 at its start to 1 at its end."""
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
    return (
        a * start[0] + b * bent[0] + c * end[0],
        a * start[1] + b * bent[1] + c * end[1],
    )


def _head(before: Point, tip: Point, size: float) -> tuple[Point, Point, Point]:
    """The middle of the base of an arrow's head, and its two corners."""
    dx, dy = _direction(before, tip)
    x, y = tip[0] - dx * size, tip[1] - dy * size
    wing = size * 0.42
    return (x, y), (x - dy * wing, y + dx * wing), (x + dy * wing, y - dx * wing)


def _direction(start: Point, end: Point) -> Point:
    """The unit vector from one point to another."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return dx / length, dy / length


# Panels ----------------------------------------------------------------------------------------


def _memory(subsystem: Subsystem) -> str:
    return f"{subsystem.memory_mib} MiB untyped"


def _bytes(subsystem: Subsystem) -> str:
    return f"{subsystem.total_bytes:,} bytes"


def _program(subsystem: Subsystem) -> str:
    words = subsystem.image or "text and data"
    words = words if len(words) <= 24 else "..." + words[-21:]
    if subsystem.devices:
        words += "; " + ", ".join(device.name for device in subsystem.devices)
    return words


def _box_width(subsystem: Subsystem) -> float:
    small = max(len(_bytes(subsystem)), len(_program(subsystem)), len(_memory(subsystem)))
    return max(_BOX_MIN_WIDTH, len(subsystem.name) * 8.2 + 16, small * _SMALL_LETTER + 16)


def _draw_box(canvas: _Canvas, centre: Point, width: float, subsystem: Subsystem) -> None:
    x, y = centre[0] - width / 2, centre[1] - _BOX_HEIGHT / 2
    canvas.rectangle((x, y), width, _BOX_HEIGHT, 'class="box"')
    middle = ' text-anchor="middle"'
    canvas.text((centre[0], y + 17), subsystem.name, "name", middle)
    for line, words in enumerate((_memory(subsystem), _bytes(subsystem), _program(subsystem))):
        canvas.text((centre[0], y + 30 + 12.5 * line), words, "small", middle)


def _edge(centre: Point, towards: Point, width: float, sideways: float) -> Point:
    """Where a line to `towards`, moved to its side by `sideways`, leaves a box."""
    dx, dy = _direction(centre, towards)
    ox, oy = -dy * sideways, dx * sideways
    reach = min(
        (width / 2 + 2 - math.copysign(ox, ox * dx)) / abs(dx) if abs(dx) > 1e-9 else math.inf,
        (_BOX_HEIGHT / 2 + 2 - math.copysign(oy, oy * dy)) / abs(dy)
        if abs(dy) > 1e-9
        else math.inf,
    )
    return centre[0] + ox + dx * reach, centre[1] + oy + dy * reach


def _boxes(description: Description, members: Sequence[int]) -> _Panel:
    """Boxes on an ellipse (side by side where there are two), channels between them."""
    canvas = _Canvas()
    count = len(members)
    width = max(_box_width(description.subsystems[member]) for member in members)
    if count <= 2:
        centres = [(width / 2 + i * (width + 90), _BOX_HEIGHT / 2) for i in range(count)]
    else:
        rx = max((width + 40) * count / 6.2, width * 0.75)
        ry = max((_BOX_HEIGHT + 46) * count / 5.2, _BOX_HEIGHT * 1.3)
        angles = [2 * math.pi * i / count - math.pi / 2 for i in range(count)]
        centres = [
            (rx + width / 2 + rx * math.cos(a), ry + _BOX_HEIGHT / 2 + ry * math.sin(a))
            for a in angles
        ]
    place = dict(zip(members, centres, strict=True))
    for channel in _within(description.channels, members):
        start, end = place[channel.sender], place[channel.receiver]
        side = 7.0 if channel.kind is ChannelKind.COMM else 18.0
        canvas.arrow(
            _edge(start, end, width, side),
            _edge(end, start, width, -side),
            channel.kind,
            _title(description, channel),
        )
    for member in members:
        _draw_box(canvas, place[member], width, description.subsystems[member])
    right = max(x for x, _ in centres) + width / 2
    bottom = max(y for _, y in centres) + _BOX_HEIGHT / 2
    return _Panel(right, bottom, tuple(canvas.elements))


def _label(subsystem: Subsystem) -> str:
    devices = "".join(f", {device.name}" for device in subsystem.devices)
    return f"{subsystem.name}  {subsystem.memory_mib} MiB{devices}"


def _ring(description: Description, members: Sequence[int]) -> _Panel:
    """Dots on a circle, names outside it along the radius, channels as chords."""
    canvas = _Canvas()
    channels = list(_within(description.channels, members))
    is_dense = len(channels) > _DENSE * len(members)
    pitch = _NAME_PITCH * (_SPREAD if is_dense else 1)
    radius = max(90.0, len(members) * pitch / (2 * math.pi))
    labels = [_label(description.subsystems[member]) for member in members]
    reach = radius + 12 + max(map(len, labels)) * _LETTER
    place: dict[int, Point] = {}
    for index, (member, label) in enumerate(zip(members, labels, strict=True)):
        angle = 2 * math.pi * (index + 0.5) / len(members) - math.pi / 2
        x, y = reach + radius * math.cos(angle), reach + radius * math.sin(angle)
        place[member] = (x, y)
        canvas.elements.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}" class="dot"/>')
        is_left = math.cos(angle) < 0
        turned = math.degrees(angle) + (180 if is_left else 0)
        anchor = "end" if is_left else "start"
        shift = -12 if is_left else 12
        canvas.text(
            (shift, 4),
            label,
            "",
            f' text-anchor="{anchor}" transform="translate({x:.1f},{y:.1f}) rotate({turned:.1f})"',
        )
    for channel in channels:
        start, end = place[channel.sender], place[channel.receiver]
        canvas.arrow(
            _shorten(start, end),
            _shorten(end, start),
            channel.kind,
            _title(description, channel),
            _hue(members.index(channel.sender), len(members)) if is_dense else _PLAIN,
        )
    return _Panel(2 * reach, 2 * reach, tuple(canvas.elements))


def _shorten(start: Point, end: Point) -> Point:
    """A little from `start` towards `end`, outside the dot."""
    dx, dy = _direction(start, end)
    return start[0] + dx * (_DOT + 2), start[1] + dy * (_DOT + 2)


def _title(description: Description, channel: Channel) -> str:
    sender, receiver = description.name(channel.sender), description.name(channel.receiver)
    return f"{CHANNEL_WORDS[channel.kind]} {sender} -> {receiver}"


def _hue(index: int, count: int) -> str:
    """A dark colour for one of many senders; neighbours differ clearly."""
    red, green, blue = colorsys.hls_to_rgb((index * 7 % count) / count, 0.36, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _within(channels: Sequence[Channel], members: Sequence[int]) -> Iterator[Channel]:
    """The channels of one domain: there are none between two."""
    inside = set(members)
    return (c for c in channels if c.sender in inside)


# Page ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Column:
    """Panels below each other; the next one begins at `y`."""

    x: float
    y: float
    width: float


@dataclass(slots=True)
class _Row:
    """Columns side by side between two heights; the next one begins at `x`."""

    top: float
    bottom: float
    x: float
    columns: list[_Column] = field(default_factory=list)

    def place(self, width: float, height: float, limit: float) -> Point | None:
        """A free corner for a panel: below others, or behind them up to `limit`."""
        for column in self.columns:
            if width <= column.width and column.y + height <= self.bottom:
                corner = (column.x, column.y)
                column.y += height + _GAP
                return corner
        if self.columns and self.x + width > limit:
            return None
        corner = (self.x, self.top)
        self.columns.append(_Column(self.x, self.top + height + _GAP, width))
        self.x += width + _GAP
        return corner


def _arrange(sizes: Sequence[tuple[float, float]], limit: float) -> list[Point]:
    """The corners of panels of these widths and heights, in rows of columns up to `limit`.

    Tall ones first: a row is as high as its first panel, and lower ones fill what is free.
    """
    corners: dict[int, Point] = {}
    rows: list[_Row] = []
    for index in sorted(range(len(sizes)), key=lambda i: (-sizes[i][1], i)):
        width, height = sizes[index]
        places = (row.place(width, height, limit) for row in rows)
        corner = next((place for place in places if place is not None), None)
        if corner is None:
            top = rows[-1].bottom + _GAP if rows else float(_TITLE_HEIGHT)
            rows.append(_Row(top, top + height, float(_MARGIN)))
            corner = rows[-1].place(width, height, limit)
            assert corner is not None, "an empty row takes every panel"
        corners[index] = corner
    return [corners[index] for index in range(len(sizes))]


def draw(promised: Promise) -> str:
    """The drawing as an SVG document."""
    panels = [_panel(promised.description, members) for members in promised.domains]
    sizes = [
        (
            panel.width + 2 * _PANEL_PADDING,
            panel.height + 2 * _PANEL_PADDING + _PANEL_TITLE,
        )
        for panel in panels
    ]
    limit = max(_PAGE_WIDTH, *(_MARGIN + width for width, _ in sizes))
    corners = _arrange(sizes, limit)
    canvas = _Canvas()
    for number, (panel, size, corner) in enumerate(zip(panels, sizes, corners, strict=True)):
        _draw_panel(canvas, corner, size, panel, number)
    placed = list(zip(corners, sizes, strict=True))
    right = max(560.0, *(x + width for (x, _), (width, _) in placed))
    bottom = max(y + height for (_, y), (_, height) in placed) + _MARGIN
    _draw_title(canvas, promised, bottom)
    return _document(canvas, right + _MARGIN, bottom + 20)


def _panel(description: Description, members: Sequence[int]) -> _Panel:
    return (_boxes if len(members) <= _MOST_BOXES else _ring)(description, members)


def _draw_panel(
    canvas: _Canvas, corner: Point, size: tuple[float, float], panel: _Panel, number: int
) -> None:
    x, y = corner
    colour = number % _COLOURS
    canvas.rectangle(corner, *size, f'class="panel d{colour}"')
    canvas.text((x + _PANEL_PADDING, y + 18), f"domain {number + 1}", "small")
    inner = f"translate({x + _PANEL_PADDING:.1f},{y + _PANEL_PADDING + _PANEL_TITLE:.1f})"
    canvas.elements += [f'<g class="d{colour}" transform="{inner}">', *panel.elements, "</g>"]


def _draw_title(canvas: _Canvas, promised: Promise, bottom: float) -> None:
    description = promised.description
    subsystems, domains = len(description.subsystems), len(promised.domains)
    name = description.file.replace("\\", "/").rsplit("/", 1)[-1]
    canvas.text((_MARGIN, 26), name, "title")
    words = f"{subsystems} subsystem{'s' * (subsystems != 1)}, "
    words += f"{len(description.channels)} channel{'s' * (len(description.channels) != 1)}, "
    words += f"{domains} isolation domain{'s' * (domains != 1)}"
    canvas.text((_MARGIN, 46), words, "small")
    y = bottom
    canvas.arrow((_MARGIN, y), (_MARGIN + 40, y), ChannelKind.COMM)
    canvas.text((_MARGIN + 48, y + 4), "comm: sends to", "small")
    canvas.arrow((_MARGIN + 150, y), (_MARGIN + 190, y), ChannelKind.NOTIFY)
    canvas.text((_MARGIN + 198, y + 4), "notify: notifies", "small")
    canvas.text(
        (_MARGIN + 310, y + 4), "panel: an isolation domain; no channel leads out of it", "small"
    )


def _document(canvas: _Canvas, width: float, height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
    )
    background = '<rect width="100%" height="100%" fill="white"/>'
    style = f"<style>\n{_STYLE}\n</style>"
    return "\n".join((head, style, background, *canvas.elements, "</svg>")) + "\n"
