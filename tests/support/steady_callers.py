"""A few callers that score again and again over connections that they keep, and remember every answer."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Callers:
    """What came of the calls so far: answers by (status, version), and connections that broke.

    A caller whose connection breaks opens another one, and sends the same body once more.
    """

    address: str
    key: str
    body: Callable[[int], bytes]
    answers: Counter[tuple[int, int | None]] = field(default_factory=Counter)
    broken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def calling(self, callers: int) -> Iterator[None]:
        """Call as long as the block lasts."""
        threads = [threading.Thread(target=self._call, args=(number,)) for number in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def newest(self) -> Counter[tuple[int, int | None]]:
        """Forget what was answered so far, and return it."""
        with self._lock:
            taken, self.answers = self.answers, Counter()
        return taken

    def _call(self, number: int) -> None:
        place, connection = urlsplit(self.address), None
        count = number
        while not self._over.wait(PAUSE_SECONDS):
            if connection is None:
                connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
            try:
                answer = self._answer(connection, self.body(count))
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                with self._lock:
                    self.broken += 1
                continue
            count += 1
            with self._lock:
                self.answers[answer] += 1
        if connection is not None:
            connection.close()

    def _answer(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, int | None]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/score", body, headers)
        response = connection.getresponse()
        content = json.loads(response.read())
        return response.status, content.get("model", {}).get("version")
