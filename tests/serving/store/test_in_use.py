"""A home or a database in use by a service, as a restore sees it."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres
from served import ROOT
from waiting import until

from features.errors import RefusedError
from serving.store import in_use as module
from serving.store.in_use import FILE, in_use, out_of_use

HOLDS = """
import sys, time
from pathlib import Path
from serving.store.in_use import in_use
with in_use(Path(sys.argv[1]), sys.argv[2] or None):
    print("held", flush=True)
    time.sleep(600)
"""


def is_free(home: Path, url: str | None) -> bool:
    try:
        with out_of_use(None if url else home, url):
            return True
    except RefusedError:
        return False


def test_what_another_process_uses_is_refused_until_it_dies_however_it_dies(
    tmp_path: Path, store_url: str | None
) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path), store_url or ""]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(RefusedError, match="a service runs there"),
            out_of_use(None if store_url else tmp_path, store_url),
        ):
            pass
        with in_use(tmp_path, store_url):  # services do not keep one another away
            pass
        assert not is_free(tmp_path, store_url)
        process.kill()
    until(lambda: is_free(tmp_path, store_url), "the end of the lock")


def test_no_service_starts_while_a_backup_is_restored(tmp_path: Path, store_url: str | None) -> None:
    with (
        out_of_use(None if store_url else tmp_path, store_url),
        pytest.raises(RefusedError, match="being restored"),
        in_use(tmp_path, store_url),
    ):
        pass
    with in_use(tmp_path, store_url):
        pass


def test_a_home_that_was_moved_aside_is_not_taken_for_the_one_in_its_place(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with in_use(home, None):
        home.rename(tmp_path / "before")
        with in_use(home, None):
            assert (home / FILE).stat().st_mode & 0o077 == 0
            with pytest.raises(RefusedError), out_of_use(home, None):
                pass


def test_a_lock_that_the_database_lost_is_taken_again(
    tmp_path: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.02)
    url = postgres_server.database()
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    held = sa.text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted")
    with in_use(tmp_path, url), engine.connect() as connection:
        [first] = connection.execute(held).scalars()
        connection.execute(sa.select(sa.func.pg_terminate_backend(first)))
        until(
            lambda: [pid for pid in connection.execute(held).scalars() if pid != first] != [],
            "the lock of another connection",
        )
        assert not is_free(tmp_path, url)
    engine.dispose()
