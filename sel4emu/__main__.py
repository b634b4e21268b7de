# SPDX-License-Identifier: BSD-2-Clause
"""`python -m sel4emu` is the command `sel4emu`."""

from sel4emu.cli import main

if __name__ == "__main__":
    main()
