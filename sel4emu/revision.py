# SPDX-License-Identifier: BSD-2-Clause
"""The revisions of the ARM1136 that can be had: identification, and whether they have v6K.

Modelled: r0p4, the i.MX31's core, and r1p3, for software that wants the v6K extensions; what tells
them apart is in `sel4emu.native.special` and `cp15`. Not modelled: errata.
"""

from typing import Final, NamedTuple

from sel4emu.errors import InputError


class Revision(NamedTuple):
    """What tells a revision of the core from others."""

    midr: int
    v6k: bool


REVISIONS: Final = {
    "r0p4": Revision(midr=0x4107_B364, v6k=False),
    "r1p3": Revision(midr=0x4117_B363, v6k=True),
}
DEFAULT_REVISION: Final = "r0p4"


def find_revision(name: str) -> Revision:
    """The revision of that name; InputError for an unknown one."""
    if name not in REVISIONS:
        names = " or ".join(REVISIONS)
        raise InputError(f"the core's revision must be {names}, not {name!r}")
    return REVISIONS[name]
