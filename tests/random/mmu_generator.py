# SPDX-License-Identifier: BSD-2-Clause
"""Random tables and steps for the MMU torture test, the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.random import mmu_program as layout
from tests.random.mmu_oracle import Oracle, Record, Unsettled
from tests.random.mmu_program import CONTROLS, STUBS, Step

ASIDS: Final = (0, 1, 2, 255)
SECOND_TABLES: Final = 12
SLOTS: Final = 9
PAGES: Final = (0, 1, 2, 15, 16, 17, 32, 33, 100, 254, 255)
_LARGE: Final = 16
_MASKS: Final = 0x1C0
_PRIVILEGED: Final = (0x13, 0x13, 0x1F, 0x12, 0x1B)
_SVC_MODE: Final = 0x13
_USER: Final = 0x10
_THUMB: Final = 1 << 5
_FLAGS: Final = (0, 1 << 31, 1 << 30, 1 << 29, 0xF << 28, 1 << 27, 0xF << 16)
_XP, _A, _S, _R = 1 << 23, 1 << 1, 1 << 8, 1 << 9
_TRIES: Final = 20


@dataclass(frozen=True)
class Torture:
    """A list of steps with what each must do; `memory` and `uncertain` are the oracle's."""

    tables: dict[int, int]
    steps: list[Step]
    records: list[Record]
    oracle: Oracle


