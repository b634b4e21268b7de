# SPDX-License-Identifier: BSD-2-Clause
"""Options, mistakes in them, and the small commands."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kernel.image import build_image
from kernel.options import KernelOptions
from sel4emu.loader import read_elf
from userland.build import image_names

Invoke = Callable[..., Result]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def refusal(invoke: Invoke) -> Callable[..., str]:
    """Runs a command that must end with status 2; the one sentence that it prints."""

    def run(*arguments: str | Path) -> str:
        result = invoke(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("sel4emu: error: ") and result.stderr.count("\n") == 1
        return result.stderr.removeprefix("sel4emu: error: ").rstrip("\n")

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["boot", "--fly"],
        ["boot", "a", "b"],
        ["boot", ""],
        ["boot", "--bare"],
        ["boot", "--bare", "x", "--compat", "sel4-1.0.3"],
        ["boot", "--bare", "x", "--slow"],
        ["boot", "x", "--load", "0"],
        ["boot", "x", "--entry", "0"],
        ["boot", "x", "--load", "y@0"],
        ["boot", "x", "--initrd", "y"],
        ["boot", "x", "--append", "y"],
        ["boot", "x", "--dtb", "y"],
        ["boot", "--bare", "x", "--initrd", ""],
        ["boot", "--bare", "x", "--dtb", ""],
        ["boot", "--bare", "x", "--load", "@0"],
        ["boot", "--bare", "x", "--load", "y@"],
        ["boot", "--bare", "x", "--load", "0", "--load", "4"],
        ["boot", "--bare", "--load", "y@0"],
        ["boot", "--bare", "--entry", "0"],
        ["boot", "--bare", "--load", "0", "--entry", "0"],
        ["boot", "--bare", "--load", "0", "--load", "y@4", "--entry", "4"],
        ["boot", "--compat", "foo"],
        ["boot", "--compat", ""],
        ["boot", "--timing", "guess"],
        ["boot", "--timing", "count"],
        ["boot", "--timing-file", ""],
        ["boot", "--timing-file", "/"],
        ["boot", "--timing-file"],
        ["boot", "--breakdown", "--quiet"],
        ["boot", "--profile"],
        ["boot", "--board", ""],
        ["boot", "--board", "no_such_board"],
        ["boot", "--board", "/"],
        ["boot", "--json", ""],
        ["boot", "--json", "/"],
        ["boot", "--json"],
        ["build", "no_such_image"],
        ["build", "", "-o", "x"],
        ["build", "hello", "-o", ""],
        ["build", "-o", "x"],
        ["build", "hello", "-o", "/"],
        ["kernel", "--elf", ""],
        ["kernel", "--elf", "-", "--listing"],
        ["kernel", "--elf", "/no/such/folder/kernel.elf"],
        ["kernel", "surplus"],
    ],
)
def test_bad_usage(refusal: Callable[..., str], arguments: list[str]) -> None:
    """Each mistake in the command makes one sentence and status 2."""
    assert refusal(*arguments)


@pytest.mark.parametrize(
    "value", ["0", "-1", "", "x", "1.5", "nan", str((1 << 62) + 1), "9" * 5000, "0x10"]
)
def test_nonsense_cycles(refusal: Callable[..., str], value: str) -> None:
    """A cycle limit is a whole number from 1 to 2^62."""
    sentence = refusal("boot", "--max-cycles", value)
    assert "--max-cycles" in sentence
    assert sentence.endswith(f"expected a whole number from 1 to 2^62, not {value!r}.")


@pytest.mark.parametrize("value", ["0", "-1", "", "x", "nan", "inf", "-inf", "1e999", "-0.0"])
def test_nonsense_seconds(refusal: Callable[..., str], value: str) -> None:
    """A time limit is positive and finite."""
    assert "--max-seconds" in refusal("boot", "--max-seconds", value)


@pytest.mark.parametrize(
    "value", ["", "x", "-1", "0x", "0x100000000", "4294967296", "1e3", "9" * 99]
)
@pytest.mark.parametrize("option", ["--load", "--entry"])
def test_nonsense_address(refusal: Callable[..., str], option: str, value: str) -> None:
    """An address is a number below 4 GB, decimal or with 0x."""
    assert option in refusal("boot", "--bare", "x", option, value)


def test_sentence_stays_one_line(refusal: Callable[..., str]) -> None:
    """A file name with control characters cannot break the sentence."""
    sentence = refusal("boot", "no\nsuch\x1b[31mfile")
    assert sentence.isprintable() and "no such\\x1b[31mfile" in sentence


def test_unknown_timing_level(refusal: Callable[..., str]) -> None:
    """A level that the machine does not have is refused with those that it has."""
    sentence = refusal("boot", "x", "--timing", "exact")
    assert "--timing" in sentence and "'full'" in sentence and "'off'" in sentence


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["boot", "--help"], ["build", "--help"], ["kernel", "--help"], ["--version"]],
)
def test_starts_without_the_machine(arguments: list[str]) -> None:
    """Help and version come at once: nothing heavy is imported for them."""
    program = (
        "import sys\nfrom sel4emu.cli.commands import cli\n"
        "try:\n    cli.main(sys.argv[1:])\n"
        "finally:\n    assert not {'numba', 'numpy', 'unicorn', 'capstone'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=root, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"sel4emu" in done.stdout or b"Usage:" in done.stdout


def test_process_starts_and_ends(command: Command) -> None:
    """`python -m sel4emu` is the command, and hands the status on."""
    assert command("--version").stdout.startswith("sel4emu ")
    done = command("boot", "--fly")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sel4emu: error: ") and done.stderr.count("\n") == 1


def test_help_lists_the_statuses(invoke: Invoke) -> None:
    """Every exit status is in the help, one a line."""
    lines = invoke("boot", "--help").stdout.splitlines()
    statuses = [line.split()[0] for line in lines if line.strip()[:1].isdigit()]
    assert statuses == ["0", "1", "2", "3", "4", "130", "141"]


def test_build_prints_paths(invoke: Invoke) -> None:
    """`build` compiles all images, or one, and prints where each lies."""
    paths = invoke("build").stdout.split()
    assert [Path(path).name.partition("-")[0] for path in paths] == list(image_names())
    assert all(read_elf(path).segments for path in paths)
    assert invoke("build", "hello").stdout.split() == [
        path for path in paths if Path(path).name.startswith("hello-")
    ]


def test_build_output(invoke: Invoke, tmp_path: Path) -> None:
    """`build NAME -o FILE` puts the image there."""
    target = tmp_path / "hello.elf"
    result = invoke("build", "hello", "-o", target)
    assert (result.exit_code, result.stdout) == (0, f"{target}\n")
    assert "main" in read_elf(target).symbols


def test_kernel_elf(invoke: Invoke, tmp_path: Path) -> None:
    """`kernel --elf` writes an executable with the kernel's symbols."""
    target = tmp_path / "kernel.elf"
    result = invoke("kernel", "--elf", target)
    assert (result.exit_code, result.stdout) == (0, "")
    data = target.read_bytes()
    assert data.startswith(b"\x7fELF") and b"\0idle_thread\0" in data


def test_kernel_listing(invoke: Invoke) -> None:
    """`kernel --listing` prints addresses, words and source."""
    lines = invoke("kernel", "--listing").stdout.splitlines()
    image = build_image(KernelOptions())
    first = next(line for line in lines if line.startswith("f000"))
    assert int(first.split()[1], 16) == image.text.word(int(first.split()[0], 16))


@pytest.mark.parametrize(("arguments", "slow"), [([], False), (["--slow"], True)])
def test_kernel_table(invoke: Invoke, arguments: list[str], slow: bool) -> None:
    """`kernel` alone prints the size of the image and each symbol once, by address."""
    image = build_image(KernelOptions(slow=slow))
    output = invoke("kernel", *arguments).stdout
    assert f"\ntext:       {len(image.text.code)} bytes\n" in output
    rows = [line.split() for line in output.splitlines() if line.startswith("0x")]
    assert {name: int(address, 16) for address, name in rows} == image.symbols
    assert [address for address, _ in rows] == sorted(address for address, _ in rows)
