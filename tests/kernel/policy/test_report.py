# SPDX-License-Identifier: BSD-2-Clause
"""What is printed about a description."""

from collections.abc import Callable

import pytest

from kernel.policy.description import Description
from kernel.policy.promise import promise
from kernel.policy.report import report_fields, report_text

Describe = Callable[..., Description]

SYSTEM = (
    '"one" { text { 0 to 4K }; data { 4K to 8K }; resource { 2 }; device clock; priority 9;'
    " comm { this -> two }; notify { this -> two }; };"
    '"two" { text { 8K to 9K }; resource { 1 }; }; "three" { text { 9K to 10K }; resource { 1 }; };'
)


def test_fields(describe: Describe) -> None:
    """JSON has everything: subsystems, channels, domains, memory in bytes, and the state."""
    fields = report_fields(promise(describe(SYSTEM)))
    assert [each["name"] for each in fields["subsystems"]] == ["one", "two", "three"]
    one = fields["subsystems"][0]
    assert (one["text"], one["data"], one["image"]) == ([0, 4096], [4096, 8192], None)
    assert (one["priority"], one["devices"], one["domain"], one["entity"]) == (9, ["clock"], 0, 1)
    memory = one["memory"]
    assert memory["untyped_bytes"] == 2 << 20
    assert memory["total_bytes"] == sum(
        memory[part] for part in ("untyped_bytes", "program_bytes", "object_bytes")
    )
    assert fields["total_bytes"] == sum(
        each["memory"]["total_bytes"] for each in fields["subsystems"]
    )
    assert fields["channels"] == [
        {"from": "one", "to": "two", "kind": "comm"},
        {"from": "one", "to": "two", "kind": "notify"},
    ]
    assert fields["isolation_domains"] == [["one", "two"], ["three"]]
    state = fields["state"]
    assert len(state["entities"]) == 9
    assert {"holder": 1, "target": 2, "rights": "W"} in state["capabilities"]


def test_text(describe: Describe) -> None:
    """Every subsystem with its memory, every channel, every domain, and what follows."""
    made = promise(describe(SYSTEM))
    text = report_text(made)
    lines = text.splitlines()
    for subsystem in made.description.subsystems:
        row = next(line for line in lines if line.split()[:1] == [subsystem.name])
        assert f"{subsystem.total_bytes:,}" in row.split()
    assert any("one -> two  comm" in line for line in lines)
    assert any("one -> two  notify" in line for line in lines)
    assert "   1  one  two" in lines and "   2  three" in lines
    assert "(Theorem 2)" in text and "(Theorem 3" in text


def test_one_domain_is_not_called_isolated(describe: Describe) -> None:
    """Where channels join all, the text does not promise isolation."""
    text = report_text(promise(describe('"a" { text { 0 to 1 }; resource { 1 }; };')))
    assert "Theorem 3" not in text and "one isolation domain" in text
    assert "Channels\n  none" in text


@pytest.mark.parametrize("count", [1, 11])
def test_long_lists_are_wrapped(describe: Describe, count: int) -> None:
    """No line of a domain is longer than a terminal is wide, and no name is lost."""
    names = [f"{'long-' * 5}{i}" for i in range(count)]
    blocks = [
        f'"{name}" {{ text {{ {i}K to {i + 1}K }}; resource {{ 1 }};'
        + "".join(f" comm {{ this -> {other} }};" for other in names[i + 1 : i + 2])
        + " };"
        for i, name in enumerate(names)
    ]
    section = report_text(promise(describe("\n".join(blocks)))).split("Isolation domains\n")[1]
    section = section.split("\n\n")[0]
    assert max(map(len, section.splitlines())) <= 100
    assert section.split()[1:] == names
