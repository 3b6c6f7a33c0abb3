import asyncio
import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serving.access.key import Key
from serving.access.key_ring import KeyRing
from serving.access.look_ups import LOOK_UPS, LookUps
from serving.access.rate_limits import Guesses, KeyLimits
from serving.store.database import open_store
from serving.store.reach import StoreAwayError
from serving.wire.problems import ProblemError

WRONG = "ll_00000000_wrong"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(open_store(tmp_path), lambda: 1_000)


@pytest.fixture
def key(ring: KeyRing) -> Key:
    return ring.create("k", ["score"])[0]


def refused_after(asked: Callable[[], object], most: int = 100) -> int:
    """How many requests pass before the first is refused."""
    passed = 0
    while passed < most:
        try:
            asked()
        except ProblemError as refusal:
            problem = refusal.problem
            break
        passed += 1
    else:
        return most
    assert problem.status == 429
    assert 1 <= int(problem.headers["retry-after"]) <= 60
    return passed


def allowed(limits: KeyLimits, key: Key) -> int:
    return refused_after(lambda: limits.count(key))


# Where a minute ends between two requests of a test, the sliding count lets one more pass.
def test_a_key_may_ask_as_often_as_its_limit_says(key: Key) -> None:
    assert allowed(KeyLimits(6_000), replace(key, limit_per_minute=5)) in (5, 6)
    assert allowed(KeyLimits(7), key) in (7, 8)
    assert allowed(KeyLimits(0), key) == 100
    assert allowed(KeyLimits(3), replace(key, limit_per_minute=0)) == 100


def test_one_key_does_not_use_up_the_limit_of_another(key: Key) -> None:
    limits = KeyLimits(3)
    assert allowed(limits, key) in (3, 4)
    assert allowed(limits, replace(key, id="other")) in (3, 4)


@pytest.mark.parametrize(("limit", "processes", "here"), [(10, 2, 5), (5, 2, 3), (1, 4, 1)])
def test_each_process_allows_its_share_and_at_least_one(
    key: Key, limit: int, processes: int, here: int
) -> None:
    assert allowed(KeyLimits(limit, processes), key) in (here, here + 1)


def verified(guesses: Guesses, text: str, address: str) -> Key | None:
    return asyncio.run(guesses.verify(text, address))


@pytest.fixture
def blocked(ring: KeyRing) -> Guesses:
    """Guesses to which 192.0.2.1 was wrong too often."""
    guesses = Guesses(LookUps(ring), 5)
    assert refused_after(lambda: verified(guesses, WRONG, "192.0.2.1")) in (5, 6)
    return guesses


def test_a_right_key_passes_however_many_were_wrong_before(blocked: Guesses, ring: KeyRing) -> None:
    key, text = ring.create("new here", ["score"])
    assert verified(blocked, text, "192.0.2.1") == key
    with pytest.raises(ProblemError, match="429"):
        verified(blocked, text[:-1] + ("A" if text[-1] != "A" else "B"), "192.0.2.1")
    assert verified(blocked, WRONG, "192.0.2.2") is None


def test_nobody_waits_for_the_look_ups_of_who_was_wrong_too_often(
    blocked: Guesses, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text = ring.create("k", ["score"])
    read, go_on = ring.read, threading.Event()

    def slow(key_id: str) -> object:
        assert key_id != "00000000" or go_on.wait(30)
        return read(key_id)

    monkeypatch.setattr(ring, "read", slow)

    async def asked() -> Key | None:
        wrong = [asyncio.create_task(blocked.verify(WRONG, "192.0.2.1")) for _ in range(3 * LOOK_UPS)]
        await asyncio.sleep(0)
        key = await blocked.verify(text, "192.0.2.2")
        go_on.set()
        assert all(
            isinstance(one, ProblemError) for one in await asyncio.gather(*wrong, return_exceptions=True)
        )
        return key

    assert asyncio.run(asked()) is not None


def test_a_key_that_was_right_before_waits_for_no_wrong_ones_behind_its_own_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000]
    ring = KeyRing(open_store(tmp_path), lambda: now[0])
    key, text = ring.create("k", ["score"])
    guesses = Guesses(LookUps(ring, 30), 5)
    assert verified(guesses, text, "192.0.2.1") == key
    refused_after(lambda: verified(guesses, WRONG, "192.0.2.1"))
    now[0] += 3_600_000_000  # what was read of the key has to be read again
    read, go_on = ring.read, threading.Event()
    monkeypatch.setattr(ring, "read", lambda key_id: (key_id == key.id or go_on.wait(30)) and read(key_id))

    async def asked() -> Key | None:
        wrong = [asyncio.create_task(guesses.verify(WRONG, "192.0.2.1")) for _ in range(3 * LOOK_UPS)]
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            found = await guesses.verify(text, "192.0.2.1")
        assert not any(one.done() for one in wrong)
        go_on.set()
        await asyncio.gather(*wrong, return_exceptions=True)
        return found

    found = asyncio.run(asked())
    assert found is not None
    assert found.id == key.id
    ring.settle()


def test_a_store_that_is_away_is_no_wrong_key_of_who_was_right_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000]
    ring = KeyRing(open_store(tmp_path), lambda: now[0])
    _, text = ring.create("k", ["score"])
    guesses = Guesses(LookUps(ring, 0.05), 5)
    assert verified(guesses, text, "192.0.2.1") is not None
    refused_after(lambda: verified(guesses, WRONG, "192.0.2.1"))
    now[0] += 3_600_000_000
    go_on = threading.Event()
    monkeypatch.setattr(ring, "read", lambda _: go_on.wait(30))
    with pytest.raises(StoreAwayError, match="did not say in time"):
        verified(guesses, text, "192.0.2.1")
    go_on.set()
    ring.settle()


def test_a_look_up_that_gets_no_answer_is_given_up(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(ring, "read", lambda _: go_on.wait(30))
    with pytest.raises(StoreAwayError, match="did not say in time"):
        asyncio.run(LookUps(ring, 0.05).verify(WRONG))
    go_on.set()


def test_a_network_of_ipv6_is_one_caller(ring: KeyRing) -> None:
    guesses = Guesses(LookUps(ring), 5)
    hosts = itertools.count(1)
    assert refused_after(lambda: verified(guesses, WRONG, f"2001:db8::{next(hosts):x}")) in (5, 6)
    assert verified(guesses, WRONG, "2001:db8:0:1::1") is None


@pytest.mark.parametrize("address", ["fe80::1%eth0", "", "unix:", "1.2.3", "::ffff:1.2.3.4", "%", "é"])
def test_any_address_is_somebodys(ring: KeyRing, address: str) -> None:
    assert verified(Guesses(LookUps(ring), 5), WRONG, address) is None


def test_no_crowd_of_callers_fills_the_memory_or_shares_an_allowance(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.access.rate_limits.NETWORKS", 64)
    guesses = Guesses(LookUps(ring), 1)

    async def crowd() -> None:
        for number in range(300):  # each is wrong once, which is allowed
            assert await guesses.verify("no key", f"10.0.{number >> 8}.{number & 255}") is None

    asyncio.run(crowd())
    counts = guesses._counts.storage.storage  # type: ignore[attr-defined]  # noqa: SLF001 - what grows
    assert 0 < len(counts) <= 2 * 64
    with pytest.raises(ProblemError, match="429"):
        verified(guesses, "no key", "10.0.1.43")


def test_a_limit_of_nothing_is_no_limit(ring: KeyRing) -> None:
    guesses = Guesses(LookUps(ring), 0)
    assert [verified(guesses, WRONG, "192.0.2.1") for _ in range(100)] == [None] * 100
