"""Stored leads that are scored and recorded, with the scorer that needs no training."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fake_scorer import FakeScorer
from served import put_champion

from decisions.policy import Policy
from serving.history.events import EventSent, keep_events
from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.scoring.champion import Champion
from serving.scoring.recording import Recorder
from serving.settings import Settings
from serving.store.schema import LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

    from serving.store.database import Store

T0 = 1_795_253_400_000_000
HOUR = 3_600_000_000


class Desk:
    """A store, a champion, and who records; what a caller would send, in short."""

    def __init__(self, store: Store, home: Path, policy: Policy | None = None, *, folder: str = "v7") -> None:
        put_champion(home, folder)
        self.store = store
        self.home = home
        self.use(policy or Policy())

    def use(self, policy: Policy) -> None:
        """Serve under a policy, as a service does that is started anew."""
        champion = Champion(Settings(home=self.home), policy, FakeScorer.load)
        champion.answerer()  # loaded before anybody asks, as a service does
        self.champion = champion
        self.recorder = Recorder(self.store, champion)

    def lead(self, lead_id: str, now: int = T0, **cells: Any) -> int:
        [kept] = self.store.write(lambda c: keep_leads(c, [LeadSent(lead_id, T0, cells)], now))
        return kept.number

    def event(self, lead_id: str, at: int, kind: str = "page_view") -> None:
        sent = EventSent(
            lead_id=lead_id, type=kind, occurred_at=at, event_id=None, value=None, properties=None
        )
        self.store.write(lambda c: keep_events(c, [sent], at))

    def outcome(self, lead_id: str, outcome: Any, at: int) -> None:
        sent = OutcomeSent(lead_id=lead_id, outcome=outcome, occurred_at=at, outcome_id=None, value=None)
        self.store.write(lambda c: keep_outcomes(c, [sent], at))

    def rows(self, table: Table) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(table.select().order_by(*table.primary_key)).all())

    @property
    def records(self) -> list[dict[str, Any]]:
        """The answers that were recorded, in order."""
        return [json.loads(row.answer) for row in self.rows(LEDGER_PAYLOADS)]

    @property
    def headers(self) -> list[Any]:
        return self.rows(LEDGER_HEADERS)

    def row(self, lead_id: str) -> Any:
        return next(row for row in self.rows(LEADS) if row.lead_id == lead_id)
