# SPDX-License-Identifier: BSD-2-Clause
"""Board descriptions: data only, one folder a board; `sel4emu.board` reads them."""
