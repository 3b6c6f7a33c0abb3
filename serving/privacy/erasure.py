"""One person out of the store, without a trace in it; what the ledger proves stays provable."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.access.audit_log import note_act
from serving.history.identity import held
from serving.jobs.job_files import JobFiles
from serving.ledger.chain import erase_payloads
from serving.privacy.erased_files import ErasedFiles
from serving.privacy.exporting import export_lead, numbers_of_person
from serving.privacy.person import person_of
from serving.settings import JOB_DECODED_LIMIT_BYTES
from serving.store.database import StoreBusyError
from serving.store.dialects import in_batches
from serving.store.schema import ALIASES, CHANGES, CONTACTS, EVENTS, LEADS, OUTCOMES, STALE_LEADS
from serving.store.schema_selling import OF_LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from serving.privacy.person import Person
    from serving.store.database import Store

__all__ = ["Erased", "erase_lead", "export_lead"]


_log = logging.getLogger("leadlens.privacy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What went: leads (those merged into it too), payloads of the ledger, and folders of score jobs.

    `leads` is 0 where the store knows nobody of that id. `is_gone_from_home`: whether the home was looked
    through once more after the rows were gone; where it could not be, a file that came in meanwhile may
    still hold the person, and the log says why.

    `is_gone_from_files`: whether the bytes are gone from SQLite's files, too. They are not where somebody
    read for so long that its log could not be cut off; it is with the next erasure, whether or not that
    finds anybody, or when the service stops. On PostgreSQL it is False: there its VACUUM frees them.
    """

    leads: int = 0
    payloads: int = 0
    jobs: int = 0
    is_gone_from_home: bool = True
    is_gone_from_files: bool = False


def erase_lead(
    store: Store,
    home: Path,
    lead_id: str,
    now: int,
    actor: str,
    jobs_folder: Path | None = None,
    *,
    decoded_limit_bytes: int = JOB_DECODED_LIMIT_BYTES,
) -> Erased:
    """Erase everything of a person.

    All rows of the lead and of those merged into it, what was decided and said of them among these, their
    ids, the payloads of their scores, and the files of the home in which an id, an address, a number or a
    text of theirs stands; `jobs_folder` and `decoded_limit_bytes` as in the settings. Headers of the ledger
    stay, and it still verifies. The act is noted without naming anybody. Backups that were taken before still
    hold the person.

    The files go before the rows, by which they are found: an erasure that breaks off, or raises, is done
    again under the same id. What came into the home meanwhile goes after the rows.
    """
    files = ErasedFiles(store, JobFiles(home, jobs_folder), decoded_limit_bytes)
    done = _erased(store, files, lead_id, now, actor)
    return replace(done, is_gone_from_files=_cut_off_log(store))


def _erased(store: Store, files: ErasedFiles, lead_id: str, now: int, actor: str) -> Erased:
    with store.snapshot() as connection:
        numbers = numbers_of_person(connection, lead_id)
        person = person_of(connection, numbers) if numbers else None
    if person is None:
        return Erased()
    jobs = files.remove(person, now)
    done = store.write(partial(_erase, lead_id=lead_id, now=now, actor=actor))
    if done is None:  # somebody else erased them at the same time
        return Erased()
    person, leads, payloads = done
    try:
        jobs |= files.remove(person, now)
    except (StoreBusyError, OSError) as problem:
        # Raised, it would say that nothing was written; and the same request would find nobody.
        _log.error("erasure: the home was not looked through again: %s", type(problem).__name__)
        return Erased(leads=leads, payloads=payloads, jobs=len(jobs), is_gone_from_home=False)
    return Erased(leads=leads, payloads=payloads, jobs=len(jobs))


def _erase(connection: Connection, lead_id: str, now: int, actor: str) -> tuple[Person, int, int] | None:
    if not held(connection, [lead_id]):
        return None
    numbers = numbers_of_person(connection, lead_id)  # as it stands when nobody else may merge them
    person = person_of(connection, numbers)
    payloads = erase_payloads(connection, numbers)
    for batch in in_batches(numbers):
        for table in (*OF_LEADS, STALE_LEADS, CONTACTS, EVENTS, OUTCOMES, CHANGES, ALIASES):
            connection.execute(sa.delete(table).where(table.c.lead.in_(batch)))
        connection.execute(sa.delete(LEADS).where(LEADS.c.number.in_(batch)))
    note_act(connection, now, actor, "lead erased", leads=len(numbers), payloads=payloads)
    return person, len(numbers), payloads


def _cut_off_log(store: Store) -> bool:
    """Write SQLite's log into its file and cut it off, so that nothing of before is in it."""
    if not store.is_sqlite:
        return False
    connection = store.engine.raw_connection()
    try:
        # It waits for those who read, as long as for a busy database.
        [busy, *_] = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy
