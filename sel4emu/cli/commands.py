# SPDX-License-Identifier: BSD-2-Clause
"""The commands and their options. What a command needs is imported when it runs."""

import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from sel4emu.cli import EXIT_INTERRUPTED
from sel4emu.cli.interrupts import ignore_interrupts
from sel4emu.cli.options import help_option
from sel4emu.cli.policy import policy_group
from sel4emu.cli.printable import one_line
from sel4emu.cli.streams import EXIT_PIPE, standard_error, write_standard_output
from sel4emu.errors import InputError
from sel4emu.revision import DEFAULT_REVISION, REVISIONS
from sel4emu.timing import FULL, TIMING_LEVELS

EXIT_USAGE: Final = 2
MOST_CYCLES: Final = 1 << 62
_COMPAT: Final = "sel4-1.0.3"
_ALL: Final = "all"
_DECIMAL: Final = re.compile(r"[0-9]{1,20}")
_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]{1,16}|[0-9]{1,16}")

_EXIT_STATUSES: Final = f"""\b
Exit status:
  0    the image ended the run itself, and said that all is well; or what
       --until and --script wait for has come
  1    the image ended the run itself with another status, or before that
  2    the command or its input is wrong
  3    the kernel or the image crashed or is stuck
  4    the limit was reached (--max-cycles, --max-seconds, the time of a
       script's line)
  {EXIT_INTERRUPTED}  Ctrl-C
  {EXIT_PIPE}  nobody reads standard output any more
"""


class SentenceGroup(click.Group):
    """A group in which every mistake of the user makes one sentence and status 2."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and end the process with the status that it returns."""
        extra["standalone_mode"] = False
        sys.exit(self._status(*args, **extra))

    def _status(self, *args: Any, **extra: Any) -> int:
        try:
            status = super().main(*args, **extra)
        except click.UsageError as error:
            return _fail(error.format_message())
        except InputError as error:
            return _fail(str(error))
        except click.Abort:
            ignore_interrupts()
            return EXIT_INTERRUPTED
        return status if isinstance(status, int) else 0


def _fail(sentence: str) -> int:
    standard_error().text(f"sel4emu: error: {one_line(sentence)}\n")
    return EXIT_USAGE


