# SPDX-License-Identifier: BSD-2-Clause
"""The C stubs put every argument where the binary interface has it.

Each row of a table holds a C call with distinct arguments and what the kernel must then see. All
rows are compiled into one program; each runs on a bare Unicorn up to its SVC, where registers and
IPC buffer are compared and a reply is made up.
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from unicorn import Uc
from unicorn.arm_const import UC_ARM_REG_PC, UC_ARM_REG_R0

from kernel import abi
from kernel.abi import Label, Syscall
from userland.build import INCLUDE, compile_elf

Kernel = Callable[[Uc], bool]
RunGuest = Callable[[Path, str, int, Kernel, Mapping[int, bytes]], int]

SERVICE = 900
BUFFER_BYTES = 1 << abi.IPC_BUFFER_BITS
BUFFER_WORDS = BUFFER_BYTES // abi.WORD_BYTES
CAPS_AT = abi.IPC_CAPS_OR_BADGES // abi.WORD_BYTES
MSG_AT = abi.IPC_MSG // abi.WORD_BYTES


def buffer_word_before(index: int) -> int:
    """What word `index` of the IPC buffer holds before a stub runs: no row uses such a value."""
    return 0xB0FF_E000 | index


@dataclass(frozen=True)
class Invocation:
    """A stub that invokes a kernel object, and the message that it must send."""

    call: str
    label: Label
    words: tuple[int, ...] = ()
    caps: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return self.call.split("(", 1)[0]


CONTEXT = tuple(range(5001, 5001 + len(abi.CONTEXT_REGISTERS)))
GUARD = 1 << 31 | 0x2345 << 8 | 14 << 3

INVOCATIONS = (
    Invocation("seL4_Untyped_Retype(900, 1, 2, 301, 4, 5, 6, 7)", Label.UNTYPED_RETYPE,
               (1, 2, 4, 5, 6, 7), (301,)),
    Invocation("seL4_TCB_ReadRegisters(900, true, 0xa5, 17, &context)", Label.TCB_READ_REGISTERS,
               (0xA501, 17)),
    Invocation("seL4_TCB_WriteRegisters(900, true, 0x5a, 17, &numbered)",
               Label.TCB_WRITE_REGISTERS, (0x5A01, 17, *CONTEXT)),
    Invocation("seL4_TCB_WriteRegisters(900, false, 0, 2, &numbered)",
               Label.TCB_WRITE_REGISTERS, (0, 2, *CONTEXT)),
    Invocation("seL4_TCB_CopyRegisters(900, 301, true, false, false, false, 3)",
               Label.TCB_COPY_REGISTERS, (0x301,), (301,)),
    Invocation("seL4_TCB_CopyRegisters(900, 301, false, true, false, false, 0)",
               Label.TCB_COPY_REGISTERS, (2,), (301,)),
    Invocation("seL4_TCB_CopyRegisters(900, 301, false, false, true, false, 0)",
               Label.TCB_COPY_REGISTERS, (4,), (301,)),
    Invocation("seL4_TCB_CopyRegisters(900, 301, false, false, false, true, 0)",
               Label.TCB_COPY_REGISTERS, (8,), (301,)),
    Invocation("seL4_TCB_Configure(900, 1, 200, 301, seL4_CapData_Guard_new(0x2345, 14), 302, "
               "seL4_CapData_Badge_new(77), 0x7000, 303)", Label.TCB_CONFIGURE,
               (1, 200, GUARD, 77, 0x7000), (301, 302, 303)),
    Invocation("seL4_TCB_SetPriority(900, 255)", Label.TCB_SET_PRIORITY, (255,)),
    Invocation("seL4_TCB_SetIPCBuffer(900, 0x7200, 301)", Label.TCB_SET_IPC_BUFFER,
               (0x7200,), (301,)),
    Invocation("seL4_TCB_SetSpace(900, 1, 301, seL4_CapData_Guard_new(0x2345, 14), 302, "
               "seL4_CapData_Badge_new(77))", Label.TCB_SET_SPACE, (1, GUARD, 77), (301, 302)),
    Invocation("seL4_TCB_Suspend(900)", Label.TCB_SUSPEND),
    Invocation("seL4_TCB_Resume(900)", Label.TCB_RESUME),
    Invocation("seL4_CNode_Revoke(900, 1, 32)", Label.CNODE_REVOKE, (1, 32)),
    Invocation("seL4_CNode_Delete(900, 1, 32)", Label.CNODE_DELETE, (1, 32)),
    Invocation("seL4_CNode_Recycle(900, 1, 32)", Label.CNODE_RECYCLE, (1, 32)),
    Invocation("seL4_CNode_Copy(900, 1, 2, 301, 3, 4, seL4_CanGrant)", Label.CNODE_COPY,
               (1, 2, 3, 4, 4), (301,)),
    Invocation("seL4_CNode_Mint(900, 1, 2, 301, 3, 4, seL4_AllRights, "
               "seL4_CapData_Badge_new(0xffffffff))", Label.CNODE_MINT,
               (1, 2, 3, 4, 7, 0x0FFF_FFFF), (301,)),
    Invocation("seL4_CNode_Move(900, 1, 2, 301, 3, 4)", Label.CNODE_MOVE, (1, 2, 3, 4), (301,)),
    Invocation("seL4_CNode_Mutate(900, 1, 2, 301, 3, 4, seL4_CapData_Guard_new(0x2345, 14))",
               Label.CNODE_MUTATE, (1, 2, 3, 4, GUARD), (301,)),
    Invocation("seL4_CNode_Rotate(900, 1, 2, seL4_CapData_Badge_new(3), 301, 4, 5, "
               "seL4_CapData_Badge_new(6), 302, 7, 8)", Label.CNODE_ROTATE,
               (1, 2, 3, 4, 5, 6, 7, 8), (301, 302)),
    Invocation("seL4_CNode_SaveCaller(900, 1, 32)", Label.CNODE_SAVE_CALLER, (1, 32)),
    Invocation("seL4_CNode_Imitate(900, 1, 2, 301, 3, 4)", Label.CNODE_IMITATE,
               (1, 2, 3, 4), (301,)),
    Invocation("seL4_IRQControl_Get(900, 45, 301, 2, 32)", Label.IRQ_CONTROL_GET,
               (45, 2, 32), (301,)),
    Invocation("seL4_IRQHandler_Ack(900)", Label.IRQ_HANDLER_ACK),
    Invocation("seL4_IRQHandler_SetEndpoint(900, 301)", Label.IRQ_HANDLER_SET_ENDPOINT,
               (), (301,)),
    Invocation("seL4_IRQHandler_Clear(900)", Label.IRQ_HANDLER_CLEAR),
    Invocation("seL4_DomainSet_Set(900, 3, 301)", Label.DOMAIN_SET_SET, (3,), (301,)),
    Invocation("seL4_ARM_PageDirectory_Clean_Data(900, 1, 2)", Label.PD_CLEAN_DATA, (1, 2)),
    Invocation("seL4_ARM_PageDirectory_Invalidate_Data(900, 1, 2)", Label.PD_INVALIDATE_DATA,
               (1, 2)),
    Invocation("seL4_ARM_PageDirectory_CleanInvalidate_Data(900, 1, 2)",
               Label.PD_CLEAN_INVALIDATE_DATA, (1, 2)),
    Invocation("seL4_ARM_PageDirectory_Unify_Instruction(900, 1, 2)", Label.PD_UNIFY_INSTRUCTION,
               (1, 2)),
    Invocation("seL4_ARM_PageTable_Map(900, 301, 0x100000, seL4_ARM_PageCacheable)",
               Label.PAGE_TABLE_MAP, (0x10_0000, 1), (301,)),
    Invocation("seL4_ARM_PageTable_Unmap(900)", Label.PAGE_TABLE_UNMAP),
    Invocation("seL4_ARM_Page_Map(900, 301, 0x1000, seL4_CanRead, seL4_ARM_Default_VMAttributes)",
               Label.PAGE_MAP, (0x1000, 2, 3), (301,)),
    Invocation("seL4_ARM_Page_Remap(900, 301, seL4_CanRead, seL4_ARM_PageCacheable)",
               Label.PAGE_REMAP, (2, 1), (301,)),
    Invocation("seL4_ARM_Page_Unmap(900)", Label.PAGE_UNMAP),
    Invocation("seL4_ARM_Page_Clean_Data(900, 1, 2)", Label.PAGE_CLEAN_DATA, (1, 2)),
    Invocation("seL4_ARM_Page_Invalidate_Data(900, 1, 2)", Label.PAGE_INVALIDATE_DATA, (1, 2)),
    Invocation("seL4_ARM_Page_CleanInvalidate_Data(900, 1, 2)",
               Label.PAGE_CLEAN_INVALIDATE_DATA, (1, 2)),
    Invocation("seL4_ARM_Page_Unify_Instruction(900, 1, 2)", Label.PAGE_UNIFY_INSTRUCTION, (1, 2)),
    Invocation("seL4_ARM_Page_GetAddress(900).error", Label.PAGE_GET_ADDRESS),
    Invocation("seL4_ARM_Page_MapWithTable(900, 301, 302, 0x1000, seL4_CanWrite, "
               "seL4_ARM_PageCacheable)", Label.PAGE_MAP_WITH_TABLE, (0x1000, 1, 1), (301, 302)),
    Invocation("seL4_ARM_ASIDControl_MakePool(900, 301, 302, 1, 32)",
               Label.ASID_CONTROL_MAKE_POOL, (1, 32), (301, 302)),
    Invocation("seL4_ARM_ASIDPool_Assign(900, 301)", Label.ASID_POOL_ASSIGN, (), (301,)),
)  # fmt: skip


@dataclass(frozen=True)
class Trap:
    """A system call that is not an invocation: C statements and the registers of its SVC."""

    name: str
    body: str
    number: Syscall
    registers: Mapping[int, int] = field(default_factory=dict)


INFO = "seL4_MessageInfo_new(0x54321, 5, 2, 100)"
INFO_WORD = 0x54321 << 12 | 5 << 9 | 2 << 7 | 100
BADGE = "seL4_Word badge = 0; "
WORDS = BADGE + "(void)badge; seL4_Word a = 11, b = 12, c = 13, d = 14; "
IN_BUFFER = {2 + i: buffer_word_before(MSG_AT + i) for i in range(4)}
IN_WORDS = {2: 11, 3: 12, 4: 13, 5: 14}
TO = {0: SERVICE, 1: INFO_WORD}
#: Adds up what came back, so that the caller of the probe can see it in r0.
SUM_BUFFER = "return seL4_GetMR(0) + seL4_GetMR(1) + seL4_GetMR(2) + seL4_GetMR(3) + badge;"
SUM_WORDS = "return a + b + c + d + badge;"

TRAPS = (
    Trap("Send", f"seL4_Send(900, {INFO}); return 0;", Syscall.SEND, TO | IN_BUFFER),
    Trap("NBSend", f"seL4_NBSend(900, {INFO}); return 0;", Syscall.NB_SEND, TO | IN_BUFFER),
    Trap("Reply", f"seL4_Reply({INFO}); return 0;", Syscall.REPLY, {1: INFO_WORD} | IN_BUFFER),
    Trap("Notify", "seL4_Notify(900, 42); return 0;", Syscall.SEND, {0: SERVICE, 1: 1, 2: 42}),
    Trap("Wait", BADGE + "seL4_Wait(900, &badge); " + SUM_BUFFER, Syscall.WAIT,
         {0: SERVICE} | IN_BUFFER),
    Trap("Call", BADGE + f"seL4_Call(900, {INFO}); " + SUM_BUFFER, Syscall.CALL, TO | IN_BUFFER),
    Trap("ReplyWait", BADGE + f"seL4_ReplyWait(900, {INFO}, &badge); " + SUM_BUFFER,
         Syscall.REPLY_WAIT, TO | IN_BUFFER),
    Trap("SendWithMRs", WORDS + f"seL4_SendWithMRs(900, {INFO}, &a, &b, &c, &d); return 0;",
         Syscall.SEND, TO | IN_WORDS),
    Trap("NBSendWithMRs", WORDS + f"seL4_NBSendWithMRs(900, {INFO}, &a, &b, &c, &d); return 0;",
         Syscall.NB_SEND, TO | IN_WORDS),
    Trap("ReplyWithMRs", WORDS + f"seL4_ReplyWithMRs({INFO}, &a, &b, &c, &d); return 0;",
         Syscall.REPLY, {1: INFO_WORD} | IN_WORDS),
    Trap("WaitWithMRs", WORDS + "seL4_WaitWithMRs(900, &badge, &a, &b, &c, &d); " + SUM_WORDS,
         Syscall.WAIT, {0: SERVICE} | IN_WORDS),
    Trap("CallWithMRs", WORDS + f"seL4_CallWithMRs(900, {INFO}, &a, &b, &c, &d); " + SUM_WORDS,
         Syscall.CALL, TO | IN_WORDS),
    Trap("ReplyWaitWithMRs",
         WORDS + f"seL4_ReplyWaitWithMRs(900, {INFO}, &badge, &a, &b, &c, &d); " + SUM_WORDS,
         Syscall.REPLY_WAIT, TO | IN_WORDS),
    Trap("Yield", "seL4_Yield(); return 0;", Syscall.YIELD),
    Trap("DebugPutChar", "seL4_DebugPutChar((char)0xe9); return 0;", Syscall.DEBUG_PUT_CHAR,
         {0: 0xE9}),
    Trap("DebugHalt", "seL4_DebugHalt();", Syscall.DEBUG_HALT),
    Trap("DebugExit", "seL4_DebugExit(3);", Syscall.DEBUG_EXIT, {0: 3}),
    Trap("DebugCapIdentify", "return seL4_DebugCapIdentify(900);", Syscall.DEBUG_CAP_IDENTIFY,
         {0: SERVICE}),
    Trap("DebugSnapshot", "seL4_DebugSnapshot(); return 0;", Syscall.DEBUG_SNAPSHOT),
    Trap("DebugNameThread", 'seL4_DebugNameThread(900, "pong"); return 0;',
         Syscall.DEBUG_NAME_THREAD, {0: SERVICE}),
    Trap("CycleReset", "seL4_CycleReset(); return 0;", Syscall.CYCLE_RESET),
    Trap("CycleRead", "return seL4_CycleRead();", Syscall.CYCLE_READ),
)  # fmt: skip

#: What the answering kernel of the tests puts in r0 to r5; the label of r1 is 9.
ANSWER = (21, 9 << 12 | 4, 31, 32, 33, 34)
ANSWERED_WORDS = sum(ANSWER[2:])
#: What a probe then returns, for those that look at the answer.
RESULTS = {
    "Wait": ANSWERED_WORDS + 21, "Call": ANSWERED_WORDS, "ReplyWait": ANSWERED_WORDS + 21,
    "WaitWithMRs": ANSWERED_WORDS + 21, "CallWithMRs": ANSWERED_WORDS,
    "ReplyWaitWithMRs": ANSWERED_WORDS + 21, "DebugCapIdentify": 21, "CycleRead": 21,
}  # fmt: skip

READ_BACK = """
seL4_Word probe_read_registers(void)
{
    for (int i = 0; i < 17; i++) {
        ((seL4_Word *)&context)[i] = 1;
    }
    seL4_TCB_ReadRegisters(900, false, 0, 16, &context);
    return (seL4_Word)&context;
}

