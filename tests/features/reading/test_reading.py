import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from features.mapping import Mapping, WonWhen, mapping_from, read_mapping
from features.reading import NO_DATES, read_events, read_leads, read_tables
from features.reading.winning import won_when_rule
from features.tables import EVENTS, LEADS, OUTCOMES, TIME, Tables

DAY = 86_400_000_000
LEADS_CSV = "id,created,town,seats,label\n007,2024-01-01,Ulm,4,Yes\n008,2024-01-02,Select,,No\n"
EVENTS_CSV = "who,at,kind,page,eid\n007,2024-01-03 10:00,Visit,pricing,e1\n008,2024-01-04,Call,,e2\n"


def mapped(**sections: dict[str, Any]) -> Mapping:
    leads = {"path": "leads.csv", "id": "id", "created_at": "created", "missing": ["Select"]}
    return mapping_from({**sections, "leads": {**leads, "exclude": ["label"], **sections.get("leads", {})}})


def events(**more: Any) -> dict[str, Any]:
    return {"path": "events.csv", "lead_id": "who", "occurred_at": "at", "type": "kind", **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(LEADS_CSV)
    (tmp_path / "events.csv").write_text(EVENTS_CSV)
    return tmp_path


def test_leads_keep_their_own_columns_and_lose_what_is_excluded(folder: Path) -> None:
    leads = read_tables(mapped(), folder).leads
    assert list(leads.columns) == ["lead_id", "created_at", "town", "seats"]
    assert leads["lead_id"].tolist() == ["007", "008"]
    assert leads["created_at"].tolist() == [
        pd.Timestamp("2024-01-01", tz="UTC"),
        pd.Timestamp("2024-01-02", tz="UTC"),
    ]
    assert leads["town"].isna().tolist() == [False, True]
    LEADS.validate(leads)


def test_a_column_that_the_mapping_names_and_the_file_lacks_is_said_with_the_nearest(folder: Path) -> None:
    with pytest.raises(InputError, match=r"a column 'labell', found the columns id.*Did you mean 'label'"):
        read_tables(mapped(leads={"exclude": ["labell"]}), folder)


def test_a_second_column_of_a_reserved_name_is_refused(folder: Path) -> None:
    (folder / "leads.csv").write_text("id,created,lead_id\n1,2024-01-01,7\n")
    with pytest.raises(InputError, match=r"add 'lead_id' to leads\.exclude"):
        read_tables(mapped(leads={"exclude": []}), folder)


def test_bad_rows_are_named_with_file_row_column_and_remedy(folder: Path) -> None:
    (folder / "leads.csv").write_text(
        "id,created,label\n1,31/04/2026,1\n,2024-01-01,0\n3,,1\n4,2024-01-01\n5,2024-01-01,0\n"
    )
    with pytest.raises(InputError) as caught:
        read_tables(mapped(), folder)
    assert [str(fault).split(":")[0] for fault in caught.value.faults] == [
        "leads.csv, row 2, column created",
        "leads.csv, row 3, column id",
        "leads.csv, row 4, column created",
        "leads.csv, row 5",
    ]
    assert "found '31/04/2026'. Set leads.time_format in the mapping, or fix the row." in str(caught.value)


def test_of_many_bad_rows_twenty_are_shown_and_the_rest_counted(folder: Path) -> None:
    (folder / "leads.csv").write_text("id,created,label\n" + "1,never,1\n" * 1_000)
    with pytest.raises(InputError, match="found 980 more faults") as caught:
        read_tables(mapped(), folder)
    assert len(caught.value.faults) == 21


def test_skipping_bad_rows_leaves_them_out_and_counts_them(folder: Path) -> None:
    (folder / "leads.csv").write_text("id,created,label\n1,never,1\n2,2024-01-01,1\n")
    tables = read_tables(mapped(), folder, skip_bad_rows=True)
    assert tables.leads["lead_id"].tolist() == ["2"]
    assert "leads.csv: 1 bad rows left out" in tables.notes


def test_repeated_ids_count_once_in_training_and_stay_when_scoring(folder: Path) -> None:
    (folder / "leads.csv").write_text(
        "id,created,town,label\nb,2024-01-02,Ulm,1\na,2024-01-01,Rom,0\nb,2024-01-03,Bonn,1\n"
    )
    tables = read_tables(mapped(), folder)
    assert tables.leads["town"].tolist() == ["Ulm", "Rom"]
    assert "leads.csv: 1 rows repeat a lead id; the first row counts" in tables.notes
    scored = read_leads(folder / "leads.csv", mapped())
    assert scored.frame["lead_id"].tolist() == ["b", "a", "b"]
    assert scored.rows.tolist() == [2, 3, 4]


def test_a_file_to_score_may_lack_columns_and_tells_its_bad_rows(folder: Path) -> None:
    (folder / "new.csv").write_text("id,created,town\n1,2024-01-01,Ulm\n2,soon,Rom\n3,2024-01-03,Bonn\n")
    mapping = mapped(leads={"exclude": ["label"], "context": ["source"]})
    with pytest.raises(InputError, match=r"new\.csv, row 3, column created"):
        read_leads(folder / "new.csv", mapping)
    read = read_leads(folder / "new.csv", mapping, skip_bad_rows=True)
    assert read.frame["town"].tolist() == ["Ulm", "Bonn"]
    told = read.rejects.table()[["row", "lead_id", "column", "found"]]
    assert told.to_numpy().tolist() == [[3, "2", "created", "'soon'"]]


def test_events_are_named_marked_and_given_their_page(folder: Path) -> None:
    section = events(types={"Visit": "page_view"}, touches=["Call"], properties=["page"], event_id="eid")
    table = read_tables(mapped(events=section), folder).events
    assert table is not None
    EVENTS.validate(table)
    assert table["type"].tolist() == ["page_view", "Call"]
    assert table["is_touch"].tolist() == [False, True]
    assert table["detail"].tolist()[0] == "pricing"
    assert table["detail"].isna().tolist() == [False, True]
    assert table["known_at"].equals(table["occurred_at"].rename("known_at"))
    assert table["occurred_at"].iloc[1] == pd.Timestamp("2024-01-04 23:59:59.999999", tz="UTC")


def test_the_page_is_found_in_json_objects(folder: Path) -> None:
    objects = [json.dumps({"page": "docs", "n": 1}), json.dumps({}), "[1]"]
    frame = pd.DataFrame({"who": ["007"] * 3, "at": "2024-01-03", "kind": "Visit", "data": objects})
    frame.to_csv(folder / "events.csv", index=False)
    mapping = mapped(events=events(properties=["data"]))
    read = read_events(folder / "events.csv", mapping, skip_bad_rows=True)
    assert read.frame["detail"].astype(object).where(read.frame["detail"].notna(), None).tolist() == [
        "docs",
        None,
    ]
    assert read.rejects.rows.tolist() == [4]


def test_repeated_event_ids_count_once_the_one_known_first(folder: Path) -> None:
    (folder / "events.csv").write_text(
        "who,at,kind,eid\n007,2024-01-05,late,e1\n007,2024-01-03,early,e1\n007,2024-01-04,x,\n007,2024-01-04,y,\n"
    )
    read = read_events(folder / "events.csv", mapped(events=events(event_id="eid")))
    assert read.frame["type"].tolist() == ["early", "x", "y"]
    assert read.notes == ("events.csv: 1 rows repeat an event id; the one known first counts",)


def test_events_of_unknown_leads_are_left_out_and_counted(folder: Path) -> None:
    (folder / "events.csv").write_text("who,at,kind\n007,2024-01-05,v\n7,2024-01-05,v\n")
    tables = read_tables(mapped(events=events()), folder)
    assert tables.events is not None
    assert len(tables.events) == 1
    assert "1 of 2 events belong to no lead and were left out" in tables.notes


def test_values_of_events_are_numbers_or_faults(folder: Path) -> None:
    (folder / "events.csv").write_text(
        "who,at,kind,v\n007,2024-01-05,v,1.5\n007,2024-01-05,v,\n007,2024-01-05,v,much\n"
    )
    read = read_events(folder / "events.csv", mapped(events=events(value="v")), skip_bad_rows=True)
    np.testing.assert_array_equal(read.frame["value"].to_numpy(), [1.5, np.nan])
    assert "row 4, column v: expected a number, found 'much'" in str(read.rejects.error())


def test_without_a_section_events_to_score_have_their_canonical_names(folder: Path) -> None:
    (folder / "e.csv").write_text("lead_id,occurred_at,type\n7,2024-01-05,v\n")
    assert read_events(folder / "e.csv", mapped()).frame["lead_id"].tolist() == ["7"]


def test_no_events_at_all_are_a_table_too(folder: Path) -> None:
    (folder / "events.csv").write_text("who,at,kind\n")
    tables = read_tables(mapped(events=events()), folder)
    assert tables.events is not None
    assert tables.events.empty
    EVENTS.validate(tables.events)


def test_outcomes_are_mapped_and_unknown_ones_listed(folder: Path) -> None:
    (folder / "deals.csv").write_text("id,at,end\n007,2024-02-01,WON\n008,2024-02-02,Closed - No\n")
    section = {"path": "deals.csv", "lead_id": "id", "occurred_at": "at", "outcome": "end"}
    training = {"horizon": "30 days"}
    with pytest.raises(InputError, match="won, lost or disqualified, found 'Closed - No'"):
        read_tables(mapped(outcomes=section, training=training), folder)
    section["outcomes"] = {"Closed - No": "lost"}  # type: ignore[assignment] - a section holds tables too
    table = read_tables(mapped(outcomes=section, training=training), folder).outcomes
    assert table is not None
    OUTCOMES.validate(table)
    assert table["outcome"].tolist() == ["won", "lost"]


def test_rows_of_open_deals_are_left_out_and_counted(folder: Path) -> None:
    (folder / "deals.csv").write_text("id,at,end\n007,2024-02-01,Won\n008,,Negotiation\n")
    section = {"path": "deals.csv", "lead_id": "id", "occurred_at": "at", "outcome": "end"}
    section["outcomes"] = {"negotiation": "open"}  # type: ignore[assignment] - a section holds tables too
    tables = read_tables(mapped(outcomes=section, training={"horizon": "30 days"}), folder)
    assert tables.outcomes is not None
    assert tables.outcomes["lead_id"].tolist() == ["007"]
    assert "deals.csv: 1 rows of leads that are still open left out" in tables.notes


@pytest.mark.parametrize(
    ("cells", "positive", "expected"),
    [
        (["1", "0"], 1, [1, 0]),
        (["1.0", "0.0"], 1, [1, 0]),
        (["True", "False"], 1, [1, 0]),
        (["1", "0"], True, [1, 0]),
        (["True", "FALSE"], True, [1, 0]),
        (["Yes", "No"], None, [1, 0]),
        (["ja", "NEIN"], None, [1, 0]),
        (["Won", "Lost"], None, [1, 0]),
        (["Closed Won", "Closed Lost"], None, [1, 0]),
        (["Converted", "prospect"], None, [1, 0]),
        (["gold", "tin"], "GOLD", [1, 0]),
    ],
)
def test_labels_are_compared_sensibly(
    folder: Path, cells: list[str], positive: Any, expected: list[int]
) -> None:
    (folder / "leads.csv").write_text(
        "id,label\n" + "".join(f"{at},{cell}\n" for at, cell in enumerate(cells))
    )
    outcomes = {"label": "label"} | ({} if positive is None else {"positive": positive})
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "id"}, "outcomes": outcomes})
    tables = read_tables(mapping, folder)
    assert tables.label is not None
    assert tables.label.tolist() == expected
    assert "label" not in tables.leads
    assert tables.extract_at == NO_DATES


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("gold,tin", "a label whose positive value is plain, found 'gold', 'tin'"),
        ("won,open,lost", "a label whose positive value is plain"),
        ("yes,yes", "found no row that did not convert"),
        ("no,no", "positive value is plain"),
    ],
)
def test_labels_that_tell_nothing_are_refused(folder: Path, cells: str, message: str) -> None:
    (folder / "leads.csv").write_text(
        "id,label\n" + "".join(f"{at},{cell}\n" for at, cell in enumerate(cells.split(",")))
    )
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "id"}, "outcomes": {"label": "label"}})
    with pytest.raises(InputError, match=message):
        read_tables(mapping, folder)


