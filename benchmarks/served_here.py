"""A real server for benchmarks: `leadlens serve` as a process, and clients that keep their connection."""

import gc
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serving.run import open_keys

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))  # real_home makes a home with a real model
_READY_SECONDS = 120


@dataclass(slots=True)
class Client:
    """One kept-alive connection on the loopback, with a key."""

    port: int
    key: str
    _open: http.client.HTTPConnection | None = None

    def __post_init__(self) -> None:
        gc.collect()
        gc.freeze()  # or this process's own collector, which walks all that was imported, is timed too

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return status and document of an answer."""
        status, said = self._answered(method, path, body)
        return status, json.loads(said) if said[:1] in (b"{", b"[") else said

    def _answered(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        if self._open is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._open.connect()
            self._open.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        self._open.request(method, path, sent, headers)
        answer = self._open.getresponse()
        return answer.status, answer.read()

    def timed(self, method: str, path: str, body: object = None) -> tuple[float, Any]:
        """Return milliseconds until the answer was here, and its document; it must be a success."""
        began = time.perf_counter()
        status, said = self._answered(method, path, body)
        took = (time.perf_counter() - began) * 1_000
        if not 200 <= status < 300:
            raise SystemExit(
                f"{method} {path.partition('?')[0]}: expected a success, found {status}: {said!r}"
            )
        return took, json.loads(said) if said else None

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()


@contextmanager
def serving(home: Path, *options: str, **environment: str) -> Iterator[int]:
    """Serve a home on a free port of the loopback; give the port once it is ready, and stop it at the end."""
    port = free_port()
    command = [sys.executable, "-m", "leadlens", "serve", "--home", str(home), "--port", str(port), *options]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    with (home / "bench-server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=settings, start_new_session=True)
    try:
        _wait_until_ready(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(5)


def new_key(home: Path) -> str:
    """Make a key that may do everything, any number of times."""
    with closing(open_keys(home)) as keys:
        return keys.create("benchmark", ["admin"], limit_per_minute=0)[1]


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spread(times: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum of milliseconds, as a line shows them."""
    middle, far = np.quantile(times, [0.5, 0.99])
    return f"p50 {middle:8.2f} ms   p99 {far:8.2f} ms   max {max(times):8.2f} ms   ({len(times):,} requests)"


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if Client(port, "none").ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server was not ready within {_READY_SECONDS} s: see bench-server.log in the home")
