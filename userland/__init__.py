# SPDX-License-Identifier: BSD-2-Clause
"""Programs that run in the guest, their C library, and the code that compiles them."""
