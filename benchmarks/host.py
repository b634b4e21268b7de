# SPDX-License-Identifier: BSD-2-Clause
"""What `sel4emu boot` costs the host before and beside the guest: CPU time and memory."""

import json
import statistics
import subprocess
import sys
from typing import Final

REPEATS: Final = 5
#: The status of `sel4emu boot` at a limit.
EXIT_LIMIT: Final = 4
#: Runs the command line as it is, then says what the process has used.
_WRAPPER: Final = """
import json, re, runpy, sys, time
from pathlib import Path
sys.argv = ["sel4emu", *sys.argv[1:]]
status = 0
try:
    runpy.run_module("sel4emu", run_name="__main__")
except SystemExit as end:
    status = end.code
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps([status, time.process_time(), int(peak[1])]), file=sys.stderr)
"""


def _boot(expected: int, *arguments: str) -> tuple[float, int]:
    """CPU seconds and peak memory (bytes) of `sel4emu boot` with these arguments.

    `expected` is the exit status without which the run would mean nothing.
    """
    command = [sys.executable, "-c", _WRAPPER, "boot", "--quiet", *arguments]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    status, seconds, kilobytes = json.loads(done.stderr.splitlines()[-1])
    assert status == expected, done.stderr
    return seconds, kilobytes * 1024


def boot_seconds() -> float:
    """CPU seconds from the start of the process to the guest's first instruction; median.

    One instruction and the end of the process are in it. The first run, which may have to compile
    the machine, is left out.
    """
    _boot(EXIT_LIMIT, "--max-cycles", "1")
    return statistics.median(_boot(EXIT_LIMIT, "--max-cycles", "1")[0] for _ in range(REPEATS))


def boot_memory() -> int:
    """Peak memory, in bytes, of a whole run of the default image."""
    return _boot(0)[1]
