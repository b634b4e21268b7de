# SPDX-License-Identifier: BSD-2-Clause
"""RNGA: numbers that look random and are the same in every run."""

from sel4emu.devices import rnga


def words(device: rnga.Rnga, count: int) -> list[int]:
    """So many words of the output FIFO."""
    return [device.read(rnga.OUTPUT_FIFO, 4) for _ in range(count)]


def started() -> rnga.Rnga:
    """The generator with GO set."""
    device = rnga.Rnga("rnga", 0x53FB_0000, 0x4000)
    device.write(rnga.CONTROL, 4, rnga.CONTROL_GO)
    return device


def test_two_runs_have_the_same_different_words() -> None:
    """The sequence repeats from run to run, and after a reset, but not within itself."""
    first, second = started(), started()
    sequence = words(first, 1000)
    assert sequence == words(second, 1000)
    assert len(set(sequence)) == 1000
    first.reset()
    first.write(rnga.CONTROL, 4, rnga.CONTROL_GO)
    assert words(first, 1000) == sequence


def test_entropy_changes_what_follows() -> None:
    """Also a value that would stop the sequence."""
    plain, stirred, stopped = started(), started(), started()
    stirred.write(rnga.ENTROPY, 4, 0x1234)
    stopped.write(rnga.ENTROPY, 4, rnga.SEED)
    assert words(plain, 4) != words(stirred, 4)
    assert 0 not in words(stopped, 4)


def test_nothing_before_it_is_started_or_while_it_sleeps() -> None:
    """The FIFO is empty, reading it underflows; started, it always has words."""
    device = rnga.Rnga("rnga", 0x53FB_0000, 0x4000)
    assert device.read(rnga.STATUS, 4) >> 8 & 0xFF == 0
    assert words(device, 1) == [0]
    assert device.read(rnga.STATUS, 4) & rnga.STATUS_UNDERFLOW
    device.write(rnga.CONTROL, 4, rnga.CONTROL_GO)
    assert device.read(rnga.STATUS, 4) >> 8 & 0xFF == rnga.FIFO_WORDS
    device.write(rnga.CONTROL, 4, rnga.CONTROL_GO | rnga.CONTROL_SLEEP)
    assert device.read(rnga.STATUS, 4) & rnga.STATUS_SLEEP
    assert words(device, 1) == [0]
