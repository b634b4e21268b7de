# SPDX-License-Identifier: BSD-2-Clause
"""The machine as the Python kernel sees it, and what a root task must be to be booted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel import layout
from sel4emu.asm import Assembly, assemble
from sel4emu.cli.system import TTBR_ATTRIBUTES, MachinePort, System
from sel4emu.console import Console
from sel4emu.devices import avic, uart
from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment
from sel4emu.machine import Machine
from sel4emu.stop import StopReason
from sel4emu.timing import TIMING_LEVELS

#: Some page of RAM, at its address in the kernel.
AT = layout.WINDOW_BASE + 0x40_0000
TASK_BASE = 0x1_0000
PAGE = 4096

MakeImage = Callable[[str], Path]
Execute = Callable[[], int]


@pytest.fixture(params=TIMING_LEVELS)
def machine(request: pytest.FixtureRequest) -> Machine:
    """A machine after reset, at each level of timing."""
    return Machine.from_board(timing=request.param)


@pytest.fixture
def lines() -> list[str]:
    """What the kernel logged."""
    return []


@pytest.fixture
def port(machine: Machine, lines: list[str]) -> MachinePort:
    """The kernel's view of the machine."""
    return MachinePort(machine, lines.append)


def _word(machine: Machine, address: int) -> int:
    return int.from_bytes(machine.read_physical(layout.physical_address(address), 4), "little")


# RAM ----------------------------------------------------------------------------------------


def test_words_are_those_of_ram(machine: Machine, port: MachinePort) -> None:
    """A word that is stored is in physical memory, and one that is there is loaded."""
    last = layout.WINDOW_BASE + (128 << 20) - 4
    for address, value in ((layout.WINDOW_BASE, 0xFFFF_FFFF), (AT, 0x1234_5678), (last, 1)):
        port.store(address, value)
        assert _word(machine, address) == value
        machine.write_physical(layout.physical_address(address), b"\x01\x02\x03\x84")
        assert port.load(address) == 0x8403_0201


def test_clear_is_exact(machine: Machine, port: MachinePort) -> None:
    """The given bytes become zero, and their neighbours stay."""
    machine.write_physical(layout.physical_address(AT), b"\xff" * 64)
    port.clear(AT + 8, 40)
    expected = b"\xff" * 8 + bytes(40) + b"\xff" * 16
    assert machine.read_physical(layout.physical_address(AT), 64) == expected


@pytest.mark.parametrize("offset", [-4, 1, 2, 3, layout.IMAGE_BYTES + 1])
def test_misplaced_words_are_mistakes(port: MachinePort, offset: int) -> None:
    """Below the window or not at a word there is nothing to load or store."""
    with pytest.raises(AssertionError):
        port.load(layout.WINDOW_BASE + offset)
    with pytest.raises(AssertionError):
        port.store(layout.WINDOW_BASE + offset, 0)


@pytest.mark.parametrize(
    ("address", "size"),
    [
        (layout.WINDOW_BASE - 4, 8),
        (AT + 2, 4),
        (AT, 6),
        (layout.WINDOW_BASE + (128 << 20) - 4, 8),
        (AT, -4),
    ],
)
def test_misplaced_clears_are_mistakes(port: MachinePort, address: int, size: int) -> None:
    """Only whole words that all lie in RAM can be cleared."""
    with pytest.raises(AssertionError):
        port.clear(address, size)


@pytest.fixture
def code() -> Assembly:
    """A program that sets r0 to 1, in the page at `AT`."""
    return assemble("_start: mov r0, #1\ndone: b done\n", layout.physical_address(AT))


@pytest.fixture
def execute(machine: Machine, code: Assembly) -> Execute:
    """Runs the program from its start; r0 afterwards."""
    machine.write_physical(code.address, code.code)

    def run() -> int:
        machine.registers["r0"] = 0
        machine.registers["pc"] = code.address
        stop = machine.run(code.labels["done"], cycles=1000)
        assert stop.reason is StopReason.ADDRESS
        return machine.registers["r0"]

    return run


def test_stored_code_is_executed(port: MachinePort, execute: Execute) -> None:
    """A store into code that has been executed takes effect at its next execution."""
    assert execute() == 1
    changed = assemble("mov r0, #2\n", layout.physical_address(AT))
    port.store(AT, changed.word(changed.address))
    assert execute() == 2


