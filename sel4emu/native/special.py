# SPDX-License-Identifier: BSD-2-Clause
"""Which instructions the machine must know of before they run, whatever the level.

Unicorn's core has the v6K extensions, always lets the VFP in, and gives later Thumb instructions
a meaning. What the core at hand (`v6k` in the state: r1p3, not r0p4) lacks or refuses stands here.

Modelled: LDREXB/H/D, STREXB/H/D and CLREX, which came with r1p0; hints; CPACR; what user mode may
do with CP15; Thumb halfwords that ARMv6 leaves undefined.
Not modelled: access to CP10 and CP11 that differs between the two (UNPREDICTABLE).
Sources: DDI 0211 sections 1.5, 3.3.7 and 3.3.17; ARM ARM A3 and A7.
"""

from typing import Any, Final

from numba import njit

#: Both coprocessors of the VFP may be used in every mode.
CPACR_VFP: Final = 0x00F0_0000


@njit(cache=True)
def is_unprivileged_access(word: Any) -> Any:
    """LDRT, STRT, LDRBT and STRBT (a register offset with bit 4 set is a media instruction)."""
    if (word & 0x0D20_0000) != 0x0420_0000 or (word >> 28) == 15:
        return False
    return (word & 0x0200_0010) != 0x0200_0010


@njit(cache=True)
def is_v6k(word: Any) -> Any:
    """Exclusive accesses of a byte, a halfword or a doubleword, and CLREX."""
    if (word & 0x0F80_00F0) == 0x0180_0090:
        return word & 0x0060_0000 != 0 and word >> 28 != 15
    return word & 0xFFFF_FFF0 == 0xF57F_F010


@njit(cache=True)
def is_hint(word: Any) -> Any:
    """YIELD, WFE and WFI, at which Unicorn stops (NOP and SEV it runs as nothing)."""
    return (word & 0x0FFF_FFFC) == 0x0320_F000 and word & 3 != 0 and word >> 28 != 15


@njit(cache=True)
def is_status_write(word: Any) -> Any:
    """MSR of the x field of CPSR: Unicorn forgets that user mode may write E."""
    return (
        (word & 0x0DF2_F000) == 0x0122_F000
        and word >> 28 != 15
        and (word & 0x0200_0000 != 0 or word & 0xFF0 == 0)
    )


@njit(cache=True)
def is_alu_return(word: Any) -> Any:
    """Data processing with S set into PC, other than MOVS, SUBS and the comparisons."""
    if (word & 0x0C10_F000) != 0x0010_F000 or word >> 28 == 15:
        return False
    opcode = (word >> 21) & 15
    if opcode in (2, 8, 9, 10, 11, 13):
        return False
    return word & 0x0200_0000 != 0 or word & 0x90 != 0x90


@njit(cache=True)
def is_vfp(word: Any) -> Any:
    """Coprocessors 10 and 11."""
    return (word & 0x0C00_0E00) == 0x0C00_0A00 and (word & 0x0F00_0000) != 0x0F00_0000


@njit(cache=True)
def is_special(word: Any) -> Any:
    """Candidates of all these, the VFP apart, and accesses to CP14 and CP15."""
    if (word & 0x0D20_0000) == 0x0420_0000 or (word & 0x0F00_0E10) == 0x0E00_0E10:
        return True
    return is_v6k(word) or is_hint(word) or is_status_write(word) or is_alu_return(word)


@njit(cache=True)
def is_block_operation(word: Any) -> Any:
    """MCRR p15."""
    return (word & 0x0FF0_0F00) == 0x0C40_0F00 and (word >> 28) != 15


@njit(cache=True)
def user_may(word: Any) -> Any:
    """What user mode has of CP15: barriers, cleaning and prefetching ranges, thread registers."""
    if word & 0x0FF0_0F00 == 0x0C40_0F00:
        return word & 15 == 12
    operation = word & 0x00FF_00EF
    if operation in (0x0007_008A, 0x0007_00AA, 0x0007_0085, 0x0007_00AC):
        return True
    return operation in (0x0017_008C, 0x001D_0040, 0x000D_0040, 0x001D_0060)


@njit(cache=True)
def vfp_denied(s: Any, word: Any, privileged: Any) -> Any:
    """Whether CPACR refuses a VFP instruction: 0 nobody, 1 privileged modes only, 3 everybody."""
    if s.vfp_closed == 0:
        return False
    access = (s.cpacr >> (20 + 2 * ((word >> 8) & 1))) & 3
    return access != 3 and not (access == 1 and privileged)


@njit(cache=True)
def lacks(s: Any, word: Any) -> Any:
    """Whether an ARM word is undefined on this revision, though Unicorn would run it."""
    return s.v6k == 0 and is_v6k(word)


@njit(cache=True)
def lacks_half(half: Any) -> Any:
    """Whether a Thumb halfword is undefined, though Unicorn would run it.

    CBZ, CBNZ, IT and the hints of Thumb-2; the second half of BLX with bit 0 set.
    """
    top = half >> 8
    return top & 0xF5 == 0xB1 or top == 0xBF or half & 0xF801 == 0xE801
