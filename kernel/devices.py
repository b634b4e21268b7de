# SPDX-License-Identifier: BSD-2-Clause
"""The device regions that boot hands to the initial thread as Frames (R4.112), as data.

The order is that of the binary interface. The kernel keeps EPIT1, AVIC and L2CC for itself.
"""

from typing import Final, NamedTuple

from kernel.abi import SECTION_BITS, SMALL_PAGE_BITS


class DeviceRegion(NamedTuple):
    """`frames` neighbouring frames of 2^frame_bits bytes from a physical address."""

    base: int
    frame_bits: int
    frames: int


def _pages(base: int, count: int = 1) -> DeviceRegion:
    return DeviceRegion(base, SMALL_PAGE_BITS, count)


def _sections(base: int, count: int) -> DeviceRegion:
    return DeviceRegion(base, SECTION_BITS, count)


DEVICE_REGIONS: Final = (
    # AIPS-A
    *(_pages(base) for base in range(0x43F8_0000, 0x43FB_8000, 0x4000)),
    # SPBA
    *(_pages(base) for base in range(0x5000_4000, 0x5002_C000, 0x4000)),
    _pages(0x5003_C000),
    # AIPS-B, without EPIT1 at 0x53f94000
    _pages(0x53F8_0000),
    _pages(0x53F8_4000),
    _pages(0x53F8_C000),
    _pages(0x53F9_0000),  # GPT
    _pages(0x53F9_8000),  # EPIT2
    _pages(0x53FA_4000, 4),
    _pages(0x53FB_0000),
    _pages(0x53FC_4000),
    _pages(0x53FC_C000, 4),
    _pages(0x53FD_0000, 4),
    _pages(0x53FD_8000),
    _pages(0x53FE_0000),
    _pages(0x53FE_C000),
    # external memory
    _sections(0xA000_0000, 64),
    _sections(0xA800_0000, 32),
    _sections(0xB400_0000, 32),
    _sections(0xB600_0000, 32),
    _sections(0xC000_0000, 32),
)
