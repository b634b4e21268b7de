# SPDX-License-Identifier: BSD-2-Clause
"""Board files: the real one, every mistake, and the devices that are built from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.board import (
    Board,
    BootNames,
    board_folder,
    build_devices,
    known_boards,
    load_board,
    parse_board,
)
from sel4emu.console import BytesInput, Console
from sel4emu.devices import gpio
from sel4emu.devices.avic import INTENNUM, NIVECSR, Avic
from sel4emu.devices.base import Device
from sel4emu.errors import InputError
from sel4emu.events import EventQueue
from sel4emu.machine import Machine

SMALL = """
name = "small"
description = "as little as possible"
[clocks]
cpu = 1000
ipg = 100
ipg_highfreq = 100
ckil = 10
ckih = 50
[[memory]]
name = "sdram"
kind = "ram"
base = 0x8000_0000
size = 0x10_0000
[[device]]
name = "avic"
kind = "avic"
base = 0x6800_0000
size = 0x1000
[[device]]
name = "epit1"
kind = "epit"
base = 0x53F9_4000
size = 0x4000
irq = 28
[[device]]
name = "uart1"
kind = "uart"
base = 0x43F9_0000
size = 0x4000
irq = 45
options = { receive_cycles_per_byte = 500, flow_control = true }
"""

MISTAKES = {
    "unknown top key": ("name =", "colour = 1\nname =", "key 'colour': expected no key"),
    "unknown key": ("irq = 28", "irq = 28\nirc = 1", "device 2 ('epit1'): key 'irc'"),
    "missing key": ("irq = 28", "", "key 'irq': expected an integer, but the key is missing"),
    "missing name": ('name = "small"', "", "key 'name': expected a string, but the key is missing"),
    "missing clock": ("ckil = 10", "", "clocks: key 'ckil': expected an integer"),
    "slow processor": ("cpu = 1000", "cpu = 99", "clocks: key 'cpu': expected a frequency"),
    "wrong type": ("irq = 28", 'irq = "28"', "key 'irq': expected an integer, not '28'"),
    "bool is no integer": ("irq = 28", "irq = true", "key 'irq': expected an integer, not True"),
    "float": ("cpu = 1000", "cpu = 1e3", "key 'cpu': expected an integer, not 1000.0"),
    "empty name": ('name = "avic"', 'name = ""', "expected a string that is not empty"),
    "no table": ("[clocks]", "clocks = 1\n[x]", "key 'clocks': expected a table, not 1"),
    "irq too high": ("irq = 28", "irq = 64", "key 'irq': expected an integer from 0 to 63, not 64"),
    "irq negative": ("irq = 28", "irq = -1", "from 0 to 63, not -1"),
    "irq twice": ("irq = 28", "irq = 45", "but 45 is that of 'epit1'"),
    "irq where none is": ('kind = "avic"', 'kind = "avic"\nirq = 1', "key 'irq': expected no key"),
    "unknown kind": ('kind = "epit"', 'kind = "pit"', "expected one of aips, ata, audmux, avic"),
    "unknown memory kind": ('kind = "ram"', 'kind = "dram"', "expected one of ram, rom"),
    "boot without names": (
        "[clocks]",
        "[boot]\nmachine = 1\n[clocks]",
        "boot: key 'compatible': expected an array",
    ),
    "boot without strings": (
        "[clocks]",
        "[boot]\nmachine = 1\ncompatible = [1]\n[clocks]",
        "boot: key 'compatible': expected an array of strings of printable ASCII",
    ),
    "boot with a control character": (
        "[clocks]",
        '[boot]\nmachine = 1\ncompatible = ["a\\u0000"]\n[clocks]',
        "boot: key 'compatible': expected an array of strings of printable ASCII",
    ),
    "boot with a large number": (
        "[clocks]",
        '[boot]\nmachine = 0x1_0000_0000\ncompatible = ["a"]\n[clocks]',
        "boot: key 'machine': expected an integer from 0 to 4294967295",
    ),
    "unknown boot key": (
        "[clocks]",
        '[boot]\nmachine = 1\ncompatible = ["a"]\nname = "b"\n[clocks]',
        "boot: key 'name': expected no key",
    ),
    "no ram": ('kind = "ram"', 'kind = "rom"', "key 'memory': expected at least one entry"),
    "unaligned base": ("base = 0x6800_0000", "base = 0x6800_0010", "a multiple of 0x1000"),
    "unaligned size": ("size = 0x1000\n", "size = 0x1001\n", "a multiple of 0x1000, not 0x1001"),
    "size zero": ("size = 0x1000\n", "size = 0\n", "key 'size': expected an integer from 1"),
    "beyond the end": ("base = 0x6800_0000", "base = 0xFFFF_F000", None),
    "far too large": ("size = 0x1000\n", "size = 0xFFFF_F000\n", "expected at most 0x98000000"),
    "overlap": ("base = 0x53F9_4000", "base = 0x43F9_3000", "the end of 'uart1', not 0x43f93000"),
    "overlap with memory": ("base = 0x6800_0000", "base = 0x8000_1000", "the end of 'sdram'"),
    "name twice": ('name = "epit1"', 'name = "uart1"', "device 'uart1': key 'name'"),
    "no avic": ('kind = "avic"', 'kind = "registers"', "expected one entry of kind avic, not 0"),
    "unknown option": ("flow_control", "flow", "options: key 'flow_control': expected true"),
    "option of the wrong type": ("= true }", "= 1 }", "expected true or false, not 1"),
    "surplus option": ("= true }", "= true, x = 1 }", "options: key 'x': expected no key"),
    "options missing": ("options = {", "other = {", "key 'options': expected a table"),
    "endless number": ("cpu = 1000", f"cpu = {'9' * 6000}", "expected a TOML document"),
    "not TOML": ("[clocks]", "[clocks", "expected a TOML document"),
}


@pytest.fixture
def small() -> Board:
    """A board of three devices."""
    return parse_board(SMALL, "small.toml")


def test_kzm_board_is_what_the_hardware_is() -> None:
    """Memory map, clocks and interrupt lines of the KZM-ARM11-01."""
    board = load_board("kzm_arm11")
    memories = {memory.name: (memory.kind, memory.base, memory.size) for memory in board.memories}
    assert memories == {
        "secure_rom": ("rom", 0, 0x4000),
        "rom": ("rom", 0x0040_4000, 0x4000),
        "iram": ("ram", 0x1FFF_C000, 0x4000),
        "sdram": ("ram", 0x8000_0000, 128 << 20),
    }
    assert board.boot == BootNames(1722, ("kmc,kzm-arm11-01", "fsl,imx31"))
    lines = {entry.name: entry.irq for entry in board.devices if entry.irq is not None}
    ports = {"uart1": 45, "uart2": 32, "uart3": 18, "uart4": 46, "uart5": 47}
    timers = {"gpt": 29, "epit1": 28, "epit2": 27, "rtc": 25}
    pins = {"gpio1": 52, "gpio2": 51, "gpio3": 56}
    buses = {"i2c1": 10, "i2c2": 4, "i2c3": 3, "cspi1": 14, "cspi2": 13, "cspi3": 17}
    assert lines == ports | timers | pins | buses | {"sdhc1": 9, "sdhc2": 8, "nfc": 33}
    assert (board.clocks.cpu, board.clocks.ipg, board.clocks.ckil) == (
        532_000_000,
        66_500_000,
        32768,
    )


def test_a_board_need_not_be_known_to_kernels(small: Board) -> None:
    """Without [boot] the number is the one that stands for none, and there are no names."""
    assert small.boot == BootNames(0xFFFF_FFFF, ())


def test_devices_of_a_board_are_wired_to_each_other() -> None:
    """A UART of the FPGA interrupts through GPIO1 and the AVIC; the CCM slows the GPT down."""
    machine = Machine.from_board(timing="off")
    store, load = machine.bus.write_device, machine.bus.read_device
    store(0x53FC_C014, 2)  # IMR of GPIO1: pin 1
    store(0x53FC_C00C, gpio.HIGH_LEVEL << 2)
    store(0x6800_0008, 52)
    assert load(0x6800_0040) == 0xFFFF_FFFF
    store(0xB400_1000, 2, 1)
    store(0xB400_1041, 2, 1)
    assert load(0x6800_0040) == 52 << 16
    store(0x53F9_0000, 0x243)
    machine.charge(8000)
    store(0x53F8_0004, 0xFF87_0B78)  # PDR0 of the CCM: AHB and IPG at half the speed
    machine.charge(8000)
    assert load(0x53F9_0024) == 1500


def test_ethernet_interrupts_through_its_pin() -> None:
    """The controller's pin is one of GPIO1, which has a source of the AVIC."""
    machine = Machine.from_board(timing="off")
    store, load = machine.bus.write_device, machine.bus.read_device
    store(0x53FC_C00C, gpio.HIGH_LEVEL << 4)  # ICR1 of GPIO1: pin 2
    store(0x53FC_C014, 4)
    store(0x6800_0008, 52)
    assert load(0x6800_0040) == 0xFFFF_FFFF
    store(0xB600_0054, 0x111)  # IRQ_CFG: on, push-pull, high
    store(0xB600_005C, 1 << 31)
    assert load(0x6800_0040) == 52 << 16
    store(0xB600_0058, 1 << 31)
    assert load(0x6800_0040) == 0xFFFF_FFFF


