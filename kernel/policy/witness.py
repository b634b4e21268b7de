# SPDX-License-Identifier: BSD-2-Clause
"""Command sequences that really lead to a leak.

The construction is that of `kernel.model.witness`, which follows the proof of Decision 6. It needs
no more of a system than the path between the two entities and somebody who can give to each, so
a state of a million entities is cut down to those.
"""

from kernel.model import state as model
from kernel.model.operations import Operation
from kernel.model.witness import witness
from kernel.policy.decide import Capability, Policy


def _model_state(policy: Policy, capabilities: list[Capability]) -> model.State:
    heap: dict[int, list[model.Capability]] = {}
    for capability in capabilities:
        named = model.Capability(capability.target, model.Right(capability.rights))
        heap.setdefault(capability.holder, []).append(named)
    return model.State.of(heap, policy.state.entities)


def find_leak(policy: Policy, source: int, target: int) -> list[Operation] | None:
    """Commands, in running order, after which `source` holds Grant over `target`.

    None if there can be none; an empty list if it holds it already.
    """
    if not policy.really_leaks(source, target):
        return None
    if policy.grant_to(target, holder=source) is not None:
        return []
    capabilities = policy.leak_path(source, target)
    for entity in (source, target):
        giver = policy.grant_to(entity)
        assert giver is not None, "Decision 6"
        capabilities += [giver, *policy.leak_path(giver.holder, entity)]
    return witness(_model_state(policy, capabilities), source, target)
