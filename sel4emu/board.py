# SPDX-License-Identifier: BSD-2-Clause
"""Reads and checks `board.toml`, and builds the devices that it lists (schema: docs/BOARDS.md)."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Final

from sel4emu.console import Console
from sel4emu.devices.avic import SOURCE_COUNT, Avic
from sel4emu.devices.base import Device, InterruptLine, Wiring, unconnected
from sel4emu.devices.catalog import KINDS, DeviceEntry, Kind, Option, OptionValue
from sel4emu.devices.clock import Clocks
from sel4emu.devices.signals import Signals
from sel4emu.errors import InputError
from sel4emu.events import EventQueue

FILE_NAME: Final = "board.toml"
#: Bytes of a board or timing file: a thousand times what the longest of ours has.
LONGEST_FILE: Final = 16 << 20
MEMORY_KINDS: Final = ("ram", "rom")
#: Windows are whole pages: the emulated MMU and Unicorn map nothing smaller.
PAGE_BYTES: Final = 0x1000
ADDRESS_SPACE: Final = 1 << 32
#: What stands for the number of a machine that has none.
NO_MACHINE: Final = 0xFFFF_FFFF

_TYPE_NAMES: Final[Mapping[type, str]] = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    dict: "a table",
    list: "an array",
}


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """A memory of the board: `kind` is "ram" or "rom", base and size in bytes."""

    name: str
    kind: str
    base: int
    size: int


@dataclass(frozen=True, slots=True)
class BootNames:
    """As what a boot loader announces the board to a kernel.

    `machine` is the number in Linux's list of ARM machines; `compatible` are names for the root
    of a device tree, the board's own first.
    """

    machine: int = NO_MACHINE
    compatible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A checked board description; memories and devices in the order of the file."""

    name: str
    description: str
    clocks: Clocks
    memories: tuple[MemoryEntry, ...]
    devices: tuple[DeviceEntry, ...]
    boot: BootNames = BootNames()

    def device(self, name: str) -> DeviceEntry | None:
        """The device with this name, or None."""
        return next((entry for entry in self.devices if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class MappedDevice:
    """A device and the window of physical addresses at which it answers."""

    base: int
    size: int
    device: Device


def known_boards() -> list[str]:
    """Names of the boards that come with the package, sorted."""
    folders = resources.files("boards").iterdir()
    return sorted(folder.name for folder in folders if (folder / FILE_NAME).is_file())


def load_board(name_or_path: str) -> Board:
    """The board of that name, or the one in that file (anything with a `/` or ending in .toml).

    Raises InputError with one sentence that names the file, the key and what was expected.
    """
    if _is_path(name_or_path):
        path = Path(name_or_path)
        if not is_regular_file(path):
            raise InputError(f"{path}: expected a board file, but this is no regular file")
        return parse_board(read_text(path), str(path))
    source = board_folder(name_or_path) / FILE_NAME
    return parse_board(read_text(source), str(source))


def board_folder(name_or_path: str) -> Traversable:
    """The folder of a board, in which its other files lie. Raises InputError for an unknown name.

    Whether there is a board file in it is for `load_board` to find out.
    """
    if _is_path(name_or_path):
        return Path(name_or_path).parent
    if name_or_path not in known_boards():
        names = ", ".join(known_boards())
        raise InputError(f"there is no board '{name_or_path}'; expected one of: {names}")
    return resources.files("boards") / name_or_path


def _is_path(name_or_path: str) -> bool:
    return "/" in name_or_path or name_or_path.endswith(".toml")


def parse_board(text: str, file: str) -> Board:
    """The board described by `text`; `file` is its name in the sentences of an InputError."""
    top = _Table(parse_toml(text, file), file, "")
    board = Board(
        name=top.text("name"),
        description=top.text("description"),
        clocks=_clocks(top.table("clocks")),
        memories=tuple(_memory(table) for table in top.tables("memory")),
        devices=tuple(_device(table) for table in top.tables("device")),
        boot=_boot_names(top.table("boot")) if top.has("boot") else BootNames(),
    )
    top.finish()
    _check(board, file)
    return board


def build_devices(
    board: Board,
    *,
    events: EventQueue,
    now: Callable[[], int],
    console: Console,
    set_lines: Callable[[bool, bool], None],
) -> list[MappedDevice]:
    """The devices of the board, connected, in the order of the file.

    `now` gives the cycle, `set_lines(irq, fiq)` is called when an output of the interrupt
    controller changes.
    """
    built: dict[str, Device] = {}
    signals = Signals()
    controller: Avic | None = None
    for entry in sorted(board.devices, key=lambda entry: entry.kind != "avic"):
        line: InterruptLine = unconnected
        if entry.irq is not None:
            assert controller is not None, "checked when the board was loaded"
            line = controller.input(entry.irq)
        wiring = Wiring(events, now, console, board.clocks, line, set_lines, signals)
        device = built[entry.name] = KINDS[entry.kind].build(entry, wiring)
        if isinstance(device, Avic):
            controller = device
    return [MappedDevice(entry.base, entry.size, built[entry.name]) for entry in board.devices]


_Entry = MemoryEntry | DeviceEntry


class _Table:
    """A TOML table under inspection: every key is taken once, and none may be left."""

    def __init__(self, values: Mapping[str, object], file: str, place: str) -> None:
        self._values = dict(values)
        self._file = file
        self.place = place

    def error(self, key: str, expected: str) -> InputError:
        """The sentence for a key: where it is and what was expected."""
        where = f"{self.place}: " if self.place else ""
        return InputError(f"{self._file}: {where}key '{key}': expected {expected}")

    def has(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        value = self._take(key, str)
        assert isinstance(value, str)
        if not value:
            raise self.error(key, "a string that is not empty")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        value = self._take(key, int)
        assert isinstance(value, int)
        if not low <= value <= high:
            raise self.error(key, f"an integer from {low} to {high}, not {value}")
        return value

    def boolean(self, key: str) -> bool:
        return bool(self._take(key, bool))

    def choice(self, key: str, choices: Iterable[str]) -> str:
        value = self.text(key)
        if value not in choices:
            raise self.error(key, f"one of {', '.join(sorted(choices))}, not '{value}'")
        return value

    def page_multiple(self, key: str, low: int) -> int:
        value = self.integer(key, low, ADDRESS_SPACE)
        if value % PAGE_BYTES:
            raise self.error(key, f"a multiple of 0x{PAGE_BYTES:x}, not 0x{value:x}")
        return value

    def table(self, key: str) -> "_Table":
        value = self._take(key, dict)
        assert isinstance(value, dict)
        place = f"{self.place}: {key}" if self.place else key
        return _Table(value, self._file, place)

    def tables(self, key: str) -> list["_Table"]:
        values = self._take(key, list)
        assert isinstance(values, list)
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, "an array of tables")
        return [
            _Table(value, self._file, f"{key} {number} ('{value.get('name', '?')}')")
            for number, value in enumerate(values, start=1)
        ]

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._take(key, list)
        assert isinstance(values, list)
        if not values or not all(isinstance(value, str) and _plain(value) for value in values):
            raise self.error(key, "an array of strings of printable ASCII, none of them empty")
        return tuple(values)

    def keys(self) -> list[str]:
        return list(self._values)

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._values:
            raise self.error(key, "no key of this name")

    def _take(self, key: str, kind: type) -> object:
        if key not in self._values:
            raise self.error(key, f"{_TYPE_NAMES[kind]}, but the key is missing")
        value = self._values.pop(key)
        if type(value) is not kind:  # bool is a kind of int in Python, but not in TOML
            raise self.error(key, f"{_TYPE_NAMES[kind]}, not {value!r:.60}")
        return value


def is_regular_file(source: Traversable) -> bool:
    """Whether there is a file; False too for a name that the host does not take."""
    try:
        return source.is_file()
    except OSError:
        return False


def read_text(source: Traversable) -> str:
    """The text of a file; InputError if it cannot be read, is no UTF-8, or is far too long."""
    try:
        with source.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
        if len(data) > LONGEST_FILE:
            limit = f"{LONGEST_FILE >> 20} MB"
            raise InputError(f"{source}: expected a text file of at most {limit}, but it is longer")
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source}: expected a readable text file: {error}") from None


def parse_toml(text: str, file: str) -> dict[str, object]:
    """The tables and keys of `text`; `file` is its name in the sentence of an InputError."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number may be too long for Python, too
        raise InputError(f"{file}: expected a TOML document: {error}") from None


def _clocks(table: _Table) -> Clocks:
    clocks = Clocks(**{key.name: table.integer(key.name, 1, 10**10) for key in fields(Clocks)})
    table.finish()
    if clocks.cpu < max(clocks.ipg, clocks.ipg_highfreq, clocks.ckil):
        raise table.error("cpu", "a frequency not below those of the other clocks of the timers")
    return clocks


def _plain(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def _boot_names(table: _Table) -> BootNames:
    names = BootNames(table.integer("machine", 0, NO_MACHINE), table.texts("compatible"))
    table.finish()
    return names


def _memory(table: _Table) -> MemoryEntry:
    name, kind = table.text("name"), table.choice("kind", MEMORY_KINDS)
    base, size = _window(table)
    table.finish()
    return MemoryEntry(name, kind, base, size)


def _device(table: _Table) -> DeviceEntry:
    name, kind_name = table.text("name"), table.choice("kind", KINDS)
    kind = KINDS[kind_name]
    base, size = _window(table)
    irq = table.integer("irq", 0, SOURCE_COUNT - 1) if kind.has_irq else None
    options = _options(table, kind)
    table.finish()
    return DeviceEntry(name, kind_name, base, size, irq, options)


def _window(table: _Table) -> tuple[int, int]:
    base = table.page_multiple("base", 0)
    size = table.page_multiple("size", 1)
    if base + size > ADDRESS_SPACE:
        raise table.error("size", f"at most 0x{ADDRESS_SPACE - base:x} (the end of the addresses)")
    return base, size


def _options(table: _Table, kind: Kind) -> Mapping[str, OptionValue]:
    if not kind.options and not table.has("options"):
        return {}
    given = table.table("options")
    values = {key: _option(given, key, option) for key, option in kind.options.items()}
    given.finish()
    return values


def _option(table: _Table, key: str, option: Option) -> OptionValue:
    if option.type is bool:
        return table.boolean(key)
    if option.type is int:
        return table.integer(key, 1, ADDRESS_SPACE)
    words = table.table(key)
    names = words.keys()
    for word in names:
        if word not in option.keys:
            raise words.error(word, f"one of {', '.join(sorted(option.keys))}")
    return {word: words.integer(word, 0, ADDRESS_SPACE - 1) for word in names}


def _check(board: Board, file: str) -> None:
    """What can be wrong between entries that are right by themselves."""
    entries: list[tuple[str, _Entry]] = []
    entries.extend(("memory", entry) for entry in board.memories)
    entries.extend(("device", entry) for entry in board.devices)
    _check_names(entries, file)
    _check_overlaps(entries, file)
    _check_interrupts(board, file)
    if not any(entry.kind == "ram" for entry in board.memories):
        raise InputError(f"{file}: key 'memory': expected at least one entry of kind ram")


def _check_names(entries: Iterable[tuple[str, _Entry]], file: str) -> None:
    seen: set[str] = set()
    for section, entry in entries:
        if entry.name in seen:
            raise InputError(
                f"{file}: {section} '{entry.name}': key 'name': expected a name used only once"
            )
        seen.add(entry.name)


def _check_overlaps(entries: Iterable[tuple[str, _Entry]], file: str) -> None:
    ordered = sorted(entries, key=lambda item: item[1].base)
    for (_, lower), (section, upper) in pairwise(ordered):
        end = lower.base + lower.size
        if upper.base < end:
            raise InputError(
                f"{file}: {section} '{upper.name}': key 'base': expected an address from "
                f"0x{end:x}, the end of '{lower.name}', not 0x{upper.base:x}"
            )


def _check_interrupts(board: Board, file: str) -> None:
    controllers = [entry for entry in board.devices if entry.kind == "avic"]
    users: dict[int, str] = {}
    for entry in board.devices:
        if entry.irq is None:
            continue
        if entry.irq in users:
            raise InputError(
                f"{file}: device '{entry.name}': key 'irq': expected a source of its own, "
                f"but {entry.irq} is that of '{users[entry.irq]}'"
            )
        users[entry.irq] = entry.name
    if len(controllers) != 1:
        count = len(controllers)
        raise InputError(f"{file}: key 'device': expected one entry of kind avic, not {count}")