def labelled(folder: Path, cells: list[str], **outcomes: Any) -> Tables:
    (folder / "leads.csv").write_text(
        "id,label\n" + "".join(f"{at},{cell}\n" for at, cell in enumerate(cells))
    )
    section = {"label": "label", **outcomes}
    return read_tables(
        mapping_from({"leads": {"path": "leads.csv", "id": "id"}, "outcomes": section}), folder
    )


def test_outcomes_say_what_each_value_of_a_label_means(folder: Path) -> None:
    ends = {"Gold": "won", "tin": "lost", "junk": "disqualified", "Open": "open"}
    tables = labelled(folder, ["gold", "Tin", "open", "Junk", "", "Won", "OPEN"], outcomes=ends)
    assert tables.label is not None
    assert tables.leads["lead_id"].tolist() == ["0", "1", "3", "5"]
    assert tables.label.tolist() == [1, 0, 0, 1]
    assert "leads.csv: 2 leads that are still open left out ('open' 1, 'OPEN' 1)" in tables.notes
    assert "1 leads without a label left out" in tables.notes


def test_a_value_that_outcomes_do_not_list_is_refused_with_what_to_add(folder: Path) -> None:
    with pytest.raises(InputError, match=r"found 'In Arbeit', .*add: \"In Arbeit\" = \"open\", \"tin\" = "):
        labelled(folder, ["Won", "Lost", "In Arbeit", "tin"], outcomes={"Gold": "won"})


