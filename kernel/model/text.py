# SPDX-License-Identifier: BSD-2-Clause
"""States and operations as text: for people, for files, and for the extracted Coq model.

Rights are letters of `RWGC`, or `-` for none. A state is a line `entities N`, then one capability a
line as `HOLDER TARGET RIGHTS`. An operation is its name and its arguments, a capability being two
words, as in `grant 0 1 RWGC 2 RWGC W`: entity 0 gives entity 1 a copy of its capability to 2.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from itertools import accumulate
from typing import Final

from kernel.model.operations import (
    Operation,
    SysCreate,
    SysGrant,
    SysNoOp,
    SysRead,
    SysRemove,
    SysRevoke,
    SysWrite,
)
from kernel.model.state import NO_RIGHTS, Capability, Right, State

LETTERS: Final = {
    "R": Right.READ,
    "W": Right.WRITE,
    "G": Right.GRANT,
    "C": Right.CREATE,
}

#: Each operation's word, and its arguments: an entity, capabilities, a set of rights.
OPERATIONS: Final[dict[str, tuple[Callable[..., Operation], str]]] = {
    "noop": (SysNoOp, "e"),
    "read": (SysRead, "ec"),
    "write": (SysWrite, "ec"),
    "create": (SysCreate, "ecc"),
    "grant": (SysGrant, "eccR"),
    "remove": (SysRemove, "ecc"),
    "revoke": (SysRevoke, "ec"),
}
NAMES: Final[dict[object, str]] = {kind: name for name, (kind, _) in OPERATIONS.items()}
WORDS_OF: Final = {"e": 1, "c": 2, "R": 1}


def rights_text(rights: Right) -> str:
    return "".join(letter for letter, right in LETTERS.items() if right & rights) or "-"


def parse_rights(word: str) -> Right:
    """The rights of a word like `RG` or `-`; `ValueError` if it is none."""
    if word == "-":
        return NO_RIGHTS
    rights = NO_RIGHTS
    for letter in word:
        if letter not in LETTERS:
            raise ValueError(f"`{word}` is no set of rights: letters of RWGC, or - for none")
        rights |= LETTERS[letter]
    return rights


def cap_text(c: Capability) -> str:
    return f"{c.entity} {rights_text(c.rights)}"


def in_order(s: State) -> Iterator[tuple[int, Capability]]:
    """The capabilities with their holders, in one order for equal states."""
    return iter(sorted(s.all_caps(), key=lambda at: (at[0], at[1].entity, at[1].rights.value)))


def state_lines(s: State) -> Iterator[str]:
    yield f"entities {s.next_id}"
    for holder, c in in_order(s):
        yield f"{holder} {cap_text(c)}"


def argument_text(argument: object) -> str:
    match argument:
        case Capability():
            return cap_text(argument)
        case Right():
            return rights_text(argument)
        case _:
            return str(argument)


def operation_text(a: Operation) -> str:
    arguments = (argument_text(getattr(a, field.name)) for field in fields(a))
    return " ".join([NAMES[type(a)], *arguments])


def parse_cap(entity: str, rights: str) -> Capability:
    return Capability(int(entity), parse_rights(rights))


def parse_argument(kind: str, words: Sequence[str]) -> object:
    match kind:
        case "c":
            return parse_cap(words[0], words[1])
        case "R":
            return parse_rights(words[0])
        case _:
            return int(words[0])


def parse_operation(line: str) -> Operation:
    """The operation that `operation_text` writes so; `ValueError` if there is none."""
    name, *words = line.split()
    if name not in OPERATIONS:
        raise ValueError(f"`{name}` is no operation: expected one of {', '.join(OPERATIONS)}")
    operation, kinds = OPERATIONS[name]
    starts = [0, *accumulate(WORDS_OF[kind] for kind in kinds)]
    if len(words) != starts[-1]:
        raise ValueError(f"`{name}` takes {starts[-1]} words, not {len(words)}: `{line}`")
    return operation(
        *(parse_argument(kind, words[at:]) for kind, at in zip(kinds, starts, strict=False))
    )


def parse_state(lines: Sequence[str]) -> State:
    """The state that `state_lines` writes so."""
    heap: dict[int, list[Capability]] = {}
    for line in lines[1:]:
        holder, entity, rights = line.split()
        heap.setdefault(int(holder), []).append(parse_cap(entity, rights))
    return State.of(heap, int(lines[0].removeprefix("entities ")))
