# SPDX-License-Identifier: BSD-2-Clause
"""Loads and stores as operations (rule 4; addresses by ARM ARM A5).

Modelled: every load and store of ARMv6's core, with its bytes, its occupancy of the load/store
unit, its latencies and its demand for alignment.
Not modelled: the exclusive accesses of bytes, halfwords and doublewords of r1p3.
"""

from dataclasses import dataclass
from typing import Final

from sel4emu.reference.operation import (
    LR,
    PC,
    SP,
    Access,
    AccessKind,
    Figures,
    Flow,
    FlowKind,
    Operation,
    Result,
    undefined,
)
from sel4emu.reference.records import SCTLR_A, SCTLR_U, WORD, Control, Executed, bits

DOUBLEWORD: Final = 8


@dataclass(frozen=True, slots=True)
class _Addressing:
    """Where a single load or store goes.

    `offset` is the number added to the base or taken from it, `register` the register it came
    from, `slow` whether the address takes a cycle longer.
    """

    base: int
    base_value: int
    offset: int
    register: int | None
    up: bool
    pre: bool
    writes_back: bool
    slow: bool

    @property
    def address(self) -> int:
        if not self.pre:
            return self.base_value
        return (self.base_value + (self.offset if self.up else -self.offset)) & WORD


def _shifted(word: int, executed: Executed) -> int:
    """A register shifted by an immediate (ARM ARM A5.1)."""
    value, kind, amount = executed.value(word & 15), bits(word, 6, 5), bits(word, 11, 7)
    if kind == 0:
        return value << amount & WORD
    if kind == 1:
        return value >> (amount or 32)
    if kind == 2:
        signed = value - (value >> 31 << 32)
        return signed >> (amount or 32) & WORD
    if not amount:
        return (executed.cpsr >> 29 & 1) << 31 | value >> 1
    return (value >> amount | value << (32 - amount)) & WORD


def _addressing(
    word: int, executed: Executed, offset: int, register: int | None, *, quick_shift: bool
) -> _Addressing:
    """The addressing mode that the P, U and W bits say."""
    up, pre = bool(word >> 23 & 1), bool(word >> 24 & 1)
    base = bits(word, 19, 16)
    return _Addressing(
        base=base,
        base_value=executed.value(base),
        offset=offset,
        register=register,
        up=up,
        pre=pre,
        writes_back=not pre or bool(word >> 21 & 1),
        slow=register is not None and (not up or not quick_shift),
    )


def _word_addressing(word: int, executed: Executed) -> _Addressing:
    """Mode 2: LDR, STR, LDRB, STRB, PLD."""
    if not word >> 25 & 1:
        return _addressing(word, executed, word & 0xFFF, None, quick_shift=True)
    quick = bits(word, 6, 5) == 0 and bits(word, 11, 7) in {0, 2}
    return _addressing(word, executed, _shifted(word, executed), word & 15, quick_shift=quick)


def _extra_addressing(word: int, executed: Executed) -> _Addressing:
    """Mode 3: halfwords, signed bytes, doublewords."""
    if word >> 22 & 1:
        offset = bits(word, 11, 8) << 4 | word & 15
        return _addressing(word, executed, offset, None, quick_shift=True)
    rm = word & 15
    return _addressing(word, executed, executed.value(rm), rm, quick_shift=True)


@dataclass(frozen=True, slots=True)
class _Cost:
    issue: int
    memory_cycles: int
    latency: int


def _cost(addressing: _Addressing, size: int, control: Control, figures: Figures) -> _Cost:
    """Figures of a transfer of up to a word, with a slow or an unaligned address."""
    extra = figures["load_store.slow_address"] if addressing.slow else 0
    cycles = figures["load_store.memory_cycles"] + extra
    latency = figures["load_store.load_latency"] + extra
    if control.sctlr & SCTLR_U:
        if addressing.base_value % size or addressing.offset % size:
            cycles += figures["load_store.unaligned_memory_cycles"]
        if addressing.address % size:
            latency += figures["load_store.unaligned_latency"]
    return _Cost(figures["load_store.issue"] + extra, cycles, latency)


