# SPDX-License-Identifier: BSD-2-Clause
"""What a system call can fail with: the error replies and the failures of a lookup.

Both are exceptions inside the kernel. A `SyscallError` is turned into a reply in one place
(`kernel.api.syscall`), a `LookupFault` becomes either a `FailedLookup` error or a fault. `why` is
for the person who reads the log and never reaches the guest.
"""

from kernel.abi import Error, LookupFailure


class SyscallError(Exception):
    """An invocation was refused before it had any effect; `words` go into the reply."""

    def __init__(self, error: Error, words: tuple[int, ...] = (), why: str = "") -> None:
        super().__init__(error.name, words, why)
        self.error = error
        self.words = words
        self.why = why


class LookupFault(Exception):
    """A capability address could not be resolved; `words` are the failure block (ABI 5.2)."""

    def __init__(self, failure: LookupFailure, *details: int) -> None:
        self.failure = failure
        self.words = (int(failure), *details)
        super().__init__(failure.name, details)

    def describe(self) -> str:
        """One phrase with the address bits at which the lookup stopped."""
        details = self.words[1:]
        if self.failure is LookupFailure.INVALID_ROOT:
            return "the root is not a CNode"
        if self.failure is LookupFailure.MISSING_CAPABILITY:
            return f"no capability where {details[0]} address bits are left"
        if self.failure is LookupFailure.DEPTH_MISMATCH:
            return f"{details[0]} address bits are left but the level takes {details[1]}"
        return (
            f"with {details[0]} address bits left the guard 0x{details[1]:x} "
            f"of {details[2]} bits does not match"
        )


def invalid_argument(index: int, why: str) -> SyscallError:
    """Argument number `index` (a message register) has no meaning."""
    return SyscallError(Error.INVALID_ARGUMENT, (index,), why)


def invalid_capability(index: int, why: str) -> SyscallError:
    """Capability number `index` is unfit: 0 is the invoked one, 1 the first extra one."""
    return SyscallError(Error.INVALID_CAPABILITY, (index,), why)


def illegal_operation(why: str) -> SyscallError:
    """The object has no such operation, or not in this state."""
    return SyscallError(Error.ILLEGAL_OPERATION, (), why)


def range_error(low: int, high: int, why: str) -> SyscallError:
    """An argument is outside low..high."""
    return SyscallError(Error.RANGE_ERROR, (low, high), why)


def alignment_error(why: str) -> SyscallError:
    """An address is not aligned to the size of what it names."""
    return SyscallError(Error.ALIGNMENT_ERROR, (), why)


def failed_lookup(source: bool, fault: LookupFault, why: str = "") -> SyscallError:
    """A source (or target) argument could not be resolved; `why` where it is no slot lookup."""
    side = "source" if source else "target"
    text = why or f"{side} lookup: {fault.describe()}"
    return SyscallError(Error.FAILED_LOOKUP, (int(source), *fault.words), text)


def truncated_message(why: str) -> SyscallError:
    """The message has too few words or capabilities."""
    return SyscallError(Error.TRUNCATED_MESSAGE, (), why)


def delete_first(why: str) -> SyscallError:
    """Something is in the way and must be deleted or unmapped first."""
    return SyscallError(Error.DELETE_FIRST, (), why)


def revoke_first(why: str) -> SyscallError:
    """The capability has descendants that must be revoked first."""
    return SyscallError(Error.REVOKE_FIRST, (), why)


def not_enough_memory(left: int, why: str) -> SyscallError:
    """An Untyped has only `left` bytes."""
    return SyscallError(Error.NOT_ENOUGH_MEMORY, (left,), why)