def test_cleared_code_is_not_executed(port: MachinePort, execute: Execute) -> None:
    """Code that was cleared is gone, though it has been executed: zero does nothing to r0."""
    assert execute() == 1
    port.clear(AT, 4)
    assert execute() == 0


# Devices ------------------------------------------------------------------------------------


def test_device_pages() -> None:
    """The kernel's pages are the devices' registers: a byte is sent, a register keeps its value."""
    console = Console()
    port = MachinePort(Machine.from_board(console=console), lambda line: None)
    port.store(layout.KERNEL_UART1 + uart.UTXD, ord("k"))
    assert bytes(console.captured) == b"k"
    assert port.load(layout.KERNEL_AVIC + avic.NIVECSR) == avic.NO_VECTOR
    port.store(layout.KERNEL_AVIC + avic.NIMASK, 7)
    assert port.load(layout.KERNEL_AVIC + avic.NIMASK) == 7


def test_other_pages_are_mistakes(port: MachinePort) -> None:
    """Behind RAM there are the kernel's devices and nothing else."""
    outside = (layout.WINDOW_BASE + (128 << 20), layout.KERNEL_UART1 + PAGE, 0xFFFF_0000)
    for address in outside:
        with pytest.raises(AssertionError, match="is no kernel device"):
            port.load(address)
        with pytest.raises(AssertionError, match="is no kernel device"):
            port.store(address, 0)


# Time ---------------------------------------------------------------------------------------


def test_each_word_is_a_modelled_cycle(machine: Machine, port: MachinePort) -> None:
    """Loads, stores and cleared words are charged, when the kernel settles and only once."""
    port.load(AT)
    port.store(AT, 1)
    port.clear(AT, 400)
    assert machine.cycles == 0
    port.settle()
    port.settle()
    assert machine.cycles == machine.counters["modelled"] == 102
    port.load(AT)
    assert port.cycles() == 103


def test_devices_see_the_charged_time(machine: Machine, port: MachinePort) -> None:
    """Before a device is asked or an interrupt is looked for, the cycles so far have passed."""
    port.clear(AT, 396)
    port.load(layout.KERNEL_AVIC + avic.NIMASK)
    assert machine.cycles == 100
    due: list[int] = []
    machine.events.schedule(110, lambda: due.append(machine.cycles), "uart1")
    port.clear(AT, 36)
    assert not port.interrupt_pending() and not due
    port.load(AT)
    assert not port.interrupt_pending() and due == [110]


def test_interrupt_line(port: MachinePort) -> None:
    """A forced source that is enabled is pending until it is taken back."""
    port.store(layout.KERNEL_AVIC + avic.INTENABLEL, 1 << 5)
    assert not port.interrupt_pending()
    port.store(layout.KERNEL_AVIC + avic.INTFRCL, 1 << 5)
    assert port.interrupt_pending() and port.future_interrupt_possible(frozenset({5}))
    port.store(layout.KERNEL_AVIC + avic.INTFRCL, 0)
    assert not port.interrupt_pending()


def test_only_armed_lines_are_waited_for(machine: Machine, port: MachinePort) -> None:
    """An event counts if it is of a device on one of the lines that somebody listens to.

    The UART always waits for a terminal's input: a deadlocked system with any handler at all once
    counted as stuck or not by what standard input happened to be.
    """
    epit2, uart1 = frozenset({27}), frozenset({45})
    machine.events.schedule(1000, lambda: None, "epit1")
    machine.events.schedule(2000, lambda: None, "uart1")
    assert not port.future_interrupt_possible(epit2)
    assert port.future_interrupt_possible(uart1)
    machine.events.schedule(3000, lambda: None, "epit2")
    assert port.future_interrupt_possible(epit2)


# Processor ----------------------------------------------------------------------------------


def test_address_space(machine: Machine, port: MachinePort) -> None:
    """The processor gets the physical directory with the walk's attributes, and the ASID."""
    port.load_address_space(AT, 5)
    ttbr0 = layout.physical_address(AT) | TTBR_ATTRIBUTES
    assert machine.cpu.read_cp15(2, 0, 0) == int(machine.cpu.state[0]["ttbr0"]) == ttbr0
    assert machine.cpu.read_cp15(13, 0, 1) == int(machine.cpu.state[0]["context_id"]) == 5


