# SPDX-License-Identifier: BSD-2-Clause
"""Every refusal of every method as one table, in the order of checking.

A row stands for one entry of the list of errors in docs/SYSCALLS.md. Where it can, the call of a
row also breaks the rules of later rows, so that the order of the checks shows. Words and
capabilities are numbers or the names of slots of a `Stage`.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from kernel.abi import Error, Label
from tests.kernel.requirements.stage import (
    BLOCKED_AT,
    FREE_AT,
    MAPPED_AT,
    Stage,
    Word,
)

Words = tuple[Word, ...]
TARGET_SLOT: Final = "target slot"
SOURCE_SLOT: Final = "source slot"
KERNEL_AT: Final = 0xF000_0000
#: A CNode of 16 slots with a guard of 31 bits would need 35; one of 17 bits that is not zero.
GUARD_TOO_LONG: Final = 1 << 31 | 31 << 3
GUARD_TOO_WIDE: Final = 1 << 31 | 1 << 8 | 17 << 3
GUARD: Final = 1 << 31 | 3 << 8 | 4 << 3


class Call(NamedTuple):
    """An invocation: what is invoked, message words, extra capabilities."""

    target: Word
    words: Words = ()
    caps: Words = ()


class Row(NamedTuple):
    """One check: its error, the calls that it refuses, and what must be done on the stage first."""

    error: Error
    calls: tuple[Call, ...]
    details: tuple[int, ...] = ()
    prepare: Callable[[Stage], None] = Stage.nothing_more


class Slots(NamedTuple):
    """The lookup of a slot argument: word `at` is the index, the next one the depth.

    `root` is the number of the extra capability from which it starts, None: the invoked one.
    """

    kind: str
    call: Call
    at: int
    root: int | None
    zero_depth: bool = False

    @property
    def rows(self) -> Iterator[Row]:
        """The failures of such a lookup (ABI 7.2)."""
        side = int(self.kind == SOURCE_SLOT)
        if self.root is not None:
            yield Row(Error.FAILED_LOOKUP, (self.with_root("tcb"),), (side, 1))
        for depth in (33, 0)[: 1 if self.zero_depth else 2]:
            yield Row(Error.RANGE_ERROR, (self.with_slot(2, depth),), (1, 32))
        yield Row(Error.FAILED_LOOKUP, (self.with_slot(2, 16),), (side, 4, 16, 0, 16))
        yield Row(Error.FAILED_LOOKUP, (self.with_slot(0, 16),), (side, 3, 16, 32))
        early = self.with_root("cnode_cap")
        yield Row(
            Error.FAILED_LOOKUP, (self._replace(call=early).with_slot(0, 8),), (side, 3, 4, 0)
        )

    def with_slot(self, index: int, depth: int) -> Call:
        """The call with another slot argument."""
        words = (*self.call.words[: self.at], index, depth, *self.call.words[self.at + 2 :])
        return self.call._replace(words=words)

    def with_root(self, name: str) -> Call:
        """The call with another root of the lookup."""
        if self.root is None:
            return self.call._replace(target=name)
        caps = tuple(name if n == self.root else cap for n, cap in enumerate(self.call.caps))
        return self.call._replace(caps=caps)


Entry = Row | Slots


def row(error: Error, *calls: Call, details: tuple[int, ...] = ()) -> Row:
    """A row without preparation."""
    return Row(error, calls, details)


def _truncated(*calls: Call) -> Row:
    return row(Error.TRUNCATED_MESSAGE, *calls)


def _illegal(*calls: Call) -> Row:
    return row(Error.ILLEGAL_OPERATION, *calls)


def _unfit(index: int, *calls: Call) -> Row:
    return row(Error.INVALID_CAPABILITY, *calls, details=(index,))


def _argument(index: int, *calls: Call) -> Row:
    return row(Error.INVALID_ARGUMENT, *calls, details=(index,))


def _range(low: int, high: int, *calls: Call) -> Row:
    return row(Error.RANGE_ERROR, *calls, details=(low, high))


def _lookup(details: tuple[int, ...], *calls: Call) -> Row:
    return row(Error.FAILED_LOOKUP, *calls, details=details)


ROOT: Final = ("root",)
VSPACE: Final = ("vspace",)
DEPTH_LIMIT: Final = (0, 127)

# Untyped ----------------------------------------------------------------------------------------

_RETYPE: Final = Call("untyped", (2, 0, "root", 32, "free", 1), ROOT)


def _retype(*words: Word, target: str = "untyped", caps: Words = ROOT) -> Call:
    return Call(target, words, caps)


_RETYPE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(_retype(11, 99, 0, 0, 70000), _retype(2, 0, 0, 0, "free", 1, caps=())),
    _argument(0, _retype(11, 99, "tcb", 33, 70000, 0)),
    _range(0, 30, _retype(4, 31, "tcb", 33, 70000, 0), _retype(2, 31, 0, 0, "free", 1)),
    _argument(1, _retype(4, 0, "tcb", 33, 70000, 0)),
    _argument(1, _retype(0, 3, "tcb", 33, 70000, 0)),
    Slots(TARGET_SLOT, _RETYPE, 2, 0, zero_depth=True),
    _lookup((0, 2, 32), _retype(2, 0, "tcb", 32, 70000, 0)),
    _range(0, 65535, _retype(2, 0, 0, 0, 65536, 0)),
    _range(1, 256, _retype(2, 0, 0, 0, 65535, 0), _retype(2, 0, 0, 0, 65535, 257)),
    _range(1, 1, _retype(2, 0, 0, 0, 65535, 2)),
    row(Error.DELETE_FIRST, _retype(8, 0, 0, 0, "tcb", 1, target="used_untyped")),
    row(Error.REVOKE_FIRST, _retype(8, 0, 0, 0, "free", 1, target="used_untyped")),
    row(
        Error.NOT_ENOUGH_MEMORY,
        _retype(8, 0, 0, 0, "free", 1),
        _retype(5, 0, 0, 0, "free", 17),
        details=(1 << 16,),
    ),
    _range(*DEPTH_LIMIT, _retype(2, 0, 0, 0, "free", 1, target="deep_untyped")),
)

# TCB --------------------------------------------------------------------------------------------


def _bad_buffers(target: str, words: Words, caps: Words) -> tuple[Entry, ...]:
    """Refusals of an IPC buffer: the last word is its address, the last capability its frame."""

    def call(frame: str, address: int) -> Call:
        return Call(target, (*words, address), (*caps, frame))

    return (
        row(Error.REVOKE_FIRST, call("used_untyped", 4)),
        _illegal(*(call(name, 4) for name in ("tcb", "irq_control", "pt", "pd", "device"))),
        row(Error.ALIGNMENT_ERROR, call("buffer_frame", 4)),
        _range(*DEPTH_LIMIT, call("deep_frame", 0x1000)),
    )


def _bad_roots(words: Callable[[int], Words], *more: Word) -> tuple[Entry, ...]:
    """Refusals of a CSpace and a VSpace root; `words` takes the CSpace's capData."""

    def call(cspace: str, vspace: str, data: int = 0) -> Call:
        return Call("target", words(data), (cspace, vspace, *more))

    return (
        _illegal(call("cnode_cap", "tcb", GUARD_TOO_LONG), call("ep_badged", "tcb", 1)),
        _range(0, 16, call("cnode_cap", "tcb", GUARD_TOO_WIDE)),
        row(Error.REVOKE_FIRST, call("used_untyped", "tcb")),
        _illegal(call("tcb", "tcb"), call("irq_control", "tcb"), call("pt", "tcb")),
        row(Error.REVOKE_FIRST, call("root", "used_untyped")),
        _illegal(call("root", "tcb"), call("root", "pd"), call("root", "irq_control")),
        _range(*DEPTH_LIMIT, call("deep_cnode", "vspace"), call("root", "deep_pd")),
    )


