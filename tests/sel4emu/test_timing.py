# SPDX-License-Identifier: BSD-2-Clause
"""The levels of timing, and the parameters of the cycle model: the board's, and every mistake."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.native.parameters import Parameter
from sel4emu.timing import (
    CONFIDENCES,
    TIMING_LEVELS,
    TimingParameters,
    load_timing,
    parse_timing,
)

FILE: Final = "t.toml"
BOARD: Final = resources.files("boards") / "kzm_arm11"
TEXT: Final = (BOARD / "timing.toml").read_text(encoding="utf-8")
FOLDED: Final = 'folded = { value = 0, unit = "cycles", confidence = "verified", source = '

#: what is replaced, by what, and what the sentence says behind the file's name
MISTAKES: Final = {
    "unknown section": ("[branch]", "[x]\ny = 1\n[branch]", "x.y: expected no parameter of"),
    "unknown parameter": ("\nfolded =", "\nfold =", "branch.fold: expected no parameter of this"),
    "key outside of sections": ("\n[instruction]", "\nbeat = 4\n[instruction]", "beat: expected a"),
    "section that is none": ("[branch]", "[[branch]]", "branch: expected a table of parameters"),
    "number alone": (FOLDED, "folded = 0 #", "branch.folded: expected a table of value, unit"),
    "unknown key": (FOLDED, f"{FOLDED[:11]} x = 1, {FOLDED[11:]}", "expected no key but value,"),
    "missing value": ("value = 0, ", "", "branch.folded: expected an integer as value, but the"),
    "missing unit": (', unit = "cycles"', "", "expected a string that is not empty as unit, but"),
    "float": ("value = 26,", "value = 26.0,", "l2.hit: expected an integer as value, not 26.0"),
    "bool": ("value = 26,", "value = true,", "l2.hit: expected an integer as value, not True"),
    "text": ("value = 26,", 'value = "26",', "l2.hit: expected an integer as value, not '26'"),
    "array": ("value = 26,", "value = [26],", "l2.hit: expected an integer as value, not an array"),
    "empty unit": ('unit = "entries"', 'unit = ""', "tlb.micro_entries: expected a string that"),
    "empty source": (
        'source = "32 bytes at 1064 MB/s"',
        'source = ""',
        "sdram.line_write: expected",
    ),
    "other unit": ('unit = "entries"', 'unit = "lines"', "the unit 'entries', not 'lines'"),
    "no cycles": ('unit = "doublewords"', 'unit = "cycles"', "the unit 'doublewords', not 'cyc"),
    "unsure": ('"assumed"', '"guessed"', "the confidence verified or recalled or assumed, not 'gu"),
    "negative": (
        "value = 0,",
        "value = -1,",
        "branch.folded: expected a value from 0 to 10000, no",
    ),
    "huge": ("value = 96,", "value = 10_001,", "expected a value from 1 to 10000, not 10001"),
    "absurd": ("value = 96,", f"value = 0x{'f' * 6000},", "to 10000, not a number of 24000 bits"),
    "endless": ("value = 96,", f"value = {'9' * 6000},", "expected a TOML document: "),
    "mispredictions": ("value = 7,", "value = 4,", "branch.mispredict_min: expected at most the v"),
    "hit below load": (
        "value = 26,",
        "value = 2,",
        "load_store.load_latency: expected at most the",
    ),
    "memory below hit": (
        "value = 96,",
        "value = 25,",
        "l2.hit: expected at most the value of sdram",
    ),
    "not TOML": ("[branch]", "[branch", "expected a TOML document: "),
}


def _with(name: str, value: object) -> str:
    """The board's file with one value in place of another."""
    section, _, key = name.partition(".")
    head, found, rest = TEXT.partition(f"[{section}]")
    before, also_found, behind = rest.partition(f"\n{key} = {{ value = ")
    assert found and also_found
    return f"{head}{found}{before}{also_found}{value},{behind.partition(',')[2]}"


