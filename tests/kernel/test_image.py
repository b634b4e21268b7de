# SPDX-License-Identifier: BSD-2-Clause
"""The kernel image in its variants: what lies where, and that listing, ELF and text agree."""

import re
from collections import Counter
from io import BytesIO
from itertools import pairwise

import pytest
from elftools.elf.elffile import ELFFile

from kernel import layout
from kernel.asm import vectors
from kernel.image import KernelImage, build_image, elf_file, listing
from kernel.layout import Trap
from kernel.options import KernelOptions

VARIANTS = {
    "default": KernelOptions(),
    "slow": KernelOptions(slow=True),
    "compat": KernelOptions(compat=True),
    "slow compat": KernelOptions(slow=True, compat=True),
}
CODE_LINE = re.compile(r"([0-9a-f]{8})  ([0-9a-f]{8})    (.*)")
LABEL_LINE = re.compile(r"\s+(\w+):")
#: `udf #n`, always: the number is in bits 19 to 8 and 3 to 0.
UDF, UDF_MASK = 0xE7F0_00F0, 0xFFF0_00F0


@pytest.fixture(params=VARIANTS)
def image(request: pytest.FixtureRequest) -> KernelImage:
    """The image of each variant."""
    return build_image(VARIANTS[request.param])


def _instructions(image: KernelImage) -> list[int]:
    """The words of the text before its literals."""
    end = image.text.labels["literals"]
    return [image.text.word(at) for at in range(layout.WINDOW_BASE, end, 4)]


def _listed(image: KernelImage) -> list[tuple[int, int, str]]:
    found = (CODE_LINE.fullmatch(line) for line in listing(image).splitlines())
    return [(int(line[1], 16), int(line[2], 16), line[3]) for line in found if line]


def test_contents(image: KernelImage) -> None:
    """Text at the start, the vector page at its place, and nothing but zeros elsewhere."""
    contents = bytearray(image.contents())
    assert len(contents) == layout.IMAGE_BYTES
    for offset, code in (
        (layout.TEXT_OFFSET, image.text.code),
        (layout.VECTORS_OFFSET, image.vectors.code),
    ):
        assert len(code) > 0 and contents[offset : offset + len(code)] == code
        contents[offset : offset + len(code)] = bytes(len(code))
    assert not any(contents)


def test_entry_is_the_start_of_the_text(image: KernelImage) -> None:
    """The loader enters at the physical address of `_start`."""
    assert layout.window_address(image.entry) == image.symbols["_start"]
    assert layout.RAM_BASE <= image.entry < layout.RAM_BASE + len(image.text.code)


def test_vectors_lead_to_the_entry_code(image: KernelImage) -> None:
    """Each of the eight vectors loads the address of its entry code."""
    page = image.vectors
    targets = []
    for at in range(page.address, page.address + 32, 4):
        word = page.word(at)
        assert word & 0xFFFF_F000 == 0xE59F_F000, "ldr pc, [pc, #...]"
        targets.append(page.word(at + 8 + (word & 0xFFF)))
    names = ("RESET", "UNDEFINED", "SVC", "PREFETCH_ABORT", "DATA_ABORT", "RESET", "IRQ", "FIQ")
    assert targets == [image.text.labels[vectors.ENTRIES[f"ENTRY_{name}"]] for name in names]


def test_every_trap_occurs_once(image: KernelImage) -> None:
    """Each trap that Python handles has its one instruction, and there is no other."""
    numbers = Counter(
        Trap(word >> 4 & 0xFFF0 | word & 0xF)
        for word in _instructions(image)
        if word & UDF_MASK == UDF
    )
    traps = ("BOOT", "SYSCALL", "VM_FAULT", "USER_EXCEPTION", "INTERRUPT", "KERNEL_PANIC")
    assert numbers == {Trap[name]: 1 for name in traps}


def test_symbols_lie_in_the_image(image: KernelImage) -> None:
    """Labels lie in the text, kernel data behind it and in the image; literals have no name."""
    end = layout.WINDOW_BASE + layout.IMAGE_BYTES
    for name, address in image.symbols.items():
        limit = image.text.end if name in image.text.labels else end
        assert layout.WINDOW_BASE <= address <= limit, name
    assert image.symbols["kv_current"] == layout.KV_CURRENT
    assert "literals" not in image.symbols


def test_elf_holds_the_image(image: KernelImage) -> None:
    """The ELF loads exactly the image, linked at the window and placed at the start of RAM."""
    elf = ELFFile(BytesIO(elf_file(image)))
    segments = list(elf.iter_segments())
    assert b"".join(segment.data() for segment in segments) == image.contents()
    starts = [layout.WINDOW_BASE, layout.WINDOW_BASE + layout.TEXT_BYTES]
    assert [segment["p_vaddr"] for segment in segments] == starts
    assert [layout.window_address(segment["p_paddr"]) for segment in segments] == starts
    assert elf.header["e_entry"] == image.entry
    symbols = elf.get_section_by_name(".symtab").iter_symbols()
    found = {symbol.name: symbol["st_value"] for symbol in symbols if symbol.name}
    assert found == image.symbols


def test_listing_agrees_with_the_text(image: KernelImage) -> None:
    """Addresses rise, and at each of them the text has the listed word."""
    lines = _listed(image)
    assert lines[0][0] == layout.WINDOW_BASE
    assert all(one[0] < other[0] for one, other in pairwise(lines))
    assert [word for _, word, _ in lines] == [image.text.word(at) for at, _, _ in lines]
    traps = {line for _, word, line in lines if word & UDF_MASK == UDF}
    assert {line.split()[0] for line in traps} == {"udf"} and len(traps) == 6


def test_listing_shows_labels_before_their_code(image: KernelImage) -> None:
    """The code line behind a label has the label's address."""
    waiting: list[str] = []
    seen = 0
    for line in listing(image).splitlines():
        label, code = LABEL_LINE.match(line), CODE_LINE.fullmatch(line)
        if label and label[1] in image.text.labels:
            waiting.append(label[1])
        elif code:
            assert {image.text.labels[name] for name in waiting} <= {int(code[1], 16)}
            seen += len(waiting)
            waiting = []
    assert seen > 10 and image.text.labels["literals"] <= image.text.labels[waiting[0]]


def test_slow_has_no_fast_path() -> None:
    """With `slow` every call goes to Python: no label of a fast path, and far less text."""
    fast, slow = build_image(KernelOptions()), build_image(KernelOptions(slow=True))
    assert {"fastpath_call", "fastpath_reply_wait"} <= fast.symbols.keys() - slow.symbols.keys()
    assert len(slow.text.code) < len(fast.text.code) // 2


def test_compat_changes_the_fast_path_of_retype_only() -> None:
    """The option is settled in the text; a slow kernel's text does not depend on it."""
    code = {name: build_image(options).text.code for name, options in VARIANTS.items()}
    assert code["default"] != code["compat"]
    assert code["slow"] == code["slow compat"]


def test_text_must_end_before_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that fills its room is taken, one that is a word longer is refused."""
    size = len(build_image(KernelOptions()).text.code)
    monkeypatch.setattr(layout, "TEXT_BYTES", size)
    assert len(build_image(KernelOptions()).text.code) == size
    monkeypatch.setattr(layout, "TEXT_BYTES", size - 4)
    with pytest.raises(AssertionError, match="the text runs into the data"):
        build_image(KernelOptions())
