"""Bodies of scores for fuzzing: made up of what callers send and should not, and valid ones tampered with."""

import json
from typing import Any

from hypothesis import strategies as st

MOMENTS = (
    "2026-11-20T17:02:11Z", "2026-11-20T17:02:11.5Z", "2026-11-20T17:02:11.1234567Z", "2026-11-20",
    "2026-11-20T17:02:11.9999999Z", "2026-11-20t17:02:11z", "2026-11-20 17:02:11Z", "2026-11-20T17:02",
    "2026-11-20T17:02:11+01:00", "2026-11-20T17:02:11+0100", "2026-11-20T17:02:11-23:59", "20261120",
    "2026-11-20T17:02:11", "2026-02-30T00:00:00Z", "1899-12-31T23:59:59Z", "1900-01-01T00:00:00+14:00",
    "2200-12-31T23:59:59-14:00", "2201-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "20.11.2026 17:02",
    "2026-11-20T24:00:00Z", "2026-11-20T23:59:60Z", " 2026-11-20T17:02:11Z", "2026-11-20T17:02:11Z ", "",
    "2026-11-02T08:00:00.000001Z", "9999-12-31T23:59:59Z", "2026-11-20T17:02:11,5Z",
)  # fmt: skip
TIMES = st.sampled_from(MOMENTS) | st.datetimes().map(lambda at: at.isoformat() + "Z")
TEXTS = st.text(max_size=6) | st.sampled_from(
    ["L", "L-1", "page_view", "seen", "sales_call", " ", "\0", 'a"b', "a\\b", '\\"', "pricing", "/a/pricing",
     "x" * 199, "x" * 201, "x" * 512, "x" * 513, "x" * 10_000, "x" * 10_001, "\ud800", "\u00e9", "5", "true"]
)  # fmt: skip
NUMBERS = (
    st.integers(-3, 3)
    | st.integers(-(2**64), 2**64)
    | st.floats()
    | st.sampled_from([2**63, 2**63 - 1, -(2**63), 1 - 2**63, 10**400, -0.0, 5e-324, 1.7976931348623157e308])
)
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(TEXTS, SCALARS, max_size=2)
NAMES = st.sampled_from(
    ["lead", "events", "as_of", "lead_id", "created_at", "created", "Prospect ID", "no", "Tags", "user",
     "row", "kind", "time_stamp", "page", "shop", "type", "occurred_at", "known_at", "event_id", "value",
     "properties", "employees", "buying_signal"]
) | TEXTS  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": TEXTS, "kind": TEXTS, "occurred_at": TIMES, "time_stamp": TIMES, "known_at": TIMES,
        "event_id": TEXTS | NUMBERS, "row": SCALARS, "value": SCALARS, "page": SCALARS, "shop": ANYTHING,
        "properties": st.dictionaries(NAMES, ANYTHING, max_size=3) | st.none(), "lead_id": SCALARS,
    },
)  # fmt: skip
BODIES = st.fixed_dictionaries(
    {"lead": st.fixed_dictionaries({"lead_id": TEXTS, "created_at": TIMES}, optional={"employees": ANYTHING})
             | st.dictionaries(NAMES, ANYTHING, max_size=6)},
    optional={"events": st.lists(EVENTS, max_size=9) | st.none(), "as_of": TIMES | st.none()},
)  # fmt: skip
USUAL = {
    "lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": 420, "areas": ["a", "b"]},
    "events": [
        {"event_id": "1", "type": "page_view", "occurred_at": "2026-11-20T17:02:11.25Z",
         "properties": {"page": "/pricing", "campaign": "spring"}, "value": 1.5},
        {"type": "sales_call", "occurred_at": "2026-11-03T00:00:00+01:00", "known_at": None, "value": None},
        {"type": "form", "occurred_at": "2026-11-04T00:00:00Z", "known_at": "2026-11-05T00:00:00Z"},
    ],
    "as_of": "2026-11-21T09:30:00Z",
}  # fmt: skip


BITS = (b"1", b"e5", b"-0", b"1e999", b"NaN", b'"', b"\\", b"\\u0000")


@st.composite
def mutated(draw: Any) -> bytes:
    """A valid body in which some value, some name or some bytes were replaced, doubled or dropped."""
    body = json.loads(json.dumps(USUAL))
    places = [body, body["lead"], *body["events"], body["events"][0]["properties"]]
    for _ in range(draw(st.integers(0, 2))):
        at: Any = draw(st.sampled_from(places))
        name = draw(st.sampled_from(sorted(at)) | NAMES)
        if draw(st.booleans()):
            at[name] = draw(ANYTHING | TIMES)
        elif at is not body:
            at[draw(NAMES)] = at.pop(name, None)
    text = json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        bit = draw(
            st.sampled_from([b"", text[start:end] * 2, *BITS]) | st.binary(max_size=2)
        )  # fmt: skip
        text = text[:start] + bit + text[end:]
    return text
