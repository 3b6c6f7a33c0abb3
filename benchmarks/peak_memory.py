"""The peak memory of this process alone."""

import contextlib
import resource
import sys
import threading
from pathlib import Path
from typing import Self

import psutil


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


class PeakOfAll:
    """The largest sum of resident sets of a process and all that it started, looked at twenty times a second.

    Pages that several share are counted for each of them: it is never less than what is held.
    """

    def __init__(self, pid: int) -> None:
        self.mebibytes = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            with contextlib.suppress(psutil.NoSuchProcess):
                first = psutil.Process(self._pid)
                held = 0
                for one in [first, *first.children(recursive=True)]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        held += one.memory_info().rss
                self.mebibytes = max(self.mebibytes, held / 2**20)