@pytest.mark.parametrize(
    "word",
    [
        "Open",
        "In progress",
        "New",
        "Offen",
        "In Bearbeitung",
        "Working",
        "Negotiation",
        "Qualified",
        "En cours",
    ],
)
def test_beside_a_positive_value_what_reads_as_open_is_left_out_and_counted(folder: Path, word: str) -> None:
    tables = labelled(folder, ["Won", "Lost", word, "tin"], positive="Won")
    assert tables.label is not None
    assert tables.label.tolist() == [1, 0, 0]
    assert f"leads.csv: 1 leads that are still open left out ({word!r} 1)" in tables.notes


def test_the_positive_value_itself_may_be_a_word_for_open(folder: Path) -> None:
    tables = labelled(folder, ["Qualified", "no"], positive="Qualified")
    assert tables.label is not None
    assert tables.label.tolist() == [1, 0]


def test_open_leads_alone_do_not_stand_for_lost_ones(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no row that did not convert.*'Open' counts as still open"):
        labelled(folder, ["Won", "Open"], positive="Won")
    with pytest.raises(InputError, match=r'"Open" = "open"'):
        labelled(folder, ["Won", "Open"])


def test_unlabelled_leads_are_left_out_and_counted(folder: Path) -> None:
    (folder / "leads.csv").write_text("id,label\n1,yes\n2,\n3,no\n")
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "id"}, "outcomes": {"label": "label"}})
    tables = read_tables(mapping, folder)
    assert tables.label is not None
    assert (tables.leads["lead_id"].tolist(), tables.label.tolist()) == (["1", "3"], [1.0, 0.0])
    assert "1 leads without a label left out" in tables.notes


