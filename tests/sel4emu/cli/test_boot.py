# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu boot` on small guests: what it prints, writes and returns."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

import pytest
from click.testing import Result

MakeImage = Callable[[str], Path]
Invoke = Callable[..., Result]
InvokeJson = Callable[..., dict[str, Any]]

#: DebugPutChar is -8 and DebugExit -19 in r7.
PRINT_HI: Final = "_start: mov r0, #'H'\nmvn r7, #7\nswi #0\nmov r0, #'i'\nswi #0\n"
EXIT: Final = "mvn r7, #18\nswi #0\n"
HELLO: Final = f"{PRINT_HI} mov r0, #0\n{EXIT}"
BARE_PRINT: Final = "_start: ldr r1, =0x43f90000\nmov r0, #'B'\nstr r0, [r1, #0x40]\n"
BARE_END: Final = "mov r0, #0x18\nldr r1, =0x20026\nsvc #0x123456\n"
BARE_EXIT: Final = f"{BARE_END}literals:\n.ltorg\n"
#: movw r0, #0: ARMv7, unknown to an ARM1136.
ARMV7: Final = "_start: nop\nliterals: .word 0xe3000000\n"


def test_console_then_summary(root_task: MakeImage, invoke: Invoke) -> None:
    """The guest's bytes come unchanged, then a summary on a line of its own."""
    result = invoke("boot", root_task(HELLO))
    console, _, summary = result.stdout.partition("\n")
    assert (console, result.exit_code) == ("Hi", 0)
    assert summary.startswith("exit:         halt, status 0: the image called seL4_DebugExit")
    assert (
        "\ntiming:       full: cycles of the ARM1136, by the model of docs/TIMING.md\n" in summary
    )
    assert "\nbreakdown:    issue " in summary and " MIPS\n" in summary


def test_quiet_prints_the_console_only(root_task: MakeImage, invoke: Invoke) -> None:
    """With --quiet standard output is what the guest sent, byte by byte."""
    result = invoke("boot", "--quiet", root_task(HELLO))
    assert (result.stdout_bytes, result.stderr) == (b"Hi", "")


def test_guest_status(root_task: MakeImage, invoke: Invoke) -> None:
    """An image that ends itself with any status but 0 makes status 1."""
    assert invoke("boot", root_task(f"_start: mov r0, #7\n{EXIT}")).exit_code == 1


def test_json_alone_on_standard_output(root_task: MakeImage, invoke: Invoke) -> None:
    """With --json - standard output is the object, and the console goes to standard error."""
    image = root_task(HELLO)
    result = invoke("boot", "--json", "-", image)
    report = json.loads(result.stdout)
    assert result.stderr == "Hi"
    assert list(report) == [
        *("image", "board", "mode", "timing", "timing_means", "timing_file", "compat", "exit"),
        *("console", "cycles", "instructions", "breakdown", "events", "counters", "log", "host"),
    ]
    assert report["image"] == str(image)
    assert (report["board"], report["mode"], report["timing"]) == (
        *("kzm_arm11", "root-task", "full"),
    )
    assert report["exit"]["status"] == 0 and report["exit"]["reason"] == "halt"
    assert report["console"] == "Hi" and report["compat"] is False
    cycles = report["cycles"]
    assert cycles["total"] == cycles["executed"] + cycles["modelled"]
    assert sum(report["breakdown"].values()) == cycles["total"]
    assert report["breakdown"]["issue"] > 0 and report["events"]["branch"] > 0
    assert cycles["executed"] - cycles["idle"] > report["instructions"] > 0
    assert all(type(count) is int for count in report["counters"].values())


