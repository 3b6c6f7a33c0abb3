"""Whatever a company's columns and events are called and hold, what is said of a lead is a sentence."""

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import a_batch, an_event, day

from features.columns import Column
from features.durations import DAY_US
from features.spec import FeatureSpec
from features.vectors import vectorise
from features.vocabulary import VOCABULARY
from features.words import ENGLISH, Phrasebook, read_words
from models.reasons.telling import Reasoning
from models.score import Reason

AS_OF = day(200)
KINDS = ("number", "boolean", "category", "multi", "title", "email", "country")
ODD = "xyzXYZÄß_.-=+@\t\n{}%:? 12\u202e\u200b\x07"
NAMES = st.text(ODD, min_size=1, max_size=12) | st.sampled_from(
    [
        "company_size",
        "Company size",
        "Discount %",
        "revenue_eur",
        "Founded year",
        "=1+1",
        "Opted in?",
        "x" * 90,
    ]
)
EVENT_KEYS = (
    st.sampled_from(sorted(VOCABULARY))
    | st.sampled_from(["page_view.pricing", "page_view.{x}", "page_view.a_b", "support_ticket.buying_signal"])
    | st.builds("{}.{}".format, st.sampled_from(["form_submitted", "badge_scanned"]), NAMES)
    | NAMES.filter(lambda name: name.strip())
)
CELLS = {
    "number": st.none() | st.floats(-1e18, 1e18) | st.integers(-3, 3_000),
    "boolean": st.sampled_from([None, "yes", "no"]),
    "category": st.none() | NAMES,
    "multi": st.none() | st.lists(NAMES, max_size=9).map(";".join),
    "title": st.sampled_from([None, "VP Sales", "Plumber", "CEO", "Account manager", "Senior x"]),
    "email": st.sampled_from([None, "a@gmail.com", "a@acme.example", "no address"]),
    "country": st.sampled_from([None, "DE", "Italy", "nowhere"]),
}


@st.composite
def leads(draw: st.DrawFn) -> tuple[FeatureSpec, Any, Any]:
    """A spec, one lead's values, and what is usual."""
    names = draw(st.lists(NAMES, max_size=6, unique=True))
    columns = []
    for name in names:
        kind = draw(st.sampled_from(KINDS))
        words = tuple(draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold)))
        columns.append(Column(name=name, kind=kind, family="fit", vocabulary=words))
    if len(columns) > 1:
        reads = tuple(("fit", column.name) for column in columns)
        columns.append(Column(name="lead.completeness", kind="completeness", family="fit", reads=reads))
    drawn = set(draw(st.lists(EVENT_KEYS, max_size=4)))
    keys = tuple(sorted(drawn | {key.partition(".")[0] for key in drawn if key[0] != "."}))
    spec = FeatureSpec(
        columns=tuple(columns),
        unused=(),
        event_keys=keys,
        touch_keys=tuple(key for key in keys if draw(st.booleans())),
        has_age=True,
        has_events=bool(keys),
        missing=(),
        decimal=".",
        single_keys=tuple(key for key in keys if draw(st.booleans())),
        value_keys=tuple(key for key in keys if draw(st.booleans())),
        channels=("web", "email") if keys else (),
    )
    hours = st.sampled_from([1, 24, 30, 48]) | st.integers(0, 5_000)
    ages = draw(st.lists(st.tuples(hours, st.integers(0, 9)), max_size=12))
    events = [
        an_event(
            keys[at % len(keys)].partition(".")[0],
            AS_OF - age * DAY_US // 24,
            page=keys[at % len(keys)].partition(".")[2] or None,
            value=draw(st.none() | st.floats(-1e9, 1e9)),
        )
        for age, at in ages
        if keys
    ]
    cells = {column.name: [draw(CELLS[column.kind])] for column in columns if not column.is_derived}
    batch = a_batch(
        cells,
        as_of=[AS_OF],
        created_at=[day(draw(st.integers(0, 200)))],
        events=[events],
        touches=frozenset(key.partition(".")[0] for key in spec.touch_keys),
    )
    values = vectorise(spec, batch).values[0]
    usual = values.copy() if draw(st.booleans()) else None
    if usual is not None:
        shift = draw(st.sampled_from([0.0, 1.0]))
        plain = [at for at, one in enumerate(spec.features) if not one.is_category]
        usual[plain] = np.abs(usual[plain]) + shift
    return spec, values, usual


@cache
def german() -> Phrasebook:
    return read_words(Path(__file__).parent / "german.toml")


def told(lead: tuple[FeatureSpec, Any, Any], words: Phrasebook) -> tuple[Reason, ...]:
    spec, values, usual = lead
    moved = np.arange(1.0, len(values) + 1.0)
    how = {"log_odds": float(moved.sum()), "points": 7.0, "slope": 1.0, "shown": None}
    return Reasoning(spec, usual, words).reasons(values, moved, **how)


ONE = re.compile(r"(?<![\d.,])1 (days|times|e-mails|touches|people)\b")
SEVERAL = re.compile(r"(?<![\d.,])(?!1 )\d[\d,]* (day|time|touch)\b")


@given(leads())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_reason_is_a_sentence_and_no_two_are_the_same(lead: tuple[FeatureSpec, Any, Any]) -> None:
    for words in (ENGLISH, german()):
        texts = [reason.text for reason in told(lead, words)]
        assert len(set(texts)) == len(texts)
        for text in texts:
            assert text == text.strip()
            assert "  " not in text
            assert "nan" not in text
            assert text.isprintable() or "\N{NO-BREAK SPACE}" in text
            assert text[0] not in "=+-@"
            assert not text[0].islower()
            assert not text.endswith(".")
            assert len(text) <= 700
        if words is ENGLISH:
            assert [text for text in texts if ONE.search(text) or SEVERAL.search(text)] == []


@given(leads())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_group_has_a_name_and_every_type_a_deed(lead: tuple[FeatureSpec, Any, Any]) -> None:
    spec = lead[0]
    for words in (ENGLISH, german()):
        for group in Reasoning(spec).groups:
            name = words.name(group.features)
            assert name
            assert not name[0].islower()
            assert name[0] not in "=+-@"
        for key in spec.event_keys:
            for times in (1, 2, 13):
                assert words.did(key, times).strip()


def test_two_columns_that_say_the_same_name_themselves() -> None:
    columns = tuple(Column(name=name, kind="email", family="fit") for name in ("email", "billing_email"))
    spec = FeatureSpec(
        columns=columns, unused=(), event_keys=(), touch_keys=(), has_age=False, has_events=False,
        missing=(), decimal=".",
    )  # fmt: skip
    texts = [reason.text for reason in told((spec, np.asarray([1.0, 1.0]), None), ENGLISH)]
    assert texts[:2] == [
        "E-mail address at a free provider",
        "E-mail address at a free provider (email)",
    ]


def test_few_filled_in_fields_are_no_merit() -> None:
    columns = (
        Column(name="size", kind="number", family="fit"),
        Column(name="lead.completeness", kind="completeness", family="fit", reads=(("fit", "size"),)),
    )
    spec = FeatureSpec(
        columns=columns, unused=(), event_keys=(), touch_keys=(), has_age=False, has_events=False,
        missing=(), decimal=".",
    )  # fmt: skip
    for usual, share, is_said in ((0.8, 0.5, False), (0.5, 0.5, True), (math.nan, 0.4, False)):
        lead = (spec, np.asarray([1.0, share]), np.asarray([1.0, usual]))
        texts = [reason.text for reason in told(lead, ENGLISH)]
        assert any("Fields that tell who" in text for text in texts) == is_said