def _address(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | None:
    """A 32-bit address, decimal or hexadecimal."""
    if text is None:
        return None
    if _ADDRESS.fullmatch(text):
        address = int(text, 16 if text[:2] in {"0x", "0X"} else 10)
        if address < 1 << 32:
            return address
    raise click.BadParameter(f"expected an address below 4 GB, 0x... or decimal, not {text!r}.")


def _load(
    ctx: click.Context, param: click.Parameter, texts: Sequence[str]
) -> tuple[int | tuple[str, int], ...]:
    """Addresses, and files with theirs; a file's name may have an '@' in it."""
    loads: list[int | tuple[str, int]] = []
    for text in texts:
        name, at, number = text.rpartition("@")
        address = _address(ctx, param, number)
        assert address is not None
        if at and not name:
            raise click.BadParameter(f"expected the name of a file before '@', not {text!r}.")
        loads.append((name, address) if at else address)
    return tuple(loads)


def _cycles(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | None:
    """A number of cycles that is no more than any run can count."""
    if text is None:
        return None
    if _DECIMAL.fullmatch(text) and 1 <= int(text) <= MOST_CYCLES:
        return int(text)
    raise click.BadParameter(f"expected a whole number from 1 to 2^62, not {text!r}.")


def _seconds(_ctx: click.Context, _param: click.Parameter, text: str | None) -> float | None:
    """A time that is positive and finite."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise click.BadParameter(f"expected a positive number of seconds, not {text!r}.")
    return seconds


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("sel4emu")
    except PackageNotFoundError:
        number = "(not installed)"
    ctx.exit(write_standard_output(f"sel4emu {number}\n"))


@click.group(
    cls=SentenceGroup,
    add_help_option=False,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
@help_option
@click.pass_context
def cli(ctx: click.Context) -> None:
    """An emulated KZM-ARM11 board, and on it a capability kernel in the style of seL4 1.0.3."""
    if ctx.invoked_subcommand is None:
        names = ", ".join(cli.list_commands(ctx))
        raise click.UsageError(f"expected a command, one of {names} (sel4emu --help).")


compat_option: Final = click.option(
    "--compat",
    type=click.Choice([_COMPAT]),
    help="Retype and reuse page tables as seL4 1.0.3 does.",
)
slow_option: Final = click.option(
    "--slow", is_flag=True, help="Switch the kernel's fast paths in assembly off."
)


@cli.command("boot", epilog=_EXIT_STATUSES, add_help_option=False)
@click.argument("image", required=False)
@click.option("--bare", is_flag=True, help="Run any ARM image alone on the board, without kernel.")
@click.option(
    "--board", default="kzm_arm11", show_default=True, help="A board's name, or a board file."
)
@compat_option
@slow_option
@click.option(
    "--timing",
    type=click.Choice(list(TIMING_LEVELS)),
    default=FULL,
    show_default=True,
    help="What the cycle counter counts: cycles of the chip, or instructions.",
)
@click.option(
    "--cpu-revision",
    type=click.Choice(list(REVISIONS)),
    default=DEFAULT_REVISION,
    show_default=True,
    help="The board's core, or one that has the v6K extensions.",
)
@click.option("--timing-file", metavar="FILE", help="The figures of the chip, not the board's.")
@click.option("--max-cycles", metavar="N", callback=_cycles, help="Stop after these cycles.")
@click.option(
    "--max-seconds", metavar="S", callback=_seconds, help="Stop after this time of the host."
)
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout).")
@click.option("--breakdown", is_flag=True, help="Print what took the cycles: causes, symbols.")
@click.option("--profile", is_flag=True, help="Write what each symbol took, too (--json).")
@click.option(
    "--until",
    metavar="TEXT",
    multiple=True,
    help="End the run, with status 0, when the console has printed TEXT (or another TEXT).",
)
@click.option("--script", metavar="FILE", help="What to expect on the console, and to type then.")
@click.option("--save", metavar="FILE", help="Write the machine at the end (sel4emu policy).")
@click.option("--quiet", is_flag=True, help="Print the console only: no summary, no kernel log.")
@click.option(
    "--load",
    "load_texts",
    metavar="[FILE@]ADDR",
    multiple=True,
    callback=_load,
    help="ADDR: where a raw IMAGE goes. FILE@ADDR: load the bytes of a further file, "
    "at a physical address; may be repeated (--bare).",
)
@click.option(
    "--entry", metavar="ADDR", callback=_address, help="Where the processor starts (--bare)."
)
@click.option("--initrd", metavar="FILE", help="An initial RAM disk for the kernel (--bare).")
@click.option("--append", metavar="TEXT", help="The kernel's command line (--bare).")
@click.option(
    "--dtb",
    metavar="FILE",
    help="A device tree for the kernel in place of a tag list; 'auto': one made from the board "
    "(--bare).",
)
@help_option
def boot_command(
    image: str | None,
    json_file: str | None,
    compat: str | None,
    slow: bool,
    load_texts: Sequence[int | tuple[str, int]],
    **rest: Any,
) -> int:
    """Boot a root task on the kernel, or with --bare any ARM image without it.

    IMAGE is an ELF file; the default is a resource manager that builds two subsystems. Its
    console is standard input and output.

    With --bare, IMAGE is an ELF (loaded by physical address), a zImage, a uImage or raw code. It is
    started as ARM Linux is: r0 = 0, r1 = number of the machine, r2 = tag list or device tree.
    """
    rest["load"] = next((load for load in load_texts if isinstance(load, int)), None)
    rest["loads"] = tuple(load for load in load_texts if not isinstance(load, int))
    if len(load_texts) > len(rest["loads"]) + 1:
        raise click.UsageError("--load ADDR: expected one place for IMAGE only.")
    _check_boot_options(image, compat=compat, slow=slow, json_file=json_file, **rest)
    from kernel.options import KernelOptions
    from sel4emu.cli.boot import BootRequest, boot

    options = KernelOptions(compat=compat is not None, slow=slow)
    return boot(BootRequest(image=image, json=json_file, options=options, **rest))


def _check_boot_options(
    image: str | None,
    *,
    bare: bool,
    compat: str | None,
    slow: bool,
    load: int | None,
    loads: tuple[tuple[str, int], ...],
    entry: int | None,
    initrd: str | None,
    append: str | None,
    dtb: str | None,
    save: str | None,
    timing_file: str | None,
    json_file: str | None,
    breakdown: bool,
    profile: bool,
    quiet: bool,
    until: Sequence[str],
    script: str | None,
    **_others: object,
) -> None:
    """Options that do not go together."""
    if any(not text.strip("\r") for text in until):
        raise click.UsageError("--until: expected a text to wait for, but it is empty.")
    if script == "":
        raise click.UsageError("--script: expected the name of a file, but it is empty.")
    if image == "":
        raise click.UsageError("expected the name of an image, but it is empty.")
    for option, name in {"--timing-file": timing_file, "--initrd": initrd, "--dtb": dtb}.items():
        if name == "":
            raise click.UsageError(f"{option}: expected the name of a file, but it is empty.")
    if breakdown and quiet:
        raise click.UsageError("--breakdown cannot go with --quiet.")
    if profile and json_file is None:
        raise click.UsageError("--profile needs --json (or --breakdown in its place).")
    if bare and image is None and (not loads or entry is None or load is not None):
        raise click.UsageError("--bare: expected an IMAGE, or --load FILE@ADDR and --entry ADDR.")
    given = {
        "--load": load is not None or bool(loads),
        "--entry": entry is not None,
        "--initrd": initrd is not None,
        "--append": append is not None,
        "--dtb": dtb is not None,
    }
    unfit = given if not bare else {"--compat": compat is not None, "--slow": slow}
    unfit |= {"--save": save is not None} if bare else {}
    for option, is_given in unfit.items():
        if is_given:
            raise click.UsageError(f"{option} {'needs' if not bare else 'cannot go with'} --bare.")


@cli.command("build", add_help_option=False)
@click.argument("name", default=_ALL)
@click.option("-o", "--output", metavar="FILE", help="Where the image goes (not with 'all').")
@help_option
def build_command(name: str, output: str | None) -> int:
    """Compile the userland image NAME, or all of them, and print where they are."""
    if output == "":
        raise click.UsageError("-o: expected the name of a file, but it is empty.")
    if output is not None and name == _ALL:
        raise click.UsageError("-o: expected the NAME of one image with it.")
    from sel4emu.cli.boot import announcing
    from userland.build import build, image_names

    names = image_names() if name == _ALL else (name,)
    with announcing("building userland ..."):
        paths = [build(each, None if output is None else Path(output)) for each in names]
    return write_standard_output("".join(f"{path}\n" for path in paths))


@cli.command("kernel", add_help_option=False)
@click.option("--elf", metavar="FILE", help="Write the kernel as an ELF with symbols.")
@click.option("--listing", is_flag=True, help="Print the annotated assembly with addresses.")
@compat_option
@slow_option
@help_option
def kernel_command(elf: str | None, listing: bool, compat: str | None, slow: bool) -> int:
    """Assemble the kernel image; without options, print its size and its symbols."""
    from kernel import image
    from kernel.options import KernelOptions
    from sel4emu.cli.outfile import output_file

    target = None if elf is None else output_file(elf, "--elf")
    if target is not None and target.is_standard_output and listing:
        raise click.UsageError("--elf and --listing cannot both go to standard output.")
    built = image.build_image(KernelOptions(compat=compat is not None, slow=slow))
    if target is not None:
        status = target.write(image.elf_file(built))
        if status or not listing:
            return status
    text = image.listing(built) if listing else _table(built)
    return write_standard_output(text)


def _table(built: Any) -> str:
    from kernel import layout

    rows: Sequence[tuple[str, str]] = (
        ("image", f"{layout.IMAGE_BYTES} bytes at 0x{layout.WINDOW_BASE:08x}"),
        ("loaded at", f"0x{layout.RAM_BASE:08x}, entry 0x{built.entry:08x}"),
        ("text", f"{len(built.text.code)} bytes"),
        ("vectors", f"{len(built.vectors.code)} bytes at 0x{layout.VECTORS_ADDRESS:08x}"),
        ("symbols", f"{len(built.symbols)}"),
    )
    lines = [f"{name + ':':12}{text}" for name, text in rows]
    by_address = sorted(built.symbols.items(), key=lambda symbol: (symbol[1], symbol[0]))
    lines += [f"0x{address:08x}  {name}" for name, address in by_address]
    return "\n".join(lines) + "\n"


cli.add_command(policy_group)
