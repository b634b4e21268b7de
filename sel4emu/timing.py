# SPDX-License-Identifier: BSD-2-Clause
"""The levels of timing, and the parameters of the cycle model with their checks.

Modelled: what the rules of docs/TIMING.md count, from the figures of the board's `timing.toml`.

Not modelled: what the chip does at level "off", where each instruction is one cycle.

Importing this is cheap, because the command line does so before it knows what it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sel4emu.errors import InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FULL: Final = "full"
OFF: Final = "off"
#: The levels, and what their cycles mean.
TIMING_LEVELS: Final[Mapping[str, str]] = {
    FULL: "cycles of the ARM1136, by the model of docs/TIMING.md",
    OFF: "the counter counts instructions, not cycles of the chip",
}
FILE_NAME: Final = "timing.toml"
#: The board whose parameters are those of a board file that has none beside it.
DEFAULT_BOARD: Final = "kzm_arm11"
#: How sure one can be of a value: read in the text named, from memory of it, or reasoned.
CONFIDENCES: Final = ("verified", "recalled", "assumed")
_WORD_BITS: Final = 64
#: The keys of each parameter, and their types.
_FIELDS: Final[Mapping[str, type]] = {"value": int, "unit": str, "source": str, "confidence": str}
_TYPE_NAMES: Final[Mapping[type, str]] = {int: "an integer", str: "a string that is not empty"}

#: The greatest number of cycles, in any section and in those that are about the pipeline alone,
#: which is eight stages long: what the model keeps of an instruction, it keeps in bytes.
_MOST_CYCLES: Final = 10_000
_MOST_CYCLES_IN_PIPELINE: Final = 60
_PIPELINE: Final = frozenset({"instruction", "load_store", "vfp"})
#: What is counted in something else than cycles: the greatest value, and the unit. The model has
#: room for no more.
_ENTRIES: Final[Mapping[str, tuple[int, str]]] = {
    "write_buffer.entries": (16, "doublewords"),
    "tlb.micro_entries": (10, "entries"),
}
#: Figures that come on top of others. Issue cycles and latencies are not among them: nothing
#: issues in no time, and no result is there before its instruction has begun.
_MAY_BE_ZERO: Final = frozenset(
    {
        *("instruction.early", "instruction.late"),
        *("load_store.slow_address", "load_store.unaligned_memory_cycles"),
        *("load_store.unaligned_latency", "load_store.lock_first", "load_store.pc_extra"),
        *("branch.folded", "branch.run_ahead"),
        *("system.dsb", "system.dmb", "system.isb", "system.cache_line"),
        *("fetch.sequential_lead", "l2.line_operation", "sdram.line_write"),
        *("write_buffer.drain", "write_buffer.half_line", "tlb.micro_refill"),
        *("device.read", "device.write"),
    }
)
#: (a, b): a must not be greater than b, or a rule would count less than no cycles.
_RELATIONS: Final = (
    ("branch.mispredict_min", "branch.mispredict_max"),
    ("load_store.load_latency", "l2.hit"),
    ("load_store.load_latency", "sdram.latency"),
    ("l2.hit", "sdram.latency_behind_l2"),
)


@dataclass(frozen=True, slots=True)
class TimingEntry:
    """One parameter: its value in `unit`, where it comes from and how sure we are of it."""

    value: int
    unit: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class TimingParameters:
    """Checked parameters; `entries` by "section.key", in the order of `Parameter`."""

    file: str
    entries: Mapping[str, TimingEntry]

    def __getitem__(self, name: str) -> int:
        """The value of "section.key"; KeyError if there is no such parameter."""
        return self.entries[name].value

    @property
    def values(self) -> tuple[int, ...]:
        """The values alone, each at the place of its member of `Parameter`."""
        return tuple(entry.value for entry in self.entries.values())


def check_level(timing: str) -> None:
    """Raise InputError for a level that does not exist."""
    if timing not in TIMING_LEVELS:
        known = " or ".join(f'"{level}"' for level in TIMING_LEVELS)
        raise InputError(f'expected timing to be {known}, but it is "{timing}"')


def load_timing(board: str = DEFAULT_BOARD, timing_file: str | None = None) -> TimingParameters:
    """The parameters in `timing_file`, or else those of a board (a name, or a board file).

    Those of a board are in `timing.toml` beside its board file; where a board file given by path
    has none, they are those of `kzm_arm11`. Raises InputError with one sentence that names the
    file, the parameter and what was expected.
    """
    from sel4emu.board import is_regular_file, read_text

    source = _file_of(board) if timing_file is None else Path(timing_file)
    if not is_regular_file(source):
        raise InputError(f"{source}: expected a timing file, but this is no regular file")
    return parse_timing(read_text(source), str(source))


def _file_of(board: str) -> "Traversable":
    from sel4emu.board import board_folder, is_regular_file

    beside = board_folder(board) / FILE_NAME
    return beside if is_regular_file(beside) else board_folder(DEFAULT_BOARD) / FILE_NAME


def parse_timing(text: str, file: str) -> TimingParameters:
    """The parameters in `text`; `file` is its name in the sentences of an InputError."""
    from sel4emu.board import parse_toml
    from sel4emu.native.parameters import Parameter

    document = parse_toml(text, file)
    given = _flattened(document, file)
    sections = {parameter.section for parameter in Parameter}
    for section, table in document.items():
        if section not in sections and not table:
            raise _mistake(file, section, "no section of this name")
    names = [f"{parameter.section}.{parameter.key}" for parameter in Parameter]
    for name in given:
        if name not in names:
            raise _mistake(file, name, "no parameter of this name")
    entries = {name: _entry(file, name, given.get(name)) for name in names}
    for lesser, greater in _RELATIONS:
        low, high = entries[lesser].value, entries[greater].value
        if low > high:
            raise _mistake(file, lesser, f"at most the value of {greater}, {high}, not {low}")
    return TimingParameters(file, entries)


def _flattened(document: Mapping[str, object], file: str) -> dict[str, object]:
    """What a file holds, by "section.key"."""
    flat: dict[str, object] = {}
    for section, table in document.items():
        if not isinstance(table, dict):
            raise _mistake(file, section, f"a table of parameters, not {_shown(table)}")
        flat |= {f"{section}.{key}": value for key, value in table.items()}
    return flat


def _entry(file: str, name: str, given: object) -> TimingEntry:
    wanted = ", ".join(_FIELDS)
    if given is None:
        raise _mistake(file, name, f"a table of {wanted}, but the parameter is missing")
    if not isinstance(given, dict):
        raise _mistake(file, name, f"a table of {wanted}, not {_shown(given)}")
    for key in given:
        if key not in _FIELDS:
            raise _mistake(file, name, f"no key but {wanted}, not {_shown(key)}")
    for key, kind in _FIELDS.items():
        if key not in given:
            raise _mistake(file, name, f"{_TYPE_NAMES[kind]} as {key}, but the key is missing")
        # bool is a kind of int in Python, but not in TOML
        if type(given[key]) is not kind or given[key] == "":
            raise _mistake(file, name, f"{_TYPE_NAMES[kind]} as {key}, not {_shown(given[key])}")
    entry = TimingEntry(**given)
    _check_entry(file, name, entry)
    return entry


def _check_entry(file: str, name: str, entry: TimingEntry) -> None:
    low, high, unit = _allowed(name)
    if not low <= entry.value <= high:
        expected = f"a value from {low} to {high}, not {_shown(entry.value)}"
        raise _mistake(file, name, expected)
    if entry.unit != unit:
        raise _mistake(file, name, f"the unit '{unit}', not {_shown(entry.unit)}")
    if entry.confidence not in CONFIDENCES:
        expected = f"the confidence {' or '.join(CONFIDENCES)}, not {_shown(entry.confidence)}"
        raise _mistake(file, name, expected)


def _allowed(name: str) -> tuple[int, int, str]:
    """The least and the greatest value of a parameter, and its unit."""
    if name in _ENTRIES:
        return 1, *_ENTRIES[name]
    section, _, _ = name.partition(".")
    high = _MOST_CYCLES_IN_PIPELINE if section in _PIPELINE else _MOST_CYCLES
    return int(name not in _MAY_BE_ZERO), high, "cycles"


def _shown(value: object) -> str:
    """A value of a TOML file for a sentence; Python refuses to write out a very long number."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "an array"
    if isinstance(value, int) and value.bit_length() > _WORD_BITS:
        return f"a number of {value.bit_length()} bits"
    return f"{value!r:.60}"


def _mistake(file: str, place: str, expected: str) -> InputError:
    return InputError(f"{file}: {place:.120}: expected {expected}")
