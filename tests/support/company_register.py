"""A register of companies on this machine: a real HTTP server that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Register:
    """What the server answers for each key (a list: one reply after another), and what it was asked."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = ""
        self._times: dict[str, int] = defaultdict(int)

    def knows(self, key: str, *replies: Reply) -> None:
        """Set the replies for a key; the last is repeated."""
        self.replies[key] = list(replies)

    def reply(self, key: str, headers: dict[str, str]) -> Reply:
        """Return what to say, and remember what was asked."""
        self.asked.append((key, headers))
        replies = self.replies.get(key, [(404, {})])
        turn = min(self._times[key], len(replies) - 1)
        self._times[key] += 1
        return replies[turn]


@contextmanager
def register() -> Iterator[Register]:
    """Serve a register on the loopback while the tests ask."""
    held = Register()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = unquote(self.path.removeprefix("/companies/"))
            status, content, *more = held.reply(key, dict(self.headers))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        held.url = f"http://127.0.0.1:{server.server_address[1]}/companies/{{key}}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()
