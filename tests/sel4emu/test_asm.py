# SPDX-License-Identifier: BSD-2-Clause
"""The assembler: code, labels, constants, and the refusal of what an ARM1136 lacks."""

import pytest

from sel4emu.asm import AssemblyError, _substitute, assemble, labels_of


def test_code_and_labels() -> None:
    """Words in order, labels with their addresses, also behind data."""
    assembly = assemble("start: mov r0, #1\nb end\n.word 7\nend: bx lr", 0x8000_0000)
    assert assembly.labels == {"start": 0x8000_0000, "end": 0x8000_000C}
    assert [assembly.word(0x8000_0000 + 4 * n) for n in range(4)] == [
        0xE3A0_0001, 0xEA00_0000, 7, 0xE12F_FF1E
    ]  # fmt: skip
    assert assembly.end == 0x8000_0010 == assembly.address + len(assembly.code)


def test_constants() -> None:
    """Constants stand for numbers, as whole names, and never turn into a later instruction."""
    source = "ldr r0, [r1, #OFFSET]\nOFFSET_OF: add r0, r0, #OFFSET @ OFFSET: of comments\n"
    assembly = assemble(source, 0, {"OFFSET": 8})
    assert assembly.word(0) == 0xE591_0008 and assembly.word(4) == 0xE280_0008
    assert list(assembly.labels) == ["OFFSET_OF"]


def test_labels_in_comments_do_not_count() -> None:
    """Only labels at the start of a line, outside of comments."""
    assert labels_of("a: nop\n  b: nop @ c: nop\n@ d:\nldr r0, =a") == ["a", "b"]


@pytest.mark.parametrize(
    "instruction",
    [
        "movw r0, #1", "movteq r0, #1", "ubfx r0, r0, #1, #2", "ldrexb r0, [r1]", "clrex", "dsb",
        "wfi", "rbit r0, r1", "mls r0, r1, r2, r3",
    ],
)  # fmt: skip
def test_later_instructions_are_refused(instruction: str) -> None:
    """ARMv6K, v6T2 and v7 instructions raise, with address and name."""
    name = instruction.split(maxsplit=1)[0].removesuffix("eq")
    with pytest.raises(AssemblyError, match=f"0x80000004: {name}.* does not exist"):
        assemble(f"nop\n{instruction}", 0x8000_0000)


@pytest.mark.parametrize(
    "source", ["mov r0, #0x12345", "frobnicate r0", "b nowhere", "ldr r16, [r0]"]
)
def test_errors_are_raised(source: str) -> None:
    """What does not assemble raises AssemblyError with the reason."""
    with pytest.raises(AssemblyError):
        assemble(source, 0)


def test_literals_are_not_checked() -> None:
    """Behind the label `literals` a word may look like any instruction."""
    assembly = assemble("ldr r0, value\nliterals: value: .word 0xe3000000\n", 0)
    assert assembly.word(assembly.labels["literals"]) == 0xE300_0000


def test_barriers_print_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """The CP15 barriers assemble without keystone's warning on standard error."""
    assemble("mcr p15, 0, r0, c7, c10, 4\nmcr p15, 0, r0, c7, c10, 5", 0)
    assert capfd.readouterr() == ("", "")


def test_pending_literals_stay_in_the_code() -> None:
    """A literal without `.ltorg` once went behind the table of labels: it was cut off, and the
    labels read as each other's neighbours.
    """
    assembly = assemble("a: ldr r0, =0x12345678\nend: b end", 0x10000)
    assert assembly.labels == {"a": 0x10000, "end": 0x10004}
    assert assembly.word(0x10008) == 0x12345678
    assert assembly.end == 0x1000C


@pytest.mark.parametrize("instruction", ["bleq leaf", "blne leaf"])
def test_lost_calls_are_refused(instruction: str) -> None:
    """A conditional call of a label is refused: keystone made it a call of itself, silently.

    A program of the oracle hung in it on both machines.
    """
    with pytest.raises(AssemblyError, match="0x80000004: keystone loses the target"):
        assemble(f"nop\n{instruction}\nbl leaf\nleaf: bx lr", 0x8000_0000)
    assert assemble("bl leaf\nbeq leaf\nleaf: bx lr", 0x8000_0000).word(0x8000_0000) == 0xEB00_0000


def test_no_code_is_an_error() -> None:
    """An unpredictable instruction is refused with a sentence: keystone gave nothing at all."""
    with pytest.raises(AssemblyError, match="gives no code"):
        assemble("str r1, [r1, #-12]!", 0x8000_0000)


def test_decimal_numbers_get_their_base() -> None:
    """Keystone sees hexadecimal numbers only; names and strings stay as they are.

    Two processes of one minute read all numbers to another base: `mov r0, #101` became a movw.
    """
    source = 'l10: mov r10, #101\nldr r1, =SIZE + 12\n.asciz "10 of 20"\nmcr p15, 0, r0, c13, c0, 1'
    assert _substitute(source, {"SIZE": 4096}) == (
        'l10: mov r10, #0x65\nldr r1, =0x1000 + 0xc\n.asciz "10 of 20"\nmcr p15, 0, r0, c13, c0, 1'
    )
