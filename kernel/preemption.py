# SPDX-License-Identifier: BSD-2-Clause
"""Preemption points: where a long operation lets an interrupt through (R4.63).

A long operation is a series of steps, each of which leaves every invariant true and its progress
in guest memory. Between two steps it calls `work`. When an interrupt waits, the operation is
left by `Preempted`; the thread stays in state RESTART and so repeats its system call, which goes
on where the progress says. The count of units lives in guest memory like all other state.
"""

from kernel import layout, limits
from kernel.state import State


class Preempted(Exception):
    """An interrupt waits: the operation is not finished and will be repeated by its thread."""


def work(ks: State, units: int = 1) -> None:
    """Account for finished work; raises Preempted at a preemption point with an interrupt.

    Only to be called when something was done and something is left to do: a repeated call then
    always gets further.
    """
    done = ks.load(layout.KV_WORK_UNITS) + units
    if done < limits.WORK_UNITS_PER_CHECK:
        ks.store(layout.KV_WORK_UNITS, done)
        return
    ks.store(layout.KV_WORK_UNITS, 0)
    if ks.port.interrupt_pending():
        raise Preempted
