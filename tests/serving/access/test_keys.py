import hashlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from features.errors import InputError
from serving.access.audit_log import acts_page
from serving.access.key import SCOPES, Key
from serving.access.key_ring import KeyRing
from serving.run import ADMIN_KEY, create_key, first_key
from serving.store.database import Store, open_store


@pytest.fixture
def now() -> list[int]:
    return [1_000]


@pytest.fixture
def ring(tmp_path: Path, now: list[int]) -> KeyRing:
    return KeyRing(open_store(tmp_path), lambda: now[0])


def test_a_key_is_shown_once_and_only_its_digest_is_kept(ring: KeyRing, tmp_path: Path) -> None:
    key, text = ring.create("the CRM", ["score"])
    assert text.startswith(f"ll_{key.id}_")
    assert ring.verify(text) == key
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert text.encode() not in kept
    assert text.split("_", 2)[2].encode() not in kept  # the secret may hold an underscore
    assert hashlib.sha256(text.encode()).hexdigest().encode() in kept


def test_two_keys_differ_in_all_but_their_prefix(ring: KeyRing) -> None:
    texts = {ring.create("k", ["read"])[1] for _ in range(50)}
    assert len(texts) == 50
    assert all(len(text) == 55 for text in texts)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text + "A",
        lambda text: text[3:],
        lambda text: "LL" + text[2:],
        lambda text: text[:11],
        lambda _text: "",
        lambda text: "ll_zzzzzzzz" + text[11:],
        lambda text: "\ud800" + text,
        lambda text: "ll_\ud800_x" + text[11:],
        lambda text: "ll_\0" + text[4:],
        lambda text: text[:3] + text[3:11].upper() + text[11:] + "A",
        lambda text: text.replace("ll_", "ll_" + "0" * 10_000),
        lambda text: text[:12],
        lambda text: text.replace("_", " "),
    ],
)
def test_a_near_miss_is_no_key(ring: KeyRing, damage: Callable[[str], str]) -> None:
    _, text = ring.create("k", SCOPES)
    assert ring.verify(damage(text)) is None


@pytest.mark.parametrize("key_id", ["\0", "\ud800", "0000000\0", "x" * 100_000, "", " 0000000", "0000000\n"])
def test_what_has_not_the_shape_of_an_id_is_asked_of_no_database(store: Store, key_id: str) -> None:
    assert KeyRing(store, lambda: 1_000).verify(f"ll_{key_id}_secret") is None


def test_a_revoked_key_ends_at_once_and_only_once(ring: KeyRing) -> None:
    key, text = ring.create("k", ["score"])
    assert ring.revoke(key.id)
    assert ring.verify(text) is None
    assert ring.find(key.id) is None
    assert not ring.revoke(key.id)
    assert [known.revoked_at for known in ring.all()] == [1_000]


def test_a_key_ends_at_the_moment_it_expires(ring: KeyRing, now: list[int]) -> None:
    _, text = ring.create("k", ["score"], expires_at=2_000)
    now[0] = 1_999
    assert ring.verify(text) is not None
    now[0] = 2_000
    assert ring.verify(text) is None


def test_a_rotated_key_goes_on_for_the_overlap_beside_its_successor(ring: KeyRing, now: list[int]) -> None:
    old, old_text = ring.create("the CRM", ["score", "ingest"], limit_per_minute=30)
    made = ring.rotate(old.id, 500)
    assert made is not None
    new, text = made
    assert (new.name, new.scopes, new.limit_per_minute) == ("the CRM", {"score", "ingest"}, 30)
    assert (new.id != old.id, new.expires_at) == (True, None)
    assert ring.verify(old_text) is not None
    now[0] = 1_500
    assert ring.verify(old_text) is None
    assert ring.verify(text) == new


def test_a_rotation_prolongs_no_life_and_hands_on_its_length(ring: KeyRing, now: list[int]) -> None:
    old, _ = ring.create("k", ["score"], expires_at=3_000)
    now[0] = 2_500
    made = ring.rotate(old.id, 10_000)
    assert made is not None
    assert [key.expires_at for key in ring.all()] == [3_000, 4_500]


