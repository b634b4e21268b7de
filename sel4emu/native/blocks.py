# SPDX-License-Identifier: BSD-2-Clause
"""Blocks of instructions that are accounted for as a whole, before they run.

The hook before each instruction costs more than most instructions do. Of a block that runs often,
the instructions whose conditions and addresses follow from the registers at its head are accounted
for there, and Unicorn is told to translate it without calls for them. What is counted is exactly
what the hook before each instruction would count: both call the same functions in the same order.

A block is known by its physical address. Its code is compared each time, so changed code is never
taken for the old one. Whether a block may be accounted as a whole depends on the guest's state
alone, never on how Unicorn has translated it.

Modelled: nothing by itself.
Not modelled: blocks near an event or a breakpoint, with big-endian data, or with accesses that may
abort or reach a device; those take the way of single instructions. At level `off` addresses are
not worked out: an abort takes back what was counted too much (`cpu.py`), and a block that has
reached a device is not accounted for as a whole again (`bus.py`).
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native.alignment import is_checked
from sel4emu.native.data_side import safe_access, safe_word
from sel4emu.native.decoding import AL
from sel4emu.native.evaluation import evaluate, flags_follow, prepare, uses_carry
from sel4emu.native.execution import decoded_place, first_address, perform_at, shifted
from sel4emu.native.fetch import fetch
from sel4emu.native.intrinsics import load8, load16, load32, load64, store64
from sel4emu.native.linkage import exported
from sel4emu.native.mmu import SCTLR_U
from sel4emu.native.pipeline import fail, finish, issue, leave
from sel4emu.native.registers import CPSR, condition_passed, general_register, read_register
from sel4emu.native.repetition import find_sources, finish_recording, repeat, start_recording
from sel4emu.native.special import is_special, is_vfp, lacks_half
from sel4emu.native.state import CODE_OFFSET

_BRANCH = int(ms.Flow.BRANCH)
_CALL = int(ms.Flow.CALL)
_WORD: Final = 0xFFFF_FFFF
_PC: Final = 15
#: The flags, where registers are bits.
FLAGS: Final = 1 << 16

_NOT_PLAIN: Final = ms.MODE_DOWN | ms.MODE_POST | ms.MODE_WRITEBACK

# Bits of `evaluated`.
VALUE: Final = 1
VALUE_FLAGS: Final = 2
WRITES_BACK: Final = 4

#: Where a block's key has the size.
KEY_SIZE: Final = 40
#: Refusals after which a block is no longer tried; the most that are counted.
_PATIENCE: Final = 8
NEVER: Final = 255


@njit(cache=True)
def set_bounds(s: Any, first: Any, last: Any) -> None:
    """Where Unicorn puts calls of the instruction hook while it translates; 1, 0: everywhere."""
    store64(s.hook_bounds, np.int64(first))
    store64(s.hook_bounds + 8, np.int64(last))


@njit(cache=True)
def restore_bounds(s: Any) -> None:
    """Let Unicorn put calls of the instruction hook everywhere again."""
    if s.bounds_changed:
        s.bounds_changed = 0
        set_bounds(s, 1, 0)


@njit(cache=True, forceinline=True)
def _word_at(host: Any, thumb: Any) -> Any:
    return np.int64(load16(host)) if thumb else np.int64(load32(host))


@njit(cache=True, forceinline=True)
def block_key(physical: Any, size: Any) -> Any:
    """What tells a block from others.

    Not its state: code that runs in ARM and in Thumb state, both often and in blocks of one size,
    does not exist but to make this fail, and would only be counted wrongly.
    """
    return physical | size << KEY_SIZE


@njit(cache=True, forceinline=True)
def block_place(physical: Any) -> Any:
    """The first of the places where a block may be kept."""
    return ((physical >> 1) * 0x9E37_79B1 >> 12) & (ms.BLOCKS - 1)


@njit(cache=True)
def _other_place(s: Any, first: Any, key: Any) -> Any:
    """Where a block is that is not at its first place; a new one is to be kept there.

    It takes a place that is free, else that of a block that has calls. Its first place is given
    where all are taken by blocks without calls, which cannot be forgotten one by one.
    """
    chosen = first
    rank = 2  # of what is at the chosen place: 0 nothing, 1 a block with calls, 2 one without
    for way in range(ms.BLOCK_WAYS):
        place = (first + way) & (ms.BLOCKS - 1)
        b = s.blocks[place]
        current = b.generation == s.block_generation
        if current and b.key == key:
            return place
        here = 0 if not current else 2 if b.bare else 1
        if here < rank:
            chosen = place
            rank = here
    return chosen


@njit(cache=True, forceinline=True)
def find_block(s: Any, physical: Any, key: Any) -> Any:
    """Where a block is kept, or is to be kept if it is new."""
    first = block_place(physical)
    if s.blocks[first].key == key and s.blocks[first].generation == s.block_generation:
        return first
    return _other_place(s, first, key)


@njit(cache=True)
def new_block(s: Any, place: Any, key: Any, thumb: Any) -> None:
    """A block that has not run before."""
    b = s.blocks[place]
    b.key = key
    b.thumb = thumb
    b.generation = s.block_generation
    b.runs = 0
    b.count = 0
    b.prefix = 0
    b.prefix_bytes = 0
    b.arena = 0
    b.worst = 0
    b.needs = 0
    b.refused = 0
    b.bare = 0
    b.ready = 0
    b.accesses = 0
    b.repeatable = 0


@njit(cache=True, forceinline=True)
def unchanged(s: Any, b: Any, host: Any) -> Any:
    """Whether the code of a block's prefix is what it was when it was analysed."""
    kept = s.address + CODE_OFFSET + 4 * np.int64(b.arena)
    size = np.int64(b.prefix_bytes)
    at = 0
    while at + 8 <= size:
        if load64(host + at) != load64(kept + at):
            return False
        at += 8
    while at < size:
        if load16(host + at) != load16(kept + at):
            return False
        at += 2
    return True


