# SPDX-License-Identifier: BSD-2-Clause
"""Branch prediction, and what changes of flow cost (rule 5 of docs/TIMING.md).

Modelled: the branch target cache with two-bit counters, static prediction, folding, the return
stack, mispredictions by the distance of the flags, the prefetch unit's run-ahead.
Not modelled: speculative execution on the wrong path beyond the line that is run into.
"""

from typing import Any, Final

from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native.caches import find, set_of
from sel4emu.native.decoding import AL
from sel4emu.native.linkage import exported
from sel4emu.native.parameters import Parameter

_FOLDED = int(Parameter.BRANCH__FOLDED)
_PREDICTED = int(Parameter.BRANCH__PREDICTED)
_NOT_TAKEN = int(Parameter.BRANCH__STATIC_NOT_TAKEN)
_TAKEN = int(Parameter.BRANCH__STATIC_TAKEN)
_MAX = int(Parameter.BRANCH__MISPREDICT_MAX)
_MIN = int(Parameter.BRANCH__MISPREDICT_MIN)
_RETURN_CORRECT = int(Parameter.BRANCH__RETURN_CORRECT)
_RETURN_WRONG = int(Parameter.BRANCH__RETURN_WRONG)
_RETURN_EMPTY = int(Parameter.BRANCH__RETURN_EMPTY)
_LOAD_CORRECT = int(Parameter.BRANCH__LOAD_RETURN_CORRECT)
_LOAD_WRONG = int(Parameter.BRANCH__LOAD_RETURN_WRONG)
_LOAD_EMPTY = int(Parameter.BRANCH__LOAD_RETURN_EMPTY)
_LOAD_MULTIPLE_PC = int(Parameter.BRANCH__LOAD_MULTIPLE_PC)
_LOAD_PC = int(Parameter.BRANCH__LOAD_PC)
_SLOW = int(Parameter.LOAD_STORE__SLOW_ADDRESS)
_ALU_PC = int(Parameter.BRANCH__ALU_PC)
_ALU_PC_SHIFT = int(Parameter.BRANCH__ALU_PC_SHIFT_REGISTER)
_EXCEPTION_RETURN_COST = int(Parameter.BRANCH__EXCEPTION_RETURN)
_RUN_AHEAD = int(Parameter.BRANCH__RUN_AHEAD)

_BRANCH = int(ms.Flow.BRANCH)
_CALL = int(ms.Flow.CALL)
_RETURN = int(ms.Flow.RETURN)
_REGISTER_CALL = int(ms.Flow.REGISTER_CALL)
_LOAD_RETURN = int(ms.Flow.LOAD_RETURN)
_LOAD = int(ms.Flow.LOAD)
_SLOW_LOAD = int(ms.Flow.SLOW_LOAD)
_LOAD_MULTIPLE = int(ms.Flow.LOAD_MULTIPLE)
_ALU = int(ms.Flow.ALU)
_ALU_SHIFT = int(ms.Flow.ALU_SHIFT_REGISTER)
_EXCEPTION_RETURN = int(ms.Flow.EXCEPTION_RETURN)

_BRANCHES = int(ms.Event.BRANCH)
_MISPREDICTS = int(ms.Event.MISPREDICT)
_TAKEN_EVENT = int(ms.Event.TAKEN)
_INSTRUCTION_MISS = int(ms.Event.INSTRUCTION_MISS)
_CAUSE_BRANCH = int(ms.Cause.BRANCH)

SCTLR_Z: Final = 1 << 11
ACTLR_RETURN_STACK: Final = 1 << 0
ACTLR_DYNAMIC: Final = 1 << 1
ACTLR_STATIC: Final = 1 << 2


@njit(cache=True, forceinline=True)
def _enabled(s: Any, bit: Any) -> Any:
    return s.sctlr & SCTLR_Z != 0 and s.actlr & bit != 0


@njit(cache=True)
def _unpredicted(s: Any) -> Any:
    """Cost of a change of flow that waited for the flags, or needed none."""
    if s.pending_condition == AL:
        return s.parameters[_MIN]
    distance = s.pending_time - s.flag_time
    return max(s.parameters[_MAX] - distance, s.parameters[_MIN])


