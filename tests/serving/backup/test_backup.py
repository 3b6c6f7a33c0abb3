"""A backup is whole, checked, and goes back into a store of either kind."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from recorded import HOUR, T0, Desk

from features.errors import InputError, RefusedError
from serving.access.audit_log import acts_page
from serving.access.key_ring import KeyRing
from serving.backup import make_backup, restore_backup
from serving.backup.manifest import read_manifest
from serving.backup.placing import Place
from serving.history.leads import LeadSent, keep_leads
from serving.ledger.chain import seal
from serving.ledger.check import verify
from serving.store.database import FILE, open_store
from serving.store.in_use import in_use
from serving.store.schema import LEADS, LEDGER_SEALS, METADATA
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres import Postgres

    from serving.store.database import Store

CELLS = {"spelled": 1.0, "count": 1, "yes": True, "text": "ünï\u2028cödé '\"", "many": ["a", "b"]}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A home with a champion, a policy, scored and sealed leads, keys; its store of either kind."""
    home = tmp_path / "home" if not store.is_sqlite else tmp_path / "store"
    desk = Desk(store, home)
    sent = [LeadSent(f"L-{at}", T0, CELLS) for at in range(30)]
    numbers = [kept.number for kept in store.write(lambda c: keep_leads(c, sent, T0))]
    desk.recorder.rescore(numbers, T0 + HOUR)
    store.write(lambda c: seal(c, T0 + HOUR))
    desk.event("L-3", T0 + 2 * HOUR)
    KeyRing(store, lambda: T0).create("crm", ["score"])
    (home / "policy.toml").write_text("threshold = 60\n")
    (home / "session-secret").write_text("not a real secret")
    (home / "admin-key").write_text("ll_of_nobody")
    return desk


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables but the log of acts, JSON as its text."""
    held: dict[str, list[Any]] = {}
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            if table.name != "audit_log":
                columns = [
                    sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, sa.JSON) else c for c in table.c
                ]
                rows = connection.execute(sa.select(*columns).order_by(*table.primary_key))
                held[table.name] = [tuple(row) for row in rows]
    return held


def test_a_backup_restores_to_a_store_of_either_kind(
    desk: Desk, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for name in ("prepared", ".fetched-x"):  # made anew, and under way
        (desk.home / "champion" / name).mkdir()
        (desk.home / "champion" / name / "large").write_bytes(b"tables")
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0 + 3 * HOUR)
    assert made.tables["leads"] == 30
    before = everything(desk.store)
    assert (before["leads"], before["ledger_payloads"], before["keys"]) > ([], [], [])
    urls = (None, request.getfixturevalue("postgres_server").database())
    for number, url in enumerate(urls):
        home = tmp_path / f"restored {number}"
        restore_backup(made.folder, home, url, T0 + 4 * HOUR)
        restored = open_store(home, url)
        try:
            assert everything(restored) == before
            assert verify(restored).wrong == 0
            with restored.reading() as connection:
                [noted, *_] = acts_page(connection)
            assert (noted.act, noted.about) == ("backup restored", {"made_at": rfc_3339(T0 + 3 * HOUR)})
            new = restored.write(lambda c: keep_leads(c, [LeadSent("new", T0, {})], T0 + 5 * HOUR))
            assert new[0].number > max(row[0] for row in before["leads"])
        finally:
            restored.close()
        assert (home / "policy.toml").read_text() == "threshold = 60\n"
        assert (home / "champion" / "current").read_bytes() == (desk.home / "champion/current").read_bytes()
        assert list((home / "champion").rglob("large")) == []
        assert not (home / "admin-key").exists()
        assert (home / FILE).exists() == (url is None)


def test_only_its_owner_can_read_a_backup_and_what_was_restored(desk: Desk, tmp_path: Path) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    restore_backup(made.folder, tmp_path / "again", None, T0)
    for folder in (made.folder, tmp_path / "again"):
        for path in (folder, *folder.rglob("*")):
            wanted = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_backup_taken_while_others_write_shows_one_moment(desk: Desk, tmp_path: Path) -> None:
    stop = threading.Event()

    def pairs_of_leads() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            pair = [LeadSent(f"{side} {number}", T0, {}) for side in ("left", "right")]
            desk.store.write(lambda c, sent=pair: keep_leads(c, sent, T0))

    writer = threading.Thread(target=pairs_of_leads)
    writer.start()
    try:
        made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    finally:
        stop.set()
        writer.join()
    restore_backup(made.folder, tmp_path / "again", None, T0)
    again = open_store(tmp_path / "again")
    with again.reading() as connection:
        ids = set(connection.execute(sa.select(LEADS.c.lead_id)).scalars())
    again.close()
    assert {f"right {name[5:]}" for name in ids if name.startswith("left ")} == {
        name for name in ids if name.startswith("right ")
    }


@pytest.fixture
def before_copying(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Do something, once, right before a file of that name is copied."""

    def watch(name: str, then: Callable[[], object]) -> None:
        copied, left = shutil.copy2, [then]

        def copy(source: Path, target: Path) -> Path:
            if left and source.name == name:
                left.pop()()
            return copied(source, target)

        monkeypatch.setattr(shutil, "copy2", copy)

    return watch


