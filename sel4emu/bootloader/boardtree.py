# SPDX-License-Identifier: BSD-2-Clause
"""A device tree made from a board file: what a kernel needs to boot and to use the console.

Facts of the bindings (names, clock numbers of the i.MX31's CCM) are in the table below; addresses
are those of the chip, and a device is in the tree if the board has one there. Left out are devices
without behaviour, and those that a kernel would need firmware or pins for. Source: Linux,
Documentation/devicetree/bindings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sel4emu.board import Board
from sel4emu.bootloader.devicetree import DeviceTree, Node
from sel4emu.devices.catalog import DeviceEntry

_CONTROLLER_KIND: Final = "avic"
_CLOCK_KIND: Final = "ccm"
_GPIO_KIND: Final = "gpio"
_FPGA_KIND: Final = "fpga"
#: The controller answers in a whole megabyte of the chip.
_CONTROLLER_BYTES: Final = 0x10_0000
_CCM_INTERRUPTS: Final = (31, 53)

# Clocks of the CCM by their numbers in its binding.
_CKIL: Final = 2
_IPG: Final = 10

# Second cell of an interrupt at a GPIO bank.
_RISING: Final = 1

_FPGA_UART_AT: Final = 0x1050
_FPGA_UART_BYTES: Final = 0x10
_FPGA_UART_HZ: Final = 14_745_600


@dataclass(frozen=True, slots=True)
class _Binding:
    """How a device is called in the tree, and its clocks: name -> number."""

    name: str
    compatible: tuple[str, ...]
    clocks: Mapping[str, int]
    #: Of a device whose kind has no interrupt in a board file.
    interrupt: int | None = None


def _uart(gate: int) -> _Binding:
    return _Binding("serial", ("fsl,imx31-uart", "fsl,imx21-uart"), {"ipg": _IPG, "per": gate})


_BINDINGS: Final[Mapping[int, _Binding]] = {
    0x43F9_0000: _uart(30),
    0x43F9_4000: _uart(31),
    0x43FB_0000: _uart(49),
    0x43FB_4000: _uart(50),
    0x5000_C000: _uart(48),
    0x5001_C000: _Binding("efuse", ("fsl,imx31-iim", "fsl,imx27-iim"), {"": 25}, 19),
    0x53F9_0000: _Binding("timer", ("fsl,imx31-gpt",), {"ipg": _IPG, "per": 22}),
    0x53FB_0000: _Binding("rng", ("fsl,imx31-rnga",), {"": 29}, 22),
    0x53FD_8000: _Binding("rtc", ("fsl,imx31-rtc", "fsl,imx21-rtc"), {"ref": _CKIL, "ipg": 40}),
    0x53FD_C000: _Binding("watchdog", ("fsl,imx31-wdt", "fsl,imx21-wdt"), {"": 41}, 55),
}
#: UARTs by their numbers: the first is the console.
_SERIAL_ORDER: Final = (0x43F9_0000, 0x43F9_4000, 0x5000_C000, 0x43FB_0000, 0x43FB_4000)
#: GPIO banks, of which the chip's manual calls the first 1 and an alias 0.
_GPIO_ORDER: Final = (0x53FC_C000, 0x53FD_0000, 0x53FA_4000)


def board_tree(board: Board) -> DeviceTree:
    """The tree of a board, without memory and command line (`chosen.patch` writes those)."""
    return DeviceTree(_Maker(board).root())


class _Maker:
    def __init__(self, board: Board) -> None:
        self._board = board
        self._phandles: dict[str, int] = {}

    def root(self) -> Node:
        board = self._board
        root = Node("")
        root.set_words("#address-cells", 1)
        root.set_words("#size-cells", 1)
        root.set_texts("model", board.description.encode("ascii", "replace").decode())
        if board.boot.compatible:
            root.set_texts("compatible", *board.boot.compatible)
        soc = self._soc()
        serials = self._serials(soc)
        root.children += [self._chosen(serials), self._aliases(serials), _cpus(), _crystal(board)]
        root.children += [self._controller(), soc]
        return root

    def _phandle(self, name: str) -> int:
        return self._phandles.setdefault(name, len(self._phandles) + 1)

    def _chosen(self, serials: list[str]) -> Node:
        node = Node("chosen")
        if serials:
            node.set_texts("stdout-path", serials[0])
        return node

    def _aliases(self, serials: list[str]) -> Node:
        node = Node("aliases")
        for number, path in enumerate(serials):
            node.set_texts(f"serial{number}", path)
        banks = {entry.base for entry in self._entries(_GPIO_KIND)}
        for number, base in enumerate(_GPIO_ORDER):
            if base in banks:
                node.set_texts(f"gpio{number}", f"/soc/gpio@{base:x}")
        return node

    def _serials(self, soc: Node) -> list[str]:
        names = {node.name for node in soc.children}
        nodes = [f"serial@{base:x}" for base in _SERIAL_ORDER]
        return [f"/soc/{name}" for name in nodes if name in names]

    def _controller(self) -> Node:
        (entry,) = self._entries(_CONTROLLER_KIND)
        node = Node(f"interrupt-controller@{entry.base:x}")
        node.set_texts("compatible", "fsl,imx31-avic", "fsl,avic")
        node.properties["interrupt-controller"] = b""
        node.set_words("#interrupt-cells", 1)
        node.set_words("reg", entry.base, _CONTROLLER_BYTES)
        node.set_words("phandle", self._phandle(_CONTROLLER_KIND))
        return node

    def _soc(self) -> Node:
        soc = Node("soc")
        soc.set_words("#address-cells", 1)
        soc.set_words("#size-cells", 1)
        soc.set_texts("compatible", "simple-bus")
        soc.set_words("interrupt-parent", self._phandle(_CONTROLLER_KIND))
        soc.properties["ranges"] = b""
        for entry in self._board.devices:
            soc.children += self._device(entry)
        return soc

    def _device(self, entry: DeviceEntry) -> Iterator[Node]:
        if entry.kind == _CLOCK_KIND:
            yield self._clock_controller(entry)
        elif entry.kind == _GPIO_KIND:
            yield self._gpio(entry)
        elif entry.kind == _FPGA_KIND:
            yield from self._fpga_uart(entry)
        elif entry.base in _BINDINGS:
            yield self._bound(entry, _BINDINGS[entry.base])

    def _bound(self, entry: DeviceEntry, binding: _Binding) -> Node:
        node = _node(binding.name, entry, *binding.compatible)
        interrupt = binding.interrupt if entry.irq is None else entry.irq
        if interrupt is not None:
            node.set_words("interrupts", interrupt)
        if not self._entries(_CLOCK_KIND):
            return node
        clocks = [(self._phandle(_CLOCK_KIND), number) for number in binding.clocks.values()]
        node.set_words("clocks", *(word for clock in clocks for word in clock))
        names = [name for name in binding.clocks if name]
        if names:
            node.set_texts("clock-names", *names)
        return node

    def _clock_controller(self, entry: DeviceEntry) -> Node:
        node = _node("clock-controller", entry, "fsl,imx31-ccm")
        node.set_words("interrupts", *_CCM_INTERRUPTS)
        node.set_words("#clock-cells", 1)
        node.set_words("phandle", self._phandle(_CLOCK_KIND))
        return node

    def _gpio(self, entry: DeviceEntry) -> Node:
        node = _node("gpio", entry, "fsl,imx31-gpio")
        if entry.irq is not None:
            node.set_words("interrupts", entry.irq)
        node.properties["gpio-controller"] = b""
        node.set_words("#gpio-cells", 2)
        node.properties["interrupt-controller"] = b""
        node.set_words("#interrupt-cells", 2)
        node.set_words("phandle", self._phandle(entry.name))
        return node

    def _fpga_uart(self, entry: DeviceEntry) -> Iterator[Node]:
        bank = self._board.device(f"gpio{entry.options['interrupt_gpio']}")
        if bank is None:
            return
        base = entry.base + _FPGA_UART_AT
        node = Node(f"serial@{base:x}")
        node.set_texts("compatible", "ns16550a")
        node.set_words("reg", base, _FPGA_UART_BYTES)
        node.set_words("interrupt-parent", self._phandle(bank.name))
        pin = entry.options["interrupt_pin"]
        assert isinstance(pin, int)
        node.set_words("interrupts", pin, _RISING)
        node.set_words("clock-frequency", _FPGA_UART_HZ)
        yield node

    def _entries(self, kind: str) -> list[DeviceEntry]:
        return [entry for entry in self._board.devices if entry.kind == kind]


def _node(name: str, entry: DeviceEntry, *compatible: str) -> Node:
    node = Node(f"{name}@{entry.base:x}")
    node.set_texts("compatible", *compatible)
    node.set_words("reg", entry.base, entry.size)
    return node


def _cpus() -> Node:
    cpu = Node("cpu@0")
    cpu.set_texts("compatible", "arm,arm1136jf-s")
    cpu.set_texts("device_type", "cpu")
    cpu.set_words("reg", 0)
    cpus = Node("cpus", children=[cpu])
    cpus.set_words("#address-cells", 1)
    cpus.set_words("#size-cells", 0)
    return cpus


def _crystal(board: Board) -> Node:
    """The reference of the PLLs; a kernel takes 26 MHz if nothing tells it."""
    node = Node("clock-26m")
    node.set_texts("compatible", "fsl,imx-osc26m", "fixed-clock")
    node.set_words("#clock-cells", 0)
    node.set_words("clock-frequency", board.clocks.ckih)
    return node