@njit(cache=True)
def _wrong(s: Any) -> Any:
    s.events[_MISPREDICTS] += 1
    return _unpredicted(s)


@njit(cache=True, forceinline=True)
def _tag(s: Any) -> Any:
    return s.pending_address << 1 | s.pending_thumb | s.btac_generation << 40


@njit(cache=True, forceinline=True)
def _move_counter(s: Any, place: Any, taken: Any) -> None:
    """The two-bit counter of an entry moves a step."""
    counter = s.btac_counter[place]
    if taken:
        s.btac_counter[place] = min(counter + 1, 3)
    elif counter > 0:
        s.btac_counter[place] = counter - 1


@njit(cache=True, forceinline=True)
def _charge(s: Any, cost: Any) -> None:
    """The pending change of flow is settled, and took `cost` cycles."""
    s.pending_flow = 0
    s.cycles = s.pending_time + cost
    if cost > 1:
        s.causes[_CAUSE_BRANCH] += cost - 1


@njit(cache=True, forceinline=True)
def _known_branch(s: Any, place: Any, taken: Any) -> Any:
    """The branch target cache has an entry."""
    expected = s.pending_condition == AL or s.btac_counter[place] >= 2
    _move_counter(s, place, taken)
    if expected != taken:
        return _wrong(s)
    if s.pending_flow == _BRANCH and s.hit_before == 0:
        return s.parameters[_FOLDED]
    return s.parameters[_PREDICTED]


@njit(cache=True)
def _static(s: Any, taken: Any) -> Any:
    if not _enabled(s, ACTLR_STATIC):
        return _wrong(s) if taken else s.parameters[_NOT_TAKEN]
    expected = s.pending_condition == AL or s.pending_backward != 0
    if expected != taken:
        return _wrong(s)
    return s.parameters[_TAKEN] if taken else s.parameters[_NOT_TAKEN]


@njit(cache=True, forceinline=True)
def _immediate(s: Any, taken: Any) -> Any:
    """B, BL and BLX with an offset."""
    if not _enabled(s, ACTLR_DYNAMIC):
        return _static(s, taken)
    place = (s.pending_address >> 3) & (ms.BTAC_ENTRIES - 1)
    if s.btac_tag[place] == _tag(s):
        s.hit_last = 1
        return _known_branch(s, place, taken)
    s.btac_tag[place] = _tag(s)
    s.btac_counter[place] = 2 if taken else 1
    return _static(s, taken)


@njit(cache=True)
def _push(s: Any) -> None:
    if _enabled(s, ACTLR_RETURN_STACK):
        s.return_top = (s.return_top + 1) % ms.RETURN_STACK
        s.return_stack[s.return_top] = s.pending_address + s.pending_size
        s.return_count = min(s.return_count + 1, ms.RETURN_STACK)


@njit(cache=True)
def _pop(s: Any) -> Any:
    """The predicted return address, or -1 if there is none."""
    if s.return_count == 0 or not _enabled(s, ACTLR_RETURN_STACK):
        return -1
    address = s.return_stack[s.return_top]
    s.return_top = (s.return_top + ms.RETURN_STACK - 1) % ms.RETURN_STACK
    s.return_count -= 1
    return address


@njit(cache=True)
def _return(s: Any, target: Any, load: Any) -> Any:
    predicted = _pop(s)
    if s.pending_condition != AL:
        return s.parameters[_LOAD_EMPTY] if load else _unpredicted(s)
    if predicted == target:
        return s.parameters[_LOAD_CORRECT] if load else s.parameters[_RETURN_CORRECT]
    if predicted < 0:
        return s.parameters[_LOAD_EMPTY] if load else s.parameters[_RETURN_EMPTY]
    s.events[_MISPREDICTS] += 1
    return s.parameters[_LOAD_WRONG] if load else s.parameters[_RETURN_WRONG]


