# SPDX-License-Identifier: BSD-2-Clause
"""Every userland image on the whole system, with and without fast paths, and with compatibility.

The images check what they print and end with a status, so their success is most of the claim. What
is added here: that they print it in every mode, what the order of their lines says, that kernel
memory is well formed afterwards, and that they do fail where the system does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kernel.invariants import invs
from kernel.limits import CLEAR_PIECE_BYTES
from kernel.object.delete import revoke
from kernel.options import KernelOptions
from kernel.state import State
from sel4emu.cli.system import MachinePort, System
from sel4emu.devices.epit import Epit
from sel4emu.devices.timer import Rate
from sel4emu.stop import Stop, StopReason
from userland.build import build, image_names

MODES = {
    "fast": KernelOptions(),
    "slow": KernelOptions(slow=True),
    "compat": KernelOptions(compat=True),
    "slow-compat": KernelOptions(slow=True, compat=True),
}
#: The image that runs for ever.
ENDLESS = "pingpong"
ENDING = tuple(name for name in image_names() if name != ENDLESS)
HOST_SECONDS = 60.0
LAST_LINES = {
    "hello": "The greeting took",
    "hierarchy": "Everything as it must be: the memory of lazy came back whole, and serves again.",
    "rm": "Everything as it must be: ping and pong have what they were given, and no more.",
    "timer": "Everything as it must be: 6 sleepers woke in order and in time.",
}
#: Lines with these words tell cycles, which differ from mode to mode.
CYCLES = " cycles"


@dataclass(frozen=True)
class Ran:
    """An image that has run to its end."""

    system: System
    stop: Stop

    @property
    def lines(self) -> list[str]:
        """What it printed."""
        return self.system.machine.console.captured.decode().replace("\r", "").splitlines()

    def said(self, *, by: str) -> list[str]:
        """What one thread printed, without its name."""
        start = f"  {by} "
        return [line.removeprefix(start).strip() for line in self.lines if line.startswith(start)]


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The ELF file of an image, built once, away from the cache of the person who runs this."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        images = {name: build(name) for name in image_names()}
    return images.__getitem__


@pytest.fixture
def run(built: Callable[[str], Path]) -> Run:
    """Boots an image and runs it until it ends or `cycles` are over."""

    def boot_and_run(name: str, mode: str = "fast", cycles: int | None = None) -> Ran:
        system = System.boot(built(name), timing="off", options=MODES[mode])
        return Ran(system, system.machine.run(cycles=cycles, seconds=HOST_SECONDS))

    return boot_and_run


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ENDING)
def test_every_image_ends_well(run: Run, name: str, mode: str) -> None:
    """An image ends itself with status 0, its last line, and kernel memory well formed."""
    ran = run(name, mode)
    assert (ran.stop.reason, ran.stop.status) == (StopReason.HALT, 0), ran.lines[-1:]
    assert ran.lines[-1].startswith(LAST_LINES[name])
    assert invs(ran.system.kernel.state) == []


@pytest.mark.parametrize("name", ENDING)
def test_every_mode_shows_the_same(run: Run, name: str) -> None:
    """Fast paths and compatibility change no word but counts of cycles, in lines of 80 columns."""
    texts = [[line for line in run(name, mode).lines if CYCLES not in line] for mode in MODES]
    assert all(text == texts[0] for text in texts)
    assert max(map(len, texts[0])) <= 80


@pytest.mark.parametrize("mode", MODES)
def test_endless_messages_go_on(run: Run, mode: str) -> None:
    """Client and server exchange messages until they are stopped, without a fault."""
    ran = run(ENDLESS, mode, 1_500_000)
    assert ran.stop.reason is StopReason.CYCLE
    assert ran.lines == ["pingpong: client and server are ready"]
    before = ran.system.machine.counters["exception_svc"]
    ran.system.machine.run(cycles=100_000)
    assert ran.system.machine.counters["exception_svc"] > before + 50
    assert ran.system.machine.counters["exception_data_abort"] == 0


def test_runs_repeat_exactly(run: Run) -> None:
    """The timer image takes the same number of cycles and prints the same each time."""
    first, second = run("timer"), run("timer")
    assert first.system.machine.cycles == second.system.machine.cycles
    assert first.lines == second.lines


def test_sleepers_wake_at_their_ticks(run: Run) -> None:
    """Each client wakes directly after the tick it sleeps until, and no tick is lost."""
    ran = run("timer")
    ticks = [line for line in ran.said(by="timer") if line.startswith("tick") and ":" not in line]
    assert ticks == [f"tick {number}" for number in range(1, 9)]
    woken = {
        client: [(int(line.split()[3].strip(",")), int(line.split()[-1]))
                 for line in ran.said(by=client)]
        for client in ("early", "late")
    }  # fmt: skip
    assert woken == {"early": [(2, 0), (4, 2), (8, 4)], "late": [(5, 0), (6, 5), (8, 6)]}
    for client, wakeups in woken.items():
        for woke, _ in wakeups:
            after = ran.lines[ran.lines.index(f"  timer   tick {woke}") :]
            asleep = f"  timer   tick {woke + 1}"
            until = after[: after.index(asleep)] if asleep in after else after
            assert any(line.startswith(f"  {client} ") for line in until)


def test_the_timer_server_has_four_capabilities(run: Run) -> None:
    """Itself, requests, ticks and the interrupt: nothing else is in its CSpace."""
    assert "finds 4 capabilities in its CSpace" in run("timer").said(by="timer")


def _pages(ran: Ran, manager: str) -> list[str]:
    ending = f"from {manager}"
    return [line.split()[4] for line in ran.said(by="root") if line.endswith(ending)]


def test_policies_differ(run: Run) -> None:
    """The static manager refuses when its pages are out, the dynamic one uses the oldest again."""
    ran = run("hierarchy")
    fixed, lazy, heir = (_pages(ran, manager) for manager in ("fixed", "lazy", "heir"))
    assert len(set(fixed)) == len(fixed) == 4
    assert "refuses: all 4 pages are out" in ran.said(by="fixed")
    assert lazy[4:] == lazy[:2]
    assert len(set(lazy)) == 4
    assert heir == lazy[:2]


def _books(ran: Ran) -> list[tuple[str, list[int]]]:
    rows = [line.split() for line in ran.lines if len(line.split()) == 7]
    return [(row[0], [int(word) for word in row[1:]])
            for row in rows if all(word.isdigit() for word in row[1:])]  # fmt: skip


def test_every_byte_is_accounted_for(run: Run) -> None:
    """In each line the parts add up to the whole, and what root gives is what the others hold."""
    books = _books(run("hierarchy"))
    assert [name for name, _ in books] == ["root", "fixed", "lazy", "root", "fixed", "heir"]
    for _, (holds, *parts) in books:
        assert holds == sum(parts)
    for first in (0, 3):
        given = books[first][1][3]
        assert given == sum(row[0] for _, row in books[first + 1 : first + 3])
    assert books[1] == books[4], "the other manager has what it had"


@pytest.mark.parametrize(
    ("good", "sentence"),
    [(0, "retype untyped memory: DeleteFirst"), (2, "a page of lazy outlived it")],
)
def test_a_kernel_that_does_not_revoke_is_found_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, good: int, sentence: str
) -> None:
    """Where Revoke stops working after `good` times, the hierarchy ends with a sentence."""
    calls: list[int] = []

    def revoke_at_first(ks: State, slot: int) -> None:
        calls.append(slot)
        if len(calls) <= good:
            revoke(ks, slot)

    monkeypatch.setattr("kernel.object.cnode.revoke", revoke_at_first)
    ran = run("hierarchy", "slow")
    assert ran.stop.status == 1
    assert ran.lines[-1] == f"hierarchy: failed: {sentence}"


def test_a_kernel_that_leaves_memory_dirty_is_found_out(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pages are not cleared when they are made again, the hierarchy sees its old mark."""
    clear = MachinePort.clear

    def clear_little(port: MachinePort, address: int, size: int) -> None:
        if size != CLEAR_PIECE_BYTES:  # what is made in pieces is many pages at once
            clear(port, address, size)

    monkeypatch.setattr(MachinePort, "clear", clear_little)
    ran = run("hierarchy", "slow")
    assert ran.stop.status == 1
    assert ran.lines[-1] == "hierarchy: failed: memory was not cleared"


def test_a_thread_that_is_not_stopped_is_found_out(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a deleted thread stays in its queue, root hears from leaf, and says so."""
    monkeypatch.setattr("kernel.object.delete.suspend", lambda ks, tcb: None)
    ran = run("hierarchy", "slow")
    assert ran.stop.status == 1
    assert ran.lines[-1] == "hierarchy: failed: a thread of a revoked manager still runs"


def test_a_timer_that_runs_slow_is_found_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a tick takes twice as long, the timer image ends with status 1 and says so."""
    true_rate = Epit.rate

    def half_rate(epit: Epit) -> Rate | None:
        rate = true_rate(epit)
        return rate and replace(rate, divider=2 * rate.divider)

    monkeypatch.setattr(Epit, "rate", half_rate)
    ran = run("timer", "slow")
    assert ran.stop.status == 1
    assert ran.lines[-1] == "timer: failed: woken late by the cycle counter"
