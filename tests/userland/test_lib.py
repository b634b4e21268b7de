# SPDX-License-Identifier: BSD-2-Clause
"""The C library's text and memory functions, run in the guest."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from unicorn import Uc
from unicorn.arm_const import UC_ARM_REG_R0

from kernel.abi import Error, Syscall
from userland.build import compile_elf

Kernel = Callable[[Uc], bool]
RunGuest = Callable[[Path, str, int, Kernel, Mapping[int, bytes]], int]

#: A printf call and what it prints.
PRINTED = (
    ('printf("plain\\n")', "plain\n"),
    ('printf("%s and %s", "one", "two")', "one and two"),
    ('printf("%5s|%-5s|%2s", "abc", "abc", "abc")', "  abc|abc  |abc"),
    ("printf(\"%c%c\", 'o', 'k')", "ok"),
    ('printf("%d %d %d", 0, -7, 2147483647)', "0 -7 2147483647"),
    ('printf("%d", -2147483647 - 1)', "-2147483648"),
    ('printf("%u", 4294967295u)', "4294967295"),
    ('printf("%4u|%-4u|%04u|%1u", 12u, 12u, 12u, 123u)', "  12|12  |0012|123"),
    ('printf("%x %08x %x", 0xbeefu, 0xbeefu, 0u)', "beef 0000beef 0"),
    ('printf("%p", (void *)0x1a000)', "0x0001a000"),
    ('printf("100%%")', "100%"),
)

MEMORY = """
static char area[64];

static char *fill(void)
{
    for (int i = 0; i < 64; i++) {
        area[i] = (char)i;
    }
    return area;
}

/* Compares with what a loop of single bytes would have done. */
static unsigned check(int to, int from, int count)
{
    unsigned wrong = 0;
    for (int i = 0; i < 64; i++) {
        wrong += area[i] != (i >= to && i < to + count ? i - to + from : i);
    }
    return wrong;
}

unsigned all_copies(void)
{
    unsigned wrong = 0;
    for (int to = 32; to < 37; to++) {
        for (int from = 0; from < 5; from++) {
            for (int count = 0; count < 20; count++) {
                wrong += memcpy(fill() + to, area + from, (size_t)count) != area + to;
                wrong += check(to, from, count);
            }
        }
    }
    return wrong;
}

unsigned all_moves(void)
{
    unsigned wrong = 0;
    for (int to = 0; to < 12; to++) {
        for (int from = 0; from < 12; from++) {
            for (int count = 0; count < 20; count++) {
                wrong += memmove(fill() + to, area + from, (size_t)count) != area + to;
                wrong += check(to, from, count);
            }
        }
    }
    return wrong;
}

unsigned all_fills(void)
{
    unsigned wrong = 0;
    for (int to = 0; to < 8; to++) {
        for (int count = 0; count < 20; count++) {
            wrong += memset(fill() + to, 0x1a5, (size_t)count) != area + to;
            for (int i = 0; i < 64; i++) {
                wrong += area[i] != (char)(i >= to && i < to + count ? 0xa5 : i);
            }
        }
    }
    return wrong;
}

unsigned all_lengths(void)
{
    return 100 * strlen("") + 10 * strlen("a") + strlen("abc\\0def");
}
"""


def _program() -> str:
    calls = [f"void print_{i}(void) {{ {call}; }}" for i, (call, _) in enumerate(PRINTED)]
    calls.append('void print_error(seL4_Word label) { printf("%s", sel4_error_name(label)); }')
    names = [f"print_{i}" for i in range(len(PRINTED))] + ["print_error"]
    names += ["all_copies", "all_moves", "all_fills", "all_lengths"]
    keep = ", ".join(f"(void *){name}" for name in names)
    headers = ("sel4/io.h", "sel4/sel4.h", "sel4/string.h")
    return "\n".join([
        *(f"#include <{header}>" for header in headers),
        *calls, MEMORY,
        f"void *const volatile keep[] = {{{keep}}};",
        "int main(void) { return keep[0] != 0; }",
    ])  # fmt: skip


@pytest.fixture(scope="module")
def library_probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ELF file with the functions above."""
    folder = tmp_path_factory.mktemp("library")
    source = folder / "library.c"
    source.write_text(_program(), encoding="ascii")
    compile_elf([source], folder / "library.elf")
    return folder / "library.elf"


@pytest.fixture
def printed_by(library_probes: Path, run_guest: RunGuest) -> Callable[[str, int], str]:
    """Runs a function and gives what it put on the debug console."""

    def run(function: str, argument: int = 0) -> str:
        console: list[str] = []

        def kernel(uc: Uc) -> bool:
            assert uc.reg_read(UC_ARM_REG_R0 + 7) == Syscall.DEBUG_PUT_CHAR & 0xFFFF_FFFF
            console.append(chr(uc.reg_read(UC_ARM_REG_R0)))
            return True

        run_guest(library_probes, function, argument, kernel, {})
        return "".join(console)

    return run


@pytest.mark.parametrize("index", range(len(PRINTED)), ids=lambda i: PRINTED[i][0])
def test_printf_prints(printed_by: Callable[[str, int], str], index: int) -> None:
    """Each conversion, with and without width, prints what C says."""
    assert printed_by(f"print_{index}", 0) == PRINTED[index][1]


@pytest.mark.parametrize("error", Error, ids=lambda error: error.name)
def test_every_error_has_its_name(printed_by: Callable[[str, int], str], error: Error) -> None:
    """An error label is called as in the binary interface."""
    assert printed_by("print_error", error) == error.name.title().replace("_", "")


def test_unknown_error_has_a_name(printed_by: Callable[[str, int], str]) -> None:
    """A label beyond the list is no reason to read beyond the list."""
    assert printed_by("print_error", max(Error) + 1) == "an unknown error"


def _no_call(_: Uc) -> bool:
    raise AssertionError("a memory function made a system call")


@pytest.mark.parametrize("function", ["all_copies", "all_moves", "all_fills"])
def test_memory_functions(library_probes: Path, run_guest: RunGuest, function: str) -> None:
    """Copies, overlapping moves and fills of every alignment and small length change what they
    must, nothing else, and answer the destination.
    """
    assert run_guest(library_probes, function, 0, _no_call, {}) == 0


def test_strlen(library_probes: Path, run_guest: RunGuest) -> None:
    """A string ends at its first zero byte."""
    assert run_guest(library_probes, "all_lengths", 0, _no_call, {}) == 13
