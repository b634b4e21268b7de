# SPDX-License-Identifier: BSD-2-Clause
"""The kernel image: assembles the text and the vector page, and writes ELF files and listings.

The image is IMAGE_BYTES long and linked at WINDOW_BASE; the loader puts it at RAM_BASE. Options
that the assembly depends on are settled here, once, so that they cost nothing at run time.
"""

import re
from dataclasses import dataclass
from typing import Final

from kernel import layout
from kernel.asm import boot, cspace, entry, ipc, retype, schedule, vectors
from kernel.elf import Section, Symbol, write_elf
from kernel.options import KernelOptions
from sel4emu.asm import Assembly, assemble

_POOL: Final = "\nliterals:\n.ltorg\n"
#: Kernel variables and objects that a debugger wants by name.
_DATA_SYMBOLS: Final = {
    name.lower(): getattr(layout, name)
    for name in (
        "KV_CURRENT", "KV_IDLE", "KV_SCHEDULER_ACTION", "KV_LOADED_ASID", "KV_READY_SUMMARY",
        "KV_READY_BITMAP", "KV_MDB_ROOT", "KV_FAULT_STATUS", "KV_IRQ_STATE", "READY_QUEUES",
        "ASID_TABLE", "GLOBALS", "KERNEL_PD", "KERNEL_PT", "IDLE_TCB", "IRQ_NODE",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KernelImage:
    """The assembled kernel: `text` at WINDOW_BASE and `vectors` for the page at 0xFFFF0000."""

    options: KernelOptions
    text: Assembly
    vectors: Assembly

    @property
    def symbols(self) -> dict[str, int]:
        """Kernel virtual addresses by label."""
        labels = {name: at for name, at in self.text.labels.items() if name != "literals"}
        return labels | _DATA_SYMBOLS

    @property
    def entry(self) -> int:
        """Physical address at which the loader enters."""
        return layout.physical_address(self.text.labels["_start"])

    def contents(self) -> bytes:
        """All IMAGE_BYTES bytes, as they lie in RAM before boot."""
        image = bytearray(layout.IMAGE_BYTES)
        image[layout.TEXT_OFFSET : layout.TEXT_OFFSET + len(self.text.code)] = self.text.code
        at = layout.VECTORS_OFFSET
        image[at : at + len(self.vectors.code)] = self.vectors.code
        return bytes(image)


def _text_source(options: KernelOptions) -> str:
    if options.slow:
        return entry.SOURCE + boot.SOURCE + _POOL
    entry_source = entry.SOURCE.replace(entry.DISPATCH_LINE, entry.DISPATCH)
    # Paths that branch to each other stand together: a literal must lie within 4 KB of its user.
    retype_source = retype.SOURCE.replace(retype.NON_LEAF_LINE, retype.NON_LEAF[options.compat])
    parts = (entry_source, boot.SOURCE, cspace.SOURCE, schedule.SOURCE, ipc.SOURCE, retype_source)
    return "".join(parts) + _POOL + retype.TABLE


def _constants() -> dict[str, int]:
    return layout.asm_constants() | boot.CONSTANTS | ipc.CONSTANTS | retype.CONSTANTS


def build_image(options: KernelOptions) -> KernelImage:
    """Assemble the kernel for these options (some tens of milliseconds)."""
    text = assemble(_text_source(options), layout.WINDOW_BASE, _constants())
    assert len(text.code) <= layout.TEXT_BYTES, "the text runs into the data"
    entries = {name: text.labels[label] for name, label in vectors.ENTRIES.items()}
    page = assemble(vectors.SOURCE, layout.VECTORS_ADDRESS, entries)
    return KernelImage(options, text, page)


def elf_file(image: KernelImage) -> bytes:
    """The kernel as an ELF with symbols, linked at its virtual and loaded at physical addresses."""
    contents = image.contents()
    sections = [
        Section(".text", layout.WINDOW_BASE, contents[: layout.TEXT_BYTES], executable=True),
        Section(".data", layout.KERNEL_DATA, contents[layout.TEXT_BYTES :], executable=False),
    ]
    symbols = [Symbol(name, address) for name, address in image.symbols.items()]
    return write_elf(sections, symbols, image.entry, layout.WINDOW_OFFSET)


# --------------------------------------------------------------------------------------------
# Listing
# --------------------------------------------------------------------------------------------

_NO_CODE: Final = re.compile(r"\s*(@|$|\.|[A-Za-z_]\w*:)")


def _numbered(source: str) -> str:
    """The source with a label before every line that makes code, outside macro bodies."""
    lines, in_macro = [], False
    for number, line in enumerate(source.splitlines()):
        in_macro = in_macro or line.startswith(".macro")
        if not in_macro and not _NO_CODE.match(line):
            lines.append(f"line_{number}:")
        in_macro = in_macro and not line.startswith(".endm")
        lines.append(line)
    return "\n".join(lines)


def listing(image: KernelImage) -> str:
    """The annotated source with the address and the first word of every line of code."""
    source = _text_source(image.options)
    numbered = assemble(_numbered(source), layout.WINDOW_BASE, _constants())
    assert numbered.code == image.text.code
    lines = [f"; {len(image.text.code)} bytes of text, {len(image.text.labels)} labels", ""]
    for number, line in enumerate(source.splitlines()):
        address = numbered.labels.get(f"line_{number}")
        if address is None:
            lines.append(f"{'':22}{line}".rstrip())
        else:
            lines.append(f"{address:08x}  {numbered.word(address):08x}    {line.strip()}")
    return "\n".join(lines) + "\n"
