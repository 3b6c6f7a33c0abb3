"""A prepared history is what `read_tables` reads, whatever the files hold and however they are cut."""

import json
import signal
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from features.errors import InputError, RefusedError
from features.hashing import buckets_of
from features.mapping import Mapping, mapping_from, read_mapping
from features.prepared import Prepared, layout
from features.prepared.arrow import arrow_table
from features.prepared.folders import unfinished
from features.prepared.write import prepare
from features.reading import csv_files, files, read_tables
from features.tables import Tables

SORTED_BY = {
    "leads": ["lead_id"],
    "events": ["lead_id", "occurred_at"],
    "changes": ["lead_id", "changed_at"],
    "outcomes": ["lead_id", "occurred_at"],
}
LEADS = {"path": "leads.csv", "id": "id", "created_at": "created", "missing": ["Select"]}
EVENTS = {
    "path": "events.csv",
    "lead_id": "who",
    "occurred_at": "at",
    "type": "kind",
    "event_id": "eid",
    "known_at": "known",
    "value": "value",
    "properties": ["page"],
    "touches": ["call"],
}
OUTCOMES = {"path": "outcomes.csv", "lead_id": "who", "occurred_at": "at", "outcome": "end"}
CHANGES = {"path": "changes.csv", "lead_id": "who", "column": "what", "changed_at": "at", "value": "value"}


def mapped(**sections: Any) -> Mapping:
    whole = {"leads": LEADS, "training": {"horizon": "30 days"}, **sections}
    return mapping_from({name: section for name, section in whole.items() if section is not None})


def together(prepared: Prepared) -> dict[str, pd.DataFrame | None]:
    parts = list(prepared)
    frames: dict[str, pd.DataFrame | None] = {}
    for name in SORTED_BY:
        tables = [loose(getattr(part, name)) for part in parts]
        frames[name] = None if tables[0] is None else pd.concat(tables, ignore_index=True)
    return frames


