# SPDX-License-Identifier: BSD-2-Clause
"""CCM: its registers say what the clocks of the board are."""

from sel4emu.board import load_board
from sel4emu.devices.ccm import Ccm, pll_hertz


def test_reset_values_are_those_of_the_chip() -> None:
    """Without presets the registers have the chip's values, among them the processor's PLL."""
    ccm = Ccm("ccm", 0x53F8_0000, 0x4000, presets={})
    assert ccm.read(0x00, 4) == 0x074B_0B7D
    assert ccm.read(0x10, 4) == 0x0400_1800
    assert ccm.read(0x64, 4) == 0x285


def test_presets_survive_a_reset_and_writes_do_not() -> None:
    """What the boot loader left is there again after a reset."""
    ccm = Ccm("ccm", 0x53F8_0000, 0x4000, presets={"MPCTL": 0x1234})
    ccm.write(0x10, 4, 0)
    assert ccm.read(0x10, 4) == 0
    ccm.reset()
    assert ccm.read(0x10, 4) == 0x1234


def test_pll_formula() -> None:
    """MFI 10, MFN 3, MFD 12, PD 0 make 532 MHz of 26 MHz."""
    assert pll_hertz(12 << 16 | 10 << 10 | 3, 26_000_000) == 532_000_000


def test_registers_agree_with_the_clocks_of_the_board() -> None:
    """A guest that computes its clocks from the CCM finds those of the board file."""
    board = load_board("kzm_arm11")
    entry = board.device("ccm")
    assert entry is not None
    presets = entry.options["presets"]
    assert isinstance(presets, dict)
    ccm = Ccm("ccm", entry.base, entry.size, presets=presets)
    cpu, ahb, ipg = ccm.frequencies(board.clocks.ckih)
    assert (cpu, ahb, ipg) == (board.clocks.cpu, board.clocks.cpu // 4, board.clocks.ipg)
