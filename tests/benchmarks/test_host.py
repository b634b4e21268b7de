# SPDX-License-Identifier: BSD-2-Clause
"""What a start costs the host, measured on real processes."""

import pytest

from benchmarks import host


def test_a_boot_is_measured() -> None:
    """CPU time and memory of a boot are those of a process that loaded the machine."""
    seconds, memory = host._boot(host.EXIT_LIMIT, "--max-cycles", "1")
    assert 0.05 < seconds < 60
    assert 20e6 < memory < 2e9


def test_a_boot_that_fails_is_no_measurement() -> None:
    """A run that ends with another status than expected is refused."""
    with pytest.raises(AssertionError, match="no-such-board"):
        host._boot(host.EXIT_LIMIT, "--board", "no-such-board", "--max-cycles", "1")