def _sources(addressing: _Addressing) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(normal, address) sources: behind a slow address the base is needed later."""
    offset = () if addressing.register is None else (addressing.register,)
    if addressing.slow:
        return (addressing.base,), offset
    return (), (addressing.base, *offset)


def _strict(control: Control, size: int) -> int:
    """The alignment of a transfer that only SCTLR.A confines."""
    return size if control.sctlr & SCTLR_A else 1


def decode_single(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """LDR, STR, LDRB, STRB, and with user permissions LDRT, STRT, LDRBT, STRBT."""
    addressing = _word_addressing(word, executed)
    size = 1 if word >> 22 & 1 else 4
    user = not addressing.pre and bool(word >> 21 & 1)
    loads = bool(word >> 20 & 1)
    return _transfer(word, executed, control, figures, addressing, size, loads, user)


def decode_extra(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """LDRH, STRH, LDRSB, LDRSH, LDRD, STRD."""
    addressing = _extra_addressing(word, executed)
    kind, loads = bits(word, 6, 5), bool(word >> 20 & 1)
    if not loads and kind >= 2:
        return _double(word, executed, control, figures, addressing)
    size = 1 if kind == 2 else 2
    return _transfer(word, executed, control, figures, addressing, size, loads, user=False)


def _transfer(
    word: int,
    executed: Executed,
    control: Control,
    figures: Figures,
    addressing: _Addressing,
    size: int,
    loads: bool,
    user: bool,
) -> Operation:
    """A load or store of a byte, a halfword or a word."""
    cost, rd = _cost(addressing, size, control, figures), bits(word, 15, 12)
    normal, address = _sources(addressing)
    raw = addressing.address
    place = raw if control.sctlr & SCTLR_U else raw & -size
    words = ((place, executed.value(rd)),) if not loads and size == 4 else ()
    kind = AccessKind.LOAD if loads else AccessKind.STORE
    to_pc = loads and size == 4 and rd == PC
    return Operation(
        cost.issue,
        word >> 28,
        normal if loads else (*normal, rd),
        address=address,
        results=(Result(rd, cost.latency, loaded=True),) if loads and not to_pc else (),
        writeback=(addressing.base,) if addressing.writes_back else (),
        access=Access(kind, place, size, raw, _strict(control, size), user, words),
        memory_cycles=cost.memory_cycles + (figures["load_store.pc_extra"] if to_pc else 0),
        flow=_load_flow(word, addressing, figures) if to_pc else None,
    )


def _load_flow(word: int, addressing: _Addressing, figures: Figures) -> Flow:
    """LDR PC; popped from the stack by a post-indexed immediate it is a return."""
    pops = addressing.base == SP and not addressing.pre and addressing.register is None
    if pops and not word >> 21 & 1:
        return Flow(FlowKind.LOAD_RETURN)
    slow = figures["load_store.slow_address"] if addressing.slow else 0
    return Flow(FlowKind.WRITE, figures["branch.load_pc"] + slow)


def decode_preload(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """PLD: a load of the byte's line, without a result."""
    addressing = _word_addressing(word & ~(1 << 21), executed)
    cost = _cost(addressing, 1, control, figures)
    normal, address = _sources(addressing)
    place = addressing.address
    return Operation(
        cost.issue,
        normal=normal,
        address=address,
        access=Access(AccessKind.PRELOAD, place, 1, place),
        memory_cycles=cost.memory_cycles,
    )


def _double(
    word: int, executed: Executed, control: Control, figures: Figures, addressing: _Addressing
) -> Operation:
    """LDRD and STRD."""
    rd, loads, raw = bits(word, 15, 12), not word >> 5 & 1, addressing.address
    pair = (rd, min(rd + 1, PC))
    extra = figures["load_store.slow_address"] if addressing.slow else 0
    unaligned = 1 if raw % DOUBLEWORD else 0
    latency = figures["load_store.load_latency"] + extra
    normal, address = _sources(addressing)
    place = raw & ~3
    loaded = (Result(pair[0], latency, True), Result(pair[1], latency + unaligned, True))
    kind = AccessKind.LOAD if loads else AccessKind.STORE
    doublewords = control.sctlr & (SCTLR_A | SCTLR_U) == SCTLR_A
    alignment = DOUBLEWORD if doublewords else confined(control)
    return Operation(
        figures["load_store.issue"] + extra,
        word >> 28,
        normal if loads else (*normal, *pair),
        address=address,
        results=loaded if loads else (),
        writeback=(addressing.base,) if addressing.writes_back else (),
        locks=() if loads else _locks(pair, figures, extra),
        access=Access(
            kind, place, 8, raw, alignment, False, () if loads else _stored(place, pair, executed)
        ),
        memory_cycles=1 + unaligned + extra,
    )


def confined(control: Control) -> int:
    """The alignment of what is no plain load or store: SCTLR.U confines it to words, too."""
    return 4 if control.sctlr & (SCTLR_A | SCTLR_U) else 1