@njit(cache=True)
def _computed(s: Any, flow: Any) -> Any:
    """Cost of a taken change of flow that is never predicted."""
    if flow == _LOAD:
        return s.parameters[_LOAD_PC]
    if flow == _SLOW_LOAD:
        return s.parameters[_LOAD_PC] + s.parameters[_SLOW]
    if flow == _LOAD_MULTIPLE:
        return s.parameters[_LOAD_MULTIPLE_PC]
    if flow == _ALU:
        return s.parameters[_ALU_PC]
    if flow == _ALU_SHIFT:
        return s.parameters[_ALU_PC_SHIFT]
    if flow == _EXCEPTION_RETURN:
        return s.parameters[_EXCEPTION_RETURN_COST]
    return _unpredicted(s)


@njit(cache=True)
def _run_ahead(s: Any) -> Any:
    """The prefetch unit runs into the line behind a branch; cycles that this costs."""
    behind = (s.pending_address | 31) + 1
    if s.page_cacheable == 0 or behind & 0xFFF == 0 or s.page < 0:
        return 0
    line = (s.page_physical | (behind & 0xFFF)) >> ms.LINE_SHIFT
    if find(s, set_of(ms.ICACHE, line), ms.L1_WAYS, line) >= 0:
        return 0
    s.events[_INSTRUCTION_MISS] += 1
    return s.parameters[_RUN_AHEAD]


@njit(cache=True, forceinline=True)
def _cost(s: Any, flow: Any, taken: Any, target: Any) -> Any:
    if flow <= _CALL:
        cost = _immediate(s, taken)
    elif not taken:
        cost = s.parameters[_NOT_TAKEN]
    elif flow == _RETURN or flow == _LOAD_RETURN:
        cost = _return(s, target, flow == _LOAD_RETURN)
    else:
        cost = _computed(s, flow)
    if taken and (flow == _CALL or flow == _REGISTER_CALL):
        _push(s)
    return cost


@njit(cache=True, forceinline=True)
def settle_predicted(s: Any, target: Any) -> Any:
    """Settle a branch that the branch target cache predicts rightly; False if it is no such.

    Most branches are; the others are left to `on_settle`, which would do the same for these.
    """
    flow = s.pending_flow
    place = (s.pending_address >> 3) & (ms.BTAC_ENTRIES - 1)
    if flow > _CALL or s.btac_tag[place] != _tag(s) or not _enabled(s, ACTLR_DYNAMIC):
        return False
    unconditional = s.pending_condition == AL
    taken = unconditional or target != s.pending_address + s.pending_size
    if (unconditional or s.btac_counter[place] >= 2) != taken:
        return False
    _move_counter(s, place, taken)
    s.hit_last = 1
    s.events[_BRANCHES] += 1
    if taken:
        s.events[_TAKEN_EVENT] += 1
        if flow == _CALL:
            _push(s)
    folds = flow == _BRANCH and s.hit_before == 0
    _charge(s, s.parameters[_FOLDED] if folds else s.parameters[_PREDICTED])
    return True


@exported("settle")
def on_settle(state: Any, target: Any) -> None:
    """The pending change of flow went to `target`: count its cycles."""
    s = carray(state, 1)[0]
    flow = s.pending_flow
    behind = target == s.pending_address + s.pending_size
    if flow <= _CALL:
        taken = s.pending_condition == AL or not behind
    else:
        taken = s.pending_passed != 0
    s.events[_BRANCHES] += 1
    if taken:
        s.events[_TAKEN_EVENT] += 1
    cost = _cost(s, flow, taken, target)
    if taken and cost > s.parameters[_PREDICTED] and flow != _EXCEPTION_RETURN:
        cost += _run_ahead(s)
    _charge(s, cost)


@njit(cache=True)
def flush_branches(s: Any) -> None:
    """Empty the branch target cache."""
    s.btac_generation += 1


@njit(cache=True)
def flush_branch(s: Any, address: Any) -> None:
    """Drop the entry for an address, in either state."""
    place = (address >> 3) & (ms.BTAC_ENTRIES - 1)
    if (s.btac_tag[place] & ((1 << 40) - 1)) >> 1 == address:
        s.btac_tag[place] = 0
