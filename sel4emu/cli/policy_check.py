# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy check`: what holds in the system that a description promises."""

import json
from typing import TYPE_CHECKING

import click

from sel4emu.cli.options import help_option
from sel4emu.cli.streams import write_standard_output

if TYPE_CHECKING:
    from kernel.policy.promise import Promise
    from sel4emu.cli.outfile import OutputFile

_STATUSES = """\b
Exit status: 0 the description is good, 2 it is not.
"""


@click.command("check", epilog=_STATUSES, add_help_option=False)
@click.argument("spec")
@click.option(
    "--board", default="kzm_arm11", show_default=True, help="A board's name, or a board file."
)
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON ('-': stdout).")
@click.option("--svg", "svg_file", metavar="FILE", help="Write a drawing as SVG ('-': stdout).")
@click.option(
    "--state", "state_file", metavar="FILE",
    help="Write the promised state, for the other commands of this group ('-': stdout).",
)  # fmt: skip
@help_option
def check_command(
    spec: str, board: str, json_file: str | None, svg_file: str | None, state_file: str | None
) -> int:
    """Check a system description, and say what holds in it.

    SPEC lists subsystems in the specification language of docs/POLICY.md. Printed are the
    subsystems, the channels between them, the isolation domains, and the memory that each can
    ever consume.
    """
    from sel4emu.cli.descriptions import load_description, report_mistake

    files = _open_files({"--json": json_file, "--svg": svg_file, "--state": state_file})
    from kernel.policy.promise import promise
    from kernel.policy.syntax import DescriptionError

    try:
        promised = promise(load_description(spec, board))
    except DescriptionError as mistake:
        return report_mistake(mistake)
    return _write(promised, files)


def _open_files(names: dict[str, str | None]) -> "dict[str, OutputFile]":
    """The files that were asked for, at most one of them standard output."""
    from sel4emu.cli.outfile import output_file

    files = {
        option: output_file(name, option) for option, name in names.items() if name is not None
    }
    standard = [option for option, file in files.items() if file.is_standard_output]
    if len(standard) > 1:
        raise click.UsageError(f"{' and '.join(standard)} cannot both go to standard output.")
    return files


def _write(promised: "Promise", files: "dict[str, OutputFile]") -> int:
    from kernel.policy.drawing import draw
    from kernel.policy.report import report_fields, report_text

    makers = {
        "--json": lambda: json.dumps(report_fields(promised), indent=2) + "\n",
        "--svg": lambda: draw(promised),
        "--state": promised.text,
    }
    for option, file in files.items():
        status = file.write(makers[option]().encode("utf-8", "backslashreplace"))
        if status:
            return status
    if any(file.is_standard_output for file in files.values()):
        return 0
    return write_standard_output(report_text(promised))
