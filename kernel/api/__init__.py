# SPDX-License-Identifier: BSD-2-Clause
"""The border of the kernel: messages, errors, faults and the system calls themselves."""
