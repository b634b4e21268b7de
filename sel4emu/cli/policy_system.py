# SPDX-License-Identifier: BSD-2-Clause
"""The composition for system descriptions: a system whose every kernel exit can be checked.

Checked is the kernel in Python alone (`slow`): it sees each exit, the fast paths would not tell.
The check reads memory past the port, so that it costs the guest no cycle.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kernel import layout
from kernel.options import KernelOptions
from kernel.policy.abstraction import Abstractor
from kernel.policy.compare import Violation, compare
from kernel.policy.description import Description
from kernel.policy.entities import Abstraction
from kernel.policy.promise import Promise, promise
from kernel.policy.watch import Watch
from kernel.state import State
from sel4emu.cli.policy_image import INTACT, boot_image
from sel4emu.cli.system import System
from sel4emu.console import Console
from sel4emu.timing import OFF

EXIT_BROKEN: Final = 1


class GuardedSystem(System):
    """A system that calls `after_exit` whenever the kernel in Python has finished."""

    after_exit: Callable[[], None] | None = None

    def _handle_trap(self, number: int) -> None:
        super()._handle_trap(number)
        if self.after_exit is not None:
            self.after_exit()


class QuietMemory:
    """The kernel's memory, read past the port: that charges nothing and changes nothing."""

    def __init__(self, system: System) -> None:
        ram = system.machine.bus.memory_at(layout.RAM_BASE, layout.IMAGE_BYTES)
        assert ram is not None
        self._words, self._data = ram.words, ram.data
        #: Only for reading.
        self.state = State(system.port, system.kernel.state.options)
        self.state.load = self._load

    def _load(self, address: int) -> int:
        return self._words[(address - layout.WINDOW_BASE) >> 2]

    def block(self, address: int, size: int) -> bytes:
        """Bytes at a window address."""
        start = address - layout.WINDOW_BASE
        return bytes(self._data[start : start + size])


@dataclass
class Guard:
    """Compares once when the manager has left, then watches each kernel exit.

    The first violation ends the run. `exits` counts the kernel exits since the manager left.
    """

    system: GuardedSystem
    promised: Promise
    violations: list[Violation] = field(default_factory=list)
    start: Abstraction | None = None
    watch: Watch | None = None
    exits: int = 0

    def __post_init__(self) -> None:
        memory = QuietMemory(self.system)
        self._ks = memory.state
        self._abstractor = Abstractor(memory.state, memory.block)
        self._manager = 0
        self.system.after_exit = self._after_exit

    def _after_exit(self) -> None:
        if self.watch is not None:
            self.exits += 1
            self._judge(self.watch.check(self._abstractor.take()))
            return
        # The manager's priority is the highest, and it never waits: the first other thread that
        # runs tells that it has left.
        current = self._ks.current
        self._manager = self._manager or current
        if current != self._manager:
            self.start = self._abstractor.take()
            self.watch = Watch(self.start)
            self._judge(compare(self.start, self.promised))

    def _judge(self, violations: list[Violation]) -> None:
        if violations and not self.violations:
            self.violations = violations
            self.system.machine.halt(EXIT_BROKEN, str(violations[0]))


def boot_description(
    description: Description,
    *,
    programs: dict[str, str] | None = None,
    manager: str = INTACT,
    check: bool = True,
    board: str = "kzm_arm11",
    console: Console | None = None,
    log: Callable[[str], None] = lambda line: None,
) -> tuple[GuardedSystem, Guard | None]:
    """A system that boots a description, ready to run, and its guard where `check` asks for one.

    `programs` are programs of the manager by subsystem. Raises InputError where the manager cannot
    be compiled or the board does not fit.
    """
    system = GuardedSystem.boot(
        boot_image(description, programs or {}, manager),
        board=board,
        timing=OFF,
        options=KernelOptions(slow=check),
        console=console,
        log=log,
    )
    return system, Guard(system, promise(description)) if check else None
