"""Scores stored leads again that were marked as stale."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from serving.history.stale import Claim, claim, claimers, put_off, release, release_all, settle
from serving.jobs.sweep import OPEN
from serving.jobs.worker import is_dead
from serving.places import place_of
from serving.store.database import StoreBusyError
from serving.store.schema import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from serving.scoring.champion import Champion
    from serving.store.database import Store

BATCH_LEADS = 200
LEASE_US = 60_000_000

_log = logging.getLogger("leadlens.worker")


class Rescorer(Protocol):
    """What scores stored leads and records the scores: `serving.scoring.recording.Recorder`."""

    def rescore(self, numbers: Sequence[int], now: int) -> int:
        """Score leads as of `now` with the champion, and note it in their rows; return how many."""
        ...


@dataclass(slots=True)
class Rescoring:
    """Takes stale leads, the most urgent first, scores them together, and settles.

    A lead that cannot be scored is found out by halves, and put off with a growing delay; the others are
    scored. Without a champion nothing is taken.
    """

    store: Store
    recorder: Rescorer
    champion: Champion
    clock: Callable[[], int]
    who: str
    batch_leads: int = BATCH_LEADS
    lease_us: int = LEASE_US
    name: str = "rescoring"
    _has_begun: bool = False

    def step(self, now: int) -> bool:
        """Score one batch, and return whether there was one."""
        if self.champion.answerer() is None:
            return False
        if not self._has_begun:
            self._free_what_dead_workers_took(now)
            self._has_begun = True
        claims = claim(self.store, self.who, self.batch_leads, now, self.lease_us)
        if not claims:
            return False
        # The clock is read after the claim, and the askings count too, whosever clock they were made by:
        # else an event could be later than the score that settles its mark.
        as_of = max(now, self.clock(), *(one.asked_at for one in claims))
        failures: Counter[str] = Counter()
        try:
            failed = self._scored(claims, as_of, failures)
        except StoreBusyError:
            self.store.write(lambda connection: release(connection, claims))
            raise
        for what, count in failures.items():
            _log.error("%d leads could not be scored: %s", count, what)
        self.store.write(lambda connection: self._settled(connection, claims, failed, as_of))
        return True

    def _free_what_dead_workers_took(self, now: int) -> None:
        """Begin with what a killed worker of this machine had begun, without waiting for its claims' end."""
        with self.store.reading() as connection:
            dead = {who for who in claimers(connection, now) if is_dead(who)}
        if dead:
            self.store.write(lambda connection: release_all(connection, dead))

    def _scored(self, claims: Sequence[Claim], as_of: int, failures: Counter[str]) -> set[int]:
        """Score leads, and return those that could not be."""
        try:
            self.recorder.rescore([one.lead for one in claims], as_of)
        except StoreBusyError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever a lead's data cause, the others are scored
            if len(claims) == 1:
                failures[f"{type(problem).__name__} at {place_of(problem)}"] += 1
                return {claims[0].lead}
            middle = len(claims) // 2
            return self._scored(claims[:middle], as_of, failures) | self._scored(
                claims[middle:], as_of, failures
            )
        return set()

    def _settled(
        self, connection: sa.Connection, claims: Sequence[Claim], failed: set[int], as_of: int
    ) -> None:
        left = failed | _unscored(connection, claims, as_of)
        settle(connection, [one for one in claims if one.lead not in left])
        put_off(connection, [one for one in claims if one.lead in left], as_of)


def _unscored(connection: sa.Connection, claims: Sequence[Claim], as_of: int) -> set[int]:
    """Return open leads that have no score of this round, such as those whose cells cannot be read.

    Settled, the sweep would mark them at once again, and so for ever.
    """
    found = sa.select(LEADS.c.number).where(
        OPEN,
        LEADS.c.number.in_([one.lead for one in claims]),
        sa.or_(LEADS.c.scored_at.is_(None), LEADS.c.scored_at < as_of),
    )
    return set(connection.execute(found).scalars())
