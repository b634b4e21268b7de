# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy check`: reports, files, and the exit status."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from kernel.model.text import parse_state
from kernel.policy.promise import promise
from sel4emu.cli.descriptions import load_description

Invoke = Callable[..., Result]

EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"
GOOD = '"a" { text { 0 to 4K }; resource { 1 }; };\n'


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A good description in a file."""
    path = tmp_path / "system.spec"
    path.write_text(GOOD)
    return path


#: name, subsystems, channels, isolation domains
@pytest.mark.parametrize(
    ("name", "subsystems", "channels", "domains"),
    [
        ("thesis_subsystems", 2, 2, 1),
        ("thesis_isolation", 2, 0, 2),
        ("two", 2, 3, 1),
        ("ten", 10, 11, 5),
        ("sixty", 60, 56, 8),
    ],
)
def test_examples(
    invoke: Invoke, tmp_path: Path, name: str, subsystems: int, channels: int, domains: int
) -> None:
    """Each example that comes with the project holds what its comment says."""
    files = {option: tmp_path / option[2:] for option in ("--json", "--svg", "--state")}
    options = [word for option, path in files.items() for word in (option, str(path))]
    result = invoke("policy", "check", str(EXAMPLES / f"{name}.spec"), *options)
    assert result.exit_code == 0, result.output
    report = json.loads(files["--json"].read_text())
    assert len(report["subsystems"]) == subsystems
    assert len(report["channels"]) == channels
    assert len(report["isolation_domains"]) == domains
    assert f"{subsystems} subsystems on kzm_arm11" in result.stdout
    ET.fromstring(files["--svg"].read_text())  # noqa: S314 - our own
    written = [line for line in files["--state"].read_text().splitlines() if line[:1] != "#"]
    description = load_description(str(EXAMPLES / f"{name}.spec"), "kzm_arm11")
    assert parse_state(written) == promise(description).state


def test_a_mistake_is_shown_in_place(invoke: Invoke, spec: Path) -> None:
    """One sentence with file, line and column, then the line and a caret; status 2."""
    spec.write_text('"a" {\n\ttext { 0 to 4K }\n\tresource { 1 };\n};\n')
    result = invoke("policy", "check", str(spec))
    assert result.exit_code == 2 and result.stdout == ""
    sentence, line, caret = result.stderr.splitlines()
    assert sentence == f"sel4emu: error: {spec}, line 2, column 18: expected ';' after '}}'"
    assert line.strip() == "text { 0 to 4K }"
    assert caret.index("^") == len(line)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "the file is empty"),
        (GOOD + GOOD, "there are two subsystems 'a'"),
        (GOOD.replace("};\n", "comm { this -> b }; };"), "there is no subsystem 'b'"),
        (GOOD.replace("};\n", "comm { this → a }; };"), "is this subsystem itself"),
        (GOOD.replace("};\n", "data { 4095 to 5K }; };"), "overlaps"),
        (GOOD.replace("{ 1 }", "{ 128 }"), "expected at most 123 MiB"),
        (GOOD.replace("};\n", 'image "none.elf"; };'), "'none.elf' does not exist"),
        (GOOD.replace("};\n", 'image "system.spec"; };'), "the image cannot be used"),
        (GOOD.replace("};\n", "priority 256; };"), "expected 0 to 254"),
        (GOOD.replace("};\n", "device uart9; };"), "expected one of uart1"),
        (GOOD.replace("};\n", "device epit1; };"), "the kernel keeps"),
    ],
)
def test_every_kind_of_mistake(invoke: Invoke, spec: Path, text: str, part: str) -> None:
    """Bad descriptions end with status 2 and say why."""
    spec.write_text(text)
    result = invoke("policy", "check", str(spec))
    assert result.exit_code == 2 and result.stdout == ""
    assert part in result.stderr.splitlines()[0]


def test_a_board_file_decides(invoke: Invoke, spec: Path, tmp_path: Path) -> None:
    """The RAM and the devices are those of the board that was asked for."""
    board = (EXAMPLES.parents[1] / "boards" / "kzm_arm11" / "board.toml").read_text()
    smaller = tmp_path / "small.toml"
    smaller.write_text(board.replace("size = 0x800_0000", "size = 0x40_0000"))
    result = invoke("policy", "check", str(spec), "--board", str(smaller))
    assert result.exit_code == 2 and "expected at most 0 MiB" in result.stderr
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(board.replace("0x8000_0000", "0x9000_0000"))
    result = invoke("policy", "check", str(spec), "--board", str(elsewhere))
    assert result.exit_code == 2 and "has no RAM at 0x80000000" in result.stderr


def test_standard_output_has_one_thing(invoke: Invoke, spec: Path) -> None:
    """With `-` only the JSON is printed; two at once are refused."""
    result = invoke("policy", "check", str(spec), "--json", "-")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["subsystems"][0]["name"] == "a"
    result = invoke("policy", "check", str(spec), "--json", "-", "--svg", "-")
    assert result.exit_code == 2 and "cannot both go to standard output" in result.stderr


def test_an_image_is_counted(invoke: Invoke, spec: Path, root_task: Callable[[str], Path]) -> None:
    """The memory of a program is that of the pages of its ELF file."""
    image = root_task("_start: mov r0, #0\n b _start")
    spec.write_text(f'"a" {{ image "{image.name}"; resource {{ 1 }}; }};')
    result = invoke("policy", "check", str(spec), "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["subsystems"][0]["memory"]["program_bytes"] == 4096
