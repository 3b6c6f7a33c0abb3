"""A scorer that needs no training: its score depends on one column and the number of events.

In a champion's folder whose name begins with "points" it is one of the points rung.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from features.batch import LeadBatch
from features.columns.learned import Column
from features.errors import Fault
from features.mapping import Mapping, mapping_from
from features.one_lead import OneLead
from features.spec import FeatureSpec
from features.vectors import Vectoriser, Vectors, VectorsOfEach
from features.words import ENGLISH
from models.next_acts import NextActs
from models.reasons.rest import remainder
from models.score import Reason, Rung, Score, Unscorable

DATED = {
    "leads": {
        "path": "leads.csv",
        "id": "Prospect ID",
        "created_at": "created",
        "exclude": ["Tags"],
        "time_format": "%d-%m-%Y %H:%M",
    },
    "events": {
        "path": "visits.csv",
        "lead_id": "user",
        "occurred_at": "time_stamp",
        "type": "kind",
        "event_id": "row",
        "properties": ["page"],
        "touches": ["sales_call"],
        "types": {"Email Opened": "email_opened"},
    },
    "outcomes": {"path": "o.csv", "lead_id": "id", "occurred_at": "at", "outcome": "outcome"},
    "training": {"horizon": "90 days"},
}


EXPECTED_MARGIN = -2.9
MARGIN = EXPECTED_MARGIN + 1.0 + 0.7


class FakeScorer:
    """Employees make the fit, events the engagement; a number of employees that is no number is a fault."""

    rung: Rung = "model"

    name = "leadlens"
    version: int | None = 7
    horizon_days: float | None = 90.0
    base_rate: float | None = 0.061
    spec = FeatureSpec(
        columns=(
            Column(name="employees", kind="number", family="fit"),
            Column(name="Job title", kind="title", family="fit"),
            Column(name="Opted in?", kind="boolean", family="fit"),
            Column(name="2nd product", kind="multi", family="fit", vocabulary=("crm", "erp")),
        ),
        unused=(),
        event_keys=("page_view", "page_view.pricing", "email_opened"),
        touch_keys=("sales_call",),
        has_age=True,
        has_events=True,
        missing=(),
        decimal=".",
    )
    words = ENGLISH
    next_acts: NextActs | None = None
    artifact_sha256: str | None = hashlib.sha256(b"fake").hexdigest()

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.batches: list[LeadBatch] = []

    @classmethod
    def load(cls, home: Path) -> "FakeScorer | None":
        """Follow the pointer, as the real one does."""
        place = home / "champion" / "current"
        if not place.exists():
            return None
        pointer = json.loads(place.read_text())
        folder = home / "champion" / pointer["folder"]
        if (folder / "damaged").exists():
            raise ValueError("checksum")
        scorer = cls(mapping_from(DATED))
        scorer.version = pointer["version"]
        if pointer["folder"].startswith("points"):
            scorer.rung, scorer.base_rate = "points", None
        return scorer

    def slope(self, start: float, end: float) -> float:
        return 13.0 + 0.0 * (end - start)

    def score(self, batch: LeadBatch, *, shown: int | None = 5) -> list[Score | Unscorable]:
        self.batches.append(batch)
        return [self._one(batch, row, shown) for row in range(len(batch))]

    @property
    def vectors(self) -> Vectoriser:
        return _NoVectors(self.spec)

    def warnings(self, batch: LeadBatch, vectors: Vectors) -> tuple[str, ...]:  # noqa: ARG002 - as a scorer has it
        return ()

    def score_vectors(
        self,
        batch: LeadBatch,
        vectors: Vectors,  # noqa: ARG002 - as a scorer has it
        warnings: tuple[str, ...],  # noqa: ARG002 - as above
        *,
        shown: int | None,
    ) -> list[Score | Unscorable]:
        return self.score(batch, shown=shown)

    def score_each(
        self,
        leads: Sequence[OneLead],
        vectors: VectorsOfEach,  # noqa: ARG002 - as a scorer has it
        *,
        shown: int | None,
    ) -> list[Score | Unscorable]:
        return [self.score(lead.batch(), shown=shown)[0] for lead in leads]

    def _one(self, batch: LeadBatch, row: int, shown: int | None) -> Score | Unscorable:
        lead_id = batch.lead_ids[row]
        sent = list(batch.cells["employees"])[row] if "employees" in batch.cells else None
        try:
            employees = 0.0 if sent is None or sent == "" else float(sent)
        except ValueError:
            fault = Fault("employees", "a number", repr(sent)[:80], "Correct the value, or send none.")
            return Unscorable(lead_id=lead_id, faults=(fault,))
        log = batch.events
        owner = int(batch.owner[row])
        times = log.occurred_at[log.offsets[owner] : log.offsets[owner + 1]]
        events = int(np.sum(times <= batch.as_of[row]))
        total = min(99, 40 + int(employees // 10) + 3 * events)
        warnings = [] if "employees" in batch.cells else ["Not sent, and so not known: employees."]
        warnings += [
            f"Column {name} is not known, and is ignored." for name in batch.cells if name != "employees"
        ]
        score = Score(
            lead_id=lead_id,
            as_of=int(batch.as_of[row]),
            score=total,
            probability=0.231,
            probability_low=0.19,
            probability_high=0.28,
            horizon_days=90.0,
            fit_score=91,
            engagement_score=64,
            grade="A2",
            rung="model",
            confidence="high",
            baseline_score=52,
            baseline_probability=0.049,
            base_rate=0.061,
            reasons=_reasons(total - 52, shown),
            model_name=self.name,
            model_version=self.version,
            features_sha256=hashlib.sha256(f"{employees} {events}".encode()).hexdigest(),
            warnings=tuple(warnings),
            margin=MARGIN,
            expected_margin=EXPECTED_MARGIN,
            vector=_vector(employees, events),
            contributions=np.asarray(CONTRIBUTIONS),
        )
        return score if self.rung == "model" else _in_points(score)


class _NoVectors(Vectoriser):
    """Makes nothing of leads: the scorer looks at them."""

    def __call__(self, batch: LeadBatch, into: Any = None) -> Vectors:  # noqa: ARG002 - as a vectoriser has it
        return Vectors(np.zeros((len(batch), 0)), {}, ())

    def of_each(self, leads: Sequence[OneLead]) -> VectorsOfEach:
        return VectorsOfEach(
            np.zeros((len(leads), 0)), [()] * len(leads), [()] * len(leads), [False] * len(leads)
        )


CONTRIBUTIONS = (1.0, 0.7, *[0.0] * (len(FakeScorer.spec.features) - 2))


def _vector(employees: float, events: int) -> Any:
    """Return a vector of the spec's width, in which nothing is known of '2nd product'."""
    vector = np.zeros(len(FakeScorer.spec.features))
    vector[:2] = [employees, events]
    vector[[at for at, one in enumerate(FakeScorer.spec.features) if one.about == "2nd product"]] = np.nan
    return vector