def test_unknown_board_names_the_known_ones() -> None:
    """The sentence lists what could have been meant."""
    with pytest.raises(InputError, match=r"no board 'kzm'; expected one of: .*kzm_arm11"):
        load_board("kzm")
    assert "kzm_arm11" in known_boards()


def test_board_from_a_file(tmp_path: Path) -> None:
    """A path works like a name."""
    path = tmp_path / "mine.toml"
    path.write_text(SMALL)
    assert load_board(str(path)).name == "small"


def test_folder_of_a_board(tmp_path: Path) -> None:
    """Other files of a board lie where its board file does, be it named or given by path."""
    assert (board_folder("kzm_arm11") / "timing.toml").is_file()
    assert board_folder(str(tmp_path / "mine.toml")) == tmp_path
    with pytest.raises(InputError, match="no board 'kzm'"):
        board_folder("kzm")


@pytest.mark.parametrize("name", ["none.toml", "folder.toml", "latin.toml", "x" * 5000 + ".toml"])
def test_unreadable_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    """Missing files, folders and bytes that are no text are the user's mistake."""
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(InputError, match=name):
        load_board(str(tmp_path / name))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_names_file_key_and_expectation(mistake: str) -> None:
    """Each mistake gives one sentence that names the file and says what was expected."""
    old, new, expected = MISTAKES[mistake]
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    if expected is None:
        assert parse_board(text, "small.toml").devices[0].base == 0xFFFF_F000
        return
    with pytest.raises(InputError) as caught:
        parse_board(text, "small.toml")
    sentence = str(caught.value)
    assert sentence.startswith("small.toml: ")
    assert expected in sentence
    assert "\n" not in sentence


