# SPDX-License-Identifier: BSD-2-Clause
"""Runs random sequences on QEMU and on our machine, and finds the item where they part."""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oracle.ours import QEMU_REVISION, run_on_ours
from oracle.outcome import Ending, Outcome
from oracle.qemu import run_on_qemu
from oracle.random_harness import (
    RECORD_BYTES,
    RECORDS,
    build_image,
    describe_record,
    slot_address,
    split_records,
)
from oracle.random_sequence import Sequence as RandomSequence
from sel4emu.disassembly import describe_instruction
from sel4emu.loader import Image

#: Host seconds for an image on QEMU, and cycles with us: several times what one takes.
_LIMIT_SECONDS: Final = 30.0
_LIMIT_CYCLES: Final = 20_000_000
_LIMIT_CYCLES_EACH: Final = 200_000

#: Runs an image with the regions to bring back.
Runner = Callable[[Image, list[tuple[int, int]]], Outcome]


def qemu(image: Image, regions: list[tuple[int, int]]) -> Outcome:
    """Run an image on QEMU."""
    return run_on_qemu(image, regions=regions, limit_seconds=_LIMIT_SECONDS)


def ours(timing: str, cpu_revision: str = QEMU_REVISION) -> Runner:
    """What runs an image on our machine at a level."""

    def runner(image: Image, regions: list[tuple[int, int]]) -> Outcome:
        sequences = regions[0][1] // RECORD_BYTES
        limit = _LIMIT_CYCLES + sequences * _LIMIT_CYCLES_EACH
        return run_on_ours(
            image,
            regions=regions,
            timing=timing,
            cpu_revision=cpu_revision,
            limit_cycles=limit,
        )

    return runner


def run(
    runner: Runner,
    seed: int,
    sequences: Sequence[RandomSequence],
    items: Mapping[int, int] | None = None,
) -> list[bytes]:
    """The record of each sequence; empty for one that does not come to its end.

    Where an image does not end, its halves are tried, down to the sequences that are to blame.
    """
    if not sequences:
        return []
    regions = [(RECORDS, len(sequences) * RECORD_BYTES)]
    outcome = runner(build_image(seed, sequences, items), regions)
    if outcome.ending is Ending.FINISHED:
        return split_records(outcome.regions[0])
    if len(sequences) == 1:
        return [b""]
    half = len(sequences) // 2
    parts = (sequences[:half], sequences[half:])
    return [record for part in parts for record in run(runner, seed, part, items)]


@dataclass(frozen=True, slots=True)
class Difference:
    """A sequence that ends differently: the first item that shows it, and the three records."""

    sequence: RandomSequence
    item: int
    before: bytes
    expected: bytes
    found: bytes


def differences(
    seed: int, sequences: Sequence[RandomSequence], runner: Runner, *, locate: bool = True
) -> list[Difference]:
    """The sequences that our machine, as `runner` runs it, leaves in another state than QEMU.

    With `locate`, prefixes of each are run on both sides until the item is found.
    """
    expected = run(qemu, seed, sequences)
    found = run(runner, seed, sequences)
    pairs = zip(sequences, expected, found, strict=True)
    bad = [Difference(s, len(s.places) - 1, b"", e, f) for s, e, f in pairs if e != f]
    return _locate(seed, bad, runner) if locate else bad


def _locate(seed: int, bad: list[Difference], runner: Runner) -> list[Difference]:
    """Halve the range between a prefix that agrees and one that does not, for all at a time."""
    low = {d.sequence.number: 0 for d in bad}
    high = {d.sequence.number: d.item + 1 for d in bad}
    latest = {d.sequence.number: (d.expected, d.found) for d in bad}
    before: dict[int, bytes] = {}
    while True:
        open_ones = [
            d.sequence for d in bad if high[d.sequence.number] - low[d.sequence.number] > 1
        ]
        if not open_ones:
            break
        middle = {s.number: (low[s.number] + high[s.number]) // 2 for s in open_ones}
        answers = zip(
            open_ones,
            run(qemu, seed, open_ones, middle),
            run(runner, seed, open_ones, middle),
            strict=True,
        )
        for sequence, expected, found in answers:
            number = sequence.number
            if expected == found:
                low[number], before[number] = middle[number], expected
            else:
                high[number], latest[number] = middle[number], (expected, found)
    return [
        Difference(
            d.sequence,
            high[d.sequence.number] - 1,
            before.get(d.sequence.number, b""),
            *latest[d.sequence.number],
        )
        for d in bad
    ]


def instructions(sequence: RandomSequence, item: int) -> Iterator[str]:
    """The instructions of one item of a sequence, a line each."""
    begin, thumb = 0, bool(sequence.start.status & 0x20)
    if item:
        begin, thumb = sequence.places[item - 1].offset, sequence.places[item - 1].thumb
    code = sequence.code[begin : sequence.places[item].offset]
    step = 2 if thumb else 4
    for offset in range(0, len(code) - step + 1, step):
        (word,) = struct.unpack_from("<H" if thumb else "<I", code, offset)
        address = slot_address(sequence.number) + begin + offset
        yield f"0x{address:08x}: {describe_instruction(word, address, thumb=thumb)}"


def report(difference: Difference) -> Iterator[str]:
    """Lines for people: the item, and what it left on both sides, beside what was before."""
    sequence = difference.sequence
    place = sequence.places[difference.item]
    yield (
        f"sequence {sequence.number} ({sequence.kind.value}), item {difference.item + 1} of "
        f"{len(sequence.places)} ({place.name}):"
    )
    yield from (f"    {line}" for line in instructions(sequence, difference.item))
    if not difference.expected or not difference.found:
        side = "our machine" if difference.expected else "QEMU"
        yield f"    {side} does not come to the end"
        return
    before = describe_record(difference.before) if difference.before else {}
    expected = describe_record(difference.expected)
    found = describe_record(difference.found)
    for name in expected:
        if expected[name] != found[name]:
            was = f", before {before[name]}" if name in before else ""
            yield f"    {name}: QEMU {expected[name]}, ours {found[name]}{was}"
    for name in ("cpsr", "fpscr"):
        if name in before:
            yield f"    ({name} before: {before[name]})"
