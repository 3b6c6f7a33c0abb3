import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_batch, an_event, day

from features.columns import Column
from features.durations import DAY_US
from features.feature import Feature
from features.spec import FeatureSpec
from features.vectors import vectorise
from features.vocabulary import VOCABULARY
from features.words import ENGLISH

AS_OF = day(200)


def spec_for(*keys: str, touches: tuple[str, ...] = (), columns: tuple[Column, ...] = ()) -> FeatureSpec:
    return FeatureSpec(
        columns=columns,
        unused=(),
        event_keys=keys,
        touch_keys=touches,
        has_age=True,
        has_events=bool(keys),
        missing=(),
        decimal=".",
    )


def said_of(spec: FeatureSpec, about: str, values: dict[str, float]) -> str:
    features = [feature for feature in spec.features if feature.about == about]
    return ENGLISH.say(features, [values[feature.name] for feature in features])


def said(key: str, *ages: float, by_us: bool = False, about: str | None = None) -> str:
    """Return what is said of a type of event (or of `about`) that a lead showed at some ages in days."""
    kind, _, page = key.partition(".")
    touches = (kind,) if by_us else ()
    spec = spec_for(*dict.fromkeys((kind, key)), touches=touches)
    events = [an_event(kind, AS_OF - round(age * DAY_US), page=page or None) for age in ages]
    batch = a_batch({}, as_of=[AS_OF], events=[events], touches=frozenset(touches))
    row = vectorise(spec, batch).values[0].tolist()
    return said_of(spec, about or key, dict(zip(spec.names, row, strict=True)))


@pytest.mark.parametrize(
    ("key", "ages", "text"),
    [
        ("page_view.pricing", [1, 2, 3], "Visited the pricing page 3 times in the last 7 days"),
        ("page_view.pricing", [1], "Visited the pricing page once in the last 7 days"),
        ("page_view", [8, 9], "Visited the website twice in the last 30 days"),
        ("page_view", [], "Has not visited the website yet"),
        ("email_opened", [40], "Opened an e-mail once in the last 90 days"),
        ("email_opened", [120, 130], "Opened an e-mail twice, most recently 120 days ago"),
        ("email_opened", [7], "Opened an e-mail once in the last 30 days"),
        ("email_opened", [90.5], "Opened an e-mail 90 days ago"),
        ("call", [], "Has not spoken with us by phone yet"),
        ("call", [1], "Spoke with us by phone once in the last 7 days"),
        ("badge_scanned", [], "Badge scanned: never"),
        ("badge_scanned", [1, 2], "Badge scanned: twice in the last 7 days"),
    ],
)
def test_what_a_lead_did_is_said_plainly(key: str, ages: list[float], text: str) -> None:
    assert said(key, *ages) == text


@pytest.mark.parametrize(
    ("key", "ages", "text"),
    [
        ("sales_call", [1], "We called the lead once in the last 7 days"),
        ("sales_call", [], "We have not called the lead yet"),
        ("sales_email", [1, 2], "We wrote to the lead twice in the last 7 days"),
        ("sales_email", [], "We have not written to the lead yet"),
        ("call", [1], "We spoke with the lead by phone once in the last 7 days"),
        ("call", [], "We have not spoken with the lead by phone yet"),
        ("meeting_held", [1], "We met with the lead once in the last 7 days"),
        ("chat", [], "We have not chatted with the lead yet"),
        ("gift_sent", [1], "Gift sent: once in the last 7 days"),
    ],
)
def test_what_we_did_is_said_of_us(key: str, ages: list[float], text: str) -> None:
    assert said(key, *ages, by_us=True) == text


@pytest.mark.parametrize(
    ("ages", "text"),
    [
        ([], "Has shown no activity of a known kind so far"),
        ([0.5, 0.6, 3], "Active on 2 days in the last 7 days"),
        ([1], "Active on 1 day in the last 7 days"),
        ([100, 120], "Active on 2 days, most recently 100 days ago"),
    ],
)
def test_all_acts_are_said_in_days(ages: list[float], text: str) -> None:
    assert said("page_view", *ages, about="activity") == text


