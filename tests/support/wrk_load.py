"""Load by wrk (github.com/wg/wrk; Debian's package `wrk`): many bodies in turn, counted, and what failed."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local bodies, requests, at = {}, {}, 0
for line in io.lines(os.getenv("LOAD_BODIES")) do bodies[#bodies + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("LOAD_KEY")
local pause_ms = tonumber(os.getenv("LOAD_PAUSE_MS"))

function init()
  math.randomseed(tonumber(os.getenv("LOAD_SEED")))
  for number, body in ipairs(bodies) do
    requests[number] = wrk.format("POST", os.getenv("LOAD_PATH"), nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

if pause_ms > 0 then
  function delay() return math.floor(-math.log(1 - math.random()) * pause_ms + 0.5) end
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"p999":%d,"max":%d,"bytes":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    latency:percentile(99.9), latency.max, summary.bytes,
    failed.connect, failed.read, failed.write, failed.status, failed.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. Latencies in milliseconds; `failed` counts requests without a 2xx answer."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    answer_bytes: float
    failed: int

    @property
    def a_second(self) -> float:
        """Answered requests a second."""
        return self.requests / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.a_second:9,.0f}/s   p50 {self.p50_ms:7.2f} ms   p99 {self.p99_ms:7.2f} ms   "
            f"p99.9 {self.p999_ms:7.2f} ms   max {self.max_ms:7.2f} ms   "
            f"{self.failed} failed of {self.requests:,}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sends: to which port of the loopback and path, with which key, from which processor (None: any)."""

    port: int
    key: str = "none"
    path: str = "/score"
    core: int | None = None

    def load(
        self,
        bodies: Sequence[bytes],
        seconds: float,
        *,
        connections: int = 8,
        a_second: float | None = None,
        seed: int = 1,
    ) -> Load:
        """Send bodies as fast as they are answered, or about `a_second`.

        With a rate each connection thinks between answer and next request, exponentially long, as many
        callers would; latency is that of answers, without the thinking.
        """
        pause_ms = 0.0 if a_second is None else max(0.0, connections / a_second * 1_000 - 0.5)
        with tempfile.TemporaryDirectory() as name:
            script, lines = Path(name) / "load.lua", Path(name) / "bodies"
            script.write_text(SCRIPT)
            lines.write_bytes(b"\n".join(bodies) + b"\n")
            settings = {
                "LOAD_BODIES": str(lines),
                "LOAD_KEY": self.key,
                "LOAD_PATH": self.path,
                "LOAD_PAUSE_MS": f"{pause_ms:.3f}",
                "LOAD_SEED": str(seed),
                "PATH": "/usr/bin:/bin",
            }
            command = [
                *(() if self.core is None else ("taskset", "-c", str(self.core))),
                *(_program(), "--threads", "1", "--connections", str(connections), "--timeout", "30s"),
                *("--duration", f"{seconds:g}s", "--script", str(script)),
                f"http://127.0.0.1:{self.port}{self.path}",
            ]
            done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        return _read(done)


def _program() -> str:
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("expected the load generator wrk, found none. On Debian: apt-get install wrk")
    return program


def _read(done: "subprocess.CompletedProcess[str]") -> Load:
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise SystemExit(f"wrk failed: {done.stdout}{done.stderr}")
    said = json.loads(lines[-1])
    return Load(
        requests=said["requests"],
        seconds=said["microseconds"] / 1e6,
        p50_ms=said["p50"] / 1_000,
        p99_ms=said["p99"] / 1_000,
        p999_ms=said["p999"] / 1_000,
        max_ms=said["max"] / 1_000,
        answer_bytes=said["bytes"] / max(said["requests"], 1),
        failed=sum(said[kind] for kind in ("connect", "read", "write", "status", "timeout")),
    )
