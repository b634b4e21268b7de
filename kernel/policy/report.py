# SPDX-License-Identifier: BSD-2-Clause
"""What holds in the system that a description promises, as text and as fields for JSON.

The drawing is in `kernel.policy.drawing`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from kernel.model.text import rights_text
from kernel.policy.description import Description, Range, Subsystem
from kernel.policy.layout import ChannelKind
from kernel.policy.promise import Promise

#: What a channel is called in the language.
CHANNEL_WORDS: Final = {ChannelKind.COMM: "comm", ChannelKind.NOTIFY: "notify"}
_HOW: Final = {
    ChannelKind.COMM: "one endpoint: {0} sends, {1} waits",
    ChannelKind.NOTIFY: "one asynchronous endpoint: {0} notifies, {1} waits",
}
_COLUMNS: Final = ("name", "memory", "untyped", "program", "objects", "priority", "runs", "devices")
_LEFT_COLUMNS: Final = frozenset({"name", "runs", "devices"})
_LINE: Final = 96

Fields = dict[str, Any]


# Fields ----------------------------------------------------------------------------------------


def report_fields(promised: Promise) -> Fields:
    """Everything that holds, with names instead of numbers; sizes in bytes."""
    description = promised.description
    name = description.name
    return {
        "description": description.file,
        "board": description.board.name,
        "subsystems": [
            _subsystem_fields(promised, number) for number in range(len(description.subsystems))
        ],
        "channels": [
            {"from": name(c.sender), "to": name(c.receiver), "kind": CHANNEL_WORDS[c.kind]}
            for c in description.channels
        ],
        "isolation_domains": [[name(n) for n in domain] for domain in promised.domains],
        "total_bytes": sum(each.total_bytes for each in description.subsystems),
        "state": _state_fields(promised),
    }


def _range_fields(part: Range | None) -> list[int] | None:
    return None if part is None else [part.start, part.end]


def _subsystem_fields(promised: Promise, number: int) -> Fields:
    subsystem = promised.description.subsystems[number]
    domain = next(i for i, members in enumerate(promised.domains) if number in members)
    return {
        "name": subsystem.name,
        "entity": promised.subsystem(number),
        "domain": domain,
        "priority": subsystem.priority,
        "text": _range_fields(subsystem.text),
        "data": _range_fields(subsystem.data),
        "image": subsystem.image,
        "devices": [device.name for device in subsystem.devices],
        "memory": {
            "untyped_bytes": subsystem.untyped_bytes,
            "program_bytes": subsystem.program_bytes,
            "object_bytes": subsystem.object_bytes,
            "total_bytes": subsystem.total_bytes,
        },
    }


def _state_fields(promised: Promise) -> Fields:
    """The promised state of the model."""
    capabilities = sorted(promised.state.all_caps(), key=lambda at: (at[0], at[1].entity))
    return {
        "entities": [
            {"kind": entity.kind.value, "name": entity.name} for entity in promised.entities
        ],
        "capabilities": [
            {"holder": holder, "target": c.entity, "rights": rights_text(c.rights)}
            for holder, c in capabilities
        ],
    }


# Text ------------------------------------------------------------------------------------------


def report_text(promised: Promise) -> str:
    """The report for people; every line ends with a newline."""
    description = promised.description
    count = len(description.subsystems)
    sections = (
        [f"{description.file}: {_counted(count, 'subsystem')} on {description.board.name}"],
        ["Subsystems (memory in bytes, all that each can ever consume)", *_rows(description)],
        ["Channels", *_channel_lines(description)],
        ["Isolation domains", *_domain_lines(promised)],
        ["What holds, whatever the programs do", *_claims(promised)],
    )
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _cells(subsystem: Subsystem) -> tuple[str, ...]:
    numbers = (
        subsystem.total_bytes,
        subsystem.untyped_bytes,
        subsystem.program_bytes,
        subsystem.object_bytes,
    )
    return (
        subsystem.name,
        *(f"{number:,}" for number in numbers),
        str(subsystem.priority),
        subsystem.image or f"text {_span(subsystem.text)}",
        ", ".join(device.name for device in subsystem.devices) or "-",
    )


def _span(part: Range | None) -> str:
    return "" if part is None else f"{part.start} to {part.end}"


def _rows(description: Description) -> Iterator[str]:
    rows = [_COLUMNS, *(_cells(subsystem) for subsystem in description.subsystems)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.ljust(width) if column in _LEFT_COLUMNS else cell.rjust(width)
            for column, cell, width in zip(_COLUMNS, row, widths, strict=True)
        )
        yield "  " + "  ".join(cells).rstrip()


def _channel_lines(description: Description) -> list[str]:
    names = [
        (description.name(channel.sender), description.name(channel.receiver), channel.kind)
        for channel in description.channels
    ]
    arrows = [f"{sender} -> {receiver}" for sender, receiver, _ in names]
    width = max(map(len, arrows), default=0)
    return [
        f"  {arrow.ljust(width)}  {CHANNEL_WORDS[kind]:6}  {_HOW[kind].format(sender, receiver)}"
        for arrow, (sender, receiver, kind) in zip(arrows, names, strict=True)
    ] or ["  none"]


def _domain_lines(promised: Promise) -> Iterator[str]:
    name = promised.description.name
    for number, domain in enumerate(promised.domains, 1):
        yield from _wrapped(f"  {number:2}  ", [name(member) for member in domain])


def _wrapped(head: str, names: Sequence[str]) -> Iterator[str]:
    line = head
    for name in names:
        if len(line) + len(name) > _LINE:
            yield line.rstrip()
            line = " " * len(head)
        line += name + "  "
    yield line.rstrip()


def _claims(promised: Promise) -> list[str]:
    assert not promised.joined, "no description can express a Grant right over another subsystem"
    claims = [
        "No subsystem ever gains authority over another one, or over what is another one's: its",
        "  memory, devices, threads and address spaces (Theorem 2). Over a receiver of its",
        "  channels it has Write, and never more.",
        "No subsystem consumes more memory than the table says.",
    ]
    if len(promised.domains) > 1:
        claims.append(
            "No information ever passes from one isolation domain to another through objects of"
        )
        claims.append(
            "  the kernel (Theorem 3; what the time of an operation tells is not covered)."
        )
    else:
        claims.append("All are in one isolation domain: information may pass between any two.")
    return [f"  {claim}" for claim in claims]
