# SPDX-License-Identifier: BSD-2-Clause
"""Scripts: their language, its mistakes, and how they are played on a guest."""

from pathlib import Path
from typing import Final

import pytest

from sel4emu.console import Console
from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.script import (
    DEFAULT_SECONDS,
    Expect,
    ScriptPlayer,
    Type,
    parse_script,
    read_script,
)
from sel4emu.stop import Stop, StopReason

UART1: Final = 0x43F9_0000


def test_language() -> None:
    """Commands with their texts; comments and blank lines do nothing; CR LF ends a line, too."""
    script = parse_script(
        "# comment\r\n\r\nexpect login:\r\n  send  root \ntimeout 2.5\ntype y\nexpect # x\nsend",
        "s",
    )
    assert script.steps == (
        Expect(3, "login:", b"login:", DEFAULT_SECONDS),
        Type(4, b"root\r", DEFAULT_SECONDS),
        Type(6, b"y", 2.5),
        Expect(7, "# x", b"# x", 2.5),
        Type(8, b"\r", 2.5),
    )


def test_escapes() -> None:
    """What a line cannot hold is written out; UTF-8 is what it is."""
    (step,) = parse_script("type \\x20a\\n\\r\\t\\\\\\xffü\\x20", "s").steps
    assert step == Type(1, b" a\n\r\t\\\xff" + "ü".encode() + b" ", DEFAULT_SECONDS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("expect a\nwait b", "s, line 2: expected one of expect, send, type, timeout"),
        ("expect", "s, line 1: expected a text behind 'expect'"),
        ("expect \\r", "s, line 1: expected a text behind 'expect'"),
        ("type", "s, line 1: expected a text behind 'type'"),
        ("timeout never", "s, line 1: expected a number of seconds"),
        ("timeout 0", "s, line 1: expected a number of seconds"),
        ("timeout nan", "s, line 1: expected a number of seconds"),
        ("timeout 1e9", "s, line 1: expected a number of seconds"),
        ("send \\q", r"s, line 1: expected \\n, \\r, \\t, \\\\ or \\xNN .* not '\\q'"),
        ("send \\x1", "s, line 1: expected"),
        ("send a\\", r"s, line 1: expected .* not '\\'"),
    ],
)
def test_mistakes_are_named(text: str, sentence: str) -> None:
    """A faulty line is one sentence with its number."""
    with pytest.raises(InputError, match=sentence):
        parse_script(text, "s")


def test_unreadable_files(tmp_path: Path) -> None:
    """A file that is missing, is no text or is far too long is named."""
    binary, endless = tmp_path / "binary", tmp_path / "endless"
    binary.write_bytes(b"expect \xff")
    endless.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(InputError, match="none: expected a readable script: No such file"):
        read_script(tmp_path / "none")
    with pytest.raises(InputError, match="binary: expected a readable script: it is not text"):
        read_script(binary)
    with pytest.raises(InputError, match="endless: expected at most"):
        read_script(endless)


def polled_echo(uart: int) -> str:
    """A guest that prints `?` and then each byte that it is sent, polling for it."""
    return f"""
        ldr r1, ={uart}
        mov r0, #63
        str r0, [r1, #0x40]
    again: ldr r0, [r1, #0x98]
        tst r0, #1
        beq again
        ldr r0, [r1]
        and r0, r0, #0xff
        str r0, [r1, #0x40]
        b again
    literals: .ltorg
    """


class Play:
    """A machine with a polling guest, and a script that drives it."""

    def __init__(self, text: str, source: str) -> None:
        from sel4emu.asm import assemble

        self.ended = False
        self.player = ScriptPlayer(parse_script(text, "s"), self._end)
        self.machine = Machine.from_board(timing="off", console=Console(self.player))
        self.machine.write_physical(0x8000_0000, assemble(source, 0x8000_0000).code)
        self.machine.registers["pc"] = 0x8000_0000
        self.player.start(self.machine)

    def _end(self) -> None:
        self.ended = True
        self.machine.end(Stop(StopReason.SCRIPT))

    def run(self) -> Stop:
        """Run to the end of the script, or of its time."""
        return self.machine.run(cycles=10**9)

    @property
    def output(self) -> bytes:
        """What the guest printed."""
        return bytes(self.machine.console.captured)


def test_expect_and_send() -> None:
    """Each expectation looks behind the last; what is typed comes back as the echo."""
    play = Play("expect ?\nsend one?\nexpect ?\nsend two\nexpect two", polled_echo(UART1))
    assert play.run().reason is StopReason.SCRIPT
    assert play.ended and play.output == b"?one?\rtwo"


def test_text_before_the_last_match_is_not_found() -> None:
    """The prompt that was found already does not count again: the second one never comes."""
    play = Play("expect ?\ntimeout 0.001\nexpect ?", polled_echo(UART1))
    stop = play.run()
    assert stop.reason is StopReason.SCRIPT_TIME
    assert stop.message == "s, line 3: the console did not print '?' within 0.001 emulated seconds"


def test_time_is_the_guests() -> None:
    """A limit is a number of cycles of the board's clock, counted from the last match on."""
    play = Play("expect ?\ntimeout 0.001\nexpect x", polled_echo(UART1))
    assert play.run().reason is StopReason.SCRIPT_TIME
    clock = play.machine.board.clocks.cpu
    assert clock // 1000 <= play.machine.cycles < clock // 1000 + 100


def test_guest_that_keeps_the_host_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent guest whose emulated seconds take hours is given up after minutes of the host."""
    monkeypatch.setattr("sel4emu.script.SILENT_SECONDS", 0.1)
    monkeypatch.setattr("sel4emu.script.SILENT_FACTOR", 0.0)
    monkeypatch.setattr("sel4emu.script.LOOK_CYCLES", 1000)
    play = Play("expect ?\nexpect x", polled_echo(UART1))
    stop = play.run()
    assert stop.reason is StopReason.SCRIPT_TIME
    assert stop.message == "s, line 2: the console did not print 'x' and nothing else for 0.1 s"


def test_long_text_is_not_lost() -> None:
    """Far more than the FIFO holds, sent at once to a guest that polls, comes back whole."""
    text = "".join(chr(65 + n % 26) for n in range(500)) + "."
    play = Play(f"type {text}\nexpect .", polled_echo(UART1))
    assert play.run().reason is StopReason.SCRIPT
    assert play.output == b"?" + text.encode()


def test_last_bytes_are_taken() -> None:
    """A script that ends with `send` is done when the guest's UART has all of it."""
    play = Play("expect ?\ntype xyz", polled_echo(UART1))
    assert play.run().reason is StopReason.SCRIPT
    assert play.output in (b"?x", b"?xy", b"?xyz")


def test_guest_that_takes_nothing() -> None:
    """What a guest with a receiver that is off does not take runs out of time, too."""
    off = f"ldr r1, ={UART1}\nmov r0, #0\nstr r0, [r1, #0x80]\nagain: ldr r0, [r1]\nb again\n.ltorg"
    play = Play("timeout 0.0001\nsend x", off)
    stop = play.run()
    assert stop.reason is StopReason.SCRIPT_TIME
    assert stop.message.startswith("s, line 2: the guest did not take what was typed within")


def test_empty_script_is_done_at_once() -> None:
    """Nothing but comments: the run ends before it has done anything."""
    play = Play("# nothing", polled_echo(UART1))
    assert play.run().reason is StopReason.SCRIPT
    assert play.output == b""
