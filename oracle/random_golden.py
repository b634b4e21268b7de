# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's answers to the random sequences, kept as one digest for each.

`oracle/golden/random.txt` begins with the version of the generator, that of QEMU and the seed;
then follow the digests of all sequences in order, five to a line.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oracle.random_sequence import VERSION
from sel4emu.errors import InputError

#: What the golden answers are for.
SEED: Final = 1136
COUNT: Final = 1500
PATH: Final = Path(__file__).parent / "golden" / "random.txt"
_DIGITS: Final = 16
_TO_A_LINE: Final = 5
_HEADER: Final = ("generator", "qemu", "seed")


@dataclass(frozen=True, slots=True)
class RandomGolden:
    """The answers: of which generator and QEMU, to which seed, and a digest for each sequence."""

    version: int
    qemu: str
    seed: int
    digests: tuple[str, ...]


def digest(record: bytes) -> str:
    """What is kept of a record."""
    return hashlib.sha256(record).hexdigest()[:_DIGITS]


def write_random_golden(golden: RandomGolden) -> None:
    """Keep the answers."""
    values = (golden.version, golden.qemu, golden.seed)
    header = [f"{key} {value}" for key, value in zip(_HEADER, values, strict=True)]
    starts = range(0, len(golden.digests), _TO_A_LINE)
    rows = [" ".join(golden.digests[start : start + _TO_A_LINE]) for start in starts]
    PATH.write_text("\n".join((*header, *rows)) + "\n", encoding="utf-8")


def read_random_golden() -> RandomGolden:
    """The kept answers; InputError where they are of another generator."""
    lines = PATH.read_text(encoding="utf-8").splitlines()
    values = dict(line.split(" ", 1) for line in lines[: len(_HEADER)])
    digests = tuple(word for line in lines[len(_HEADER) :] for word in line.split())
    golden = RandomGolden(int(values["generator"]), values["qemu"], int(values["seed"]), digests)
    if golden.version != VERSION:
        raise InputError(
            f"{PATH.name}: made by version {golden.version} of the generator, expected that of "
            f"version {VERSION} (`python -m oracle.random_run --record`)"
        )
    return golden


def complaints(golden: RandomGolden, records: Sequence[bytes]) -> Iterator[str]:
    """A sentence for each sequence whose record is not the one that is kept."""
    for number, (kept, record) in enumerate(zip(golden.digests, records, strict=True)):
        if digest(record) != kept:
            yield f"sequence {number} of seed {golden.seed}: {digest(record)}, expected {kept}"
