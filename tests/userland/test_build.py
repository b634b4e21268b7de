# SPDX-License-Identifier: BSD-2-Clause
"""Building images: what the ELF files are like, what the cache keeps, what mistakes say."""

import importlib.metadata
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from sel4emu.errors import InputError
from userland import build as builder
from userland.abi_header import abi_header
from userland.build import build, build_part, compile_elf, default_image, image_names

LINK_ADDRESS = 0x1_0000
PAGE = 0x1000


@pytest.fixture(params=image_names())
def image(request: pytest.FixtureRequest) -> Path:
    """Each image in turn, compiled."""
    return build(request.param)


def test_images_are_known() -> None:
    """The images of the project can be built."""
    assert image_names() == ("hello", "hierarchy", "pingpong", "rm", "timer")


def test_image_is_a_static_arm_executable(image: Path) -> None:
    """An image is a 32-bit little-endian ARM executable that starts at its first byte."""
    with image.open("rb") as stream:
        elf = ELFFile(stream)
        assert (elf.elfclass, elf.little_endian) == (32, True)
        assert (elf["e_machine"], elf["e_type"]) == ("EM_ARM", "ET_EXEC")
        assert elf["e_entry"] == LINK_ADDRESS, "an even address: ARM state"
        assert not list(elf.iter_segments("PT_DYNAMIC")) + list(elf.iter_segments("PT_INTERP"))


def test_segments_are_contiguous_pages(image: Path) -> None:
    """Segments start at page boundaries and follow each other without a gap."""
    with image.open("rb") as stream:
        segments = [segment.header for segment in ELFFile(stream).iter_segments("PT_LOAD")]
    expected = LINK_ADDRESS
    for segment in segments:
        assert segment["p_vaddr"] == expected
        assert segment["p_offset"] % PAGE == 0
        expected = (segment["p_vaddr"] + segment["p_memsz"] + PAGE - 1) & -PAGE


def test_image_has_symbols_and_needs_none(image: Path) -> None:
    """Debuggers find main; the linker left nothing undefined."""
    with image.open("rb") as stream:
        symbols = list(ELFFile(stream).get_section_by_name(".symtab").iter_symbols())
    assert "main" in {symbol.name for symbol in symbols}
    assert [s.name for s in symbols if s.name and s["st_shndx"] == "SHN_UNDEF"] == []


def test_code_pages_hold_no_data() -> None:
    """What the manager shares with subsystems ends before its first variable."""
    with default_image().open("rb") as stream:
        elf = ELFFile(stream)
        (end,) = elf.get_section_by_name(".symtab").get_symbol_by_name("code_end")
        assert end["st_value"] % PAGE == 0
        for name in (".text", ".rodata"):
            section = elf.get_section_by_name(name)
            assert section["sh_addr"] + section["sh_size"] <= end["st_value"]
        assert elf.get_section_by_name(".bss")["sh_addr"] >= end["st_value"]


def test_second_build_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that lies in the cache is not compiled again."""
    first = build("hello")

    def refuse(*_arguments: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(builder, "compile_elf", refuse)
    assert build("hello") == first


def test_cache_key_follows_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another compiler version makes another image."""
    first = build("hello")
    monkeypatch.setattr(builder, "compiler_version", lambda: "0.0.1")
    assert build("hello") != first


def test_builds_are_reproducible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two caches in different places get the same bytes."""
    images = []
    for place in ("a", "much/longer/b"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / place))
        images.append(build("rm").read_bytes())
    assert images[0] == images[1]


def test_two_processes_build_at_once(tmp_path: Path) -> None:
    """Builders that race for one cache all end with the same whole file, and leave nothing else."""
    command = [sys.executable, "-c", "from userland.build import build; print(build('hello'))"]
    root = str(builder.SOURCE_ROOT.parent)
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": root}
    running = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    paths = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    (path,) = paths
    assert list(Path(path).parent.iterdir()) == [Path(path)]


def test_a_part_is_built_with_its_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no image of its own gets generated headers and flags, each a file of its own."""
    folder = tmp_path / "images" / "part"
    folder.mkdir(parents=True)
    source = "#include <given.h>\nint main(void) { return GIVEN + ADDED; }\n"
    (folder / "part.c").write_text(source)
    monkeypatch.setattr(builder, "IMAGES", folder.parent)
    monkeypatch.setattr(builder, "SOURCE_ROOT", builder.SOURCE_ROOT.parents[-1])
    texts, flags = ("#define GIVEN 1\n", "#define GIVEN 2\n"), ("-DADDED=1", "-DADDED=2")
    made = {build_part("part", {"given.h": text}, [flag]) for text in texts for flag in flags}
    assert len({path.read_bytes() for path in made}) == 3
    assert len(made) == 4
    assert "part" not in image_names()


