# SPDX-License-Identifier: BSD-2-Clause
"""System descriptions on the emulated board: built, compared with their promise, and watched.

The manager, the programs of the subsystems, the hostile ones among them, and the managers that are
broken on purpose are all real code on the whole system.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel import abi, layout
from kernel.abi import Syscall
from kernel.elf import Section, write_elf
from kernel.invariants import invs
from kernel.layout import CapType
from kernel.object import cnode, endpoint
from kernel.object.capability import Cap
from kernel.object.derive import mask_rights
from kernel.object.transfer import Channel, do_ipc_transfer
from kernel.policy.compare import Violation
from kernel.policy.layout import SUMMARY_VADDR
from kernel.state import State
from kernel.thread import all_threads, debug_name
from sel4emu.asm import assemble
from sel4emu.cli.descriptions import load_description
from sel4emu.cli.policy_image import INTACT, MANAGERS
from sel4emu.cli.policy_system import Guard, GuardedSystem, boot_description
from sel4emu.cli.report import EXIT_DEAD
from sel4emu.cli.system import System
from sel4emu.stop import Stop

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
BOARD = "kzm_arm11"
HOST_SECONDS = 120.0

#: Two that send to each other, one that has nothing to do with them.
THREE = """
"a" { text { 0 to 4K }; resource { 2 }; comm { this -> b }; };
"b" { text { 4K to 8K }; resource { 2 }; comm { this -> a }; };
"c" { text { 8K to 12K }; resource { 1 }; };
"""
#: The same without a channel.
APART = """
"a" { text { 0 to 4K }; resource { 2 }; };
"b" { text { 4K to 8K }; resource { 2 }; };
"""


@dataclass(frozen=True)
class Ran:
    """A system after its run."""

    system: GuardedSystem
    guard: Guard | None
    stop: Stop

    @property
    def lines(self) -> list[str]:
        """What was printed."""
        text = self.system.machine.console.captured.decode()
        return [line.strip() for line in text.replace("\r", "").splitlines()]

    @property
    def violations(self) -> list[Violation]:
        """What the check found."""
        assert self.guard is not None
        return self.guard.violations

    @property
    def names(self) -> set[str]:
        """The threads that are left."""
        ks = self.system.kernel.state
        return {debug_name(ks, tcb) for tcb in all_threads(ks)}

    def check_rest(self) -> None:
        """Everything is as promised, kernel memory too, and all threads wait or are stopped."""
        assert self.violations == []
        assert self.guard is not None
        assert self.guard.watch is not None
        assert self.stop.status == EXIT_DEAD, self.stop
        assert "fault" not in self.stop.message
        assert invs(self.system.kernel.state) == []


Run = Callable[..., Ran]
RunText = Callable[..., Ran]


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Managers are compiled away from the cache of the person who runs this."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def run() -> Run:
    """Boots the description in a file and runs it to its end."""

    def boot_and_run(
        path: Path, *, manager: str = INTACT, check: bool = True, **programs: str
    ) -> Ran:
        by_name = {name.replace("_", "-"): program for name, program in programs.items()}
        description = load_description(str(path), BOARD)
        system, guard = boot_description(
            description, programs=by_name, manager=manager, check=check
        )
        return Ran(system, guard, system.machine.run(seconds=HOST_SECONDS))

    return boot_and_run


@pytest.fixture
def run_text(run: Run, tmp_path: Path) -> RunText:
    """The same for a description written in the test."""

    def write_and_run(text: str, **options: str | bool) -> Ran:
        path = tmp_path / "system.spec"
        path.write_text(text)
        return run(path, **options)

    return write_and_run


@pytest.mark.parametrize(
    ("name", "subsystems"),
    [("thesis_subsystems", 2), ("thesis_isolation", 2), ("two", 2), ("ten", 10), ("sixty", 60)],
)
def test_examples_become_what_they_promise(run: Run, name: str, subsystems: int) -> None:
    """The manager builds exactly the promised state and is gone; every subsystem does its work."""
    ran = run(EXAMPLES / f"{name}.spec")
    ran.check_rest()
    assert ran.lines[0] == f"policy: {subsystems} subsystems built; the manager leaves"
    assert sum(line.endswith(": done") for line in ran.lines) == subsystems
    assert len(ran.names) == subsystems
    assert "manager" not in ran.names


def test_without_check_the_fast_kernel_does_the_same(run: Run) -> None:
    """Fast paths change nothing that is printed, nor the end; and a run can be repeated exactly."""
    path = EXAMPLES / "ten.spec"
    checked, plain, again = run(path), run(path, check=False), run(path, check=False)
    assert plain.guard is None
    assert plain.lines == checked.lines
    assert plain.names == checked.names
    assert plain.system.machine.cycles == again.system.machine.cycles


def test_checking_costs_the_guest_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check the guest ends in the same cycle as without one, on the same kernel."""
    path = EXAMPLES / "two.spec"
    checked = run(path)
    monkeypatch.setattr(GuardedSystem, "_handle_trap", System._handle_trap)
    assert run(path).system.machine.cycles == checked.system.machine.cycles


