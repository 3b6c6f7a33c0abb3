"""A PostgreSQL of the test's own: started in a folder, reached by a socket in it, stopped at the end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

USER = "postgres"


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest; None where there are none."""
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. Databases are cheap: each test takes one of its own."""

    socket_folder: Path
    _start: Sequence[str | Path] = field(repr=False)
    _stop: Sequence[str | Path] = field(repr=False)
    _user: str | None = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def database(self, like: str = "template1") -> str:
        """Make a database, empty or as another that nobody uses now, and return its URL."""
        name = f"test_{next(self._numbers)}"
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with psycopg.connect(
            host=str(self.socket_folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(copied.format(sql.Identifier(name), sql.Identifier(like)))
        return f"postgresql://{USER}@/{name}?host={self.socket_folder}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        _run(self._start, self._user)

    def stop(self) -> None:
        """Stop the server at once."""
        _run(self._stop, self._user)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Have the server keep its connections and answer nothing, as long as the block lasts."""
        first = psutil.Process(int((self.socket_folder / "data" / "postmaster.pid").read_text().split()[0]))
        first.suspend()
        stopped = [first, *first.children()]
        try:
            for process in stopped[1:]:
                process.suspend()
            yield
        finally:
            for process in stopped:
                process.resume()


@contextmanager
def postgres(bin_folder: Path) -> Iterator[Postgres]:
    """Start a server in a folder of its own; as root, which PostgreSQL refuses, as its own user."""
    # Sockets have short paths, so the folder is not that of the test.
    with tempfile.TemporaryDirectory(prefix="leadlens-pg-") as name:
        folder = Path(name)
        user = USER if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        _run(
            [bin_folder / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            user,
        )
        # Nothing here survives the test, so nothing waits for the disk.
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        )
        control = [bin_folder / "pg_ctl", "-D", data, "-w", "-t", "60"]
        start = [*control, "-o", options, "-l", folder / "log", "start"]
        server = Postgres(folder, start, [*control, "-m", "immediate", "stop"], user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        user=user,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
