# SPDX-License-Identifier: BSD-2-Clause
"""The deliberate changes of the model fit the sources as they are."""

import pytest

from kernel.model.proofs.coq import DECLARATION, DEFINITIONS, PROOFS, SOURCES, statements
from kernel.model.proofs.mutations import MUTATIONS, Mutation


def _text(module: str) -> str:
    return (SOURCES / f"{module}.v").read_text(encoding="ascii")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.description)
def test_mutation_fits(mutation: Mutation) -> None:
    """It changes one place of a definition, and names a statement and a declaration that exist."""
    module = mutation.file.removesuffix(".v")
    assert module in DEFINITIONS
    assert _text(module).count(mutation.old) == 1
    assert mutation.new != mutation.old
    assert mutation.breaks in {each.name for each in statements(_text("Statements"))}
    assert mutation.stops_at in {
        name for each in PROOFS for name in DECLARATION.findall(_text(each))
    }


def test_there_are_enough() -> None:
    """At least ten changes, no two the same, against at least ten statements."""
    assert len({(each.old, each.new) for each in MUTATIONS}) == len(MUTATIONS) >= 10
    assert len({each.breaks for each in MUTATIONS}) >= 10