seL4_Word probe_get_address(void)
{
    return seL4_ARM_Page_GetAddress(900).paddr;
}
"""


def _program() -> str:
    fields = ("r14" if name == "lr" else name for name in abi.CONTEXT_REGISTERS)
    numbered = ", ".join(f".{name} = {value}" for name, value in zip(fields, CONTEXT, strict=True))
    bodies = [f"return (seL4_Word){row.call};" for row in INVOCATIONS]
    bodies += [row.body for row in TRAPS]
    functions = [f"seL4_Word probe_{i}(void) {{ {body} }}" for i, body in enumerate(bodies)]
    names = [f"probe_{i}" for i in range(len(bodies))]
    names += ["probe_read_registers", "probe_get_address"]
    return "\n".join([
        "#include <sel4/sel4.h>",
        "static seL4_UserContext context;",
        f"static const seL4_UserContext numbered = {{{numbered}}};",
        *functions, READ_BACK,
        f"seL4_Word (*const volatile probes[])(void) = {{{', '.join(names)}}};",
        "int main(void) { return (int)probes[0](); }",
    ])  # fmt: skip


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ELF file with a function `probe_<n>` for each row of the tables."""
    folder = tmp_path_factory.mktemp("probes")
    source = folder / "probes.c"
    source.write_text(_program(), encoding="ascii")
    compile_elf([source], folder / "probes.elf")
    return folder / "probes.elf"


