# SPDX-License-Identifier: BSD-2-Clause
"""Bare programs that run on QEMU's machine `kzm` and on ours, and must leave the same state.

`python -m oracle` runs them on both; `oracle/golden/` keeps QEMU's answers, and the tests hold
our machine against those.
"""
