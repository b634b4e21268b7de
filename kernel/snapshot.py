# SPDX-License-Identifier: BSD-2-Clause
"""A picture of the live capability state, as text in the manner of capDL.

Three sections: the objects that some capability names, the capabilities by the slots that hold
them, and the derivation tree (indentation is depth). Neighbours that follow from each other, such
as a row of device frames, share one line. Nothing is changed, and nothing but the list in guest
memory is looked at, so the picture shows what the kernel itself goes by.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from kernel import abi, layout, limits
from kernel.layout import CapType, QueueState, VmRights
from kernel.object import irq, mdb, queue, reply, zombie
from kernel.object.capability import (
    Cap,
    cnode_guard_size,
    cnode_radix,
    frame_size_bits,
    object_address,
    object_bytes,
    read_cap,
)
from kernel.schedule import thread_state
from kernel.state import State
from kernel.thread import all_threads, debug_name

INDENT: Final = "  "
_PREFIXES: Final = {
    CapType.UNTYPED: "ut",
    CapType.ENDPOINT: "ep",
    CapType.ASYNC_ENDPOINT: "aep",
    CapType.REPLY: "reply",
    CapType.CNODE: "cnode",
    CapType.TCB: "tcb",
    CapType.FRAME: "frame",
    CapType.PAGE_TABLE: "pt",
    CapType.PAGE_DIRECTORY: "pd",
    CapType.ASID_POOL: "asid_pool",
    CapType.IRQ_HANDLER: "irq",
    CapType.ZOMBIE: "zombie",
}
_TCB_SLOT_NAMES: Final = {
    layout.TCB_CTABLE: "cspace",
    layout.TCB_VTABLE: "vspace",
    layout.TCB_REPLY: "reply",
    layout.TCB_CALLER: "caller",
    layout.TCB_BUFFER: "ipc_buffer",
}
_VM_RIGHTS: Final = {VmRights.KERNEL_ONLY: "-", VmRights.READ_ONLY: "R", VmRights.READ_WRITE: "RW"}
_RIGHT_LETTERS: Final = ((abi.RIGHT_READ, "R"), (abi.RIGHT_WRITE, "W"), (abi.RIGHT_GRANT, "G"))
_QUEUE_WORDS: Final = {
    (CapType.ENDPOINT, QueueState.SENDING): "sending",
    (CapType.ENDPOINT, QueueState.RECEIVING): "receiving",
    (CapType.ASYNC_ENDPOINT, QueueState.SENDING): "signalled",
    (CapType.ASYNC_ENDPOINT, QueueState.RECEIVING): "waiting",
}


class Entry(NamedTuple):
    """One capability: its slot, what it is, and its place in the derivation tree."""

    slot: int
    cap: Cap
    depth: int
    is_master: bool


@dataclass(frozen=True, slots=True)
class Container:
    """An object made of slots: where they lie, and how each is called."""

    start: int
    end: int
    name: str
    slot_name: Callable[[int], str]


def object_name(cap: Cap) -> str:
    """The name of what a capability names, the same for all capabilities to one object."""
    prefix = _PREFIXES.get(cap.type)
    match cap.type:
        case CapType.UNTYPED:
            bits = cap.get(layout.UNTYPED_SIZE_BITS)
            return f"{prefix}_{cap.get(layout.UNTYPED_POINTER):08x}_{bits}"
        case CapType.IRQ_HANDLER:
            return f"{prefix}_{cap.get(layout.IRQ_HANDLER_IRQ)}"
        case CapType.ASID_POOL:
            return f"{prefix}_{cap.get(layout.ASID_POOL_BASE)}"
        case CapType.REPLY:
            return f"{prefix}_tcb_{cap.get(layout.REPLY_TCB):08x}"
        case CapType.ZOMBIE:
            kind = layout.ZombieKind(cap.get(layout.ZOMBIE_KIND)).name.lower()
            return f"{prefix}_{kind}_{cap.get(layout.ZOMBIE_POINTER):08x}"
    address = object_address(cap)
    return cap.type.name.lower() if address is None else f"{prefix}_{address:08x}"


# What is said about an object ------------------------------------------------------------------


def _queue_text(ks: State, cap: Cap) -> str:
    endpoint = cap.get(layout.ENDPOINT_POINTER)
    word = _QUEUE_WORDS.get((cap.type, queue.queue_state(ks, endpoint)), "idle")
    if word == "signalled":
        message = ks.load(endpoint + layout.AEP_MESSAGE_OFFSET)
        return f"{word} 0x{message:x}, badge: {ks.load(endpoint + layout.AEP_BADGE_OFFSET)}"
    threads = " ".join(f"tcb_{tcb:08x}" for tcb in queue.members(ks, endpoint))
    return f"{word}: {threads}" if threads else word


def _tcb_text(ks: State, cap: Cap) -> str:
    tcb = cap.get(layout.TCB_POINTER)
    name = debug_name(ks, tcb)
    parts = [f'name: "{name}"'] if name else []
    parts += [
        thread_state(ks, tcb).name.lower(),
        f"prio: {ks.load(tcb + layout.TCB_PRIORITY)}",
        f"ip: 0x{ks.load(tcb + layout.TCB_RESTART_PC):x}",
        f"ipc_buffer: 0x{ks.load(tcb + layout.TCB_IPC_BUFFER):x}",
        f"fault_ep: 0x{ks.load(tcb + layout.TCB_FAULT_HANDLER):x}",
    ]
    return ", ".join(parts)


def _frame_text(ks: State, cap: Cap) -> str:
    text = f"{_size(cap)}, paddr: 0x{cap.get(layout.FRAME_BASE):08x}"
    return f"{text}, device" if cap.get(layout.FRAME_DEVICE) else text


def _size(cap: Cap) -> str:
    size = object_bytes(cap)
    return f"{size >> 20}M" if size >= 1 << 20 else f"{size >> 10}k"


def _untyped_text(ks: State, cap: Cap) -> str:
    physical = layout.physical_address(cap.get(layout.UNTYPED_POINTER))
    return f"{cap.get(layout.UNTYPED_SIZE_BITS)} bits, paddr: 0x{physical:08x}"


_OBJECT_TEXTS: Final[dict[CapType, Callable[[State, Cap], str]]] = {
    CapType.UNTYPED: _untyped_text,
    CapType.ENDPOINT: _queue_text,
    CapType.ASYNC_ENDPOINT: _queue_text,
    CapType.CNODE: lambda ks, cap: f"{cnode_radix(cap)} bits",
    CapType.TCB: _tcb_text,
    CapType.FRAME: _frame_text,
    CapType.PAGE_TABLE: lambda ks, cap: _size(cap),
    CapType.ASID_POOL: lambda ks, cap: f"{cap.get(layout.ASID_POOL_COUNT)} ASIDs",
}


# What is said about a capability ---------------------------------------------------------------


def _mapping(cap: Cap, asid: int, vaddr: int) -> list[str]:
    return [f"asid: {asid}", f"vaddr: 0x{vaddr:08x}"] if asid else []


def _endpoint_params(cap: Cap) -> list[str]:
    rights = cap.get(layout.ENDPOINT_RIGHTS)
    letters = "".join(letter for bit, letter in _RIGHT_LETTERS if rights & bit) or "-"
    badge = cap.get(layout.ENDPOINT_BADGE)
    return [letters, f"badge: {badge}"] if badge else [letters]


def _cnode_params(cap: Cap) -> list[str]:
    size = cnode_guard_size(cap)
    return [f"guard: 0x{cap.get(layout.CNODE_GUARD):x}", f"guard_size: {size}"] if size else []


def _frame_params(cap: Cap) -> list[str]:
    mapping = _mapping(cap, cap.get(layout.FRAME_ASID), cap.get(layout.FRAME_VADDR))
    return [_VM_RIGHTS[VmRights(cap.get(layout.FRAME_RIGHTS))], *mapping]


def _page_table_params(cap: Cap) -> list[str]:
    used = ["used"] if cap.get(layout.PAGE_TABLE_USED) else []
    asid, vaddr = cap.get(layout.PAGE_TABLE_ASID), cap.get(layout.PAGE_TABLE_VADDR)
    return used + _mapping(cap, asid, vaddr)


def _page_directory_params(cap: Cap) -> list[str]:
    asid = cap.get(layout.PAGE_DIRECTORY_ASID)
    return [f"asid: {asid}"] if asid else []


def _untyped_params(cap: Cap) -> list[str]:
    return [f"used: 0x{cap.get(layout.UNTYPED_WATERMARK):x}"]


_CAP_PARAMS: Final[dict[CapType, Callable[[Cap], list[str]]]] = {
    CapType.UNTYPED: _untyped_params,
    CapType.ENDPOINT: _endpoint_params,
    CapType.ASYNC_ENDPOINT: _endpoint_params,
    CapType.CNODE: _cnode_params,
    CapType.FRAME: _frame_params,
    CapType.PAGE_TABLE: _page_table_params,
    CapType.PAGE_DIRECTORY: _page_directory_params,
}


def _in_brackets(name: str, parts: Iterable[str]) -> str:
    text = ", ".join(parts)
    return f"{name} ({text})" if text else name


def cap_text(cap: Cap) -> str:
    """A capability: the object's name, and what this capability itself carries."""
    params = _CAP_PARAMS.get(cap.type)
    return _in_brackets(object_name(cap), params(cap) if params else ())