def test_hostile_subsystems(run: Run) -> None:
    """Two that pass, forge, exhaust and revoke gain nothing, at no kernel exit."""
    ran = run(EXAMPLES / "ten.spec", red_app="smuggler", blue_web="glutton")
    ran.check_rest()
    assert ran.guard is not None
    assert ran.guard.watch is not None
    assert ran.guard.watch.states > 100
    assert "red-app: passes, amplifies, forges and guesses" in ran.lines
    assert "blue-web: exhausts and revokes" in ran.lines


def test_hostile_neighbours(run_text: RunText) -> None:
    """A smuggler whose partner takes what it can get passes nothing; the third is not touched."""
    ran = run_text(THREE, a="smuggler", b="glutton")
    ran.check_rest()
    assert "c: done" in ran.lines


#: Each broken manager: the description that it spoils, and the rule that it breaks.
BROKEN = {
    "grant_channel": (THREE, "R6.58"),
    "both_ways": (THREE, "R6.54"),
    "no_channel": (THREE, "R6.54"),
    "new_channel": (APART, "R6.61"),
    "shared_cnode": (THREE, "R6.59"),
    "shared_table": (THREE, "R6.59"),
    "shared_vspace": (APART, "R6.59"),
    "shared_frame": (APART, "R6.61"),
    "shared_memory": (APART, "R6.53"),
    "more_memory": (APART, "R6.53"),
    "others_thread": (THREE, "R6.60"),
    "interrupts": (APART, "R6.44"),
    "kept_thread": (APART, "R6.45"),
    "stays": (APART, "R6.45"),
}


def test_every_broken_manager_is_tried() -> None:
    """The table below has all of them."""
    assert {INTACT, *BROKEN} == set(MANAGERS)


@pytest.mark.parametrize("manager", BROKEN)
def test_a_broken_manager_is_caught(run_text: RunText, manager: str) -> None:
    """The state that a broken manager leaves is refused before any subsystem runs."""
    text, rule = BROKEN[manager]
    ran = run_text(text, manager=manager)
    assert ran.violations[0].rule == rule
    assert ran.stop.status == 1
    assert ran.stop.message == str(ran.violations[0])
    assert not any(line.startswith(("a:", "b:", "c:")) for line in ran.lines)


def test_new_channels_inside_a_domain_are_counted(run_text: RunText) -> None:
    """A second endpoint between two that have one is one too many, though it adds no right."""
    assert run_text(THREE, manager="new_channel").violations[0].rule == "R6.54"


def test_a_kernel_that_forgets_grant(run_text: RunText, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel passes capabilities without the Grant right, the next exit tells."""

    def careless(ks: State, sender: int, receiver: int, channel: Channel) -> None:
        do_ipc_transfer(ks, sender, receiver, channel._replace(can_grant=True))

    monkeypatch.setattr(endpoint, "do_ipc_transfer", careless)
    ran = run_text(THREE, a="smuggler", b="glutton")
    assert {each.rule for each in ran.violations} == {"R6.25", "R6.31"}
    assert ran.stop.status == 1


def test_a_kernel_that_amplifies(run_text: RunText, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a copy gets rights that its source lacks, the first such copy is a gain."""

    def generous(cap: Cap, rights: int) -> Cap:
        lacks = cap.type is CapType.ENDPOINT and cap.get(layout.ENDPOINT_RIGHTS) != abi.RIGHTS_ALL
        return cap.having(layout.ENDPOINT_RIGHTS, rights) if lacks else mask_rights(cap, rights)

    monkeypatch.setattr(cnode, "mask_rights", generous)
    ran = run_text(THREE, a="smuggler")
    assert ran.guard is not None
    assert ran.guard.exits > 0
    assert "R6.31" in {each.rule for each in ran.violations}


IMAGE = f"""
_start:
    ldr     r4, ={SUMMARY_VADDR:#x}
    cmp     r0, r4                  @ the summary is in r0
    bne     wrong
    add     r4, r0, #4              @ its name, behind the magic word
    push    {{r4}}                    @ there is a stack
    pop     {{r4}}
next:
    ldrb    r0, [r4], #1
    cmp     r0, #0
    beq     done
    mvn     r7, #{~Syscall.DEBUG_PUT_CHAR}
    svc     0
    b       next
done:
    mov     r0, #10
    mvn     r7, #{~Syscall.DEBUG_PUT_CHAR}
    svc     0
    ldr     r1, =counter
    ldr     r0, [r1]
    add     r0, r0, #1
    str     r0, [r1]                @ its data can be written
    cmp     r0, #42
    bne     wrong
    mov     r0, #0
    mvn     r7, #{~Syscall.DEBUG_EXIT}
    svc     0
wrong:
    mov     r0, #9
    mvn     r7, #{~Syscall.DEBUG_EXIT}
    svc     0
    b       wrong
    .ltorg
    .balign 4
counter:
    .word   41
"""


def test_an_image_is_loaded(run_text: RunText, tmp_path: Path) -> None:
    """A subsystem's own ELF finds the summary, a stack, and data that it can write."""
    base = 0x0040_0000
    code = assemble(IMAGE, base)
    section = Section(".text", base, code.code, executable=True)
    (tmp_path / "own.elf").write_bytes(write_elf([section], [], code.labels["_start"], 0))
    ran = run_text('"own" { image "own.elf"; resource { 1 }; priority 7; };\n' + APART)
    assert ran.violations == []
    assert ran.stop.status == 0
    assert "own" in ran.lines
