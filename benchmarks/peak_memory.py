"""The peak memory of this process alone."""

import resource
import sys
from pathlib import Path


def peak_mebibytes() -> float:
    """Return the largest resident set that this process has had since its program began.

    Linux carries `ru_maxrss` over from the process that started this one, so it is read from the kernel's own
    page there (VmHWM), which begins anew with the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        said = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(said.split()[1]) / 1024
    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
