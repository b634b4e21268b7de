# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy entities`: what the numbers of a saved machine's entities stand for."""

import json
from typing import TYPE_CHECKING, Any

import click

from sel4emu.cli.options import help_option
from sel4emu.cli.printable import one_line
from sel4emu.cli.streams import write_standard_output

if TYPE_CHECKING:
    from kernel.policy.saved import SavedEntity, SavedState


@click.command("entities", add_help_option=False)
@click.argument("state")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@help_option
def entities_command(state: str, as_json: bool) -> int:
    """List the entities of a saved machine: number, kind, address, size, names of threads.

    STATE is a file of `sel4emu boot --save`. Threads with one CSpace are one entity, at the address
    of the first.
    """
    from kernel.policy.load import load_saved

    saved = load_saved(state)
    if as_json:
        return write_standard_output(json.dumps(_fields_of_all(saved), indent=2) + "\n")
    lines = [_line(each) for each in saved.entities]
    return write_standard_output("\n".join(lines) + "\n")


def _kind(each: "SavedEntity") -> str:
    return "thread" if each.threads else each.entity.kind.name.lower().replace("_", " ")


def _line(each: "SavedEntity") -> str:
    size = f"2^{each.entity.bits}" if each.entity.bits else "-"
    names = ", ".join(each.names)
    line = f"{each.number:6}  {_kind(each):14}  0x{each.entity.address:08x}  {size:5}  {names}"
    return line.rstrip()


def _fields_of_all(saved: "SavedState") -> dict[str, Any]:
    machine = saved.machine
    return {
        "board": one_line(machine.board),
        "compat": machine.options.compat,
        "entities": [_fields(each) for each in saved.entities],
        "capabilities": len(saved.state),
    }


def _fields(each: "SavedEntity") -> dict[str, Any]:
    return {
        "number": each.number,
        "kind": _kind(each),
        "address": each.entity.address,
        "bytes": 1 << each.entity.bits if each.entity.bits else 0,
        "names": list(each.names),
        "threads": list(each.threads),
    }