# Rows of neighbours ----------------------------------------------------------------------------


class Run(NamedTuple):
    """Entries that share a line: the first, the last, and how many they are."""

    first: Entry
    last: Entry
    length: int


def _next_frame(one: Entry, other: Entry) -> bool:
    """Whether `other` is the frame behind that of `one` and otherwise the same."""
    if one.cap.type is not CapType.FRAME or other.cap.type is not CapType.FRAME:
        return False
    following = one.cap.get(layout.FRAME_BASE) + (1 << frame_size_bits(one.cap))
    if following > abi.WORD_MASK or other.cap.get(layout.FRAME_ASID):
        return False
    return other.cap == one.cap.having(layout.FRAME_BASE, following)


def _next_slot(one: Entry, other: Entry) -> bool:
    same_place = one.depth == other.depth and one.is_master == other.is_master
    return same_place and other.slot == one.slot + layout.SLOT_BYTES and _next_frame(one, other)


def runs(entries: Iterable[Entry], follows: Callable[[Entry, Entry], bool]) -> Iterator[Run]:
    """The entries, with each row of followers drawn together."""
    run: Run | None = None
    for entry in entries:
        if run is not None and follows(run.last, entry):
            run = Run(run.first, entry, run.length + 1)
            continue
        if run is not None:
            yield run
        run = Run(entry, entry, 1)
    if run is not None:
        yield run


