# SPDX-License-Identifier: BSD-2-Clause
"""The computed transmit FIFO agrees with one that is stepped cycle by cycle."""

from hypothesis import given
from hypothesis import strategies as st

from sel4emu.devices.transmit import FIFO_ENTRIES, TransmitFifo


@given(
    st.integers(1, 4),
    st.lists(st.sampled_from((0, 0, 0, 1, 2, 3, 5, 50)), min_size=1, max_size=90),
)
def test_agrees_with_counting(cycles: int, pauses: list[int]) -> None:
    """Level, being busy, refusal of bytes and the next change, after any pauses between bytes."""
    fifo, now = TransmitFifo(cycles), 0
    waiting, shifting = 0, 0  # bytes, and cycles that the byte being sent still takes
    for pause in pauses:
        for _ in range(pause):
            now, shifting = now + 1, max(0, shifting - 1)
            if not shifting and waiting:
                waiting, shifting = waiting - 1, cycles
        assert (fifo.level(now), fifo.busy(now)) == (waiting, shifting > 0)
        assert fifo.next_change(now) == (now + shifting if shifting else None)
        room = waiting < FIFO_ENTRIES
        assert fifo.put(now) == room
        if shifting:
            waiting += room
        else:
            shifting = cycles


def test_without_a_character_time_it_is_always_empty() -> None:
    """Any number of bytes in one cycle."""
    fifo = TransmitFifo(0)
    assert all(fifo.put(5) for _ in range(1000))
    assert (fifo.level(5), fifo.busy(5), fifo.next_change(5)) == (0, False, None)


def test_clear_drops_everything() -> None:
    """Also the byte being sent."""
    fifo = TransmitFifo(10)
    for _ in range(3):
        fifo.put(0)
    assert fifo.level(0) == 2
    fifo.clear()
    assert (fifo.level(0), fifo.busy(0)) == (0, False)