@pytest.mark.parametrize(("life", "end"), [(None, None), (10_000, 11_300)])
def test_a_key_that_was_rotated_already_hands_on_the_life_that_it_was_made_with(
    store: Store, life: int | None, end: int | None
) -> None:
    now = [1_000]
    ring = KeyRing(store, lambda: now[0])
    first, _ = ring.create("k", ["score"], expires_at=None if life is None else now[0] + life)
    assert ring.rotate(first.id, 500) is not None
    now[0] = 1_300  # in the overlap, because the first successor was lost
    made = ring.rotate(first.id, 500)
    assert made is not None
    now[0] = 1_400
    assert (made[0].expires_at, made[0].life_us) == (end, life)
    assert [key.expires_at for key in ring.all() if key.id == first.id] == [1_500]
    assert ring.verify(made[1]) == made[0]
    ring.settle()


def test_keys_that_were_rotated_from_one_another_are_a_family(store: Store) -> None:
    ring = KeyRing(store, lambda: 1_000)
    key, _ = ring.create("k", ["score"])
    first = key.id
    for _ in range(3):
        assert key.family == first
        made = ring.rotate(key.id, 0)
        assert made is not None
        key, text = made
        assert ring.verify(text) == key
    ring.settle()
    other, _ = ring.create("k", ["score"])
    assert other.family == other.id


def test_a_rotation_without_an_overlap_ends_the_old_key_at_once(ring: KeyRing) -> None:
    old, text = ring.create("k", ["score"])
    assert ring.verify(text) is not None
    assert ring.rotate(old.id, 0) is not None
    assert ring.verify(text) is None


def test_what_has_ended_or_never_was_is_not_rotated(ring: KeyRing, now: list[int]) -> None:
    revoked, _ = ring.create("k", ["score"])
    ring.revoke(revoked.id)
    expired, _ = ring.create("k", ["score"], expires_at=1_001)
    now[0] = 1_001
    assert [ring.rotate(key_id, 0) for key_id in (revoked.id, expired.id, "00000000")] == [None] * 3
    assert {key.state(now[0]) for key in ring.all()} == {"revoked", "expired"}


