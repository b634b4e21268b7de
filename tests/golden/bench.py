# SPDX-License-Identifier: BSD-2-Clause
"""The bench on which the golden cases are measured: a machine that runs each in its own page."""

from sel4emu.asm import Assembly, assemble
from sel4emu.machine import Machine
from sel4emu.stop import StopReason
from tests.golden.cases import FOLDER, Case
from tests.golden.frame import CONSTANTS, PAGE, build


class Bench:
    """A machine that has run the start-up code."""

    def __init__(self) -> None:
        self.machine = Machine.from_board(timing="full")
        startup = self._load("startup.s", CONSTANTS["RAM"])
        self._load("vectors.s", CONSTANTS["VECTORS"])
        self._fresh = startup.labels["fresh"]
        self._next = CONSTANTS["CODE"]
        self.machine.registers["pc"] = startup.address

    def _load(self, file: str, address: int) -> Assembly:
        text = (FOLDER / file).read_text().removeprefix("/*").partition("*/")[2]
        source = text if "literals:" in text else f"{text}\nliterals:\n.ltorg\n"
        assembly = assemble(source, address, CONSTANTS)
        self.machine.write_physical(address, assembly.code)
        return assembly

    def _run_to(self, address: int) -> int:
        stop = self.machine.run(until=address, cycles=1_000_000)
        assert stop.reason is StopReason.ADDRESS, f"0x{address:08x} is not reached: {stop}"
        return self.machine.cycles

    def passes(self, case: Case, count: int) -> list[int]:
        """Cycles of a case in each of its first `count` passes."""
        assembly = build(case, self._next)
        assert len(assembly.code) <= PAGE, f"{case} does not fit into its page"
        self._next += PAGE
        self.machine.write_physical(assembly.address, assembly.code)
        labels = {**CONSTANTS, **assembly.labels}
        return [
            self._one_pass(labels, self._fresh if number == 0 else labels["entry"], case)
            for number in range(count)
        ]

    def _one_pass(self, labels: dict[str, int], target: int, case: Case) -> int:
        words = (target, labels["entry"])
        data = b"".join(word.to_bytes(4, "little") for word in words)
        self.machine.write_physical(CONSTANTS["MAILBOX"], data)
        begin = self._run_to(labels["begin"])
        return self._run_to(labels[case.snippet.until]) - begin
