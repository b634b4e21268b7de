# SPDX-License-Identifier: BSD-2-Clause
"""The part of the machine that runs at native speed: numba functions and Unicorn hooks.

`state.py` describes the one structure that native and Python code share, `mmu.py` translates
addresses, `exceptions.py` enters them, `cp15.py` follows the system control coprocessor, and
`hooks.py` holds the callbacks that Unicorn runs. No code here imports Python parts of the machine.
"""