def _in_points(score: Score) -> Score:
    """Return a score as the points rung gives one: without chances, without log-odds, from 0."""
    nothing = dict.fromkeys(
        ("probability", "probability_low", "probability_high", "baseline_probability", "base_rate"), None
    ) | dict.fromkeys(("horizon_days", "margin", "expected_margin"), None)
    *told, last = score.reasons
    rest = remainder([reason.effect for reason in told], float(score.score))
    reasons = (*(replace(one, log_odds=None) for one in told), replace(last, effect=rest, log_odds=None))
    changed: dict[str, Any] = {"rung": "points", "confidence": "low", "baseline_score": 0, "reasons": reasons}
    return replace(score, **nothing, **changed)


def _reasons(total: int, shown: int | None) -> tuple[Reason, ...]:
    parts = [
        ("Visited the pricing page 3 times in the last 7 days", 21.4, "engagement"),
        ("420 employees", 12.1, "fit"),
        ("Came from a paid campaign", -8.7, "context"),
        ("Job title is a vice president's", 6.2, "fit"),
        ("Last seen 9 days ago", -4.3, "engagement"),
        ("Country is Germany", 2.2, "fit"),
    ]
    named = [
        Reason(
            text=text,
            effect=effect,
            log_odds=effect / 13,
            family=family,  # type: ignore[arg-type]  # one of the families
            features=(text[:5],),
            phrase=text[0].lower() + text[1:],
        )
        for text, effect, family in parts[:shown]
    ]
    last = Reason(
        text="Not known or small",
        effect=remainder([reason.effect for reason in named], float(total)),
        log_odds=remainder([reason.log_odds for reason in named], MARGIN - EXPECTED_MARGIN),
        family=None,
        features=(),
    )
    return (*named, last)
