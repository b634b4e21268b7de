# SPDX-License-Identifier: BSD-2-Clause
"""`python -m oracle [NAMES]`: run the programs on QEMU and on our machine, and compare.

Fails (status 1) if a field differs that `oracle/differences.toml` does not list, if a listed one
no longer differs, or if QEMU's answers are not those that are kept. `--record` keeps them.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from oracle.fields import Fields, differing, fields_of, shown
from oracle.golden import (
    Golden,
    Known,
    complaints,
    golden_path,
    known_differences,
    read_golden,
    write_golden,
)
from oracle.ours import VARIANTS, run_variants
from oracle.program import REGIONS, Program, load_program, names
from oracle.qemu import qemu_version, run_on_qemu
from sel4emu.errors import InputError

#: QEMUs that run at the same time.
_WORKERS = 2


def arguments(values: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs (default: all)")
    parser.add_argument("--record", action="store_true", help="keep QEMU's answers")
    parser.add_argument("--list", action="store_true", help="list the programs and end")
    parser.add_argument("--show", action="store_true", help="print every field of QEMU's answer")
    return parser.parse_args(values)


def ask_qemu(programs: Sequence[Program]) -> list[Fields]:
    """QEMU's answer to each program."""

    def ask(program: Program) -> Fields:
        return fields_of(run_on_qemu(program.image, regions=REGIONS, typed=program.typed))

    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(ask, programs))


def compare(program: Program, expected: Fields, known: Sequence[Known]) -> Iterator[str]:
    """A sentence for each thing in which our machine is not as it should be."""
    for variant, outcome in run_variants(program):
        for complaint in complaints(expected, fields_of(outcome), known):
            yield f"{variant}: {complaint}"
        if outcome.detail:
            yield f"{variant}: {outcome.detail}"


def out_of_date(program: Program, answer: Golden) -> Iterator[str]:
    """What the kept answers say differently from those that QEMU has just given."""
    if not golden_path(program.name).exists():
        yield "no answers are kept: run `python -m oracle --record`"
        return
    kept = read_golden(program.name)
    if kept.digest != answer.digest:
        yield "the kept answers are of another version of this program"
    for name in differing(kept.fields, answer.fields):
        yield (
            f"{name}: kept {shown(kept.fields.get(name))} of QEMU {kept.version}, "
            f"now {shown(answer.fields.get(name))} of QEMU {answer.version}"
        )


def check(program: Program, answer: Golden, known: Sequence[Known], *, record: bool) -> list[str]:
    """Everything that is wrong with one program."""
    if record:
        write_golden(program.name, answer)
    return [*compare(program, answer.fields, known), *out_of_date(program, answer)]


def report(program: Program, answer: Golden, found: Sequence[str], *, show: bool) -> None:
    """Print what became of one program."""
    if show:
        for name, value in answer.fields.items():
            print(f"  {name} = {shown(value)}")
    print(f"{program.name:32} {'differs' if found else 'same'} ({len(answer.fields)} fields)")
    for complaint in found:
        print(f"    {complaint}")


def compare_all(programs: Sequence[Program], *, record: bool, show: bool) -> int:
    """Run every program on both machines; how many differ."""
    version = qemu_version()
    known = known_differences()
    wrong = 0
    for program, fields in zip(programs, ask_qemu(programs), strict=True):
        answer = Golden(version, program.digest, fields)
        found = check(program, answer, known.get(program.name, ()), record=record)
        report(program, answer, found, show=show)
        wrong += bool(found)
    variants = "; ".join(f"timing {timing}, {revision}" for timing, revision in VARIANTS)
    listed = sum(len(known.get(program.name, ())) for program in programs)
    print(f"{len(programs)} programs on QEMU {version} and on ours ({variants}):")
    print(f"{wrong} differ; {listed} differences are known, see oracle/differences.toml")
    return wrong


def main(values: Sequence[str] | None = None) -> int:
    """The status of the process."""
    chosen = arguments(values)
    try:
        programs = [load_program(name) for name in chosen.names or names()]
        if not chosen.list:
            return 1 if compare_all(programs, record=chosen.record, show=chosen.show) else 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for program in programs:
        print(f"{program.name:32} {program.summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