class Generator:
    """Makes one program."""

    def __init__(self, seed: int, rom: bytes) -> None:
        self._chance = random.Random(seed)
        self._processes = [self._chance.randrange(1, 60) << 25 for _ in range(2)]
        self._split = self._chance.randrange(1, 8)
        self._slots = self._choose_slots()
        self._pool = [
            layout.POOL + (self._chance.randrange(layout.POOL_BYTES) & ~0xFFF) for _ in range(12)
        ]
        self._tables = self._fill_tables()
        self._rom = rom
        self._recent: list[int] = []

    def generate(self, steps: int) -> Torture:
        """A program of so many steps."""
        oracle = Oracle(self._tables, self._rom)
        torture = Torture(self._tables, [], [], oracle)
        for name, value in self._beginning():
            self._append(torture, self._control(name, value))
        while len(torture.steps) < steps - 10:
            for _ in range(_TRIES):
                step = self._step(oracle)
                if self._append(torture, step):
                    break
            else:
                self._append(torture, self._control("lockdown", 0))
                self._append(torture, self._control("flush_all_both", 0))
        for name, value in self._ending():
            self._append(torture, self._control(name, value))
        return torture

    def _append(self, torture: Torture, step: Step) -> bool:
        try:
            record = torture.oracle.execute(step)
        except Unsettled:
            return False
        torture.steps.append(step)
        torture.records.append(record)
        return True

    # Tables ---------------------------------------------------------------------------------

    def _choose_slots(self) -> list[int]:
        """Megabytes that the tables say something of."""
        chance = self._chance
        low = chance.sample(range(32), 3)
        slots = {*low, *(self._processes[n % 2] >> 20 | slot for n, slot in enumerate(low))}
        border = 1 << 12 - self._split
        slots |= {border - 1, border % 0xFFD}
        while len(slots) < SLOTS:
            slots.add(chance.randrange(0xFFD))
        return sorted(slots - {layout.RAM >> 20, (layout.RAM >> 20) - 1})

    def _fill_tables(self) -> dict[int, int]:
        words: dict[int, int] = {}
        for table in layout.FIRST_LEVEL:
            for slot in self._slots:
                for index in (slot, slot + 1):
                    words[table + 4 * (index & 0xFFF)] = self._first_level()
            for index, word in layout.fixed_entries().items():
                words[table + 4 * index] = word
        for number in range(SECOND_TABLES):
            self._fill_second(words, layout.SECOND_LEVEL + 0x400 * number)
        return words

    def _fill_second(self, words: dict[int, int], table: int) -> None:
        for page in PAGES:
            word = self._second_level()
            words[table + 4 * page] = word
            if word & 3 == 1 and self._chance.random() < 0.8:
                first = page & -_LARGE
                words |= {table + 4 * n: word for n in range(first, first + _LARGE)}

    def _first_level(self) -> int:
        chance = self._chance
        bits = chance.getrandbits(32)
        kind = chance.random()
        frame = chance.choice(self._pool)
        if kind < 0.5:
            table = layout.SECOND_LEVEL + 0x400 * chance.randrange(SECOND_TABLES)
            return table | bits & 0x1E0 | 1
        if kind < 0.7:
            return frame & 0xFFF0_0000 | bits & 0x3_FDFC | 2
        if kind < 0.8:
            return frame & 0xFF00_0000 | 1 << 18 | bits & 0x3_FDFC | 2
        if kind < 0.85:
            return layout.HOLE | bits & 0x1E0 | 1
        if kind < 0.9:
            return chance.choice([layout.HOLE, layout.ROM]) | bits & 0x3_FDFC | 2
        return bits & ~3 | chance.choice([0, 0, 3])

    def _second_level(self) -> int:
        chance = self._chance
        bits = chance.getrandbits(32)
        frame = chance.choice([*self._pool, *self._pool, layout.HOLE, layout.ROM])
        rights = chance.choice([bits & 0xFF0, bits & 0xC00 | 0xFF0, (bits >> 4 & 3) * 0x550])
        if chance.random() < 0.1:
            return bits & ~3
        if chance.random() < 0.25:
            return frame & 0xFFFF_0000 | bits & 0xF00C | rights | 1
        return frame & 0xFFFF_F000 | bits & 0xC | rights | chance.choice([2, 2, 2, 3])

    # Steps ----------------------------------------------------------------------------------

    def _beginning(self) -> Iterator[tuple[str, int]]:
        yield "dacr", self._domains()
        yield "sctlr", self._sctlr()

    def _ending(self) -> Iterator[tuple[str, int]]:
        yield "lockdown", 0
        yield "sctlr", layout.SCTLR
        yield "ttbcr", 0
        yield "ttbr0", layout.FIRST_LEVEL[0]
        yield "fcse", 0

    def _domains(self) -> int:
        fields = [self._chance.choice([1, 1, 1, 1, 1, 3, 3, 0, 2]) for _ in range(15)]
        return sum(value << 2 * n for n, value in enumerate(fields)) | 1 << 30

    def _sctlr(self) -> int:
        value = layout.SCTLR
        for bit, likely in ((_XP, 0.5), (_A, 0.15), (_S, 0.25), (_R, 0.25)):
            value = value & ~bit | (bit if self._chance.random() < likely else 0)
        return value

    def _step(self, oracle: Oracle) -> Step:
        kind = self._chance.random()
        if kind < 0.12:
            return self._table_change()
        if kind < 0.24:
            return self._maintenance()
        if kind < 0.36:
            return self._register(oracle)
        if kind < 0.48:
            return self._fetch()
        return self._access(oracle)

    def _control(self, name: str, value: int) -> Step:
        assert name in CONTROLS, name
        return Step(name, self._status(_SVC_MODE), (value, *self._values()))

    def _values(self) -> tuple[int, ...]:
        """r1 to r7; r7 is zero."""
        return (*(self._chance.getrandbits(32) for _ in range(6)), 0)

    def _status(self, mode: int) -> int:
        return mode | _MASKS | self._chance.choice(_FLAGS)

    def _page(self) -> int:
        """A virtual page that the tables say something of."""
        chance = self._chance
        if self._recent and chance.random() < 0.5:
            return chance.choice(self._recent)
        page = chance.choice(self._slots) << 20 | chance.choice(PAGES) << 12
        self._recent = [*self._recent[-5:], page]
        return page

    def _address(self) -> int:
        """Mostly near a border; never at code, which a store would spoil."""
        chance = self._chance
        border = self._page() + 0x400 * chance.randrange(5)
        near = chance.randrange(-40, 40)
        offset = chance.choice([0, 4, 8, -4, -4, chance.randrange(0x180), near])
        return border + offset & 0xFFFF_FFFF

    def _access(self, oracle: Oracle) -> Step:
        number = self._chance.randrange(len(STUBS))
        stub = STUBS[number]
        address = self._address()
        if stub.words and self._chance.random() < 0.9:
            address &= -4
        user = self._chance.random() < 0.5 and not stub.privileged_only
        mode = _USER if user else self._chance.choice(_PRIVILEGED)
        if stub.privileged_only:
            mode = _SVC_MODE
        status = self._status(mode)
        registers = [self._chance.getrandbits(32), address, *self._values()[1:]]
        if stub.privileged_only:
            registers[3] = status
        status |= _THUMB if stub.thumb else 0
        return Step(stub, status, tuple(registers), number=number)

    def _fetch(self) -> Step:
        chance = self._chance
        thumb = chance.random() < 0.4
        mode = chance.choice([_USER, *_PRIVILEGED])
        place = layout.SVC_THUMB + chance.choice([0, 2]) if thumb else layout.SVC_ARM
        address = self._page() + 0x400 * chance.randrange(4) + place
        status = self._status(mode) | (_THUMB if thumb else 0)
        registers = (chance.getrandbits(32), *self._values())
        return Step(None, status, registers, address)

    def _table_change(self) -> Step:
        chance = self._chance
        if chance.random() < 0.3:
            table = chance.choice(layout.FIRST_LEVEL)
            at, word = table + 4 * chance.choice(self._slots), self._first_level()
        else:
            table = layout.SECOND_LEVEL + 0x400 * chance.randrange(SECOND_TABLES)
            at, word = table + 4 * chance.choice(PAGES), self._second_level()
        number = next(n for n, stub in enumerate(STUBS) if stub.text == "str r2, [r1]")
        values = self._values()
        registers = (0, layout.WINDOW + at - layout.TABLES, word, *values[2:])
        return Step(STUBS[number], self._status(_SVC_MODE), registers, number=number)

    def _maintenance(self) -> Step:
        chance = self._chance
        side = chance.choice(["instructions", "data", "both", "both"])
        kind = chance.choice(["flush_all", "flush_asid", "flush_address", "flush_address"])
        operand = chance.choice(ASIDS)
        if kind == "flush_address":
            page = self._page()
            if page < 1 << 25 and chance.random() < 0.7:
                page |= chance.choice([0, *self._processes])
            operand |= page & ~0xFFF
        return self._control(f"{kind}_{side}", operand)

    def _register(self, oracle: Oracle) -> Step:
        chance = self._chance
        name = chance.choice(
            ["sctlr", "dacr", "context", "context", "context", "fcse", "ttbr0", "ttbcr", "lockdown"]
        )
        if name == "sctlr":
            return self._control(name, self._sctlr())
        if name == "dacr":
            return self._control(name, self._domains())
        if name == "context":
            return self._control(name, chance.getrandbits(2) << 8 | chance.choice(ASIDS))
        if name == "fcse":
            return self._control(name, chance.choice([0, 0, *self._processes]))
        if name == "ttbcr":
            return self._control(name, chance.choice([0, self._split]))
        if name == "lockdown":
            return self._control(name, chance.choice([0, 2 << 26 | 1, 5 << 26 | 1]))
        base = chance.choice(layout.FIRST_LEVEL[:2])
        if oracle.control.ttbcr:
            base += chance.randrange(1 << oracle.control.ttbcr) * (0x4000 >> oracle.control.ttbcr)
        return self._control(name, base | chance.choice([0, 0x18, 0x1B]))
