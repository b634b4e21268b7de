# SPDX-License-Identifier: BSD-2-Clause
"""The part of the machine that runs at native speed: numba functions and Unicorn hooks.

`state.py` describes the one structure that native and Python code share, `mmu.py` translates
addresses, `exceptions.py` enters them, `cp15.py` follows the system control coprocessor, and
`hooks.py` holds the callbacks that Unicorn runs. No code here imports Python parts of the machine.

Importing this package compiles all of it (some seconds), or loads what an earlier start left in
the user's cache folder. That is kept under a key of every source here: numba itself looks only
at the file of the outermost function, and would miss a change in one that it calls.
"""

import contextlib
import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numba
import unicorn

from sel4emu.errors import InputError

_FOLDER: Final = Path(__file__).parent
#: Room for what is compiled, with some to spare: numba fails half-way on a full disk.
_CACHE_BYTES: Final = 96 << 20


def _cache_folders() -> tuple[Path, ...]:
    """Where compiled code of exactly these sources and libraries may be kept, the best first."""
    key = hashlib.sha256(f"{numba.__version__} {unicorn.__version__}".encode())
    for source in sorted(_FOLDER.glob("*.py")):
        key.update(source.read_bytes())
    name = key.hexdigest()[:16]
    # One level: a folder above it that belonged to somebody else could be exchanged.
    temporary = Path(tempfile.gettempdir(), f"sel4emu-native-{os.getuid()}-{name}")
    home = os.environ.get("HOME", "")
    for base in (os.environ.get("XDG_CACHE_HOME", ""), home and f"{home}/.cache"):
        if Path(base).is_absolute():  # the XDG specification ignores any other value
            return Path(base, "sel4emu", "native", name), temporary
    return (temporary,)


def _make_folder(folder: Path) -> bool:
    """Make a cache folder; False where that is impossible, or somebody else made it.

    What lies in it is loaded as code, so it must be ours.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ours = os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid()
        return ours and (_is_filled(folder) or shutil.disk_usage(folder).free > _CACHE_BYTES)
    except OSError:
        return False


def _is_filled(folder: Path) -> bool:
    """Whether an earlier start has left its results there, so that nothing more is written."""
    return any(folder.glob("*/*.nbi"))


@contextlib.contextmanager
def _cached() -> Iterator[None]:
    """Have numba keep what is compiled here, and only that, in our folder."""
    previous = numba.config.CACHE_DIR
    folder = next(filter(_make_folder, _cache_folders()), None)
    if folder is None:
        places = " or ".join(str(place) for place in _cache_folders())
        raise InputError(
            f"there is no room to keep compiled code: {_CACHE_BYTES >> 20} MB must be free, and "
            f"writable, in {places}"
        )
    numba.config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = previous


#: Modules that export functions by symbol (`linkage.py`): each before those that call it.
_LINKED: Final = (
    "branches",
    "mmu",
    "micro_tlb",
    "decode_arm",
    "decode_thumb",
    "data_side",
    "fetch",
    "predictor",
    "maintenance",
    "cp15",
    "alignment",
    "blocks",
    "subpages",
)

with _cached():
    for _name in (*_LINKED, "hooks", "calls"):
        importlib.import_module(f"{__name__}.{_name}")
