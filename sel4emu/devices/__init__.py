# SPDX-License-Identifier: BSD-2-Clause
"""The devices of a board, one a file; `catalog` maps the kinds of a board file to them."""