@pytest.fixture(scope="session")
def parameters() -> TimingParameters:
    """The board's parameters."""
    return load_timing("kzm_arm11")


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[str], str]:
    """The sentence with which a timing file is refused, behind its name."""

    def load(text: str) -> str:
        path = tmp_path / FILE
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            load_timing(timing_file=str(path))
        sentence = str(caught.value)
        assert sentence.startswith(f"{path}: ") and "\n" not in sentence
        return sentence.removeprefix(f"{path}: ")

    return load


# Levels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", TIMING_LEVELS)
def test_every_level_makes_a_machine(level: str) -> None:
    """A machine of each level that is on offer can be built, and knows its level."""
    assert Machine.from_board(timing=level).cpu.timing == level


@pytest.mark.parametrize("level", ["", "x", "Full", "count"])
def test_unknown_level_is_the_users_mistake(level: str) -> None:
    """Another level is refused with a sentence that lists those that there are."""
    with pytest.raises(InputError) as caught:
        Machine.from_board(timing=level)
    assert all(f'"{known}"' in str(caught.value) for known in (*TIMING_LEVELS, level))


# Parameters ---------------------------------------------------------------------------------


def test_values_are_those_of_the_file(parameters: TimingParameters) -> None:
    """Each value is at the place of its parameter, and under its section and key."""
    assert len(parameters.values) == len(parameters.entries) == len(Parameter)
    for parameter in Parameter:
        name = f"{parameter.section}.{parameter.key}"
        assert parameters.values[parameter] == parameters[name] == parameters.entries[name].value
    assert (parameters["l2.hit"], parameters["sdram.latency_behind_l2"]) == (26, 96)
    assert (parameters["branch.folded"], parameters["branch.mispredict_max"]) == (0, 7)


def test_every_value_has_its_source(parameters: TimingParameters) -> None:
    """Unit, source and confidence are kept for reports."""
    hit = parameters.entries["l2.hit"]
    assert (hit.unit, hit.confidence) == ("cycles", "recalled") and "EuroSys 2012" in hit.source
    assert parameters.entries["write_buffer.entries"].unit == "doublewords"
    assert all(entry.source for entry in parameters.entries.values())
    assert {entry.confidence for entry in parameters.entries.values()} == set(CONFIDENCES)


def test_parameters_cannot_change(parameters: TimingParameters) -> None:
    """A machine that has read its parameters cannot find others later."""
    with pytest.raises(FrozenInstanceError):
        parameters.entries["l2.hit"].value = 1  # type: ignore[misc]
    with pytest.raises(KeyError):
        parameters["l2.nothing"]


def test_a_file_in_place_of_the_boards(tmp_path: Path) -> None:
    """A file that is given counts, whatever the board."""
    path = tmp_path / "mine.toml"
    path.write_text(_with("l2.hit", 27))
    assert load_timing("kzm_arm11", str(path))["l2.hit"] == 27
    assert load_timing("kzm_arm11", str(path)).file == str(path)


def test_the_file_beside_a_board_file(tmp_path: Path) -> None:
    """A board file has its own parameters beside it, or those of the KZM-ARM11."""
    board = str(tmp_path / "board.toml")
    assert load_timing(board) == load_timing()
    (tmp_path / "timing.toml").write_text(_with("tlb.micro_entries", 9))
    assert load_timing(board)["tlb.micro_entries"] == 9


def test_unknown_board() -> None:
    """A board that does not exist has no parameters."""
    with pytest.raises(InputError, match=r"no board 'kzm'; expected one of: .*kzm_arm11"):
        load_timing("kzm")


@pytest.mark.parametrize("name", ["", "none.toml", "/", "x" * 5000, "a\0b"])
def test_no_file(name: str) -> None:
    """A name behind which there is no regular file is refused."""
    with pytest.raises(InputError, match="expected a timing file, but this is no regular file"):
        load_timing(timing_file=name)


