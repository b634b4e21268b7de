# SPDX-License-Identifier: BSD-2-Clause
"""A kernel with one of everything in known slots, put back to its first state at will."""

from collections.abc import Callable
from typing import Final

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.api.decode import decode_invocation
from kernel.api.message import Invocation
from kernel.layout import MDB_MAX_DEPTH, Trap
from kernel.object.capability import read_cap
from kernel.object.transfer import lookup_extra_caps
from kernel.options import KernelOptions
from tests.kernel.conftest import Answer, World

ROOT: Final = (InitialCap.CNODE,)
MAPPED_AT: Final = 0x4000_0000
BLOCKED_AT: Final = 0x5000_0000
LOST_AT: Final = 0x5800_0000
SHARED_TABLE_AT: Final = 0x6000_0000
FREE_AT: Final = 0x7000_0000
#: Slot numbers that stay empty.
FREE: Final = 60000
NULL: Final = 50001
UNTYPED_NAMES: Final = (
    "tcbs", "endpoints", "asyncs", "cnodes", "tables", "pages", "owner", "imitated",
)  # fmt: skip
Word = int | str


class Stage(World):
    """`slots` gives the number of the slot with a capability of a telling name."""

    def __init__(self) -> None:
        super().__init__(KernelOptions())
        self.slots: dict[str, int] = {member.name.lower(): member for member in InitialCap}
        self.slots |= {"free": FREE, "nothing": NULL, "root": InitialCap.CNODE}
        self.slots["device"] = self.info(abi.BI_DEVICES + 8)
        self._build()
        self.first_state = bytes(self.port.ram)

    def _build(self) -> None:
        for build in (
            self._simple,
            self._frames,
            self._address_spaces,
            self._mapped,
            self._deep,
            self._capabilities,
        ):
            build()

    def trap(self, trap: Trap) -> None:
        """As in a world, but invariants are checked by the tests: there are many calls."""
        self.kernel.handle_trap(trap)

    def restore(self) -> None:
        """Put memory back to what it was when the stage was built."""
        self.port.ram[:] = self.first_state

    def number(self, word: Word) -> int:
        """A word of a call: a number, or the slot with a name."""
        return self.slots[word] if isinstance(word, str) else word

    def numbers(self, words: tuple[Word, ...]) -> tuple[int, ...]:
        """Several words of a call."""
        return tuple(self.number(word) for word in words)

    def named_call(
        self, target: Word, label: int, words: tuple[Word, ...], caps: tuple[Word, ...]
    ) -> Answer:
        """A Call with names for slots."""
        numbers, extra = self.numbers(words), self.numbers(caps)
        return self.call(self.number(target), label, numbers, extra)

    def kernel_memory(self) -> bytes:
        """RAM without the caller's own registers and IPC buffer."""
        thread, buffer = self.root_thread - layout.WINDOW_BASE, self.buffer - layout.WINDOW_BASE
        left_out = sorted(
            (
                (thread + layout.TCB_RESTART_PC, thread + layout.TCB_CPSR),
                (buffer, buffer + (1 << abi.IPC_BUFFER_BITS)),
            )
        )
        starts = (0, *(end for _, end in left_out))
        ends = (*(start for start, _ in left_out), len(self.port.ram))
        view = memoryview(self.port.ram)
        return b"".join(view[start:end] for start, end in zip(starts, ends, strict=True))

    def decode(
        self, target: Word, label: int, words: tuple[Word, ...], caps: tuple[Word, ...]
    ) -> Callable[[], object]:
        """The commit of a call that is not carried out. Raises SyscallError."""
        for index, cap in enumerate(self.numbers(caps)):
            self.ks.store(self.buffer + abi.IPC_CAPS_OR_BADGES + 4 * index, cap)
        for index, word in enumerate(self.numbers(words)):
            if index < abi.MSG_REGISTERS:
                self.set_register(f"r{2 + index}", word)
            else:
                self.ks.store(self.buffer + abi.IPC_MSG + 4 * index, word)
        slot = self.slot(self.number(target))
        extra = lookup_extra_caps(self.ks, self.root_thread, self.buffer, len(caps))
        invocation = Invocation(
            ks=self.ks,
            thread=self.root_thread,
            cptr=self.number(target),
            slot=slot,
            cap=read_cap(self.ks, slot),
            label=label,
            length=len(words),
            buffer=self.buffer,
            extra=extra,
            blocking=True,
            is_call=True,
        )
        return decode_invocation(invocation)

    def _set(self, **slots: int) -> None:
        self.slots |= slots

    def _of(self, untyped: str, kind: int, size_bits: int = 0, count: int = 1) -> int:
        return self.retype(self.slots[untyped], kind, size_bits, count)

    def _simple(self) -> None:
        big, middle = self.untyped(), self.untyped()
        pieces = self.retype(big, ObjectType.UNTYPED, 18, 16)
        small = self.retype(middle, ObjectType.UNTYPED, 16, 64)
        self._set(pieces=pieces, used_untyped=small, untyped=small + 1)
        for offset, name in enumerate(UNTYPED_NAMES):
            self._set(**{f"{name}_untyped": small + 2 + offset})
        self._set(directories=pieces, chain=pieces + 1, directories_full=pieces + 2)
        page4k = self.retype(small + 10, ObjectType.UNTYPED, 12, 6)
        self._set(page4k=page4k, page4k_free=page4k + 4)
        self._of("used_untyped", ObjectType.ENDPOINT)
        tcbs = self._of("tcbs_untyped", ObjectType.TCB, 0, 2)
        self._set(other_tcb=tcbs, target=tcbs + 1)
        endpoints = self._of("endpoints_untyped", ObjectType.ENDPOINT, 0, 2)
        self._set(ep=endpoints, ep_badged=self.mint(endpoints, 5))
        self._set(ep_read=self.copy(endpoints, abi.RIGHT_READ))
        aep = self._of("asyncs_untyped", ObjectType.ASYNC_ENDPOINT)
        self._set(aep=aep, aep_read=self.copy(aep, abi.RIGHT_READ))
        self._set(cnode_cap=self._of("cnodes_untyped", ObjectType.CNODE, 4))

    def _frames(self) -> None:
        small = self._of("pages_untyped", ObjectType.SMALL_PAGE, 0, 8)
        names = ("frame", "mapped", "elsewhere", "lost", "blocked", "spare", "buffer_frame")
        self._set(**{name: small + index for index, name in enumerate(names)})
        large = self.retype(self.slots["pieces"] + 3, ObjectType.LARGE_PAGE, 0, 2)
        self._set(large=large, large_free=large + 1)
        sections = self.make(ObjectType.SECTION, 0, 2)
        self._set(section=sections, dead_section=sections + 1)
        tables = self._of("tables_untyped", ObjectType.PAGE_TABLE, 0, 12)
        self._set(pt=tables, pt_used=tables + 1, pt_shared=tables + 2, pt_lost=tables + 3)
        self._set(pt_blocked=tables + 4, pt_again=tables + 5, pt_elsewhere=tables + 6)

    def use_last_pool(self) -> None:
        """Make the fourth of four ASID pools."""
        self._pool(3)

    def lose_pool(self) -> None:
        """Forget a pool in the kernel's table, which no sequence of calls can do."""
        self.ks.store(layout.KV_ASID_POOLS, 0)

    def replace_pool(self) -> None:
        """Let the kernel's table name another object than the pool capability does."""
        self.ks.store(layout.KV_ASID_POOLS, self.ks.load(layout.KV_ASID_POOLS + 4))

    def lower_priority(self) -> None:
        """Let the calling thread have a priority above which there are others."""
        assert self.call(InitialCap.TCB, Label.TCB_SET_PRIORITY, (50,)).label == 0
        assert self.ks.current == self.root_thread

    def nothing_more(self) -> None:
        """The stage as it is."""

    def _assign(self, pool: int, directory: int) -> None:
        assert self.call(pool, Label.ASID_POOL_ASSIGN, (), (directory,)).label == 0

    def _pool(self, offset: int) -> int:
        target = self.next_slot()
        caps = (self.slots["page4k"] + offset, InitialCap.CNODE)
        assert self.call(5, Label.ASID_CONTROL_MAKE_POOL, (target, 32), caps).label == 0
        return target

    def _address_spaces(self) -> None:
        first = self._of("directories", ObjectType.PAGE_DIRECTORY, 0, 4)
        self._set(pd=first, pd_other=first + 1, pd_dead=first + 2, pd_stale=first + 3)
        self._set(pool=self._pool(0), pool_full=self._pool(1), pool_dead=self._pool(2))
        full = self._of("directories_full", ObjectType.PAGE_DIRECTORY, 0, 16)
        for index in range(16):
            self._assign(self.slots["pool_full"], full + index)
        self._assign(InitialCap.ASID_POOL, self.slots["pd_other"])
        # A pool that is recycled takes the ASIDs away: one of them gets a new owner.
        dead = self.slots["pool_dead"]
        self._assign(dead, self.slots["pd_stale"])
        self._assign(dead, self.slots["pd_dead"])
        self._map("dead_section", MAPPED_AT, "pd_dead")
        assert self.cnode(Label.CNODE_RECYCLE, (dead, 32)).label == 0
        owner = self._of("owner_untyped", ObjectType.PAGE_DIRECTORY)
        self._assign(dead, owner)

    def _map(self, frame: str, vaddr: int, directory: str = "vspace") -> None:
        words = (vaddr, 3, 3)
        answer = self.call(self.slots[frame], Label.PAGE_MAP, words, (self.slots[directory],))
        assert answer.label == 0, self.port.logs

    def _map_table(self, table: str, vaddr: int, directory: str = "vspace") -> None:
        caps = (self.slots[directory],)
        answer = self.call(self.slots[table], Label.PAGE_TABLE_MAP, (vaddr, 3), caps)
        assert answer.label == 0, self.port.logs

    def _mapped(self) -> None:
        self._map_table("pt_used", MAPPED_AT)
        self._map("mapped", MAPPED_AT)
        self._map_table("pt_shared", SHARED_TABLE_AT)
        self.copy(self.slots["pt_shared"])
        self._map_table("pt_elsewhere", MAPPED_AT, "pd_other")
        self._map("elsewhere", MAPPED_AT, "pd_other")
        for table, frame, vaddr in (
            ("pt_lost", "lost", LOST_AT),
            ("pt_blocked", "blocked", BLOCKED_AT),
        ):
            self._map_table(table, vaddr)
            self._map(frame, vaddr)
            assert self.cnode(Label.CNODE_DELETE, (self.slots[table], 32)).label == 0
        self._map_table("pt_again", BLOCKED_AT)
        self._map("large", BLOCKED_AT)

    def _deep(self) -> None:
        """Objects at the deepest level of the derivation: a chain of Untypeds of one size."""
        untyped = self.slots["chain"]
        for _ in range(MDB_MAX_DEPTH - 3):
            untyped = self.retype(untyped, ObjectType.UNTYPED, 18)
        last = self.retype(untyped, ObjectType.UNTYPED, 14, 6)
        kinds = {
            "deep_untyped": (ObjectType.UNTYPED, 12),
            "deep_cnode": (ObjectType.CNODE, 4),
            "deep_frame": (ObjectType.SMALL_PAGE, 0),
            "deep_pd": (ObjectType.PAGE_DIRECTORY, 0),
            "deep_aep": (ObjectType.ASYNC_ENDPOINT, 0),
            "deep_ep": (ObjectType.ENDPOINT, 0),
        }
        for offset, (name, (kind, size_bits)) in enumerate(kinds.items()):
            self._set(**{name: self.retype(last + offset, kind, size_bits)})
        self._assign(InitialCap.ASID_POOL, self.slots["deep_pd"])

    def _capabilities(self) -> None:
        imitated = self._of("imitated_untyped", ObjectType.ENDPOINT, 0, 2)
        self.copy(imitated, label=Label.CNODE_IMITATE)
        self._set(imitated=imitated, ep_copy=self.copy(self.slots["ep"]))
        irq, saved = self.next_slot(), self.next_slot()
        words = (45, irq, 32)
        assert self.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, ROOT).label == 0
        self._set(irq=irq, reply=saved)
        _, caller = self.thread(200)
        self.run(caller)
        self.syscall(Syscall.CALL, self.slots["ep"], (5,))
        self.syscall(Syscall.WAIT, self.slots["ep"])
        assert self.cnode(Label.CNODE_SAVE_CALLER, (saved, 32)).label == 0
        assert self.cap_type(saved) is layout.CapType.REPLY
