# SPDX-License-Identifier: BSD-2-Clause
"""Words for system registers, held against values that kernels leave there."""

import pytest

from sel4emu.describe import control, fault_status, mode_name, program_status


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x6000_01D7, "abt, ARM, IRQ and FIQ and imprecise aborts masked, flags nZCvq"),
        (0x8000_0030, "usr, Thumb, nothing masked, flags Nzcvq"),
        (0x1800_0293, "svc, ARM, IRQ masked, big-endian data, flags nzcVQ"),
        (0x0000_0000, "mode 0x00, ARM, nothing masked, flags nzcvq"),
    ],
)
def test_program_status(status: int, words: str) -> None:
    """Mode, state, masks, byte order and flags."""
    assert program_status(status) == words


def test_mode_names() -> None:
    """All modes of the architecture, and numbers that are none."""
    numbers = (0x10, 0x11, 0x12, 0x13, 0x17, 0x1B, 0x1F, 0x16)
    names = ["usr", "fiq", "irq", "svc", "abt", "und", "sys", "mode 0x16"]
    assert [mode_name(number) for number in numbers] == names


@pytest.mark.parametrize(
    ("status", "data", "words"),
    [
        (0x805, True, "translation fault, section, by a write"),
        (0x027, True, "translation fault, page, domain 2, by a read"),
        (0x00F, False, "permission fault, page"),
        (0x008, False, "external abort: no memory and no device at the physical address"),
        (0x406, True, "imprecise external abort, by a read"),
        (0x000, True, "no fault"),
        (0x40A, False, "unknown fault 0x40a"),
    ],
)
def test_fault_status(status: int, data: bool, words: str) -> None:
    """Cause, domain where it is valid, and direction of data aborts."""
    assert fault_status(status, data=data) == words


def test_control() -> None:
    """After reset, and as a kernel sets it."""
    assert control(0x0005_0078) == (
        "MMU off, data cache off, instruction cache off, low vectors, page tables with subpages"
    )
    assert control(0x00C5_387D) == (
        "MMU on, data cache on, instruction cache on, branch prediction on, high vectors, "
        "ARMv6 page tables, unaligned access"
    )
