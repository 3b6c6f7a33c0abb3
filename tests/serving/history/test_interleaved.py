"""Two transactions at one time on PostgreSQL: the other is done, whole, at a chosen statement of the one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from features.mapping import mapping_from
from serving.access.audit_log import acts_page
from serving.history.events import EventSent, keep_events
from serving.history.identity import numbers_of
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.history.standing import standing_of
from serving.importing import import_files
from serving.jobs.job_store import JobSource, ask_to_cancel, claim_job, give_back_job, make_job
from serving.privacy.erasure import erase_lead
from serving.store.database import Store, StoreBusyError, open_store
from serving.store.schema import EVENTS, LEADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres import Postgres
    from sqlalchemy import Connection

NOW = 1_000


@pytest.fixture
def store(tmp_path: Path, postgres_server: Postgres) -> Iterator[Store]:
    """SQLite has one writing transaction at a time."""
    opened = open_store(tmp_path, postgres_server.database())
    yield opened
    opened.close()


@dataclass
class Meanwhile:
    """Does what others do, each once, before or after the first statement of this store that begins so."""

    words: str
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    is_other: bool = False

    def watch(self, store: Store) -> Meanwhile:
        for when in ("before", "after"):
            sa.event.listen(store.engine, f"{when}_cursor_execute", partial(self._look, when))
        return self

    @property
    def is_done(self) -> bool:
        return self.before is None and self.after is None

    def _look(self, when: str, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        other = getattr(self, when)
        if other is None or self.is_other or not " ".join(statement.split()).startswith(self.words):
            return
        setattr(self, when, None)
        self.is_other = True
        other()
        self.is_other = False


def put(store: Store, *lead_ids: str) -> None:
    sent = [LeadSent(lead_id, 1, {}) for lead_id in lead_ids]
    store.write(lambda connection: keep_leads(connection, sent, NOW))


def erase(store: Store, home: Path, lead_id: str) -> None:
    assert erase_lead(store, home, lead_id, NOW, "key").leads


def ids(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(sa.select(LEADS.c.lead_id)).scalars())


def test_a_corrected_outcome_does_not_bring_back_whom_it_was_of_and_who_was_erased(
    store: Store, tmp_path: Path
) -> None:
    put(store, "person", "other")
    lost = OutcomeSent("person", "lost", 500, "deal")
    store.write(lambda connection: keep_outcomes(connection, [lost], NOW))
    look_up = "SELECT outcomes.lead FROM outcomes WHERE outcomes.outcome_id IN"
    meanwhile = Meanwhile(look_up, after=partial(erase, store, tmp_path, "person")).watch(store)
    corrected = OutcomeSent("other", "lost", 500, "deal")
    assert store.write(lambda connection: keep_outcomes(connection, [corrected], NOW)) == ["kept"]
    assert meanwhile.is_done
    assert ids(store) == {"other"}
    with store.reading() as connection:
        assert len(connection.execute(OUTCOMES.select()).all()) == 1


def test_an_event_whose_id_somebody_erased_meanwhile_is_kept(store: Store, tmp_path: Path) -> None:
    put(store, "person", "other")
    event = EventSent("person", "visit", 500, "e-1")

    def other_keeps() -> None:
        store.write(lambda connection: keep_events(connection, [event], NOW))

    other_erases = partial(erase, store, tmp_path, "person")
    meanwhile = Meanwhile("INSERT INTO events", other_keeps, other_erases).watch(store)
    mine = EventSent("other", "visit", 500, "e-1")
    assert store.write(lambda connection: keep_events(connection, [mine], NOW)) == ["kept"]
    assert meanwhile.is_done
    with store.reading() as connection:
        assert connection.execute(sa.select(EVENTS.c.event_id)).scalars().all() == ["e-1"]


def test_a_lead_that_somebody_announced_and_erased_meanwhile_is_announced_again(
    store: Store, tmp_path: Path
) -> None:
    other_sends, other_erases = partial(put, store, "person"), partial(erase, store, tmp_path, "person")
    meanwhile = Meanwhile("INSERT INTO leads", other_sends, other_erases).watch(store)
    put(store, "person")
    assert meanwhile.is_done
    assert ids(store) == {"person"}


def test_a_cancel_is_kept_though_the_job_is_given_back_meanwhile(store: Store) -> None:
    source = JobSource(uploaded=True, leads="input.csv")
    store.write(lambda c: make_job(c, "a" * 32, key_id="k", source=source, as_of=None, now=NOW))
    job = claim_job(store, "worker", NOW, NOW)
    assert job is not None

    def given_back(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        give_back_job(connection, job, "worker")

    def other_gives_back() -> None:
        with suppress(StoreBusyError):  # the row is held by who cancels
            store.write(given_back)

    meanwhile = Meanwhile("UPDATE score_jobs", after=other_gives_back).watch(store)
    cancelled = store.write(lambda connection: ask_to_cancel(connection, job.id, 1 << 50))
    assert meanwhile.is_done
    assert cancelled is not None
    assert cancelled.cancel_asked


LOCKING = "SELECT leads.number FROM leads WHERE leads.number IN"


def test_who_is_merged_while_they_are_erased_is_erased_with_the_survivor_locked(
    store: Store, tmp_path: Path
) -> None:
    put(store, "person", "survivor")
    with store.reading() as connection:
        survivor = numbers_of(connection, ["survivor"])["survivor"]

    def merged() -> None:
        store.write(lambda connection: merge_leads(connection, "survivor", ["person"], NOW))

    def locked_by_another() -> None:
        query = sa.select(LEADS.c.number).where(LEADS.c.number == survivor)
        with store.engine.connect() as connection:
            free.extend(connection.execute(query.with_for_update(skip_locked=True)).scalars())

    free: list[int] = []
    meanwhile = Meanwhile(LOCKING, before=merged).watch(store)
    looked = Meanwhile("DELETE FROM ledger_payloads", before=locked_by_another).watch(store)
    assert erase_lead(store, tmp_path, "person", NOW, "key").leads == 2
    assert (meanwhile.is_done, looked.is_done, free) == (True, True, [])
    assert ids(store) == set()


def test_who_is_erased_twice_at_once_is_erased_once(store: Store, tmp_path: Path) -> None:
    put(store, "person")
    meanwhile = Meanwhile(LOCKING, before=partial(erase, store, tmp_path, "person")).watch(store)
    assert erase_lead(store, tmp_path, "person", NOW, "key").leads == 0
    assert meanwhile.is_done
    with store.reading() as connection:
        assert [act.act for act in acts_page(connection)] == ["lead erased"]


def test_an_import_settles_no_standing_over_an_outcome_that_comes_meanwhile(
    store: Store, tmp_path: Path
) -> None:
    hurried = Store(sa.create_engine(store.engine.url, connect_args={"options": "-c lock_timeout=500"}))
    put(store, "L")

    def sent(outcome: Any) -> None:
        lost = [OutcomeSent("L", outcome, 5, outcome_id="o")]
        hurried.write(lambda connection: keep_outcomes(connection, lost, NOW))

    def sent_meanwhile() -> None:
        with suppress(StoreBusyError):
            sent("lost")

    sent("lost")
    sent("reversed")
    (tmp_path / "leads.csv").write_text("Id,created\nother,2024-01-01\n")
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "Id", "created_at": "created"}})
    meanwhile = Meanwhile(
        "SELECT outcomes.lead, outcomes.outcome, outcomes.occurred_at", after=sent_meanwhile
    )
    meanwhile.watch(store)
    import_files(store, mapping, tmp_path, NOW)
    assert meanwhile.is_done
    sent("lost")  # sent again where the store was busy; else it is there already
    hurried.close()
    with store.reading() as connection:
        assert standing_of(connection, ["L"]) == {"L": "lost"}
