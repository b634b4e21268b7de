# SPDX-License-Identifier: BSD-2-Clause
"""`python -m oracle.random_run`: random instruction sequences on QEMU and on our machine.

Without arguments it runs those of the golden answers, at both levels, and checks that the answers
kept are those that QEMU gives. `--record` keeps them. Another seed is an experiment: nothing
is kept. The status is 1 if anything differs.
"""

import argparse
import sys
from collections.abc import Sequence

from oracle.qemu import qemu_version
from oracle.random_compare import differences, ours, qemu, report, run
from oracle.random_golden import (
    COUNT,
    SEED,
    RandomGolden,
    complaints,
    digest,
    read_random_golden,
    write_random_golden,
)
from oracle.random_sequence import VERSION, make_sequence
from oracle.random_sequence import Sequence as RandomSequence
from sel4emu.errors import InputError
from sel4emu.timing import TIMING_LEVELS

#: Differences that are shown in full, and sequences in one image.
_SHOWN = 20
_IMAGE = 2000


def arguments(values: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m oracle.random_run", description=__doc__)
    parser.add_argument("--record", action="store_true", help="keep QEMU's answers")
    parser.add_argument("--seed", type=int, default=SEED, help=f"(default: {SEED})")
    parser.add_argument("--count", type=int, default=COUNT, help="sequences to be run")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--sequence", type=int, help="run this one only")
    parser.add_argument("--shown", type=int, default=_SHOWN, help="differences shown in full")
    parser.add_argument("--timing", choices=TIMING_LEVELS, help="this level only")
    return parser.parse_args(values)


def compare(seed: int, numbers: range, level: str, shown: int) -> int:
    """Run the sequences with those numbers on both, and print where they differ; how many do."""
    wrong = 0
    for first in range(numbers.start, numbers.stop, _IMAGE):
        part = range(first, min(numbers.stop, first + _IMAGE))
        found = differences(seed, [make_sequence(seed, n) for n in part], ours(level))
        for difference in found[: max(0, shown - wrong)]:
            print("\n".join(report(difference)))
        wrong += len(found)
    print(f"seed {seed}, {len(numbers)} sequences at timing {level}: {wrong} differ")
    return wrong


def record() -> None:
    """Keep QEMU's answers."""
    sequences = [make_sequence(SEED, number) for number in range(COUNT)]
    digests = tuple(digest(one) for one in run(qemu, SEED, sequences))
    write_random_golden(RandomGolden(VERSION, qemu_version(), SEED, digests))


def out_of_date(sequences: Sequence[RandomSequence]) -> list[str]:
    """How the kept answers differ from those that QEMU gives now."""
    return list(complaints(read_random_golden(), run(qemu, SEED, sequences)))


def main(values: Sequence[str] | None = None) -> int:
    """The status of the process."""
    chosen = arguments(values)
    if chosen.record:
        record()
    numbers = range(chosen.first, chosen.first + chosen.count)
    if chosen.sequence is not None:
        numbers = range(chosen.sequence, chosen.sequence + 1)
    levels = (chosen.timing,) if chosen.timing else TIMING_LEVELS
    wrong = sum(compare(chosen.seed, numbers, level, chosen.shown) for level in levels)
    if chosen.seed == SEED and numbers == range(COUNT):
        stale = out_of_date([make_sequence(SEED, number) for number in numbers])
        for complaint in stale[:_SHOWN]:
            print(f"the kept answers are not QEMU's: {complaint}")
        wrong += len(stale)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"error: {error}")
