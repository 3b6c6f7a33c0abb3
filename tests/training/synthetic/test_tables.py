"""What the tables hold, and what they never hold."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from training.synthetic import History, generate
from training.synthetic.records import TITLES

if TYPE_CHECKING:
    from conftest import Read

SMALL = History(leads=300, days=200)


def test_every_table_has_its_columns(ordinary: "Read") -> None:
    assert list(ordinary.leads) == [
        "lead_id", "created_at", "email", "job_title", "country", "industry", "company_kind", "employees",
        "technologies", "channel", "campaign", "utm_source", "consent", "owner_region", "form_seconds",
    ]  # fmt: skip
    assert list(ordinary.events) == [
        "event_id", "lead_id", "occurred_at", "type", "page", "campaign", "value", "known_at",
    ]  # fmt: skip
    assert list(ordinary.changes) == ["lead_id", "column", "changed_at", "value"]
    assert list(ordinary.outcomes) == ["lead_id", "occurred_at", "outcome", "value", "known_at"]
    assert list(ordinary.accounts) == [
        "domain", "revenue_band", "detected_technologies", "founded_year", "known_from",
    ]  # fmt: skip
    assert list(ordinary.truth) == ["lead_id", "as_of", "probability"]


def test_the_counts_told_are_the_rows_written(ordinary: "Read") -> None:
    made = ordinary.made
    for written, table in (
        (made.leads, ordinary.leads), (made.events, ordinary.events), (made.changes, ordinary.changes),
        (made.outcomes, ordinary.outcomes), (made.accounts, ordinary.accounts), (made.truth, ordinary.truth),
    ):  # fmt: skip
        assert written is not None
        assert written.rows == len(table)
    assert made.leads.rows == ordinary.recipe.leads
    assert 18 < made.events.rows / made.leads.rows < 23


def test_times_are_utc_in_microseconds_and_none_is_after_the_extract(ordinary: "Read") -> None:
    for table in (ordinary.leads, ordinary.events, ordinary.changes, ordinary.outcomes, ordinary.accounts):
        times = table.select_dtypes("datetimetz")
        assert len(times.columns)
        assert set(map(str, times.dtypes)) == {"datetime64[us, UTC]"}
        assert (times >= ordinary.recipe.start).all(axis=None)
        assert (times <= ordinary.recipe.extract_at).all(axis=None)
    for table in (ordinary.events, ordinary.outcomes):
        assert (table["known_at"] >= table["occurred_at"]).all()
        assert (table["known_at"] > table["occurred_at"]).any()


def test_before_creation_there_are_only_page_views_of_two_weeks(ordinary: "Read") -> None:
    created = ordinary.events["lead_id"].map(ordinary.leads.set_index("lead_id")["created_at"])
    before = ordinary.events["occurred_at"] < created
    assert 0.01 < before.mean() < 0.1
    assert set(ordinary.events.loc[before, "type"]) == {"page_view"}
    assert (created - ordinary.events["occurred_at"]).max() <= pd.Timedelta(days=14)


def test_a_lost_lead_does_nothing_until_the_form_by_which_it_returns(ordinary: "Read") -> None:
    lost = ordinary.outcomes.query("outcome == 'lost'").drop_duplicates("lead_id").set_index("lead_id")
    acts = ordinary.events[~ordinary.events["type"].isin(["email_sent", "sales_email", "sales_call"])]
    lost_at = acts["lead_id"].map(lost["occurred_at"])
    first_after = acts[acts["occurred_at"] >= lost_at].drop_duplicates("lead_id")
    assert len(first_after) > 100
    assert set(first_after["type"]) == {"form_submitted"}
    disqualified = ordinary.outcomes.query("outcome == 'disqualified'").set_index("lead_id")["occurred_at"]
    assert not (ordinary.events["occurred_at"] > ordinary.events["lead_id"].map(disqualified)).any()


def test_one_lead_in_a_hundred_is_entered_twice_and_nothing_happens_to_the_second(ordinary: "Read") -> None:
    twice = ordinary.leads["email"].duplicated(keep="first")
    assert twice.sum() == 200
    copies = set(ordinary.leads.loc[twice, "lead_id"])
    assert copies.isdisjoint(ordinary.events["lead_id"])
    assert copies.isdisjoint(ordinary.outcomes["lead_id"])
    assert ordinary.leads["lead_id"].is_unique
    assert ordinary.leads["created_at"].is_monotonic_increasing


def test_one_event_in_a_hundred_comes_twice_with_the_same_id_and_content(ordinary: "Read") -> None:
    again = ordinary.events["event_id"].duplicated()
    assert again.mean() == pytest.approx(0.01, abs=0.001)
    assert (ordinary.events.duplicated() == again).all()


def test_the_last_change_is_the_value_that_the_lead_shows(ordinary: "Read") -> None:
    last = ordinary.changes.groupby(["column", "lead_id"])["value"].last()
    leads = ordinary.leads.set_index("lead_id")
    for column in ("job_title", "owner_region", "employees"):
        shown = leads[column].dropna()
        told = last[column].reindex(shown.index)
        assert len(last[column]) == len(shown)
        assert (told.astype(shown.dtype) == shown).all()


def test_the_first_value_is_dated_at_creation_and_the_latest_betrays_the_outcome(ordinary: "Read") -> None:
    employees = (
        ordinary.changes.query("column == 'employees'").drop_duplicates("lead_id").set_index("lead_id")
    )
    leads = ordinary.leads.set_index("lead_id")
    known_at_creation = employees["changed_at"].eq(leads["created_at"].reindex(employees.index))
    late = employees.index[~known_at_creation]
    won = leads.index.isin(ordinary.outcomes.query("outcome == 'won'")["lead_id"])
    filled = leads.index.isin(late)
    at_creation = leads.index.isin(employees.index[known_at_creation])
    missing_first = ~at_creation
    assert filled[missing_first & won].mean() > 0.7
    assert filled[missing_first & ~won].mean() < 0.3


def test_people_are_plausible_and_nobody(ordinary: "Read") -> None:
    leads = ordinary.leads
    assert leads["email"].str.fullmatch(r"lead-\d{7}@(company-\d{7}|freemail)\.example").all()
    assert leads["email"].str.endswith("@freemail.example").mean() == pytest.approx(0.15, abs=0.01)
    assert len(set(TITLES)) == len(TITLES) == 288
    assert set(leads["job_title"].dropna()) <= set(TITLES)
    missing = leads.isna().mean()
    assert (missing[["job_title", "industry", "employees", "technologies", "consent"]] > 0.02).all()
    intern = leads.drop(columns="lead_id")["job_title"].str.contains("Intern|Student")
    assert intern.mean() < 0.065  # they are 7 % of the leads, and hide
    domains = leads["email"].str.partition("@")[2]
    assert 0.7 < domains.isin(ordinary.accounts["domain"]).mean() < 0.85
    assert ordinary.accounts["domain"].is_unique


def test_the_leaking_column_is_there_on_request_alone_and_tells_the_outcome(
    ordinary: "Read", tmp_path: Path
) -> None:
    assert "contract_status" not in ordinary.leads
    made = generate(History(leads=2_000, leak=True), tmp_path)
    leads = pq.read_table(made.leads.path).to_pandas().set_index("lead_id")
    outcomes = pq.read_table(made.outcomes.path).to_pandas().drop_duplicates("lead_id", keep="last")
    ended = outcomes.set_index("lead_id")["outcome"].reindex(leads.index)
    said = leads["contract_status"].astype("str")
    assert said[ended.isna()].isna().all()
    assert said[ended.notna()].notna().mean() > 0.95
    both = ended.notna() & said.notna()
    assert ((said[both] == "signed") == (ended[both] == "won")).all()


def test_the_leak_changes_nothing_else(tmp_path: Path) -> None:
    plain = generate(SMALL, tmp_path / "plain")
    leaking = generate(History(leads=SMALL.leads, days=SMALL.days, leak=True), tmp_path / "leaking")
    assert pq.read_table(plain.events.path).equals(pq.read_table(leaking.events.path))
    assert pq.read_table(leaking.leads.path).drop(["contract_status"]).equals(pq.read_table(plain.leads.path))


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_the_same_recipe_makes_the_same_bytes_and_another_seed_others(tmp_path: Path, format: str) -> None:  # noqa: A002 - the option's name
    names = ("leads", "events", "changes", "outcomes", "accounts")
    for folder, seed in (("one", 1), ("again", 1), ("other", 2)):
        generate(History(leads=300, days=200, seed=seed), tmp_path / folder, format=format)  # type: ignore[arg-type]  # a str by parametrize
    for name in names:
        one, again, other = (
            (tmp_path / folder / f"{name}.{format}").read_bytes() for folder in ("one", "again", "other")
        )
        assert one == again
        assert one != other


def test_csv_holds_what_parquet_holds(tmp_path: Path) -> None:
    generate(SMALL, tmp_path)
    generate(SMALL, tmp_path, format="csv")
    for name in ("leads", "events", "changes", "outcomes", "accounts"):
        exact = pq.read_table(tmp_path / f"{name}.parquet")
        types = {
            field.name: field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            for field in exact.schema
        }
        options = pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True)
        assert pa_csv.read_csv(tmp_path / f"{name}.csv", convert_options=options).equals(
            exact.cast(pa.schema(types.items()))
        )


def test_the_mapping_says_that_the_data_are_generated_and_names_what_is_there(tmp_path: Path) -> None:
    made = generate(SMALL, tmp_path)
    text = made.mapping.read_text(encoding="utf-8")
    assert text.startswith("# These data are generated")
    mapping = tomllib.loads(text)
    for section in ("leads", "events", "changes", "outcomes", "accounts"):
        columns = pq.read_schema(tmp_path / mapping[section]["path"]).names
        named = {value for key, value in mapping[section].items() if key not in {"path", "lead_key"}
                 and isinstance(value, str)}  # fmt: skip
        assert named <= set(columns)
    assert mapping["accounts"]["lead_key"] in pq.read_schema(made.leads.path).names
    assert mapping["events"]["properties"] == ["page", "campaign"]
    assert mapping["training"] == {
        "horizon": "90 days", "census": "weekly", "extract_at": made.extract_at,
    }  # fmt: skip


def test_the_truth_is_written_on_request_and_a_stale_one_does_not_stay(tmp_path: Path) -> None:
    assert generate(SMALL, tmp_path, truth=True).truth is not None
    assert (tmp_path / "truth" / "truth.parquet").exists()
    assert generate(SMALL, tmp_path).truth is None
    assert not (tmp_path / "truth" / "truth.parquet").exists()


@pytest.mark.parametrize("leads", [1, 2, 50])
@pytest.mark.parametrize("days", [1, 40])
def test_the_smallest_histories_can_be_made(tmp_path: Path, leads: int, days: int) -> None:
    made = generate(History(leads=leads, days=days), tmp_path, truth=True)
    assert made.leads.rows == leads