_TOO_HIGH: Final = Row(
    Error.ILLEGAL_OPERATION,
    (Call("target", (0, 51, 0, 0, 4), ("tcb", "tcb", "tcb")),),
    prepare=Stage.lower_priority,
)
_CONFIGURE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(
        Call("target", (0, 255, 0, 0), ("tcb", "tcb", "tcb")),
        Call("target", (0, 255, 0, 0, 4), ("tcb", "tcb")),
    ),
    _TOO_HIGH,
    *_bad_buffers("target", (0, 100, 0, 0), ("root", "vspace"))[:3],
    *_bad_roots(lambda data: (0, 100, data, 0, 0), "buffer_frame")[:6],
    _range(
        *DEPTH_LIMIT,
        Call("target", (0, 100, 0, 0, 0), ("deep_cnode", "vspace", "buffer_frame")),
        Call("target", (0, 100, 0, 0, 0), ("root", "deep_pd", "buffer_frame")),
        Call("target", (0, 100, 0, 0, 0x1000), ("root", "vspace", "deep_frame")),
    ),
)

# CNode ------------------------------------------------------------------------------------------

_SLOT: Final = Call("root", ("free", 32))


def _one_slot(*more: Entry) -> tuple[Entry, ...]:
    return (_truncated(Call("root", (2,))), Slots(TARGET_SLOT, _SLOT, 0, None), *more)