# Analysis ----------------------------------------------------------------------------------------
#
# Forwards: which registers (as bits; FLAGS besides) can be worked out at the head when an
# instruction is reached. Backwards: which of them something needs.


@njit(cache=True)
def _knows(known: Any, register: Any) -> Any:
    return register >= _PC or (known >> register) & 1 != 0


@njit(cache=True)
def _bit(register: Any) -> Any:
    return 1 << register if register < _PC else 0


@njit(cache=True)
def _address_known(d: Any, known: Any) -> Any:
    """Whether the address of an access can be worked out."""
    if d.access & (ms.ACCESS_USER | ms.ACCESS_PRELOAD) or d.mode & ms.MODE_BANKED:
        return False
    if d.access & ms.ACCESS_MULTIPLE and d.words == 0:
        return False
    if d.index != ms.NOWHERE and d.shift_kind == 3 and d.shift == 0:
        return False
    return _knows(known, d.base) and _knows(known, d.index)


@njit(cache=True)
def _fits_uncounted(s: Any, d: Any, known: Any) -> Any:
    """Whether an instruction fits at level `off`: the hook need not look at it."""
    word = d.key & _WORD
    if (d.key >> 32) & 1:
        if lacks_half(word):
            return False
    elif is_special(word) or (s.vfp_closed and is_vfp(word)):
        return False
    return not is_checked(s, d) or _address_known(d, known)


@njit(cache=True)
def _fits(s: Any, d: Any, known: Any, last: Any) -> Any:
    """Whether an instruction can be accounted for at the head."""
    if s.full == 0:
        return _fits_uncounted(s, d, known)
    if d.special or d.flags & ms.IS_VFP or (d.flow and not last):
        return False
    if d.condition != AL and d.flow not in (_BRANCH, _CALL) and (d.flow or known & FLAGS == 0):
        return False
    return d.access == 0 or _address_known(d, known)


@njit(cache=True)
def _loses(d: Any) -> Any:
    """Registers that an instruction writes, and FLAGS."""
    lost = _bit(d.results[0]) | _bit(d.results[1])
    if d.access & ms.ACCESS_MULTIPLE and d.access & ms.ACCESS_LOAD:
        lost |= d.list & 0x7FFF
    if d.flags & ms.SETS_FLAGS:
        lost |= FLAGS
    return lost


@njit(cache=True)
def _uses(entry: Any) -> Any:
    """Registers that a result follows from, and FLAGS."""
    used = _bit(entry.first) | _bit(entry.second) | _bit(entry.third)
    return used | FLAGS if uses_carry(entry) else used


