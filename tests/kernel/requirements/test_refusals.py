# SPDX-License-Identifier: BSD-2-Clause
"""Every error of every method is provoked, and a refused call changes nothing."""

from collections.abc import Iterator
from typing import Final

import pytest

from kernel import layout
from kernel.abi import Error, Label, Syscall
from kernel.invariants import invs
from tests.kernel.requirements.refusals import REFUSALS, SUCCESSES, Call, Row
from tests.kernel.requirements.stage import ROOT, Stage

#: Methods that leave no trace in memory here: they answer, work on a device or the cache, or find
#: things as they should be.
QUIET: Final = {
    label
    for label in SUCCESSES
    if label.name.startswith(("PAGE_CLEAN", "PAGE_INV", "PAGE_UNIFY", "PAGE_GET", "PD_"))
} | {
    Label.IRQ_HANDLER_ACK,
    Label.IRQ_HANDLER_CLEAR,
    Label.TCB_READ_REGISTERS,
    Label.TCB_SUSPEND,
    Label.CNODE_SAVE_CALLER,
    Label.DOMAIN_SET_SET,
}


def _rows(label: Label) -> Iterator[Row]:
    for entry in REFUSALS[label]:
        if isinstance(entry, Row):
            yield entry
        else:
            yield from entry.rows


CASES: Final = [
    (label, number, row) for label in REFUSALS for number, row in enumerate(_rows(label))
]
CASE_IDS: Final = [f"{label.name}-{number}-{row.error.name}" for label, number, row in CASES]


@pytest.mark.parametrize(("label", "number", "row"), CASES, ids=CASE_IDS)
def test_refused_call_changes_nothing(stage: Stage, label: Label, number: int, row: Row) -> None:
    """A call that breaks one rule gets its error and details; all kernel memory stays the same."""
    row.prepare(stage)
    for call in row.calls:
        before = stage.kernel_memory()
        answer = stage.named_call(call.target, label, call.words, call.caps)
        assert answer.label == row.error, (call, stage.port.logs[-1:])
        if row.details:
            assert tuple(answer.words) == row.details
        assert answer.badge == 0
        assert stage.kernel_memory() == before


@pytest.mark.parametrize(("label", "number", "row"), CASES, ids=CASE_IDS)
def test_refusal_of_a_send_is_silent(stage: Stage, label: Label, number: int, row: Row) -> None:
    """By Send and NBSend a refused method gives no answer: not even the caller's registers move."""
    row.prepare(stage)
    call = row.calls[0]
    for syscall in (Syscall.SEND, Syscall.NB_SEND):
        words, caps = stage.numbers(call.words), stage.numbers(call.caps)
        before = stage.kernel_memory()
        stage.syscall(syscall, stage.number(call.target), words, label=label, caps=caps)
        info = label << 12 | len(caps) << 7 | len(words)
        assert stage.register("r1") == info
        assert stage.register("r0") == stage.number(call.target)
        assert stage.kernel_memory() == before


@pytest.mark.parametrize("label", list(SUCCESSES), ids=lambda label: label.name)
def test_the_good_call_succeeds(stage: Stage, label: Label) -> None:
    """The same method with good arguments works, so the refusals above are for their reasons."""
    call = SUCCESSES[label]
    before = stage.kernel_memory()
    answer = stage.named_call(call.target, label, call.words, call.caps)
    assert answer.label == Error.NO_ERROR, stage.port.logs[-1:]
    assert invs(stage.ks) == []
    assert (stage.kernel_memory() != before) == (label not in QUIET)


TARGETS: Final = (
    "untyped", "tcb", "root", "irq_control", "irq", "domain", "vspace", "pt", "frame",
    "asid_control", "pool",
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_foreign_method_is_illegal(stage: Stage, target: str) -> None:
    """An object refuses every method of the other kinds, and numbers that are none (R4.2)."""
    own = {label for label, call in SUCCESSES.items() if _kind(stage, call) == stage.cap_type(
        stage.number(target)
    )}  # fmt: skip
    assert own
    before = stage.kernel_memory()
    for label in (*(set(Label) - own), 44, 0xFFFFF):
        answer = stage.named_call(target, label, (0,) * 8, ROOT * 3)
        assert answer.label == Error.ILLEGAL_OPERATION, label
    assert stage.kernel_memory() == before


def _kind(stage: Stage, call: Call) -> layout.CapType:
    return stage.cap_type(stage.number(call.target))


def test_nothing_at_all(stage: Stage) -> None:
    """Every label on an empty slot is InvalidCapability(0) without effect (R4.2, R4.4)."""
    before = stage.kernel_memory()
    for label in Label:
        answer = stage.named_call("nothing", label, (0,) * 8, ROOT * 3)
        assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    assert stage.kernel_memory() == before


@pytest.mark.parametrize("name", ["ep_read", "aep_read"])
def test_sending_needs_write(stage: Stage, name: str) -> None:
    """A message through a capability without Write is InvalidCapability(0) without effect."""
    before = stage.kernel_memory()
    answer = stage.named_call(name, 7, (1, 2), ())
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    assert stage.kernel_memory() == before


def test_every_error_is_provoked() -> None:
    """The tables use every error of the interface, and know every method."""
    assert {row.error for _, _, row in CASES} == set(Error) - {Error.NO_ERROR}
    assert set(REFUSALS) | set(SUCCESSES) == set(Label) - {Label.INVALID}


def test_every_refusal_is_explained(stage: Stage) -> None:
    """The log says on which capability, at which address, and why, for each of the refusals."""
    for label, _, row in CASES:
        stage.restore()
        row.prepare(stage)
        call = row.calls[0]
        stage.port.logs.clear()
        stage.named_call(call.target, label, call.words, call.caps)
        (line,) = stage.port.logs
        assert f"at address 0x{stage.number(call.target):x}: " in line
        reason = line.split(": ", 2)[2]
        assert len(reason.split()) >= 3, line