def test_all_touches_are_said_as_contact() -> None:
    assert said("sales_call", 1, by_us=True, about="touches") == "We made contact once in the last 7 days"
    assert said("sales_call", by_us=True, about="touches") == "We have not made contact yet"


@pytest.mark.parametrize("kind", sorted(VOCABULARY))
@pytest.mark.parametrize("page", ["", ".x"])
def test_no_deed_is_said_with_its_past_tense_for_its_participle(kind: str, page: str) -> None:
    for by_us in (False, True):
        text = said(kind + page, by_us=by_us)
        assert not re.search(r"\b(wrote|spoke|was|did|began|went)\b", text), text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0.0, "The lead is less than a day old"),
        (0.99, "The lead is less than a day old"),
        (1.0, "The lead is 1 day old"),
        (1.99, "The lead is 1 day old"),
        (45.2, "The lead is 45 days old"),
    ],
)
def test_the_age_of_a_lead_is_said_in_whole_days(days: float, text: str) -> None:
    assert ENGLISH.say([Feature("lead.age_days", "age", "context", "lead.age")], [days]) == text


COLUMNS = (
    Column(name="employees", kind="number", family="fit"),
    Column(name="country", kind="category", family="fit", vocabulary=("DE", "other")),
    Column(name="opted_in", kind="boolean", family="fit"),
    Column(name="skills", kind="multi", family="fit", vocabulary=("aws", "python")),
    Column(name="job_title", kind="title", family="fit"),
    Column(name="email", kind="email", family="fit"),
    Column(name="land", kind="country", family="fit", vocabulary=("DE",)),
    Column(name="kinds", kind="multi", family="fit", vocabulary=("kind", "source", "completeness")),
    Column(name="lead.source", kind="source", family="context", reads=(("channel", "channel"),)),
    Column(
        name="lead.completeness", kind="completeness", family="fit", reads=(("fit", "land"), ("fit", "email"))
    ),
)


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("employees", "1234567", "Employees: 1,234,567"),
        ("employees", 0.5, "Employees: 0.5"),
        ("employees", -0.0, "Employees: 0"),
        ("country", "de", "Country: DE"),
        ("country", "IT", "Country: one that few leads have"),
        ("opted_in", "no", "Opted in: no"),
        ("skills", "python;aws", "Skills: aws, python"),
        ("skills", "cobol", "Skills: none of the common ones"),
        ("job_title", "VP Sales", "Job title: vice president, in sales"),
        ("job_title", "Plumber", "Job title: neither rank nor function recognised"),
        ("email", "a@gmail.com", "E-mail address at a free provider"),
        ("email", "a@acme.example", "E-mail address at a company's own domain"),
        ("email", "a@mailinator.com", "E-mail address at a throw-away provider"),
        ("land", "DE", "Land: DE (Western Europe)"),
        ("land", "Italy", "Land: in Southern Europe"),
        ("land", "nowhere", "Land: one that few leads have"),
        ("kinds", "kind; source", "Kinds: kind, source"),
    ],
)
def test_what_a_column_holds_is_said_with_its_name(column: str, cell: Any, text: str) -> None:
    spec = spec_for(columns=COLUMNS)
    row = vectorise(spec, a_batch({column: [cell]})).values[0].tolist()
    assert said_of(spec, column, dict(zip(spec.names, row, strict=True))) == text


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("SEO", "Came through a search engine"),
        ("Google", "Came through a search engine"),
        ("Newsletter", "Came through an inbound channel"),
        ("SIGNUP", "Came through an inbound channel"),
        ("Olark Chat", "Came through an inbound channel"),
        ("paid_search", "Came through advertising"),
        ("Messe", "Came through an event"),
        ("Cold Call", "Came through our own prospecting"),
        ("Purchased list", "Came through our own prospecting"),
        ("Partner", "Came through others: a referral, a partner, an invitation or another site"),
        ("ORG_INVITE", "Came through others: a referral, a partner, an invitation or another site"),
    ],
)
def test_how_a_lead_came_is_said(channel: str, text: str) -> None:
    spec = spec_for(columns=COLUMNS)
    row = vectorise(spec, a_batch({"channel": [channel]})).values[0].tolist()
    assert said_of(spec, "lead.source", dict(zip(spec.names, row, strict=True))) == text


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("google", "Origin: Google (counted as search)"),
        ("ORGANIC SEARCH", "Origin: Organic search"),
        ("Trade fair", "Origin: one that few leads have (counted as event)"),
        ("Whatever", "Origin: one that few leads have"),
    ],
)
def test_a_source_that_one_column_tells_is_said_once_in_the_words_of_that_column(
    origin: str, text: str
) -> None:
    columns = (
        Column(name="origin", kind="category", family="context", vocabulary=("Google", "Organic search")),
        Column(name="lead.source", kind="source", family="context", reads=(("channel", "origin"),)),
    )
    spec = spec_for(columns=columns)
    row = vectorise(spec, a_batch({"origin": [origin]})).values[0].tolist()
    assert ENGLISH.say(spec.features[:2], row[:2]) == text