def _locks(
    registers: tuple[int, ...], figures: Figures, extra: int = 0
) -> tuple[tuple[int, int], ...]:
    """Stored registers, `extra` cycles later behind a slow address."""
    first = figures["load_store.lock_first"] + extra
    return tuple((register, first + (i + 1) // 2) for i, register in enumerate(registers))


def _stored(
    place: int, registers: tuple[int, ...], executed: Executed
) -> tuple[tuple[int, int], ...]:
    return tuple(
        (place + 4 * i & WORD, executed.value(register)) for i, register in enumerate(registers)
    )


def decode_swap(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """SWP and SWPB."""
    base, size = bits(word, 19, 16), 1 if word >> 22 & 1 else 4
    raw = executed.value(base)
    rd, latency = bits(word, 15, 12), figures["load_store.load_latency"]
    return Operation(
        figures["load_store.swap_issue"],
        word >> 28,
        normal=(word & 15,),
        address=(base,),
        results=(Result(rd, latency, loaded=True),),
        access=Access(
            AccessKind.SWAP, raw & -size, size, raw, confined(control) if size == 4 else 1
        ),
        memory_cycles=figures["load_store.swap_memory_cycles"],
    )


def decode_exclusive(
    word: int, executed: Executed, control: Control, figures: Figures
) -> Operation:
    """LDREX and STREX, which count as if the store always happened."""
    base, loads = bits(word, 19, 16), bool(word >> 20 & 1)
    raw = executed.value(base)
    result = Result(bits(word, 15, 12), figures["load_store.load_latency"], loaded=loads)
    kind = AccessKind.LOAD if loads else AccessKind.STORE
    return Operation(
        figures["load_store.issue"],
        word >> 28,
        normal=() if loads else (word & 15,),
        address=(base,),
        results=(result,),
        access=Access(kind, raw & ~3, 4, raw, confined(control)),
        memory_cycles=figures["load_store.memory_cycles"],
    )


def lowest_address(word: int, base: int, count: int) -> int:
    """The lowest of `count` words that P and U place around the base."""
    up, before = word >> 23 & 1, word >> 24 & 1
    start = base if up else base - 4 * count
    return start + (4 if before == up else 0) & WORD


def multiple_cycles(raw: int, count: int) -> int:
    """Cycles of the load/store unit for words at an address: two each, if they share 8 bytes."""
    return count // 2 + 1 if (raw & ~3) % DOUBLEWORD else (count + 1) // 2


def multiple_delay(raw: int, index: int) -> int:
    """How much later than the first the word number `index` comes."""
    return (index + 1) // 2 if (raw & ~3) % DOUBLEWORD else index // 2


def decode_block(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """LDM and STM; with the user bank, registers count as their plain numbers."""
    registers = tuple(number for number in range(16) if word >> number & 1)
    if not registers:
        return undefined(word >> 28)
    base = bits(word, 19, 16)
    raw = lowest_address(word, executed.value(base), len(registers))
    if word >> 20 & 1:
        return _load_multiple(word, executed, control, figures, registers, raw)
    place = raw & ~3
    access = Access(
        AccessKind.STORE,
        place,
        4 * len(registers),
        raw,
        confined(control),
        words=_stored(place, registers, executed),
    )
    return Operation(
        figures["load_store.issue"],
        word >> 28,
        normal=registers,
        address=(base,),
        writeback=(base,) if word >> 21 & 1 else (),
        locks=_locks(registers, figures),
        access=access,
        memory_cycles=multiple_cycles(raw, len(registers)),
    )


def _load_multiple(
    word: int,
    executed: Executed,
    control: Control,
    figures: Figures,
    registers: tuple[int, ...],
    raw: int,
) -> Operation:
    base, to_pc = bits(word, 19, 16), PC in registers
    plain = tuple(register for register in registers if register != PC)
    extra = figures["load_store.pc_extra"] if to_pc else 0
    latency = figures["load_store.load_latency"] + extra
    alignment = confined(control)
    return Operation(
        figures["load_store.issue"],
        word >> 28,
        address=(base,),
        whole_list=registers,
        results=tuple(
            Result(register, latency + multiple_delay(raw, i), loaded=True)
            for i, register in enumerate(plain)
        ),
        writeback=(base,) if word >> 21 & 1 else (),
        access=Access(AccessKind.LOAD, raw & ~3, 4 * len(registers), raw, alignment),
        memory_cycles=multiple_cycles(raw, len(plain)) + extra,
        flow=_load_multiple_flow(word, base, figures) if to_pc else None,
    )


def _load_multiple_flow(word: int, base: int, figures: Figures) -> Flow:
    if word >> 22 & 1:
        return Flow(FlowKind.EXCEPTION_RETURN, figures["branch.exception_return"])
    if base == SP and word >> 21 & 1:
        return Flow(FlowKind.LOAD_RETURN)
    return Flow(FlowKind.WRITE, figures["branch.load_multiple_pc"])


def decode_return_from_exception(
    word: int, executed: Executed, control: Control, figures: Figures
) -> Operation:
    """RFE: PC and CPSR from two words."""
    base = bits(word, 19, 16)
    raw = lowest_address(word, executed.value(base), 2)
    return Operation(
        figures["load_store.issue"],
        address=(base,),
        writeback=(base,) if word >> 21 & 1 else (),
        access=Access(AccessKind.LOAD, raw & ~3, 8, raw, confined(control)),
        memory_cycles=2 if (raw & ~3) % DOUBLEWORD else 1,
        flow=Flow(FlowKind.EXCEPTION_RETURN, figures["branch.exception_return"]),
    )


def decode_store_return_state(
    word: int, executed: Executed, control: Control, figures: Figures
) -> Operation:
    """SRS: LR and SPSR to the stack of a mode (`srs_stack`, set unless it is the current one)."""
    stack = executed.registers[SP]
    if word & 0x1F != executed.mode and executed.srs_stack is not None:
        stack = executed.srs_stack
    raw = lowest_address(word, stack, 2)
    return Operation(
        figures["load_store.issue"],
        normal=(LR,),
        address=(SP,),
        writeback=(SP,) if word >> 21 & 1 else (),
        access=Access(AccessKind.STORE, raw & ~3, 8, raw, confined(control)),
        memory_cycles=multiple_cycles(raw, 2),
    )
