# SPDX-License-Identifier: BSD-2-Clause
"""The command line: the one place where machine, kernel and userland meet.

`main` settles what a shell may have left in disorder (closed descriptors, signals) before
anything large is imported, so that Ctrl-C is understood from the first moment on.
"""

from typing import NoReturn

from sel4emu.cli.interrupts import EXIT_INTERRUPTED, raise_once_on_interrupt
from sel4emu.cli.streams import open_missing_descriptors


def main() -> NoReturn:
    """The command `sel4emu`; ends the process with the status that docs and `--help` list."""
    try:
        raise_once_on_interrupt()
        open_missing_descriptors()
        from sel4emu.cli.commands import cli

        cli.main(prog_name="sel4emu")
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
