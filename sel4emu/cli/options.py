# SPDX-License-Identifier: BSD-2-Clause
"""Options that all commands share."""

from typing import Final

import click

from sel4emu.cli.streams import write_standard_output


def _print_help(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        ctx.exit(write_standard_output(ctx.get_help() + "\n"))


#: In place of click's own, which does not survive a full disk.
help_option: Final = click.option(
    "--help",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_help,
    help="Print this text and exit.",
)
