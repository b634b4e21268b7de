# SPDX-License-Identifier: BSD-2-Clause
"""Descriptions as written: what is read, and how mistakes are shown."""

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType

import pytest

from kernel.policy import syntax
from kernel.policy.syntax import DescriptionError, Source, Word, parse
from sel4emu.errors import InputError

THESIS = """\
"ss1" {
text { 1024 to 4096 };
data { 4096 to 5120 };
resource { 4 };
comm { this → ss2 };
};
"""


def shapes(text: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Names, clauses and values without places."""
    return [
        (
            block.name.text,
            [(c.keyword.text, [value.text for value in c.values]) for c in block.clauses],
        )
        for block in parse(Source("a.spec", text))
    ]


def test_the_thesis_s_block_is_read() -> None:
    """The printed form, with its arrow."""
    clauses = [
        ("text", ["1024", "4096"]), ("data", ["4096", "5120"]), ("resource", ["4"]),
        ("comm", ["ss2"]),
    ]  # fmt: skip
    assert shapes(THESIS) == [("ss1", clauses)]


def test_our_clauses_are_read() -> None:
    """image, device, priority and notify; names with or without quotation marks."""
    text = '"a"{image "x y.elf";device uart1;device "gpt";priority 0x10;notify{this->"b"};};'
    assert shapes(text) == [
        (
            "a",
            [
                ("image", ["x y.elf"]), ("device", ["uart1"]), ("device", ["gpt"]),
                ("priority", ["0x10"]), ("notify", ["b"]),
            ],
        )
    ]  # fmt: skip


def test_comments_are_ignored() -> None:
    """Three kinds, anywhere between two words, and with other comments inside."""
    text = '# one " {\n"a" /* two\n // ; */ {// three /*\n};\n/**/ # end'
    assert shapes(text) == [("a", [])]


def test_keywords_may_be_names() -> None:
    """A subsystem may be called as a clause is."""
    text = '"text" { comm { this -> resource }; }; "this" { comm { this->this }; };'
    assert shapes(text) == [
        ("text", [("comm", ["resource"])]),
        ("this", [("comm", ["this"])]),
    ]


def test_places_are_those_of_the_text() -> None:
    """Lines and columns count from 1, a character is a column whatever its bytes."""
    block = parse(Source("a.spec", '/* →\n→ */ "a" {\r\n\tcomm { this → b }; };'))[0]
    assert block.name == Word("a", 2, 6)
    assert block.clauses[0].keyword == Word("comm", 3, 2)
    assert block.clauses[0].values == (Word("b", 3, 16),)


#: (text, line, column, part of the sentence)
MISTAKES = (
    ("", 1, 1, "the file is empty: expected a subsystem"),
    (" \n\n", 1, 1, "the file is empty"),
    ("// nothing\n", 1, 1, "the file has no subsystem: expected a subsystem"),
    ('"a" {\n text { 1 to 2 }\n};', 2, 17, "expected ';' after '}'"),
    ('"a" { }\n"b" { };', 1, 8, "expected ';' after '}'"),
    ('"a" { } @', 1, 8, "expected ';' after '}'"),
    ('"a" { text { 1 to 2 }', 1, 22, "expected ';' after '}', but the file ends"),
    ('"a" {\n', 1, 6, "or '}' after '{', but the file ends"),
    ('"a', 1, 1, "the string has no end"),
    ('"a" { /* };', 1, 7, "the comment has no end"),
    ('"a" { foo { 1 }; };', 1, 7, "expected a clause (text, data, resource, comm,"),
    ('"a" { text { a to 2 }; };', 1, 14, "expected a number, not 'a'"),
    ('"a" { text { 1 to -2 }; };', 1, 19, "expected a number, not '-'"),
    ('"a" { text { 1 2 }; };', 1, 16, "expected 'to', not '2'"),
    ('"a" { comm { b -> c }; };', 1, 14, "expected 'this', not 'b'"),
    ('"a" { comm { this => c }; };', 1, 19, "expected '->', not '='"),
    ('"a" { image x.elf; };', 1, 13, "expected a file name in quotation marks, not 'x.elf'"),
    ("ss0 { };", 1, 1, "expected a subsystem, its name in quotation marks, not 'ss0'"),
    ('"a" { }; }', 1, 10, "expected a subsystem, its name in quotation marks, not '}'"),
    ("\t“a” { };", 1, 2, "expected a subsystem, its name in quotation marks, not '“'"),
    ('"a" { \x00', 1, 7, "not 'U+0000'"),
)


@pytest.mark.parametrize(("text", "line", "column", "part"), MISTAKES)
def test_mistake(text: str, line: int, column: int, part: str) -> None:
    """A mistake names file, line and column, and what was expected there."""
    with pytest.raises(DescriptionError) as caught:
        parse(Source("a.spec", text))
    assert str(caught.value).startswith(f"a.spec, line {line}, column {column}: ")
    assert part in str(caught.value)


def test_the_caret_stands_under_the_place() -> None:
    """The line is repeated, and the caret is below the first character of what is wrong."""
    with pytest.raises(DescriptionError) as caught:
        parse(Source("a.spec", '"a" {\n\tpriority → 3;\n};'))
    line, caret = caught.value.excerpt.split("\n")
    assert line == "     priority → 3;"
    assert caret.index("^") == line.index("→")


def test_a_long_line_is_cut() -> None:
    """Of a line of 100,000 characters the neighbourhood is shown, of a long word its beginning."""
    with pytest.raises(DescriptionError) as caught:
        parse(Source("a.spec", '"a" {' + " " * 50_000 + "x" * 50_000))
    line, caret = caught.value.excerpt.split("\n")
    assert len(line) <= 104 and line[caret.index("^")] == "x"
    assert len(str(caught.value)) < 250


def test_control_characters_do_not_reach_the_terminal() -> None:
    """An escape sequence in the line is shown as replacement characters."""
    with pytest.raises(DescriptionError) as caught:
        parse(Source("a.spec", '"a" { \x1b[31m'))
    assert "\x1b" not in caught.value.excerpt and "\x1b" not in str(caught.value)


def test_without_lark_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser is an extra: where it is missing the sentence names the command."""
    real = builtins.__import__

    def without_lark(
        name: str,
        scope: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        if name.split(".", maxsplit=1)[0] == "lark":
            raise ImportError(name)
        return real(name, scope, local, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without_lark)
    syntax._parser.cache_clear()
    with pytest.raises(InputError, match=r"pip install 'sel4emu\[model\]'"):
        parse(Source("a.spec", THESIS))
