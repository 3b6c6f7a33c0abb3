"""The fast reader of bodies and the careful one: wherever the fast one answers, both answer the same."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fake_scorer import DATED
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from score_bodies import BODIES, MOMENTS, USUAL, mutated

from features.events import EventLog
from features.mapping import mapping_from
from serving.scoring.requests import RequestReader
from serving.wire.strict_json import read_json

NOW = 1_795_253_400_000_000
CANONICAL = {
    "leads": {"path": "l.csv", "id": "lead_id", "created_at": "created_at"},
    "events": {
        "path": "e.csv",
        "lead_id": "lead_id",
        "occurred_at": "occurred_at",
        "type": "type",
        "properties": ["page", "shop"],
        "types": {"seen": "page_view"},
    },
    "training": {"horizon": "90 days", "time_zone": "Europe/Berlin"},
}
FLAT = {"leads": {"path": "l.csv", "id": "no"}, "outcomes": {"label": "won", "positive": 1}}
FORMATTED = {
    **CANONICAL,
    "events": {**CANONICAL["events"], "type": {"constant": "visit"}, "time_format": "%d.%m.%Y %H:%M"},
}
READERS = {
    name: RequestReader(mapping_from(content), event_limit=8, batch_limit=2)
    for name, content in {
        "canonical": CANONICAL,
        "own names": DATED,
        "flat": FLAT,
        "formatted": FORMATTED,
    }.items()
}


def agreed(reader: RequestReader, body: bytes) -> bool:
    """Return whether the fast reader took the body, after the careful one was seen to read the same."""
    fast = reader.take_usual(body, NOW)
    if fast is not None:
        careful = reader.read(read_json(body), NOW)
        # repr tells 1 from 1.0 and True, and 0.0 from -0.0
        assert repr((*fast[:-1], ())) == repr(
            (careful.lead_id, careful.created_at, careful.as_of, careful.cells, careful.warnings)
        )
        assert told_of(fast.events.in_order()) == told_of(reader.batch_of([careful]).events)
    return fast is not None


def told_of(log: EventLog) -> list[tuple[Any, ...]]:
    """The events of a log by their names."""
    details = [None if code < 0 else log.keys[code] for code in log.detail_key.tolist()]
    return list(
        zip(
            log.occurred_at.tolist(),
            log.known_at.tolist(),
            [log.keys[code] for code in log.key.tolist()],
            details,
            log.is_touch.tolist(),
            log.value.view(np.int64).tolist(),
            strict=True,
        )
    )


@pytest.mark.proof(part="bodies")
@pytest.mark.parametrize("name", READERS)
def test_both_readers_say_the_same_of_made_up_bodies(
    name: str, proof_size: Callable[[int, int], int]
) -> None:
    taken = 0

    @examples(max_examples=proof_size(120, 20_000), deadline=None, database=None)
    @given(BODIES, st.booleans())
    @example(USUAL, True)
    def holds(body: Any, escaped: bool) -> None:
        nonlocal taken
        text = json.dumps(body, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
        taken += agreed(READERS[name], text)

    holds()
    assert taken > 0


@pytest.mark.proof(part="bodies")
@pytest.mark.parametrize("name", READERS)
def test_both_readers_say_the_same_of_bodies_that_were_tampered_with(
    name: str, proof_size: Callable[[int, int], int]
) -> None:
    @examples(max_examples=proof_size(130, 30_000), deadline=None, database=None)
    @given(mutated())
    def holds(body: bytes) -> None:
        agreed(READERS[name], body)

    holds()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"employees": 420', b'"employees": 420, "employees": 420'),
        (b'"employees": 420', b'"employees": 420, "\\u0065mployees": 421'),
        (b'"lead_id": "L-1"', b'"lead_id": "L-1", "lead_id": "L-1"'),
        (b'"value": 1.5', b'"value": 1.5, "value": null'),
        (b'"campaign": "spring"', b'"campaign": "spring", "campaign": "\\"\\""'),
        (b'"as_of"', b'"as_of": "2026-11-21T09:30:00Z", "as_of"'),
        (b'"events"', b'"events": [], "events"'),
        (b'"known_at": null', b'"known_at": null, "known_at": null'),
    ],
)
def test_a_name_that_is_sent_twice_is_never_taken(old: bytes, new: bytes) -> None:
    reader, body = READERS["canonical"], json.dumps(USUAL).encode()
    assert reader.take_usual(body, NOW) is not None
    twice = body.replace(old, new, 1)
    assert twice != body
    assert reader.take_usual(twice, NOW) is None


@pytest.mark.parametrize("change", [
    lambda body: body["lead"].update(name='J\u00f6rg "x"'),
    lambda body: body["lead"].update(created_at="2026-11-02 08:00"),
    lambda body: body["events"][0].update(page="/x", properties=None),
    lambda body: body.pop("as_of"),
    lambda body: body.update(events=None),
    lambda body: body["events"][0].update(event_id=7, lead_id="L-1"),
])  # fmt: skip
def test_what_callers_usually_send_takes_no_careful_reading(change: Callable[[Any], object]) -> None:
    body = json.loads(json.dumps(USUAL))
    change(body)
    assert agreed(READERS["canonical"], json.dumps(body).encode())


def test_the_companys_own_names_take_no_careful_reading() -> None:
    body = {
        "lead": {"Prospect ID": 17, "created": "02-11-2026 08:00", "Tags": "x"},
        "events": [{"user": "17", "row": "1", "kind": "Email Opened", "time_stamp": "2026-11-20T17:02:11Z"}],
    }
    assert agreed(READERS["own names"], json.dumps(body).encode())


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_each_way_to_write_a_moment_is_read_as_the_careful_reader_does(name: str, moment: str) -> None:
    for place in ("as_of", "occurred_at", "time_stamp", "known_at", "created_at"):
        body: Any = {"lead": {"lead_id": "L", "no": "L", "created_at": "1950-01-01T00:00:00Z"}, "events": []}
        if place == "as_of":
            body["as_of"] = moment
        elif place == "created_at":
            body["lead"]["created_at"] = moment
        else:
            body["events"] = [{"type": "a", "occurred_at": "2026-11-20T00:00:00Z", place: moment}]
            if place == "time_stamp":
                del body["events"][0]["occurred_at"]
        agreed(READERS[name], json.dumps(body).encode())


@pytest.mark.parametrize(
    "crossed",
    [
        {"type": "page", "properties": ["page"]},
        {"type": "value"},
        {"occurred_at": "known_at", "known_at": "known_at"},
        {"lead_id": "event_id"},
        {"type": "properties"},
    ],
)
def test_where_names_mean_several_things_the_careful_reader_reads(crossed: dict[str, Any]) -> None:
    content = {**CANONICAL, "events": {**CANONICAL["events"], **crossed}}
    reader = RequestReader(mapping_from(content), event_limit=8, batch_limit=2)
    body = json.dumps({"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z"}}).encode()
    assert reader.take_usual(body, NOW) is None
    assert reader.take(body, NOW).lead_id == "L-1"


def test_a_value_of_minus_nothing_is_nothing_for_both_readers() -> None:
    event = {"type": "visit", "occurred_at": "2026-11-20T17:02:11Z", "value": -0.0}
    body = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z"}, "events": [event]}
    assert agreed(READERS["canonical"], json.dumps(body).encode())


@pytest.mark.parametrize("owner", ["1e5", "-0", "1.50", "-5", "5", "1.0"])
def test_an_event_of_a_number_that_is_only_written_as_the_id_is_another_leads(owner: str) -> None:
    event = b'{"type": "visit", "occurred_at": "2026-11-20T17:02:11Z", "lead_id": %s}' % owner.encode()
    lead = b'{"lead_id": "%s", "created_at": "2026-11-02T08:00:00Z"}' % owner.encode()
    taken = agreed(READERS["canonical"], b'{"lead": %s, "events": [%s]}' % (lead, event))
    assert taken == (owner == "5")


def test_a_number_too_long_to_be_read_is_not_taken_where_it_tells_nothing_either() -> None:
    event = b'{"type": "visit", "occurred_at": "2026-11-20T17:02:11Z", "shop": %s}'
    lead = b'{"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z"}'
    body = b'{"lead": %s, "events": [%s]}' % (lead, event)
    assert agreed(READERS["own names"], (body % b"1").replace(b'"shop"', b'"page"'))
    assert not agreed(READERS["canonical"], body % (b"1" * 5_000))
