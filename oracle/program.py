# SPDX-License-Identifier: BSD-2-Clause
"""The programs in `oracle/programs/`: their source with `runtime.s` around it, as an image.

A file begins with its licence line and a comment that says what it shows. In that,
`@ typed: text` is what UART1 receives (with Python's escapes), and `@ core: r1p3` says that the
program is about what only that revision of the core has: QEMU's, not the i.MX31's.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oracle.outcome import FINISH
from sel4emu.asm import AssemblyError, assemble, labels_of
from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment

FOLDER: Final = Path(__file__).parent / "programs"
_RUNTIME: Final = Path(__file__).parent / "runtime.s"
#: Between the macros, which a program needs before it, and the code, which stands behind it.
_SPLIT: Final = "SPLIT_HERE\n"

CODE: Final = 0x8000_0000
TABLE: Final = 0x8010_0000  # 16 KB, and room for second-level tables behind
RESULT: Final = 0x8020_0000
LOG: Final = 0x8021_0000
STATE: Final = 0x8022_0000
REGION_BYTES: Final = 0x1000
TRAMPOLINES: Final = 0x8023_0000  # 8 bytes each: a jump, and the address of the handler
HIGH_PAGE: Final = 0x802F_0000  # what the flat map has at 0xFFFF0000
CONSTANTS: Final = {
    "FINISH": FINISH,
    "TABLE": TABLE,
    "TABLE2": TABLE + 0x4000,
    "RESULT": RESULT,
    "RESULT_FIQ": RESULT + REGION_BYTES // 2,
    "LOG": LOG,
    "STATE": STATE,
    "TRAMPOLINES": TRAMPOLINES,
    "LOG_NEXT": TRAMPOLINES + 0x100,
    "RESUME": TRAMPOLINES + 0x104,
    "IRQ_BODY": TRAMPOLINES + 0x108,
    "FIQ_BODY": TRAMPOLINES + 0x10C,
    "STACKS": 0x8024_0000,
    "DATA": 0x8030_0000,
    "HIGH_PAGE": HIGH_PAGE,
    "UNDEFINED": 1,
    "SVC": 2,
    "PREFETCH_ABORT": 3,
    "DATA_ABORT": 4,
    "IRQ": 6,
    "FIQ": 7,
    "UART1": 0x43F9_0000,
    "UART2": 0x43F9_4000,
    "CCM": 0x53F8_0000,
    "GPT": 0x53F9_0000,
    "EPIT1": 0x53F9_4000,
    "EPIT2": 0x53F9_8000,
    "GPIO1": 0x53FC_C000,
    "GPIO2": 0x53FD_0000,
    "GPIO3": 0x53FA_4000,
    "AVIC": 0x6800_0000,
    "WDOG": 0x53FD_C000,
    "RTC": 0x53FD_8000,
}
REGIONS: Final = ((RESULT, REGION_BYTES), (LOG, REGION_BYTES), (STATE, REGION_BYTES))
#: Handlers by the number of their vector.
_HANDLERS: Final = (
    "on_nothing", "on_undefined", "on_svc", "on_prefetch_abort", "on_data_abort", "on_nothing",
    "on_irq", "on_fiq",
)  # fmt: skip
_LOAD_PC_FROM_24: Final = 0xE59F_F018  # ldr pc, [pc, #24]
_LOAD_PC_BEHIND: Final = 0xE51F_F004  # ldr pc, [pc, #-4]
_CORE: Final = re.compile(r"^@ core: (\w+)$", re.MULTILINE)
_TYPED: Final = re.compile(r"^@ typed: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that is ready to run."""

    name: str
    summary: str
    image: Image
    typed: bytes
    core: str | None = None

    @property
    def digest(self) -> str:
        """Changes with everything that a run depends on."""
        state = hashlib.sha256(self.typed)
        for segment in self.image.segments:
            state.update(segment.paddr.to_bytes(4, "little") + segment.data)
        return state.hexdigest()[:16]


def names() -> list[str]:
    """Of all programs, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.s"))


def load_program(name: str) -> Program:
    """Assemble a program; InputError if there is none of that name or it is wrong."""
    path = FOLDER / f"{name}.s"
    if not path.exists():
        raise InputError(f"{name}: expected the name of a program in oracle/programs")
    text = path.read_text(encoding="utf-8")
    typed = _TYPED.search(text)
    core = _CORE.search(text)
    return Program(
        name,
        _summary(text),
        build(text, name),
        typed.group(1).encode().decode("unicode_escape").encode("latin-1") if typed else b"",
        core.group(1) if core else None,
    )


def build(text: str, name: str) -> Image:
    """The image of a program's source text."""
    macros, runtime = (_without_licence(part) for part in _runtime_parts())
    source = _without_licence(text)
    if "literals" not in labels_of(source):
        source += "\nliterals:\n"
    try:
        assembly = assemble(f"{macros}{source}{runtime}", CODE, CONSTANTS)
    except AssemblyError as error:
        raise InputError(f"{name}: {error}") from error
    handlers = [assembly.labels[label] for label in _HANDLERS]
    pieces = (
        (0, _vectors()),
        (CODE, assembly.code),
        (TRAMPOLINES, _words(part for each in handlers for part in (_LOAD_PC_BEHIND, each))),
        (HIGH_PAGE, _vectors()),
    )
    segments = tuple(Segment(base, base, data, len(data)) for base, data in pieces)
    return Image(name, segments, assembly.labels["start"], assembly.labels)


def _runtime_parts() -> tuple[str, str]:
    macros, _, code = _RUNTIME.read_text(encoding="utf-8").partition(_SPLIT)
    return macros, code


def _without_licence(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _summary(text: str) -> str:
    lines = [line[1:].strip() for line in text.splitlines()[1:] if line.startswith("@")]
    return lines[0] if lines else ""


def _vectors() -> bytes:
    targets = [TRAMPOLINES + 8 * number for number in range(len(_HANDLERS))]
    return _words([_LOAD_PC_FROM_24] * len(targets) + targets)


def _words(values: Iterable[int]) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)
