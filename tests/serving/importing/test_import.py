"""What files become in the store: once each, with their times, whatever is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from features.cells import cell_rules
from features.errors import InputError
from features.history import History
from features.mapping import Mapping, mapping_from
from features.reading import csv_files, files, read_tables
from features.snapshots import Lives
from serving.history.events import EventSent, keep_events
from serving.history.identity import StoredLead, find_lead
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.history.training_tables import stored_tables
from serving.importing import history_files, import_files, lead_files, work
from serving.jobs.due_changes import settle_due_changes
from serving.scoring.known import KnownLeads
from serving.store.schema import CHANGES, EVENTS, LEADS, METADATA, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from features.reading.rejects import Rejects
    from serving.store.database import Store

DAY = 86_400_000_000
NOW = 1_800_000_000_000_000
LEADS_CSV = """Id,created,country,size,Tags,empty
1,2024-01-01,DE,420,late,
2,2024-01-02,Select,,,
3,2024-01-03,AT,1.0,"a, b",
2,2024-01-02,again,,,
"""
EVENTS_CSV = """who,at,what,page,no
1,2024-01-05,View,/pricing,e1
9,2024-01-05,View,,e2
1,2024-01-05,View,/pricing,
1,2024-01-05,View,/pricing,
1,2024-02-01,Mail,,e3
3,2024-03-01,View,,e4
1,2024-01-04,View,,e3
"""
CHANGES_CSV = """who,field,at,to
1,country,2024-01-01,AT
1,country,2024-01-08,CH
1,Tags,2024-01-08,
3,owner,2024-01-08,me
"""
OUTCOMES_CSV = """who,at,end,known
1,2024-02-01,won,2024-02-03
2,2024-02-01,lost,2024-02-01
3,2024-02-01,lost,2024-02-01
3,2024-02-01,lost,2024-02-01
8,2024-02-01,lost,2024-02-01
"""
CONTENT: dict[str, Any] = {
    "leads": {
        "path": "leads.csv",
        "id": "Id",
        "created_at": "created",
        "exclude": ["Tags"],
        "missing": ["Select"],
    },
    "events": {
        "path": "events.csv",
        "lead_id": "who",
        "occurred_at": "at",
        "type": "what",
        "event_id": "no",
        "properties": ["page"],
        "touches": ["Mail"],
    },
    "changes": {
        "path": "changes.csv",
        "lead_id": "who",
        "column": "field",
        "changed_at": "at",
        "value": "to",
    },
    "outcomes": {
        "path": "outcomes.csv",
        "lead_id": "who",
        "occurred_at": "at",
        "outcome": "end",
        "known_at": "known",
    },
    "training": {"horizon": "30 days"},
}


def moment(day: str) -> int:
    """The last microsecond of a day, which a date alone stands for."""
    return int(pd.Timestamp(day, tz="UTC").value // 1_000) + DAY - 1


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    for name, text in {
        "leads": LEADS_CSV,
        "events": EVENTS_CSV,
        "changes": CHANGES_CSV,
        "outcomes": OUTCOMES_CSV,
    }.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return mapping_from(CONTENT)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of two rows, so that repeats stand in different ones."""
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(files, "PART_ROWS", 3)
    for module in (work, lead_files):
        monkeypatch.setattr(module, "batches", lambda rows: [slice(at, at + 2) for at in range(0, rows, 2)])
    monkeypatch.setattr(history_files, "batches", work.batches)


def all_rows(store: Store) -> dict[str, list[Any]]:
    with store.reading() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))
            ]
            for table in METADATA.sorted_tables
            if table is not STALE_LEADS
        }


