from typing import Any

import numpy as np
import pytest
from fake_scorer import DATED

from features.events import NO_TIME
from features.mapping import mapping_from
from serving.scoring.asked_lead import AskedLead
from serving.scoring.requests import RequestReader
from serving.wire.problems import Problem, ProblemError

NOW = 1_795_253_400_000_000
CREATED = "2026-11-02T08:00:00Z"


def lead(**columns: Any) -> dict[str, Any]:
    return {"lead": {"lead_id": "L", "created_at": CREATED, **columns}}


def events(*rows: dict[str, Any]) -> dict[str, Any]:
    return {**lead(), "events": list(rows)}


def fields(reader: RequestReader, body: Any) -> list[str]:
    with pytest.raises(ProblemError) as refused:
        reader.read(body, NOW)
    assert refused.value.problem.status == 422
    return [fault.where for fault in refused.value.problem.faults]


def test_the_companys_own_names_are_understood(reader: RequestReader) -> None:
    own = {
        "lead": {"Prospect ID": "L", "created": "02-11-2026 08:00", "employees": 3},
        "events": [
            {
                "user": "L",
                "row": "1",
                "kind": "Email Opened",
                "time_stamp": "2026-11-20T17:02:11Z",
                "page": "pricing",
            }
        ],
    }
    canonical = {
        "lead": {"lead_id": "L", "created_at": CREATED, "employees": 3},
        "events": [
            {
                "event_id": "1",
                "type": "email_opened",
                "occurred_at": "2026-11-20T17:02:11Z",
                "properties": {"page": "pricing"},
            }
        ],
    }
    assert reader.read(own, NOW) == reader.read(canonical, NOW)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lead": {"lead_id": "L", "Prospect ID": "L", "created_at": CREATED}}, "lead.lead_id"),
        (lead(created="02-11-2026 08:00"), "lead.created_at"),
        (events({"type": "a", "kind": "a", "occurred_at": CREATED}), "events[0].type"),
        (events({"type": "a", "occurred_at": CREATED, "time_stamp": CREATED}), "events[0].occurred_at"),
        (
            events({"type": "a", "occurred_at": CREATED, "page": "x", "properties": {"page": "x"}}),
            "events[0].properties.page",
        ),
    ],
)
def test_a_name_and_its_alias_at_once_are_refused(reader: RequestReader, body: Any, field: str) -> None:
    assert fields(reader, body) == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ("text", "body"),
        (None, "body"),
        ({**lead(), "event": []}, "event"),
        ({"lead": []}, "lead"),
        ({"lead": {"created_at": CREATED}}, "lead.lead_id"),
        (lead(lead_id=""), "lead.lead_id"),
        (lead(lead_id=1.5), "lead.lead_id"),
        (lead(lead_id=True), "lead.lead_id"),
        (lead(lead_id="x" * 513), "lead.lead_id"),
        ({"lead": {"lead_id": "L"}}, "lead.created_at"),
        (lead(created_at=None), "lead.created_at"),
        (lead(created_at="31/04/2026"), "lead.created_at"),
        (lead(created_at="2027-01-01T00:00:00Z"), "lead.created_at"),
        ({**lead(), "as_of": "soon"}, "as_of"),
        ({**lead(), "as_of": 5}, "as_of"),
        (lead(size={"a": 1}), "lead.size"),
        (lead(size=[1]), "lead.size"),
        (lead(size=[["a"]]), "lead.size"),
        (lead(size=float("inf")), "lead.size"),
        (lead(size=2**63), "lead.size"),
        (lead(size="x" * 10_001), "lead.size"),
        (lead(**{"x" * 201: 1}), "lead"),
        (lead(**{f"c{n}": 1 for n in range(2_001)}), "lead"),
        ({**lead(), "events": {}}, "events"),
        ({**lead(), "events": [{}] * 51}, "events"),
        (events({"type": "a"}), "events[0].occurred_at"),
        (events({"occurred_at": CREATED}), "events[0].type"),
        (events({"type": "a", "occurred_at": CREATED, "known_at": "soon"}), "events[0].known_at"),
        (events({"type": "a", "occurred_at": CREATED, "event_id": {}}), "events[0].event_id"),
        (events({"type": "a", "occurred_at": CREATED, "properties": []}), "events[0].properties"),
        (events({"type": "a", "occurred_at": CREATED, "lead_id": "other"}), "events[0].lead_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(reader: RequestReader, body: Any, field: str) -> None:
    assert fields(reader, body) == [field]


def test_all_that_is_wrong_is_said_at_once(reader: RequestReader) -> None:
    body = {
        "lead": {"lead_id": "", "created_at": "?", "size": {}},
        "events": [{}, 5],
        "as_of": "?",
        "more": 1,
    }
    assert fields(reader, body) == [
        "more", "as_of", "lead.lead_id", "lead.created_at", "lead.size",
        "events[0].type", "events[0].occurred_at", "events[1]",
    ]  # fmt: skip


def test_a_number_is_taken_for_an_id_as_it_is_written(reader: RequestReader) -> None:
    assert reader.read(lead(lead_id=660_737), NOW).lead_id == "660737"


def test_excluded_columns_and_the_ids_are_no_cells(reader: RequestReader) -> None:
    asked = reader.read(lead(Tags="x", employees=5, areas=["a", "b"]), NOW)
    assert asked.cells == {"employees": 5, "areas": ["a", "b"]}


def test_unknown_event_fields_are_ignored_and_named(reader: RequestReader) -> None:
    asked = reader.read(events({"type": "a", "occurred_at": CREATED, "colour": 1}), NOW)
    assert asked.warnings == ("The events' field 'colour' is not known, and is ignored.",)


def test_an_event_without_known_at_is_known_when_it_occurs(reader: RequestReader) -> None:
    events_read = reader.read(
        events(
            {"type": "a", "occurred_at": "2026-11-20"},
            {"type": "a", "occurred_at": CREATED, "known_at": "2026-11-20T00:00:00Z"},
        ),
        NOW,
    ).events
    first, second = [(event["known_at"], event["occurred_at"]) for event in events_read]
    assert first[0] == first[1]
    assert second[0] - second[1] == 17 * 86_400_000_000 + 16 * 3_600_000_000


def test_a_batch_is_what_the_scorer_takes(reader: RequestReader) -> None:
    touch = {"type": "sales_call", "occurred_at": "2026-11-03T00:00:00Z"}
    later = {"type": "page_view", "occurred_at": "2027-01-01T00:00:00Z", "properties": {"page": "pricing"}}
    bodies = [{**events(later, touch)["lead"], "lead_id": name} for name in ("a", "b")]
    asked = [reader.read({"lead": body, "events": [later, touch]}, NOW) for body in bodies]
    batch = reader.batch_of(asked)
    assert list(batch.lead_ids) == ["a", "b"]
    assert batch.as_of.tolist() == [NOW, NOW]
    assert batch.owner.tolist() == [0, 1]
    assert batch.events.offsets.tolist() == [0, 2, 4]
    assert batch.events.is_touch.tolist() == [True, False, True, False]
    said = [
        [batch.events.keys[at] for at in codes if at >= 0]
        for codes in (batch.events.key.tolist(), batch.events.detail_key.tolist())
    ]
    assert said == [["sales_call", "page_view"] * 2, ["page_view.pricing"] * 2]
    assert batch.created_at.dtype == np.int64


def test_flat_leads_need_no_time_of_creation() -> None:
    flat = mapping_from({"leads": {"path": "x.csv", "id": "ID"}, "outcomes": {"label": "Converted"}})
    asked = RequestReader(flat, event_limit=5, batch_limit=5).read({"lead": {"lead_id": "L"}}, NOW)
    assert asked.created_at == NO_TIME


def test_a_naive_time_is_local_to_the_mappings_zone() -> None:
    training = {**DATED["training"], "time_zone": "Europe/Berlin"}
    local = mapping_from({**DATED, "training": training})
    reader = RequestReader(local, event_limit=5, batch_limit=5)
    asked = reader.read({**lead(created_at="02-11-2026 09:00"), "as_of": "2026-11-21 10:30"}, NOW)
    assert asked == reader.read({**lead(), "as_of": "2026-11-21T09:30:00Z"}, 0)


def test_one_bad_lead_spoils_no_batch(reader: RequestReader) -> None:
    read = reader.read_batch({"leads": [lead(), 5, lead(lead_id="")]}, NOW)
    assert [type(one) for one in read] == [AskedLead, Problem, Problem]
    assert isinstance(read[1], Problem)
    assert read[1].faults[0].where == "leads[1].body"