def test_halt_ends_the_run(machine: Machine, port: MachinePort, execute: Execute) -> None:
    """A halt ends the run before the next instruction, with status and reason."""
    execute()
    machine.events.schedule(machine.cycles + 50, lambda: port.halt(3, "stuck"), "epit2")
    stop = machine.run(cycles=1000)
    assert (stop.reason, stop.status, stop.message) == (StopReason.HALT, 3, "stuck")
    assert machine.cycles < 1000


def test_log(port: MachinePort, lines: list[str]) -> None:
    """A line goes to the person who watches."""
    port.log("a line")
    assert lines == ["a line"]


# System -------------------------------------------------------------------------------------


def test_boots_to_the_root_task(root_task: MakeImage) -> None:
    """The machine runs through the kernel's boot to the first instruction of the task."""
    system = System.boot(root_task("_start: mov r6, #77\ndone: b done\n"))
    stop = system.machine.run("done", cycles=2_000_000)
    assert stop.reason is StopReason.ADDRESS
    assert system.machine.registers["r6"] == 77
    assert system.machine.registers["cpsr"] & 0x1F == 0x10
    assert system.machine.counters["modelled"] > 0


def test_symbols_of_the_kernel(root_task: MakeImage) -> None:
    """Text and vectors of the kernel have their symbols, beside those of the task."""
    machine = System.boot(root_task("_start: nop\ntask: b task\n")).machine
    assert machine.symbol_at(TASK_BASE + 4) == "task"
    assert machine.symbol_at(machine.symbols["fastpath_call"] + 8) == "fastpath_call+0x8"
    assert machine.symbol_at(0xFFFF_0008 + 0x20) == "vector_svc"
    assert machine.symbol_at(layout.WINDOW_BASE + layout.IMAGE_BYTES) is None
    machine.run("task", cycles=2_000_000)
    assert machine.symbols["task"] == machine.registers["pc"] == TASK_BASE + 4


def _task(vaddr: int, memory_size: int) -> Image:
    segment = Segment(vaddr, vaddr, b"\xfe\xff\xff\xea", memory_size)
    return Image("task.elf", (segment,), vaddr)


def test_task_must_end_below_the_kernel() -> None:
    """The image, its IPC buffer and the boot information lie below the kernel's addresses."""
    highest = layout.WINDOW_BASE - 3 * PAGE
    System.boot(_task(highest, PAGE))
    with pytest.raises(InputError, match=r"task\.elf: a root task must end below 0xf0000000"):
        System.boot(_task(highest, PAGE + 1))


def test_task_must_fit_into_ram() -> None:
    """An image that is larger than what RAM has beside the kernel is refused with both sizes."""
    with pytest.raises(InputError, match=r"task\.elf: the root task spans 134217728 bytes .* room"):
        System.boot(_task(TASK_BASE, 128 << 20))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"board": "nothing"}, "no board 'nothing'"), ({"timing": "exact"}, '"exact"')],
)
def test_unknown_choices(options: dict[str, str], sentence: str) -> None:
    """An unknown board or level of timing is the user's mistake."""
    with pytest.raises(InputError, match=sentence):
        System.boot(_task(TASK_BASE, PAGE), **options)  # type: ignore[arg-type]


def test_missing_file(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(InputError, match=r"none\.elf"):
        System.boot(tmp_path / "none.elf")


def test_a_fault_of_the_kernel_is_a_crash(root_task: MakeImage) -> None:
    """When the kernel's own code faults the run ends and says where, nothing goes on."""
    system = System.boot(root_task("_start: nop\ntask: b task\n"))
    machine = system.machine
    assert machine.run("task", cycles=2_000_000).reason is StopReason.ADDRESS
    machine.registers["cpsr"] = 0xD3
    machine.registers["lr"] = 0x1234_5678
    machine.registers["pc"] = machine.symbols["kernel_panic"]
    stop = machine.run(cycles=10)
    assert stop.reason is StopReason.CRASH
    assert "the kernel faulted: mode 0x13, link 0x12345678" in stop.message
