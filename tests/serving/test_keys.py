import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from features.errors import InputError
from serving.keys import SCOPES, KeyRing
from serving.run import ADMIN_KEY, create_key, first_key
from serving.store.database import open_store


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
    assert text.rpartition("_")[2].encode() not in kept
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
        lambda text: text.replace("_", " "),
    ],
)
def test_a_near_miss_is_no_key(ring: KeyRing, damage: Callable[[str], str]) -> None:
    _, text = ring.create("k", SCOPES)
    assert ring.verify(damage(text)) is None


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
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]
    plain.close()
