# SPDX-License-Identifier: BSD-2-Clause
"""The choices that a user of the kernel makes once, before it boots."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelOptions:
    """How the kernel behaves where there is a choice.

    `compat`: retype above a watermark and reuse of unmapped PageTables as seL4 1.0.3 has them.
    `slow`: the assembly fast paths are off (nothing in the Python kernel depends on it).
    `debug`: the debug system calls exist, and failed invocations are explained on the log.
    """

    compat: bool = False
    slow: bool = False
    debug: bool = True
