# SPDX-License-Identifier: BSD-2-Clause
"""QEMU as the oracle sees it: a stand-in for the program shows how its endings are told apart."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from oracle.outcome import Ending
from oracle.qemu import PROGRAM, qemu_version, run_on_qemu
from sel4emu.errors import InputError
from sel4emu.loader import Image

MakeImage = Callable[[str], Image]
REGIONS = ((0x8020_0000, 4), (0x8020_0100, 2))


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A shell script that is found in the place of QEMU."""

    def install(script: str) -> None:
        path = tmp_path / PROGRAM
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_regions_and_console(make_image: MakeImage, stand_in: Callable[[str], None]) -> None:
    """The dump is cut into the regions, and the console is what QEMU printed."""
    stand_in("printf 'hi'; printf 'abcdef' > dump")
    outcome = run_on_qemu(make_image("program: end\n"), regions=REGIONS)
    assert outcome.ending is Ending.FINISHED
    assert (outcome.console, outcome.regions) == (b"hi", (b"abcd", b"ef"))


def test_short_dump(make_image: MakeImage, stand_in: Callable[[str], None]) -> None:
    """A QEMU that ends without the whole dump has not finished the program."""
    stand_in("printf 'abc' > dump; echo 'it broke' >&2; exit 1")
    outcome = run_on_qemu(make_image("program: end\n"), regions=REGIONS)
    assert outcome.ending is Ending.STOPPED
    assert outcome.detail == "QEMU ended with status 1: it broke"


def test_limit(make_image: MakeImage, stand_in: Callable[[str], None]) -> None:
    """A QEMU that hangs is killed."""
    stand_in("exec tail -f /dev/null")
    outcome = run_on_qemu(make_image("program: end\n"), regions=REGIONS, limit_seconds=0.2)
    assert outcome.ending is Ending.TIMEOUT
    assert "0.2 s" in outcome.detail


def test_command(make_image: MakeImage, stand_in: Callable[[str], None], tmp_path: Path) -> None:
    """Every segment, the writer of the dump and the entry are handed over, and what is typed."""
    stand_in(f'echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/typed')
    image = make_image("program: end\n")
    run_on_qemu(image, regions=REGIONS, typed=b"typed")
    arguments = (tmp_path / "arguments").read_text(encoding="utf-8")
    for segment in image.segments:
        assert f"addr=0x{segment.paddr:x},force-raw=on" in arguments
    assert "-M kzm" in arguments
    assert f"addr=0x{image.entry:x},cpu-num=0" in arguments
    assert (tmp_path / "typed").read_bytes() == b"typed"


def test_version(stand_in: Callable[[str], None]) -> None:
    """The version is that of the first line; a program that says none is refused."""
    stand_in("echo 'QEMU emulator version 7.2.22 (Debian)'")
    assert qemu_version() == "7.2.22"
    stand_in("echo 'something else'")
    with pytest.raises(InputError, match="expected a version"):
        qemu_version()


def test_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without QEMU there is one sentence that names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="expected to be installed"):
        qemu_version()
