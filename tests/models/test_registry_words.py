"""What a tracking server does not do is said in words, and without the credentials in its address."""

import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from ports import free_port

from features.errors import InputError
from models.registry import CHALLENGER, DATABASE, Registry, home_registry
from models.registry_words import in_words

pytestmark = pytest.mark.slow


class Failing(BaseHTTPRequestHandler):
    """Answers everything as a server whose store of artifacts is broken."""

    def do_GET(self) -> None:  # the name is Python's
        self.send_error(500, "no store")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def failing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_answer_that_is_an_error_is_said_in_words(failing: str) -> None:
    with (
        pytest.raises(InputError, match=r"registry \(MLflow\): expected an answer, found 500") as raised,
        in_words(),
    ):
        requests.get(f"http://anna:secret@{failing}/artifacts", timeout=10).raise_for_status()
    assert "secret" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("password", ["secret", "se/cret", "se@cret"])
def test_what_cannot_be_reached_is_said_without_its_password(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(InputError, match=r"registry \(MLflow\): expected an answer") as raised:
        Registry(f"http://anna:{password}@127.0.0.1:{free_port()}").version(1)
    assert "cret" not in "".join(traceback.format_exception(raised.value))


def test_a_database_that_is_none_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database " * 100)
    registry = home_registry(tmp_path, {})
    for ask in (
        lambda: registry.version(1),
        lambda: registry.aliased(CHALLENGER),
        lambda: registry.text("r", "f"),
    ):
        with pytest.raises(InputError, match=r"registry \(MLflow\): .*file is not a database") as raised:
            ask()
        assert "mlflow.db in the home" in str(raised.value)


def test_what_the_machine_says_of_a_file_is_let_through() -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.txt"), in_words():
        open("/none/none.txt")  # noqa: PTH123, SIM115  # fails
