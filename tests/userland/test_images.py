# SPDX-License-Identifier: BSD-2-Clause
"""What the images do, seen by a kernel that the test plays.

The kernel here keeps no objects: it notes each invocation and answers what the test chose. So
these tests say which calls an image makes and what it concludes from the answers.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from unicorn import Uc
from unicorn.arm_const import UC_ARM_REG_R0

from kernel import abi
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from userland.build import IMAGES, build, compile_elf

Kernel = Callable[[Uc], bool]
RunGuest = Callable[[Path, str, int, Kernel, Mapping[int, bytes]], int]

# The manager's side of a made-up boot: of the untypeds, the one of 2^20 bytes must be cut.
FIRST_IMAGE_FRAME = 20
FIRST_UNTYPED = 100
UNTYPED_BITS = (25, 24, 24, 13, 21, 20, 22, 19, 6)
CUT_UNTYPED = FIRST_UNTYPED + UNTYPED_BITS.index(20)
FIRST_EMPTY = 400

# The subsystems' side.
(CNODE, UNTYPED, SPEAK, HEAR, REPORT) = range(1, 6)
STACK, DATA, BUFFER = 0xFD000, 0xFE000, 0xFF000
GOOD_REPORT = (8, 0, 14)
ROUNDS = 64
CYCLES = 128 * 777

# The device page of the timer image, and the reports that its clients owe, as
# (badge, ticks wanted, tick of the request, tick of the reply).
EPIT2, EPIT2_LINE, FIRST_DEVICE_FRAME = 0x53F98000, 27, 200
COUNT_CYCLES, COUNTS_PER_TICK = 532_000_000 // 32768, 32
WAKEUPS = ((1, 2, 0, 2), (1, 2, 2, 4), (2, 5, 0, 5), (2, 1, 5, 6), (1, 4, 4, 8), (2, 2, 6, 8))


@dataclass(frozen=True)
class Invocation:
    """One Call on a kernel object, as the kernel sees it."""

    service: int
    label: int
    words: tuple[int, ...]
    caps: tuple[int, ...]


Answer = Callable[[Invocation], Error]


def accept(_: Invocation) -> Error:
    """A kernel that has nothing against anything."""
    return Error.NO_ERROR


@dataclass
class RecordingKernel:
    """Notes all calls; `messages` are what each Wait receives, as (badge, words)."""

    answer: Answer = accept
    messages: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    #: a Send on this capability ends the run
    last_send: int | None = None
    console: str = ""
    status: int | None = None
    calls: list[Invocation] = field(default_factory=list)
    sent: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    cycles: int = CYCLES
    names: dict[int, str] = field(default_factory=dict)

    def __call__(self, uc: Uc) -> bool:
        registers = [int(uc.reg_read(UC_ARM_REG_R0 + i)) for i in range(8)]
        number = Syscall(registers[7] - (1 << 32))
        handlers = {
            Syscall.DEBUG_PUT_CHAR: self._put_char, Syscall.DEBUG_EXIT: self._exit,
            Syscall.CALL: self._call, Syscall.SEND: self._send, Syscall.WAIT: self._wait,
            Syscall.CYCLE_RESET: self._cycle_reset, Syscall.CYCLE_READ: self._cycle_read,
            Syscall.DEBUG_NAME_THREAD: self._name_thread,
        }  # fmt: skip
        return handlers[number](uc, registers)

    def _put_char(self, _uc: Uc, registers: list[int]) -> bool:
        self.console += chr(registers[0])
        return True

    def _exit(self, _uc: Uc, registers: list[int]) -> bool:
        self.status = registers[0]
        return False

    def _cycle_reset(self, _uc: Uc, _registers: list[int]) -> bool:
        return True

    def _cycle_read(self, uc: Uc, _registers: list[int]) -> bool:
        uc.reg_write(UC_ARM_REG_R0, self.cycles)
        return True

    def _name_thread(self, uc: Uc, registers: list[int]) -> bool:
        (buffer,) = struct.unpack("<I", uc.mem_read(abi.GLOBALS_ADDRESS, 4))
        text = bytes(uc.mem_read(buffer + abi.IPC_MSG, 32)).split(b"\0")[0]
        self.names[registers[0]] = text.decode()
        return True

    def _call(self, uc: Uc, registers: list[int]) -> bool:
        invocation = _invocation(uc, registers)
        self.calls.append(invocation)
        uc.reg_write(UC_ARM_REG_R0, 0)
        uc.reg_write(UC_ARM_REG_R0 + 1, self.answer(invocation) << abi.INFO_LABEL_SHIFT)
        return True

    def _send(self, _uc: Uc, registers: list[int]) -> bool:
        length = registers[1] & abi.INFO_LENGTH_MASK
        self.sent.append((registers[0], tuple(registers[2 : 2 + length])))
        return registers[0] != self.last_send

    def _wait(self, uc: Uc, _registers: list[int]) -> bool:
        badge, words = self.messages.pop(0)
        for i, value in enumerate((badge, len(words), *words)):
            uc.reg_write(UC_ARM_REG_R0 + i, value)
        return True

    def labels(self) -> list[int]:
        return [call.label for call in self.calls]


def _invocation(uc: Uc, registers: list[int]) -> Invocation:
    (buffer,) = struct.unpack("<I", uc.mem_read(abi.GLOBALS_ADDRESS, 4))
    info = registers[1]
    length = info & abi.INFO_LENGTH_MASK
    in_buffer = struct.unpack(f"<{length}I", uc.mem_read(buffer + abi.IPC_MSG, 4 * length))
    caps = struct.unpack("<3I", uc.mem_read(buffer + abi.IPC_CAPS_OR_BADGES, 12))
    return Invocation(
        service=registers[0],
        label=info >> abi.INFO_LABEL_SHIFT,
        words=(*registers[2:6], *in_buffer[4:])[:length],
        caps=caps[: info >> abi.INFO_CAPS_SHIFT & abi.INFO_CAPS_MASK],
    )


def _boot_information(
    ipc_buffer: int, untyped_bits: tuple[int, ...] = UNTYPED_BITS, device: int = EPIT2
) -> bytes:
    page = bytearray(abi.BI_BYTES)
    struct.pack_into("<I", page, abi.BI_IPC_BUFFER, ipc_buffer)
    struct.pack_into("<II", page, abi.BI_EMPTY, FIRST_EMPTY, 1 << 16)
    struct.pack_into("<II", page, abi.BI_IMAGE_FRAMES, FIRST_IMAGE_FRAME, FIRST_UNTYPED)
    end = FIRST_UNTYPED + len(untyped_bits)
    struct.pack_into("<II", page, abi.BI_UNTYPED, FIRST_UNTYPED, end)
    page[abi.BI_UNTYPED_BITS : abi.BI_UNTYPED_BITS + len(untyped_bits)] = bytes(untyped_bits)
    page[abi.BI_CNODE_BITS] = 16
    struct.pack_into("<I", page, abi.BI_NUM_DEVICES, 43)
    region = (device, abi.SMALL_PAGE_BITS, FIRST_DEVICE_FRAME, FIRST_DEVICE_FRAME + 1)
    struct.pack_into("<IIII", page, abi.BI_DEVICES + abi.BI_DEVICE_BYTES, *region)
    return bytes(page)


Manager = Callable[[RecordingKernel], RecordingKernel]
Part = Callable[[str, RecordingKernel], RecordingKernel]


@pytest.fixture
def manager(run_guest: RunGuest, guest_boot_info: int, guest_ipc_buffer: int) -> Manager:
    """Runs the default image from its first instruction to its end, without its subsystems."""

    def run(kernel: RecordingKernel) -> RecordingKernel:
        boot = {guest_boot_info: _boot_information(guest_ipc_buffer)}
        run_guest(build("rm"), "_start", guest_boot_info, kernel, boot)
        return kernel

    return run


@pytest.fixture
def part(run_guest: RunGuest) -> Part:
    """Runs the thread of one subsystem until it reports."""

    def run(function: str, kernel: RecordingKernel) -> RecordingKernel:
        kernel.last_send = REPORT
        run_guest(build("rm"), function, 0, kernel, {DATA: b""})
        return kernel

    return run


def reports(*, ping: tuple[int, ...] = GOOD_REPORT, pong: tuple[int, ...] = GOOD_REPORT,
            ) -> list[tuple[int, tuple[int, ...]]]:  # fmt: skip
    return [(2, (*pong, 0)), (1, (*ping, CYCLES))]


def test_hello_greets_and_ends(
    run_guest: RunGuest, guest_boot_info: int, guest_ipc_buffer: int
) -> None:
    """Hello says where its boot information lies and what the greeting cost, and ends with 0."""
    kernel = RecordingKernel(cycles=4321)
    boot = {guest_boot_info: _boot_information(guest_ipc_buffer)}
    run_guest(build("hello"), "_start", guest_boot_info, kernel, boot)
    assert kernel.status == 0
    assert kernel.console.splitlines() == [
        "Hello from user mode.",
        f"The boot information lies at 0x{guest_boot_info:08x}.",
        "The greeting took 4321 cycles.",
    ]


def test_manager_ends_well(manager: Manager) -> None:
    """With every call granted and both reports good, the manager ends with status 0."""
    kernel = manager(RecordingKernel(messages=reports()))
    assert kernel.status == 0
    assert "rm    128 more messages, without a word printed, took 777 cycles each" in (
        line.strip() for line in kernel.console.splitlines()
    )
    assert max(map(len, kernel.console.splitlines())) <= 80


def test_manager_prints_the_boot_information(manager: Manager) -> None:
    """Memory is summed up by size, largest first."""
    console = manager(RecordingKernel(messages=reports())).console
    total = sum(1 << bits for bits in UNTYPED_BITS)
    assert f"{total} bytes in {len(UNTYPED_BITS)} pieces" in console
    sizes = ["1 x  32 MiB", "2 x  16 MiB", "1 x   4 MiB", "1 x   2 MiB", "1 x   1 MiB",
             "1 x 512 KiB", "1 x   8 KiB", "1 x  64 B"]  # fmt: skip
    places = [console.index(size) for size in sizes]
    assert places == sorted(places)


def _retypes(kernel: RecordingKernel) -> list[Invocation]:
    return [call for call in kernel.calls if call.label == Label.UNTYPED_RETYPE]


def test_manager_retypes_each_untyped_once(manager: Manager) -> None:
    """No Untyped is retyped while it has children, and nothing is made of one that is spent."""
    retypes = _retypes(manager(RecordingKernel(messages=reports())))
    services = [call.service for call in retypes]
    assert services[0] == CUT_UNTYPED, "the smallest that is big enough"
    assert len(set(services)) == len(services)
    pieces = range(retypes[0].words[4], retypes[0].words[4] + retypes[0].words[5])
    assert set(services[1:]) <= set(pieces)
    assert all(call.words[5] <= abi.RETYPE_MAX_OBJECTS for call in retypes)


def test_manager_uses_each_slot_once(manager: Manager) -> None:
    """Every capability that the manager makes for itself goes into an empty slot of its own."""
    kernel = manager(RecordingKernel(messages=reports()))
    used = [slot for call in _retypes(kernel)
            for slot in range(call.words[4], call.words[4] + call.words[5])]  # fmt: skip
    used += [call.words[0] for call in kernel.calls
             if call.label == Label.CNODE_COPY and call.service == InitialCap.CNODE]  # fmt: skip
    assert sorted(used) == list(range(FIRST_EMPTY, FIRST_EMPTY + len(used)))


def test_subsystems_get_no_right_too_many(manager: Manager) -> None:
    """Endpoints are given write-only or read-only, never with Grant; code pages read-only."""
    kernel = manager(RecordingKernel(messages=reports()))
    mints = [call for call in kernel.calls if call.label == Label.CNODE_MINT]
    rights = {slot: {call.words[4] for call in mints if call.words[0] == slot}
              for slot in (SPEAK, HEAR, REPORT)}  # fmt: skip
    write, read = {abi.RIGHT_WRITE}, {abi.RIGHT_READ}
    assert rights == {SPEAK: write, HEAR: read, REPORT: write}
    copies = [call for call in kernel.calls if call.label == Label.CNODE_COPY]
    assert copies
    assert {call.words[4] for call in copies} == read


def test_endpoints_cross(manager: Manager) -> None:
    """One subsystem hears exactly where the other speaks, and both report to one place."""
    kernel = manager(RecordingKernel(messages=reports()))
    mints = [call for call in kernel.calls if call.label == Label.CNODE_MINT]
    sources = {slot: [call.words[2] for call in mints if call.words[0] == slot]
               for slot in (SPEAK, HEAR, REPORT)}  # fmt: skip
    assert sources[SPEAK] == sources[HEAR][::-1]
    assert len({*sources[SPEAK], *sources[REPORT]}) == 3


def test_subsystem_memory_is_moved(manager: Manager) -> None:
    """Untyped memory is given away by Move: no copy of it stays with the manager."""
    kernel = manager(RecordingKernel(messages=reports()))
    moves = [call.words[:2] for call in kernel.calls if call.label == Label.CNODE_MOVE]
    assert moves == [(UNTYPED, 6), (UNTYPED, 6)]


def test_threads_start_in_their_own_spaces(manager: Manager) -> None:
    """Two threads get different CSpaces, VSpaces and buffers, different entries, one stack."""
    kernel = manager(RecordingKernel(messages=reports()))
    configures = [call for call in kernel.calls if call.label == Label.TCB_CONFIGURE]
    assert len({cap for call in configures for cap in call.caps}) == 6
    writes = [call.words for call in kernel.calls if call.label == Label.TCB_WRITE_REGISTERS]
    assert len({words[2] for words in writes}) == 2
    assert {words[3] for words in writes} == {STACK + 0x1000}
    assert kernel.labels().count(Label.TCB_RESUME) == 2


def test_threads_have_names(manager: Manager) -> None:
    """Reports about threads can call them by name."""
    kernel = manager(RecordingKernel(messages=reports()))
    resumed = [call.service for call in kernel.calls if call.label == Label.TCB_RESUME]
    assert kernel.names == dict(zip([InitialCap.TCB, *resumed], ["rm", "ping", "pong"],
                                    strict=True))  # fmt: skip


def test_a_kernel_object_batch_has_one_type(manager: Manager) -> None:
    """The manager makes what two subsystems need, and not more."""
    kernel = manager(RecordingKernel(messages=reports()))
    made = {call.words[0]: call.words[5] for call in _retypes(kernel)[1:]}
    assert made == {
        ObjectType.CNODE: 2, ObjectType.TCB: 2, ObjectType.PAGE_DIRECTORY: 2,
        ObjectType.PAGE_TABLE: 2, ObjectType.SMALL_PAGE: 6, ObjectType.UNTYPED: 2,
        ObjectType.ENDPOINT: 3,
    }  # fmt: skip


def test_every_refused_call_ends_the_run(manager: Manager) -> None:
    """Whichever call the kernel refuses, the manager says so and ends with status 1."""
    count = len(manager(RecordingKernel(messages=reports())).calls)
    for refused in range(count):
        kernel = RecordingKernel()

        def answer(_: Invocation, kernel: RecordingKernel = kernel, last: int = refused) -> Error:
            return Error.DELETE_FIRST if len(kernel.calls) == last + 1 else Error.NO_ERROR

        kernel.answer = answer
        assert manager(kernel).status == 1, kernel.calls[-1]
        assert kernel.console.splitlines()[-1].startswith("rm: failed: ")
        assert kernel.console.endswith(": DeleteFirst\n")
        assert len(kernel.calls) == refused + 1, "nothing more is tried"


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        (reports(ping=(8, 1, 14)), "a check of a subsystem went wrong"),
        (reports(pong=(7, 0, 14)), "a subsystem left checks out"),
        (reports(pong=(8, 0, 15)), "the answers do not add up"),
        ([(3, (8, 0, 14, 0))], "a report with an unknown badge"),
        ([(0, (8, 0, 14, 0))], "a report with an unknown badge"),
        ([(1, (8, 0))], "a report of wrong length"),
        ([(1, (8, 0, 14, 0))] * 2, "a subsystem reported twice"),
    ],
)
def test_every_bad_report_ends_the_run(
    manager: Manager, messages: list[tuple[int, tuple[int, ...]]], sentence: str
) -> None:
    """A report that is not what it must be ends the run with status 1 and a sentence."""
    kernel = manager(RecordingKernel(messages=list(messages)))
    assert kernel.status == 1
    assert kernel.console.endswith(f"rm: failed: {sentence}\n")


def walls(call: Invocation) -> Error:
    """A kernel in which the subsystem has its own CNode and memory, and nothing else to invoke."""
    return Error.NO_ERROR if call.service in (CNODE, UNTYPED) else Error.INVALID_CAPABILITY


def answers(*words: int) -> list[tuple[int, tuple[int, ...]]]:
    return [(0, (word,)) for word in (*words, *range(ROUNDS + 1))]


def test_ping_asks_and_reports(part: Part) -> None:
    """Ping asks for the squares of 1, 2, 3 and reports 8 good checks, their sum, its cycles."""
    kernel = part("part_ping", RecordingKernel(answer=walls, messages=answers(1, 4, 9)))
    assert kernel.sent[:3] == [(SPEAK, (1,)), (SPEAK, (2,)), (SPEAK, (3,))]
    assert kernel.sent[-1] == (REPORT, (*GOOD_REPORT, CYCLES))
    assert len(kernel.sent) == 3 + ROUNDS + 2, "the silent rounds, and one word to end them"
    assert "WRONG" not in kernel.console


def test_pong_answers_and_reports(part: Part) -> None:
    """Pong answers with squares, returns the words of the silent rounds, and reports."""
    kernel = part("part_pong", RecordingKernel(answer=walls, messages=answers(1, 2, 3)))
    spoken = (1, 4, 9, *range(ROUNDS))
    assert kernel.sent == [*((SPEAK, (word,)) for word in spoken), (REPORT, (*GOOD_REPORT, 0))]


def test_silent_rounds_are_silent(part: Part) -> None:
    """Pong prints nothing between its last answer and ping's word that the clock is read."""
    kernel = RecordingKernel(answer=walls, messages=answers(1, 2, 3)[:-1])
    with pytest.raises(IndexError):
        part("part_pong", kernel)
    assert kernel.console.splitlines()[-1] == "  pong  answers 9"


