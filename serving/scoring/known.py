"""Stored leads as they were known at a moment, for scoring: the same cells and events that training sees."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from decisions.deciding.attributes import answer_columns
from features.batch import LeadBatch
from features.cells import cell_rules
from features.durations import DAY_US
from features.events import NO_TIME
from features.lead_standing import Act, Ending, standing_at
from features.pages import detail_of
from features.win_rule import win_by_rule
from serving.history.identity import IS_SHOWN
from serving.history.last_score import LAST_SCORE_COLUMNS, LastScore
from serving.history.late_answers import late_answers
from serving.scoring.asked_lead import AskedLead, event_log_of, names_beside_cells
from serving.scoring.known_accounts import KnownAccounts
from serving.scoring.request_events import event_reader
from serving.store.dialects import in_batches
from serving.store.schema import CHANGES, EVENTS, LEADS, OUTCOMES
from serving.wire.values import CLOCKS_DIFFER_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

    from features.lead_standing import Standing
    from features.mapping import Mapping
    from serving.scoring.answers import Answerer

_LAST_CHANGE = sa.select(sa.func.max(CHANGES.c.changed_at)).where(CHANGES.c.lead == LEADS.c.number)
_ROWS = sa.select(
    LEADS.c.number,
    LEADS.c.lead_id,
    LEADS.c.created_at,
    LEADS.c.updated_at,
    LEADS.c.cells,
    LEADS.c.undated,
    LEADS.c.next_change_at,
    *LAST_SCORE_COLUMNS,
    _LAST_CHANGE.scalar_subquery().label("changed_at"),
).where(IS_SHOWN)
_EVENTS = sa.select(
    EVENTS.c.lead,
    EVENTS.c.occurred_at,
    EVENTS.c.known_at,
    EVENTS.c.type,
    EVENTS.c.value,
    sa.cast(EVENTS.c.properties, sa.Text).label("properties"),
)
_CHANGES = sa.select(CHANGES.c.lead, CHANGES.c.column, CHANGES.c.changed_at, CHANGES.c.value).order_by(
    CHANGES.c.lead, CHANGES.c.changed_at, CHANGES.c.number
)
_OUTCOMES = (
    sa.select(OUTCOMES.c.lead, OUTCOMES.c.outcome, OUTCOMES.c.occurred_at, OUTCOMES.c.known_at)
    .where(OUTCOMES.c.ended_at.is_(None))
    .order_by(OUTCOMES.c.lead, OUTCOMES.c.occurred_at, OUTCOMES.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLead:
    """A stored lead at a moment: what a request would say of it, how it stood, and its newest score now.

    `answers` are cells that features do not see, because they were answered after the lead was qualified;
    decisions see them over those of `asked`. None: what the cell held was taken back.
    """

    number: int
    asked: AskedLead
    standing: Standing
    last: LastScore
    answers: dict[str, Any] = field(default_factory=dict)


class KnownLeads:
    """Reads stored leads as a mapping understands them. It holds nothing but the mapping.

    `answers` are plain names of columns that answer questions of the policy: what they held after the lead
    was qualified is kept from features, see `serving.history.late_answers`.

    At a moment each column has the value of its last change at or before it, else the one that an import
    brought without saying since when; all events are there, and who makes features of them looks at the
    moment. Leads that are merged into others, deleted, or only announced are not there.
    """

    def __init__(self, mapping: Mapping, answers: frozenset[str] = frozenset()) -> None:
        self.mapping = mapping
        self._answers = answers
        events = event_reader(mapping)
        self._types = events.types
        self._touches = events.touches
        self._not_cells = names_beside_cells(mapping)
        self._rule = mapping.outcomes.won_when if mapping.outcomes else None
        rules = cell_rules(mapping.leads.missing, mapping.leads.decimal)
        self._accounts = KnownAccounts(mapping.accounts, rules, mapping.leads.exclude)

    def read(
        self,
        connection: Connection,
        numbers: Sequence[int],
        as_of: int | Sequence[int],
        *,
        ahead_us: int = CLOCKS_DIFFER_US,
    ) -> list[KnownLead]:
        """Return leads at a moment, or each at its own, in order; those that are not there are left out.

        A creation that lies at most `ahead_us` after the moment is taken for the moment: its sender's clock
        is ahead. (A score as of the creation, later than the clock, would keep out those given before then.)
        """
        moments = [as_of] * len(numbers) if isinstance(as_of, int) else as_of
        rows = _rows(connection, numbers)
        pairs = zip(numbers, moments, strict=True)
        wanted = [(rows[number], at) for number, at in pairs if number in rows]
        return self._known(connection, wanted, ahead_us)

    def read_now(self, connection: Connection, numbers: Sequence[int], now: int) -> list[KnownLead]:
        """Return leads as all that is stored says at `now`, each at its `present_moment`.

        That is no earlier than the newest score, which a clock that is ahead may have dated: what came in
        since would not be heard else until this clock has caught up.
        """
        rows = _rows(connection, numbers)
        here = [rows[number] for number in numbers if number in rows]
        moments = [
            (row, present_moment(now, max(row.updated_at, _ahead(row.scored_at, now)))) for row in here
        ]
        return self._known(connection, moments, CLOCKS_DIFFER_US)

    def batch(self, connection: Connection, numbers: Sequence[int], as_of: int | Sequence[int]) -> LeadBatch:
        """Return leads as features are made of them, each at its moment; a column that a lead lacks is None.

        Raises LookupError where one of the leads is not there.
        """
        leads = [known.asked for known in self._all(connection, numbers, as_of)]
        names = dict.fromkeys(name for lead in leads for name in lead.cells)
        return LeadBatch(
            lead_ids=[lead.lead_id for lead in leads],
            created_at=np.asarray([lead.created_at for lead in leads], np.int64),
            as_of=np.asarray([lead.as_of for lead in leads], np.int64),
            cells={name: [lead.cells.get(name) for lead in leads] for name in names},
            events=event_log_of(leads, self._touches),
            owner=np.arange(len(leads), dtype=np.int64),
            is_stored=True,
        )

    def standing(
        self, connection: Connection, numbers: Sequence[int], as_of: int | Sequence[int]
    ) -> list[Standing]:
        """Return how leads stood, each at its moment. Raises LookupError where one of them is not there."""
        return [known.standing for known in self._all(connection, numbers, as_of)]

    def _all(
        self, connection: Connection, numbers: Sequence[int], as_of: int | Sequence[int]
    ) -> list[KnownLead]:
        known = self.read(connection, numbers, as_of)
        if len(known) < len(numbers):
            missing = set(numbers) - {lead.number for lead in known}
            raise LookupError(f"no leads have the numbers {sorted(missing)}")
        return known

    def _known(
        self, connection: Connection, wanted: Sequence[tuple[Row[Any], int]], ahead_us: int
    ) -> list[KnownLead]:
        numbers = [row.number for row, _ in wanted]
        changes = _changes(connection, [row.number for row, as_of in wanted if _changed_after(row, as_of)])
        late = late_answers(connection, self._answers, numbers)
        events, endings = self._events(connection, numbers), _endings(connection, numbers)
        stood = [self._cells(row, changes.get(row.number, ()), as_of) for row, as_of in wanted]
        known = [
            KnownLead(
                number=row.number,
                asked=AskedLead(
                    lead_id=row.lead_id,
                    created_at=self._created_at(row, as_of, ahead_us),
                    as_of=as_of,
                    cells=late.cells(row.number, cells, as_of),
                    events=list(events.get(row.number, ())),
                    warnings=(),
                    is_stored=True,
                ),
                standing=self._standing(endings.get(row.number, []), events.get(row.number, []), as_of),
                last=LastScore.of(row),
                answers=late.kept_from(row.number, cells, as_of),
            )
            for (row, as_of), cells in zip(wanted, stood, strict=True)
        ]
        if not self.mapping.accounts:
            return known
        joined = self._accounts.joined(connection, [(lead.asked.cells, lead.asked.as_of) for lead in known])
        return [
            replace(lead, asked=replace(lead.asked, cells=cells))
            for lead, cells in zip(known, joined, strict=True)
        ]

    def _created_at(self, row: Row[Any], as_of: int, ahead_us: int) -> int:
        if row.created_at is None or not self.mapping.is_dated:
            return NO_TIME
        return as_of if as_of < row.created_at <= as_of + ahead_us else int(row.created_at)

    def _cells(self, row: Row[Any], changes: Iterable[Row[Any]], as_of: int) -> dict[str, Any]:
        cells = _as_they_stood(row.undated, changes, as_of) if _changed_after(row, as_of) else row.cells
        return {name: cell for name, cell in cells.items() if name not in self._not_cells}

    def _events(self, connection: Connection, numbers: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
        events: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for batch in in_batches(numbers):
            for lead, occurred_at, known_at, sent, value, properties in connection.execute(
                _EVENTS.where(EVENTS.c.lead.in_(batch))
            ):
                events[lead].append(
                    {
                        "type": self._types.get(sent, sent),
                        "occurred_at": occurred_at,
                        "known_at": known_at,
                        "detail": None if properties is None else _detail(properties),
                        "value": value,
                        "event_id": None,  # the store holds each id once
                    }
                )
        return events

    def _standing(self, endings: list[Ending], events: list[dict[str, Any]], as_of: int) -> Standing:
        if self._rule is not None:
            kind = self._rule.event
            of_rule = [(e["occurred_at"], e["known_at"]) for e in events if e["type"] == kind]
            win = win_by_rule(of_rule, self._rule)
            endings = endings if win is None else [*endings, win]
        if not endings:
            return "open"
        acts = (Act(e["occurred_at"], e["known_at"]) for e in events if e["type"] not in self._touches)
        return standing_at(endings, acts, as_of)


def known_leads(answerer: Answerer) -> KnownLeads:
    """Return who reads stored leads for the champion and the policy that answer now."""
    return KnownLeads(answerer.scorer.mapping, answer_columns(answerer.policy))


def present_moment(now: int, updated_at: int) -> int:
    """Return the moment at which all is known that is stored of a lead at `now`. Microseconds UTC.

    The store dates changes of one lead one after the other, so that the last can be dated a little after the
    clock.
    """
    return max(now, updated_at)


def _ahead(scored_at: int | None, now: int) -> int:
    """Return the moment of a score that lies ahead, as far as clocks may lie apart; else 0."""
    return scored_at if scored_at is not None and now < scored_at <= now + DAY_US else 0


def _rows(connection: Connection, numbers: Iterable[int]) -> dict[int, Row[Any]]:
    rows: dict[int, Row[Any]] = {}
    for batch in in_batches(numbers):
        rows |= {row.number: row for row in connection.execute(_ROWS.where(LEADS.c.number.in_(batch)))}
    return rows


def _changed_after(row: Row[Any], as_of: int) -> bool:
    """Return whether the cells that stand now may differ from those at the moment."""
    if row.next_change_at is not None:  # what was due since then does not stand in the cells yet
        return True
    return row.changed_at is not None and row.changed_at > as_of


def _as_they_stood(undated: dict[str, Any] | None, changes: Iterable[Row[Any]], as_of: int) -> dict[str, Any]:
    """Return the cells at a moment. Before a column's first change its undated value stands."""
    cells = dict(undated or {})
    for change in changes:
        if change.changed_at <= as_of:
            cells[change.column] = change.value
    return {name: cell for name, cell in cells.items() if cell is not None}


def _changes(connection: Connection, numbers: Iterable[int]) -> dict[int, list[Any]]:
    """Return the changes of leads in the order of their times; of those at one time the last kept is last."""
    changes: dict[int, list[Any]] = defaultdict(list)
    for batch in in_batches(numbers):
        for change in connection.execute(_CHANGES.where(CHANGES.c.lead.in_(batch))):
            changes[change.lead].append(change)
    return changes


def _endings(connection: Connection, numbers: Iterable[int]) -> dict[int, list[Ending]]:
    endings: dict[int, list[Ending]] = defaultdict(list)
    for batch in in_batches(numbers):
        for row in connection.execute(_OUTCOMES.where(OUTCOMES.c.lead.in_(batch))):
            endings[row.lead].append(Ending(row.outcome, row.occurred_at, row.known_at))
    return endings


@lru_cache(maxsize=8_192)
def _detail(properties: str) -> str | None:
    """Return what an event with these properties, JSON text, was about."""
    return detail_of(json.loads(properties))
