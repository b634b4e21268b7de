# SPDX-License-Identifier: BSD-2-Clause
"""The kernel: seL4-style objects and capabilities, in Python and in emitted ARM assembly.

It reaches the machine through `kernel.port` alone. `kernel/README.md` gives a reading order.
"""
