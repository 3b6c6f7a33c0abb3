"""A stop loses nothing: what was accepted is answered, and its connection closed in good order."""

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command_line import leadlens_process
from ports import free_port
from served import fake_server, put_champion, served
from waiting import until

from serving.run import ADMIN_KEY

BODY = json.dumps(
    {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z"}, "as_of": "2026-11-21T09:30:00Z"}
).encode()


@dataclass(slots=True)
class Caller:
    """Asks over one connection until it is told that this was the last answer, then over a new one."""

    port: int
    key: str
    pause_seconds: float
    answered: int = 0
    lost: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        while self._over_one_connection():
            pass

    def _over_one_connection(self) -> bool:
        """Ask until the connection ends; return whether a new one may be had."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            asked = 0
            try:
                connection.connect()
                while True:
                    headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
                    connection.request("POST", "/score", BODY, headers)
                    answer = connection.getresponse()
                    document = json.loads(answer.read())
                    if answer.status != 200 or document["score"] is None:
                        self.lost.append(f"{answer.status}")
                    asked, self.answered = asked + 1, self.answered + 1
                    if answer.will_close:
                        return True
                    time.sleep(self.pause_seconds)
            except (OSError, http.client.HTTPException) as problem:
                if asked:  # else nobody had accepted it: the server listens no more
                    self.lost.append(f"{problem!r} after {asked}")
                return False


@pytest.fixture
def heeded_hangup() -> Iterator[None]:
    """Let what is started here heed SIGHUP, which under nohup all would ignore, as we do there."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeded_hangup")
@pytest.mark.parametrize(("workers", "sent"), [(2, signal.SIGTERM), (1, signal.SIGHUP)])
def test_a_stop_under_load_loses_no_request_that_was_accepted(
    tmp_path: Path, workers: int, sent: signal.Signals
) -> None:
    put_champion(tmp_path)
    port = free_port()
    with served(fake_server(tmp_path, port, f"workers={workers}"), tmp_path, port) as server:
        key = (tmp_path / ADMIN_KEY).read_text().strip()
        callers = [Caller(port, key, pause) for pause in (0, 0, 0, 0.01, 0.1, 0.3)]
        threads = [threading.Thread(target=caller) for caller in callers]
        for thread in threads:
            thread.start()
        until(lambda: all(caller.answered for caller in callers), "an answer for each")
        time.sleep(0.3)  # each is anywhere within its next requests
        server.process.send_signal(sent)
        code = server.process.wait(15)
        for thread in threads:
            thread.join()
        assert [lost for caller in callers for lost in caller.lost] == []
        assert code in (0, -signal.SIGTERM)
        assert server.log.count("stopped, as it was told to") == 1
        assert "Traceback" not in server.log


def test_who_starts_another_harms_nobody_and_what_arrives_slowly_at_the_stop_is_answered(
    tmp_path: Path,
) -> None:
    """Nor does a service mind that there is no room for what it says. The last answer ends its connection."""
    put_champion(tmp_path)
    port = free_port()
    deaf = ["sh", "-c", 'exec "$@" >/dev/full', "sh", *fake_server(tmp_path, port)]
    with served(deaf, tmp_path, port) as server:
        assert "standard output cannot be written: No space left on device" in server.log
        second = leadlens_process("serve", "--home", tmp_path, "--port", port)
        assert second.code == 1
        assert f"found 127.0.0.1:{port}: Address already in use" in second.said
        assert "another leadlens serve?" in second.said
        assert server.ask("GET", "/livez").body == b"live"
        key = (tmp_path / ADMIN_KEY).read_text().strip()
        head = f"POST /score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        head += "Content-Type: application/json\r\nExpect: 100-continue\r\n"
        head += f"Content-Length: {len(BODY)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(head.encode() + BODY[:10])
            assert slow.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # its body is waited for
            server.process.send_signal(signal.SIGTERM)
            _until_refused(port)
            slow.sendall(BODY[10:])
            answer = b"".join(iter(lambda: slow.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer.lower()
        assert server.process.wait(20) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.log


def _until_refused(port: int) -> None:
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.02)
    raise AssertionError("it still listens")
