# SPDX-License-Identifier: BSD-2-Clause
"""The command that runs random sequences on both machines."""

import pytest

from oracle import random_compare, random_run
from oracle.outcome import Ending, Outcome
from oracle.random_compare import ours
from sel4emu.loader import Image


@pytest.fixture(autouse=True)
def _ours_for_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own machine answers in QEMU's place, which need not be installed."""
    monkeypatch.setattr(random_compare, "qemu", ours("off"))


def test_the_same_states_are_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    """Both levels are run, and the status is 0."""
    assert random_run.main(["--seed", "3", "--first", "2", "--count", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"seed 3, 3 sequences at timing {level}: 0 differ" for level in ("full", "off")
    ]


def test_a_difference_is_a_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that never ends differs; the report names sequence and item, the status is 1."""

    def stuck(_image: Image, _regions: list[tuple[int, int]]) -> Outcome:
        return Outcome(Ending.TIMEOUT, b"", ())

    monkeypatch.setattr(random_run, "ours", lambda _level: stuck)
    assert random_run.main(["--seed", "3", "--sequence", "5", "--timing", "off"]) == 1
    output = capsys.readouterr().out
    assert output.startswith("sequence 5 (")
    assert "item 1 of" in output
    assert output.endswith("seed 3, 1 sequences at timing off: 1 differ\n")