def test_files_of_score_jobs_that_go_meanwhile_and_unfinished_ones_are_left_out(
    desk: Desk, tmp_path: Path, before_copying: Callable[[str, Callable[[], object]], None]
) -> None:
    jobs = desk.home / "score-jobs"
    for job in ("1", "2"):
        (jobs / job / "work-1").mkdir(parents=True)
        for name in ("input.csv", "work-1/result.csv"):
            (jobs / job / name).write_text("id\n")
    (jobs / "3" / "x").mkdir(parents=True)

    def gone() -> None:
        for job in ("1", "2", "3"):
            shutil.rmtree(jobs / job, ignore_errors=True)
        (jobs / "1").mkdir()

    (jobs / "0").mkdir()
    (jobs / "0" / "input.csv").write_text("id\n")
    made = make_backup(desk.store, desk.home, tmp_path / "before", T0)
    assert not list(made.folder.rglob("work-*"))
    assert len(list(made.folder.rglob("input.csv"))) == 3
    before_copying("input.csv", gone)
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    assert len(list(made.folder.rglob("input.csv"))) <= 1


def test_a_promotion_meanwhile_leaves_no_champion_without_its_version(
    desk: Desk, tmp_path: Path, before_copying: Callable[[str, Callable[[], object]], None]
) -> None:
    champion = desk.home / "champion"

    def promoted() -> None:
        folder = champion / json.loads((champion / "current").read_text())["folder"]
        folder.rename(champion / "v77")
        (champion / "current").write_text(json.dumps({"name": "n", "version": 77, "folder": "v77"}))

    [version] = champion.glob("v*")
    (version / "mark").touch()
    before_copying("mark", promoted)
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    assert json.loads((made.folder / "champion" / "current").read_text())["version"] == 77
    assert (made.folder / "champion" / "v77" / "mark").exists()
    (champion / "v77").rename(champion / "v78")
    with pytest.raises(InputError, match="expected a version that is there, found v77"):
        make_backup(desk.store, desk.home, tmp_path / "another", T0)


def damaged(folder: Path) -> list[tuple[str, Any]]:
    def flip(name: str) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return [
        ("leadlens.db", lambda: flip("leadlens.db")),
        ("policy.toml", (folder / "policy.toml").unlink),
        ("champion/current", lambda: flip("champion/current")),
        ("manifest.json", lambda: (folder / "manifest.json").write_text("{}")),
        ("policy.toml", lambda: _linked(folder / "policy.toml")),
        ("manifest.sha256", (folder / "manifest.sha256").unlink),
        ("manifest.json", lambda: flip("manifest.sha256")),
    ]


def signed(folder: Path, manifest: bytes) -> None:
    """Write a manifest with the digest that it has, as somebody does who means it."""
    (folder / "manifest.json").write_bytes(manifest)
    digest = f"{hashlib.sha256(manifest).hexdigest()}  manifest.json\n"
    (folder / "manifest.sha256").write_text(digest)


def _linked(path: Path) -> None:
    other = path.with_name("elsewhere")
    path.rename(other)
    path.symlink_to(other)


@pytest.mark.parametrize("number", range(7))
def test_a_damaged_backup_is_refused_by_the_name_of_the_file(desk: Desk, tmp_path: Path, number: int) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    name, damage = damaged(made.folder)[number]
    damage()
    with pytest.raises(InputError, match=name):
        restore_backup(made.folder, tmp_path / "again", None, T0)
    assert not (tmp_path / "again").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_manifest_that_names_files_outside_is_refused(desk: Desk, tmp_path: Path) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    content = json.loads((made.folder / "manifest.json").read_text())
    content["files"]["../outside"] = content["files"]["policy.toml"]
    signed(made.folder, json.dumps(content).encode())
    with pytest.raises(InputError, match="files of the backup alone"):
        restore_backup(made.folder, tmp_path / "again", None, T0)