def _copying(source: Word, *rest: Word) -> Call:
    return Call("root", ("free", 32, source, 32, *rest), ROOT)


def _two_slots(*rest: Word) -> tuple[Entry, ...]:
    """The checks that Copy, Mint, Imitate, Move and Mutate share; `rest`: the words behind them."""
    call = _copying("frame", *rest)
    words = call.words
    late = (_truncated(_copying("irq_control", *rest[:-1])),) if rest else ()
    return (
        _truncated(Call("root", (2,), ROOT)),
        Slots(TARGET_SLOT, call, 0, None),
        _truncated(Call("root", ("tcb", 32, "nothing"), ROOT), Call("root", words, ())),
        row(Error.DELETE_FIRST, Call("root", ("tcb", 32, "nothing", 33), ROOT)),
        Slots(SOURCE_SLOT, call, 2, 0),
        _lookup((1, 2, 32), Call("root", ("free", 32, "nothing", 32), ROOT)),
        *late,
    )


def _uncopied(*rest: Word) -> tuple[Row, ...]:
    return (
        _illegal(*(_copying(name, *rest) for name in ("irq_control", "reply", "pt", "pd"))),
        row(Error.REVOKE_FIRST, _copying("used_untyped", *rest)),
    )


def _rotating(target: Word, pivot: Word, source: Word, data: int = 0) -> Call:
    return Call("root", (target, 32, 0, pivot, 32, data, source, 32), ROOT * 2)


_ROTATE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("root", (2,), ROOT)),
    Slots(TARGET_SLOT, _rotating("free", "frame", "spare"), 0, None),
    _truncated(
        Call("root", ("tcb", 32, 0, "tcb", 32, 0, "tcb"), ROOT * 2),
        Call("root", ("tcb", 32, 0, "tcb", 33, 0, "tcb", 33), ROOT),
    ),
    Slots(SOURCE_SLOT, _rotating("tcb", "tcb", "free"), 6, 1),
    Slots(SOURCE_SLOT, _rotating("tcb", "free", "nothing"), 3, 0),
    _illegal(_rotating("tcb", "tcb", "nothing"), _rotating("tcb", "nothing", "nothing")),
    row(Error.DELETE_FIRST, _rotating("tcb", "free", "nothing")),
    _lookup((1, 2, 32), _rotating("free", "null", "nothing")),
    _lookup((0, 2, 32), _rotating("free", "nothing", "ep")),
    _illegal(_rotating("free", "frame", "ep"), _rotating("free", "ep", "frame")),
    _range(0, 16, _rotating("free", "frame", "cnode_cap", GUARD_TOO_WIDE)),
)

# Address spaces ---------------------------------------------------------------------------------


def _on_range(target: str, start: int, end: int) -> Call:
    return Call(target, (start, end))