@njit(cache=True)
def _follow(s: Any, entry: Any, word: Any, thumb: Any, known: Any, stored: Any) -> Any:
    """What is known behind an instruction."""
    d = entry.decoded
    entry.evaluated = 0
    after = known & ~np.int64(_loses(d))
    # At level `off` conditions are not looked at, and memory is not read.
    uncertain = s.full == 0 and d.condition != AL
    if uncertain or not (_knows(known, d.base) and _knows(known, d.index)):
        after &= ~np.int64(_bit(d.writeback))
    if uncertain or not prepare(entry, word, thumb):
        return after
    result = np.int64(_bit(entry.to))
    if d.condition != AL:
        result &= known  # where the condition fails, the register keeps its value
    if d.access:
        if s.full and not stored:
            entry.evaluated = VALUE
            after |= result
        return after
    used = np.int64(_uses(entry))
    if used & ~known:
        return after
    entry.evaluated = VALUE
    after |= result
    if d.flags & ms.SETS_FLAGS and flags_follow(entry):
        entry.evaluated |= VALUE_FLAGS
        if d.condition == AL or known & FLAGS:
            after |= FLAGS
    return after


@njit(cache=True)
def _backwards(s: Any, b: Any) -> None:
    """Drop evaluations that nothing needs; note which registers must be read at the head."""
    needed = np.int64(0)
    for k in range(b.prefix - 1, -1, -1):
        entry = s.arena[b.arena + k]
        d = entry.decoded
        gives = np.int64(_bit(entry.to)) if entry.evaluated & VALUE else np.int64(0)
        if entry.evaluated & VALUE_FLAGS:
            gives |= FLAGS
        if gives & needed == 0:
            entry.evaluated = 0
        elif d.condition == AL:
            needed &= ~gives
        if d.writeback < _PC and (needed >> d.writeback) & 1:
            entry.evaluated |= WRITES_BACK
        if d.access == 0:
            if entry.evaluated:
                needed |= _uses(entry)
        elif s.full or is_checked(s, d) or entry.evaluated:
            needed |= _bit(d.base) | _bit(d.index)
        if s.full and d.condition != AL and d.flow == 0:
            needed |= FLAGS
    b.needs = needed


@njit(cache=True)
def _copy_decoded(target: Any, origin: Any) -> None:
    target.key = origin.key
    for k in range(4):
        target.sources[k] = origin.sources[k]
        target.advance[k] = origin.advance[k]
    for k in range(2):
        target.results[k] = origin.results[k]
        target.latencies[k] = origin.latencies[k]
    target.source_count = origin.source_count
    target.issue = origin.issue
    target.condition = origin.condition
    target.flags = origin.flags
    target.writeback = origin.writeback
    target.flow = origin.flow
    target.access = origin.access
    target.memory = origin.memory
    target.bytes = origin.bytes
    target.base = origin.base
    target.index = origin.index
    target.shift = origin.shift
    target.shift_kind = origin.shift_kind
    target.mode = origin.mode
    target.list = origin.list
    target.offset = origin.offset
    target.words = origin.words
    target.busy = origin.busy
    target.special = origin.special
    target.backward = origin.backward


@njit(cache=True)
def _is_plain(s: Any, entry: Any) -> Any:
    """LDR or STR of a word at a register plus an offset."""
    d = entry.decoded
    if s.full == 0 or d.bytes != 4 or d.index != ms.NOWHERE or d.mode & _NOT_PLAIN:
        return False
    return d.base < _PC and d.access in (ms.ACCESS_LOAD, ms.ACCESS_STORE)


@njit(cache=True)
def _list_work(s: Any, b: Any) -> None:
    """Link the instructions of which something has to be worked out at the head."""
    following = b.prefix
    for k in range(b.prefix - 1, -1, -1):
        entry = s.arena[b.arena + k]
        d = entry.decoded
        entry.next_work = following
        entry.plain = 1 if _is_plain(s, entry) else 0
        if s.full:
            works = d.access or entry.evaluated or (d.condition != AL and d.flow == 0)
        else:
            works = entry.evaluated or is_checked(s, d)
        if works:
            following = k
    b.first_work = following