def test_a_kernel_without_walls_is_found_out(part: Part) -> None:
    """A subsystem reports each thing that it was able to do and must not be."""
    kernel = part("part_ping", RecordingKernel(messages=answers(1, 4, 9)))
    assert kernel.sent[-1][1][:2] == (8, 4)
    assert kernel.console.count("<- WRONG") == 4


def test_a_wrong_answer_shows_in_the_sum(part: Part) -> None:
    """Ping adds up what it really heard."""
    kernel = part("part_ping", RecordingKernel(answer=walls, messages=answers(1, 4, 10)))
    assert kernel.sent[-1][1][2] == 15


Timer = Callable[..., RecordingKernel]


@pytest.fixture
def timer(run_guest: RunGuest, guest_boot_info: int, guest_ipc_buffer: int) -> Timer:
    """Runs the manager of the timer image, without its server and clients."""

    def run(kernel: RecordingKernel, **boot: Any) -> RecordingKernel:
        memory = {guest_boot_info: _boot_information(guest_ipc_buffer, **boot)}
        run_guest(build("timer"), "_start", guest_boot_info, kernel, memory)
        return kernel

    return run


def wakeup(badge: int, wanted: int, asked: int, woke: int, counts: int = 0,
           ) -> tuple[int, tuple[int, ...]]:  # fmt: skip
    """A report that comes `counts` of the timer after the interrupt."""
    cycles = (COUNTS_PER_TICK * woke - 1 + counts) * COUNT_CYCLES
    return (badge, (wanted, asked, woke, cycles))


def wakeups(changed: int = -1, *instead: int) -> list[tuple[int, tuple[int, ...]]]:
    """All good reports, one of them changed."""
    return [wakeup(*(instead if i == changed else good)) for i, good in enumerate(WAKEUPS)]


def test_timer_manager_ends_well(timer: Timer) -> None:
    """With all reports in order and in time, the manager ends with status 0."""
    kernel = timer(RecordingKernel(messages=wakeups()))
    assert kernel.status == 0
    assert "6 sleepers woke in order and in time" in kernel.console


def test_timer_server_gets_its_device(timer: Timer) -> None:
    """The page of EPIT2 is mapped with no attribute, and its line is bound with a badge."""
    calls = timer(RecordingKernel(messages=wakeups())).calls
    (device,) = [call for call in calls if call.service == FIRST_DEVICE_FRAME]
    assert device.words[1:] == (abi.RIGHT_READ | abi.RIGHT_WRITE, 0)
    (get,) = [call for call in calls if call.label == Label.IRQ_CONTROL_GET]
    assert get.words[0] == EPIT2_LINE
    (bind,) = [call for call in calls if call.label == Label.IRQ_HANDLER_SET_ENDPOINT]
    mints = [call for call in calls if call.label == Label.CNODE_MINT]
    (badged,) = [call for call in mints if call.service == InitialCap.CNODE]
    assert (bind.service, bind.caps) == (get.words[1], (badged.words[0],))
    assert badged.words[5] == 1
    assert get.words[1] in {call.words[2] for call in calls if call.label == Label.CNODE_MOVE}


def test_every_call_refused_to_the_timer_ends_the_run(timer: Timer) -> None:
    """Whichever call the kernel refuses, the manager says so and ends with status 1."""
    count = len(timer(RecordingKernel(messages=wakeups())).calls)
    for refused in range(count):
        kernel = RecordingKernel()

        def answer(_: Invocation, kernel: RecordingKernel = kernel, last: int = refused) -> Error:
            return Error.DELETE_FIRST if len(kernel.calls) == last + 1 else Error.NO_ERROR

        kernel.answer = answer
        assert timer(kernel).status == 1, kernel.calls[-1]
        assert kernel.console.endswith(": DeleteFirst\n")


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        (wakeups(1, 1, 2, 2, 5), "a client woke at the wrong tick"),
        (wakeups(1, 1, 2, 1, 4), "a client asked at the wrong tick"),
        (wakeups(2, 2, 6, 0, 6), "a client reports a time that it must not have asked for"),
        (wakeups(2, 3, 5, 0, 5), "a report with an unknown badge"),
        (wakeups(3, 2, 1, 5, 6, -2), "woken early by the cycle counter"),
        (wakeups(3, 2, 1, 5, 6, 5), "woken late by the cycle counter"),
        ([wakeup(*WAKEUPS[2]), wakeup(*WAKEUPS[0])], "a later sleeper woke first"),
        ([*(wakeup(*WAKEUPS[i]) for i in (0, 1, 4)), wakeup(1, 1, 8, 9)],
         "a client slept too often"),
    ],
)  # fmt: skip
def test_every_wrong_wakeup_ends_the_run(
    timer: Timer, messages: list[tuple[int, tuple[int, ...]]], sentence: str
) -> None:
    """A wake-up in the wrong order or at the wrong time ends the run with status 1."""
    kernel = timer(RecordingKernel(messages=list(messages)))
    assert kernel.status == 1
    assert kernel.console.endswith(f"timer: failed: {sentence}\n")


