# SPDX-License-Identifier: BSD-2-Clause
"""Checks the proofs from nothing, and the Python model against what is extracted from them.

`python -m kernel.model.proofs.check` compiles every proof, checks that each numbered statement is
proved with no assumption, prints the table of statements with the seconds that Coq took, extracts
the model to OCaml, runs both models on the generated scenarios, and compares the corpus.
`--recheck` has Coq's independent checker go over the compiled proofs.
`--mutations` also makes each deliberate change of the model and shows that it breaks its proof.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from kernel.model.proofs.agreement import (
    BOUND,
    CORPUS,
    CORPUS_SCENARIOS,
    CORPUS_SEED,
    OPERATIONS_EACH,
    answers,
    corpus_text,
    scenario_lines,
    scenarios,
)
from kernel.model.proofs.coq import (
    DEFINITIONS,
    PROOFS,
    SOURCES,
    Build,
    ProofStops,
    Statement,
    run_tool,
    statements,
)
from kernel.model.proofs.mutations import MUTATIONS, Mutation
from sel4emu.errors import InputError, Sel4EmuError

CLOSED: Final = "Closed under the global context"
NO_AXIOMS: Final = "* Axioms: <none>"
COMMANDS: Final = 100_000
AGREEMENT_SEED: Final = 1
#: Scenarios that go to the extracted model in one run.
BATCH: Final = 500


class CheckFailed(Sel4EmuError):
    """Something that should hold does not: one sentence says what."""


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# The proofs


def assumption_lines(numbered: Sequence[Statement]) -> Iterator[str]:
    """A Coq file that holds each theorem against its statement and prints what it assumes."""
    yield f"From Protection Require Import {' '.join((*DEFINITIONS, *PROOFS))}."
    for each in numbered:
        yield f"Definition checked_{each.name} : Statements.{each.name}_statement := {each.name}."
        yield f'Goal True. idtac "ASSUMPTIONS {each.name}". exact I. Qed.'
        yield f"Print Assumptions checked_{each.name}."


def assumptions(printed: str) -> dict[str, str]:
    """What Coq says about each theorem, by its name."""
    said = {}
    for part in printed.split("ASSUMPTIONS ")[1:]:
        name, *lines = part.splitlines()
        said[name] = " ".join(line.strip() for line in lines if not line.startswith("Chars "))
    return said


def check_proofs(build: Build) -> None:
    """Compiles everything and prints the table; `CheckFailed` at the first gap."""
    started = perf_counter()
    numbered = statements(build.source("Statements").read_text(encoding="ascii"))
    build.compile(*DEFINITIONS, *PROOFS)
    build.write("Assumptions", assumption_lines(numbered))
    said = assumptions(build.compile("Assumptions"))
    for each in numbered:
        if said[each.name] != CLOSED:
            raise CheckFailed(f"{each.title} rests on assumptions: {said[each.name]}")
    say(f"{'number':<11} {'seconds':>7}  statement")
    for each in numbered:
        say(f"{each.title:<11} {build.seconds[each.name]:>7.3f}  {each.text}")
    helpers = sum(build.seconds.values()) - sum(build.seconds[each.name] for each in numbered)
    say(f"{'the rest':<11} {helpers:>7.3f}  definitions, helper lemmas, loading libraries")
    say(f"{len(numbered)} statements proved, none with an assumption; {since(started)}")


def recheck(build: Build) -> None:
    """Has Coq's independent checker go over what was compiled; `CheckFailed` if it objects."""
    started = perf_counter()
    names = [f"Protection.{module}" for module in PROOFS]
    done = run_tool("coqchk", "-silent", "-o", "-Q", ".", "Protection", *names, cwd=build.folder)
    summary = done.stdout + done.stderr
    if done.returncode or NO_AXIOMS not in summary:
        raise CheckFailed(f"coqchk objects: {summary.strip()}")
    say(f"coqchk finds every compiled proof correct and no axiom; {since(started)}")


def since(started: float) -> str:
    return f"{perf_counter() - started:.1f} s"


# The agreement


def build_oracle(build: Build) -> None:
    """Extracts the model and compiles it to the program `oracle` in the folder."""
    build.compile("Extract")
    main = SOURCES / "oracle.ml"
    (build.folder / main.name).write_text(main.read_text(encoding="ascii"), encoding="ascii")
    sources = ("protection.mli", "protection.ml", main.name)
    done = run_tool("ocamlopt", "-o", "oracle", *sources, cwd=build.folder)
    if done.returncode:
        raise CheckFailed(f"the extracted model does not compile: {done.stderr}")


def ask_oracle(build: Build, inputs: Sequence[Sequence[str]]) -> list[str]:
    """What the extracted model prints for scenarios."""
    text = "".join(f"{line}\n" for lines in inputs for line in lines)
    done = run_tool(str(build.folder / "oracle"), str(BOUND), cwd=build.folder, stdin=text)
    if done.returncode:
        raise CheckFailed(f"the extracted model stops: {done.stderr.strip()}")
    return done.stdout.splitlines()