@njit(cache=True)
def _bound(s: Any, b: Any, d: Any) -> None:
    """Add to the most cycles that the block can take."""
    if s.full == 0:
        b.worst += 1
        if is_checked(s, d):
            b.accesses += 1
        return
    b.worst += s.worst_instruction
    if d.access:
        b.accesses += 1
        b.worst += s.worst_access * (2 + d.words // 8)
    elif d.condition != AL and d.flow == 0:
        b.accesses += 1  # whether it executes is worked out together with the addresses


@exported("analyse")
def on_analyse(state: Any, place: Any, host: Any, size: Any) -> None:
    """Decode a block, and find how much of it can be accounted for at its head."""
    s = carray(state, 1)[0]
    b = s.blocks[place]
    b.ready = 1
    thumb = b.thumb != 0
    step = 2 if thumb else 4
    count = min(size // step, np.int64(ms.BLOCK_LIMIT))
    b.count = size // step
    b.arena = s.arena_next
    b.worst = s.worst_start + (size // 32 + 2) * s.worst_line if s.full else 0
    known = np.int64(0x7FFF) | FLAGS
    stored = False
    for k in range(count):
        word = _word_at(host + k * step, thumb)
        if thumb and (word >> 11 >= 29):  # halves of BL and BLX go together
            break
        entry = s.arena[s.arena_next + k]
        for part in range(step):
            s.code[4 * b.arena + k * step + part] = (word >> (8 * part)) & 0xFF
        d = entry.decoded
        _copy_decoded(d, s.decoded[decoded_place(s, word, thumb)])
        if not _fits(s, d, known, k + 1 == b.count):
            break
        known = _follow(s, entry, word, thumb, known, stored)
        if d.access & ms.ACCESS_STORE:
            stored = True
        _bound(s, b, d)
        b.prefix = k + 1
    b.prefix_bytes = b.prefix * step
    s.arena_next += b.prefix
    _backwards(s, b)
    _list_work(s, b)
    if s.full:
        find_sources(s, b)


# Running -----------------------------------------------------------------------------------------


@njit(cache=True, forceinline=True)
def _read_head(s: Any, b: Any) -> None:
    needs = b.needs & 0x7FFF
    register = 0
    while needs:
        if needs & 1:
            s.values[register] = read_register(s.uc, s, general_register(register))
        needs >>= 1
        register += 1


@njit(cache=True, forceinline=True)
def _place_of(s: Any, d: Any, behind: Any) -> Any:
    """The address of an access; base or offset, for its alignment, in `part`."""
    base = behind if d.base == _PC else s.values[d.base]
    if d.access & ms.ACCESS_MULTIPLE:
        s.part = base
        return first_address(d, base)
    offset = np.int64(d.offset)
    if d.index != ms.NOWHERE:
        offset = behind if d.index == _PC else s.values[d.index]
        if d.shift or d.shift_kind:
            offset = shifted(offset, d.shift_kind, d.shift, np.int64(0))
    s.part = base | offset
    if d.mode & ms.MODE_POST:
        return base
    return (base - offset if d.mode & ms.MODE_DOWN else base + offset) & _WORD


@njit(cache=True)
def _write_back(s: Any, d: Any) -> None:
    """The base after an access whose address has just been worked out."""
    base = s.values[d.base]
    if d.access & ms.ACCESS_MULTIPLE:
        amount = np.int64(4 * d.words)
    elif d.index == ms.NOWHERE:
        amount = np.int64(d.offset)
    else:
        amount = shifted(s.values[d.index], d.shift_kind, d.shift, np.int64(0))
    s.values[d.base] = (base - amount if d.mode & ms.MODE_DOWN else base + amount) & _WORD


@njit(cache=True, forceinline=True)
def _loaded_value(host: Any, size: Any) -> Any:
    if size == 4:
        return np.int64(load32(host))
    return np.int64(load16(host)) if size == 2 else np.int64(load8(host))


@njit(cache=True, forceinline=True)
def _is_aligned(s: Any, d: Any, address: Any, size: Any) -> Any:
    if d.access & ms.ACCESS_MULTIPLE == 0 and d.bytes == 1:
        return True
    unit = min(size, np.int64(4)) - 1
    if d.access & ms.ACCESS_DOUBLE and s.sctlr & SCTLR_U == 0:
        unit = np.int64(7)
    return (s.part | address) & unit == 0


@njit(cache=True, forceinline=True)
def _work_out_access(s: Any, entry: Any, k: Any, behind: Any) -> Any:
    """Where an access goes; False if it has to be left to the instruction hook."""
    d = entry.decoded
    address = _place_of(s, d, behind)
    size = np.int64(4 * d.words) if d.access & ms.ACCESS_MULTIPLE else np.int64(d.bytes)
    if not _is_aligned(s, d, address, size):
        return False
    s.head_address[k] = address
    if d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_DOUBLE):
        s.alignment = s.alignment << 1 | (address >> 2) & 1
    if s.full:
        load = d.access & ms.ACCESS_LOAD != 0
        host = safe_access(s, address, size, load, d.access & ms.ACCESS_STORE != 0)
        if host == 0:
            return False
        if entry.evaluated:
            if entry.evaluated & WRITES_BACK:
                _write_back(s, d)
            if entry.evaluated & VALUE:
                s.values[entry.to] = _loaded_value(host, size)
    elif entry.evaluated & WRITES_BACK:
        _write_back(s, d)
    return True


@njit(cache=True, forceinline=True)
def _work_out_plain(s: Any, entry: Any, k: Any) -> Any:
    """`_work_out_access` for the most common accesses; False: that has to do it."""
    d = entry.decoded
    base = s.values[d.base]
    if (base | d.offset) & 3:
        return False
    address = (base + d.offset) & _WORD
    host = safe_word(s, address, d.access & ms.ACCESS_STORE != 0)
    if host == 0:
        return False
    s.head_address[k] = address
    if entry.evaluated:
        s.values[entry.to] = np.int64(load32(host))
    return True


@njit(cache=True)
def _work_out(s: Any, b: Any, address: Any) -> Any:
    """Work out addresses and conditions of a block; False if an access cannot be made safely."""
    step = np.int64(2) if b.thumb else np.int64(4)
    cpsr = np.int64(read_register(s.uc, s, CPSR)) if b.needs & FLAGS else np.int64(0)
    k = np.int64(b.first_work)
    while k < b.prefix:
        entry = s.arena[b.arena + k]
        d = entry.decoded
        behind = address + (k + 2) * step
        passed = s.full == 0 or d.condition == AL or d.flow != 0
        if not passed:
            passed = condition_passed(d.condition, cpsr)
            s.head_passed[k] = passed
        if entry.plain and passed and _work_out_plain(s, entry, k):
            pass
        elif passed and d.access:
            if not _work_out_access(s, entry, k, behind & ~3 if b.thumb else behind):
                return False
        elif passed and entry.evaluated:
            cpsr = evaluate(s, entry, behind, cpsr)
        k = np.int64(entry.next_work)
    return True


@njit(cache=True, forceinline=True)
def _perform(s: Any, d: Any, now: Any, k: Any) -> Any:
    """Account for one instruction of a block; the new T."""
    if d.condition != AL and d.flow == 0 and s.head_passed[k] == 0:
        return fail(s, d, now)
    if d.access:
        return perform_at(s, d, now, s.head_address[k])
    t = issue(s, d, now)
    s.issued_at = t
    return finish(s, d, t)


@njit(cache=True)
def _account_each(s: Any, b: Any, address: Any) -> None:
    step = 2 if b.thumb else 4
    now = s.cycles
    line = np.int64(-1)
    for k in range(b.prefix):
        if address >> ms.LINE_SHIFT != line or s.fetch_until > now:
            s.cycles = now
            fetch(s, address)
            now = s.cycles
            line = address >> ms.LINE_SHIFT
        now = _perform(s, s.arena[b.arena + k].decoded, now, k)
        address += step
        s.last_next = address
    s.cycles = now


@njit(cache=True, forceinline=True)
def account(s: Any, b: Any, address: Any) -> None:
    """Account for the prefix of a block whose accesses are known to be safe."""
    if not repeat(s, b, address):
        recorded = start_recording(s, b, address)
        _account_each(s, b, address)
        if recorded:
            finish_recording(s, b)
    # Of folding, only the last instruction of a block has anything to know.
    s.hit_before = s.hit_last if b.prefix == 1 else 0
    s.hit_last = 0
    last = s.arena[b.arena + b.prefix - 1].decoded
    if last.flow:
        step = 2 if b.thumb else 4
        s.cycles = leave(s, last, address + b.prefix_bytes - step, step, s.issued_at, True)
    s.instructions += b.prefix


@njit(cache=True, forceinline=True)
def may_run(s: Any, b: Any, address: Any) -> Any:
    """Whether a block's prefix can be accounted for now; reads the registers that it needs."""
    if s.cycles + b.worst >= s.next_event:
        return False
    s.simple = 1
    s.store_count = 0
    s.simple_lines = 0
    s.alignment = 0
    if b.accesses == 0:
        return True
    _read_head(s, b)
    if s.big_endian or not _work_out(s, b, address):
        b.refused = min(b.refused + 1, NEVER)
        return False
    return True


@njit(cache=True)
def worthwhile(b: Any) -> Any:
    """Whether a block gains by being accounted for as a whole."""
    if b.refused >= _PATIENCE:
        return False
    return b.prefix > 0 and (b.prefix >= 3 or b.prefix == b.count)