def test_making_rotating_and_revoking_stand_in_the_audit_log(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    ring = KeyRing(store, lambda: 1_000)
    key, _ = ring.create("Jane Doe", ["score"], limit_per_minute=5, actor="k0")
    made = ring.rotate(key.id, 0)
    assert made is not None
    ring.revoke(made[0].id)
    assert not ring.revoke(made[0].id)
    with store.reading() as connection:
        acts = acts_page(connection)
    assert [(act.actor, act.act, act.about["key"], act.at) for act in reversed(acts)] == [
        ("k0", "key created", key.id, 1_000),
        ("command line", "key rotated", made[0].id, 1_000),
        ("command line", "key revoked", made[0].id, 1_000),
    ]
    assert "Jane" not in repr(acts)


def test_the_last_use_is_written_at_most_once_a_minute(ring: KeyRing, now: list[int]) -> None:
    key, text = ring.create("k", ["read"])
    for moment in (2_000, 60_001_999, 60_002_000, 60_002_001):
        now[0] = moment
        assert ring.verify(text) is not None
        assert ring.find(key.id) is not None
        ring.settle()
        written = 60_002_000 if moment >= 60_002_000 else 2_000
        assert [known.last_used_at for known in ring.all()] == [written]


def test_a_key_that_is_refused_was_not_used(ring: KeyRing, now: list[int]) -> None:
    key, text = ring.create("k", ["read"])
    ring.revoke(key.id)
    assert ring.verify(text) is None
    ring.settle()
    assert [known.last_used_at for known in ring.all()] == [None]


def test_a_store_that_is_busy_stops_no_request_from_being_answered(
    ring: KeyRing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = ring.create("k", ["read"])
    with sqlite3.connect(tmp_path / "leadlens.db") as plain:
        plain.execute("ALTER TABLE keys DROP COLUMN last_used_at")
        plain.execute("ALTER TABLE keys ADD COLUMN last_used_at CHECK (last_used_at IS NULL)")
    plain.close()
    assert ring.verify(text) is not None
    ring.settle()
    assert "the last use of key" in caplog.text


def test_a_key_is_read_once_a_second_and_a_revocation_elsewhere_counts_then(
    ring: KeyRing, now: list[int], tmp_path: Path
) -> None:
    key, text = ring.create("k", ["read"])
    assert ring.verify(text) is not None
    KeyRing(open_store(tmp_path), lambda: now[0]).revoke(key.id)  # as another process would
    now[0] += 999_999
    assert ring.verify(text) is not None
    now[0] += 1
    assert ring.verify(text) is None


@pytest.mark.parametrize("limit", [-1, 2**31])
def test_a_limit_that_is_none_is_refused(ring: KeyRing, limit: int) -> None:
    with pytest.raises(InputError, match="limit per minute: expected 0 to"):
        ring.create("k", ["read"], limit_per_minute=limit)


def test_a_key_that_has_expired_already_is_not_made(ring: KeyRing) -> None:
    with pytest.raises(InputError, match="expiry: expected a moment to come"):
        ring.create("k", ["read"], expires_at=1_000)


def test_keys_are_kept_alike_on_both_databases(store: Store) -> None:
    ring = KeyRing(store, lambda: 1_000)
    key, text = ring.create("k", ["read"], expires_at=9_000, limit_per_minute=7)
    assert ring.verify(text) == key
    ring.settle()
    made = ring.rotate(key.id, 10)
    assert made is not None
    assert ring.revoke(made[0].id)
    assert [(known.expires_at, known.last_used_at, known.state(1_000)) for known in ring.all()] in (
        [(1_010, 1_000, "valid"), (9_000, None, "revoked")],
        [(9_000, None, "revoked"), (1_010, 1_000, "valid")],
    )


def test_a_scope_allows_itself_and_admin_allows_all(ring: KeyRing) -> None:
    reading, _ = ring.create("k", ["read"])
    assert [scope for scope in SCOPES if reading.allows(scope)] == ["read"]
    admin, _ = ring.create("k", ["admin"])
    assert all(admin.allows(scope) for scope in SCOPES)


@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [
        ("k", ["scores"], "scopes: expected some of score"),
        ("k", [], "found none"),
        (" ", ["read"], "name: expected 1 to 200"),
        ("k" * 201, ["read"], "found 201"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_name(
    ring: KeyRing, name: str, scopes: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        ring.create(name, scopes)
    assert ring.all() == []


def test_another_process_sees_a_new_key_at_once(ring: KeyRing, tmp_path: Path) -> None:
    _, text = create_key(tmp_path, "made elsewhere", ["score"])
    assert ring.verify(text) is not None


def test_the_first_key_is_made_once_and_for_its_owner_alone(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / ADMIN_KEY
    assert first_key(ring, path)
    assert path.stat().st_mode & 0o777 == 0o600
    key = ring.verify(path.read_text().strip())
    assert key is not None
    assert key.scopes == set(SCOPES)
    assert not first_key(ring, path)


def test_of_servers_that_start_at_once_one_makes_the_first_key_and_the_file_holds_it(
    store: Store, tmp_path: Path
) -> None:
    start = threading.Barrier(6)

    class Together(KeyRing):
        def all(self) -> list[Key]:
            found = super().all()
            start.wait(30)  # all have seen that there is none
            return found

    path = tmp_path / ADMIN_KEY
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: first_key(Together(store, lambda: 1_000), path), range(6)))
    assert sorted(made) == [False] * 5 + [True]
    ring = KeyRing(store, lambda: 1_000)
    [only] = ring.all()
    assert ring.verify(path.read_text().strip()) == only
    ring.settle()


def test_the_store_waits_for_writers_and_survives_a_loss_of_power(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a % home")
    with store.reading() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000, "foreign_keys": 1}
    store.close()


def test_a_store_of_today_is_left_as_it_is(tmp_path: Path) -> None:
    for _ in range(2):
        ring = KeyRing(open_store(tmp_path), lambda: 1)
        ring.create("k", ["read"])
    assert len(ring.all()) == 2
    with sqlite3.connect(tmp_path / "leadlens.db") as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]
    plain.close()
