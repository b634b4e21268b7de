# SPDX-License-Identifier: BSD-2-Clause
"""The names that people know for labels, system calls and errors, for logs and documents."""

from enum import IntEnum
from typing import Final

from kernel.abi import Label, Syscall

#: seL4's spelling, which does not follow from the enumeration's.
LABEL_NAMES: Final = {
    Label.INVALID: "Invalid",
    Label.UNTYPED_RETYPE: "Untyped_Retype",
    Label.TCB_READ_REGISTERS: "TCB_ReadRegisters",
    Label.TCB_WRITE_REGISTERS: "TCB_WriteRegisters",
    Label.TCB_COPY_REGISTERS: "TCB_CopyRegisters",
    Label.TCB_CONFIGURE: "TCB_Configure",
    Label.TCB_SET_PRIORITY: "TCB_SetPriority",
    Label.TCB_SET_IPC_BUFFER: "TCB_SetIPCBuffer",
    Label.TCB_SET_SPACE: "TCB_SetSpace",
    Label.TCB_SUSPEND: "TCB_Suspend",
    Label.TCB_RESUME: "TCB_Resume",
    Label.CNODE_REVOKE: "CNode_Revoke",
    Label.CNODE_DELETE: "CNode_Delete",
    Label.CNODE_RECYCLE: "CNode_Recycle",
    Label.CNODE_COPY: "CNode_Copy",
    Label.CNODE_MINT: "CNode_Mint",
    Label.CNODE_MOVE: "CNode_Move",
    Label.CNODE_MUTATE: "CNode_Mutate",
    Label.CNODE_ROTATE: "CNode_Rotate",
    Label.CNODE_SAVE_CALLER: "CNode_SaveCaller",
    Label.IRQ_CONTROL_GET: "IRQControl_Get",
    Label.IRQ_CONTROL_CONTROL: "IRQControl_Control",
    Label.IRQ_HANDLER_ACK: "IRQHandler_Ack",
    Label.IRQ_HANDLER_SET_ENDPOINT: "IRQHandler_SetEndpoint",
    Label.IRQ_HANDLER_CLEAR: "IRQHandler_Clear",
    Label.DOMAIN_SET_SET: "DomainSet_Set",
    Label.PD_CLEAN_DATA: "PD_Clean_Data",
    Label.PD_INVALIDATE_DATA: "PD_Invalidate_Data",
    Label.PD_CLEAN_INVALIDATE_DATA: "PD_CleanInvalidate_Data",
    Label.PD_UNIFY_INSTRUCTION: "PD_Unify_Instruction",
    Label.PAGE_TABLE_MAP: "PageTable_Map",
    Label.PAGE_TABLE_UNMAP: "PageTable_Unmap",
    Label.PAGE_MAP: "Page_Map",
    Label.PAGE_REMAP: "Page_Remap",
    Label.PAGE_UNMAP: "Page_Unmap",
    Label.PAGE_CLEAN_DATA: "Page_Clean_Data",
    Label.PAGE_INVALIDATE_DATA: "Page_Invalidate_Data",
    Label.PAGE_CLEAN_INVALIDATE_DATA: "Page_CleanInvalidate_Data",
    Label.PAGE_UNIFY_INSTRUCTION: "Page_Unify_Instruction",
    Label.PAGE_GET_ADDRESS: "Page_GetAddress",
    Label.ASID_CONTROL_MAKE_POOL: "ASIDControl_MakePool",
    Label.ASID_POOL_ASSIGN: "ASIDPool_Assign",
    Label.CNODE_IMITATE: "CNode_Imitate",
    Label.PAGE_MAP_WITH_TABLE: "Page_MapWithTable",
}
assert set(LABEL_NAMES) == set(Label)


def label_name(label: int) -> str:
    """The method that a label stands for; the number where there is none."""
    return LABEL_NAMES[Label(label)] if label in LABEL_NAMES else f"label {label}"


def camel_name(member: IntEnum) -> str:
    """`RevokeFirst` for `REVOKE_FIRST`: the spelling of error names."""
    return "".join(part.capitalize() for part in member.name.split("_"))


def syscall_name(number: Syscall) -> str:
    """seL4's name of a system call: `NBSend` for `NB_SEND`."""
    return camel_name(number).replace("Nb", "NB")
