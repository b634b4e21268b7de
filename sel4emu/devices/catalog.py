# SPDX-License-Identifier: BSD-2-Clause
"""The kinds of device that a board file may name: their options, and how each is built.

Modelled: nothing of its own; it wires each device to queue, clocks, console and interrupt line.

Not modelled: two devices that share one interrupt source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sel4emu.devices.avic import Avic
from sel4emu.devices.base import Device, Wiring
from sel4emu.devices.ccm import REGISTER_NAMES, Ccm
from sel4emu.devices.epit import Epit
from sel4emu.devices.gpt import Gpt
from sel4emu.devices.l2cc import L2cc
from sel4emu.devices.registers import RegisterFile
from sel4emu.devices.uart import Uart

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


def _ccm(entry: DeviceEntry, wiring: Wiring) -> Device:
    presets = entry.options["presets"]
    assert isinstance(presets, Mapping)
    return Ccm(entry.name, entry.base, entry.size, presets=presets)


def _timer(model: type[Epit] | type[Gpt]) -> Callable[[DeviceEntry, Wiring], Device]:
    return lambda entry, wiring: model(entry.name, entry.base, entry.size, wiring)


def _uart(entry: DeviceEntry, wiring: Wiring) -> Device:
    receive_cycles = entry.options["receive_cycles_per_byte"]
    assert isinstance(receive_cycles, int)
    return Uart(
        entry.name,
        entry.base,
        entry.size,
        wiring,
        receive_cycles=receive_cycles,
        flow_control=bool(entry.options["flow_control"]),
    )


def _plain(model: type[L2cc] | type[RegisterFile]) -> Callable[[DeviceEntry, Wiring], Device]:
    return lambda entry, wiring: model(entry.name, entry.base, entry.size)


KINDS: Final[Mapping[str, Kind]] = {
    "avic": Kind(_avic),
    "ccm": Kind(_ccm, options={"presets": Option(dict, keys=REGISTER_NAMES)}),
    "epit": Kind(_timer(Epit), has_irq=True),
    "gpt": Kind(_timer(Gpt), has_irq=True),
    "l2cc": Kind(_plain(L2cc)),
    "registers": Kind(_plain(RegisterFile)),
    "uart": Kind(
        _uart,
        has_irq=True,
        options={"receive_cycles_per_byte": Option(int), "flow_control": Option(bool)},
    ),
}
