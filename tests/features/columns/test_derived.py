from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_company import a_batch, a_mapping

from features.columns import Column
from features.columns.derived import source_role
from features.columns.sources import SOURCES
from features.learning import learn_spec
from features.spec import FeatureSpec, spec_from_json
from features.vectors import vectorise

FLAT = a_mapping(events=None)
ROWS = 60


def learned(**cells: Any) -> FeatureSpec:
    """Return what is learned of columns whose values are repeated over 60 leads."""
    columns = {name: [values[row % len(values)] for row in range(ROWS)] for name, values in cells.items()}
    return learn_spec(a_batch(columns), FLAT)


def value(spec: FeatureSpec, name: str, **cells: Any) -> float:
    batch = a_batch({column: [cell] for column, cell in cells.items()} or {"nothing": [None]})
    return float(vectorise(spec, batch).values[0, spec.names.index(name)])


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("utm_source", "utm_source"), ("UTM Source", "utm_source"), ("utmSource", "utm_source"),
        ("utm_medium", "utm_medium"),
        ("Medium", "utm_medium"), ("utm_campaign", "campaign"), ("Kampagne", "campaign"),
        ("referrer", "referrer"),
        ("http_referer", "referrer"), ("Referrer URL", "referrer"), ("Lead Source", "channel"),
        ("leadsource", "channel"),
        ("Lead Origin", "channel"), ("origin", "channel"), ("channel", "channel"),
        ("Original Source", "channel"),
        ("How did you hear about us", "channel"), ("Leadquelle", "channel"), ("Herkunft", "channel"),
        ("Kanal", "channel"),
        ("origine", "channel"), ("fuente", "channel"), ("creation_source", "channel"), ("industry", None),
        ("resources", None), ("landing_page", None), ("Herkunftsland", "channel"), ("original_price", None),
    ],
)  # fmt: skip
def test_the_name_of_a_column_says_what_it_tells_about_the_source(name: str, role: str | None) -> None:
    assert source_role(name) == role


def test_the_source_is_derived_from_every_column_that_speaks_of_it() -> None:
    spec = learned(utm_source=["google", "x"], utm_medium=["cpc", None], industry=["a", "b"])
    column = next(column for column in spec.columns if column.kind == "source")
    assert column.is_derived
    assert column.family == "context"
    assert column.reads == (("utm_source", "utm_source"), ("utm_medium", "utm_medium"))
    told = value(spec, "lead.source", utm_source="google", utm_medium="cpc")
    assert SOURCES[int(told)] == "paid"
    assert SOURCES[int(value(spec, "lead.source", utm_source="google"))] == "organic"
    assert np.isnan(value(spec, "lead.source", utm_source="nobody knows"))


def test_a_column_that_teaches_nothing_by_itself_tells_the_source_all_the_same() -> None:
    pages = [f"https://www.google.com/search?q={row}" for row in range(ROWS)]
    spec = learn_spec(a_batch({"referrer": pages, "tier": ["A", "B"] * 30}), FLAT)
    assert "referrer" in [unused.name for unused in spec.unused]
    assert SOURCES[int(value(spec, "lead.source", referrer="https://www.bing.com/"))] == "organic"


def test_the_completeness_is_the_share_of_fit_columns_that_are_known() -> None:
    spec = learned(
        industry=["a", "b"], employees=[1, 2], job_title=["CEO", "Buyer"], email=["a@acme.example"] * 3,
        utm_source=["google", "x"],
    )  # fmt: skip
    whole = {
        "industry": "a",
        "employees": "7",
        "job_title": "CEO",
        "email": "a@b.example",
        "utm_source": None,
    }
    assert value(spec, "lead.completeness", **whole) == 1.0
    assert value(spec, "lead.completeness", **whole | {"industry": "n/a"}) == 0.75
    assert value(spec, "lead.completeness", **whole | {"email": "no address", "employees": None}) == 0.5
    assert value(spec, "lead.completeness", employees=1) == 0.25
    assert np.isnan(value(spec, "lead.completeness")), "nothing known is no merit"