_PAGE_CACHE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("frame", (5,))),
    _illegal(_on_range("frame", 5, 5)),
    _lookup((0, 1), _on_range("dead_section", 5, 5)),
    _argument(1, _on_range("mapped", 4096, 4096), _on_range("mapped", 5, 4)),
    _argument(0, _on_range("mapped", 4096, 4097), _on_range("mapped", 0, 4097)),
)
_PD_CACHE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("pd", (5,))),
    _argument(1, _on_range("pd", KERNEL_AT, KERNEL_AT), _on_range("pd", 5, 4)),
    _illegal(_on_range("pd", KERNEL_AT, KERNEL_AT + 1), _on_range("pd", 0, KERNEL_AT + 1)),
    _unfit(0, _on_range("pd", 0, 1)),
    _lookup((0, 1), _on_range("pd_dead", 0, 1)),
    _unfit(0, _on_range("pd_stale", 0, 1)),
    _range(MAPPED_AT, MAPPED_AT + 0xFFF, _on_range("vspace", MAPPED_AT, MAPPED_AT + 0x1001)),
)


def _mapping(
    target: str, vaddr: int, directory: str = "vspace", *more: Word, words: int = 3
) -> Call:
    return Call(target, (vaddr, 3, 3)[:words], (directory, *more))


_PAGE_MAP_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(_mapping("mapped", 1, "tcb", words=2), Call("mapped", (1, 3, 3))),
    _unfit(0, _mapping("mapped", KERNEL_AT, "tcb")),
    _unfit(1, _mapping("frame", KERNEL_AT, "tcb"), _mapping("frame", KERNEL_AT, "pd")),
    _lookup((0, 1), _mapping("frame", KERNEL_AT, "pd_dead")),
    _unfit(1, _mapping("frame", KERNEL_AT, "pd_stale")),
    _argument(0, _mapping("frame", KERNEL_AT + 4), _mapping("section", KERNEL_AT - 0x8_0000)),
    row(Error.ALIGNMENT_ERROR, _mapping("frame", FREE_AT + 4), _mapping("section", MAPPED_AT + 4)),
    _lookup((0, 2, 20), _mapping("frame", FREE_AT), _mapping("large_free", FREE_AT)),
    row(
        Error.DELETE_FIRST,
        _mapping("frame", BLOCKED_AT),
        _mapping("large_free", MAPPED_AT),
        _mapping("section", MAPPED_AT),
    ),
)
_REMAP_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("frame", (3,), ("tcb",)), Call("frame", (3, 3))),
    _unfit(1, Call("frame", (3, 3), ("tcb",)), Call("frame", (3, 3), ("pd",))),
    _unfit(0, Call("frame", (3, 3), ("pd_dead",))),
    _lookup((0, 1), Call("dead_section", (3, 3), VSPACE), Call("mapped", (3, 3), ("pd_dead",))),
    _unfit(1, Call("mapped", (3, 3), ("pd_stale",))),
    _unfit(1, Call("elsewhere", (3, 3), VSPACE)),
    _lookup((0, 2, 20), Call("lost", (3, 3), VSPACE)),
    row(Error.DELETE_FIRST, Call("blocked", (3, 3), VSPACE)),
)
_WITH_TABLE_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(
        _mapping("mapped", 1, "tcb", "tcb", words=2),
        _mapping("mapped", 1, "tcb"),
    ),
    _unfit(0, _mapping("mapped", KERNEL_AT, "tcb", "tcb")),
    _unfit(1, _mapping("frame", KERNEL_AT, "tcb", "tcb")),
    _unfit(2, _mapping("frame", KERNEL_AT, "pd_dead", "tcb")),
    _unfit(2, _mapping("frame", KERNEL_AT, "pd_dead", "pt_used")),
    _lookup((0, 1), _mapping("frame", KERNEL_AT, "pd_dead", "pt")),
    _unfit(1, _mapping("frame", KERNEL_AT, "pd_stale", "pt")),
    _argument(0, _mapping("section", KERNEL_AT + 4, "vspace", "pt")),
    row(Error.ALIGNMENT_ERROR, _mapping("section", MAPPED_AT + 4, "vspace", "pt")),
    _illegal(_mapping("section", MAPPED_AT, "vspace", "pt")),
    row(Error.DELETE_FIRST, _mapping("frame", MAPPED_AT, "vspace", "pt")),
)
_TABLE_MAP_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(_mapping("pt_used", 1, "tcb", words=1), Call("pt_used", (1, 3))),
    _unfit(0, _mapping("pt_used", KERNEL_AT, "tcb", words=2)),
    _unfit(1, *(_mapping("pt", KERNEL_AT, name, words=2) for name in ("tcb", "pd"))),
    _argument(0, _mapping("pt", KERNEL_AT, "pd_dead", words=2)),
    _lookup((0, 1), _mapping("pt", MAPPED_AT, "pd_dead", words=2)),
    _unfit(1, _mapping("pt", MAPPED_AT, "pd_stale", words=2)),
    row(Error.DELETE_FIRST, _mapping("pt", MAPPED_AT, words=2)),
)

