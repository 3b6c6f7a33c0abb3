"""Which mappings foretell the same thing of the same leads."""

from typing import Any

import pytest
from small_company import a_mapping

from training.promotion.differences import differences

LEADS = {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"}
OUTCOMES = {"path": "outcomes.csv", "lead_id": "lead_id", "occurred_at": "occurred_at", "outcome": "outcome"}


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"leads": {**LEADS, "path": "export-2026.csv", "encoding": "latin-1", "delimiter": ";"}},
        {"leads": {**LEADS, "id": "Prospect ID", "created_at": "Created"}},
        {"leads": {**LEADS, "exclude": ["Lead Quality"]}},
        {"training": {"horizon": "30 days", "extract_at": "2026-01-01", "from": "2024-01-01"}},
        {"training": {"horizon": "30 days", "snapshot_at": ["3 days", "9 days"]}},
        {"outcomes": {**OUTCOMES, "value": "amount", "path": "deals.csv"}},
    ],
)
def test_where_the_data_lie_and_how_far_they_reach_is_no_difference(sections: dict[str, Any]) -> None:
    assert differences(a_mapping(), a_mapping(**sections)) == ()
    assert differences(a_mapping(**sections), a_mapping()) == ()


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        (
            {"training": {"horizon": "90 days"}},
            "training.horizon is 30 days for the one and 90 days for the other",
        ),
        (
            {"training": {"horizon": "30 days", "census": "snapshots", "snapshot_at": ["9 days"]}},
            "training.census",
        ),
        ({"outcomes": {**OUTCOMES, "outcomes": {"Closed Won": "won"}}}, "outcomes.outcomes"),
        ({"outcomes": {"won_when": {"event": "page_view", "count": 3}}}, "outcomes.won_when"),
        ({"events": None}, "events is there for the one and not there for the other"),
        ({"leads": {**LEADS, "missing": ["Select"]}}, "leads.missing"),
    ],
)
def test_another_horizon_label_or_mapping_is_named(sections: dict[str, Any], named: str) -> None:
    found = differences(a_mapping(), a_mapping(**sections))
    assert any(named in said for said in found), found
    assert differences(a_mapping(**sections), a_mapping(**sections)) == ()


def test_the_horizon_is_named_first() -> None:
    other = a_mapping(training={"horizon": "7 days"}, events=None)
    assert differences(a_mapping(), other)[0].startswith("training.horizon")


def test_the_order_of_names_is_no_difference() -> None:
    events = {"path": "events.csv", "lead_id": "lead_id", "occurred_at": "occurred_at", "type": "type"}
    one, other = (
        a_mapping(events={**events, "touches": touches}, leads={**LEADS, "missing": missing})
        for touches, missing in ((["call", "mail"], ["Select", "-"]), (["mail", "call"], ["-", "Select"]))
    )
    assert differences(one, other) == ()