def test_how_much_of_a_lead_is_known_is_said() -> None:
    spec = spec_for(columns=COLUMNS)
    row = vectorise(spec, a_batch({"land": ["DE"]})).values[0].tolist()
    told = said_of(spec, "lead.completeness", dict(zip(spec.names, row, strict=True)))
    assert told == "Fields that tell who the lead is: 50\N{NO-BREAK SPACE}% filled in"


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("Founded year", 1951, "Founded year: 1951"),
        ("Gründungsjahr", 1951, "Gründungsjahr: 1951"),
        ("companyFounded", 2999, "Company founded: 2999"),
        ("customer_since", 1000, "Customer since: 1000"),
        ("Founded year", 3000, "Founded year: 3,000"),
        ("Founded year", 1951.5, "Founded year: 1,951.5"),
        ("years_in_role", 1951, "Years in role: 1,951"),
        ("employees", 1951, "Employees: 1,951"),
        ("Jahresumsatz", 1951, "Jahresumsatz: 1,951"),
    ],
)
def test_a_year_is_written_without_a_separator(column: str, value: float, text: str) -> None:
    spec = spec_for(columns=(Column(name=column, kind="number", family="fit"),))
    assert said_of(spec, column, {column: value}) == text


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("company_size", "Company size"),
        ("Total Time", "Total Time"),
        ("utm.source", "UTM source"),
        ("_", "\N{LEFT SINGLE QUOTATION MARK}_\N{RIGHT SINGLE QUOTATION MARK}"),
        ("=1+1", "1+1"),
        ("TotalVisits", "Total visits"),
        ("CRM Id.", "CRM Id"),
        ("a\u202eb\n c", "Ab c"),
    ],
)
def test_a_column_is_named_as_a_person_would_write_it(column: str, name: str) -> None:
    assert ENGLISH.name([Feature(column, "number", "fit", column)]) == name


_AGO = r"(?:most recently )?(\d+) days? ago"
TIMES = re.compile(rf"(?:(\d+) times|(once)|(twice)|page)(?: in the last (\d+) days|,? {_AGO})$")
ACTIVE = re.compile(rf"Active (?:on (\d+) days?|every day)(?: in the last (\d+) days|, {_AGO})$")


@given(st.lists(st.integers(0, 9_000).map(lambda hours: hours / 24), max_size=15))
def test_every_count_in_the_words_is_the_count_of_the_record(ages: list[float]) -> None:
    """The window in the words is the shortest in which anything happened, and the count is that window's."""
    nearest = next((w for w in (7, 30, 90) if any(age < w for age in ages)), None)
    text = said("page_view.pricing", *ages)
    activity = said("page_view.pricing", *ages, about="activity")
    if not ages:
        nothing = ("Has not visited the pricing page yet", "Has shown no activity of a known kind so far")
        assert (text, activity) == nothing
        return
    inside = [age for age in ages if nearest is None or age < nearest]
    told, active = TIMES.search(text), ACTIVE.search(activity)
    assert told is not None, text
    assert active is not None, activity
    assert int(told[1] or (2 if told[3] else 1)) == len(inside)
    days = {(AS_OF - round(age * DAY_US)) // DAY_US for age in inside}
    assert len(days) == int(active[1]) if active[1] else len(days) > int(active[2])
    for window, last in ((told[4], told[5]), (active[2], active[3])):
        assert window == (None if nearest is None else str(nearest))
        assert last == (str(math.floor(min(ages))) if nearest is None else None)
