# SPDX-License-Identifier: BSD-2-Clause
"""Compiles userland images: C and assembly of this folder into static ARM ELF files.

An image is every source in `images/<name>/` with every source in `lib/`, linked by `image.ld`.
Results are kept in the user's cache folder under a key of everything that goes into them.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sel4emu.errors import InputError
from userland.abi_header import HEADER_NAME, abi_header

SOURCE_ROOT: Final = Path(__file__).resolve().parent
INCLUDE: Final = SOURCE_ROOT / "include"
LIBRARY: Final = SOURCE_ROOT / "lib"
IMAGES: Final = SOURCE_ROOT / "images"
LINKER_SCRIPT: Final = SOURCE_ROOT / "image.ld"
DEFAULT_IMAGE: Final = "rm"
#: Bump when the way of building changes in a manner that no source or flag shows.
CACHE_FORMAT: Final = 1
#: Texts of generated headers by their names, as sources include them.
Headers = Mapping[str, str]
NO_HEADERS: Final[Headers] = MappingProxyType({})

#: What clang and zig say, each in its own words, when the disk is full.
_DISK_FULL: Final = (os.strerror(errno.ENOSPC), "NoSpaceLeft")

FLAGS: Final = (
    "-target", "arm-freestanding-eabi", "-mcpu=arm1136jf_s", "-marm",
    "-std=c11", "-O2", "-g0", "-Wall", "-Wextra", "-Werror",
    "-ffreestanding", "-nostdlib", "-static", "-fno-pic",
    "-fno-sanitize=all", "-fno-stack-protector", "-fomit-frame-pointer",
    "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
    "-ffunction-sections", "-fdata-sections",
    "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096",
)  # fmt: skip


def image_names() -> tuple[str, ...]:
    """The images that can be built, in alphabetical order."""
    return tuple(sorted(main.parent.name for main in IMAGES.glob("*/main.c")))


def build(name: str, output: Path | None = None) -> Path:
    """Compile the image `name` and return the path of its ELF file.

    Without `output` the file lies in the cache folder, and is compiled only if it is not there.
    Raises `InputError` for an unknown name, a missing compiler, an error in the sources, and a
    folder that cannot be written.
    """
    if name not in image_names():
        known = ", ".join(image_names())
        raise InputError(f"there is no userland image '{name}': expected one of {known}")
    cached = _cached_image(name)
    if output is None:
        return cached
    try:
        _install(cached, output)
    except OSError as error:
        raise InputError(f"cannot write the image to {output}: {error.strerror}") from error
    return output


def build_part(name: str, headers: Headers, flags: Sequence[str] = ()) -> Path:
    """The ELF file of a program in `images/` that is no image of its own, compiled at first use.

    Another part of the system loads it together with what it needs, generates the headers that
    it includes, and may add flags for the compiler. Errors are those of `build`.
    """
    return _cached_image(name, headers, flags)


def default_image() -> Path:
    """The ELF file of the default image, compiled at first use."""
    return build(DEFAULT_IMAGE)


def cache_folder() -> Path:
    """Where compiled images are kept: the first of the possible folders that can be used.

    The rule is that of the machine's compiled hooks, which userland may not import. Raises
    `InputError` where no folder can be used.
    """
    folders = _cache_folders()
    folder = next(filter(_make_folder, folders), None)
    if folder is None:
        places = " or ".join(map(str, folders))
        raise InputError(
            f"cannot keep compiled images in {places}: expected a folder of yours that can be "
            "written (XDG_CACHE_HOME chooses another)"
        )
    return folder


def _cache_folders() -> tuple[Path, ...]:
    """Below $XDG_CACHE_HOME or else ~/.cache, and a folder of the user's own for temporary use."""
    temporary = Path(tempfile.gettempdir(), f"sel4emu-userland-{os.getuid()}")
    home = os.environ.get("HOME", "")
    for base in (os.environ.get("XDG_CACHE_HOME", ""), home and f"{home}/.cache"):
        if Path(base).is_absolute():  # the XDG specification ignores any other value
            return Path(base, "sel4emu", "userland"), temporary
    return (temporary,)