# ASIDs, interrupts, domains ---------------------------------------------------------------------

_MAKE_POOL: Final = Call("asid_control", ("free", 32), ("page4k_free", "root"))
_MAKE_POOL_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(
        Call("asid_control", ("tcb",), ("tcb", "tcb")),
        Call("asid_control", ("tcb", 33), ("tcb",)),
    ),
    Row(
        Error.DELETE_FIRST,
        (Call("asid_control", ("tcb", 33), ("tcb", "tcb")),),
        prepare=Stage.use_last_pool,
    ),
    _unfit(1, *(Call("asid_control", ("tcb", 33), (name, "tcb")) for name in ("tcb", "untyped"))),
    row(Error.REVOKE_FIRST, Call("asid_control", ("tcb", 33), ("page4k", "tcb"))),
    Slots(TARGET_SLOT, _MAKE_POOL, 0, 1),
    row(Error.DELETE_FIRST, Call("asid_control", ("tcb", 32), ("deep_untyped", "root"))),
    _range(*DEPTH_LIMIT, Call("asid_control", ("free", 32), ("deep_untyped", "root"))),
)
_ASSIGN_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("pool_full")),
    _unfit(1, Call("pool_full", (), ("tcb",)), Call("pool_full", (), VSPACE)),
    Row(Error.FAILED_LOOKUP, (Call("pool", (), ("pd",)),), (0, 1), Stage.lose_pool),
    Row(Error.INVALID_CAPABILITY, (Call("pool", (), ("pd",)),), (0,), Stage.replace_pool),
    row(Error.DELETE_FIRST, Call("pool_full", (), ("pd",))),
)
_GET: Final = Call("irq_control", (46, "free", 32), ROOT)
_GET_ROWS: Final[tuple[Entry, ...]] = (
    _truncated(Call("irq_control", (64, 2), ROOT), Call("irq_control", (64, 2, 33))),
    _range(0, 63, Call("irq_control", (64, 2, 33), ROOT)),
    row(
        Error.REVOKE_FIRST,
        Call("irq_control", (45, 2, 33), ROOT),
        Call("irq_control", (28, 2, 33), ROOT),
    ),
    Slots(TARGET_SLOT, _GET, 1, 0),
    row(Error.DELETE_FIRST, Call("irq_control", (46, "tcb", 32), ROOT)),
)
_PAGE_CACHE: Final = (
    Label.PAGE_CLEAN_DATA,
    Label.PAGE_INVALIDATE_DATA,
    Label.PAGE_CLEAN_INVALIDATE_DATA,
    Label.PAGE_UNIFY_INSTRUCTION,
)
_PD_CACHE: Final = (
    Label.PD_CLEAN_DATA,
    Label.PD_INVALIDATE_DATA,
    Label.PD_CLEAN_INVALIDATE_DATA,
    Label.PD_UNIFY_INSTRUCTION,
)