def test_files_keep_their_times_and_their_cells(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    done = import_files(store, mapping, tmp_path, NOW)
    with store.reading() as connection:
        leads = {row.lead_id: row for row in connection.execute(LEADS.select())}
        events = list(connection.execute(EVENTS.select().order_by(EVENTS.c.number)))
        outcomes = list(connection.execute(OUTCOMES.select().order_by(OUTCOMES.c.number)))
        stale = set(connection.execute(sa.select(STALE_LEADS.c.lead)).scalars())
    one = leads["1"]
    assert one.created_at == int(pd.Timestamp("2024-01-01", tz="UTC").value // 1_000)
    assert one.undated == {"country": "DE", "size": "420", "Tags": "late", "empty": None}
    assert one.cells == {"country": "CH", "size": "420"}
    assert leads["2"].cells == {"country": "Select"}
    assert leads["3"].cells == {"country": "AT", "size": "1.0", "Tags": "a, b", "owner": "me"}
    assert leads["9"].arrived_at is None
    by_number = {row.number: row.lead_id for row in leads.values()}
    assert [(by_number[e.lead], e.event_id, e.type, e.properties) for e in events] == [
        ("1", "e1", "View", {"page": "/pricing"}),
        ("9", "e2", "View", None),
        ("3", "e4", "View", None),
        ("1", "e3", "View", None),
        ("1", None, "View", {"page": "/pricing"}),
        ("1", None, "View", {"page": "/pricing"}),
    ]
    assert {e.known_at for e in events if e.event_id == "e1"} == {moment("2024-01-05")}
    assert [(by_number[o.lead], o.known_at) for o in outcomes][:2] == [
        ("1", moment("2024-02-03")),
        ("2", moment("2024-02-01")),
    ]
    assert len(outcomes) == 4
    assert {row.lead_id: row.standing for row in leads.values()} == {
        "1": "won", "2": "lost", "3": "open", "9": "open", "8": "lost",
    }  # fmt: skip
    assert stale == {leads[name].number for name in "123"}
    assert done.counts["leads new"] == 3
    assert done.counts["leads announced"] == 2
    assert "leads.csv: 1 rows repeat a lead id; the first row counts" in done.notes
    assert done.mapping["leads"]["exclude"] == ["Tags", "owner"]


@pytest.mark.usefixtures("small_parts")
def test_importing_twice_adds_nothing(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    import_files(store, mapping, tmp_path, NOW)
    before = all_rows(store)
    again = import_files(store, mapping, tmp_path, NOW + DAY)
    assert all_rows(store) == before
    assert {name for name in again.counts if "new" in name or "changed" in name} == set()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("steps", [3, 6, 9])
def test_an_import_that_broke_off_is_run_again(
    store: Store, mapping: Mapping, tmp_path: Path, steps: int
) -> None:
    class BrokenOffError(Exception):
        """What stops the import."""

    left = iter(range(steps))

    def report(step: str) -> None:
        if next(left, None) is None:
            raise BrokenOffError(step)

    with pytest.raises(BrokenOffError, match=r"."):
        import_files(store, mapping, tmp_path, NOW, report=report)
    import_files(store, mapping, tmp_path, NOW + DAY)
    tables, own = read_tables(mapping, tmp_path), stored_tables(store, _stored(store, mapping, tmp_path))
    for name in ("leads", "events", "changes", "outcomes"):
        ours, theirs = getattr(tables, name).copy(), getattr(own, name).copy()
        by = [c for c in ("lead_id", "occurred_at", "event_id", "column", "changed_at") if c in ours]
        if name != "leads":
            ours, theirs = (
                frame.drop_duplicates(by[:2]).sort_values(by, ignore_index=True) for frame in (ours, theirs)
            )
        theirs = theirs.drop(columns="owner", errors="ignore")
        pd.testing.assert_frame_equal(ours, theirs[ours.columns], check_dtype=False, check_categorical=False)


def _stored(store: Store, mapping: Mapping, folder: Path) -> Mapping:
    return mapping_from(dict(import_files(store, mapping, folder, NOW + 2 * DAY).mapping))


def test_leads_that_are_there_are_changed_as_if_they_were_sent_again(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    def send(connection: sa.Connection) -> None:
        keep_leads(connection, [LeadSent("2", NOW - 9 * DAY, {"country": "FR", "own": 1})], NOW - 9 * DAY)
        keep_events(connection, [EventSent("2", "View", NOW - 8 * DAY, "e9")], NOW - 8 * DAY)

    store.write(send)
    done = import_files(store, mapping, tmp_path, NOW)
    assert done.counts["leads changed"] == 1
    with store.reading() as connection:
        lead = find_lead(connection, "2")
        assert lead is not None
        changes = connection.execute(
            sa.select(CHANGES.c.column, CHANGES.c.changed_at, CHANGES.c.value)
            .where(CHANGES.c.lead == lead.number)
            .order_by(CHANGES.c.number)
        ).all()
    assert lead.cells == {"country": "Select", "own": 1}
    assert [tuple(row) for row in changes if row.changed_at == NOW] == [("country", NOW, "Select")]
    assert import_files(store, mapping, tmp_path, NOW + DAY).counts.get("leads changed", 0) == 0


def test_an_old_file_takes_nothing_back_that_came_over_the_api_since(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    import_files(store, mapping, tmp_path, NOW)
    store.write(lambda c: keep_leads(c, [LeadSent("3", None, {"country": "PL", "size": None})], NOW + DAY))
    import_files(store, mapping, tmp_path, NOW + 2 * DAY)
    with store.reading() as connection:
        lead = find_lead(connection, "3")
    assert lead is not None
    assert (lead.cells["country"], lead.cells.get("size")) == ("PL", None)
    (tmp_path / "leads.csv").write_text(LEADS_CSV.replace("3,2024-01-03,AT", "3,2024-01-03,IT"))
    import_files(store, mapping, tmp_path, NOW + 3 * DAY)
    with store.reading() as connection:
        lead = find_lead(connection, "3")
    assert lead is not None
    assert lead.cells["country"] == "IT"


def told(store: Store, lead_id: str) -> StoredLead:
    with store.reading() as connection:
        lead = find_lead(connection, lead_id)
    assert lead is not None
    return lead


def put_in_file(folder: Path, country: str) -> None:
    (folder / "leads.csv").write_text(LEADS_CSV.replace("3,2024-01-03,AT", f"3,2024-01-03,{country}"))


@pytest.mark.parametrize("is_first_sent", [False, True])
def test_the_last_file_again_takes_nothing_back_either(
    store: Store, mapping: Mapping, tmp_path: Path, *, is_first_sent: bool
) -> None:
    def send(country: str, now: int) -> None:
        store.write(lambda c: keep_leads(c, [LeadSent("3", None, {"country": country})], now))

    if is_first_sent:
        send("XX", NOW - DAY)
    import_files(store, mapping, tmp_path, NOW)
    put_in_file(tmp_path, "IT")
    import_files(store, mapping, tmp_path, NOW + DAY)
    send("PL", NOW + 2 * DAY)
    before = all_rows(store)
    again = import_files(store, mapping, tmp_path, NOW + 3 * DAY)
    assert told(store, "3").cells["country"] == "PL"
    assert "leads changed" not in again.counts
    assert all_rows(store) == before


def test_what_stands_already_is_no_news_when_the_api_changes_it_since(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    import_files(store, mapping, tmp_path, NOW)
    for days, country in enumerate(["IT", "PL"], start=1):
        sent = LeadSent("3", None, {"country": country})
        store.write(lambda c, sent=sent, days=days: keep_leads(c, [sent], NOW + days * DAY))
        put_in_file(tmp_path, "IT")
        import_files(store, mapping, tmp_path, NOW + days * DAY)
    assert told(store, "3").cells["country"] == "PL"


def test_a_newer_file_may_go_back_to_what_an_older_one_said(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    for days, country in enumerate(["AT", "IT", "", "AT", "IT"]):
        put_in_file(tmp_path, country)
        import_files(store, mapping, tmp_path, NOW + days * DAY)
        assert told(store, "3").cells.get("country", "") == country


def test_the_same_file_again_takes_no_creation_back(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    import_files(store, mapping, tmp_path, NOW)
    store.write(lambda c: merge_leads(c, "2", ["1"], NOW + DAY))
    store.write(lambda c: keep_leads(c, [LeadSent("3", 5, {})], NOW + DAY))
    before = all_rows(store)
    import_files(store, mapping, tmp_path, NOW + 2 * DAY)
    assert all_rows(store) == before
    (tmp_path / "leads.csv").write_text(LEADS_CSV.replace("3,2024-01-03", "3,2024-01-04"))
    import_files(store, mapping, tmp_path, NOW + 3 * DAY)
    assert told(store, "3").created_at == int(pd.Timestamp("2024-01-04", tz="UTC").value // 1_000)
    assert told(store, "2").created_at == int(pd.Timestamp("2024-01-01", tz="UTC").value // 1_000)


def test_what_stands_now_is_written_once_a_lead_whatever_the_order_of_its_changes(
    store: Store, mapping: Mapping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        history_files, "batches", lambda rows: [slice(at, at + 3) for at in range(0, rows, 3)]
    )
    days = [f"2024-02-0{day}" for day in (1, 2, 3)]
    by_time = [f"{lead_id},country,{day},{day}-{lead_id}" for day in [*days, days[-1]] for lead_id in "123"]
    by_time[-1] += " at last"
    (tmp_path / "changes.csv").write_text("\n".join(["who,field,at,to", *by_time]) + "\n")
    written: list[int] = []

    def count(_: Any, __: Any, statement: str, values: Any, ___: Any, is_many: bool) -> None:
        if statement.startswith("UPDATE leads SET updated_at"):
            written.append(len(values) if is_many else 1)

    sa.event.listen(store.engine, "before_cursor_execute", count)
    import_files(store, mapping, tmp_path, NOW)
    assert 0 < sum(written) <= 6, "each lead in two transactions at most"
    assert told(store, "3").cells["country"] == "2024-02-03-3 at last", "of two at one time the later row"
    import_files(store, mapping, tmp_path, NOW + DAY)
    assert len(all_rows(store)["changes"]) == len(by_time)


def test_rows_of_a_lead_that_was_merged_into_another_are_left_out(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    import_files(store, mapping, tmp_path, NOW)
    store.write(lambda c: merge_leads(c, "1", ["3"], NOW))
    before = all_rows(store)
    done = import_files(store, mapping, tmp_path, NOW + DAY)
    assert all_rows(store)["leads"] == before["leads"]
    assert all_rows(store)["events"] == before["events"]
    assert done.counts["leads merged into others"] == 1


def test_changes_of_a_lead_that_was_merged_stay_with_it_and_are_kept_once(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    changes = tmp_path / "changes.csv"
    changes.write_text(changes.read_text() + "3,country,2024-01-09,FR\n")
    import_files(store, mapping, tmp_path, NOW)
    store.write(lambda c: merge_leads(c, "1", ["3"], NOW + DAY))
    before = all_rows(store)
    done = import_files(store, mapping, tmp_path, NOW + 2 * DAY)
    assert all_rows(store) == before
    assert "changes new" not in done.counts


@pytest.mark.parametrize("name", ["leads", "events", "changes", "outcomes"])
def test_a_bad_row_stops_the_import_before_anything_is_written(
    store: Store, mapping: Mapping, tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.csv"
    columns = path.read_text().partition("\n")[0].count(",")
    bad = {"leads": "7,soon", "events": "1,31/31/2024", "outcomes": "1,,won"}.get(name, "1,a,soon")
    path.write_text(path.read_text() + bad + "," * (columns - bad.count(",")) + "\n")
    with pytest.raises(InputError, match=f"{name}.csv, row"):
        import_files(store, mapping, tmp_path, NOW)
    assert all_rows(store)["leads"] == []
    aside: list[Rejects] = []
    done = import_files(store, mapping, tmp_path, NOW, put_aside=aside.append)
    assert sum(len(rejects.rows) for rejects in aside) == 1
    assert done.counts["leads new"] == 3


def test_ids_that_no_index_could_hold_are_bad_rows(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS_CSV + "x" * 513 + ",2024-01-01,,,,\n")
    with pytest.raises(InputError, match="an id of at most 512 characters"):
        import_files(store, mapping, tmp_path, NOW)


def test_text_that_postgresql_could_not_hold_is_a_bad_row(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    frame = pd.read_csv(tmp_path / "leads.csv", dtype="str")
    frame.loc[1, "country"] = "D\x00E"
    frame.to_parquet(tmp_path / "leads.parquet")
    leads = {**CONTENT["leads"], "path": "leads.parquet"}
    with pytest.raises(InputError, match="row 2, column country: expected text without the NUL character"):
        import_files(store, mapping_from({**CONTENT, "leads": leads}), tmp_path, NOW)


def test_how_leads_stand_is_what_training_would_say(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    import_files(store, mapping, tmp_path, NOW)
    tables = stored_tables(store, _stored(store, mapping, tmp_path))
    history = History(tables, mapping)
    every = np.arange(len(history), dtype=np.int64)
    is_open = Lives(tables, history).is_open(every, np.full(len(history), NOW))
    with store.reading() as connection:
        standing = {row.lead_id: row.standing for row in connection.execute(LEADS.select())}
    assert [standing[lead_id] == "open" for lead_id in history.lead_ids] == is_open.tolist()


def test_flat_leads_with_a_label_are_the_same_from_the_store(store: Store, tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("Id,a,Won\n1,x,yes\n2,,no\n3,y,\n4,x,yes\n")
    content = {"leads": {"path": "flat.csv", "id": "Id"}, "outcomes": {"label": "Won"}}
    mapping = mapping_from(content)
    done = import_files(store, mapping, tmp_path, NOW)
    stored = mapping_from(dict(done.mapping))
    assert not stored.is_dated
    ours, theirs = read_tables(mapping, tmp_path), stored_tables(store, stored)
    pd.testing.assert_frame_equal(ours.leads, theirs.leads)
    assert ours.label is not None
    assert ours.label.tolist() == (theirs.label if theirs.label is not None else pd.Series()).tolist()
    assert ours.extract_at == theirs.extract_at
    store.write(lambda c: keep_leads(c, [LeadSent("2", None, {"a": "now"})], NOW + DAY))
    assert stored_tables(store, stored).leads["a"].tolist()[1] == "now"


def test_a_rule_over_events_says_who_won(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    content = {
        **CONTENT,
        "outcomes": {"won_when": {"event": "visit", "count": 3, "within": "2 days"}},
        "events": {**CONTENT["events"], "types": {"View": "visit"}},
    }
    done = import_files(store, mapping_from(content), tmp_path, NOW)
    with store.reading() as connection:
        standing = {row.lead_id: row.standing for row in connection.execute(LEADS.select())}
    assert standing == {"1": "won", "2": "open", "3": "open", "9": "open"}
    stored = mapping_from(dict(done.mapping))
    outcomes = stored_tables(store, stored).outcomes
    assert outcomes is not None
    assert outcomes["lead_id"].tolist() == ["1"]


def test_outcomes_that_are_sent_beside_a_rule_count_for_scores_and_for_training(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    rule = {"won_when": {"event": "View", "count": 3, "within": "2 days"}}
    done = import_files(store, mapping_from({**CONTENT, "outcomes": rule}), tmp_path, NOW)
    stored = mapping_from(dict(done.mapping))
    ends = [OutcomeSent("2", "won", NOW), OutcomeSent("3", "lost", NOW), OutcomeSent("1", "lost", NOW - 1)]
    store.write(lambda connection: keep_outcomes(connection, ends, NOW))
    tables = stored_tables(store, stored)
    history = History(tables, stored)
    numbers = {number: lead_id for lead_id, number in _numbers(store).items()}
    for at in (NOW - 2 * DAY, NOW - 1, NOW):
        with store.reading() as connection:
            standing = KnownLeads(stored).standing(connection, list(numbers), at)
        every = np.arange(len(history), dtype=np.int64)
        is_open = Lives(tables, history).is_open(every, np.full(len(history), at))
        said = dict(zip(numbers.values(), standing, strict=True))
        assert [said[lead_id] == "open" for lead_id in history.lead_ids] == is_open.tolist()
    assert said == {"1": "won", "2": "won", "3": "lost"}
    assert tables.outcomes is not None
    assert sorted(tables.outcomes["outcome"]) == ["lost", "lost", "won", "won"]


def _numbers(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        shown = sa.select(LEADS.c.lead_id, LEADS.c.number).where(LEADS.c.arrived_at.is_not(None))
        return {row.lead_id: row.number for row in connection.execute(shown)}


def test_a_lead_that_a_rule_calls_won_loses_its_score(store: Store, mapping: Mapping, tmp_path: Path) -> None:
    store.write(lambda c: keep_leads(c, [LeadSent("1", None, {})], NOW))
    scored = {"score": 80, "probability": 0.5, "grade": "A1", "action": "route", "scored_at": NOW}
    store.write(lambda c: c.execute(sa.update(LEADS).values(**scored, scored_by="leadlens/7/x")))
    content = {**CONTENT, "outcomes": {"won_when": {"event": "View", "count": 3, "within": "2 days"}}}
    import_files(store, mapping_from(content), tmp_path, NOW)
    with store.reading() as connection:
        row = find_lead(connection, "1")
    assert row is not None
    last = row.last
    assert (last.standing, last.score, last.grade, last.action, last.scored_at) == (
        "won",
        None,
        None,
        None,
        None,
    )


def test_changes_that_lie_ahead_stand_when_they_are_due_and_move_no_others(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "leads.csv").write_text("Id,created\n1,2027-01-01\n")
    (tmp_path / "changes.csv").write_text(
        "who,field,at,to\n1,size,2027-01-02,1\n1,size,2027-01-15,2\n1,country,2099-01-01,DE\n"
    )
    changes = {"path": "changes.csv", "lead_id": "who", "column": "field", "changed_at": "at", "value": "to"}
    leads = {"path": "leads.csv", "id": "Id", "created_at": "created"}
    mapping = mapping_from({"leads": leads, "changes": changes})
    import_files(store, mapping, tmp_path, NOW)
    rules, known = cell_rules(), KnownLeads(mapping)
    day_end = NOW + DAY * 2 // 3 - 1

    def put(now: int, **cells: str) -> dict[str, object]:
        store.write(lambda c: keep_leads(c, [LeadSent("1", None, cells)], now))
        with store.reading() as connection:
            lead = find_lead(connection, "1")
            assert lead is not None
            [one] = known.read_now(connection, [lead.number], now)
        assert lead.updated_at == one.asked.as_of == now
        return lead.cells | {"scored": one.asked.cells}

    assert put(NOW + 1, plan="a") == {"size": "1", "plan": "a", "scored": {"size": "1", "plan": "a"}}
    assert settle_due_changes(store, day_end - 1, rules, 10) == 0
    assert put(day_end, plan="b")["scored"] == {"size": "2", "plan": "b"}
    assert settle_due_changes(store, day_end, rules, 10) == 1
    assert put(day_end + 1, plan="c") == {"size": "2", "plan": "c", "scored": {"size": "2", "plan": "c"}}
    assert settle_due_changes(store, day_end + 1, rules, 10) == 0
    with store.reading() as connection:
        assert connection.execute(sa.select(STALE_LEADS.c.asked_at)).scalar_one() == day_end + 1


def test_accounts_keep_their_place_and_a_newer_row_replaces_the_one_of_its_time(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    accounts = [
        {"path": f"{name}.csv", "key": "domain", "lead_key": "country", **since}
        for name, since in (("first", {}), ("second", {"known_from": "at"}))
    ]
    (tmp_path / "first.csv").write_text("domain,size,none\nDE,1,\n")
    (tmp_path / "second.csv").write_text("domain,size,at\nDE,2,2024-01-01\nDE,3,2024-02-01\n")
    both = mapping_from({**CONTENT, "accounts": accounts})
    stored = mapping_from(dict(import_files(store, both, tmp_path, NOW).mapping))
    ours, theirs = read_tables(both, tmp_path), stored_tables(store, stored)
    for mine, other in zip(ours.accounts, theirs.accounts, strict=True):
        pd.testing.assert_frame_equal(mine, other)
    (tmp_path / "first.csv").write_text("domain,size,none\nDE,5,\n")
    again = import_files(store, both, tmp_path, NOW + DAY)
    assert again.counts["accounts changed"] == 1
    assert "accounts new" not in again.counts
    assert stored_tables(store, stored).accounts[0]["size"].tolist() == ["5"]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("has_rule", [False, True])
def test_what_is_followed_moves_when_it_is_written_however_long_the_import_takes(
    store: Store, mapping: Mapping, tmp_path: Path, *, has_rule: bool
) -> None:
    if has_rule:
        rule = {"won_when": {"event": "visit", "count": 3, "within": "2 days"}}
        mapping = mapping_from(
            {**CONTENT, "outcomes": rule, "events": {**CONTENT["events"], "types": {"View": "visit"}}}
        )
    told: dict[str, Any] = {}
    moment = NOW

    def look(_: str) -> None:
        """Follow the leads after each step, which takes a day, from what was seen last."""
        nonlocal moment
        columns = [LEADS.c[name] for name in ("lead_id", "touched_at", "created_at", "cells", "standing")]
        with store.reading() as connection:
            rows = connection.execute(sa.select(*columns).where(LEADS.c.arrived_at.is_not(None)))
            here = {row.lead_id: tuple(row) for row in rows}
        for lead_id, row in here.items():
            before = told.get(lead_id)
            assert before == row or row[1] == moment, lead_id
        told.update(here)
        moment += DAY

    import_files(store, mapping, tmp_path, NOW, clock=lambda: moment, report=look)
    (tmp_path / "leads.csv").write_text(LEADS_CSV.replace("420", "430"))
    import_files(store, mapping, tmp_path, moment, clock=lambda: moment, report=look)
    look("at the end")
    assert len({row[1] for row in told.values()}) > 1
    assert told["1"][4] == "won"
    with store.reading() as connection:
        changed = sa.select(CHANGES.c.changed_at).where(CHANGES.c.column == "size")
        [dated] = connection.execute(changed).scalars()
    assert dated < told["1"][1], "what an import brings is of its beginning"


def test_an_import_moves_what_is_followed_of_those_leads_alone_that_it_changes(
    store: Store, mapping: Mapping, tmp_path: Path
) -> None:
    def touched() -> dict[str, int]:
        with store.reading() as connection:
            rows = connection.execute(sa.select(LEADS.c.lead_id, LEADS.c.touched_at))
            return {row.lead_id: row.touched_at for row in rows}

    import_files(store, mapping, tmp_path, NOW)
    import_files(store, mapping, tmp_path, NOW + DAY)
    assert set(touched().values()) == {NOW}
    (tmp_path / "leads.csv").write_text(LEADS_CSV.replace("420", "430"))
    with (tmp_path / "changes.csv").open("a") as changes:
        changes.write("2,country,2024-02-08,NL\n")
    import_files(store, mapping, tmp_path, NOW + 2 * DAY)
    moved = {lead_id for lead_id, at in touched().items() if at == NOW + 2 * DAY}
    assert moved == {"1", "2"}
