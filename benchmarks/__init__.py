# SPDX-License-Identifier: BSD-2-Clause
"""Programs that measure the emulator; `benchmarks/README.md` says how to add one."""
