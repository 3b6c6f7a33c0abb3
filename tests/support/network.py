"""Closes the network for a test, its children and, where the machine permits, everything they load.

Two walls. The guard (`at_start/network_guard.py`) refuses what Python's own sockets try, and records who
tried it. Behind it stands, on Linux as root, a network namespace that holds nothing but a loopback: what
compiled code tries there reaches nobody.
"""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import network_guard

_AT_START = Path(__file__).parent / "at_start"
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of <sched.h>
_T = TypeVar("_T")

# Lives in the namespace for as long as its input is open: brings the loopback up, says so, waits.
_HOLDER = """
import fcntl, socket, struct, sys
with socket.socket() as near:
    fcntl.ioctl(near, 0x8914, struct.pack('16sh', b'lo', 0x1 | 0x40))  # SIOCSIFFLAGS: up and running
print('up', flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class ClosedNetwork:
    """A closed network.

    Start children as `subprocess.run(closed.command([...]), env=closed.environment())`, and speak to a
    server among them through `closed.inside(function, ...)`: its loopback is not the test's own.
    """

    record: Path
    holder: int | None = None  # the process that keeps the namespace; None: the guard stands alone
    _thread: ThreadPoolExecutor | None = field(default=None, repr=False)

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """What was tried: event, target, pid, program; in order of time."""
        if not self.record.exists():
            return []
        return [json.loads(line) for line in self.record.read_text("utf-8").splitlines()]

    def environment(self, **more: str) -> dict[str, str]:
        """The environment for a child: this process's own, the guard, and what is given."""
        path = [str(_AT_START), os.environ.get("PYTHONPATH", "")]
        guard = {
            network_guard.RECORD_VARIABLE: str(self.record),
            "PYTHONPATH": os.pathsep.join(filter(None, path)),
        }
        return os.environ | guard | more

    def command(self, words: Sequence[str | Path]) -> list[str]:
        """A command that runs inside the namespace, where there is one."""
        entrance = ["nsenter", f"--net=/proc/{self.holder}/ns/net", "--"] if self.holder else []
        return [*entrance, *map(str, words)]

    def inside(self, function: Callable[..., _T], /, *values: Any, **named: Any) -> _T:
        """Call a function of the test in a thread that sees the namespace's loopback."""
        if self._thread is None:
            return function(*values, **named)
        return self._thread.submit(function, *values, **named).result()


def _enter(holder: int) -> None:
    """Move the calling thread, and no other, into a process's network namespace."""
    with Path(f"/proc/{holder}/ns/net").open("rb") as namespace:
        library = ctypes.CDLL(None, use_errno=True)
        if library.setns(namespace.fileno(), _NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "the thread could not enter the network namespace")


@contextmanager
def _namespace() -> Iterator[int | None]:
    """The process id of a new network namespace's keeper; None where the machine permits none."""
    command = ["unshare", "--net", sys.executable, "-I", "-c", _HOLDER]
    pipe = subprocess.PIPE
    try:
        keeper = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
    except FileNotFoundError:
        yield None
        return
    with keeper:  # leaving closes its input, on which it ends
        said = keeper.stdout.readline() if keeper.stdout else ""
        yield keeper.pid if said == "up\n" else None


@contextmanager
def close_network(record: Path) -> Iterator[ClosedNetwork]:
    """Close the network for the calling process and the children that it starts as told above."""
    with _namespace() as holder:
        thread = ThreadPoolExecutor(1, initializer=_enter, initargs=(holder,)) if holder else None
        network_guard.close(record)
        try:
            yield ClosedNetwork(record, holder, thread)
        finally:
            network_guard.reopen()
            if thread:
                thread.shutdown()
