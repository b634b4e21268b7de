# SPDX-License-Identifier: BSD-2-Clause
"""Every kind of device can be built from an entry of a board."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from sel4emu.devices.base import Device
from sel4emu.devices.catalog import KINDS, DeviceEntry, Option, OptionValue
from sel4emu.errors import MachineCrash

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench


def sample(option: Option) -> OptionValue:
    """Some valid value of an option."""
    if option.type is dict:
        return dict.fromkeys(option.keys, 5)
    return True if option.type is bool else 1000


@pytest.mark.parametrize("kind", KINDS)
def test_builds_a_device_at_its_place(kind: str, bench: Bench) -> None:
    """The device has name, base and size of the entry, and can be read and reset."""
    options = {name: sample(option) for name, option in KINDS[kind].options.items()}
    entry = DeviceEntry("thing", kind, 0x5000_0000, 0x1000, None, options)
    device = KINDS[kind].build(entry, bench.wiring())
    assert isinstance(device, Device)
    assert (device.name, device.base, device.size) == ("thing", 0x5000_0000, 0x1000)
    before = [device.read(offset, 4) for offset in range(0, 0x100, 4)]
    device.reset()
    assert [device.read(offset, 4) for offset in range(0, 0x100, 4)] == before


SEED = 0x5E14
ACCESSES = 3000


@pytest.mark.parametrize("kind", KINDS)
def test_survives_any_access(kind: str, bench: Bench) -> None:
    """Reads and writes of every size anywhere, at random times, end no device but the watchdog.

    Values read fit their size, and the device can be reset afterwards.
    """
    random = Random(f"{SEED} {kind}")
    options = {name: sample(option) for name, option in KINDS[kind].options.items()}
    entry = DeviceEntry("thing", kind, 0x5000_0000, 0x2000, None, options)
    device = KINDS[kind].build(entry, bench.wiring())
    table = getattr(device, "table", {}) or dict.fromkeys(range(0, 0x100, 4))
    for _ in range(ACCESSES):
        offset = random.choice([*table, random.randrange(0x1FFC)]) + random.randrange(4)
        size = random.choice((1, 2, 4))
        with suppress(MachineCrash):
            if random.random() < 0.5:
                assert 0 <= device.read(offset, size) < 1 << 8 * size
            else:
                device.write(offset, size, random.getrandbits(8 * size))
            bench.run_to(bench.cycle + random.choice((0, 1, 100, 1_000_000)))
    device.reset()
    assert 0 <= device.read(0, 4) < 1 << 32
