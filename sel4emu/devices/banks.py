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

from sel4emu.devices.base import Register, RegisterDevice

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


#: The revision of the silicon that the fuses report: 2.0.
SILICON_REVISION: Final = 0x28

WORD_BANKS: Final[Mapping[str, Table]] = {
    "aips": {
        **run("MPR0 MPR1"),
        **array("PACR", range(4), 0x20, 0x4444_4444),
        **array("OPACR", range(5), 0x40, 0x4444_4444),
    },
    "cspi": {
        **fixed("RXDATA", 0x00),
        **run("TXDATA CONREG INTREG DMAREG", 0x04),
        **fixed("STATREG", 0x14, 0x3, clear_by_one=0x180),
        **run("PERIODREG", 0x18),
        **run("TESTREG", 0x1C0),
    },
    "esdctl": {
        **run("ESDCTL0 ESDCFG0 ESDCTL1 ESDCFG1"),
        0x10: Register("ESDMISC", 0x8000_0000, writable=0x7FFF_FFFF),  # memory is ready
        **array("MCDLY", range(1, 6), 0x20),
        0x34: Register("MCDLYL", writable=0),
    },
    "i2c": {
        **run("IADR IFDR I2CR"),
        **fixed("I2SR", 0x0C, 0x81),
        **run("I2DR", 0x10),
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
            for bank in range(2)
            for n in range(32)
        },
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
    "pwm": {
        **run("PWMCR"),
        **fixed("PWMSR", 0x04, 0x8, clear_by_one=0x78),
        **run("PWMIR PWMSAR", 0x08),
        **run("PWMPR", 0x10, reset=0xFFFE),
        **fixed("PWMCNR", 0x14),
    },
    "rompatch": {
        **array("ROMPATCHD", range(7, -1, -1), 0xD4),
        **run("ROMPATCHCNTL ROMPATCHENH ROMPATCHENL", 0xF4),
        **array("ROMPATCHA", range(16), 0x100),
        **fixed("ROMPATCHSR", 0x208),
    },
    "sdhc": {
        **run("STR_STP_CLK"),
        **fixed("STATUS", 0x04, 0x3000_0000),
        **run("CLK_RATE", 0x08, reset=0x8),
        **run("CMD_DAT_CONT", 0x0C),
        **run("RES_TO", 0x10, reset=0x40),
        **run("READ_TO", 0x14, reset=0xFFFF),
        **run("BLK_LEN NOB", 0x18),
        **fixed("REV_NO", 0x20, 0x400),
        **run("INT_CNTR CMD ARG", 0x24),
        **fixed("RES_FIFO", 0x34),
        **run("BUFFER_ACCESS", 0x38),
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
