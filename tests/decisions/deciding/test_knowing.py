from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from some_facts import AS_OF, DAY_US, DEFAULT

from decisions.deciding import FactsReader
from features.batch import LeadBatch
from features.cells import CellRules
from features.events import event_log_of_rows
from features.lead_log import FIELDS, NO_EVENTS, VALUE, LeadLog
from features.one_lead import OneLead
from models.score import Score

READER = FactsReader(DEFAULT, tuple(DEFAULT.attributes), CellRules())
SCORE = Score(
    lead_id="L-1", as_of=AS_OF, score=60, probability=0.1, probability_low=0.05, probability_high=0.2,
    horizon_days=90.0, fit_score=70, engagement_score=40, grade="B3", rung="model", confidence="high",
    baseline_score=40, baseline_probability=0.05, base_rate=0.06, reasons=(), model_name="leadlens",
    model_version=1, features_sha256="", warnings=(), margin=-2.0, expected_margin=-3.0,
)  # fmt: skip
CELL = st.none() | st.sampled_from(
    ["", "DE", "n/a", "420", "yes", "No", "VP Sales", "a@acme.example", 7, True, 2.5]
)
COLUMNS = ("Email", "job title", "COUNTRY", "employees", "Opt-In", "budget", "who knows")
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["page_view", "demo_requested", "email_bounced", "feature_used"]),
        "detail": st.none() | st.sampled_from(["pricing", "blog"]),
        "occurred_at": st.integers(AS_OF - 60 * DAY_US, AS_OF),
    }
)
LEAD = st.tuples(st.tuples(*[CELL] * len(COLUMNS)), st.lists(EVENT, max_size=6))


def rows_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event | {"known_at": event["occurred_at"], "value": None} for event in events]


def log_of(events: list[dict[str, Any]]) -> LeadLog:
    if not events:
        return NO_EVENTS
    log = event_log_of_rows([rows_of(events)], frozenset({"email_bounced"}))
    held = np.zeros((FIELDS + 1, len(events)), np.int64)
    held[:5] = [log.occurred_at, log.known_at, log.key, log.detail_key, log.is_touch]
    held[VALUE].view(np.float64)[:] = log.value
    return LeadLog(held, len(events), log.keys)


@given(st.lists(LEAD, min_size=1, max_size=5))
def test_a_lead_alone_has_the_facts_that_it_has_among_others(leads: list[Any]) -> None:
    count = len(leads)
    moments = np.full(count, AS_OF)
    batch = LeadBatch(
        lead_ids=["L-1"] * count,
        created_at=moments - 9 * DAY_US,
        as_of=moments,
        cells={name: [cells[place] for cells, _ in leads] for place, name in enumerate(COLUMNS)},
        events=event_log_of_rows([rows_of(events) for _, events in leads], frozenset({"email_bounced"})),
        owner=np.arange(count),
    )
    alone = [
        READER.of_lead(
            OneLead("L-1", AS_OF - 9 * DAY_US, AS_OF, dict(zip(COLUMNS, cells, strict=True)), log_of(events)),
            SCORE,
        )
        for cells, events in leads
    ]
    assert READER.of_batch(batch, [SCORE] * count) == alone


def test_the_events_by_which_a_hand_is_raised_are_those_that_the_signal_counts() -> None:
    days = (3 * DAY_US, 5 * DAY_US)
    events = [
        {"type": kind, "detail": None, "occurred_at": AS_OF - ago}
        for kind, ago in (("page_view", days[0]), ("demo_requested", days[1]))
    ]
    known = READER.of_lead(OneLead("L-1", AS_OF, AS_OF, {}, log_of(events)), SCORE)
    assert (known.days_since_act, known.days_since_raise) == (3.0, 5.0)


def test_columns_are_known_by_any_usual_name_and_read_as_cells_are() -> None:
    cells = {"E-Mail": "Ada@Acme.Example", "Job Title": "Étudiante, VP", "Land": "Deutschland", "zip": 80331}
    known = READER.of_lead(
        OneLead("L-1", AS_OF, AS_OF, cells | {"opt in": "NEIN"}, NO_EVENTS), SCORE
    ).attributes
    assert (known["email_domain"], known["studies"]) == ("acme.example", True)
    assert (known["country"], known["region"], known["email_consent"]) == ("de", "western europe", "no")
    assert (known["employees"], known["relationship"], known["bant_budget"]) == (None, "", "unknown")
