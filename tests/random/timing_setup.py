# SPDX-License-Identifier: BSD-2-Clause
"""The control registers with which a timing program runs, drawn by seed."""

import random
from dataclasses import dataclass
from typing import Final

from tests.random.timing_memory import (
    ALIAS,
    CODE,
    SPACE_STRIDE,
    SVC_HANDLERS,
    TABLES,
)

USR: Final = 0x10
FIQ: Final = 0x11
IRQ: Final = 0x12
SVC: Final = 0x13
UND: Final = 0x1B
SYS: Final = 0x1F
MODES: Final = (FIQ, IRQ, SVC, UND, SYS, USR)

SCTLR_M: Final = 1 << 0
SCTLR_C: Final = 1 << 2
SCTLR_Z: Final = 1 << 11
SCTLR_I: Final = 1 << 12
SCTLR_V: Final = 1 << 13
SCTLR_RR: Final = 1 << 14
SCTLR_FI: Final = 1 << 21
SCTLR_U: Final = 1 << 22
SCTLR_XP: Final = 1 << 23
_SCTLR_RESET: Final = 0x0005_0078
_RETURN_STACK: Final = 1
_DYNAMIC: Final = 2
_STATIC: Final = 4
_TLB_RANDOM: Final = 8
_NO_HIT_UNDER_MISS: Final = 1 << 31
#: Client of every domain.
CLIENTS: Final = 0x5555_5555


@dataclass(frozen=True)
class Setup:
    """What the program's first instructions establish."""

    sctlr: int
    actlr: int
    ttbr0: int
    ttbr1: int
    ttbcr: int
    fcse: int
    context_id: int
    dacr: int
    l2: bool
    mode: int
    base: int
    svc: str
    vfp: bool

    @property
    def mmu(self) -> bool:
        """Whether addresses are translated."""
        return bool(self.sctlr & SCTLR_M)

    @property
    def xp(self) -> bool:
        """Whether descriptors have the ARMv6 format."""
        return bool(self.sctlr & SCTLR_XP)

    @property
    def unaligned(self) -> bool:
        """Whether words and halfwords may lie anywhere."""
        return bool(self.sctlr & SCTLR_U)

    @property
    def high_vectors(self) -> bool:
        """Whether exceptions go to the top of the address space."""
        return bool(self.sctlr & SCTLR_V)


def table(space: int, chance: random.Random) -> int:
    """A TTBR for one of the address spaces, its walks outer cacheable or not."""
    return TABLES + SPACE_STRIDE * space | chance.getrandbits(2) << 3


def _either(chance: random.Random, probability: float, bits: int) -> int:
    return bits if chance.random() < probability else 0


def draw_control(chance: random.Random) -> int:
    """SCTLR: mostly with everything on."""
    mmu = chance.random() < 0.9
    sctlr = _SCTLR_RESET
    for probability, bits in (
        (0.9, SCTLR_C), (0.85, SCTLR_Z), (0.9, SCTLR_I), (0.5, SCTLR_RR), (0.3, SCTLR_FI),
        (0.8, SCTLR_U), (0.85, SCTLR_XP),
    ):  # fmt: skip
        sctlr |= _either(chance, probability, bits)
    if mmu:
        sctlr |= SCTLR_M | _either(chance, 0.3, SCTLR_V)
    return sctlr


def draw_auxiliary(chance: random.Random) -> int:
    """ACTLR: the predictors, random TLB replacement, hit-under-miss."""
    actlr = 0
    for probability, bits in (
        (0.85, _RETURN_STACK), (0.8, _DYNAMIC), (0.8, _STATIC), (0.3, _TLB_RANDOM),
        (0.3, _NO_HIT_UNDER_MISS),
    ):  # fmt: skip
        actlr |= _either(chance, probability, bits)
    return actlr


def draw_setup(chance: random.Random) -> Setup:
    """A setup of any kind."""
    sctlr = draw_control(chance)
    mmu, high = bool(sctlr & SCTLR_M), bool(sctlr & SCTLR_V)
    return Setup(
        sctlr=sctlr,
        actlr=draw_auxiliary(chance),
        ttbr0=table(0, chance),
        ttbr1=table(0, chance),
        ttbcr=chance.randrange(1, 8) if chance.random() < 0.2 else 0,
        fcse=0x8000_0000 if high and chance.random() < 0.4 else 0,
        context_id=chance.randrange(4),
        dacr=CLIENTS,
        l2=chance.random() < 0.5,
        mode=chance.choice(MODES),
        base=ALIAS if mmu and chance.random() < 0.3 else CODE,
        svc=chance.choice((SVC_HANDLERS[0], *SVC_HANDLERS)),
        vfp=chance.random() < 0.4,
    )