#: Label -> its checks in order. A method that is not here refuses nothing of its own.
REFUSALS: Final[dict[Label, tuple[Entry, ...]]] = {
    Label.UNTYPED_RETYPE: _RETYPE_ROWS,
    Label.TCB_READ_REGISTERS: (
        _truncated(Call("tcb", (0,))),
        _range(1, 17, Call("tcb", (0, 0)), Call("tcb", (0, 18))),
        _illegal(Call("tcb", (0, 17))),
    ),
    Label.TCB_WRITE_REGISTERS: (
        _truncated(Call("tcb", (0,)), Call("tcb", (0, 3, 1, 2)), Call("tcb", (0, 1 << 31, 1))),
        _illegal(Call("tcb", (0, 1, 0))),
    ),
    Label.TCB_COPY_REGISTERS: (
        _truncated(Call("target", (), ("other_tcb",)), Call("target", (15,))),
        _unfit(1, Call("target", (15,), ROOT), Call("target", (15,), ("nothing",))),
    ),
    Label.TCB_CONFIGURE: _CONFIGURE_ROWS,
    Label.TCB_SET_PRIORITY: (
        _truncated(Call("target")),
        Row(
            Error.ILLEGAL_OPERATION,
            (Call("target", (51,)), Call("target", (0x1FF,))),
            prepare=Stage.lower_priority,
        ),
    ),
    Label.TCB_SET_IPC_BUFFER: (
        _truncated(Call("target", (), ("tcb",)), Call("target", (4,))),
        *_bad_buffers("target", (), ()),
    ),
    Label.TCB_SET_SPACE: (
        _truncated(
            Call("target", (0, 0), ("tcb", "tcb")),
            Call("target", (0, 0, 0), ("tcb",)),
        ),
        *_bad_roots(lambda data: (0, data, 0)),
    ),
    Label.CNODE_REVOKE: _one_slot(),
    Label.CNODE_DELETE: _one_slot(),
    Label.CNODE_RECYCLE: _one_slot(
        _illegal(*(Call("root", (n, 32)) for n in ("nothing", "ep_read", "domain", "reply"))),
        _illegal(Call("root", ("ep_copy", 32))),
        _illegal(Call("root", ("imitated", 32))),
    ),
    Label.CNODE_COPY: (
        *_two_slots(7),
        *_uncopied(7),
        _range(*DEPTH_LIMIT, _copying("deep_ep", 7)),
    ),
    Label.CNODE_MINT: (
        *_two_slots(7, 0),
        _illegal(
            _copying("ep_badged", 7, 6),
            _copying("cnode_cap", 7, GUARD_TOO_LONG),
        ),
        _range(0, 16, _copying("cnode_cap", 7, GUARD_TOO_WIDE)),
        *_uncopied(7, 0),
        _range(*DEPTH_LIMIT, _copying("deep_ep", 7, 6)),
    ),
    Label.CNODE_IMITATE: (*_two_slots(), _illegal(_copying("used_untyped")), _uncopied()[0]),
    Label.CNODE_MOVE: _two_slots(),
    Label.CNODE_MUTATE: (
        *_two_slots(0),
        _illegal(_copying("ep", 6), _copying("aep", 6), _copying("cnode_cap", GUARD_TOO_LONG)),
        _range(0, 16, _copying("cnode_cap", GUARD_TOO_WIDE)),
    ),
    Label.CNODE_ROTATE: _ROTATE_ROWS,
    Label.CNODE_SAVE_CALLER: _one_slot(row(Error.DELETE_FIRST, Call("root", ("tcb", 32)))),
    Label.IRQ_CONTROL_GET: _GET_ROWS,
    Label.IRQ_CONTROL_CONTROL: (_illegal(Call("irq_control")),),
    Label.IRQ_HANDLER_SET_ENDPOINT: (
        _truncated(Call("irq")),
        _unfit(0, *(Call("irq", (), (name,)) for name in ("tcb", "ep", "aep_read"))),
        _range(*DEPTH_LIMIT, Call("irq", (), ("deep_aep",))),
    ),
    Label.DOMAIN_SET_SET: (
        _truncated(Call("domain")),
        _argument(0, Call("domain", (1,))),
        _truncated(Call("domain", (0,))),
        _argument(1, Call("domain", (0,), ROOT)),
    ),
    **dict.fromkeys(_PD_CACHE, _PD_CACHE_ROWS),
    Label.PAGE_TABLE_MAP: _TABLE_MAP_ROWS,
    Label.PAGE_TABLE_UNMAP: (row(Error.REVOKE_FIRST, Call("pt_shared")),),
    Label.PAGE_MAP: _PAGE_MAP_ROWS,
    Label.PAGE_REMAP: _REMAP_ROWS,
    **dict.fromkeys(_PAGE_CACHE, _PAGE_CACHE_ROWS),
    Label.ASID_CONTROL_MAKE_POOL: _MAKE_POOL_ROWS,
    Label.ASID_POOL_ASSIGN: _ASSIGN_ROWS,
    Label.PAGE_MAP_WITH_TABLE: _WITH_TABLE_ROWS,
}

