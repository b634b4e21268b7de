# SPDX-License-Identifier: BSD-2-Clause
"""The command line: the one place where machine, kernel and userland meet.

Nothing is imported before `main` runs, so that Ctrl-C is understood from the first moment on.
"""

#: 128 + SIGINT, as shells report it.
EXIT_INTERRUPTED = 130


def main() -> None:
    """The command `sel4emu`; ends the process with one of the statuses that `--help` lists.

    What a shell may have left in disorder (closed descriptors, signals) is settled first.
    """
    try:
        from sel4emu.cli.interrupts import raise_on_interrupt
        from sel4emu.cli.streams import open_missing_descriptors

        raise_on_interrupt()
        open_missing_descriptors()
        from sel4emu.cli.commands import cli

        cli.main(prog_name="sel4emu")
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
