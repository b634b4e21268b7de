# SPDX-License-Identifier: BSD-2-Clause
"""The kinds of device that a board file may name: their options, and how each is built.

Modelled: nothing of its own; it wires each device to queue, clocks, console, pins and interrupt
line.

Not modelled: two devices that share one interrupt source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sel4emu.devices.avic import Avic
from sel4emu.devices.banks import BANKS
from sel4emu.devices.base import Device, RegisterDevice, Wiring
from sel4emu.devices.ccm import REGISTER_NAMES, Ccm
from sel4emu.devices.cspi import Cspi
from sel4emu.devices.epit import Epit
from sel4emu.devices.fpga import Fpga
from sel4emu.devices.gpio import Gpio
from sel4emu.devices.gpt import Gpt
from sel4emu.devices.i2c import I2c
from sel4emu.devices.l2cc import L2cc
from sel4emu.devices.lan9118 import Lan9118
from sel4emu.devices.nfc import Nfc
from sel4emu.devices.onewire import OneWire
from sel4emu.devices.pwm import Pwm
from sel4emu.devices.registers import RegisterFile
from sel4emu.devices.rnga import Rnga
from sel4emu.devices.rtc import Rtc
from sel4emu.devices.sdhc import Sdhc
from sel4emu.devices.serial_line import IdleLine
from sel4emu.devices.uart import Uart
from sel4emu.devices.usb import Usb
from sel4emu.devices.watchdog import Watchdog

#: The value of an option after it was checked.
OptionValue = int | bool | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device as the board file lists it; addresses and sizes in bytes, `irq` 0 to 63."""

    name: str
    kind: str
    base: int
    size: int
    irq: int | None
    options: Mapping[str, OptionValue]


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a kind: it must be given, as a `type`; a table has only `keys`."""

    type: type[int] | type[bool] | type[dict[str, int]]
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of device: whether it has an interrupt, its options, how it is built."""

    build: Callable[[DeviceEntry, Wiring], Device]
    has_irq: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)


def _avic(entry: DeviceEntry, wiring: Wiring) -> Device:
    return Avic(entry.name, entry.base, entry.size, set_lines=wiring.set_lines)


def _number(entry: DeviceEntry, option: str) -> int:
    value = entry.options[option]
    assert isinstance(value, int)
    return value


def _ccm(entry: DeviceEntry, wiring: Wiring) -> Device:
    presets = entry.options["presets"]
    assert isinstance(presets, Mapping)
    return Ccm(entry.name, entry.base, entry.size, wiring, presets=presets)


def _pinned(model: type[Fpga] | type[Lan9118]) -> Callable[[DeviceEntry, Wiring], Device]:
    def build(entry: DeviceEntry, wiring: Wiring) -> Device:
        bank, pin = _number(entry, "interrupt_gpio"), _number(entry, "interrupt_pin")
        return model(entry.name, entry.base, entry.size, wiring, interrupt_pin=f"gpio{bank}.{pin}")

    return build


def _gpio(entry: DeviceEntry, wiring: Wiring) -> Device:
    levels = _number(entry, "input_levels")
    return Gpio(entry.name, entry.base, entry.size, wiring, input_levels=levels)


def _rtc(entry: DeviceEntry, wiring: Wiring) -> Device:
    day = _number(entry, "first_day")
    return Rtc(entry.name, entry.base, entry.size, wiring, first_day=day)


def _uart(entry: DeviceEntry, wiring: Wiring) -> Device:
    return Uart(
        entry.name,
        entry.base,
        entry.size,
        wiring,
        wiring.console,
        receive_cycles=_number(entry, "receive_cycles_per_byte"),
        flow_control=bool(entry.options["flow_control"]),
    )


def _idle_uart(entry: DeviceEntry, wiring: Wiring) -> Device:
    cycles = _number(entry, "cycles_per_byte")
    return Uart(
        entry.name,
        entry.base,
        entry.size,
        wiring,
        IdleLine(entry.name),
        receive_cycles=cycles,
        transmit_cycles=cycles,
        flow_control=False,
    )


def _wired(
    model: type[Cspi]
    | type[Epit]
    | type[Gpt]
    | type[I2c]
    | type[Nfc]
    | type[Sdhc]
    | type[Watchdog],
) -> Callable[[DeviceEntry, Wiring], Device]:
    return lambda entry, wiring: model(entry.name, entry.base, entry.size, wiring)


def _plain(
    model: type[RegisterDevice] | type[RegisterFile],
) -> Callable[[DeviceEntry, Wiring], Device]:
    return lambda entry, wiring: model(entry.name, entry.base, entry.size)


PIN_OPTIONS: Final = {"interrupt_gpio": Option(int), "interrupt_pin": Option(int)}

KINDS: Final[Mapping[str, Kind]] = {
    **{kind: Kind(_plain(model)) for kind, model in BANKS.items()},
    "avic": Kind(_avic),
    "ccm": Kind(_ccm, options={"presets": Option(dict, keys=REGISTER_NAMES)}),
    "cspi": Kind(_wired(Cspi), has_irq=True),
    "epit": Kind(_wired(Epit), has_irq=True),
    "fpga": Kind(_pinned(Fpga), options=PIN_OPTIONS),
    "gpio": Kind(_gpio, has_irq=True, options={"input_levels": Option(int)}),
    "gpt": Kind(_wired(Gpt), has_irq=True),
    "i2c": Kind(_wired(I2c), has_irq=True),
    "idle_uart": Kind(_idle_uart, has_irq=True, options={"cycles_per_byte": Option(int)}),
    "l2cc": Kind(_plain(L2cc)),
    "lan9118": Kind(_pinned(Lan9118), options=PIN_OPTIONS),
    "nfc": Kind(_wired(Nfc), has_irq=True),
    "onewire": Kind(_plain(OneWire)),
    "pwm": Kind(_plain(Pwm)),
    "registers": Kind(_plain(RegisterFile)),
    "rnga": Kind(_plain(Rnga)),
    "rtc": Kind(_rtc, has_irq=True, options={"first_day": Option(int)}),
    "sdhc": Kind(_wired(Sdhc), has_irq=True),
    "uart": Kind(
        _uart,
        has_irq=True,
        options={"receive_cycles_per_byte": Option(int), "flow_control": Option(bool)},
    ),
    "usb": Kind(_plain(Usb)),
    "watchdog": Kind(_wired(Watchdog)),
}