@dataclass
class Seen:
    """What the test's kernel saw at the SVC of one probe."""

    registers: list[int]
    instruction: int
    buffer: tuple[int, ...]


def _read_buffer(uc: Uc, address: int) -> tuple[int, ...]:
    return struct.unpack(f"<{BUFFER_WORDS}I", uc.mem_read(address, BUFFER_BYTES))


@dataclass
class AnsweringKernel:
    """Notes what it sees, gives the made-up answer, and stops where nothing may return."""

    buffer_address: int
    seen: list[Seen] = field(default_factory=list)

    def __call__(self, uc: Uc) -> bool:
        registers = [int(uc.reg_read(UC_ARM_REG_R0 + i)) for i in range(8)]
        pc = int(uc.reg_read(UC_ARM_REG_PC))
        (instruction,) = struct.unpack("<I", uc.mem_read(pc - 4, 4))
        self.seen.append(Seen(registers, instruction, _read_buffer(uc, self.buffer_address)))
        for i, value in enumerate(ANSWER):
            uc.reg_write(UC_ARM_REG_R0 + i, value)
        number = registers[7] - (1 << 32)
        return number not in (Syscall.DEBUG_EXIT, Syscall.DEBUG_HALT)


POISON = struct.pack(f"<{BUFFER_WORDS}I", *map(buffer_word_before, range(BUFFER_WORDS)))

