"""Leads whose score is to be made again: who marks them, who takes them, and when they are done.

A mark is made in the transaction that changed what the score depends on. Whoever scores a lead takes it by
a claim that runs out, and settles the claim afterwards. A lead that was marked again meanwhile stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from serving.store.schema import STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from serving.store.database import Store

URGENT, RESCORE, AGED = 0, 1, 2
"""Something came in; another model or policy gave the score; time has passed."""

SECOND_US = 1_000_000
FIRST_DELAY_US = 10 * SECOND_US
LONGEST_DELAY_US = 6 * 3600 * SECOND_US
"""A lead that cannot be scored is put off by the first, then by twice as long each time, at most the last."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A lead that `who` scores now. `mark` and `asked_at` as they were when it was taken."""

    lead: int
    mark: int
    asked_at: int
    who: str


def mark_stale(connection: Connection, numbers: Iterable[int], now: int, urgency: int = URGENT) -> None:
    """Ask for new scores of leads. Each stands here once, however often it is asked for.

    A lead that was put off because it could not be scored is free again: what came in may have mended it.
    """
    rows = [
        {"lead": number, "urgency": urgency, "since": now, "asked_at": now, "mark": 1}
        for number in sorted(
            set(numbers)
        )  # all in one order, so that two writers do not wait for one another
    ]
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(STALE_LEADS)
    old, new = STALE_LEADS.c, insert.excluded
    more_urgent = new.urgency < old.urgency
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["lead"],
            set_={
                "mark": old.mark + 1,
                "urgency": sa.case((more_urgent, new.urgency), else_=old.urgency),
                "since": sa.case((more_urgent, new.since), else_=old.since),
                "asked_at": sa.case((new.asked_at > old.asked_at, new.asked_at), else_=old.asked_at),
                "claimed_until": sa.case((old.claimed_by.is_(None), sa.null()), else_=old.claimed_until),
            },
        ),
        rows,
    )


def claim(store: Store, who: str, limit: int, now: int, lease_us: int) -> list[Claim]:
    """Take at most `limit` leads that nobody works on, the most urgent first, then those that wait longest.

    `who` (1 to 40 characters) is unlike that of any other thread that claims. A claim that is not settled
    within `lease_us` may be taken by others. Takers do not wait for one another.
    """
    free = sa.or_(STALE_LEADS.c.claimed_until.is_(None), STALE_LEADS.c.claimed_until <= now)
    columns = (STALE_LEADS.c.lead, STALE_LEADS.c.mark, STALE_LEADS.c.asked_at)
    found = sa.select(*columns).where(free).order_by(STALE_LEADS.c.urgency, STALE_LEADS.c.since).limit(limit)

    def take(connection: Connection) -> list[Claim]:
        claims = [Claim(*row, who) for row in connection.execute(found.with_for_update(skip_locked=True))]
        taken = sa.update(STALE_LEADS).where(STALE_LEADS.c.lead.in_([one.lead for one in claims]))
        connection.execute(taken.values(claimed_by=who, claimed_until=now + lease_us))
        return claims

    with store.reading() as connection:
        if connection.execute(found.limit(1)).first() is None:
            return []
    return store.write(take)


def settle(connection: Connection, claims: Sequence[Claim]) -> int:
    """Say that leads were scored; return how many are done with.

    A lead that was marked again since it was taken is free at once. One that others have taken meanwhile,
    because the claim ran out, is left to them.
    """
    ours = _still_ours(connection, claims)
    done = [one.lead for one in ours if not one.marked_again]
    if done:
        connection.execute(sa.delete(STALE_LEADS).where(STALE_LEADS.c.lead.in_(done)))
    _free(connection, [one.lead for one in ours if one.marked_again], failures=0)
    return len(done)


def release(connection: Connection, claims: Sequence[Claim]) -> None:
    """Give leads back unscored: they are free at once."""
    _free(connection, [one.lead for one in _still_ours(connection, claims)])


def claimers(connection: Connection, now: int) -> set[str]:
    """Return who holds claims that have not run out."""
    held = sa.select(STALE_LEADS.c.claimed_by).where(STALE_LEADS.c.claimed_until > now).distinct()
    return {who for who in connection.execute(held).scalars() if who is not None}


def release_all(connection: Connection, who: Iterable[str]) -> int:
    """Free the leads that these had taken, who cannot settle them any more; return how many."""
    freed = sa.update(STALE_LEADS).where(STALE_LEADS.c.claimed_by.in_(sorted(who)))
    return connection.execute(freed.values(claimed_by=None, claimed_until=None)).rowcount


def put_off(connection: Connection, claims: Sequence[Claim], now: int) -> None:
    """Give back leads that could not be scored: they are free after a delay that grows each time.

    One that was marked again since it was taken is free at once.
    """
    for one in _still_ours(connection, claims):
        delay = min(FIRST_DELAY_US << min(one.failures, 20), LONGEST_DELAY_US)
        until = None if one.marked_again else now + delay
        _free(connection, [one.lead], failures=min(one.failures + 1, 100), claimed_until=until)


@dataclass(frozen=True, slots=True)
class _Ours:
    lead: int
    failures: int
    marked_again: bool


def _still_ours(connection: Connection, claims: Sequence[Claim]) -> list[_Ours]:
    """Return what is still ours of claims, locked."""
    taken = {one.lead: one for one in claims}
    found = connection.execute(
        sa.select(STALE_LEADS)
        .where(STALE_LEADS.c.lead.in_(taken))
        .order_by(STALE_LEADS.c.lead)  # in the order of mark_stale, so that they do not wait for one another
        .with_for_update()
    ).all()
    return [
        _Ours(row.lead, row.failures, row.mark != taken[row.lead].mark)
        for row in found
        if row.claimed_by == taken[row.lead].who
    ]


def _free(connection: Connection, leads: Sequence[int], **values: int | None) -> None:
    if leads:
        freed = sa.update(STALE_LEADS).where(STALE_LEADS.c.lead.in_(leads))
        connection.execute(freed.values({"claimed_by": None, "claimed_until": None} | values))
