"""What is kept of a mapping, or shown of its faults, holds no password and no folder of the machine."""

import json
import string
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from features.kept_places import kept_paths, without_password
from features.mapping import Mapping, mapping_from

SECRET = "S3CR3T"  # noqa: S105  # looked for, and opens nothing
LEADS = {"path": "leads.csv", "id": "id", "created_at": "created"}


def kept_url(url: str) -> str:
    frozen = mapping_from({"leads": {"url": url, "query": "select 1", "id": "id"}}).frozen()
    return str(json.loads(frozen)["leads"]["url"])


@given(before=st.text(string.printable, max_size=5), after=st.text(string.printable, max_size=5))
def test_whatever_stands_in_a_password_or_a_parameter_nothing_of_it_is_kept(before: str, after: str) -> None:
    password = f"{before}{SECRET}{after}"
    for url in (
        f"postgresql://me:{password}@host/crm",
        f"postgresql://me:{password}@host/crm?sslmode=require",
        f"postgresql://host/crm?user=me&password={password}",
        f"mssql+pyodbc:///?odbc_connect=UID=me;PWD={password}",
    ):
        assert SECRET not in kept_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:$PASSWORD@host:5432/crm",
        "postgresql://$USER:${PASSWORD}@host/crm",
        "postgresql://me@host/crm",
        "sqlite:///crm.db",
        "$CRM_URL",
    ],
)
def test_an_address_without_a_password_of_its_own_stays(url: str) -> None:
    assert kept_url(url) == url
    assert without_password(kept_url(url)) == url


def test_a_password_that_only_holds_a_dollar_is_none_of_the_environment() -> None:
    assert kept_url("postgresql://me:pa$word@host/crm") == "postgresql://me:***@host/crm"
    assert kept_url("postgresql://me:$A$B@host/crm") == "postgresql://me:***@host/crm"


def test_a_database_in_a_file_loses_its_folders() -> None:
    assert kept_url("sqlite:////srv/anna/crm.db") == "sqlite:////crm.db"
    assert kept_url("sqlite:///C:\\Users\\anna\\crm.db") == "sqlite:///crm.db"


@pytest.mark.parametrize(
    "content",
    [
        {"leads": {"url": f"postgresql://u:{SECRET}@h/db", "id": "id"}},
        {"leads": {**LEADS, "url": f"postgresql://u:{SECRET}@h/db"}},
        {"leads": f"postgresql://u:{SECRET}@h/db"},
        {"leads": {"url": [f"postgresql://u:{SECRET}@h/db"], "query": "q", "id": "id"}},
        {"leads": [{"url": f"postgresql://u:{SECRET}@h/db"}]},
        {"leads": LEADS, "enrichment": {"r": {"lead_key": "k", "url": f"https://{SECRET}@h", "path": "x"}}},
    ],
)
def test_a_fault_shows_no_password(content: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="expected") as raised:
        mapping_from(content)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_a_fault_of_a_whole_section_calls_it_one() -> None:
    with pytest.raises(InputError, match=r"mapping, leads: expected a database needs .*, found a section"):
        mapping_from({"leads": {"url": "postgresql://u:p@h/db", "id": "id"}})


ROOTED = st.sampled_from(["/srv/anna/", "/srv/old/", "~/", "C:\\anna\\", "\\\\server\\anna\\"])
NAMES = st.sampled_from(["leads.csv", "ends.csv", "2/leads.csv"])
PATHS = st.one_of(NAMES, st.builds(str.__add__, ROOTED, NAMES))


@given(st.lists(PATHS, max_size=8))
def test_equal_paths_stay_equal_different_ones_different_and_no_folder_of_the_machine_is_left(
    paths: list[str],
) -> None:
    kept = kept_paths(paths)
    assert kept.keys() == set(paths)
    assert len(set(kept.values())) == len(set(paths))
    assert not any("anna" in path or path.startswith(("/", "~", "\\")) for path in kept.values())
    assert all(kept[path] == path for path in paths if path in {"leads.csv", "ends.csv", "2/leads.csv"})


def test_a_frozen_mapping_still_says_whether_outcomes_stand_in_the_file_of_leads() -> None:
    ends = {"lead_id": "id", "occurred_at": "closed", "outcome": "stage"}

    def frozen_again(leads: str, outcomes: str) -> Mapping:
        content = {
            "leads": {**LEADS, "path": leads},
            "outcomes": {**ends, "path": outcomes},
            "accounts": [{"path": "/srv/anna/firms.csv", "key": "k", "lead_key": "firm"}],
            "training": {"horizon": "90 days"},
        }
        frozen = mapping_from(content).frozen()
        assert "/srv" not in frozen
        again = mapping_from(json.loads(frozen))
        assert again.frozen() == frozen
        return again

    for leads, outcomes in (("/srv/anna/x.csv", "/srv/anna/x.csv"), ("/srv/anna/x.csv", "/srv/old/x.csv")):
        again = frozen_again(leads, outcomes)
        assert again.outcomes is not None
        assert (again.leads.path == again.outcomes.path) == (leads == outcomes)
        assert again.leads.path == "x.csv"
