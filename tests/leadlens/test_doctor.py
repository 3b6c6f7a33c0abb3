"""The doctor finds what is broken for real, says what to do, and changes nothing."""

import json
import os
import shutil
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from certificates import put_certificate
from command_line import FirstRound, leadlens
from ports import free_port
from served import fake_server, put_champion, served
from waiting import until

from leadlens.checks import home as home_checks
from leadlens.checks import program
from serving.clock import utc_now
from serving.conditions import Board
from serving.jobs.workers import note_worker
from serving.run import create_key, open_keys
from serving.store.database import open_store

PASSWORD = "s3cret-of-the-store"  # noqa: S105 - no password of anything


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a store, a key and no champion."""
    home = tmp_path / "home"
    create_key(home, "the CRM", ["score"])
    return home


def examined(home: Path, *more: object) -> dict[str, list[dict[str, str]]]:
    """What the doctor says of each thing, and that its exit code is as it says."""
    (home / "settings.toml").exists() or (home.is_dir() and put(home, ""))
    run = leadlens("doctor", "--home", home, "--offline", "--json", *more)
    content = json.loads(run.out)
    assert run.said
    assert run.code == (0 if content["ok"] else 1)
    assert content["ok"] is not any(one["level"] == "failed" for one in content["findings"])
    found: dict[str, list[dict[str, str]]] = {}
    for one in content["findings"]:
        found.setdefault(one["check"], []).append(one)
        assert one["remedy"] or one["level"] == "ok" or one["check"] in ("conditions", "store"), one
    return found


def level(found: dict[str, list[dict[str, str]]], check: str) -> str:
    return found[check][0]["level"]


def put(home: Path, text: str) -> Path:
    """Write the settings of a home, with a port at which nothing listens unless one is named."""
    path = home / "settings.toml"
    path.write_text(text if "port" in text.split() else f"port = {free_port()}\n{text}")
    path.chmod(0o600)
    return path


def test_a_home_that_is_well_is_said_to_be_and_nothing_in_it_changes(
    first_round: FirstRound, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(first_round.home, home)
    home.chmod(0o700)
    create_key(home, "the CRM", ["score"])
    put(home, "")
    before = {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in home.rglob("*") if path.is_file()
    }
    run = leadlens("doctor", "--home", home)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in home.rglob("*") if path.is_file()}
    assert run.code == 0
    assert "FAILED" not in run.said
    assert "ok       champion: version 1 is whole, loads and scores." in run.said
    assert "ok       registry: its champion, version 1, serves." in run.said
    assert "ok       store's file: it is whole." in run.said
    assert after == before
    (home / "champion" / "v1" / "features.json").write_text("{}")
    broken = examined(home)["champion"][0]
    assert broken["level"] == "failed"
    assert "checksum of features.json" in broken["found"]
    assert "leadlens promote" in broken["remedy"]


def test_a_registry_that_names_another_champion_or_does_not_answer_is_a_warning(
    first_round: FirstRound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(first_round.home, home)
    put_champion(home)
    assert "its champion is version 1, and version 7 serves" in leadlens("doctor", "--home", home).said
    (home / "mlflow.db").write_bytes(b"no database at all" * 100)
    run = leadlens("doctor", "--home", home)
    assert "warning  registry: " in run.said


def test_where_nothing_is_everything_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    found = examined(tmp_path / "none")
    assert level(found, "home") == "failed"
    assert level(found, "store") == level(found, "champion") == "warning"
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    assert "is no folder" in examined(tmp_path / "file")["home"][0]["found"]


def test_a_home_that_others_may_read_is_said(home: Path) -> None:
    home.chmod(0o755)
    assert examined(home)["home"][0]["remedy"] == f"chmod 700 {home}"
    home.chmod(0o700)
    assert level(examined(home), "home") == "ok"


def test_wrong_settings_are_said_and_the_rest_is_looked_at_all_the_same(home: Path) -> None:
    put(home, 'port = "x"\nprot = 1\n')
    found = examined(home)
    assert [one["level"] for one in found["settings"]] == ["failed"]
    assert found["settings"][0]["remedy"].startswith("Is port meant?")
    assert level(found, "store") == "ok"


def test_a_setting_of_the_file_that_a_variable_overrules_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, f'workers = 2\nworker = false\nlog_format = "json"\nstore_url = "postgresql:{PASSWORD}"')
    assert [one["level"] for one in examined(home)["settings"]] == ["ok"]
    monkeypatch.setenv("LEADLENS_WORKERS", "1")
    monkeypatch.setenv("LEADLENS_WORKER", "False")  # as the file says
    monkeypatch.setenv("LEADLENS_STORE_URL", "sqlite:")
    told = examined(home)["settings"][1:]
    assert [one["found"].partition(" ")[0] for one in told] == ["workers", "store_url"]
    assert {one["level"] for one in told} == {"warning"}
    assert told[0]["found"].endswith("counts for nothing: LEADLENS_WORKERS in the environment wins.")
    assert "LEADLENS_WORKERS" in told[0]["remedy"]
    assert PASSWORD not in str(told)


def test_a_secret_that_others_can_read_is_said_and_not_shown(home: Path) -> None:
    path = put(home, f'store_url = "postgresql://leadlens:{PASSWORD}@127.0.0.1:{free_port()}/x"')
    path.chmod(0o644)
    run = leadlens("doctor", "--home", home, "--offline")
    assert run.code == 1
    assert f"FAILED   secrets: {path} can be read by others" in run.said
    assert "FAILED   database: postgresql+psycopg://leadlens:***@127.0.0.1" in run.said
    assert PASSWORD not in run.said
    path.chmod(0o600)
    assert "ok       secrets" in leadlens("doctor", "--home", home, "--offline").said


def test_a_policy_and_words_that_cannot_be_used_are_said(home: Path) -> None:
    (home / "policy.toml").write_text("score_threshold = 170")
    (home / "words.toml").write_text("[nonsense]\na = 1")
    found = examined(home)
    assert "score_threshold" in found["policy"][0]["found"]
    assert level(found, "words") == "failed"


def test_a_store_that_is_damaged_old_or_no_database_is_said(home: Path) -> None:
    path = home / "leadlens.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert "its tables are of version 0000" in examined(home)["store"][0]["found"]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = examined(home)
    assert "failed" in {
        one["level"] for check in ("store", "store's file", "database") for one in found.get(check, [])
    }
    path.write_bytes(b"no database at all, but a file of some length" * 100)
    assert "file is not a database" in examined(home)["database"][0]["found"]


def test_a_long_log_of_the_store_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leadlens.checks import store

    assert level(examined(home), "store's log") == "ok"
    monkeypatch.setattr(store, "LONG_LOG_BYTES", 0)
    assert level(examined(home), "store's log") == "warning"


def test_keys_that_end_soon_were_never_used_or_are_none_are_said(home: Path) -> None:
    day = 86_400_000_000
    ending, _ = create_key(home, "soon", ["score"], expires_at=utc_now() + 3 * day)
    with sqlite3.connect(home / "leadlens.db") as connection:
        connection.execute("UPDATE keys SET created_at = created_at - ? WHERE name = 'the CRM'", (60 * day,))
    connection.close()
    told = " ".join(one["found"] for one in examined(home)["keys"])
    assert f"key {ending.id} expires within 14 days" in told
    assert "never used" in told
    ring = open_keys(home)
    for key in ring.all():
        ring.revoke(key.id)
    ring.close()
    assert "none is valid" in examined(home)["keys"][0]["found"]


def test_a_certificate_that_ends_soon_or_cannot_be_used_is_said(home: Path, tmp_path: Path) -> None:
    certificate, key = put_certificate(tmp_path, days=5)
    key.chmod(0o600)
    put(home, f'tls_certificate = "{certificate}"\ntls_key = "{key}"')
    assert level(examined(home), "TLS") == "warning"
    put_certificate(tmp_path, days=90)
    assert level(examined(home), "TLS") == "ok"
    put_certificate(tmp_path, days=-0.5)
    assert "has expired" in examined(home)["certificate"][0]["found"]


def test_a_proxy_that_is_not_trusted_is_said(home: Path) -> None:
    put(home, "behind_proxy = true")
    assert level(examined(home), "proxy") == "warning"
    put(home, 'behind_proxy = true\ntrusted_proxies = "127.0.0.1"')
    assert level(examined(home), "proxy") == "ok"


def test_a_server_that_runs_is_asked(home: Path) -> None:
    port = free_port()
    put(home, f"port = {port}")
    with served(fake_server(home, port), home.parent, port):
        assert "and not ready" in examined(home)["server"][0]["found"]
        put(home, "")
        assert "none runs there" in examined(home)["server"][0]["found"]
        assert "and not ready" in examined(home, "--port", port)["server"][0]["found"]
        put(home, f"port = {port}")
        put_champion(home)
        until(lambda: "it is ready at" in examined(home)["server"][0]["found"], "the champion", every=0.5)
    assert "none runs there" in examined(home)["server"][0]["found"]


def test_a_stranger_where_the_server_should_be_is_said(home: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as stranger:
        put(home, f"port = {stranger.server_port}")
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        try:
            assert "is not LeadLens" in examined(home)["server"][0]["found"]
        finally:
            stranger.shutdown()
            thread.join()


def test_a_worker_that_fell_silent_is_said(home: Path) -> None:
    assert level(examined(home), "worker") == "ok"
    store = open_store(home)
    store.write(lambda connection: note_worker(connection, "w", utc_now() - 90_000_000))
    assert level(examined(home), "worker") == "warning"
    store.write(lambda connection: note_worker(connection, "w", utc_now()))
    assert examined(home)["worker"][0]["found"] == "1 alive."
    store.close()


def test_what_processes_say_of_themselves_is_said(home: Path) -> None:
    Board(home, "server 1", utc_now).tell("disk", "degraded", "It is full. Make room.")
    told = examined(home)["conditions"][0]
    assert (told["level"], told["found"]) == ("warning", "server 1 says of the disk: It is full. Make room.")


def test_a_clock_that_is_behind_what_was_written_is_said(home: Path) -> None:
    ahead = utc_now() / 1e6 + 3_600
    os.utime(home / "leadlens.db", (ahead, ahead))
    assert level(examined(home), "clock") == "failed"


def test_more_processes_than_cores_are_said(home: Path) -> None:
    put(home, "workers = 64")
    assert level(examined(home), "cores") == "warning"
    put(home, "workers = 1")
    assert examined(home)["cores"][0]["found"].endswith(", for 1 process to answer.")


def test_few_open_files_are_said(home: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
    try:
        assert level(examined(home), "open files") == "warning"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_little_room_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_checks, "TIGHT_BYTES", 10**18)
    assert level(examined(home), "disk") == "warning"
    monkeypatch.setattr(home_checks, "FULL_BYTES", 10**18)
    assert level(examined(home), "disk") == "failed"


def test_a_home_on_another_machine_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {home.resolve()} nfs4 rw 0 0\n")
    monkeypatch.setattr(home_checks, "MOUNTS", mounts)
    assert "on another machine (nfs4)" in examined(home)["locks"][0]["found"]
    assert home_checks.filesystem(Path("/srv"), mounts.read_text()) == "ext4"


def test_libraries_that_differ_from_the_lock_are_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "numpy==0.1 ; python_version >= '3' \\\n    --hash=sha256:0\nno-such-library==1\n"
        "not-for-here==1 ; sys_platform == 'win32' \\\n"
    )
    monkeypatch.setattr(program, "LOCK", lock)
    told = [(one["level"], one["found"]) for one in examined(home)["libraries"]]
    assert told[0] == ("failed", "no-such-library missing.")
    assert told[1][0] == "warning"
    assert told[1][1].endswith("in place of 0.1.")


def test_an_unknown_python_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "OLDEST", (4, 0))
    assert level(examined(home), "Python") == "failed"


def test_compiled_functions_that_cannot_be_kept_are_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert level(examined(home), "compiled functions") == "ok"
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/nowhere")
    assert level(examined(home), "compiled functions") == "warning"


def test_a_check_that_fails_itself_is_a_finding_and_keeps_no_other_from_being_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_checks.shutil, "disk_usage", lambda _: SimpleNamespace())
    found = examined(home)
    assert "could not be looked at (AttributeError)" in found["space"][0]["found"]
    assert level(found, "store") == "ok"