def test_leads_before_training_from_are_left_out_with_all_that_is_theirs(folder: Path) -> None:
    tables = read_tables(mapped(events=events(), training={"from": date(2024, 1, 2)}), folder)
    assert tables.events is not None
    assert tables.leads["lead_id"].tolist() == tables.events["lead_id"].tolist() == ["008"]
    assert "1 leads created before 2024-01-02 left out (training.from)" in tables.notes


def test_changes_and_accounts_become_canonical(folder: Path) -> None:
    (folder / "changes.csv").write_text(
        "id,field,at,new\n007,town,2024-02-01,Bonn\n007,seats,2024-02-02,Select\n"
    )
    (folder / "firms.csv").write_text(
        "domain,since,size\nACME.com,2024-01-01,5\nacme.com,2024-01-01,6\nb.de,,7\n"
    )
    tables = read_tables(
        mapped(
            changes={
                "path": "changes.csv",
                "lead_id": "id",
                "column": "field",
                "changed_at": "at",
                "value": "new",
            },
            accounts={"path": "firms.csv", "key": "domain", "lead_key": "town", "known_from": "since"},
        ),
        folder,
    )
    assert tables.changes is not None
    assert tables.changes["value"].tolist() == ["Bonn", None]
    [accounts] = tables.accounts
    assert accounts["key"].tolist() == ["acme.com", "b.de"]
    assert accounts["known_from"].isna().tolist() == [False, True]