#: probe(function) -> what the kernel saw at its SVC, and what the function returned
Probe = Callable[[str], tuple[Seen, int]]


@pytest.fixture
def probe(probes: Path, run_guest: RunGuest, guest_ipc_buffer: int) -> Probe:
    """Runs one function of the program; it must make exactly one system call."""

    def run(function: str) -> tuple[Seen, int]:
        kernel = AnsweringKernel(guest_ipc_buffer)
        result = run_guest(probes, function, 0, kernel, {guest_ipc_buffer: POISON})
        (seen,) = kernel.seen
        return seen, result

    return run


def _assert_svc(seen: Seen, number: Syscall) -> None:
    assert seen.registers[7] == number & abi.WORD_MASK
    assert seen.instruction == 0xEF00_0000 | number & 0xFF_FFFF


def _invocation_buffer(row: Invocation) -> list[int]:
    """The IPC buffer that a stub must leave: words and capabilities, and nothing else touched."""
    buffer = [buffer_word_before(i) for i in range(BUFFER_WORDS)]
    for i, word in enumerate(row.words[abi.MSG_REGISTERS :], start=abi.MSG_REGISTERS):
        buffer[MSG_AT + i] = word
    for i, cap in enumerate(row.caps):
        buffer[CAPS_AT + i] = cap
    return buffer