@pytest.mark.parametrize("is_signed", [False, True])
def test_any_changed_bit_of_the_manifest_is_a_fault_that_names_it(tmp_path: Path, *, is_signed: bool) -> None:
    store = open_store(tmp_path / "home")
    made = make_backup(store, tmp_path / "home", tmp_path / "backup", T0)
    store.close()
    whole = (made.folder / "manifest.json").read_bytes()
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :]
        if is_signed:
            signed(made.folder, changed)
        else:
            (made.folder / "manifest.json").write_bytes(changed)
        try:
            read_manifest(made.folder)
        except InputError as problem:
            assert str(made.folder) in str(problem)  # noqa: PT017 - where it was signed, some say nothing wrong
        else:
            assert is_signed


@pytest.mark.parametrize(
    "change",
    [
        {"tables": {"no_table": 3, "leads": 30}},
        {"tables": {}},
        {"tables": {"leads": -1}},
        {"home": "not/whole"},
        {"made_at": 10**4200},
        {"files": {"": {"sha256": "0" * 64, "size": 1}}},
        {"files": {"x" * 5000: {"sha256": "0" * 64, "size": 1}}},
        {"files": {"a\0b": {"sha256": "0" * 64, "size": 1}}},
        {"files": {"a\ud800b": {"sha256": "0" * 64, "size": 1}}},
        None,
        [],
    ],
)
def test_any_fault_of_a_manifest_is_told_by_its_name(tmp_path: Path, change: Any) -> None:
    store = open_store(tmp_path / "home")
    made = make_backup(store, tmp_path / "home", tmp_path / "backup", T0)
    store.close()
    content = json.loads((made.folder / "manifest.json").read_text())
    signed(made.folder, json.dumps({**content, **change} if isinstance(change, dict) else change).encode())
    with pytest.raises(InputError, match=str(made.folder)):
        restore_backup(made.folder, tmp_path / "again", None, T0)
    assert not (tmp_path / "again").exists()


def test_a_changed_ledger_is_no_backup(desk: Desk, tmp_path: Path) -> None:
    def change(connection: sa.Connection) -> None:
        trigger = "ledger_seals_no_update" if desk.store.is_sqlite else "ledger_seals_append_only"
        place = "" if desk.store.is_sqlite else " ON ledger_seals"
        connection.execute(sa.text(f"DROP TRIGGER {trigger}{place}"))
        connection.execute(sa.update(LEDGER_SEALS).values(sha256="0" * 64))

    desk.store.write(change)
    with pytest.raises(InputError, match="a ledger that is as it was written"):
        make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    assert not (tmp_path / "backup").exists()


def test_a_home_or_a_database_that_holds_something_is_replaced_by_force_alone(
    desk: Desk, tmp_path: Path, store_url: str | None
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    desk.lead("later", T0 + HOUR)
    with pytest.raises(InputError, match="expected an empty home"):
        restore_backup(made.folder, desk.home, store_url, T0)
    if store_url is not None:
        with pytest.raises(InputError, match="expected an empty store"):
            restore_backup(made.folder, tmp_path / "fresh", store_url, T0)
        assert not (tmp_path / "fresh").exists()
    desk.store.close()
    done = restore_backup(made.folder, desk.home, store_url, T0, force=True)
    assert done.before is not None
    assert (done.before / "admin-key").exists()
    again = open_store(desk.home, store_url)
    with again.reading() as connection:
        ids = set(connection.execute(sa.select(LEADS.c.lead_id)).scalars())
    assert "later" not in ids
    assert len(ids) == 30
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):  # what had to be off for it is on again
        again.write(lambda c: c.execute(sa.delete(LEDGER_SEALS)))
    if store_url is not None:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            again.write(lambda c: c.execute(sa.text("TRUNCATE ledger_seals")))
    again.close()


def test_a_backup_never_takes_the_place_of_something(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="a folder that is not there yet"):
        make_backup(desk.store, desk.home, tmp_path / "there", T0)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: expected a folder"):
        make_backup(desk.store, desk.home, tmp_path / "file" / "backup", T0)
    with pytest.raises(InputError, match="expected a folder, or a place for one"):
        make_backup(desk.store, desk.home, tmp_path / "file" / "further" / "backup", T0)
    (desk.home / "champion" / "led astray").symlink_to(tmp_path / "there")
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    assert not (made.folder / "champion" / "led astray").exists()


