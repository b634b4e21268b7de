# SPDX-License-Identifier: BSD-2-Clause
"""The one door through which the Python kernel reaches the machine.

Addresses are kernel virtual addresses: the window on RAM, or one of the kernel's device pages.
Every load and store is charged to the *modelled* cycles by one rule: one unit of memory access
for each word touched. A register of a user thread is a word of its TCB, saved by the entry code
and reloaded by the exit code, so the port has no notion of registers.
"""

from typing import Protocol


class Port(Protocol):
    """What the kernel may ask of the machine. Misuse is a programmer's error and asserts."""

    def load(self, address: int) -> int:
        """The word at an aligned kernel address (RAM or device register)."""

    def store(self, address: int, value: int) -> None:
        """Write a word (0 to 2^32-1) at an aligned kernel address."""

    def clear(self, address: int, size: int) -> None:
        """Zero `size` bytes of RAM (both multiples of 4)."""

    def load_address_space(self, directory: int, asid: int) -> None:
        """Make the PageDirectory at window address `directory` current, under hardware `asid`."""

    def invalidate_tlb_asid(self, asid: int) -> None:
        """Drop every TLB entry tagged with `asid`."""

    def invalidate_tlb_address(self, vaddr: int, asid: int) -> None:
        """Drop the TLB entry for the page of `vaddr` under `asid`."""

    def clean_translation(self, address: int, size: int) -> None:
        """Make page-table words at a window address visible to the table walker."""

    def clean_invalidate_frame(self, physical: int, size: int) -> None:
        """Write back and drop cached lines of `size` bytes from a physical address."""

    def interrupt_pending(self) -> bool:
        """Whether the interrupt line of the processor is raised (preemption points)."""

    def future_interrupt_possible(self, lines: frozenset[int]) -> bool:
        """Whether a device on one of these interrupt lines can still raise it."""

    def cycles(self) -> int:
        """Processor cycles since the start of the machine."""

    def halt(self, status: int, reason: str) -> None:
        """End the run after this kernel entry with the exit status and a sentence."""

    def log(self, line: str) -> None:
        """One line for the person who watches; not part of the guest's console."""
