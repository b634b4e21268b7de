# SPDX-License-Identifier: BSD-2-Clause
"""Cost of the decision procedure by the size of the state.

    python -m benchmarks.policy [--json FILE]

A row: `entities`, `capabilities` (five each), seconds to `read` the text and to `decide` (both
component graphs, with indexes and paths), `nanoseconds_each` for both together by element, and
`microseconds_a_question` afterwards.
"""

import json
import time
from pathlib import Path
from typing import Final

import click
import numpy as np

from kernel.policy.decide import Policy
from kernel.policy.statefile import ProtectionState, parse_state, rights_text

SIZES: Final = (10_000, 30_000, 100_000, 300_000, 1_000_000)
CAPABILITIES_EACH: Final = 5
#: Capabilities stay within groups of this many entities, so that there are many components.
GROUP: Final = 50
QUESTIONS: Final = 1000
SEED: Final = 2010

Row = dict[str, int | float]


def state_text(entities: int) -> bytes:
    """A random state of that many entities, as text."""
    source = np.random.default_rng(SEED)
    count = entities * CAPABILITIES_EACH
    holders = source.integers(0, entities, count)
    targets = holders // GROUP * GROUP + source.integers(0, GROUP, count)
    targets = np.minimum(targets, entities - 1)
    letters = [rights_text(rights) for rights in range(16)]
    rights = source.integers(0, 16, count)
    lines = (
        f"{holder} {target} {letters[bits]}\n"
        for holder, target, bits in zip(
            holders.tolist(), targets.tolist(), rights.tolist(), strict=True
        )
    )
    return f"entities {entities}\n{''.join(lines)}".encode()


def decide_all(state: ProtectionState) -> Policy:
    """Everything that the first questions of each kind have to compute."""
    policy = Policy(state)
    policy.can_leak(0, 1)
    policy.isolated(0, 1)
    policy.subsystem(0)
    policy.domain(0)
    policy.authority(0, 1)
    policy.leak_path(0, 0)
    return policy


def question_time(policy: Policy) -> float:
    """Seconds for one question of each of four kinds, on average."""
    last = policy.state.entities - 1
    start = time.perf_counter()
    for number in range(QUESTIONS):
        entity = number * 7919 % last
        policy.can_leak(entity, last)
        policy.isolated(entity, last)
        policy.authority(entity, last)
        policy.subsystem(entity)
    return (time.perf_counter() - start) / QUESTIONS / 4


def measure(entities: int) -> Row:
    """One row."""
    text = state_text(entities)
    start = time.perf_counter()
    state = parse_state(text, "benchmark")
    read = time.perf_counter()
    policy = decide_all(state)
    decided = time.perf_counter()
    elements = entities + len(state)
    return {
        "entities": entities,
        "capabilities": len(state),
        "read": round(read - start, 4),
        "decide": round(decided - read, 4),
        "nanoseconds_each": round((decided - start) / elements * 1e9, 1),
        "microseconds_a_question": round(question_time(policy) * 1e6, 2),
    }


@click.command()
@click.option("--json", "json_file", metavar="FILE", help="Write the rows as JSON; - for stdout.")
def main(json_file: str | None) -> None:
    """Measure the decision procedure on states of growing size."""
    measure(1000)  # compiles, or loads what is compiled
    rows = [measure(size) for size in SIZES]
    text = json.dumps(rows, indent=2)
    if json_file == "-":
        click.echo(text)
        return
    for row in rows:
        click.echo("  ".join(f"{name} {value}" for name, value in row.items()))
    if json_file is not None:
        Path(json_file).write_text(text + "\n")


if __name__ == "__main__":
    main()
