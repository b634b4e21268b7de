# SPDX-License-Identifier: BSD-2-Clause
"""The running system, held against the theorems: what no kernel exit may ever show.

The state that the manager left is the one that the theorems are applied to. Its subsystems are the
classes of connected entities (R6.5). Classes that were apart stay apart (Lemma 17, R6.25), access
domains too (Theorem 3, R6.39), and the collective authority of each class over everything that
existed at the start is bounded by what it was (Theorem 2, R6.31). A new entity belongs to the class
in which it is seen first, that of its creator (Lemmas 15 and 27, R6.23 and R6.37).

A thread with its CSpace and its VSpace is one entity of the thesis (R5.26): rights over its parts
are rights over the whole.
"""

from collections.abc import Iterator

from kernel.layout import CapType
from kernel.model import analysis
from kernel.model.analysis import Classes
from kernel.model.state import NO_RIGHTS, Right
from kernel.model.text import rights_text
from kernel.policy.compare import Violation
from kernel.policy.entities import PARTS, Abstraction

#: Rights of each class (by what stands for it) over each entity of the start.
_Authority = dict[tuple[int, int], Right]


class _Origins:
    """The class of each entity: at the start, or when it was first seen."""

    def __init__(self, start: Abstraction, classes: Classes) -> None:
        self._of = {number: classes.find(number) for number in start.numbers.values()}

    def of_groups(self, now: Abstraction, classes: Classes) -> dict[int, int]:
        """A member with a known origin of each present class; new entities get theirs."""
        members: dict[int, int] = {}
        # Older entities have smaller numbers: they come first.
        for number in sorted(now.numbers.values()):
            group = classes.find(number)
            if number in self._of:
                members.setdefault(group, number)
            elif group in members:
                self._of[number] = self._of[members[group]]
        return members

    def joined(
        self, now: Abstraction, classes: Classes, members: dict[int, int]
    ) -> Iterator[tuple[int, int]]:
        """Pairs in one class whose origins differ."""
        for number in sorted(now.numbers.values()):
            first = members.get(classes.find(number), number)
            if self._of.get(number) != self._of.get(first):
                yield first, number

    def of(self, number: int) -> int:
        """What stands for the class of an entity that is known."""
        return self._of[number]


class Watch:
    """The bounds that a state sets to all that follow."""

    def __init__(self, start: Abstraction) -> None:
        self._end = start.state.next_id
        connection, access = analysis.connection(start.state), analysis.access(start.state)
        self._subsystems = _Origins(start, connection)
        self._domains = _Origins(start, access)
        #: Parts of subjects, and what stands for the whole.
        self._subjects = {
            number: connection.find(number)
            for entity, number in start.numbers.items()
            if entity.kind in PARTS or entity.kind is CapType.TCB
        }
        self._bounds = self._authority(start, connection)
        self._seen = start
        #: How many states that differ were looked at.
        self.states = 1

    def check(self, now: Abstraction) -> list[Violation]:
        """What the present state shows that it must not."""
        if now is self._seen:
            return []
        self._seen = now
        self.states += 1
        connection, access = analysis.connection(now.state), analysis.access(now.state)
        return [
            *self._joined(now, connection, self._subsystems, "R6.25"),
            *self._gains(now, connection),
            *self._joined(now, access, self._domains, "R6.39"),
        ]

    def _authority(self, state: Abstraction, classes: Classes) -> _Authority:
        rights: _Authority = {}
        for holder, capability in state.state.all_caps():
            if capability.entity < self._end:
                target = self._subjects.get(capability.entity, capability.entity)
                key = classes.find(holder), target
                rights[key] = rights.get(key, NO_RIGHTS) | capability.rights
        return rights

    @staticmethod
    def _joined(
        now: Abstraction, classes: Classes, origins: _Origins, rule: str
    ) -> Iterator[Violation]:
        what = "are connected" if rule == "R6.25" else "can exchange information"
        for one, other in origins.joined(now, classes, origins.of_groups(now, classes)):
            names = f"the {now.name_of(one)} and the {now.name_of(other)}"
            yield Violation(rule, f"{names} {what}, and were not")

    def _gains(self, now: Abstraction, classes: Classes) -> Iterator[Violation]:
        members = self._subsystems.of_groups(now, classes)
        for (group, target), rights in self._authority(now, classes).items():
            if group not in members:
                continue
            member = members[group]
            bound = self._bounds.get((self._subsystems.of(member), target), NO_RIGHTS)
            if rights not in bound:
                gained = rights_text(rights & ~bound)
                yield Violation(
                    "R6.31",
                    f"the subsystem of the {now.name_of(member)} has gained {gained} over the "
                    f"{now.name_of(target)}",
                )
