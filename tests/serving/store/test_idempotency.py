import hashlib

import pytest
import sqlalchemy as sa
from threads import in_threads

from serving.history.events import EventSent, keep_events
from serving.store.database import Store
from serving.store.idempotency import MismatchError, Remembered, forget_before, recall, remember
from serving.store.schema import EVENTS, IDEMPOTENCY

KEY, REQUEST, DIGEST = "key-1", "request-1", "a" * 64


def once(connection: sa.Connection) -> Remembered:
    """What an endpoint does: one event without an id, and an answer."""
    if known := recall(connection, KEY, REQUEST, DIGEST):
        return known
    keep_events(connection, [EventSent("L-1", "page_view", 1)], 1)
    kept = Remembered(202, {"kept": connection.execute(sa.select(sa.func.count(EVENTS.c.number))).scalar()})
    remember(connection, KEY, REQUEST, DIGEST, kept, 1)
    return kept


def count(store: Store, table: sa.Table) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_request_that_comes_again_is_answered_alike_and_done_once(store: Store) -> None:
    answers = [store.write(once) for _ in range(3)]
    assert answers == [Remembered(202, {"kept": 1})] * 3
    assert count(store, EVENTS) == 1


def test_of_many_at_one_time_one_is_done_and_the_others_answered_from_it(store: Store) -> None:
    answers: list[Remembered] = []
    in_threads([lambda: answers.append(store.write(once))] * 8)
    assert answers == [Remembered(202, {"kept": 1})] * 8
    assert count(store, EVENTS) == 1


def test_another_request_with_the_same_key_is_refused(store: Store) -> None:
    store.write(once)
    with pytest.raises(MismatchError, match="came with another request"):
        store.write(lambda connection: recall(connection, KEY, REQUEST, "b" * 64))


def test_another_caller_may_use_the_same_key(store: Store) -> None:
    store.write(once)
    assert store.write(lambda connection: recall(connection, "key-2", REQUEST, "b" * 64)) is None


def test_what_failed_is_not_remembered(store: Store) -> None:
    def fails(connection: sa.Connection) -> None:
        once(connection)
        raise RuntimeError("after the answer")

    with pytest.raises(RuntimeError, match="after the answer"):
        store.write(fails)
    assert count(store, IDEMPOTENCY) == 0
    assert store.write(once) == Remembered(202, {"kept": 1})


def test_what_is_forgotten_is_done_again(store: Store) -> None:
    store.write(once)
    assert store.write(lambda connection: forget_before(connection, 1)) == 0
    assert store.write(lambda connection: forget_before(connection, 2)) == 1
    assert store.write(once) == Remembered(202, {"kept": 2})


def test_neither_the_key_nor_a_digest_of_the_request_is_kept(store: Store) -> None:
    digest = hashlib.sha256(b"a request about somebody").hexdigest()
    for key in ("key-1", "key-2"):
        store.write(lambda c, key=key: remember(c, key, "lead PERSON-77", digest, Remembered(200, []), 1))
    with store.reading() as connection:
        rows = [row._asdict() for row in connection.execute(IDEMPOTENCY.select())]
    assert len(rows) == 2
    assert rows[0]["request_sha256"] != rows[1]["request_sha256"]
    for secret in ("PERSON", digest, hashlib.sha256(digest.encode()).hexdigest()):
        assert secret not in str(rows)