def test_the_column_that_names_the_account_must_be_there_and_kept(folder: Path) -> None:
    (folder / "firms.csv").write_text("domain,size\nacme.com,5\n")
    accounts = {"path": "firms.csv", "key": "domain", "lead_key": "town"}
    with pytest.raises(InputError, match="a column that is kept, found 'town'"):
        read_tables(mapped(accounts=accounts, leads={"exclude": ["town"]}), folder)
    with pytest.raises(InputError, match="Did you mean 'town'"):
        read_tables(mapped(accounts={**accounts, "lead_key": "towns"}), folder)


def test_a_frozen_mapping_holds_no_password() -> None:
    url = "postgresql://me:s3cret@host/crm"
    frozen = mapping_from({"leads": {"url": url, "query": "select 1", "id": "id"}}).frozen()
    assert "s3cret" not in frozen
    assert "postgresql://me:***@host/crm" in frozen


def test_the_extract_is_the_end_of_its_day_also_when_frozen(folder: Path) -> None:
    mapping = mapped(training={"extract_at": date(2024, 6, 1), "time_zone": "Europe/Berlin"})
    expected = pd.Timestamp("2024-06-01 21:59:59.999999", tz="UTC")
    assert read_tables(mapping, folder).extract_at == expected
    assert read_tables(mapping_from(json.loads(mapping.frozen())), folder).extract_at == expected


def test_without_a_stated_extract_the_newest_time_is_taken_and_said(folder: Path) -> None:
    tables = read_tables(mapped(events=events()), folder)
    assert tables.extract_at == pd.Timestamp("2024-01-04 23:59:59.999999", tz="UTC")
    assert any("extract_at is not set" in note for note in tables.notes)


def canonical(rows: list[tuple[str, int]], kind: str = "use") -> pd.DataFrame:
    at = pd.Series(
        np.array([us for _, us in rows], dtype=np.int64).view("datetime64[us]"), dtype="datetime64[us]"
    ).dt.tz_localize("UTC")
    return pd.DataFrame(
        {
            "lead_id": pd.Series([who for who, _ in rows], dtype="str"),
            "occurred_at": at.astype(TIME),
            "known_at": at.astype(TIME),
        }
    ).assign(type=pd.Categorical([kind] * len(rows), categories=["use", "other"]))


def brute_force(rows: list[tuple[str, int]], rule: WonWhen) -> dict[str, int]:
    wins: dict[str, int] = {}
    for lead in {who for who, _ in rows}:
        times = sorted(us for who, us in rows if who == lead)
        if rule.distinct_days:
            times = [
                min(us for us in times if us // DAY == day) for day in sorted({us // DAY for us in times})
            ]
        for first in range(len(times) - rule.count + 1):
            last = times[first + rule.count - 1]
            if rule.within is None or last - times[first] < rule.within:
                wins[lead] = last
                break
    return wins


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 30).map(lambda n: n * DAY // 2)), max_size=30
    ),
    count=st.integers(1, 4),
    within=st.sampled_from([None, "1 days", "3 days", "7 days"]),
    distinct_days=st.booleans(),
)
def test_a_rule_wins_where_counting_by_hand_does(
    rows: list[tuple[str, int]], count: int, within: str | None, distinct_days: bool
) -> None:
    rule = WonWhen.model_validate(
        {"event": "use", "count": count, "within": within, "distinct_days": distinct_days}
    )
    won = won_when_rule(canonical(rows), rule)
    OUTCOMES.validate(won)
    assert dict(zip(won["lead_id"], won["occurred_at"].astype("int64"), strict=True)) == brute_force(
        rows, rule
    )


