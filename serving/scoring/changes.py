"""What changed about a stored lead between two moments, as it was known and scored at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from features.errors import Fault, RefusedError
from models.changes.sentence import sentence
from models.changes.stations import UnreadableError
from models.changes.telling import changes_between
from models.score import Unscorable
from serving.history.identity import find_lead
from serving.ledger.newest import newest_record
from serving.scoring.answers import Answerer
from serving.scoring.known import known_leads
from serving.scoring.requests import RequestReader
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from features.batch import LeadBatch
    from features.words import Phrasebook
    from models.changes.step import Changes
    from serving.ledger.newest import NewestRecord
    from serving.scoring.champion import Champion
    from serving.scoring.known import KnownLead
    from serving.scoring.versions import LocalVersions
    from serving.settings import Settings
    from serving.store.database import Store

VERSIONS_HELD = 2
"""So many past versions stay loaded in a server: each takes as much memory as the one that serves."""

NO_RECORD = (
    "No score of the lead is on record from then or before, so it is not known which model would have given "
    "one: the present model scores both moments."
)
End: TypeAlias = Literal["since", "until"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What changed; the newest score on record at `since`; whether the later moment is the present.

    `text` tells it in a sentence, in `words`.
    """

    changes: Changes
    recorded: NewestRecord | None
    is_now: bool
    text: str
    words: Phrasebook
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotOpenAt:
    """A lead that was won, lost or disqualified at one of the moments."""

    stage: Literal["won", "lost", "disqualified"]
    end: End


Found: TypeAlias = Told | NotOpenAt | Fault | Unscorable
"""What changed, or why that cannot be told: a fault of a moment, or a lead that cannot be read."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """Who scores the lead at each moment; what is on record from `since`, and what is to be said of it."""

    since: Answerer
    until: Answerer
    recorded: NewestRecord | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """The lead as the first model reads it at both moments, and as the other one does at the later."""

    then: LeadBatch
    now: LeadBatch
    anew: LeadBatch


class LeadChanges:
    """Tells what changed. It reads the store and the copies of versions, and writes nothing."""

    def __init__(self, store: Store, champion: Champion, versions: LocalVersions, settings: Settings) -> None:
        self._store = store
        self._champion = champion
        self._versions = versions
        self._settings = settings

    def find(self, lead_id: str, since: int, until: int | None, now: int) -> Found | None:
        """Return what changed about a lead from `since` to `until` (None: now), microseconds UTC.

        The earlier moment's model is that of the newest score on record then, the later one's the champion
        or, of a past moment, that of the newest on record then. Where that is not known, or its copy is
        gone, the champion scores both, and a warning says so. None where the lead is not known, or nothing
        serves.
        """
        champion = self._champion.answerer()
        if champion is None:
            return None
        with self._store.reading() as connection:
            lead = find_lead(connection, lead_id)
            if lead is None:
                return None
            at_since = newest_record(connection, lead.number, since)
            at_until = None if until is None else newest_record(connection, lead.number, until)
        ends = self._ends(champion, at_since, at_until, is_now=until is None)
        with self._store.snapshot() as connection:
            read = _read(_Reader(connection, lead.number, now), ends, since, until)
        if not isinstance(read, _Read):
            return read
        return _told(read, ends, champion.scorer.words, is_now=until is None)

    def _ends(
        self,
        champion: Answerer,
        at_since: NewestRecord | None,
        at_until: NewestRecord | None,
        *,
        is_now: bool,
    ) -> _Ends:
        if at_since is None:
            return _Ends(champion, champion, None, (NO_RECORD,))
        try:
            before = self._answerer(at_since, champion)
            after = champion if is_now or at_until is None else self._answerer(at_until, champion)
        except RefusedError as problem:
            said = f"The present model scores both moments, because that of then is not here. {problem}"
            return _Ends(champion, champion, at_since, (said,))
        return _Ends(before, after, at_since, ())

    def _answerer(self, record: NewestRecord, champion: Answerer) -> Answerer:
        """Return who gave a score on record. Raises RefusedError where its model is not here any more."""
        serving = champion.scorer
        named = (record.model_name, record.model_version, record.model_sha256)
        if named == (serving.name, serving.version, serving.artifact_sha256):
            return champion
        scorer = self._versions.scorer_of(record)
        reader = RequestReader(
            scorer.mapping,
            event_limit=self._settings.event_limit,
            batch_limit=self._settings.batch_limit_leads,
        )
        return Answerer(scorer, champion.policy, reader)


class _Reader:
    """Reads one lead at a moment as a model's mapping understands it."""

    def __init__(self, connection: Connection, number: int, now: int) -> None:
        self._connection = connection
        self._number = number
        self._now = now

    def at(self, answerer: Answerer, moment: int | None) -> KnownLead | None:
        """Return the lead at a moment, None: now. None where it is gone meanwhile."""
        known = known_leads(answerer)
        if moment is None:
            found = known.read_now(self._connection, [self._number], self._now)
        else:
            found = known.read(self._connection, [self._number], moment, ahead_us=0)
        return found[0] if found else None


def _read(reader: _Reader, ends: _Ends, since: int, until: int | None) -> _Read | Fault | NotOpenAt | None:
    then, now = reader.at(ends.since, since), reader.at(ends.since, until)
    anew = now if ends.until is ends.since else reader.at(ends.until, until)
    if then is None or now is None or anew is None:
        return None
    refused = _refusal(then, now)
    if refused is not None:
        return refused
    return _Read(_batch(ends.since, then), _batch(ends.since, now), _batch(ends.until, anew))


def _told(read: _Read, ends: _Ends, words: Phrasebook, *, is_now: bool) -> Told | Unscorable:
    """Return what changed, in the words of who serves: a version that serves no more has none of its own."""
    is_other = None if ends.until is ends.since else (ends.until.scorer, read.anew)
    try:
        changes = changes_between(ends.since.scorer, read.then, read.now, is_other, words=words)
    except UnreadableError as problem:
        return problem.lead
    return Told(
        changes=changes,
        recorded=ends.recorded,
        is_now=is_now,
        text=sentence(changes, is_now=is_now, words=words),
        words=words,
        warnings=ends.warnings,
    )


def _refusal(then: KnownLead, now: KnownLead) -> Fault | NotOpenAt | None:
    since, created = then.asked.as_of, then.asked.created_at
    if since < created:
        expected = f"a moment at or after the creation of the lead, {rfc_3339(created)}"
        return Fault("?since", expected, rfc_3339(since), "Ask from a later moment.")
    if since > now.asked.as_of:
        expected = f"a moment at or before the later one, {rfc_3339(now.asked.as_of)}"
        return Fault("?since", expected, rfc_3339(since), "Ask from an earlier moment.")
    if then.standing != "open":
        return NotOpenAt(then.standing, "since")
    return None if now.standing == "open" else NotOpenAt(now.standing, "until")


def _batch(answerer: Answerer, lead: KnownLead) -> LeadBatch:
    return answerer.reader.batch_of([lead.asked])
