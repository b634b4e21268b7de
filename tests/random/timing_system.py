# SPDX-License-Identifier: BSD-2-Clause
"""Items of a program that concern the system: modes, exceptions, CP15, page tables, devices, VFP.

`mode` is followed along the program, because what may stand somewhere depends on it; items that
change it are neither skipped nor repeated.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from tests.random import timing_memory as memory
from tests.random.arm_words import DEVICE, POINTERS, ArmWords
from tests.random.timing_code import Code
from tests.random.timing_setup import (
    CLIENTS,
    FIQ,
    IRQ,
    MODES,
    SYS,
    USR,
    Setup,
    draw_auxiliary,
    draw_control,
    table,
)

_MCR: Final = 0x0E00_0F10
_MRC: Final = 0x0E10_0F10
_MCRR: Final = 0x0C40_0F00
#: CRm and opcode_2 of the c7 operations, by what their register holds.
_WHOLE: Final = ((5, 0), (6, 0), (7, 0), (10, 0), (14, 0), (5, 6))
_BY_ADDRESS: Final = ((5, 1), (5, 7), (6, 1), (10, 1), (14, 1), (13, 1))
_BY_SET: Final = ((5, 2), (6, 2), (10, 2), (14, 2))
_BARRIERS: Final = ((5, 4), (10, 4), (10, 5))
_RANGES: Final = (5, 6, 12, 14)
_READABLE: Final = (
    (0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1), (2, 0, 0), (3, 0, 0), (5, 0, 0), (6, 0, 0),
    (10, 0, 0), (13, 0, 1), (15, 12, 1), (15, 12, 2), (15, 12, 3), (15, 12, 0),
)  # fmt: skip
_CONTROL_KEPT: Final = 1 << 0 | 1 << 13 | 1 << 22 | 1 << 23
_L2_OPERATIONS: Final = (0x730, 0x770, 0x77C, 0x7B0, 0x7B8, 0x7BC, 0x7F0, 0x7F8, 0x7FC)
_L2_CONTROL: Final = 0x100
_L2_LOCKDOWN: Final = (0x900, 0x904)
#: VFP: FADD, FSUB, FMUL, FNMUL, FMAC, FNMAC, FMSC, FDIV of registers; FCPY, FABS, FNEG, FSQRT,
#: FCMP, FCMPZ; conversions between integers and floats.
_VFP_OPERATIONS: Final = (
    0x0E30_0A00, 0x0E30_0A40, 0x0E20_0A00, 0x0E20_0A40, 0x0E00_0A00, 0x0E00_0A40, 0x0E10_0A00,
    0x0E80_0A00, 0x0EB0_0A40, 0x0EB0_0AC0, 0x0EB1_0A40, 0x0EB1_0AC0, 0x0EB4_0A40, 0x0EB8_0AC0,
    0x0EBD_0AC0,
)  # fmt: skip


class SystemItems(ABC):
    """Mixed into a builder of programs."""

    chance: random.Random
    setup: Setup
    code: Code
    words: ArmWords
    mode: int
    fcse: int
    space: int

    @property
    def privileged(self) -> bool:
        """Whether the code runs in a privileged mode here."""
        return self.mode != USR

    def system_items(self) -> list[tuple[Callable[[], None], int]]:
        """Items and weights; a few of the privileged ones stand in user mode too, and trap."""
        items: list[tuple[Callable[[], None], int]] = [
            (self.service, 4), (self.undefined, 2), (self.barrier, 3), (self.device, 4),
            (self.prefetch_abort, 2), (self.read_register, 4 if self.privileged else 1),
        ]  # fmt: skip
        if self.setup.vfp:
            items.append((self.vfp, 8))
        if not self.privileged:
            return [*items, (self.maintenance, 1)]
        items += [
            (self.change_mode, 5), (self.maintenance, 6), (self.monitor, 2), (self.endianness, 1),
            (self.masks, 1), (self.l2, 3), (self.lockdown, 2), (self.toggle, 2),
            (self.store_return, 2), (self.interrupt, 2),
        ]  # fmt: skip
        if self.setup.mmu:
            items += [
                (self.tlb, 4), (self.change_page, 6), (self.change_space, 3), (self.domain, 2),
                (self.move_fcse, 1), (self.context, 2),
            ]  # fmt: skip
        if self.mode not in (USR, SYS):
            items += [(self.user_bank, 3), (self.return_from_mode, 4)]
        return items

    @abstractmethod
    def pointer(self) -> int:
        """An address of memory; the builder knows."""

    def _write(self, crn: int, crm: int, opcode2: int, value: int | None = None) -> None:
        """MCR, of a literal or of whatever a data register holds."""
        register = self.words.target()
        if value is not None:
            self.code.literal(register, value)
        condition = 0xE000_0000 if crn != 7 else self.words.condition()
        self.code.arm(condition | _MCR | crn << 16 | register << 12 | opcode2 << 5 | crm)

    # Exceptions -----------------------------------------------------------------------------

    def service(self) -> None:
        """SVC; an odd number toggles between user and system mode."""
        toggles = self.mode in (USR, SYS) and self.setup.svc == "svc" and self.chance.random() < 0.6
        number = self.chance.getrandbits(23) << 1 | int(toggles)
        condition = 0xE000_0000 if toggles else self.words.condition()
        self.code.arm(condition | 0x0F00_0000 | number)
        if toggles:
            self.mode ^= USR ^ SYS

    def undefined(self) -> None:
        """UDF, and words that ARMv6 leaves undefined."""
        word = self.chance.choice((0x07F0_00F0, 0x0710_00F0, 0x0630_0030, 0x0790_00F0))
        self.code.arm(self.words.condition() | word | self.chance.getrandbits(4))

    def prefetch_abort(self) -> None:
        """A jump to where nothing is; the handler goes on at r5."""
        label = self.code.new_label()
        target = memory.NOWHERE + self.chance.randrange(0, 0x1_0000, 4)
        self.code.literal(5, label)
        if self.chance.getrandbits(1):
            self.code.literal_pc(target)
        else:
            self.code.literal(4, target)
            self.code.arm(0xE12F_FF14)
        self.code.place(label)

    def interrupt(self) -> None:
        """An interrupt forced through the controller; its handler withdraws it."""
        value, base = self.words.targets(2)
        self.code.literal(base, memory.AVIC)
        self.code.arm(0xE3A0_0001 | value << 12)
        self.code.arm(0xE580_0008 | base << 16 | value << 12)  # INTENNUM: source 1
        self.code.arm(0xE3A0_0002 | value << 12)
        self.code.arm(0xF108_0080)  # cpsie i
        self.code.arm(0xE580_0054 | base << 16 | value << 12)  # INTFRCL
        for _ in range(self.chance.randint(1, 3)):
            self.code.arm(0xE1A0_0000)
        self.code.arm(0xF10C_0080)

    # Modes ----------------------------------------------------------------------------------

    def change_mode(self) -> None:
        """CPS or MSR into another mode."""
        self.mode = self.chance.choice(MODES)
        kind = self.chance.randrange(4)
        if kind == 0:
            self.code.arm(0xF102_0000 | self.mode)
        elif kind == 1:
            self.code.arm(0xF10E_00C0 | self.mode)
        elif kind == 2:
            self.code.arm(0xE321_F0C0 | self.mode)
        else:
            register = self.words.target()
            self.code.literal(register, 0x1C0 | self.mode | self.chance.getrandbits(4) << 28)
            self.code.arm(0xE129_F000 | register)

    def masks(self) -> None:
        """CPS that leaves the mode."""
        self.code.arm(0xF10C_0000 | self.chance.choice((0x40, 0x80, 0x100, 0x1C0)))

    def endianness(self) -> None:
        """SETEND LE."""
        self.code.arm(0xF101_0000)

    def user_bank(self) -> None:
        """LDM and STM of the user bank."""
        self.code.arm(self.words.user_bank())

    def return_from_mode(self) -> None:
        """As from an exception, into any mode: MOVS PC, LDM ^, RFE."""
        label = self.code.new_label()
        mode = self.chance.choice(MODES)
        status = 0x1C0 | mode | self.chance.getrandbits(4) << 28
        kind = self.chance.randrange(3)
        if kind == 2:
            self._push_return(label, status)
        else:
            register = self.words.target()
            self.code.literal(register, status)
            self.code.arm(0xE16F_F000 | register)  # msr spsr_cxsf
            self.code.literal(14, label)
        if kind == 0:
            self.code.arm(0xE1B0_F00E)
        elif kind == 1:
            self.code.arm(0xE92D_4001, 0xE8FD_8001)  # push {r0, lr}; ldm sp!, {r0, pc}^
        self.code.place(label)
        self.mode = mode

    def _push_return(self, label: str, status: int) -> None:
        low, high = sorted(self.words.targets(2))
        self.code.literal(low, label)
        self.code.literal(high, status)
        self.code.arm(0xE92D_0000 | 1 << low | 1 << high, 0xF8BD_0A00)

    def store_return(self) -> None:
        """SRS onto the stack of any mode."""
        if self.mode in (USR, SYS):
            return
        form = self.words.bit(24) | self.words.bit(23) | self.words.bit(21)
        self.code.arm(0xF84D_0500 | form | self.chance.choice((FIQ, IRQ, SYS)))

    # CP15 -----------------------------------------------------------------------------------

    def barrier(self) -> None:
        """DSB, DMB, ISB: in user mode too."""
        crm, opcode2 = self.chance.choice(_BARRIERS)
        self._write(7, crm, opcode2)

    def read_register(self) -> None:
        """MRC of a register; in user mode it is undefined."""
        crn, crm, opcode2 = self.chance.choice(_READABLE)
        register = self.words.target() << 12
        self.code.arm(self.words.condition() | _MRC | crn << 16 | register | opcode2 << 5 | crm)

    def maintenance(self) -> None:
        """An operation on a cache or on the branch target cache."""
        kind = self.chance.random()
        if kind < 0.25:
            self._write(7, *self.chance.choice(_WHOLE), 0)
        elif kind < 0.6:
            address = self.code.here if self.chance.random() < 0.3 else self.pointer()
            self._write(7, *self.chance.choice(_BY_ADDRESS), address)
        elif kind < 0.8:
            number = self.chance.getrandbits(2) << 30 | self.chance.getrandbits(7) << 5
            self._write(7, *self.chance.choice(_BY_SET), number)
        else:
            self._range()

    def _range(self) -> None:
        start, end = self.words.targets(2)
        address = self.pointer()
        self.code.literal(start, address)
        self.code.literal(end, address + self.chance.randrange(0, 0x100, 4))
        crm = self.chance.choice(_RANGES)
        self.code.arm(0xE000_0000 | _MCRR | end << 12 | start << 16 | crm)

    def tlb(self) -> None:
        """An operation of c8: everything, a page, an address space."""
        crm, opcode2 = self.chance.choice((5, 6, 7)), self.chance.randrange(3)
        value = 0
        if opcode2 == 1:
            value = self.pointer() & 0xFFFF_F000 | self.chance.randrange(4)
        elif opcode2 == 2:
            value = self.chance.randrange(4)
        self._write(8, crm, opcode2, value)

    def lockdown(self) -> None:
        """Of the data cache, the instruction cache, the main TLB."""
        kind = self.chance.randrange(3)
        if kind == 2 and self.setup.mmu:
            self._write(10, 0, 0, self.chance.getrandbits(3) << 26 | self.chance.getrandbits(1))
        else:
            ways = self.chance.choice((0, 1, 2, 4, 8, 3, 9, 14, 15))
            self._write(9, 0, kind & 1, 0xFFFF_FFF0 | ways)

    def toggle(self) -> None:
        """SCTLR or ACTLR with other caches and predictors on."""
        if self.chance.getrandbits(1):
            self._write(1, 0, 1, draw_auxiliary(self.chance))
            return
        control = draw_control(self.chance) & ~_CONTROL_KEPT | self.setup.sctlr & _CONTROL_KEPT
        self._write(1, 0, 0, control)

    def monitor(self) -> None:
        """PMNC and the counters."""
        events = self.chance.choice((0, 1, 3, 5, 6, 7, 9, 0xB, 0xD, 0xF, 0x10, 0xFF))
        if self.chance.getrandbits(1):
            control = events << 20 | self.chance.choice((0, 5, 7, 0xB)) << 12 | 1
            self._write(15, 12, 0, control | self.chance.getrandbits(3) << 1)
        else:
            self._write(15, 12, self.chance.randint(1, 3), self.chance.getrandbits(32))

    # Translation ----------------------------------------------------------------------------

    def change_page(self) -> None:
        """A new descriptor for a page of the window, perhaps a flush, and accesses to it."""
        page = memory.PAGES + self.chance.randrange(32, 224) * 0x1000
        kind = self.chance.choice(memory.TYPES)
        physical = page ^ self.chance.choice((0, 0, 0x1000, 0x7000))
        word = 0 if self.chance.random() < 0.1 else kind.small(physical, xp=self.setup.xp)
        base = self.chance.choice(POINTERS)
        self.code.literal(base, page)
        self._touch(base)
        value, entry = self.words.targets(2)
        self.code.literal(value, word)
        self.code.literal(entry, memory.page_entry(page, self.space))
        self.code.arm(0xE580_0000 | entry << 16 | value << 12)
        if self.chance.random() < 0.3:
            self.barrier()
        if self.chance.random() < 0.6:
            self._write(8, 7, 1, page | self.setup.context_id & 0xFF)
        self._touch(base)

    def _touch(self, base: int) -> None:
        for _ in range(self.chance.randint(0, 2)):
            load = self.chance.choice((0, 1 << 20))
            offset = self.chance.randrange(0, 64, 4)
            self.code.arm(0xE580_0000 | load | base << 16 | self.words.target() << 12 | offset)

    def change_space(self) -> None:
        """The other table, with or without another ASID."""
        self.space ^= 1
        register = 1 if self.setup.ttbcr else 0
        if self.chance.getrandbits(1):
            self._write(13, 0, 1, self.chance.randrange(4))
        self._write(2, 0, register, table(self.space, self.chance))

    def context(self) -> None:
        """CONTEXTIDR alone."""
        self._write(13, 0, 1, self.chance.randrange(4))

    def domain(self) -> None:
        """DACR: the second domain as client, manager, or shut."""
        self._write(3, 0, 0, CLIENTS & ~0xC | self.chance.choice((0, 1, 3)) << 2)

    def move_fcse(self) -> None:
        """The process number, to the memory or back."""
        if self.setup.high_vectors:
            self.fcse = self.chance.choice((0, 0x8000_0000))
            self._write(13, 0, 0, self.fcse)

    # Devices --------------------------------------------------------------------------------

    def device(self) -> None:
        """Loads and stores of words of a device."""
        for _ in range(self.chance.randint(1, 3)):
            load = self.chance.choice((0, 1 << 20))
            register = self.words.target() if load else self.words.source()
            offset = self.chance.randrange(0, 64, 4)
            word = 0x0580_0000 | load | DEVICE << 16 | register << 12 | offset
            self.code.arm(self.words.condition() | word)

    def l2(self) -> None:
        """Maintenance, lockdown, and the switch of the second-level cache."""
        value, base = self.words.targets(2)
        kind = self.chance.random()
        self.code.literal(base, memory.L2CC)
        if kind < 0.7:
            offset = self.chance.choice(_L2_OPERATIONS)
            operand = self.pointer() & ~31 if offset & 0xF == 0 else self._l2_operand(offset)
        elif kind < 0.9:
            offset, operand = self.chance.choice(_L2_LOCKDOWN), self.chance.getrandbits(8)
        else:
            offset, operand = _L2_CONTROL, self.chance.getrandbits(1)
        self.code.literal(value, operand)
        self.code.arm(0xE580_0000 | base << 16 | value << 12 | offset)

    def _l2_operand(self, offset: int) -> int:
        if offset & 0xF == 0xC:
            return self.chance.getrandbits(8)
        return self.chance.getrandbits(3) << 28 | self.chance.getrandbits(9) << 5

    # VFP ------------------------------------------------------------------------------------

    def vfp(self) -> None:
        """Some operations, transfers, loads and stores of VFP registers."""
        for _ in range(self.chance.randint(1, 5)):
            forms = (self._vfp_operation, self._vfp_operation, self._vfp_transfer, self._vfp_load)
            self.code.arm(self.words.condition() | self.chance.choice(forms)())

    def _vfp_registers(self, double: int) -> int:
        """Fd, Fn and Fm, with their lowest bits in place for singles."""
        if double:
            fields = [self.chance.getrandbits(4) for _ in range(3)]
            return fields[0] << 12 | fields[1] << 16 | fields[2]
        d, n, m = (self.chance.getrandbits(5) for _ in range(3))
        return (
            (d >> 1) << 12 | (d & 1) << 22 | (n >> 1) << 16 | (n & 1) << 7 | m >> 1 | (m & 1) << 5
        )

    def _vfp_operation(self) -> int:
        word = self.chance.choice(_VFP_OPERATIONS)
        double = self.chance.choice((0, 1 << 8))
        registers = self._vfp_registers(double)
        if word & 0x00B0_0000 == 0x00B0_0000:  # Fn and N are part of the operation
            registers &= ~(0xF << 16 | 1 << 7)
            if word in (0x0EB8_0AC0, 0x0EBD_0AC0):  # an integer is in a single register
                double = 0
                registers = self._vfp_registers(0) & ~(0xF << 16 | 1 << 7)
        return word | double | registers

    def _vfp_transfer(self) -> int:
        register = self.words.target() << 12
        kind = self.chance.randrange(5)
        if kind == 0:
            return 0x0EF1_FA10  # fmstat
        if kind == 1:
            return 0x0EF1_0A10 | register  # fmrx
        if kind == 2:
            pair = self.words.targets(2)
            load = self.words.bit(20)
            return 0x0C40_0B10 | load | pair[0] << 12 | pair[1] << 16 | self.chance.getrandbits(4)
        load = self.words.bit(20)
        single = self.chance.getrandbits(5)
        return 0x0E00_0A10 | load | register | (single >> 1) << 16 | (single & 1) << 7

    def _vfp_load(self) -> int:
        base = self.chance.choice(POINTERS) << 16
        load = self.words.bit(20)
        double = self.chance.choice((0, 1 << 8))
        count = self.chance.randint(1, 4)
        if self.chance.getrandbits(1):
            offset = self.chance.randrange(32)
            return 0x0D00_0A00 | self.words.bit(23) | load | double | base | 5 << 12 | offset
        words = count * 2 if double else count
        return 0x0C80_0A00 | self.words.bit(21) | load | double | base | 2 << 12 | words
