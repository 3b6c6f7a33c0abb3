"""One person out of the store, without a trace in it; what the ledger proves stays provable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.access.audit_log import note_act
from serving.history.identity import locked
from serving.jobs.job_files import JobFiles
from serving.ledger.chain import erase_payloads
from serving.privacy.erased_files import ErasedFiles
from serving.privacy.exporting import export_lead, numbers_of_person
from serving.privacy.person import person_of
from serving.store.dialects import in_batches
from serving.store.schema import ALIASES, CHANGES, CONTACTS, EVENTS, LEADS, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from serving.privacy.person import Person
    from serving.store.database import Store

__all__ = ["Erased", "erase_lead", "export_lead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What went: leads (those merged into it too), payloads of the ledger, and folders of score jobs.

    `is_gone_from_files`: whether the bytes are gone from SQLite's files, too. They are not where somebody
    read for so long that its log could not be cut off; it is with the next erasure, or when the service
    stops. On PostgreSQL it is False: there its VACUUM frees them.
    """

    leads: int
    payloads: int
    jobs: int
    is_gone_from_files: bool


def erase_lead(
    store: Store, home: Path, lead_id: str, now: int, actor: str, jobs_folder: Path | None = None
) -> Erased | None:
    """Erase everything of a person; None where the store knows nobody of that id.

    All rows of the lead and of those merged into it, their ids, the payloads of their scores, and the files
    of the home in which an id, an address, a number or a text of theirs stands; `jobs_folder` as in the
    settings. Headers of the ledger stay, and it still verifies. The act is noted without naming anybody.
    Backups that were taken before still hold the person.
    """
    done = store.write(partial(_erase, lead_id=lead_id, now=now, actor=actor))
    if done is None:
        return None
    person, leads, payloads = done
    jobs = ErasedFiles(store, JobFiles(home, jobs_folder)).remove(person, now)
    return Erased(leads=leads, payloads=payloads, jobs=len(jobs), is_gone_from_files=_cut_off_log(store))


def _erase(connection: Connection, lead_id: str, now: int, actor: str) -> tuple[Person, int, int] | None:
    numbers = numbers_of_person(connection, lead_id)
    if not numbers:
        return None
    locked(connection, numbers, LEADS.c.number)
    numbers = numbers_of_person(connection, lead_id)  # as it stands when nobody else may merge them
    person = person_of(connection, numbers)
    payloads = erase_payloads(connection, numbers)
    for batch in in_batches(numbers):
        for table in (STALE_LEADS, CONTACTS, EVENTS, OUTCOMES, CHANGES, ALIASES):
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