def test_json_file_beside_the_console(root_task: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """With --json FILE the console stays on standard output, and the file holds the object."""
    target = tmp_path / "run.json"
    result = invoke("boot", "--quiet", "--json", target, root_task(HELLO))
    assert result.stdout == "Hi"
    assert json.loads(target.read_text())["console"] == "Hi"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json", "task.elf"]


def test_two_runs_are_the_same(root_task: MakeImage, invoke_json: InvokeJson) -> None:
    """Everything but the figures of the host is the same in two runs."""
    image = root_task(HELLO)
    first, second = invoke_json(image), invoke_json(image)
    del first["host"], second["host"]
    assert first == second


def test_console_that_is_not_text(bare_elf: MakeImage, invoke_json: InvokeJson) -> None:
    """Bytes that are no UTF-8 appear as escapes in the JSON."""
    source = f"{BARE_PRINT} mov r0, #0xff\nstr r0, [r1, #0x40]\n{BARE_EXIT}"
    report = invoke_json("--bare", bare_elf(source))
    assert (report["console"], report["console_base64"]) == ("B\\xff", "Qv8=")


def test_bare_elf(bare_elf: MakeImage, invoke_json: InvokeJson) -> None:
    """An ELF runs alone on the board and ends by semihosting."""
    report = invoke_json("--bare", bare_elf(BARE_PRINT + BARE_EXIT))
    assert (report["mode"], report["console"]) == ("bare", "B")
    assert report["exit"]["status"] == 0
    assert report["instructions"] == 6 and report["cycles"]["modelled"] == 0


def test_raw_image(raw_image: MakeImage, invoke_json: InvokeJson) -> None:
    """A file without the magic of ELF runs from the start of the largest RAM."""
    assert invoke_json("--bare", raw_image(BARE_PRINT + BARE_EXIT))["console"] == "B"


def test_raw_image_elsewhere(raw_image: MakeImage, invoke_json: InvokeJson) -> None:
    """--load moves a raw image, and its entry with it; --entry chooses another."""
    image = raw_image("_start: b fail\n" + BARE_PRINT.removeprefix("_start:") + BARE_EXIT + "fail:")
    report = invoke_json("--bare", image, "--load", "0x80001000", "--entry", str(0x80001004))
    assert (report["console"], report["exit"]["status"]) == ("B", 0)


def test_armv7_code_alone(bare_elf: MakeImage, invoke: Invoke) -> None:
    """An instruction of a later core ends a bare run with its address, symbol and text."""
    result = invoke("boot", "--bare", bare_elf(ARMV7))
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == (
        "sel4emu: unhandled undefined instruction at 0x80000004 <literals>: "
        "0xe3000000 (movw r0, #0)"
    )


@pytest.mark.parametrize(
    ("options", "status"), [((), 3), (("--cpu-revision", "r1p3"), 0)], ids=["r0p4", "r1p3"]
)
def test_the_cores_revision(
    bare_elf: MakeImage, invoke_json: InvokeJson, options: tuple[str, ...], status: int
) -> None:
    """CLREX, of v6K, ends a run on the board's core, and does not on an r1p3."""
    image = bare_elf("_start: b code\nliterals: .ltorg\ncode: clrex\n" + BARE_END)
    report = invoke_json("--bare", image, *options)
    assert report["exit"]["status"] == status


def test_armv7_code_in_a_root_task(root_task: MakeImage, invoke: Invoke) -> None:
    """A root task that faults without a handler is named, with place and kind of the fault."""
    result = invoke("boot", root_task(ARMV7))
    log, stuck = result.stderr.splitlines()[0], result.stderr.partition("sel4emu: ")[2]
    assert result.exit_code == 3
    assert log.startswith("kernel: thread ")
    fault = "undefined instruction 0xe3000000 (movw r0, #0)"
    assert f"pc 0x00010004 <literals> stops: {fault}; no fault handler is set" in log
    assert stuck.splitlines()[1].endswith(f"without a handler: {fault}")
    assert stuck.startswith("the system is stuck: no thread can run and no interrupt can come\n")
    assert "at pc 0x00010004 <literals> is inactive after a fault without a handler" in stuck
    assert "exit:         stuck, status 3: the system is stuck" in result.stdout


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("_start: mov pc, #0\n", "page fault when fetching from 0x00000000"),
        ("_start: mvn sp, #0xff\npush {r0}\n", "page fault when accessing 0xfffffefc"),
        ("_start: mvn r7, #99\nswi #0\n", "unknown system call 0xffffff9c"),
        ("_start: nop\nliterals: bkpt #7\n", "breakpoint instruction at 0x00010004 <literals>"),
        (
            "_start: adr r0, literals + 1\nbx r0\nliterals:\n.thumb\nmov r8, r8\nudf #5\n",
            "undefined instruction 0xde05 (udf #5)",
        ),
    ],
)
def test_fault_without_handler(
    root_task: MakeImage, invoke_json: InvokeJson, source: str, kind: str
) -> None:
    """A jump to nowhere, a ruined stack and an unknown call end in a report, not in a hang."""
    report = invoke_json(root_task(source), "--max-cycles", "1000000")
    assert report["exit"]["status"] == 3 and report["exit"]["reason"] == "stuck"
    assert kind in report["exit"]["message"] and kind in report["log"][0]


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [("--max-cycles", "5000", "cycle"), ("--max-seconds", "0.1", "time")],
)
def test_limit(
    root_task: MakeImage, invoke_json: InvokeJson, option: str, value: str, reason: str
) -> None:
    """A loop without end ends at the limit, with status 4."""
    report = invoke_json(root_task("_start: b _start\n"), option, value)
    assert (report["exit"]["status"], report["exit"]["reason"]) == (4, reason)


