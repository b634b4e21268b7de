# SPDX-License-Identifier: BSD-2-Clause
"""What is left of a dead guest, as text of at most 100 columns (`sel4emu.postmortem`)."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sel4emu.cli.printable import printable_line
from sel4emu.describe import control, fault_status, program_status
from sel4emu.postmortem import BranchLine, CodeLine, Place, Postmortem, StackWord

COLUMNS: Final = 100
#: So much is shown of a name, so that two of them fit on a line.
_SYMBOL_COLUMNS: Final = 26
_INDENT: Final = "  "
_PER_LINE: Final = 4
_NAMES: Final = {"r13": "sp", "r14": "lr", "r15": "pc"}


Item = TypeVar("Item")


def report(dead: Postmortem) -> str:
    """The whole report; every line is ended."""
    sections = {
        "registers": _registers(dead),
        "banked registers": _banked(dead.banked),
        "faults": _faults(dead.faults),
        "system control": _control(dead.control),
        _code_title(dead): _code(dead),
        "branches, the last one at the end": _branches(dead.branches),
        f"stack ({dead.stack_mode})": _stack(dead.stack),
        "return addresses on the stack": [_return(word) for word in dead.returns],
        "console, its last lines": _console(dead.console),
    }
    lines = [f"where: {place_text(dead.place)}"]
    if dead.straight_from is not None:
        lines.append(
            f"came there straight from 0x{dead.straight_from:08x}, through memory without code"
        )
    for title, rows in sections.items():
        lines += [f"{title}:", *(_INDENT + row for row in rows or ["none"])]
    return "".join(f"{line[:COLUMNS].rstrip()}\n" for line in lines)


def short_report(place: Place, console: Sequence[str]) -> str:
    """Where a guest was when a limit ended the run, and what it printed last."""
    lines = [f"where: {place_text(place)}"]
    if console:
        lines += ["console, its last lines:", *(_INDENT + row for row in _console(console))]
    return "".join(f"{line[:COLUMNS].rstrip()}\n" for line in lines)


def place_text(place: Place) -> str:
    """An address with its symbol, mode and state."""
    state = "Thumb" if place.thumb else "ARM"
    return f"0x{place.pc:08x}{_symbol(place.symbol)}, {place.mode} mode, {state} state"


def _symbol(name: str | None) -> str:
    if name is None:
        return ""
    if len(name) > _SYMBOL_COLUMNS:
        base, plus, offset = name.rpartition("+")
        kept = _SYMBOL_COLUMNS - len(plus + offset) - 2
        name = f"{base[:kept]}..{plus}{offset}" if plus else f"{name[: _SYMBOL_COLUMNS - 2]}.."
    return f" <{name}>"


def _wrapped(text: str) -> list[str]:
    """A text on as many lines as it needs, the further ones indented."""
    columns = COLUMNS - len(_INDENT)
    return textwrap.wrap(text, columns, subsequent_indent=_INDENT) or [""]


def _rows_of(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _PER_LINE):
        yield items[start : start + _PER_LINE]


def _values(values: Mapping[str, int]) -> Iterator[str]:
    cells = [f"{_NAMES.get(name, name):<4} {value:08x}" for name, value in values.items()]
    for row in _rows_of(cells):
        yield "   ".join(row)


def _registers(dead: Postmortem) -> list[str]:
    general = {name: value for name, value in dead.registers.items() if name != "cpsr"}
    cpsr = dead.registers["cpsr"]
    return [*_values(general), f"cpsr {cpsr:08x}: {program_status(cpsr)}"]


def _banked(banked: Mapping[str, Mapping[str, int]]) -> list[str]:
    rows = []
    for mode, values in banked.items():
        plain = {name: value for name, value in values.items() if name != "spsr"}
        for number, row in enumerate(_values(plain)):
            rows.append(f"{mode if number == 0 else '':<4} {row}")
        if "spsr" in values:
            status = values["spsr"]
            words = f": {program_status(status)}" if status else ""
            rows.append(f"{'':<4} spsr {status:08x}{words}")
    return rows


def _faults(faults: Mapping[str, int]) -> list[str]:
    dfsr, ifsr = faults["dfsr"], faults["ifsr"]
    return [
        f"DFSR {dfsr:08x}: {fault_status(dfsr, data=True)}",
        f"IFSR {ifsr:08x}: {fault_status(ifsr, data=False)}",
        f"FAR  {faults['far']:08x}: the address of the last data abort",
    ]


def _control(values: Mapping[str, int]) -> list[str]:
    sctlr = values["sctlr"]
    others = {name.upper(): value for name, value in values.items() if name != "sctlr"}
    cells = [f"{name} {value:08x}" for name, value in others.items()]
    rows = ["   ".join(row) for row in _rows_of(cells)]
    return [*_wrapped(f"SCTLR {sctlr:08x}: {control(sctlr)}"), *rows]


def _code_title(dead: Postmortem) -> str:
    if dead.code_at == dead.place.pc:
        return "code"
    return "code that went there, where nothing can be read"


def _code(dead: Postmortem) -> list[str]:
    digits = 4 if dead.place.thumb else 8
    return [_code_line(line, dead.code_at, digits) for line in dead.code]


def _code_line(line: CodeLine, here: int, digits: int) -> str:
    mark = ">" if line.address == here else " "
    text = f"{mark} 0x{line.address:08x}  {line.word:0{digits}x}  {line.text or '(undefined)'}"
    return f"{text:<60}{_symbol(line.symbol)}"


def _branches(branches: Sequence[BranchLine]) -> list[str]:
    rows = []
    for line in branches:
        where = f"0x{line.origin:08x}{_symbol(line.origin_symbol)}"
        to = f"0x{line.target:08x}{_symbol(line.target_symbol)}"
        if line.exception is not None:
            to += f", {line.exception}"
        if line.times > 1 and line.rounds == 1:
            rows.append(f"{line.times:,} times:")
        elif line.times > 1 and line.rounds:
            rows.append(f"{line.times:,} times, these {line.rounds}:")
        rows.append(f"{_INDENT if line.times > 1 else ''}{where} -> {to}")
    return rows


def _stack(words: Sequence[StackWord]) -> list[str]:
    return [
        f"0x{row[0].address:08x}  " + " ".join(f"{each.word:08x}" for each in row)
        for row in _rows_of(words)
    ]


def _return(word: StackWord) -> str:
    return f"at 0x{word.address:08x}: 0x{word.word:08x}{_symbol(word.symbol)}"


def _console(lines: Sequence[str]) -> list[str]:
    return [f"| {printable_line(line)}" for line in lines]
