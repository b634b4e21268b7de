# SPDX-License-Identifier: BSD-2-Clause
"""The compiled loops on raw bytes and small arrays, where their callers check little."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from kernel.policy import native

ENTITIES = 12
BITS = {"R": 1, "W": 2, "G": 4, "C": 8}
Line = tuple[int, int, int]
Parse = Callable[[bytes], tuple[int, int, list[Line]]]


@pytest.fixture
def parse() -> Parse:
    """Parses bytes after a byte that is no part of them; kind, place, and what was filled in."""
    bits = np.zeros(256, np.uint8)
    for letter, bit in BITS.items():
        bits[ord(letter)] = bit

    def run(text: bytes) -> tuple[int, int, list[Line]]:
        data = np.frombuffer(b"!" + text, np.uint8)
        room = text.count(b"\n") + 1
        arrays = [np.full(room, -7, np.int32) for _ in range(3)]
        kind, place = native.parse(data, 1, ENTITIES, bits, *arrays)
        count = int(place) if kind == native.GOOD else 0
        lines = [tuple(int(array[n]) for array in arrays) for n in range(count)]
        return int(kind), int(place), [(one, two, three) for one, two, three in lines]

    return run


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n\n # only a comment\n", []),
        (b"0 1 R", [(0, 1, 1)]),
        (b"0 1 -\n", [(0, 1, 0)]),
        (b" \t11\t0  CGWR \r\n", [(11, 0, 15)]),
        (b"0 1 R#behind\n2 3 W # more\n", [(0, 1, 1), (2, 3, 2)]),
        (b"0 1 -#behind", [(0, 1, 0)]),
        (b"007 0 G\n", [(7, 0, 4)]),
        (b"# \xff\x00 any byte\n1 1 C", [(1, 1, 8)]),
    ],
)
def test_what_is_read(parse: Parse, text: bytes, lines: list[Line]) -> None:
    """Blanks, comments, carriage returns and a missing last line break change nothing."""
    assert parse(text) == (native.GOOD, len(lines), lines)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"x", native.NOT_A_NUMBER),
        (b"0", native.NOT_A_NUMBER),
        (b"0\n1 R", native.NOT_A_NUMBER),
        (b"-1 0 R", native.NOT_A_NUMBER),
        (b"0 x R", native.NOT_A_NUMBER),
        (b"\x00 0 R", native.NOT_A_NUMBER),
        (b"\xff\xfe 0 R", native.NOT_A_NUMBER),
        (b"12 0 R", native.NO_SUCH_ENTITY),
        (b"0 12 R", native.NO_SUCH_ENTITY),
        (b"12 x R", native.NO_SUCH_ENTITY),
        (b"9" * 40 + b" 0 R", native.NO_SUCH_ENTITY),
        (b"18446744073709551616 0 R", native.NO_SUCH_ENTITY),
        (b"0 1", native.BAD_RIGHTS),
        (b"0 1 #", native.BAD_RIGHTS),
        (b"0 1 RR", native.BAD_RIGHTS),
        (b"0 1 r", native.BAD_RIGHTS),
        (b"0 1 RX", native.BAD_RIGHTS),
        (b"0 1 \xff", native.BAD_RIGHTS),
        (b"0 1 R R", native.MORE_TEXT),
        (b"0 1 -R", native.MORE_TEXT),
        (b"0 1 R\x00", native.MORE_TEXT),
        (b"0 1 R \x00", native.MORE_TEXT),
        (b"0 1 R\r\r x", native.MORE_TEXT),
    ],
)
@pytest.mark.parametrize("before", [b"", b"0 1 R\n", b"# a\n\n"])
def test_mistakes_and_their_places(parse: Parse, before: bytes, line: bytes, kind: int) -> None:
    """The first mistake is reported with the place of its line."""
    assert parse(before + line + b"\n?\n") == (kind, 1 + len(before), [])


def test_any_bytes_end(parse: Parse) -> None:
    """Random bytes of the alphabet give a result: a mistake in the text, or lines in range."""
    source = random.Random(5)
    kinds = set()
    for _ in range(3000):
        text = bytes(source.choices(b"0123 \n\t#-RWGCx\xff\x00", k=source.randint(0, 12)))
        kind, place, lines = parse(text)
        kinds.add(kind)
        assert place <= 1 + len(text)
        for holder, target, rights in lines:
            assert holder < ENTITIES and target < ENTITIES and rights < 16
    assert kinds == set(range(5))


def _components(entities: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The least member of each entity's component, by repeated spreading."""
    least = list(range(entities))
    while True:
        before = list(least)
        for one, other in edges:
            least[one] = least[other] = min(least[one], least[other])
        if least == before:
            return least


@pytest.mark.parametrize("seed", range(20))
def test_components_and_their_trees(seed: int) -> None:
    """Union-find agrees with spreading; the joining edges are a forest with right depths."""
    source = random.Random(seed)
    entities, count = source.randint(1, 12), source.randint(0, 16)
    holders = np.array([source.randrange(entities) for _ in range(count)], np.int32)
    targets = np.array([source.randrange(entities) for _ in range(count)], np.int32)
    wanted = np.array([source.random() < 0.7 for _ in range(count)], np.bool_)
    parents, sizes = np.arange(entities, dtype=np.int32), np.ones(entities, np.int32)
    joining = native.join_all(parents, sizes, holders, targets, wanted)
    used = [(int(holders[n]), int(targets[n])) for n in range(count) if wanted[n]]
    least = _components(entities, used)
    same = [[one == other for other in least] for one in least]
    assert [[one == other for other in parents] for one in parents] == same
    assert not (joining & ~wanted).any()
    assert joining.sum() == entities - len(set(least)), "a forest has no edge too many"
    edges = np.flatnonzero(joining)
    offsets, touching = native.adjacency(entities, holders, targets, edges)
    depth, upward = native.root_trees(parents, offsets, touching, holders, targets)
    for entity in range(entities):
        if parents[entity] == entity:
            assert (depth[entity], upward[entity]) == (0, -1)
            continue
        ends = {int(holders[upward[entity]]), int(targets[upward[entity]])}
        (above,) = ends - {entity}
        assert joining[upward[entity]] and depth[entity] == depth[above] + 1


@pytest.mark.parametrize("values", [[], [0], [3, 1, 3, 0, 3, 1]])
def test_index_by_value(values: list[int]) -> None:
    """Each value leads to its positions in order."""
    offsets, order = native.index_by(np.array(values, np.int32), 5)
    for value in range(5):
        expected = [position for position, found in enumerate(values) if found == value]
        assert list(order[offsets[value] : offsets[value + 1]]) == expected