def check_agreement(build: Build, commands: int) -> None:
    """Runs both models on `commands` operations; `CheckFailed` at the first difference."""
    started = perf_counter()
    todo = scenarios(AGREEMENT_SEED, -(-commands // OPERATIONS_EACH))
    legal = 0
    for at in range(0, len(todo), BATCH):
        batch = todo[at : at + BATCH]
        theirs = ask_oracle(build, [list(scenario_lines(each)) for each in batch])
        ours = [line for each in batch for line in answers(each)]
        compare(theirs, ours)
        legal += sum(line.startswith("1 ") for line in theirs)
    total = len(todo) * OPERATIONS_EACH
    say(
        f"{total} operations ({legal} of them legal) in {len(todo)} scenarios: the extracted model"
        f" and the Python model agree on every state and every question; {since(started)}"
    )


def compare(theirs: Sequence[str], ours: Sequence[str]) -> None:
    """`CheckFailed` with the first line on which the models differ."""
    for number, (said, answered) in enumerate(zip_longest(theirs, ours)):
        if said != answered:
            raise CheckFailed(
                f"the models differ in line {number} of their answers:"
                f" the extracted model says `{said}`, the Python model `{answered}`"
            )


def fresh_corpus(build: Build) -> str:
    """The corpus, generated and answered again."""
    inputs = [list(scenario_lines(each)) for each in scenarios(CORPUS_SEED, CORPUS_SCENARIOS)]
    return corpus_text(inputs, [ask_oracle(build, [lines]) for lines in inputs])


def check_corpus(build: Build) -> None:
    """`CheckFailed` unless the kept corpus is what comes out again."""
    if CORPUS.read_text(encoding="ascii") != fresh_corpus(build):
        raise CheckFailed(f"{CORPUS.name} is not what the extracted model answers: --write-corpus")
    say(f"the corpus of {CORPUS_SCENARIOS} scenarios comes out the same again")


# The mutations


def mutate(build: Build, mutation: Mutation) -> None:
    """Makes the change in the folder's copy of the sources."""
    path = build.folder / mutation.file
    text = path.read_text(encoding="ascii")
    assert text.count(mutation.old) == 1, mutation.description
    path.write_text(text.replace(mutation.old, mutation.new), encoding="ascii")


def refutation_lines(mutation: Mutation) -> Iterator[str]:
    yield "From Protection Require Import Refutation."
    yield f"Theorem refuted : ~ {mutation.breaks}_statement."
    yield f"Proof. {mutation.refutation} Qed."


def check_mutation(mutation: Mutation) -> None:
    """`CheckFailed` unless the change makes its statement false and stops the proofs."""
    with TemporaryDirectory() as folder:
        build = Build(Path(folder))
        mutate(build, mutation)
        build.write("Refuted", refutation_lines(mutation))
        build.compile(*DEFINITIONS, "Refutation", "Refuted")
        stop = first_stop(build)
    if stop != mutation.stops_at:
        raise CheckFailed(
            f"with the change `{mutation.description}` the proofs should stop at"
            f" {mutation.stops_at}, but stop at {stop or 'none'}"
        )


def first_stop(build: Build) -> str:
    """The declaration at which the proofs stop; empty if they do not."""
    try:
        build.compile(*PROOFS)
    except ProofStops as stop:
        return stop.declaration
    return ""


def check_mutations() -> None:
    """Tries every deliberate change and prints what each breaks."""
    started = perf_counter()
    for mutation in MUTATIONS:
        check_mutation(mutation)
        say(
            f"{mutation.description}: {mutation.breaks} is refuted,"
            f" the proofs stop at {mutation.stops_at}"
        )
    say(f"{len(MUTATIONS)} changes of the model, each broke what it should; {since(started)}")


# The command


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kernel.model.proofs.check", description=__doc__)
    parser.add_argument("--mutations", action="store_true", help="also try each deliberate change")
    parser.add_argument("--recheck", action="store_true", help="also run Coq's own checker")
    parser.add_argument("--commands", type=int, default=COMMANDS, help="how many to compare")
    parser.add_argument("--write-corpus", action="store_true", help="keep the corpus anew")
    return parser.parse_args(arguments)


def check(options: argparse.Namespace) -> None:
    """Does everything that the options ask for."""
    with TemporaryDirectory() as folder:
        build = Build(Path(folder))
        check_proofs(build)
        if options.recheck:
            recheck(build)
        build_oracle(build)
        if options.write_corpus:
            CORPUS.write_text(fresh_corpus(build), encoding="ascii")
        check_agreement(build, options.commands)
        check_corpus(build)
    if options.mutations:
        check_mutations()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if everything holds, 1 if not, 2 if a tool is missing."""
    try:
        check(parse_arguments(arguments))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (CheckFailed, ProofStops) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
