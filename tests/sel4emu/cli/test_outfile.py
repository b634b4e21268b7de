# SPDX-License-Identifier: BSD-2-Clause
"""Where results are written: files in one step, pipes and devices directly."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sel4emu.cli.outfile import output_file
from sel4emu.cli.streams import EXIT_PIPE
from sel4emu.errors import InputError


def test_new_file(tmp_path: Path) -> None:
    """A new file holds the data, has the rights of any new file, and leaves nothing beside it."""
    target, other = tmp_path / "new", tmp_path / "other"
    other.touch()
    assert output_file(str(target), "-o").write(b"data") == 0
    assert target.read_bytes() == b"data"
    assert target.stat().st_mode == other.stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "other"]


def test_trying_leaves_nothing(tmp_path: Path) -> None:
    """The check beforehand neither leaves a new file nor touches an old one."""
    old = tmp_path / "old"
    old.write_bytes(b"old")
    output_file(str(tmp_path / "new"), "-o")
    output_file(str(old), "-o")
    assert [path.name for path in tmp_path.iterdir()] == ["old"] and old.read_bytes() == b"old"


def test_replaced_file(tmp_path: Path) -> None:
    """An old file is replaced as a whole, with its rights, also through a symbolic link."""
    old, link = tmp_path / "old", tmp_path / "link"
    old.write_bytes(b"something longer")
    old.chmod(0o640)
    link.symlink_to(old)
    before = old.open("rb")
    assert output_file(str(link), "-o").write(b"new") == 0
    assert link.is_symlink() and old.read_bytes() == b"new"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert before.read() == b"something longer"
    before.close()


@pytest.mark.parametrize("name", ["", "a\0b", "/", "/no/such/folder/file", "x" * 300])
def test_impossible_names(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that cannot be written is refused at once, by name of the option."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="--json"):
        output_file(name, "--json")
    assert not list(tmp_path.iterdir())


def test_folder_that_went(tmp_path: Path) -> None:
    """What goes wrong later is a sentence too."""
    folder = tmp_path / "folder"
    folder.mkdir()
    target = output_file(str(folder / "file"), "--json")
    folder.rmdir()
    with pytest.raises(InputError, match="No such file or directory"):
        target.write(b"data")


def test_pipe(tmp_path: Path) -> None:
    """A named pipe is written directly."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert output_file(str(pipe), "-o").write(b"data") == 0
        assert reader.communicate()[0] == b"data"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_reader_that_goes(tmp_path: Path) -> None:
    """A named pipe whose reader goes away makes the status of a broken pipe, and no sentence."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    target = output_file(str(pipe), "-o")
    os.close(reader)
    assert target.write(b"data") == EXIT_PIPE


def test_devices() -> None:
    """The null device takes everything, a full one is a mistake."""
    null = output_file(os.devnull, "-o")
    assert null.write(b"data") == 0 and not null.is_standard_output
    with pytest.raises(InputError, match="No space left"):
        output_file("/dev/full", "-o").write(b"data")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("$SEL4EMU kernel --elf - | head -c 4", "\x7fELF"),
        ("$SEL4EMU kernel --elf /dev/stdout | head -c 4", "\x7fELF"),
        ("$SEL4EMU kernel --elf /dev/stderr 2>&1 >&- | head -c 4", "\x7fELF"),
        ('$SEL4EMU kernel --elf "$OUT" > "$OUT"; head -c 4 "$OUT"', "\x7fELF"),
        ('$SEL4EMU kernel --elf /dev/stderr 2> "$OUT"; head -c 4 "$OUT"', "\x7fELF"),
        ("$SEL4EMU kernel --elf >(head -c 4; cat > /dev/null) | cat", "\x7fELF"),
    ],
)
def test_streams_by_name(
    shell: Callable[[str], subprocess.CompletedProcess[str]],
    tmp_path: Path,
    line: str,
    expected: str,
) -> None:
    """A file that is a standard stream is written through that stream, whatever its name."""
    done = shell(f"OUT={tmp_path}/out; {line}")
    assert (done.stdout, done.stderr) == (expected, "")
