# SPDX-License-Identifier: BSD-2-Clause
"""The native functions that Python calls while a machine runs, by the state's address.

Modelled: nothing by itself; each function is documented where it is defined.
Not modelled: see there.
"""

from typing import Any, Final

from numba import carray

from sel4emu.native import blocks, exceptions, execution, fills, hooks, maintenance, profile
from sel4emu.native.linkage import called, exported
from sel4emu.native.micro_tlb import flush_micro
from sel4emu.native.mmu import flush_address, flush_all, flush_asid

#: Kinds of `flush`.
FLUSH_ALL: Final = 0
FLUSH_ADDRESS: Final = 1
FLUSH_ASID: Final = 2
#: Targets of `maintain_l2`.
L2_ADDRESS: Final = 0
L2_INDEX: Final = 1
L2_WAYS: Final = 2

_WAY_SHIFT: Final = 29
_ROW_SHIFT: Final = 5
_ROW_MASK: Final = 0x1FF


@exported("finish")
def on_finish(state: Any) -> None:
    """Complete what the last instruction left to the next hook."""
    s = carray(state, 1)[0]
    hooks.finish_previous(s.uc, s)


@exported("abandon")
def on_abandon(state: Any) -> None:
    """As `finish`, where the last instruction was refused an access."""
    s = carray(state, 1)[0]
    hooks.abandon_previous(s.uc, s)


@exported("count_exception")
def on_exception(state: Any, address: Any, executed: Any) -> None:
    """Count the entry into an exception."""
    execution.count_exception(carray(state, 1)[0], address, executed != 0)


@exported("count_interrupt")
def on_interrupt(state: Any, address: Any) -> None:
    """Count the entry into IRQ or FIQ before the instruction at `address`."""
    execution.count_interrupt(carray(state, 1)[0], address)


@exported("count_refused_fetch")
def on_refused_fetch(state: Any, address: Any) -> None:
    """Count a prefetch abort at `address`."""
    execution.count_refused_fetch(carray(state, 1)[0], address)


@exported("enter_exception")
def on_enter(state: Any, kind: Any, link: Any) -> None:
    """Enter an exception."""
    s = carray(state, 1)[0]
    exceptions.enter_exception(s.uc, s, kind, link)


@exported("interrupt_enabled")
def on_interrupt_enabled(state: Any) -> Any:
    """Whether a raised line is unmasked."""
    s = carray(state, 1)[0]
    return 1 if hooks.interrupt_enabled(s.uc, s) else 0


@exported("instruction_word")
def on_instruction_word(state: Any, address: Any) -> Any:
    """The word at an instruction address."""
    return hooks.instruction_word(carray(state, 1)[0], address)


@exported("flush")
def on_flush(state: Any, kind: Any, operand: Any) -> None:
    """An operation of c8."""
    s = carray(state, 1)[0]
    if kind == FLUSH_ALL:
        flush_all(s)
    elif kind == FLUSH_ADDRESS:
        flush_address(s, operand)
    else:
        flush_asid(s, operand)
    flush_micro(s)
    s.fetch_page = hooks.NO_PAGE
    fills.empty_unicorn_tlb(s.uc, s)


@exported("set_address_space")
def on_set_address_space(state: Any, table: Any, context: Any) -> None:
    """TTBR0 and CONTEXTIDR have been written."""
    s = carray(state, 1)[0]
    s.ttbr0 = table
    s.context_id = context
    s.fetch_page = hooks.NO_PAGE
    if s.full:
        maintenance.control_changed(s, 2, 0, 0, table)
        maintenance.control_changed(s, 13, 0, 1, context)
    fills.empty_unicorn_tlb(s.uc, s)


@exported("empty_unicorn_tlb")
def on_empty_unicorn_tlb(state: Any) -> None:
    """Have Unicorn ask for every translation again."""
    s = carray(state, 1)[0]
    s.fetch_page = hooks.NO_PAGE
    fills.empty_unicorn_tlb(s.uc, s)


@exported("set_bounds")
def on_set_bounds(state: Any, first: Any, last: Any) -> None:
    """Move the bounds of the instruction hook."""
    blocks.set_bounds(carray(state, 1)[0], first, last)


@exported("close_profile")
def on_close_profile(state: Any) -> None:
    """Give what has been counted to the last instruction."""
    profile.close_profile(carray(state, 1)[0])


@exported("maintain_l2")
def on_maintain_l2(state: Any, target: Any, operand: Any, what: Any) -> None:
    """An operation of the L2CC."""
    s = carray(state, 1)[0]
    if target == L2_ADDRESS:
        maintenance.l2_by_address(s, operand, what)
    elif target == L2_WAYS:
        maintenance.l2_by_ways(s, operand, what)
    else:
        row = operand >> _ROW_SHIFT & _ROW_MASK
        maintenance.l2_by_index(s, operand >> _WAY_SHIFT & 7, row, what)


finish: Final = called("finish", on_finish)
abandon: Final = called("abandon", on_abandon)
count_exception: Final = called("count_exception", on_exception)
count_interrupt: Final = called("count_interrupt", on_interrupt)
count_refused_fetch: Final = called("count_refused_fetch", on_refused_fetch)
enter_exception: Final = called("enter_exception", on_enter)
interrupt_enabled: Final = called("interrupt_enabled", on_interrupt_enabled)
instruction_word: Final = called("instruction_word", on_instruction_word)
flush: Final = called("flush", on_flush)
set_address_space: Final = called("set_address_space", on_set_address_space)
empty_unicorn_tlb: Final = called("empty_unicorn_tlb", on_empty_unicorn_tlb)
set_bounds: Final = called("set_bounds", on_set_bounds)
close_profile: Final = called("close_profile", on_close_profile)
maintain_l2: Final = called("maintain_l2", on_maintain_l2)