def test_one_fit_column_has_no_completeness_and_none_that_speaks_of_it_no_source() -> None:
    assert not [column for column in learned(industry=["a", "b"]).columns if column.is_derived]


def test_a_company_may_use_the_names_of_derived_columns_itself() -> None:
    spec = learned(**{"lead.source": ["Messe", "Web"], "lead.completeness": [1.5, 2.5], "tier": ["A", "B"]})
    assert len(set(spec.names)) == len(spec.names)
    assert {"lead.source (derived)", "lead.completeness (derived)"} <= set(spec.names)
    cells = {"lead.source": "Messe", "lead.completeness": 7}
    assert SOURCES[int(value(spec, "lead.source (derived)", **cells))] == "event"
    assert value(spec, "lead.completeness", **cells) == 7.0


def test_a_spec_with_derived_columns_is_read_back_and_measures_the_same() -> None:
    spec = learned(utm_source=["google", "x"], industry=["a", "b"], country=["DE", "FR"])
    again = spec_from_json(spec.to_json())
    assert again == spec
    assert value(again, "lead.completeness", country="DE") == 0.5


def test_derived_columns_are_never_missing_themselves_but_what_only_they_read_is() -> None:
    pages = [f"https://a.example/{row}" for row in range(ROWS)]
    spec = learn_spec(a_batch({"referrer": pages, "tier": ["A", "B"] * 30, "size": [1, 2] * 30}), FLAT)
    assert vectorise(spec, a_batch({"tier": ["A"]})).absent == ("size", "referrer")
    assert vectorise(spec, a_batch({"tier": ["A", "B"]})).absent == ("size", "referrer")


def test_a_completeness_of_which_the_spec_kept_no_column_is_not_known() -> None:
    alone = Column(name="c", kind="completeness", family="fit", reads=(("fit", "gone"),))
    spec = FeatureSpec(
        columns=(alone,), unused=(), event_keys=(), touch_keys=(),
        has_age=False, has_events=False, missing=(), decimal="."
    )  # fmt: skip
    assert np.isnan(vectorise(spec, a_batch({"x": [1]})).values).all()
    assert np.isnan(vectorise(spec, a_batch({"x": [1, 2]})).values).all()


def test_nested_values_tell_no_source() -> None:
    spec = learned(utm_source=["google", "x"])
    assert np.isnan(value(spec, "lead.source", utm_source={"a": 1}))


def test_leads_of_consumers_without_any_company_column_are_measured_as_well() -> None:
    rng = np.random.default_rng(4)
    leads = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 300),
            "household_income": rng.lognormal(10, 0.5, 300).round(2),
            "city": rng.choice(["Lyon", "Lille", "Nice"], 300),
            "pays": rng.choice(["France", "Belgique", "Suisse"], 300),
            "email": [f"p{row}@{'gmail.com' if row % 3 else 'mailinator.com'}" for row in range(300)],
            "mobile": [f"+33 6 12 34 {row:03}" for row in range(300)],
            "first_name": rng.choice(["Ada", "Max"], 300),
            "hobbies": rng.choice(["ski; golf", "golf", None], 300),
            "newsletter": rng.choice(["oui", "non"], 300),
            "source": rng.choice(["Facebook", "Publicité", "Bouche à oreille"], 300),
        }
    )
    mapping = a_mapping(
        events=None, leads={"path": "l.csv", "id": "id", "created_at": "c", "multi": {"hobbies": ";"}}
    )
    batch = a_batch({name: leads[name] for name in leads.columns})  # type: ignore[misc]  # columns are names
    spec = learn_spec(batch, mapping)
    assert {unused.name for unused in spec.unused} == {"mobile", "first_name"}
    assert spec.names == [
        "age", "household_income", "city", "pays", "pays.region", "email.kind", "hobbies.golf", "hobbies.ski",
        "newsletter", "source", "lead.source", "lead.completeness", "lead.age_days",
    ]  # fmt: skip
    read = vectorise(spec, batch)
    assert not read.faults
    assert not read.absent
    sources = {SOURCES[int(code)] for code in read.values[:, spec.names.index("lead.source")]}
    assert sources == {"inbound", "paid", "referral"}