def _make_folder(folder: Path) -> bool:
    """Make a cache folder; False where that is impossible, or somebody else made it.

    What lies in it is run as a user's own image, so it must be ours.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def sources_of(folder: Path) -> tuple[Path, ...]:
    """The C and assembly files of a folder, in a fixed order so that builds are reproducible."""
    return tuple(sorted((*folder.glob("*.c"), *folder.glob("*.S"))))


def compile_elf(
    sources: Sequence[Path],
    output: Path,
    headers: Headers = NO_HEADERS,
    flags: Sequence[str] = (),
) -> None:
    """Compile and link `sources` with the library into `output`.

    The generated headers and the compiler's own caches go into the folder of `output`. Raises
    `InputError` with the compiler's first error, or if there is no compiler, and `OSError` where
    nothing can be written.
    """
    compiler_version()
    folder = output.parent
    generated = folder / "generated"
    for name, text in {HEADER_NAME: abi_header(), **headers}.items():
        header = generated / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(text, encoding="ascii")
    command = [
        sys.executable, "-m", "ziglang", "cc", *FLAGS, *flags,
        "-I", str(INCLUDE), "-I", str(generated),
        "-T", str(LINKER_SCRIPT), "-o", str(output),
        *map(str, (*sources_of(LIBRARY), *sources)),
    ]  # fmt: skip
    done = subprocess.run(
        command, env=_compiler_environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        # A full disk is no mistake in a source.
        if any(text in done.stderr for text in _DISK_FULL):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise InputError(f"the C compiler refused userland: {_first_error(done.stderr)}")


def compiler_version() -> str:
    """The version of the compiler package; raises `InputError` if it is not installed."""
    try:
        return metadata.version("ziglang")
    except metadata.PackageNotFoundError as error:
        raise InputError(
            "no C compiler for userland images: install it with pip install 'sel4emu[userland]'"
        ) from error


def _compiler_environment(folder: Path) -> dict[str, str]:
    caches = {key: str(folder / "zig") for key in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    return {**os.environ, **caches}


def _first_error(diagnostics: str) -> str:
    lines = diagnostics.strip().splitlines() or ["no message"]
    return next((line for line in lines if "error:" in line), lines[0])


def _cached_image(name: str, headers: Headers = NO_HEADERS, flags: Sequence[str] = ()) -> Path:
    folder = cache_folder()
    image = folder / f"{name}-{_key(name, headers, flags)}.elf"
    if image.is_file():
        return image
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
            fresh = Path(scratch) / image.name
            compile_elf(sources_of(IMAGES / name), fresh, headers, flags)
            # In one step, so that a second process sees either no file or a whole one.
            fresh.replace(image)
    except OSError as error:
        raise InputError(
            f"cannot keep compiled images in {folder}: {error.strerror}; "
            "expected a folder that can be written, with some megabytes free (XDG_CACHE_HOME "
            "chooses another)"
        ) from error
    return image


def _inputs(name: str) -> Iterator[Path]:
    yield LINKER_SCRIPT
    for folder in (INCLUDE, LIBRARY, IMAGES / name):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _key(name: str, headers: Headers, flags: Sequence[str]) -> str:
    """A hash of everything that decides the bytes of an image."""
    digest = hashlib.sha256()
    generated = [text for header in sorted(headers.items()) for text in header]
    for text in (str(CACHE_FORMAT), compiler_version(), *FLAGS, abi_header(), *generated, *flags):
        digest.update(text.encode() + b"\0")
    for path in _inputs(name):
        digest.update(path.relative_to(SOURCE_ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _install(image: Path, output: Path) -> None:
    """Copy `image` to `output` in one step."""
    if output.is_dir():
        raise IsADirectoryError(0, "it is a directory, expected a file name")
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".build-") as scratch:
        copy = Path(scratch) / output.name
        shutil.copyfile(image, copy)
        copy.replace(output)