def test_folders_above_a_backup_are_made_for_their_owner_alone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_backup(desk.store, desk.home, Path("backups", "of 2026", "11-26"), T0)
    for folder in (tmp_path / "backups", tmp_path / "backups" / "of 2026"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_service_that_runs_there_is_told_of_before_what_the_home_holds(desk: Desk, tmp_path: Path) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    with in_use(desk.home, None):
        for force in (False, True):
            with pytest.raises(RefusedError, match="a service runs there"):
                restore_backup(made.folder, desk.home, None, T0, force=force)


def ids_in(home: Path, url: str | None) -> set[str]:
    again = open_store(home, url)
    with again.reading() as connection:
        found = set(connection.execute(sa.select(LEADS.c.lead_id)).scalars())
    again.close()
    return found


@pytest.mark.parametrize("holds", ["nothing", "a file"])
def test_a_home_that_is_a_link_is_restored_where_it_leads(
    desk: Desk, tmp_path: Path, store_url: str | None, holds: str
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    desk.store.close()
    real, link = tmp_path / "disk" / "real", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    if holds != "nothing":
        (real / "kept").write_text("before")
    done = restore_backup(made.folder, link, store_url, T0, force=True)
    assert link.is_symlink()
    assert (real / "policy.toml").exists()
    assert len(ids_in(link, store_url)) == 30
    assert sorted(path.name for path in real.parent.iterdir() if path.name.startswith(".")) == []
    if holds != "nothing":
        assert done.before is not None
        assert (done.before / "kept").read_text() == "before"


@pytest.mark.parametrize("holds", ["nothing", "a file"])
def test_the_folder_that_one_stands_in_keeps_its_place(
    desk: Desk, tmp_path: Path, store_url: str | None, monkeypatch: pytest.MonkeyPatch, holds: str
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    desk.store.close()
    here = tmp_path / "here"
    here.mkdir()
    if holds != "nothing":
        (here / "policy.toml").write_text("before")
    inode = here.stat().st_ino
    monkeypatch.chdir(here)
    done = restore_backup(made.folder, Path(), store_url, T0, force=True)
    assert here.stat().st_ino == inode
    assert Path("policy.toml").read_text() == "threshold = 60\n"
    assert len(ids_in(Path(), store_url)) == 30
    if holds != "nothing":
        assert done.before is not None
        assert (done.before / "policy.toml").read_text() == "before"
    assert [path.name for path in here.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_home_that_cannot_be_put_leaves_home_and_database_as_they_were(
    desk: Desk, tmp_path: Path, store_url: str | None, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    desk.lead("later", T0 + HOUR)
    desk.store.close()
    monkeypatch.setattr("serving.backup.placing._cannot_be_renamed", lambda _: is_kept)
    steps = Place._steps  # noqa: SLF001 - its last step is to fail

    def with_one_that_fails(place: Place) -> Iterator[tuple[Path, Path]]:
        yield from steps(place)
        yield tmp_path / "not there", tmp_path / "nowhere"

    monkeypatch.setattr(Place, "_steps", with_one_that_fails)
    before = {path.name for path in desk.home.iterdir()}
    with pytest.raises(InputError, match="a folder that can be moved"):
        restore_backup(made.folder, desk.home, store_url, T0, force=True)
    assert {path.name for path in desk.home.iterdir()} >= before - {"leadlens.db-wal", "leadlens.db-shm"}
    assert [path.name for path in desk.home.rglob("*.before-*")] == []
    assert "later" in ids_in(desk.home, store_url)


def test_rows_that_are_not_kept_after_all_take_the_home_back(
    desk: Desk, tmp_path: Path, postgres_server: Postgres
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    url = postgres_server.database()
    target = open_store(Path(), url)
    refuse = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'late'; END $$"
    late = "AFTER INSERT ON keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refused()"
    for said in (f"CREATE FUNCTION refused() {refuse}", f"CREATE CONSTRAINT TRIGGER late {late}"):
        target.write(lambda c, said=said: c.execute(sa.text(said)))
    target.close()
    home = tmp_path / "another"
    home.mkdir()
    (home / "kept").write_text("before")
    with pytest.raises(sa.exc.DBAPIError, match="late"):
        restore_backup(made.folder, home, url, T0, force=True)
    assert [path.name for path in home.iterdir()] == ["kept"]
    assert ids_in(tmp_path / "fresh", url) == set()


def test_a_place_where_nothing_can_be_written_is_refused_before_the_database_is_touched(
    desk: Desk, tmp_path: Path, store_url: str | None
) -> None:
    made = make_backup(desk.store, desk.home, tmp_path / "backup", T0)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="a place for a home"):
        restore_backup(made.folder, tmp_path / "file" / "home", store_url, T0, force=True)
    assert len(ids_in(desk.home, store_url)) == 30