def test_a_win_is_known_when_all_of_its_events_are() -> None:
    table = canonical([("a", 0), ("a", DAY)])
    table.loc[0, "known_at"] = pd.Timestamp("1970-01-09", tz="UTC")
    won = won_when_rule(table, WonWhen(event="use", count=2))
    assert won["known_at"].tolist() == [pd.Timestamp("1970-01-09", tz="UTC")]
    assert won_when_rule(table, WonWhen(event="other")).empty


def test_a_rule_over_a_million_events_takes_seconds() -> None:
    random = np.random.default_rng(1)
    who = random.integers(0, 50_000, 1_000_000)
    at = pd.Series(random.integers(0, 400 * DAY, len(who)).view("datetime64[us]")).dt.tz_localize("UTC")
    table = pd.DataFrame({"lead_id": pd.Series(who).astype("str"), "occurred_at": at, "known_at": at})
    table["type"] = pd.Categorical.from_codes(np.zeros(len(who), np.int8), ["use"])
    started = time.perf_counter()
    won_when_rule(
        table, WonWhen.model_validate({"event": "use", "count": 3, "within": "7 days", "distinct_days": True})
    )
    assert time.perf_counter() - started < 20


@pytest.mark.realdata
def test_the_example_of_x_education_reads(data_folder: Path, root: Path) -> None:
    tables = read_tables(read_mapping(root / "examples/xeducation/leadlens.toml"), data_folder)
    assert tables.label is not None
    assert (len(tables.leads), tables.label.sum()) == (9_240, 3_561)
    assert not {"Tags", "Lead Quality", "Converted", "Last Notable Activity"} & set(tables.leads.columns)
    assert "Last Activity" in tables.leads
    assert not (tables.leads["Specialization"] == "Select").any()


@pytest.mark.realdata
def test_the_example_of_olist_reads(data_folder: Path, root: Path) -> None:
    mapping = read_mapping(root / "examples/olist/leadlens.toml")
    tables = read_tables(mapping, data_folder)
    contacts = pd.read_csv(data_folder / "olist/mqls.csv")["first_contact_date"]
    assert tables.outcomes is not None
    assert len(tables.leads) == (contacts >= "2018-01-01").sum() == 5_998
    assert len(tables.outcomes) == 781
    everything = mapping.model_copy(update={"training": mapping.training.model_copy(update={"from_": None})})
    outcomes = read_tables(everything, data_folder).outcomes
    assert outcomes is not None
    assert len(outcomes) == 842


@pytest.mark.realdata
def test_the_example_of_relax_finds_the_adopted_users(data_folder: Path, root: Path) -> None:
    tables = read_tables(read_mapping(root / "examples/relax/leadlens.toml"), data_folder)
    assert tables.events is not None
    assert tables.outcomes is not None
    assert (len(tables.leads), len(tables.events), len(tables.outcomes)) == (12_000, 207_917, 1_602)
    visits = pd.read_csv(data_folder / "relax/visits.csv", dtype="str")
    days_of = visits.groupby("user_id")["time_stamp"].agg(
        lambda days: sorted({date.fromisoformat(day) for day in days})
    )
    adopted = {
        user: next(c for a, c in zip(days, days[2:], strict=False) if (c - a).days < 7)
        for user, days in days_of.items()
        if any((c - a).days < 7 for a, c in zip(days, days[2:], strict=False))
    }
    assert (
        dict(zip(tables.outcomes["lead_id"], tables.outcomes["occurred_at"].dt.date, strict=True)) == adopted
    )
    assert tables.extract_at == pd.Timestamp("2014-06-06 23:59:59.999999", tz="UTC")


def test_properties_of_other_names_are_refused_and_standard_ones_found(folder: Path) -> None:
    rows = "7,2026-01-01,Visit,/pricing,x\n7,2026-01-02,Visit,,contact\n"
    (folder / "events.csv").write_text("who,at,kind,page,form\n" + rows)
    read = read_events(folder / "events.csv", mapped(events=events(properties=["page", "form"])))
    assert read.frame["detail"].tolist() == ["pricing", "contact"]
    (folder / "events.csv").write_text("who,at,kind,Seite,Formular\n" + rows)
    with pytest.raises(InputError, match=r"events\.properties: expected columns called page_group.*'Seite'"):
        read_events(folder / "events.csv", mapped(events=events(properties=["Seite", "Formular"])))
