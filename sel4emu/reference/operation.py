# SPDX-License-Identifier: BSD-2-Clause
"""What the decoders say about an instruction: everything that rules 2 to 5 and 9 ask for.

Registers are numbered 0 to 15; the sixteen doubles of the VFP follow from `VFP_FIRST`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

Figures = Mapping[str, int]

PC: Final = 15
LR: Final = 14
SP: Final = 13
VFP_FIRST: Final = 16
ALWAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Result:
    """A register that an instruction writes; `loaded` ones wait for the data side's delay."""

    register: int
    latency: int
    loaded: bool = False


class AccessKind(Enum):
    """How an instruction touches memory."""

    LOAD = auto()
    STORE = auto()
    SWAP = auto()
    PRELOAD = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """The bytes that an instruction touches.

    An address (`raw`, before low bits are dropped) that is no multiple of `alignment` is a fault.
    `words` are the aligned words that a store writes: (address, value).
    """

    kind: AccessKind
    address: int
    size: int
    raw: int
    alignment: int = 1
    user: bool = False
    words: tuple[tuple[int, int], ...] = ()


class FlowKind(Enum):
    """The kinds of rule 5."""

    DIRECT = auto()  # B, BL, BLX with an immediate
    INDIRECT = auto()  # BX, BLX, BXJ of a register
    WRITE = auto()  # loads and ALU writes of PC with a figure of their own
    RETURN = auto()  # what the return stack predicts
    LOAD_RETURN = auto()
    EXCEPTION_RETURN = auto()


@dataclass(frozen=True, slots=True)
class Flow:
    """A possible change of flow. `figure` is that of WRITE and EXCEPTION_RETURN."""

    kind: FlowKind
    figure: int = 0
    call: bool = False
    foldable: bool = False
    backward: bool = False


@dataclass(frozen=True, slots=True)
class SystemWrite:
    """An MCR or MCRR to coprocessor 15, opc1 being 0. A range has its start in `value`."""

    crn: int
    crm: int
    opc2: int
    value: int
    range_end: int | None = None


@dataclass(frozen=True, slots=True)
class VfpUse:
    """What a VFP instruction does to its unit.

    `busy`: cycles for which an operation holds it, 0 if it is none; `latency`: of its result;
    `waits_for_last`: FMSTAT; `enable`: the new FPEXC; `control_only`: works while the unit is off.
    """

    busy: int = 0
    latency: int = 0
    waits_for_last: bool = False
    enable: int | None = None
    control_only: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """An instruction as the scoreboard sees it; times are cycles.

    `late`, `early`, `normal` and `address` are the sources by the time they are needed;
    `accumulators` are late if a multiply (an operation that `multiplies`) wrote them, else normal;
    `whole_list` must be ready as well, but is no source (LDM). `locks` are (register, cycles until
    it may be overwritten). `refused`: a prefetch abort takes its place (BKPT). `failed` is what it
    costs if its condition fails, None for the usual.
    """

    issue: int
    condition: int = ALWAYS
    normal: tuple[int, ...] = ()
    early: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    accumulators: tuple[int, ...] = ()
    address: tuple[int, ...] = ()
    whole_list: tuple[int, ...] = ()
    results: tuple[Result, ...] = ()
    writeback: tuple[int, ...] = ()
    locks: tuple[tuple[int, int], ...] = ()
    sets_flags: bool = False
    multiplies: bool = False
    access: Access | None = None
    memory_cycles: int = 0
    flow: Flow | None = None
    failed: int | None = None
    refused: bool = False
    system: SystemWrite | None = None
    vfp: VfpUse | None = None
    destinations: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        written = (*(result.register for result in self.results), *self.writeback)
        object.__setattr__(self, "destinations", written)


def undefined(condition: int = ALWAYS) -> Operation:
    """What counts one cycle and no more before its exception."""
    return Operation(issue=1, condition=condition)
