# SPDX-License-Identifier: BSD-2-Clause
"""The handle that every kernel function takes first: the port, the options, and word access.

It holds no state of the kernel. All of that lives in guest memory as `kernel.layout` lays it
out, so that assembly and Python work on the same words.
"""

from collections.abc import Callable

from kernel import layout
from kernel.layout import Field
from kernel.options import KernelOptions
from kernel.port import Port


class State:
    """Access to the words of one kernel; `load` and `store` are the port's own methods."""

    __slots__ = ("load", "options", "port", "store")

    def __init__(self, port: Port, options: KernelOptions) -> None:
        self.port = port
        self.options = options
        self.load: Callable[[int], int] = port.load
        self.store: Callable[[int, int], None] = port.store

    def get(self, address: int, field: Field) -> int:
        """A field of the structure at `address`."""
        return field.get(self.load(address + 4 * field.word))

    def put(self, address: int, field: Field, value: int) -> None:
        """Change a field of the structure at `address`, keeping the rest of its word."""
        word = address + 4 * field.word
        self.store(word, field.put(self.load(word), value))

    @property
    def current(self) -> int:
        """The TCB of the thread that entered the kernel."""
        return self.load(layout.KV_CURRENT)