@pytest.mark.parametrize("index", range(len(INVOCATIONS)), ids=lambda i: INVOCATIONS[i].name)
def test_invocation_stub_packs_its_arguments(probe: Probe, index: int) -> None:
    """An invocation is a Call with label, words and extra capabilities in the ABI's places."""
    row = INVOCATIONS[index]
    seen, result = probe(f"probe_{index}")
    _assert_svc(seen, Syscall.CALL)
    assert seen.registers[0] == SERVICE
    info = row.label << abi.INFO_LABEL_SHIFT | len(row.caps) << abi.INFO_CAPS_SHIFT
    assert seen.registers[1] == info | len(row.words)
    in_registers = row.words[: abi.MSG_REGISTERS]
    assert tuple(seen.registers[2 : 2 + len(in_registers)]) == in_registers
    assert list(seen.buffer) == _invocation_buffer(row)
    assert result == ANSWER[1] >> abi.INFO_LABEL_SHIFT, "the stub answers the reply's label"


@pytest.mark.parametrize("index", range(len(TRAPS)), ids=lambda i: TRAPS[i].name)
def test_system_call_stub_loads_its_registers(probe: Probe, index: int) -> None:
    """A system call has its number in r7 and each argument in its register."""
    row = TRAPS[index]
    seen, result = probe(f"probe_{len(INVOCATIONS) + index}")
    _assert_svc(seen, row.number)
    for register, value in row.registers.items():
        assert seen.registers[register] == value, f"r{register}"
    if row.number not in (Syscall.DEBUG_EXIT, Syscall.DEBUG_HALT):
        assert result == RESULTS.get(row.name, 0)