def _times(run: Run) -> str:
    return f" x {run.length}" if run.length > 1 else ""


# The picture -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Snapshot:
    """All capabilities at one moment, and the containers that hold them."""

    ks: State
    listed: list[Entry] = field(default_factory=list)
    replies: list[Entry] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)

    def __post_init__(self) -> None:
        ks = self.ks
        self.listed = [
            Entry(slot, read_cap(ks, slot), mdb.depth(ks, slot), mdb.is_master(ks, slot))
            for slot in mdb.listed_slots(ks)
        ]
        outstanding = (reply.outstanding(ks, tcb) for tcb in all_threads(ks))
        self.replies = [Entry(slot, read_cap(ks, slot), 0, False) for slot in outstanding if slot]
        found = {made.start: made for entry in self.listed if (made := _container(entry.cap))}
        found[layout.IRQ_NODE] = _irq_node()
        self.containers = [found[start] for start in sorted(found)]

    def container_of(self, slot: int) -> Container | None:
        """The object in which a slot lies."""
        index = bisect_right(self.containers, slot, key=lambda container: container.start) - 1
        found = self.containers[index] if index >= 0 else None
        return found if found and slot < found.end else None

    def slot_text(self, slot: int) -> str:
        """A slot as container and place in it."""
        found = self.container_of(slot)
        return f"({found.name}, {found.slot_name(slot)})" if found else f"(slot 0x{slot:08x})"

    def objects(self) -> Iterator[str]:
        """One line for each object, by name."""
        unique = {object_name(entry.cap): entry for entry in reversed(self.listed)}
        for run in runs((unique[name] for name in sorted(unique)), _next_frame):
            cap = run.first.cap
            kind = _PREFIXES.get(cap.type, cap.type.name.lower())
            text = _OBJECT_TEXTS.get(cap.type)
            parts = [text(self.ks, cap)] if text else []
            yield f"{object_name(cap)} = {_in_brackets(kind, parts)}{_times(run)}"

    def capabilities(self) -> Iterator[str]:
        """The filled slots of each container."""
        last: Container | None = None
        for run in runs(sorted([*self.listed, *self.replies]), _next_slot):
            found = self.container_of(run.first.slot)
            if found is not last:
                yield f"{found.name}:" if found else "elsewhere:"
                last = found
            place = found.slot_name(run.first.slot) if found else f"0x{run.first.slot:08x}"
            if found and run.length > 1:
                place += f"..{found.slot_name(run.last.slot)}"
            yield f"{INDENT}{place}: {cap_text(run.first.cap)}{_times(run)}"

    def derivation(self) -> Iterator[str]:
        """The tree: what stands below and further right was derived from what stands above."""
        for run in runs(self.listed, _next_slot):
            entry = run.first
            tag = " master" if entry.is_master else ""
            text = f"{self.slot_text(entry.slot)} {object_name(entry.cap)}{tag}{_times(run)}"
            yield INDENT * entry.depth + text

    def lines(self) -> Iterator[str]:
        """The whole picture."""
        total = len(self.listed) + len(self.replies)
        yield f"snapshot: {total} capabilities, running: tcb_{self.ks.current:08x}"
        for title, section in (
            ("objects", self.objects()),
            ("caps", self.capabilities()),
            ("cdt", self.derivation()),
        ):
            yield f"{title} {{"
            yield from _limited(section)
            yield "}"