@pytest.mark.parametrize(
    ("boot", "sentence"),
    [
        ({"device": EPIT2 + 0x4000}, "the boot information does not tell of EPIT2"),
        ({"untyped_bits": (19, 13)}, "no untyped memory that is big enough"),
    ],
)
def test_a_machine_without_what_the_timer_needs(
    timer: Timer, boot: Mapping[str, Any], sentence: str
) -> None:
    """A missing device or too little memory is said in a sentence, with status 1."""
    kernel = timer(RecordingKernel(), **boot)
    assert kernel.status == 1
    assert kernel.console.endswith(f"timer: failed: {sentence}\n")


# The books of the hierarchy's managers: takes of these sizes out of 2^20 bytes.
TAKEN_BITS = (4, 12, 9, 10, 14, 14, 4, 12, 17, 4)
BOOKS = """
#include "HEADER"
#include <manager/check.h>

const char program_name[] = "books";

__attribute__((noinline)) seL4_Word take_all(void)
{
    static const unsigned char sizes[] = {SIZES};
    static seL4_SlotRegion slots = {400, 500};
    struct memory books = memory_new(&slots, 100, 20);
    seL4_Word wrong = 0;
    for (unsigned i = 0; i < sizeof(sizes); i++) {
        seL4_SetUserData(memory_take(&books, sizes[i]));
        seL4_Yield();
        wrong += memory_free(&books) + books.taken != 1u << 20;
    }
    return wrong;
}

int main(void)
{
    return (int)take_all();
}
"""


