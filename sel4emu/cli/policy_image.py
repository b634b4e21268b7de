# SPDX-License-Identifier: BSD-2-Clause
"""The resource manager with a compact state behind it, as one image to boot."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kernel.policy.compile import compile_state
from kernel.policy.description import Description
from kernel.policy.layout import (
    BUILTIN_BYTES,
    CNODE_BITS,
    PAGE_BYTES,
    PAGES_OF_ITS_OWN,
    c_header,
)
from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment, read_elf
from userland.build import build_part

MANAGER: Final = "policy"
#: Slots before it: the empty one, and those for CNode, thread and VSpace (`summary.h`).
_FIRST_SLOT: Final = 4
HEADER_NAME: Final = "policy/state_generated.h"
#: Programs that the manager brings, by number.
PROGRAMS: Final = ("worker", "smuggler", "glutton")
DEFAULT_PROGRAM: Final = PROGRAMS[0]
#: Managers that are broken on purpose, and what each does; the first keeps the rules.
MANAGERS: Final = MappingProxyType(
    {
        "intact": "keeps the rules",
        "grant_channel": "leaves the Grant right on channels",
        "both_ways": "leaves Read and Write at both ends of a channel",
        "no_channel": "forgets the last channel",
        "new_channel": "joins two subsystems by a channel that nobody asked for",
        "shared_cnode": "gives one subsystem the CNode of another",
        "shared_table": "gives one subsystem a page table of another",
        "shared_vspace": "gives one subsystem the page directory of another",
        "shared_frame": "gives one subsystem a page of another",
        "shared_memory": "gives one subsystem untyped memory of another",
        "more_memory": "gives each subsystem more memory than it may have",
        "others_thread": "gives one subsystem the thread of another",
        "interrupts": "gives one subsystem the power to take interrupts",
        "kept_thread": "forgets to remove a TCB capability of its own",
        "stays": "stops, but does not go",
    }
)
INTACT: Final = next(iter(MANAGERS))


def state_header() -> str:
    """The layout of the state for C, and the numbers of programs and managers."""
    lines = [c_header()]
    for prefix, names in (("PROGRAM", PROGRAMS), ("BROKEN", MANAGERS)):
        lines += [
            f"#define POLICY_{prefix}_{name.upper()} {number}" for number, name in enumerate(names)
        ]
    return "\n".join(lines) + "\n"


def boot_image(description: Description, programs: dict[str, str], manager: str = INTACT) -> Image:
    """The image that boots a description: the manager, and the state behind its last page.

    `programs` names programs of the manager by subsystem; others without an image run the
    default. Raises InputError where the manager cannot be compiled, or a subsystem would have more
    capabilities than its CSpace has slots.
    """
    _check_slots(description)
    numbers = {each.name: PROGRAMS.index(DEFAULT_PROGRAM) for each in description.subsystems}
    numbers |= {name: PROGRAMS.index(program) for name, program in programs.items()}
    state = compile_state(description, builtin=numbers)
    return _with_state(_manager_image(manager), state)


def _check_slots(description: Description) -> None:
    for number, subsystem in enumerate(description.subsystems):
        needed, slots = _capabilities(description, number), 1 << CNODE_BITS
        if needed > slots - _FIRST_SLOT:
            raise InputError(
                f"{description.file}: '{subsystem.name}' would have {needed} capabilities to its "
                f"pages, memory, channels and devices: expected at most {slots - _FIRST_SLOT}, "
                "what its CSpace has room for"
            )


def _capabilities(description: Description, number: int) -> int:
    """What the manager gives to a subsystem beside its CNode, its thread and its VSpace."""
    subsystem = description.subsystems[number]
    program = BUILTIN_BYTES // PAGE_BYTES
    if subsystem.program is not None:
        program = len(subsystem.program.pages)
    channels = sum(number in (each.sender, each.receiver) for each in description.channels)
    devices = sum(each.frames + (each.irq is not None) for each in subsystem.devices)
    tables = len(subsystem.table_vaddrs)
    return tables + PAGES_OF_ITS_OWN + program + subsystem.memory_mib + channels + devices


def check_programs(description: Description, programs: dict[str, str]) -> None:
    """Refuse names that the description does not have, or whose program is its own image."""
    for name in programs:
        if name not in description.numbers:
            known = ", ".join(description.numbers)
            raise InputError(
                f"--program: {description.file} has no subsystem '{name}': expected one of {known}"
            )
        if description.subsystems[description.numbers[name]].program is not None:
            raise InputError(
                f"--program: '{name}' has an image in {description.file}: expected a subsystem "
                "without one"
            )


def _manager_image(manager: str) -> Image:
    number = list(MANAGERS).index(manager)
    flags = [f"-DPOLICY_BROKEN={number}"] if number else []
    return read_elf(build_part(MANAGER, {HEADER_NAME: state_header()}, flags))


def _with_state(image: Image, state: bytes) -> Image:
    end = image.symbols["image_end"]
    assert end % PAGE_BYTES == 0, hex(end)
    segment = Segment(vaddr=end, paddr=end, data=state, memory_size=len(state))
    return replace(image, segments=(*image.segments, segment))
