# SPDX-License-Identifier: BSD-2-Clause
"""Descriptions as written: the text, its clauses with their places, and mistakes shown in place.

The grammar is in `grammar.lark`. What the clauses mean is for `kernel.policy.language` to say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from sel4emu.errors import InputError

if TYPE_CHECKING:
    from lark import Lark, Token

#: Columns of a long line that are shown, and how many of them before a mistake.
_SHOWN: Final = 100
_SHOWN_BEFORE: Final = 70
_MARGIN: Final = "    "

_CLAUSES: Final = ("text", "data", "resource", "comm", "notify", "image", "device", "priority")
#: What each token of the grammar is in a sentence; clauses are told together.
_PHRASES: Final = {
    "STRING": "a name in quotation marks",
    "NAME": "a name",
    "NUMBER": "a number",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "SEMICOLON": "';'",
    "TO": "'to'",
    "THIS": "'this'",
    "_ARROW": "'->'",
    "$END": "the end of the file",
}
_SUBSYSTEM: Final = "a subsystem, its name in quotation marks"
#: Characters of a wrong word that a sentence repeats.
_SHOWN_WORD: Final = 40


class DescriptionError(InputError):
    """A mistake in a description: the sentence, and the line with a caret under the place."""

    def __init__(self, sentence: str, excerpt: str) -> None:
        super().__init__(sentence)
        self.excerpt = excerpt


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text: a string without its quotation marks, or a token as written.

    `line` and `column` count from 1, `column` in characters.
    """

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its keyword, and the names, numbers or strings that stand in it."""

    keyword: Word
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The description of one subsystem as written."""

    name: Word
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Source:
    """A text to be read; `file` is its name in sentences."""

    file: str
    text: str

    def mistake(self, place: Word, reason: str) -> DescriptionError:
        """The error for a place, ready to be raised."""
        sentence = f"{self.file}, line {place.line}, column {place.column}: {reason}"
        return DescriptionError(sentence, self._excerpt(place))

    def _excerpt(self, place: Word) -> str:
        """The line, printable and not too long, and a caret below; nothing for an empty line."""
        lines = self.text.split("\n")
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        at = place.column - 1
        start = max(0, at - _SHOWN_BEFORE)
        before = _printable(line[start:at].ljust(at - start))
        after = _printable(line[at : start + _SHOWN]).rstrip()
        if not (before + after).strip():
            return ""
        return f"{_MARGIN}{before}{after}\n{_MARGIN}{' ' * len(before)}^"


def _printable(text: str) -> str:
    """One column for each character; a tab is a space, so that the caret stands right."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text
    )


@cache
def _parser() -> "Lark":
    try:
        from lark import Lark  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise InputError(
            "descriptions are read with lark, which is not installed: pip install 'sel4emu[model]'"
        ) from None
    grammar = resources.files("kernel.policy").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=False)


def parse(source: Source) -> tuple[Block, ...]:
    """The blocks of a description in their order. Raises DescriptionError at the first mistake."""
    parser = _parser()
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken  # noqa: PLC0415

    if not source.text.strip():
        raise source.mistake(Word("", 1, 1), f"the file is empty: expected {_SUBSYSTEM}")
    session = parser.parse_interactive(source.text)
    seen: list[Token] = []
    try:
        # One by one, because the words before a mistake are needed to describe it.
        for token in session.iter_parse():
            seen.append(token)  # noqa: PERF402 - kept when an iteration raises
        tree = session.feed_eof(seen[-1] if seen else None)  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        unread = error.token
        if not seen or seen[-1] is not unread:
            seen.append(unread)
        raise _unexpected(source, seen, error.accepts or error.expected) from None
    except UnexpectedCharacters as error:
        place = Word(error.char, error.line, error.column)
        raise _unknown_character(source, seen, place, error.allowed or set()) from None
    return tuple(_block(node) for node in tree.children)


def _expected(tokens: Iterable[str], before: "Token | None") -> str:
    """What may stand in a place, as part of a sentence; `before` is the word in front of it."""
    names = set(tokens)
    # A string behind a semicolon can only be the name of the next subsystem.
    if before is None or (before.type == "SEMICOLON" and "STRING" in names):
        return _SUBSYSTEM
    if before.type == "IMAGE":
        return "a file name in quotation marks"
    clauses = [word for word in _CLAUSES if word.upper() in names]
    phrases = [phrase for name, phrase in _PHRASES.items() if name in names]
    if clauses:
        phrases.insert(0, f"a clause ({', '.join(clauses)})")
    return " or ".join(phrases)


def shown(text: str) -> str:
    """A word of the text as a sentence repeats it."""
    return text if len(text) <= _SHOWN_WORD else text[:_SHOWN_WORD] + "..."


def _behind(token: "Token") -> Word:
    """The place behind a word: where something is missing that belongs to it."""
    return Word("", token.end_line or 1, token.end_column or 1)


def _unexpected(source: Source, seen: list["Token"], expected: Iterable[str]) -> DescriptionError:
    """A token that the grammar does not allow; `seen` ends with it."""
    token = seen[-1]
    before = seen[-2] if len(seen) > 1 else None
    names = set(expected)
    is_end = token.type == "$END"
    if before is None:
        place = Word("", 1, 1) if is_end else _word(token)
        found = "the file has no subsystem: " if is_end else ""
        tail = "" if is_end else f", not '{shown(token)}'"
        return source.mistake(place, f"{found}expected {_expected(names, None)}{tail}")
    if is_end or names == {"SEMICOLON"}:
        tail = ", but the file ends" if is_end else ""
        reason = f"expected {_expected(names, before)} after '{shown(before)}'{tail}"
        return source.mistake(_behind(before), reason)
    reason = f"expected {_expected(names, before)}, not '{shown(token)}'"
    return source.mistake(_word(token), reason)


def _unknown_character(
    source: Source, seen: list["Token"], place: Word, expected: Iterable[str]
) -> DescriptionError:
    rest = source.text.split("\n")[place.line - 1][place.column - 1 :]
    if rest.startswith('"'):
        return source.mistake(place, "the string has no end: expected '\"' on the same line")
    if rest.startswith("/*"):
        return source.mistake(place, "the comment has no end: expected '*/'")
    names = set(expected)
    before = seen[-1] if seen else None
    if names == {"SEMICOLON"} and before is not None:
        return source.mistake(_behind(before), f"expected ';' after '{shown(before)}'")
    char = place.text if place.text.isprintable() else f"U+{ord(place.text):04X}"
    return source.mistake(place, f"expected {_expected(names, before)}, not '{char}'")


def _block(node: Any) -> Block:
    name, *clauses = node.children
    return Block(_word(name), tuple(_clause(clause) for clause in clauses))


def _clause(node: Any) -> Clause:
    keyword, *values = node.children
    return Clause(_word(keyword), tuple(_word(value) for value in values))


def _word(token: "Token") -> Word:
    text = str(token)
    if token.type == "STRING":
        text = text[1:-1]
    return Word(text, token.line or 1, token.column or 1)
