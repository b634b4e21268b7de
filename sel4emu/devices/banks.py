# SPDX-License-Identifier: BSD-2-Clause
"""Devices of the i.MX31 that guests set up, or look for, and that do nothing here.

Modelled: their registers, by name, with the value after reset where it is known (0 elsewhere) and
with the bits that a write cannot change where that matters to a guest: flags, identification,
fuses. An offset without a register is logged, so that a driver that needs more is seen.

Not modelled: any behaviour. No card, keypad, bus or DMA channel ever answers, no flag is ever set
after the reset, and there is no interrupt.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register, RegisterDevice

Table = Mapping[int, Register]


def run(names: str, start: int = 0, step: int = 4, reset: int = 0) -> dict[int, Register]:
    """Registers one behind the other, with these names."""
    offsets = range(start, start + step * len(names.split()), step)
    return {at: Register(name, reset) for at, name in zip(offsets, names.split(), strict=True)}


def array(name: str, numbers: Iterable[int], start: int, reset: int = 0) -> dict[int, Register]:
    """Word registers name0, name1, ... from an offset on."""
    return {start + 4 * i: Register(f"{name}{n}", reset) for i, n in enumerate(numbers)}


def fixed(name: str, offset: int, value: int = 0, clear_by_one: int = 0) -> dict[int, Register]:
    """A register that no write sets."""
    return {offset: Register(name, value, writable=0, clear_by_one=clear_by_one)}


#: AUDMUX after reset: ports 1 to 7.
AUDMUX_PTCR: Final = (0xAD40_0800, 0xA500_0800, 0, 0, 0, 0, 0)
AUDMUX_PDCR: Final = (0x8000, 0x6000, 0, 0, 0, 0, 0)

#: The security monitor has locked the controller, so that drivers leave it alone.
SMN_STATE_FAIL: Final = 0x9
#: The revision of the silicon that the fuses report: 2.0.
SILICON_REVISION: Final = 0x28

WORD_BANKS: Final[Mapping[str, Table]] = {
    "aips": {
        **run("MPR0 MPR1"),
        **array("PACR", range(4), 0x20, 0x4444_4444),
        **array("OPACR", range(5), 0x40, 0x4444_4444),
    },
    "ata": {
        **run("TIMING0 TIMING1 TIMING2 TIMING3 TIMING4 TIMING5"),
        **run("FIFO_DATA_32 FIFO_DATA_16", 0x18),
        **fixed("FIFO_FILL", 0x20),
        **run("ATA_CONTROL", 0x24),
        **fixed("INT_PENDING", 0x28, 0x10),  # the transfer engine is idle
        **run("INT_ENABLE INT_CLEAR FIFO_ALARM", 0x2C),
        # A bus without a drive: its pull-downs keep bit 7, busy, at 0.
        **{
            offset: Register(name, 0x7F, writable=0)
            for offset, name in (
                (0xA0, "DRIVE_DATA"),
                (0xA4, "DRIVE_FEATURES"),
                (0xA8, "DRIVE_SECTOR_COUNT"),
                (0xAC, "DRIVE_SECTOR_NUM"),
                (0xB0, "DRIVE_CYL_LOW"),
                (0xB4, "DRIVE_CYL_HIGH"),
                (0xB8, "DRIVE_DEV_HEAD"),
                (0xBC, "DRIVE_COMMAND"),
                (0xD8, "DRIVE_CONTROL"),
            )
        },
    },
    "audmux": {
        **{
            8 * port + 4 * part: Register(f"{name}{port + 1}", reset)
            for port, reset in enumerate(AUDMUX_PTCR)
            for part, (name, reset) in enumerate((("PTCR", reset), ("PDCR", AUDMUX_PDCR[port])))
        },
        **run("CNMCR", 0x38, reset=0x1),
    },
    "esdctl": {
        **run("ESDCTL0 ESDCFG0 ESDCTL1 ESDCFG1"),
        0x10: Register("ESDMISC", 0x8000_0000, writable=0x7FFF_FFFF),  # memory is ready
        **array("MCDLY", range(1, 6), 0x20),
        0x34: Register("MCDLYL", writable=0),
    },
    "iim": {
        **fixed("STAT", 0x00, clear_by_one=0x3),
        **run("STATM", 0x04),
        **fixed("ERR", 0x08, clear_by_one=0xFE),
        **run("EMASK FCTL UA LA", 0x0C),
        **fixed("SDAT", 0x1C),
        **fixed("PREV", 0x20),
        **fixed("SREV", 0x24, SILICON_REVISION),
        **run("PREG_P SCS0 SCS1 SCS2 SCS3", 0x28),
        **{
            0x800 + 0x400 * bank + 4 * n: Register(f"FUSE{bank}_{n}", writable=0)
            for bank in range(3)
            for n in range(32)
        },
    },
    "iomuxc": {
        **fixed("OBSINT1", 0x00),
        **fixed("OBSINT2", 0x04),
        **run("GPR", 0x08),
        **array("SW_MUX_CTL", range(82), 0x0C),
        **array("SW_PAD_CTL", range(110), 0x154),
    },
    "ipu": {
        **run("CONF CHA_BUF0_RDY CHA_BUF1_RDY CHA_DB_MODE_SEL CHA_CUR_BUF FS_PROC_FLOW"),
        **run("FS_DISP_FLOW TASKS_STAT IMA_ADDR IMA_DATA", 0x18),
        **array("INT_CTRL", range(1, 6), 0x28),
        **{0x3C + 4 * n: Register(f"INT_STAT{n + 1}", 0, 0, WORD_MASK) for n in range(5)},
        **run("BRK_CTRL1 BRK_CTRL2 BRK_STAT DIAGB_CTRL", 0x50),
        **array("SENS_IC_IDMAC_DI", range(105), 0x60),
    },
    "m3if": {
        **run("M3IFCTL"),
        **array("M3IFWCFG", range(8), 0x04),
        **run("M3IFWCSR M3IFSCFG0 M3IFSCFG1 M3IFSCFG2", 0x24),
        **array("M3IFMCR", range(8), 0x34),
    },
    "max": {
        **{0x100 * n: Register(f"MPR{n}", 0x0054_3210) for n in range(5)},
        **{0x100 * n + 0x10: Register(f"SGPCR{n}") for n in range(5)},
        **{0x100 * n + 0x800: Register(f"MGPCR{n}") for n in range(6)},
    },
    "pcmcia": {
        **fixed("PIPR", 0x00),
        **fixed("PSCR", 0x04),
        **run("PER", 0x08),
        **array("PBR", range(5), 0x0C),
        **array("POR", range(5), 0x28),
        **array("POFR", range(5), 0x44),
        **run("PGCR", 0x60),
        **fixed("PGSR", 0x64),
    },
    "rompatch": {
        **array("ROMPATCHD", range(7, -1, -1), 0xD4),
        **run("ROMPATCHCNTL ROMPATCHENH ROMPATCHENL", 0xF4),
        **array("ROMPATCHA", range(16), 0x100),
        **fixed("ROMPATCHSR", 0x208),
    },
    "sdma": {
        **run("MC0PTR"),
        **fixed("INTR", 0x04, clear_by_one=0xFFFF_FFFF),
        **fixed("STOP_STAT", 0x08, clear_by_one=0xFFFF_FFFF),
        **fixed("HSTART", 0x0C, clear_by_one=0xFFFF_FFFF),
        **run("EVTOVR DSPOVR HOSTOVR EVTPEND", 0x10),
        **fixed("RESET", 0x24),
        **fixed("EVTERR", 0x28),
        **run("INTRMASK", 0x2C),
        **fixed("PSW", 0x30),
        **fixed("EVTERRDBG", 0x34),
        **run("CONFIG", 0x38, reset=0x3),
        **run("ONCE_ENB ONCE_DATA ONCE_INSTR", 0x40),
        **fixed("ONCE_STAT", 0x4C, 0xE000),
        **run("ONCE_CMD", 0x50),
        **fixed("EVT_MIRROR", 0x54),
        **run("ILLINSTADDR", 0x58, reset=0x1),
        **run("CHN0ADDR", 0x5C, reset=0x50),
        **run("XTRIG_CONF1 XTRIG_CONF2", 0x70),
        **array("CHNENBL", range(32), 0x80),
        **array("CHNPRI", range(32), 0x100),
    },
    "scc": {
        **run("RED_START BLACK_START LENGTH CONTROL"),
        **fixed("STATUS", 0x10),
        **fixed("ERROR", 0x14),
        **run("INTERRUPT_CTRL CONFIGURATION INIT_VECTOR0 INIT_VECTOR1", 0x18),
        **array("RED", range(256), 0x400),
        **array("BLACK", range(256), 0x800),
        **fixed("SMN_STATUS", 0x1000, SMN_STATE_FAIL),
        **run("SMN_COMMAND SEQUENCE_START SEQUENCE_END SEQUENCE_CHECK BIT_COUNT", 0x1004),
        **run("INCREMENT_SIZE BIT_DECREMENT COMPARE_SIZE PLAINTEXT CIPHERTEXT", 0x1018),
        **run("TIMER_IV TIMER_CONTROL", 0x102C),
        **fixed("DEBUG_STATUS", 0x1034),
        **fixed("TIMER", 0x1038),
    },
    "ssi": {
        **run("STX0 STX1"),
        **fixed("SRX0", 0x08),
        **fixed("SRX1", 0x0C),
        **run("SCR", 0x10),
        **fixed("SISR", 0x14, 0x3003),
        **run("SIER", 0x18, reset=0x3003),
        **run("STCR SRCR", 0x1C, reset=0x200),
        **run("STCCR SRCCR", 0x24, reset=0x4_0000),
        **run("SFCSR", 0x2C, reset=0x0081_0081),
        **run("STR SOR SACNT SACADD SACDAT SATAG STMSK SRMSK", 0x30),
    },
    "spba": array("PRR", range(32), 0x00, 0x7),
    "weim": {
        **{
            0x10 * select + 4 * part: Register(f"CSCR{select}{letter}")
            for select in range(6)
            for part, letter in enumerate("ULA")
        },
        **run("WCR", 0x60),
    },
}

HALFWORD_BANKS: Final[Mapping[str, Table]] = {
    "kpp": {
        0: Register("KPCR"),
        2: Register("KPSR", 0x0400, writable=0x0F0C, clear_by_one=0x3),
        4: Register("KDDR"),
        6: Register("KPDR"),
    },
}


def bank(registers: Table, width_bytes: int) -> type[RegisterDevice]:
    """A class of devices with these registers of 2 or 4 bytes."""

    class Bank(RegisterDevice):
        """Registers without behaviour."""

        table: ClassVar[Mapping[int, Register]] = registers
        width: ClassVar[int] = width_bytes

    return Bank


BANKS: Final[Mapping[str, type[RegisterDevice]]] = {
    **{kind: bank(table, 4) for kind, table in WORD_BANKS.items()},
    **{kind: bank(table, 2) for kind, table in HALFWORD_BANKS.items()},
}
