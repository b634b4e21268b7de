# SPDX-License-Identifier: BSD-2-Clause
"""Settings for the tests of the oracle."""

from collections.abc import Callable

import pytest

from oracle.program import CODE, build
from sel4emu.loader import Image


@pytest.fixture
def make_image() -> Callable[[str], Image]:
    """Images of programs that are written in a test."""

    def make(source: str) -> Image:
        image = build(source, "test")
        assert image.symbols["program"] == CODE
        return image

    return make