def test_loop_that_nothing_can_end(bare_elf: MakeImage, invoke: Invoke) -> None:
    """Alone on the board, a branch to itself with nothing to interrupt it is found out."""
    result = invoke("boot", "--bare", bare_elf("_start: b _start\n"))
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == (
        "sel4emu: branching to itself at 0x80000000 <_start>, and no interrupt can end that"
    )


def test_timing_off(root_task: MakeImage, invoke_json: InvokeJson) -> None:
    """Without timing the guest does the same; the report says that instructions are counted."""
    report = invoke_json("--timing", "off", root_task(HELLO))
    assert (report["timing"], report["console"]) == ("off", "Hi")
    assert "the counter counts instructions" in report["timing_means"]
    assert (
        report["instructions"] == report["cycles"]["executed"] == report["breakdown"]["issue"] > 0
    )
    assert sum(report["breakdown"].values()) == report["cycles"]["total"]
    assert not any(report["events"].values())


@pytest.mark.parametrize("level", ["full", "off"])
def test_timing_file(bare_elf: MakeImage, invoke: Invoke, tmp_path: Path, level: str) -> None:
    """A timing file takes the place of the board's; a faulty one is refused at each level."""
    text = (resources.files("boards") / "kzm_arm11" / "timing.toml").read_text()
    path, image = tmp_path / "mine.toml", bare_elf(BARE_PRINT + BARE_EXIT)
    path.write_text(text.replace("latency = { value = 60,", "latency = { value = 600,"))
    options = ("boot", "--timing", level, "--json", "-", "--bare", image)
    default = json.loads(invoke(*options).stdout)
    other = json.loads(invoke(*options, "--timing-file", path).stdout)
    assert other["timing_file"] == str(path) and default["timing_file"] is None
    assert other["instructions"] == default["instructions"]
    slower = other["cycles"]["total"] - default["cycles"]["total"]
    assert slower >= 540 if level == "full" else slower == 0
    path.write_text(text.replace("\nhit = ", "\nhat = "))
    refused = invoke(*options, "--timing-file", path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"{path}: l2.hat: expected no parameter of this name" in refused.stderr


def test_breakdown(root_task: MakeImage, invoke: Invoke) -> None:
    """With --breakdown tables of causes, events and symbols follow the summary."""
    result = invoke("boot", "--breakdown", root_task(HELLO))
    summary, causes, events, symbols = result.stdout.split("\n\n")
    assert summary.startswith("Hi\nexit:") and " MIPS" in summary
    assert causes.startswith("cause ") and events.startswith("event ")
    rows = [row.split() for row in symbols.splitlines()]
    assert rows[0][:2] == ["symbol", "cycles"] and any(row[0] == "_start" for row in rows)
    assert causes.splitlines()[-1].split()[1] == rows[-1][1]


@pytest.mark.parametrize("level", ["full", "off"])
def test_profile(root_task: MakeImage, invoke_json: InvokeJson, level: str) -> None:
    """What the symbols took adds up to the run, exactly, and asking for it changes nothing."""
    image = root_task(HELLO)
    plain = invoke_json("--timing", level, image)
    report = invoke_json("--timing", level, "--profile", image)
    symbols = report.pop("symbols")
    del plain["host"], report["host"]
    assert report == plain
    named = {each["symbol"] for each in symbols if each["instructions"]}
    assert {"_start", "handle_svc", "restore_user_context"} < named
    assert sum(each["cycles"] for each in symbols) == report["cycles"]["total"]
    assert sum(each["instructions"] for each in symbols) == report["instructions"]
    for cause, cycles in report["breakdown"].items():
        assert sum(each["breakdown"][cause] for each in symbols) == cycles
    assert all(each["cycles"] == sum(each["breakdown"].values()) for each in symbols)


def test_board_file(root_task: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """A board may be a file; a mistake in it, or one that the kernel cannot run on, is refused."""
    text = (resources.files("boards") / "kzm_arm11" / "board.toml").read_text()
    board, image = tmp_path / "board.toml", root_task(HELLO)
    board.write_text(text)
    assert invoke("boot", "--quiet", "--board", board, image).stdout == "Hi"
    board.write_text(text.replace("base = 0x8000_0000", "base = 0x9000_0000"))
    result = invoke("boot", "--board", board, image)
    assert result.exit_code == 2 and f"{board}: expected RAM from 0x80000000" in result.stderr
    board.write_text(text.replace('kind = "ram"', 'kind = "disk"'))
    result = invoke("boot", "--board", board, image)
    assert result.exit_code == 2 and "key 'kind': expected one of ram, rom" in result.stderr


def test_cycle_limit_is_exact(bare_elf: MakeImage, invoke_json: InvokeJson) -> None:
    """Where each instruction is a cycle, the run ends at the cycle that was asked for."""
    image = bare_elf("_start: b _start\n")
    report = invoke_json("--bare", image, "--timing", "off", "--max-cycles", "12345")
    assert report["cycles"]["total"] == report["instructions"] == 12345


def test_huge_limits_are_accepted(root_task: MakeImage, invoke: Invoke) -> None:
    """Limits that no run reaches do no harm."""
    limits = ("--max-cycles", str(1 << 62), "--max-seconds", "1e300")
    assert invoke("boot", *limits, root_task(HELLO)).exit_code == 0


def test_slow_and_compat(root_task: MakeImage, invoke_json: InvokeJson) -> None:
    """Without the fast paths the guest sees the same, and the report says which rules were on."""
    report = invoke_json("--slow", "--compat", "sel4-1.0.3", root_task(HELLO))
    assert report["console"] == "Hi" and report["compat"] is True


def test_json_file_is_tried_first(root_task: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """Where the JSON cannot be written, the guest does not even start."""
    result = invoke("boot", "--json", tmp_path / "no" / "run.json", root_task(HELLO))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("sel4emu: error: ")


def test_reader_that_goes(
    root_task: MakeImage, shell: Callable[[str], CompletedProcess[str]]
) -> None:
    """A guest that prints for ever ends without a word when nobody reads any more."""
    source = "_start: mov r0, #10\nmvn r7, #7\nagain: swi #0\nb again\n"
    done = shell(f"$SEL4EMU boot {root_task(source)} | head -1; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == ("\n141\n", "")


def test_full_disk(root_task: MakeImage, shell: Callable[[str], CompletedProcess[str]]) -> None:
    """Standard output that takes nothing is a mistake with one sentence."""
    done = shell(f"$SEL4EMU boot {root_task(HELLO)} > /dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "sel4emu: error: standard output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(
    root_task: MakeImage,
    shell: Callable[[str], CompletedProcess[str]],
    tmp_path: Path,
    closed: str,
) -> None:
    """Closed standard streams change nothing about the run, and make no traceback."""
    target = tmp_path / "run.json"
    done = shell(f"$SEL4EMU boot --json {target} {root_task(HELLO)} {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(target.read_text())["console"] == "Hi"


def test_json_to_closed_output(
    root_task: MakeImage, shell: Callable[[str], CompletedProcess[str]]
) -> None:
    """JSON that would go nowhere is refused before the run."""
    done = shell(f"$SEL4EMU boot --json - {root_task(HELLO)} >&-")
    assert done.returncode == 2 and "expected standard output to be open" in done.stderr


def test_input_reaches_the_guest(
    bare_elf: MakeImage, shell: Callable[[str], CompletedProcess[str]]
) -> None:
    """What comes on standard input arrives at the board's UART."""
    source = (
        "_start: ldr r1, =0x43f90000\n"
        "again: ldr r0, [r1]\ntst r0, #0x8000\nbeq again\nand r0, r0, #0xff\n"
        f"str r0, [r1, #0x40]\ncmp r0, #'.'\nbne again\n{BARE_EXIT}"
    )
    done = shell(f"printf abc. | $SEL4EMU boot --quiet --bare {bare_elf(source)}")
    assert (done.stdout, done.returncode) == ("abc.", 0)