def _limited(section: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(section):
        if number >= limits.SNAPSHOT_SECTION_LINES:
            yield f"{INDENT}... and {1 + sum(1 for _ in section)} more lines"
            return
        yield INDENT + line


def _index(start: int, slot: int) -> str:
    return f"0x{(slot - start) // layout.SLOT_BYTES:x}"


def _container(cap: Cap) -> Container | None:
    """The slots that an object is made of."""
    if cap.type is CapType.TCB:
        return _tcb_container(cap.get(layout.TCB_POINTER), object_name(cap))
    if cap.type is CapType.CNODE:
        start, radix = cap.get(layout.CNODE_POINTER), cnode_radix(cap)
    elif cap.type is CapType.ZOMBIE:
        if not zombie.is_container(cap):
            return None
        start, radix = cap.get(layout.ZOMBIE_POINTER), cap.get(layout.ZOMBIE_RADIX)
        if zombie.kind(cap) is layout.ZombieKind.TCB:
            return _tcb_container(start, object_name(cap))
    else:
        return None
    end = start + (layout.SLOT_BYTES << radix)
    return Container(start, end, object_name(cap), partial(_index, start))


def _tcb_container(tcb: int, name: str) -> Container:
    end = tcb + (1 << abi.TCB_BITS)
    return Container(
        tcb, end, name, lambda slot: _TCB_SLOT_NAMES.get(slot - tcb, _index(tcb, slot))
    )


def _irq_node() -> Container:
    start, end = irq.endpoint_slot(0), irq.endpoint_slot(abi.IRQ_COUNT)
    return Container(start, end, "irq_node", lambda slot: str((slot - start) // layout.SLOT_BYTES))


def snapshot_lines(ks: State) -> Iterator[str]:
    """The lines of the picture, without line ends."""
    return Snapshot(ks).lines()