@dataclass
class TakingKernel(RecordingKernel):
    """Notes the Untyped that was taken at each Yield."""

    taken: list[int] = field(default_factory=list)

    def __call__(self, uc: Uc) -> bool:
        if int(uc.reg_read(UC_ARM_REG_R0 + 7)) != Syscall.YIELD + (1 << 32):
            return super().__call__(uc)
        (buffer,) = struct.unpack("<I", uc.mem_read(abi.GLOBALS_ADDRESS, 4))
        self.taken += struct.unpack("<I", uc.mem_read(buffer + abi.IPC_USER_DATA, 4))
        return True


def test_books_of_halves(run_guest: RunGuest, tmp_path: Path) -> None:
    """Each take gets an Untyped of its own of that size; halves are cut once; the sums hold."""
    folder = IMAGES / "hierarchy"
    source = tmp_path / "books.c"
    sizes = ", ".join(map(str, TAKEN_BITS))
    source.write_text(BOOKS.replace("HEADER", str(folder / "memory.h")).replace("SIZES", sizes))
    elf = tmp_path / "books.elf"
    compile_elf([source, folder / "memory.c"], elf)
    kernel = TakingKernel()
    assert run_guest(elf, "take_all", 0, kernel, {}) == 0
    size_of = {100: 20}
    for cut in kernel.calls:
        kind, bits, _, _, first, count = cut.words
        assert (kind, count) == (ObjectType.UNTYPED, 2)
        assert bits == size_of.pop(cut.service) - 1, "cut once, into halves"
        size_of |= {first: bits, first + 1: bits}
    assert [size_of.pop(untyped) for untyped in kernel.taken] == list(TAKEN_BITS)
    assert len(set(size_of.values())) == len(size_of), "what is free has no size twice"
