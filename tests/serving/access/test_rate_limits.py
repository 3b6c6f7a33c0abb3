import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serving.access.keys import Key, KeyRing
from serving.access.rate_limits import BUCKETS, Guesses, KeyLimits
from serving.store.database import open_store
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


@pytest.fixture
def blocked(ring: KeyRing) -> Guesses:
    """Guesses that look at no more keys from 192.0.2.1, which was wrong too often."""
    guesses = Guesses(ring, 5)
    assert refused_after(lambda: guesses.verify(WRONG, "192.0.2.1")) in (5, 6)
    return guesses


def test_after_too_many_wrong_keys_no_more_are_looked_at(blocked: Guesses, ring: KeyRing) -> None:
    _, text = ring.create("new here", ["score"])
    with pytest.raises(ProblemError, match="429"):
        blocked.verify(text, "192.0.2.1")
    assert blocked.verify(text, "192.0.2.2") is not None
    assert blocked.verify(WRONG, "192.0.2.2") is None


def test_a_key_that_was_right_before_is_not_shut_out(blocked: Guesses, ring: KeyRing) -> None:
    key, text = ring.create("k", ["score"])
    assert blocked.verify(text, "192.0.2.2") == key
    assert blocked.verify(text, "192.0.2.1") is not None
    with pytest.raises(ProblemError, match="429"):
        blocked.verify(text[:-1] + ("A" if text[-1] != "A" else "B"), "192.0.2.1")


def test_a_network_of_ipv6_is_one_caller(ring: KeyRing) -> None:
    guesses = Guesses(ring, 5)
    hosts = itertools.count(1)
    assert refused_after(lambda: guesses.verify(WRONG, f"2001:db8::{next(hosts):x}")) in (5, 6)
    assert guesses.verify(WRONG, "2001:db8:0:1::1") is None


def test_no_crowd_of_callers_fills_the_memory(ring: KeyRing) -> None:
    guesses = Guesses(ring, 1_000)
    for number in range(3 * BUCKETS):
        guesses.verify("no key", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    counts = guesses._counts.storage.storage  # type: ignore[attr-defined]  # noqa: SLF001 - what grows
    assert 0 < len(counts) <= 2 * BUCKETS


def test_a_limit_of_nothing_is_no_limit(ring: KeyRing) -> None:
    guesses = Guesses(ring, 0)
    assert [guesses.verify(WRONG, "192.0.2.1") for _ in range(100)] == [None] * 100
