# SPDX-License-Identifier: BSD-2-Clause
"""The domain capability (ABI 10.4): there is one scheduling domain."""

from collections.abc import Callable
from functools import partial

from kernel import layout, limits
from kernel.abi import Label
from kernel.api.errors import illegal_operation, invalid_argument, truncated_message
from kernel.api.message import Invocation
from kernel.layout import CapType
from kernel.schedule import set_domain


def decode(inv: Invocation) -> Callable[[], None]:
    """Check DomainSet_Set; the answer commits it."""
    if inv.label != Label.DOMAIN_SET_SET:
        raise illegal_operation("the domain capability only has Set")
    if inv.length < 1:
        raise truncated_message("Set needs the domain")
    domain = inv.arg(0)
    if domain >= limits.DOMAIN_COUNT:
        raise invalid_argument(0, f"there is no domain {domain}")
    if not inv.extra:
        raise truncated_message("Set needs the thread")
    thread = inv.extra_cap(0)
    if thread.type is not CapType.TCB:
        raise invalid_argument(1, "not a TCB")
    return partial(set_domain, inv.ks, thread.get(layout.TCB_POINTER), domain)