#: Label -> a call that succeeds on the stage.
SUCCESSES: Final[dict[Label, Call]] = {
    Label.UNTYPED_RETYPE: Call("untyped", (2, 0, 0, 0, "free", 1), ROOT),
    Label.TCB_READ_REGISTERS: Call("target", (0, 17)),
    Label.TCB_WRITE_REGISTERS: Call("target", (0, 2, 0x1000, 0x2000)),
    Label.TCB_COPY_REGISTERS: Call("target", (12,), ("tcb",)),
    Label.TCB_CONFIGURE: Call("target", (0, 100, 0, 0, 0x1000), ("root", "vspace", "buffer_frame")),
    Label.TCB_SET_PRIORITY: Call("target", (5,)),
    Label.TCB_SET_IPC_BUFFER: Call("target", (0x1000,), ("buffer_frame",)),
    Label.TCB_SET_SPACE: Call("target", (0, 0, 0), ("root", "vspace")),
    Label.TCB_SUSPEND: Call("target"),
    Label.TCB_RESUME: Call("target"),
    Label.CNODE_REVOKE: Call("root", ("ep", 32)),
    Label.CNODE_DELETE: Call("root", ("ep_copy", 32)),
    Label.CNODE_RECYCLE: Call("root", ("ep", 32)),
    Label.CNODE_COPY: _copying("ep", 7),
    Label.CNODE_MINT: _copying("ep", 7, 9),
    Label.CNODE_MOVE: _copying("irq_control"),
    Label.CNODE_MUTATE: _copying("cnode_cap", GUARD),
    Label.CNODE_ROTATE: _rotating("free", "frame", "spare"),
    Label.CNODE_SAVE_CALLER: _SLOT,
    Label.IRQ_CONTROL_GET: _GET,
    Label.IRQ_HANDLER_ACK: Call("irq"),
    Label.IRQ_HANDLER_SET_ENDPOINT: Call("irq", (), ("aep",)),
    Label.IRQ_HANDLER_CLEAR: Call("irq"),
    Label.DOMAIN_SET_SET: Call("domain", (0,), ("target",)),
    **dict.fromkeys(_PD_CACHE, _on_range("vspace", MAPPED_AT, MAPPED_AT + 0x1000)),
    Label.PAGE_TABLE_MAP: _mapping("pt", FREE_AT, words=2),
    Label.PAGE_TABLE_UNMAP: Call("pt_used"),
    Label.PAGE_MAP: _mapping("frame", MAPPED_AT + 0x1000),
    Label.PAGE_REMAP: Call("mapped", (2, 3), VSPACE),
    Label.PAGE_UNMAP: Call("mapped"),
    **dict.fromkeys(_PAGE_CACHE, _on_range("mapped", 0, 4096)),
    Label.PAGE_GET_ADDRESS: Call("frame"),
    Label.ASID_CONTROL_MAKE_POOL: _MAKE_POOL,
    Label.ASID_POOL_ASSIGN: Call("pool", (), ("pd",)),
    Label.CNODE_IMITATE: _copying("ep"),
    Label.PAGE_MAP_WITH_TABLE: _mapping("frame", FREE_AT, "vspace", "pt"),
}