def test_no_text(tmp_path: Path) -> None:
    """Bytes that are no text are refused with the file's name."""
    path = tmp_path / FILE
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"t\.toml: expected a readable text file"):
        load_timing(timing_file=str(path))


# Mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named(refusal: Callable[[str], str], mistake: str) -> None:
    """Each mistake makes one sentence with the file, the parameter and what was expected."""
    old, new, expected = MISTAKES[mistake]
    assert old in TEXT
    assert expected in refusal(TEXT.replace(old, new))


@given(st.integers(0, len(TEXT) - 1), st.text(max_size=3), st.integers(0, 5))
def test_damaged_file_never_raises_anything_else(place: int, text: str, removed: int) -> None:
    """Whatever is typed into a timing file, it is read or refused with a sentence."""
    damaged = TEXT[:place] + text + TEXT[place + removed :]
    parameters, sentence = None, f"{FILE}: "
    try:
        parameters = parse_timing(damaged, FILE)
    except InputError as error:
        sentence = str(error)
    assert sentence.startswith(f"{FILE}: ")
    assert parameters is None or len(parameters.values) == len(Parameter)


@pytest.mark.parametrize("parameter", Parameter)
def test_each_parameter_is_needed(parameter: Parameter) -> None:
    """Without its line, each parameter is named as missing."""
    head, _, rest = TEXT.partition(f"[{parameter.section}]")
    before, _, behind = rest.partition(f"\n{parameter.key} = ")
    _, _, following = behind.partition("\n")
    text = f"{head}[{parameter.section}]{before}\n{following}"
    name = f"{parameter.section}.{parameter.key}"
    with pytest.raises(InputError, match=f"t.toml: {name}: expected .* parameter is missing"):
        parse_timing(text, FILE)


@pytest.mark.parametrize("parameter", Parameter)
@pytest.mark.parametrize("value", [-1, 10_001])
def test_each_parameter_is_checked(parameter: Parameter, value: int) -> None:
    """A value that no chip has is refused for each parameter, by its name."""
    name = f"{parameter.section}.{parameter.key}"
    with pytest.raises(InputError, match=f"t.toml: {name}: expected a value from . to .*{value}"):
        parse_timing(_with(name, value), FILE)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("instruction.alu_issue", 1, 60),
        ("instruction.alu_latency", 1, 60),
        ("instruction.early", 0, 60),
        ("load_store.load_latency", 1, 26),
        ("load_store.slow_address", 0, 60),
        ("branch.folded", 0, 10_000),
        ("branch.predicted", 1, 10_000),
        ("branch.mispredict_min", 1, 7),
        ("branch.mispredict_max", 5, 10_000),
        ("exception.entry", 1, 10_000),
        ("system.dsb", 0, 10_000),
        ("l2.hit", 3, 96),
        ("sdram.latency", 3, 10_000),
        ("write_buffer.entries", 1, 16),
        ("tlb.micro_entries", 1, 10),
        ("device.read", 0, 10_000),
        ("vfp.divide_double_latency", 1, 60),
    ],
)
def test_range(name: str, least: int, most: int) -> None:
    """Both ends of a range are allowed, and nothing beyond; some depend on other parameters."""
    for value in (least, most):
        assert parse_timing(_with(name, value), FILE)[name] == value
    for value in (least - 1, most + 1):
        with pytest.raises(InputError, match=name):
            parse_timing(_with(name, value), FILE)


def test_an_unknown_section_is_refused_even_if_empty() -> None:
    """Nothing in a timing file is passed over in silence."""
    text = (resources.files("boards") / "kzm_arm11" / "timing.toml").read_text()
    with pytest.raises(InputError, match=r"t\.toml: .*extra.*no section of this name"):
        parse_timing(text + "\n[extra]\n", "t.toml")


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    """A sparse file of gigabytes costs one sentence, no memory."""
    huge = tmp_path / "t.toml"
    with huge.open("wb") as file:
        file.truncate(8 << 30)
    with pytest.raises(InputError, match="at most 16 MB"):
        load_timing(timing_file=str(huge))