def test_output_gets_a_copy(tmp_path: Path) -> None:
    """With an output path the image lies there, and replaces what was there."""
    output = tmp_path / "image.elf"
    output.write_text("old")
    assert build("hello", output) == output
    assert output.read_bytes() == build("hello").read_bytes()


def test_unknown_image_is_refused() -> None:
    """The sentence names the images that exist."""
    with pytest.raises(InputError, match=r"'nonsense': .*one of hello, hierarchy, ping"):
        build("nonsense")


def test_missing_compiler_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the compiler package, the sentence says what to install."""

    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(InputError, match=r"pip install 'sel4emu\[userland\]'"):
        default_image()


@pytest.mark.parametrize("output", [".", "no/such/folder/image.elf"])
def test_output_that_cannot_be_written_is_refused(tmp_path: Path, output: str) -> None:
    """A directory and a missing folder give a sentence with the path."""
    with pytest.raises(InputError, match="cannot write the image to"):
        build("hello", tmp_path / output)


def test_cache_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no cache folder can exist, a sentence has the path of each."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file" / "temporary"))
    with pytest.raises(InputError, match=r"in .*file/sel4emu.* or .*/temporary/.*XDG_CACHE"):
        build("hello")


def test_relative_cache_home_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_CACHE_HOME must be absolute, by its specification; otherwise ~/.cache is used."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert builder.cache_folder() == tmp_path / ".cache" / "sel4emu" / "userland"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "HOME"])
def test_cache_falls_back_to_a_temporary_folder(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Where cache or home folder cannot be written, images are kept in the user's own folder."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "file"))
    image = build("hello")
    assert image.parent == temporary / f"sel4emu-userland-{os.getuid()}"
    assert image.is_file() and image.parent.stat().st_mode & 0o777 == 0o700


def test_no_home(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home folder in the environment, images are kept in the temporary folder."""
    for variable in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert builder.cache_folder().parent == temporary


def test_cache_of_somebody_else_is_not_used(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in a folder that another user made could be anything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    owned = tmp_path / "sel4emu" / "userland"
    assert builder.cache_folder() == owned
    owner = owned.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(InputError, match="expected a folder of yours"):
        builder.cache_folder()
    assert temporary.is_dir()


@pytest.mark.parametrize(
    "said",
    [
        "fatal error: error in backend: IO failure on output stream: No space left on device",
        "error: unable to create compilation: NoSpaceLeft",
    ],
)
def test_full_disk_is_not_blamed_on_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A compiler that runs out of disk, in clang's words or in zig's, gives the cache's name."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    failed = subprocess.CompletedProcess([], 1, "", said + "\n")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: failed)
    with pytest.raises(InputError, match=r"^cannot keep .*/userland: No space left on device"):
        build("hello")


def test_first_error_of_the_compiler_is_shown(tmp_path: Path) -> None:
    """A mistake in a source names file, line and error in one line."""
    source = tmp_path / "broken.c"
    source.write_text("int main(void)\n{\n    return nothing;\n}\n")
    with pytest.raises(InputError, match=r"broken\.c:3:12: error: .*'nothing'[^\n]*$"):
        compile_elf([source], tmp_path / "broken.elf")


def test_a_wrong_structure_does_not_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The static assertions hold the C structures against the numbers of kernel.abi."""
    right = abi_header()
    wrong = right.replace("#define ABI_BI_DOMAIN 4080", "#define ABI_BI_DOMAIN 4081")
    assert wrong != right
    monkeypatch.setattr(builder, "abi_header", lambda: wrong)
    source = tmp_path / "empty.c"
    source.write_text("#include <sel4/sel4.h>\nint main(void) { return 0; }\n")
    with pytest.raises(InputError, match="initThreadDomain is misplaced"):
        compile_elf([source], tmp_path / "empty.elf")
