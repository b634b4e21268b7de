# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy boot`: what it prints and writes, and its exit status."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from kernel.elf import Section, write_elf
from sel4emu.asm import assemble

Invoke = Callable[..., Result]

TWO = """
"a" { text { 0 to 4K }; resource { 1 }; comm { this -> b }; };
"b" { text { 4K to 8K }; resource { 1 }; };
"""
PROGRAM_BASE = 0x0040_0000


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Managers are compiled away from the cache of the person who runs this."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Two subsystems and a channel."""
    path = tmp_path / "two.spec"
    path.write_text(TWO)
    return path


@pytest.fixture
def with_image(tmp_path: Path) -> Callable[[str], Path]:
    """A description of one subsystem that runs a piece of code."""

    def make(source: str) -> Path:
        code = assemble(source, PROGRAM_BASE)
        section = Section(".text", PROGRAM_BASE, code.code, executable=True)
        (tmp_path / "own.elf").write_bytes(write_elf([section], [], PROGRAM_BASE, 0))
        path = tmp_path / "own.spec"
        path.write_text('"own" { image "own.elf"; resource { 1 }; };')
        return path

    return make


def test_a_checked_boot(invoke: Invoke, spec: Path) -> None:
    """The console, then what was compared and watched, then how it ended; status 0."""
    result = invoke("policy", "boot", spec, "--check")
    assert result.exit_code == 0
    assert "b: message of 0 heard" in result.stdout
    assert "compared:   the live state is the promised one" in result.stdout
    assert "no authority gained, no isolation lost" in result.stdout
    assert "end:        rest, status 0" in result.stdout


def test_without_check_it_says_so(invoke: Invoke, spec: Path) -> None:
    """Nobody takes an unchecked run for a checked one."""
    result = invoke("policy", "boot", spec)
    assert result.exit_code == 0
    assert "check:      none (--check asks for one)" in result.stdout


def test_quiet_prints_the_console_only(invoke: Invoke, spec: Path) -> None:
    """No summary with --quiet."""
    result = invoke("policy", "boot", spec, "--check", "--quiet")
    assert result.exit_code == 0
    assert result.stdout.strip().splitlines()[-1].endswith(": done")


def test_json(invoke: Invoke, spec: Path) -> None:
    """The same content for programs, alone on standard output."""
    result = invoke("policy", "boot", spec, "--check", "--json", "-", "--program", "a=smuggler")
    report = json.loads(result.stdout)
    assert report["subsystems"] == ["a", "b"]
    assert report["exit"]["reason"] == "rest"
    assert report["check"]["violations"] == []
    assert report["check"]["manager_left"] is True
    assert report["check"]["kernel_exits"] > 0
    assert "a: passes, amplifies, forges and guesses" in report["console"]
    assert report["cycles"] > 0 and report["timing"] == "off"
    assert "the counter counts instructions" in report["timing_means"]


def test_a_broken_rule_ends_with_1(invoke: Invoke, spec: Path, tmp_path: Path) -> None:
    """The rule is named on standard output and in the report."""
    file = tmp_path / "report.json"
    options = ("--check", "--manager", "others_thread", "--json", file)
    result = invoke("policy", "boot", spec, *options)
    assert result.exit_code == 1
    assert "broken:     R6.60" in result.stdout
    (violation,) = json.loads(file.read_text())["check"]["violations"]
    assert violation == {"rule": "R6.60", "text": "'b' holds the thread of 'a'"}


def test_a_broken_rule_is_told_when_quiet(invoke: Invoke, spec: Path) -> None:
    """Without a summary the rule goes to standard error."""
    result = invoke("policy", "boot", spec, "--check", "--quiet", "--manager", "stays")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("sel4emu: R6.45 (")


def test_a_fault_ends_with_3(invoke: Invoke, with_image: Callable[[str], Path]) -> None:
    """A subsystem that runs into nothing has crashed; it is not at rest."""
    result = invoke("policy", "boot", with_image("_start: ldr r0, [sp]\n"), "--check")
    assert result.exit_code == 3
    assert "page fault" in result.stdout


def test_the_limit_ends_with_4(invoke: Invoke, with_image: Callable[[str], Path]) -> None:
    """A subsystem that never ends runs until the limit."""
    path = with_image("_start: b _start\n")
    result = invoke("policy", "boot", path, "--check", "--max-cycles", "20000000")
    assert result.exit_code == 4
    assert "no authority gained" in result.stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--program", "a"), "expected NAME=PROGRAM with a program of worker"),
        (("--program", "a=thief"), "expected NAME=PROGRAM"),
        (("--program", "z=worker"), "no subsystem 'z': expected one of a, b"),
        (("--manager", "lazy"), "expected one of intact,"),
        (("--max-seconds", "nan"), "positive number of seconds"),
        (("--max-seconds", "-1"), "positive number of seconds"),
        (("--max-cycles", "0"), "not in the range"),
        (("--board", "nowhere"), "nowhere"),
    ],
)
def test_bad_options(invoke: Invoke, spec: Path, options: tuple[str, ...], expected: str) -> None:
    """One sentence that says what was expected, status 2."""
    result = invoke("policy", "boot", spec, *options)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert expected in result.stderr


def test_a_program_for_who_has_an_image(invoke: Invoke, with_image: Callable[[str], Path]) -> None:
    """A subsystem cannot run both its image and a program of the manager."""
    result = invoke("policy", "boot", with_image("_start: b _start\n"), "--program", "own=worker")
    assert result.exit_code == 2
    assert "'own' has an image" in result.stderr


def test_a_mistake_in_the_description(invoke: Invoke, spec: Path) -> None:
    """It is shown in place, as by the other commands."""
    spec.write_text(TWO.replace("this -> b", "this -> d"))
    result = invoke("policy", "boot", spec)
    assert result.exit_code == 2
    assert "^" in result.stderr
