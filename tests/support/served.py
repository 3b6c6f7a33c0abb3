"""Real server processes for tests: started, waited for, spoken to, and stopped."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUPPORT = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


@dataclass(slots=True)
class Served:
    address: str
    log_path: Path
    process: subprocess.Popen[bytes] = field(repr=False)
    opener: urllib.request.OpenerDirector = field(default_factory=lambda: _opener(None), repr=False)

    @property
    def log(self) -> str:
        """All that the server has written to standard output and standard error."""
        return self.log_path.read_text("utf-8", "replace")

    def ask(
        self, method: str, path: str, *, key: str | None = None, body: bytes | None = None, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self.address + path, body, sent, method=method)  # noqa: S310 - the test's own server
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, _lower(refused.headers), refused.read())

    def post(self, path: str, value: object, key: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask("POST", path, key=key, body=body, Content_Type="application/json")


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _opener(certificate: Path | None) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=certificate)
    tls = urllib.request.HTTPSHandler(context=context)
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), tls, _NoRedirect)


@contextmanager
def served(
    command: Sequence[str], folder: Path, port: int, *, tls: Path | None = None, **environment: str
) -> Iterator[Served]:
    """Start a server, wait until it is live, and stop it with the signal that an operator sends.

    `tls`: the certificate that it shows, which is then the only one that is trusted.
    """
    log_path = folder / f"server-{port}.log"
    path = os.pathsep.join([str(ROOT), str(SUPPORT)])
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "default", **environment},
            start_new_session=True,
        )
    server = Served(f"http{'s' if tls else ''}://127.0.0.1:{port}", log_path, process, _opener(tls))
    try:
        _wait_until_live(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def fake_server(home: Path, port: int, *settings: str) -> list[str]:
    """The command that serves a home with the fake scorer, without a worker unless worker=true is said."""
    return [sys.executable, str(SUPPORT / "fake_server.py"), str(home), str(port), *settings]


def put_champion(home: Path, folder: str = "v7", version: int = 7) -> None:
    """Make a folder that the fake scorer takes for a champion, and point to it."""
    (home / "champion" / folder).mkdir(parents=True, exist_ok=True)
    pointer = {"name": "leadlens", "version": version, "folder": folder}
    temporary = home / "champion" / ".current"
    temporary.write_text(json.dumps(pointer))
    temporary.replace(home / "champion" / "current")


def _wait_until_live(server: Served) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        if server.process.poll() is not None:
            break
        try:
            if server.ask("GET", "/livez").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up:\n{server.log}")


HOSTILE_ID = 'a/b "ö" <script>alert(1)</script>&?#%'


def put_leads(home: Path) -> None:
    """Write small files of leads where the pages look for them."""
    folder = home / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leadlens.toml").write_text(
        """
[leads]
path = "leads.csv"
id = "lead_id"
created_at = "created_at"
[events]
path = "events.csv"
lead_id = "lead_id"
occurred_at = "occurred_at"
type = "type"
[outcomes]
path = "outcomes.csv"
lead_id = "lead_id"
occurred_at = "occurred_at"
outcome = "outcome"
[training]
horizon = "90 days"
extract_at = 2026-11-21T09:30:00Z
"""
    )
    ids = ["L-1042", "L-2", "won", HOSTILE_ID, *(f"P-{number:03}" for number in range(60))]
    sizes = [420, 60, 500, "many", *(7 * number for number in range(60))]
    rows = ["lead_id,created_at,employees,<b>bold</b>"]
    rows += [
        f'"{i.replace(chr(34), chr(34) * 2)}",2026-11-02,{size},<i>x</i>'
        for i, size in zip(ids, sizes, strict=True)
    ]
    (folder / "leads.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "events.csv").write_text("lead_id,occurred_at,type\nL-1042,2026-11-20T17:02:11Z,page_view\n")
    (folder / "outcomes.csv").write_text("lead_id,occurred_at,outcome\nwon,2026-11-20,won\n")
