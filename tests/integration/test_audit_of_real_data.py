"""The audit on the public data sets, of which it is known what was filled in after the fact."""

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import done
from leak_zoo import judged

from features.leakage import Judged
from features.mapping import read_mapping
from features.reading import read_tables
from training.auditing.audit import audit_history
from training.examples import cut_examples

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

X_EDUCATION_LEAKS = {
    *("Lead Quality", "Lead Profile", "Last Notable Activity"),
    *(f"Asymmetrique {kind} {what}" for kind in ("Activity", "Profile") for what in ("Index", "Score")),
}


def verdicts(found: dict[str, Judged]) -> dict[str, str]:
    return {name: column.verdict for name, column in found.items()}


def test_x_education_without_a_mapping(data_folder: Path) -> None:
    run = done(
        *("audit", "--leads", data_folder / "xeducation" / "leads.csv"),
        *("--id", "Prospect ID", "--label", "Converted", "--json"),
    )
    found = {column["name"]: column["verdict"] for column in json.loads(run.out)["columns"]}
    assert len(found) == 35
    assert found.pop("Tags") == "leak"
    assert {found.pop(name) for name in X_EDUCATION_LEAKS} <= {"leak", "suspect"}
    assert found.pop("Last Activity") != "leak"
    assert set(found.values()) == {"clear"}


@pytest.mark.parametrize("name", ["xeducation", "olist", "relax"])
def test_what_the_examples_learn_from_is_no_leak(root: Path, data_folder: Path, name: str) -> None:
    mapping = read_mapping(root / "examples" / name / "leadlens.toml")
    tables = read_tables(mapping, data_folder)
    audit = audit_history(tables, mapping, cut_examples(tables, mapping))
    assert audit.named("leak") == ()
    assert {column.name for column in audit.named("suspect")} <= {"Last Activity"}


def test_whatever_only_deals_have_is_a_leak_of_olist(data_folder: Path) -> None:
    leads = pd.read_csv(data_folder / "olist" / "mqls.csv", dtype=str)
    deals = pd.read_csv(data_folder / "olist" / "closed_deals.csv", dtype=str)
    joined = leads.merge(deals, on="mql_id", how="left")
    labels = joined["won_date"].notna().to_numpy(float)
    cells = joined.drop(columns="mql_id")
    found = verdicts(judged(cells, labels, lead_ids=joined["mql_id"].tolist()))
    assert {found[name] for name in deals.columns if name != "mql_id"} == {"leak"}
    assert {found[name] for name in leads.columns if name != "mql_id"} == {"clear"}


def test_the_last_session_leaks_in_relax(data_folder: Path) -> None:
    users = pd.read_csv(data_folder / "relax" / "users.csv", dtype=str, encoding="cp1252")
    visits = pd.read_csv(data_folder / "relax" / "visits.csv", parse_dates=["time_stamp"])
    visits = visits.sort_values(["user_id", "time_stamp"])
    third = visits.groupby("user_id")["time_stamp"].shift(-2)
    adopted = set(visits["user_id"][third - visits["time_stamp"] < pd.Timedelta("7D")].astype(str))
    labels = users["object_id"].isin(adopted).to_numpy(float)
    found = verdicts(judged(users.drop(columns="object_id"), labels, lead_ids=users["object_id"].tolist()))
    assert found.pop("last_session_creation_time") in {"leak", "suspect"}
    assert set(found.values()) == {"clear"}


def test_what_follows_a_conversion_leaks_in_hillstrom(data_folder: Path) -> None:
    customers = pd.read_csv(data_folder / "hillstrom" / "email_test.csv", dtype=str)
    labels = customers.pop("conversion").to_numpy(float)
    found = verdicts(judged(customers, labels))
    assert found.pop("spend") == "leak"
    assert found.pop("visit") in {"leak", "suspect"}
    assert set(found.values()) == {"clear"}
