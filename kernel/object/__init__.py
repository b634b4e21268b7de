# SPDX-License-Identifier: BSD-2-Clause
"""One module per kernel object: its invariants, its decoding and its operations."""