def test_every_label_has_a_stub() -> None:
    """The table names every label of the ABI but the two that no object answers."""
    without = {Label.INVALID, Label.IRQ_CONTROL_CONTROL}
    assert {row.label for row in INVOCATIONS} == set(Label) - without


def test_every_system_call_has_a_stub() -> None:
    """The table names every system call of the ABI."""
    assert {row.number for row in TRAPS} == set(Syscall)


def test_every_stub_is_in_the_table() -> None:
    """No invocation stub of the headers goes untested."""
    text = "".join((INCLUDE / "sel4" / name).read_text(encoding="ascii")
                   for name in ("invocations.h", "invocations_arm.h"))  # fmt: skip
    pattern = r"(?:SEL4_INLINE \w+ |SEL4_CACHE_METHOD\()(seL4_\w+)"
    assert set(re.findall(pattern, text)) == {row.name for row in INVOCATIONS}


def test_name_of_a_thread_travels_in_the_buffer(probe: Probe) -> None:
    """DebugNameThread puts a C string where the message words start."""
    index = len(INVOCATIONS) + [row.name for row in TRAPS].index("DebugNameThread")
    seen, _ = probe(f"probe_{index}")
    text = struct.pack(f"<{BUFFER_WORDS}I", *seen.buffer)[abi.IPC_MSG :]
    assert text.startswith(b"pong\0")


def test_get_address_answers_the_first_word(probe: Probe) -> None:
    """Page_GetAddress takes the address from r2 of the reply, whatever its length says."""
    _, result = probe("probe_get_address")
    assert result == ANSWER[2]


def test_read_registers_fills_the_context(
    probes: Path, run_guest: RunGuest, guest_ipc_buffer: int
) -> None:
    """The first four registers come from the reply's registers, the rest from the buffer."""
    contexts: list[Uc] = []

    def kernel(uc: Uc) -> bool:
        for i, value in enumerate((0, 16, *ANSWER[2:])):
            uc.reg_write(UC_ARM_REG_R0 + i, value)
        contexts.append(uc)
        return True

    memory = {guest_ipc_buffer: POISON}
    address = run_guest(probes, "probe_read_registers", 0, kernel, memory)
    words = struct.unpack("<17I", contexts[0].mem_read(address, 17 * abi.WORD_BYTES))
    from_buffer = tuple(buffer_word_before(MSG_AT + i) for i in range(4, 16))
    assert words == (*ANSWER[2:], *from_buffer, 1), "16 registers asked for, 16 written"
