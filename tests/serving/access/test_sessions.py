from typing import Any

from serving.access.sessions import (
    LONGEST_SESSION_US,
    begin_session,
    end_session,
    forget_ended,
    has_ended,
    ids_of,
)
from serving.jobs.retention import enforce
from serving.settings import Settings
from serving.store.database import Store

NOW = 1_795_253_400_000_000


def ended(store: Store, session_id: str) -> bool:
    with store.reading() as connection:
        return has_ended(connection, session_id)


def test_every_session_is_another_and_what_is_none_has_no_ids() -> None:
    sessions: list[dict[str, Any]] = [{"left": "over"}, {}]
    for session in sessions:
        begin_session(session, "k1")
    first, second = map(ids_of, sessions)
    assert first is not None
    assert second is not None
    assert (first[1], second[1]) == ("k1", "k1")
    assert first[0] != second[0]
    assert "left" not in sessions[0]
    assert [ids_of(none) for none in ({}, {"key_id": "k1"}, {"key_id": "k1", "session_id": 1})] == [None] * 3


def test_a_session_that_was_ended_stays_so_as_long_as_a_cookie_can_live(store: Store) -> None:
    for _ in range(2):
        store.write(lambda connection: end_session(connection, "s1", NOW))
    assert (ended(store, "s1"), ended(store, "s2")) == (True, False)
    last = NOW + LONGEST_SESSION_US
    assert store.write(lambda connection: forget_ended(connection, last)) == 0
    assert ended(store, "s1")
    erased = store.write(lambda connection: enforce(connection, last + 1, Settings(session_hours=1)))
    assert erased.sessions == 1
    assert not ended(store, "s1")