def test_array_of_numbers_is_no_array_of_tables() -> None:
    """Entries that are no tables are refused where they are."""
    text = SMALL.replace("[[memory]]", "[[other]]").replace("name =", "memory = [1]\nname =", 1)
    with pytest.raises(InputError, match="key 'memory': expected an array of tables"):
        parse_board(text, "small.toml")


@given(st.integers(0, len(SMALL) - 1), st.text(max_size=3), st.integers(0, 5))
def test_damaged_file_never_raises_anything_else(place: int, text: str, removed: int) -> None:
    """Whatever is typed into a board file, it is read or refused with a sentence."""
    damaged = SMALL[:place] + text + SMALL[place + removed :]
    board, sentence = None, "small.toml: "
    try:
        board = parse_board(damaged, "small.toml")
    except InputError as error:
        sentence = str(error)
    assert sentence.startswith("small.toml: ")
    assert board is None or board.memories


def test_deeply_nested_file_is_refused() -> None:
    """A hostile document does not exhaust the stack."""
    with pytest.raises(InputError, match="expected a TOML document"):
        parse_board("a = " + "[" * 100_000, "small.toml")


def test_devices_are_wired_to_the_controller(small: Board) -> None:
    """A byte for the UART reaches the IRQ output as source 45, one character time later."""
    cycle = 0
    outputs: list[tuple[bool, bool]] = []
    events = EventQueue(lambda: cycle, lambda _: None)
    mapped = build_devices(
        small,
        events=events,
        now=lambda: cycle,
        console=Console(BytesInput(b"!")),
        set_lines=lambda irq, fiq: outputs.append((irq, fiq)),
    )
    devices: dict[str, Device] = {entry.device.name: entry.device for entry in mapped}
    assert [(entry.base, entry.size) for entry in mapped] == [
        (entry.base, entry.size) for entry in small.devices
    ]
    assert isinstance(devices["avic"], Avic)
    devices["avic"].write(INTENNUM, 4, 45)
    devices["uart1"].write(0x80, 4, 0x201)
    assert events.next_cycle == 500
    assert events.owners() == {"uart1"}
    cycle = 500
    events.run_due()
    assert outputs == [(True, False)]
    assert devices["avic"].read(NIVECSR, 4) == 45 << 16
