# SPDX-License-Identifier: BSD-2-Clause
"""The console and its sources of input: files, pipes, closed descriptors."""

import os
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from sel4emu.console import BytesInput, Console, NoInput, StreamInput


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe: the reading and the writing end, closed afterwards unless the test did so."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_output_is_captured_and_streamed_at_once() -> None:
    """Every byte is kept and written through, without waiting for a newline."""
    stream = BytesIO()
    console = Console(stream=stream)
    for byte in b"> \xff":
        console.transmit(byte)
    assert console.captured == b"> \xff"
    assert stream.getvalue() == b"> \xff"


def test_lost_output_stream_does_not_lose_the_capture(pipe: tuple[int, int]) -> None:
    """When the reader of our output is gone (`| head`), the run goes on and captures."""
    reader, writer = pipe
    os.close(reader)
    with os.fdopen(os.dup(writer), "wb", buffering=0) as stream:
        console = Console(stream=stream)
        console.transmit(65)
        console.transmit(66)
    assert console.captured == b"AB"


def test_console_without_input_is_at_its_end() -> None:
    """NoInput is the default source."""
    console = Console()
    console.wait(100.0)
    assert console.at_end
    assert console.next_byte() is None
    assert NoInput().at_end


def test_bytes_input_gives_each_byte_once() -> None:
    """Known input is handed out in order, then ends."""
    source = BytesInput(b"ab")
    assert not source.at_end
    assert [source.next_byte(), source.next_byte(), source.next_byte()] == [97, 98, None]
    assert source.at_end


def test_file_input_reads_all_then_ends(tmp_path: Path) -> None:
    """A regular file longer than one chunk is read to its last byte."""
    content = bytes(range(256)) * 40
    path = tmp_path / "input"
    path.write_bytes(content)
    with path.open("rb") as file:
        source = StreamInput(file.fileno())
        assert bytes(byte for _ in content if (byte := source.next_byte()) is not None) == content
        assert source.next_byte() is None
        assert source.at_end


def test_open_pipe_without_data_gives_nothing_and_is_not_at_its_end(pipe: tuple[int, int]) -> None:
    """None means "nothing now" as long as somebody may still write."""
    reader, writer = pipe
    source = StreamInput(reader)
    assert source.next_byte() is None
    assert not source.at_end
    os.write(writer, b"x")
    assert source.next_byte() == ord("x")
    os.close(writer)
    assert source.next_byte() is None
    assert source.at_end


def test_wait_returns_as_soon_as_a_byte_arrives(pipe: tuple[int, int]) -> None:
    """Waiting ends by input, long before its time is over."""
    reader, writer = pipe
    source = StreamInput(reader)
    thread = threading.Thread(target=os.write, args=(writer, b"k"))
    thread.start()
    source.wait(60.0)
    thread.join()
    assert source.next_byte() == ord("k")


def test_wait_gives_up_after_its_time(pipe: tuple[int, int]) -> None:
    """Without input, wait returns and nothing has changed."""
    source = StreamInput(pipe[0])
    source.wait(0.01)
    assert not source.at_end


@pytest.mark.parametrize("closed_early", [True, False])
def test_closed_descriptor_is_the_end(pipe: tuple[int, int], closed_early: bool) -> None:
    """A descriptor that is or becomes closed ends the input; it raises nothing."""
    reader, _ = pipe
    if closed_early:
        os.close(reader)
    source = StreamInput(reader)
    if not closed_early:
        os.close(reader)
    assert source.next_byte() is None
    assert source.at_end
    source.wait(60.0)