def loose(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """Categories as their names: each bucket has its own."""
    if frame is None:
        return None
    named = [name for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(named, object))


def plain(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows by lead and time, in their file's order where these are equal."""
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def assert_same(prepared: Prepared, whole: Tables) -> None:
    assert set(prepared.manifest.notes) == set(whole.notes)
    assert prepared.manifest.extract_at == whole.extract_at
    for name, frame in together(prepared).items():
        expected = getattr(whole, name)
        if expected is None:
            assert frame is None, name
        else:
            assert frame is not None, name
            pd.testing.assert_frame_equal(
                plain(frame, SORTED_BY[name]), plain(loose(expected), SORTED_BY[name])
            )
    for number, tables in enumerate(prepared):
        assert set(buckets_of(tables.leads["lead_id"], len(prepared))) <= {number}
        assert tables.extract_at == whole.extract_at
        assert [str(kind) for kind in tables.leads.dtypes] == [str(kind) for kind in whole.leads.dtypes]
        for accounts, expected in zip(tables.accounts, whole.accounts, strict=True):
            pd.testing.assert_frame_equal(accounts, expected)
        for name, keys in SORTED_BY.items():
            frame = getattr(tables, name)
            if frame is not None:
                ordered = frame.sort_values(keys, kind="stable", ignore_index=True)
                pd.testing.assert_frame_equal(frame, ordered)
    if whole.label is not None:
        labels = pd.concat([tables.label for tables in prepared if tables.label is not None])
        ids = pd.concat([tables.leads["lead_id"] for tables in prepared])
        assert dict(zip(ids, labels, strict=True)) == dict(
            zip(whole.leads["lead_id"], whole.label, strict=True)
        )


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that every file has many."""
    monkeypatch.setattr(files, "PART_ROWS", 3)
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 128)


ids = st.sampled_from(["1", "01", "L-3", "ä", "b", "b "])
days = st.sampled_from(["2024-01-01", "2024-01-02 10:00", "2024-01-02T10:00:00.5", "2024-03-31 02:30", ""])
texts = st.sampled_from(["", "Select", "Ulm", "x,y", 'a "b"', "4", "4.5", "two\nlines"])
rows_of = {
    "leads.csv": (["id", "created", "town", "Town"], st.tuples(ids, days, texts, texts)),
    "events.csv": (
        ["who", "at", "kind", "page", "eid", "known", "value"],
        st.tuples(
            ids, days, st.sampled_from(["visit", "call", "form"]), texts,
            st.sampled_from(["", "e1", "e2", "e3", "e4"]), days, st.sampled_from(["", "1", "2.5"]),
        ),
    ),
    "outcomes.csv": (["who", "at", "end"], st.tuples(ids, days, st.sampled_from(["won", "lost"]))),
    "changes.csv": (["who", "what", "at", "value"], st.tuples(ids, st.just("town"), days, texts)),
}  # fmt: skip


def write_csv(path: Path, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    pd.DataFrame(rows, columns=columns, dtype="str").to_csv(path, index=False)


@st.composite
def companies(draw: st.DrawFn) -> dict[str, tuple[list[str], list[tuple[str, ...]]]]:
    return {name: (columns, draw(st.lists(row, max_size=12))) for name, (columns, row) in rows_of.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    company=companies(),
    buckets=st.integers(1, 4),
    by_rule=st.booleans(),
    span=st.fixed_dictionaries(
        {}, optional={"from": st.just(date(2024, 1, 2)), "extract_at": st.just(date(2024, 1, 2))}
    ),
)
def test_prepared_tables_are_those_that_are_read_whole(
    company: dict[str, tuple[list[str], list[tuple[str, ...]]]],
    buckets: int,
    by_rule: bool,
    span: dict[str, date],
    tmp_path_factory: pytest.TempPathFactory,
    small_parts: None,
) -> None:
    folder = tmp_path_factory.mktemp("company")
    for name, (columns, rows) in company.items():
        write_csv(folder / name, columns, rows)
    outcomes = {"won_when": {"event": "visit", "count": 2, "within": "2 days"}} if by_rule else OUTCOMES
    training = {"horizon": "30 days", "time_zone": "Europe/Berlin", **span}
    mapping = mapped(events=EVENTS, outcomes=outcomes, changes=CHANGES, training=training)
    whole = read_tables(mapping, folder, skip_bad_rows=True)
    prepared = prepare(mapping, folder, folder / "out", buckets=buckets, skip_bad_rows=True)
    assert_same(prepared, whole)


@pytest.mark.usefixtures("small_parts")
def test_a_silence_is_named_as_it_is_when_all_is_read_at_once(tmp_path: Path) -> None:
    lines = [f"{n},2024-01-0{1 + n % 9},Ulm" for n in range(300)]
    (tmp_path / "leads.csv").write_text("\n".join(["id,created,town", *lines]))
    events = "1,2024-01-10,visit,,e1,,\n1,2024-02-20,visit,,e1,,\n1,2024-03-20,visit,,e2,,\n"
    (tmp_path / "events.csv").write_text("who,at,kind,page,eid,known,value\n" + events)
    (tmp_path / "outcomes.csv").write_text("who,at,end\n1,1969-12-31 12:00,won\n1,1970-01-01,won\n")
    mapping = mapped(events=EVENTS, outcomes=OUTCOMES, training={"horizon": "30 days", "from": "2023-12-01"})
    prepared = prepare(mapping, tmp_path, tmp_path / "out", buckets=2)
    assert any("from 2024-01-11 to 2024-03-19: 69 days" in note for note in prepared.manifest.notes)
    assert_same(prepared, read_tables(mapping, tmp_path))
    early = mapped(events=EVENTS, outcomes=OUTCOMES)
    prepared = prepare(early, tmp_path, tmp_path / "out", buckets=2)
    assert any("from 1970-01-02 to 2023-12-31" in note for note in prepared.manifest.notes)
    assert_same(prepared, read_tables(early, tmp_path))


@pytest.mark.usefixtures("small_parts")
def test_bad_rows_are_refused_as_they_are_when_all_is_read_at_once(tmp_path: Path) -> None:
    lines = ["id,created,town"] + [f"{n},{'never' if n % 2 else '2024-01-01'},Ulm" for n in range(1, 101)]
    lines[50] += ",more"
    (tmp_path / "leads.csv").write_text("\n".join(lines))
    (tmp_path / "outcomes.csv").write_text("who,at,end\n1,soon,won\n")
    mapping = mapped(outcomes=OUTCOMES)
    with pytest.raises(InputError, match=r"(?s)row 2, column created.*31 more faults") as whole:
        read_tables(mapping, tmp_path)
    with pytest.raises(InputError, match=r"(?s)row 2, column created.*31 more faults") as prepared:
        prepare(mapping, tmp_path, tmp_path / "out")
    assert str(prepared.value) == str(whole.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "outcomes.csv"]
    written = prepare(mapping, tmp_path, tmp_path / "out", skip_bad_rows=True)
    rejects = pd.read_csv(written.folder / layout.REJECTS)
    assert len(rejects) == 52
    assert rejects.columns.tolist() == ["file", "row", "lead_id", "column", "found", "reason"]
    assert_same(written, read_tables(mapping, tmp_path, skip_bad_rows=True))


@pytest.mark.usefixtures("small_parts")
def test_columns_without_a_name_go_or_stay_as_the_whole_table_demands(tmp_path: Path) -> None:
    lines = [
        "id,created,,town,",
        *(f"{n},2024-01-0{n},,Ulm," for n in range(1, 9)),
        "9,2024-01-09,,Rom,x",
        "",
    ]
    (tmp_path / "leads.csv").write_text("\n".join([*lines, ",,,,"]))
    (tmp_path / "outcomes.csv").write_text("who,at,end\n1,2024-02-01,won\n")
    mapping = mapped(outcomes=OUTCOMES)
    prepared = prepare(mapping, tmp_path, tmp_path / "out", buckets=2)
    assert_same(prepared, read_tables(mapping, tmp_path))
    assert prepared.bucket(0).leads.columns.tolist() == ["lead_id", "created_at", "town", "column 5"]


@pytest.mark.usefixtures("small_parts")
def test_labels_are_judged_on_all_leads(tmp_path: Path) -> None:
    labels = ["", "No", "open", "OPEN", "Yes", "No", "No", "open", "none", "Yes"]
    lines = ["id,label,town", *(f"{n % 9},{label},Ulm" for n, label in enumerate(labels))]
    (tmp_path / "leads.csv").write_text("\n".join(lines))
    outcomes = {"label": "label", "outcomes": {"Yes": "won", "No": "lost", "open": "open"}}
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "id"}, "outcomes": outcomes})
    whole = read_tables(mapping, tmp_path)
    assert whole.label is not None
    assert any("('open' 2, 'OPEN' 1)" in note for note in whole.notes)
    assert_same(prepare(mapping, tmp_path, tmp_path / "out", buckets=3), whole)


def typed_leads() -> pd.DataFrame:
    """Columns that are typed in one part as they are not in another."""
    count = 20
    return pd.DataFrame(
        {
            "id": [f"L{n % 18}" for n in range(count)],
            "created": pd.date_range("2024-01-01", periods=count, freq="h", tz="Europe/Berlin"),
            "late_gap": [None] * count,
            "seats": range(count),
            "is_known": [None] * 10 + [True, False] * 5,
            "rare": [None] * 19 + ["x"],
            "never": [None] * count,
            "kind": pd.Categorical(["a", "b"] * 9 + [None, "c"]),
            "opened": pd.date_range("2020-01-01", periods=count, freq="D"),
            "tags": [[str(n), "x"] if n % 3 else None for n in range(count)],
            "share": np.linspace(0, 1, count),
        }
    )


@pytest.mark.usefixtures("small_parts")
def test_typed_columns_have_the_types_of_the_whole(tmp_path: Path) -> None:
    leads = typed_leads()
    columns = arrow_table(leads).to_pydict() | {"late_gap": pa.array([*range(19), None], pa.int64())}
    kind = pa.array(leads["kind"])
    opened = pa.array(leads["opened"])
    pq.write_table(pa.table(columns | {"kind": kind, "opened": opened}), tmp_path / "leads.csv")
    pq.write_table(
        pa.table(
            {"who": ["L1", "L2"], "at": pd.to_datetime(["2024-02-01", "2024-02-02"]), "end": ["won", "lost"]}
        ),
        tmp_path / "outcomes.csv",
    )
    pq.write_table(
        pa.table(
            {"who": ["L1"] * 7, "what": ["seats"] * 7, "at": ["2024-01-02"] * 7, "value": [*range(6), None]}
        ),
        tmp_path / "changes.csv",
    )
    mapping = mapped(outcomes=OUTCOMES, changes=CHANGES)
    whole = read_tables(mapping, tmp_path)
    assert str(whole.leads["late_gap"].dtype) == "float64"
    assert_same(prepare(mapping, tmp_path, tmp_path / "out", buckets=3), whole)


@pytest.mark.usefixtures("small_parts")
def test_a_query_is_read_as_the_whole_answer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = create_engine(url)
    leads = typed_leads()[["id", "created", "seats", "rare", "never", "share"]].assign(created="2024-01-01")
    leads.to_sql("leads", engine, index=False)
    pd.DataFrame({"who": ["L1"], "at": ["2024-02-01"], "end": ["won"]}).to_sql("ends", engine, index=False)
    engine.dispose()
    source = {"url": url, "query": "SELECT * FROM leads"}
    ends = {"url": url, "query": "SELECT * FROM ends"}
    mapping = mapped(
        leads={**source, "id": "id", "created_at": "created"},
        outcomes={**ends, "lead_id": "who", "occurred_at": "at", "outcome": "end"},
    )
    assert_same(prepare(mapping, tmp_path, tmp_path / "out", buckets=2), read_tables(mapping, tmp_path))


def test_an_event_id_counts_once_over_all_leads_and_the_newest_time_is_of_those_that_count(
    tmp_path: Path,
) -> None:
    (tmp_path / "leads.csv").write_text("id,created\n1,2024-01-01\n2,2024-01-01\n")
    (tmp_path / "events.csv").write_text(
        "who,at,kind,page,eid,known,value\n"
        "1,2025-01-05,visit,,e1,,\n2,2024-01-03,visit,,e1,,\n1,2024-01-03,visit,,e1,2024-01-02,\n"
    )
    mapping = mapped(events=EVENTS)
    prepared = prepare(mapping, tmp_path, tmp_path / "out", buckets=5)
    assert_same(prepared, read_tables(mapping, tmp_path))
    assert prepared.manifest.extract_at == pd.Timestamp("2024-01-03T23:59:59.999999Z")
    assert sum(prepared.manifest.tables["events"].rows) == 1
    assert "events.csv: 2 rows repeat an event id; the one known first counts" in prepared.manifest.notes


def test_the_bucket_of_a_lead_is_that_of_gzips_checksum() -> None:
    found = buckets_of(pd.Series(["L-1", "ä", "L-1"], dtype="str"), 7).tolist()
    assert found == [zlib.crc32(text.encode()) % 7 for text in ("L-1", "ä", "L-1")] == [5, 1, 5]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    folder = tmp_path / "it's a [folder] *"
    folder.mkdir()
    (folder / "leads.csv").write_text("id,created,town\n1,2024-01-01,Ulm\n2,2024-01-02,Rom\n")
    (folder / "outcomes.csv").write_text("who,at,end\n1,2024-02-01,won\n")
    return folder


def test_the_folder_can_have_any_name_and_is_replaced_when_it_is_written_again(company: Path) -> None:
    out = company / "out"
    prepare(mapped(outcomes=OUTCOMES), company, out, buckets=2)
    (company / "leads.csv").write_text("id,created,town\n7,2024-01-01,Ulm\n")
    again = prepare(mapped(outcomes=OUTCOMES), company, out, buckets=1)
    assert again.bucket(0).leads["lead_id"].tolist() == ["7"]
    assert sorted(path.name for path in company.iterdir()) == ["leads.csv", "out", "outcomes.csv"]


def test_other_folders_are_left_alone(company: Path) -> None:
    with pytest.raises(InputError, match="an empty folder, or a prepared history"):
        prepare(mapped(outcomes=OUTCOMES), company, company)
    with pytest.raises(InputError, match="a folder, found the file"):
        prepare(mapped(outcomes=OUTCOMES), company, company / "leads.csv")
    with pytest.raises(InputError, match="a folder in one that is there"):
        prepare(mapped(outcomes=OUTCOMES), company, company / "no" / "out")


def test_a_torn_or_foreign_folder_is_said(company: Path) -> None:
    prepared = prepare(mapped(outcomes=OUTCOMES), company, company / "out", buckets=1)
    with pytest.raises(InputError, match=r"no prepared\.json in it"):
        Prepared.open(company)
    leads = layout.bucket_file(prepared.folder, "leads", 0)
    content = leads.read_bytes()
    leads.write_bytes(content[:-1])
    with pytest.raises(InputError, match=r"bytes, found .* It is damaged"):
        Prepared.open(prepared.folder)
    leads.write_bytes(b"x" * len(content))
    with pytest.raises(InputError, match="a bucket, found"):
        Prepared.open(prepared.folder).bucket(0)
    (prepared.folder / layout.MANIFEST).write_text(json.dumps({"format": "leadlens-prepared-0"}))
    with pytest.raises(InputError, match="a manifest of this version"):
        Prepared.open(prepared.folder)


def test_two_runs_do_not_write_one_folder(company: Path) -> None:
    with unfinished(company / "out") as work:
        (work / "whole" / "x").touch()
        with pytest.raises(RefusedError, match="Another run is preparing"):
            prepare(mapped(outcomes=OUTCOMES), company, company / "out")


def test_a_limit_that_is_no_size_is_said(company: Path) -> None:
    with pytest.raises(InputError, match=r"--memory-limit: expected a size such as 2GB, found 'much'"):
        prepare(mapped(outcomes=OUTCOMES), company, company / "out", memory_limit="much")
    assert not (company / "out").exists()


KILLED = """
import sys, time
from pathlib import Path
from features.mapping import read_mapping
from features.prepared.write import prepare
folder = Path(sys.argv[1])
def report(step):
    print(step, flush=True)
    if step.startswith(sys.argv[2]):
        time.sleep(60)
prepare(read_mapping(folder / "leadlens.toml"), folder, folder / "out", buckets=2, report=report)
"""
MAPPING = """
[leads]
path = "leads.csv"
id = "id"
created_at = "created"
[outcomes]
path = "outcomes.csv"
lead_id = "who"
occurred_at = "at"
outcome = "end"
[training]
horizon = "30 days"
"""


@pytest.mark.parametrize("step", ["reading leads", "writing bucket 2"])
def test_a_run_that_is_killed_leaves_nothing_that_looks_whole(company: Path, step: str) -> None:
    (company / "leadlens.toml").write_text(MAPPING)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, company, step], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert any(line.startswith(step) for line in run.stdout)
        run.send_signal(signal.SIGKILL)
    assert not (company / "out").exists()
    mapping = read_mapping(company / "leadlens.toml")
    assert_same(prepare(mapping, company, company / "out", buckets=2), read_tables(mapping, company))
    assert {path.name for path in company.iterdir()} == {"leadlens.toml", "leads.csv", "outcomes.csv", "out"}


def test_no_room_is_said_and_leaves_nothing(company: Path) -> None:
    (company / "leads.csv").write_text(
        "id,created,town\n" + "".join(f"{n},2024-01-01,{zlib.crc32(b'%d' % n)}\n" for n in range(20_000))
    )
    (company / "leadlens.toml").write_text(MAPPING)
    program = KILLED.replace("import sys, time", "import resource, sys, time").replace(
        "folder = Path", "resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))\nfolder = Path"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, company, "-"], capture_output=True, text=True, check=False
    )
    assert "InputError" in run.stderr, run.stderr
    assert "room on its disk, found File too large" in run.stderr
    assert {path.name for path in company.iterdir()} == {"leadlens.toml", "leads.csv", "outcomes.csv"}
