# SPDX-License-Identifier: BSD-2-Clause
"""Builds the machine that `sel4emu boot` runs, with the image loaded."""

from collections.abc import Callable

from sel4emu.board import load_board
from sel4emu.bootloader.plan import BootOptions, plan_boot
from sel4emu.cli.boot import BootRequest
from sel4emu.cli.images import check_kernel_board, read_root_task
from sel4emu.cli.printable import one_line
from sel4emu.cli.streams import standard_error
from sel4emu.cli.system import System
from sel4emu.console import Console
from sel4emu.machine import Machine


def prepare(
    request: BootRequest, path: str, console: Console, log: Callable[[str], None]
) -> Machine:
    """The machine, ready to run the image at `path`. Raises InputError for board and image.

    A bare machine may have none (""): then files that were loaded say what runs.
    """
    if request.bare:
        return _alone(request, path or None, console)
    return _on_kernel(request, path, console, log)


def _alone(request: BootRequest, path: str | None, console: Console) -> Machine:
    options = BootOptions(
        load=request.load,
        entry=request.entry,
        loads=request.loads,
        initrd=request.initrd,
        append=request.append,
        dtb=request.dtb,
    )
    plan = plan_boot(path, load_board(request.board), options)
    for warning in plan.warnings:
        standard_error().text(f"sel4emu: warning: {one_line(warning)}\n")
    machine = Machine.from_board(
        request.board,
        timing=request.timing,
        timing_file=request.timing_file,
        profile=request.by_symbol,
        cpu_revision=request.cpu_revision,
        console=console,
    )
    plan.apply(machine)
    machine.semihosting = True
    return machine


def _on_kernel(
    request: BootRequest, path: str, console: Console, log: Callable[[str], None]
) -> Machine:
    check_kernel_board(load_board(request.board), request.board)
    image = read_root_task(path)
    system = System.boot(
        image,
        board=request.board,
        timing=request.timing,
        timing_file=request.timing_file,
        profile=request.by_symbol,
        cpu_revision=request.cpu_revision,
        options=request.options,
        console=console,
        log=log,
    )
    return system.machine
