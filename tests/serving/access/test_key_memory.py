"""Keys while the store is away: which go on, for how long, and what is kept of them."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from serving.access.key_memory import FILE, KeyMemory
from serving.access.key_ring import KeyRing
from serving.access.known_keys import FRESH_US
from serving.access.look_ups import LookUps
from serving.access.rate_limits import Guesses, KeyLimits
from serving.door.exchange import Exchange, begin
from serving.door.gate import Gate
from serving.store.database import Store, StoreAwayError, open_store

HOUR_US = 3_600_000_000
NOW = 1_795_253_400_000_000


def ring_on(store: Store, now: list[int], memory: KeyMemory | None = None) -> KeyRing:
    return KeyRing(store, lambda: now[0], memory_hours=24, memory=memory)


def take_away(home: Path) -> None:
    for path in home.glob("leadlens.db*"):
        path.rename(path.with_name(f"away-{path.name}"))


def bring_back(home: Path) -> None:
    for path in home.glob("away-leadlens.db*"):
        path.rename(path.with_name(path.name.removeprefix("away-")))


def test_a_key_that_was_right_a_moment_ago_ends_with_its_revocation(tmp_path: Path) -> None:
    ring = ring_on(open_store(tmp_path), [NOW])
    key, text = ring.create("CRM", ["score"])
    assert ring.verify(text) == ring.at_hand(text, NOW) == ring.at_hand(text, NOW) == key
    assert ring.at_hand(text + "x", NOW) is None
    ring.revoke(key.id)
    assert ring.at_hand(text, NOW) is None


def test_a_key_that_was_right_goes_on_while_the_store_is_away_and_not_for_ever(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    ring = ring_on(store, now)
    _, text = ring.create("CRM", ["score"])
    key = ring.verify(text)
    assert key is not None
    assert not key.is_remembered
    assert ring.at_hand(text, now[0]) == key
    now[0] += FRESH_US
    assert ring.at_hand(text, now[0]) is None  # the store answers, and is to be asked
    take_away(tmp_path)
    with pytest.raises(StoreAwayError):
        ring.verify(text)
    found = ring.at_hand(text, now[0])
    assert found is not None
    assert (found.id, found.scopes, found.is_remembered) == (key.id, key.scopes, True)
    assert ring.at_hand(text[:-1] + ("a" if text[-1] != "a" else "b"), now[0]) is None
    assert asyncio.run(LookUps(ring).verify(text)) == found
    with pytest.raises(StoreAwayError):
        asyncio.run(LookUps(ring).ask(text))
    now[0] = NOW + 24 * HOUR_US
    assert ring.at_hand(text, now[0]) is None
    with pytest.raises(StoreAwayError):
        asyncio.run(LookUps(ring).verify(text))
    bring_back(tmp_path)
    assert ring.verify(text) is not None
    ring.close()


def test_a_key_known_as_revoked_or_expired_does_not_pass_without_the_store(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    ring = ring_on(store, now)
    gone, gone_text = ring.create("gone", ["score"])
    _, short_text = ring.create("short", ["score"], expires_at=NOW + HOUR_US)
    assert ring.verify(gone_text)
    assert ring.verify(short_text)
    ring.revoke(gone.id)
    now[0] += 2 * FRESH_US
    take_away(tmp_path)
    with pytest.raises(StoreAwayError):
        ring.verify(short_text)
    assert ring.at_hand(gone_text, now[0]) is None
    assert ring.at_hand(short_text, now[0]) is not None
    now[0] = NOW + HOUR_US
    assert ring.at_hand(short_text, now[0]) is None
    bring_back(tmp_path)
    ring.close()


def test_a_process_that_starts_without_the_store_knows_the_keys_that_were_right(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    first = ring_on(store, now, KeyMemory(tmp_path))
    _, text = first.create("Ada Lovelace", ["score"])
    gone, gone_text = first.create("gone", ["score"])
    assert first.verify(text)
    assert first.verify(gone_text)
    first.revoke(gone.id)
    first.watch()
    first.close()
    kept = (tmp_path / FILE).read_text()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert text not in kept
    assert "Ada" not in kept
    take_away(tmp_path)
    second = ring_on(store, now, KeyMemory(tmp_path))
    now[0] += FRESH_US
    with pytest.raises(StoreAwayError):
        second.verify(text)
    assert second.at_hand(text, now[0]) is not None
    assert second.at_hand(gone_text, now[0]) is None
    bring_back(tmp_path)
    second.close()


@pytest.mark.parametrize("content", ["", "[", "{}", "[1]", '[{"key": {}, "sha256": 1}]'])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert KeyMemory(tmp_path).load() == []


def test_processes_add_to_one_another_and_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    rings = [ring_on(store, now, KeyMemory(tmp_path)) for _ in range(2)]
    for ring in rings:
        _, text = ring.create("k", ["score"])
        assert ring.verify(text)
        ring.watch()
        ring.close()
    assert len(json.loads((tmp_path / FILE).read_text())) == 2
    file = tmp_path / "file"
    file.write_text("")
    KeyMemory(file).keep(KeyMemory(tmp_path).load())


def test_a_key_in_use_is_read_again_behind_the_requests_and_what_others_did_is_seen(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    ring, other = ring_on(store, now), ring_on(store, now)
    key, text = ring.create("k", ["score"])
    assert ring.verify(text)
    other.revoke(key.id)
    assert ring.at_hand(text, now[0])  # read a moment ago
    now[0] += FRESH_US * 3 // 4
    ring.at_hand(text, now[0])
    until(lambda: ring.at_hand(text, now[0]) is None, "what the store says now", 10)
    ring.close()
    other.close()


def test_a_key_that_is_only_remembered_opens_what_needs_no_store(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    ring = ring_on(store, now)
    _, text = ring.create("CRM", ["score", "ingest", "metrics"])
    ring.verify(text)
    now[0] += 2 * FRESH_US
    take_away(tmp_path)
    passed: list[str] = []

    async def inner(scope: Any, _receive: Any, _send: Any) -> None:
        passed.append(f"{scope['path']}?{scope['query_string'].decode()}")

    async def ask(method: str, path: str, query: bytes = b"") -> None:
        look_ups = LookUps(ring)
        gate = Gate(inner, look_ups, Guesses(look_ups, 0), KeyLimits(0, 1))
        headers = [(b"authorization", b"Bearer " + text.encode())]
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
        begin(scope, Exchange("1"))
        await gate(scope, None, None)  # type: ignore[arg-type]  # nothing is received or sent here

    for method, path in (("POST", "/score"), ("POST", "/score_batch"), ("GET", "/metrics")):
        asyncio.run(ask(method, path))
    for query in (b"record=true", b"reasons=all&r%65cord=true"):
        with pytest.raises(StoreAwayError):
            asyncio.run(ask("POST", "/score", query))
    assert passed == ["/score?", "/score_batch?", "/metrics?"]
    bring_back(tmp_path)
    ring.close()


def test_what_the_store_told_last_counts_whatever_a_file_says_of_times_to_come(tmp_path: Path) -> None:
    now, store = [NOW], open_store(tmp_path)
    ring = ring_on(store, now)
    key, text = ring.create("ahead", ["score"])
    now[0] += HOUR_US
    assert ring.verify(text)
    now[0] = NOW  # the clock was set back, or the file came from a machine whose clock is ahead
    ring.revoke(key.id)
    assert ring.verify(text) is None
    take_away(tmp_path)
    with suppress(StoreAwayError):
        ring.verify(text)
    assert ring.at_hand(text, now[0]) is None
    bring_back(tmp_path)
    ring.close()
