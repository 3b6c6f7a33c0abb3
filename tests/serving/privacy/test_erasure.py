"""One person is handed out whole, and erased without a trace; the ledger stays provable."""

from __future__ import annotations

import json
import math
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from recorded import HOUR, T0, Desk
from rows_about import put_rows_about

from features.errors import Fault
from serving.access.audit_log import acts_page
from serving.held_files import new_held_file
from serving.history.leads import LeadSent, keep_leads
from serving.history.merging import merge_leads
from serving.jobs.job_files import JobFiles
from serving.jobs.job_store import JobSource, claim_job, find_job, finish_job, make_job
from serving.ledger.chain import packed, seal
from serving.ledger.check import verify
from serving.privacy.erasure import erase_lead, export_lead
from serving.store.database import StoreBusyError
from serving.store.idempotency import Remembered, remember
from serving.store.schema import CONTACTS, LEADS, LEDGER_PAYLOADS, METADATA, SCORE_JOBS
from serving.store.schema_selling import OF_LEADS
from serving.wire.problems import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.store.database import Store

VALUE = "Wilhelmine-Unique-Value"
EMAIL = "wilhelmine@unique.example"
SAID = "no-budget-this-one"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A store with a person under two ids, merged and scored, and a hundred others."""
    desk = Desk(store, tmp_path / "home")
    others = [LeadSent(f"other {at}", T0, {"country": "DE", "note": f"text {at}" * 30}) for at in range(100)]
    numbers = [kept.number for kept in store.write(lambda c: keep_leads(c, others, T0))]
    number = desk.lead("person-one", country="DE", name=VALUE, email=EMAIL)
    desk.lead("person-two", country="AT", name=f"{VALUE} the second")
    desk.event("person-one", T0 + HOUR)
    desk.event("person-two", T0 + HOUR)
    desk.lead("person-one", T0 + 2 * HOUR, name=f"{VALUE}, married")
    contact = CONTACTS.insert().values(lead=number, kind="email", value=EMAIL)
    store.write(lambda c: c.execute(contact))
    desk.recorder.score_now("person-one", T0 + 3 * HOUR, None)
    desk.recorder.score_now("person-two", T0 + 3 * HOUR, None)
    desk.recorder.rescore(numbers[:5], T0 + 3 * HOUR)
    desk.outcome("person-two", "lost", T0 + 3 * HOUR)
    desk.event("person-two", T0 + 4 * HOUR)
    store.write(lambda c: seal(c, T0 + 3 * HOUR))
    store.write(lambda c: merge_leads(c, "person-one", ["person-two"], T0 + 4 * HOUR))
    desk.recorder.score_now("person-one", T0 + 60 * HOUR, None)
    store.write(lambda c: _said_of(c, number, numbers[9]))
    return desk


def _said_of(connection: sa.Connection, number: int, other: int) -> None:
    for table in OF_LEADS:
        connection.execute(sa.delete(table).where(table.c.lead.in_([number, other])))
    put_rows_about(connection, number, SAID)
    put_rows_about(connection, other, "of another")


def rows_by_table(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        count = sa.func.count()
        tables = METADATA.sorted_tables
        return {t.name: connection.execute(sa.select(count).select_from(t)).scalar_one() for t in tables}


def test_the_number_of_an_erased_lead_is_nobody_else_s(desk: Desk) -> None:
    with desk.store.reading() as connection:
        newest = connection.execute(sa.select(sa.func.max(LEADS.c.number))).scalar_one()
    erase_lead(desk.store, desk.home, "person-one", T0 + 61 * HOUR, "admin")
    # Whoever read the lead before and writes its score now must not find another in its place.
    assert desk.lead("stranger", country="DE") > newest


def test_an_export_holds_everything_of_a_person_by_any_of_the_ids(desk: Desk) -> None:
    with desk.store.reading() as connection:
        told = export_lead(connection, "person-two")
        again = export_lead(connection, "person-one")
        assert export_lead(connection, "nobody") is None
    assert told is not None
    assert told["leads"] == (again or {})["leads"]
    text = json.dumps(told, allow_nan=False)
    assert all(told[table.name] for table in OF_LEADS)
    assert "of another" not in text
    for value in (SAID, VALUE, f"{VALUE}, married", f"{VALUE} the second", EMAIL, "person-one", "person-two"):
        assert value in text
    assert {row["lead_id"] for row in told["leads"]} == {"person-one", "person-two"}
    assert {row["lead_id"] for row in told["aliases"]} == {"person-one", "person-two"}
    assert len(told["events"]) == 3
    assert [row["outcome"] for row in told["outcomes"]] == ["lost"]
    assert len(told["scores"]) >= 2
    assert all(score["answer"]["lead_id"].startswith("person-") for score in told["scores"])
    assert told["leads"][0]["created_at"].endswith("Z")
    assert "other 7" not in text


def test_numbers_that_json_cannot_say_are_told_in_words(desk: Desk) -> None:
    numbers = [1.5, math.nan, math.inf, -math.inf]
    vector = packed(np.asarray(numbers))
    update = sa.update(LEDGER_PAYLOADS).values(vector=vector, margin=math.inf)
    desk.store.write(lambda connection: connection.execute(update))
    with desk.store.reading() as connection:
        told = export_lead(connection, "person-one")
    assert told is not None
    json.dumps(told, allow_nan=False)
    assert told["scores"][0]["vector"] == [1.5, None, "Infinity", "-Infinity"]
    assert told["scores"][0]["margin"] == "Infinity"


def test_an_erased_person_is_in_no_row_and_in_no_file_and_the_ledger_verifies(
    desk: Desk, tmp_path: Path
) -> None:
    before = rows_by_table(desk.store)
    done = erase_lead(desk.store, desk.home, "person-two", T0 + 99 * HOUR, "key-1")
    assert (done.leads, done.payloads >= 2) == (2, True)
    with desk.store.reading() as connection:
        assert export_lead(connection, "person-one") is None
        everything = json.dumps(
            [[list(map(str, row)) for row in connection.execute(t.select())] for t in METADATA.sorted_tables]
        )
        acts = acts_page(connection)
    for value in (SAID, VALUE, EMAIL, "person-one", "person-two"):
        assert value not in everything
    assert everything.count("of another") > len(OF_LEADS)
    after = rows_by_table(desk.store)
    assert after["leads"] == before["leads"] - 2
    assert after["ledger_headers"] == before["ledger_headers"]
    assert after["ledger_payloads"] == before["ledger_payloads"] - done.payloads
    found = verify(desk.store)
    assert (found.wrong, found.erased) == (0, done.payloads)
    assert (acts[0].act, acts[0].actor, acts[0].about["leads"]) == ("lead erased", "key-1", 2)
    if desk.store.is_sqlite:
        assert done.is_gone_from_files
        held = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert len(held) >= 2
        for value in (SAID, VALUE, EMAIL, "person-one", "person-two"):
            assert all(value.encode() not in content for content in held), value


def test_erasing_somebody_unknown_changes_nothing(desk: Desk) -> None:
    before = rows_by_table(desk.store)
    assert erase_lead(desk.store, desk.home, "nobody", T0, "key-1").leads == 0
    assert rows_by_table(desk.store) == before


def test_others_keep_their_records(desk: Desk) -> None:
    with desk.store.reading() as connection:
        others = export_lead(connection, "other 3")
    erase_lead(desk.store, desk.home, "person-one", T0 + 99 * HOUR, "key-1")
    with desk.store.reading() as connection:
        assert export_lead(connection, "other 3") == others
        kept = connection.execute(sa.select(sa.func.count()).select_from(LEDGER_PAYLOADS)).scalar_one()
    assert kept == 5


@pytest.mark.parametrize("kind", ["csv", "parquet", "unreadable"])
def test_score_jobs_in_whose_files_the_person_stands_are_removed(
    desk: Desk, kind: str, tmp_path: Path
) -> None:
    theirs, others = (desk.home / "score-jobs" / name for name in ("a" * 32, "b" * 32))
    for folder, lead_id in ((theirs, "person-two"), (others, "another-three")):
        folder.mkdir(parents=True)
        table = pd.DataFrame({"id": ["other 1", lead_id], "x": [1, 2]})
        if kind == "parquet":
            table.to_parquet(folder / "input.parquet")
        elif kind == "csv":
            table.to_csv(folder / "result.csv", index=False)
        else:
            (folder / "input.csv").write_bytes(b"id\n" if lead_id == "another-three" else b'\0\xff"\n')
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert done.jobs == 1
    assert not theirs.exists()
    assert others.exists()


def test_texts_that_others_have_tell_nobody_and_own_ones_do(desk: Desk) -> None:
    kept, gone = (desk.home / "score-jobs" / name for name in ("a" * 32, "b" * 32))
    for folder, text in ((kept, "DE,text 3text 3,1"), (gone, f"DE,{VALUE.upper()},2")):
        folder.mkdir(parents=True)
        (folder / "input.csv").write_text(f"country,note,n\n{text}\n")
    desk.lead("person-one", T0 + 3 * HOUR, note="text 3text 3")
    desk.lead("other 3", T0 + 3 * HOUR, note="text 3text 3")
    erase_lead(desk.store, desk.home, "person-one", T0 + 99 * HOUR, "key-1")
    assert (kept.exists(), gone.exists()) == (True, False)


@pytest.mark.parametrize(
    ("own", "of_another"),
    [
        ("sales manager", "Sales Manager"),
        ("SALES MANAGER ", "Sales manager"),
        ("leiter einkauf münchen", "Leiter Einkauf MÜNCHEN"),
        ("ÖSTERREICHISCHE POST", "österreichische Post"),
        ("Hauptstraße 5, Köln", "HAUPTSTRASSE 5, KÖLN"),
        ("hauptstrasse", "Hauptstraße"),
        ("Διευθυντής", "ΔΙΕΥΘΥΝΤΉΣ"),
        ('chief "revenue" officer', 'Chief "Revenue" Officer'),
    ],
)
def test_a_text_that_another_has_in_other_capitals_tells_nobody(
    desk: Desk, own: str, of_another: str
) -> None:
    kept = desk.home / "score-jobs" / ("a" * 32)
    kept.mkdir(parents=True)
    pd.DataFrame({"title": [of_another]}).to_parquet(kept / "input.parquet")
    desk.lead("person-one", T0 + 3 * HOUR, title=own)
    desk.lead("other 3", T0 + 3 * HOUR, title=of_another)
    erase_lead(desk.store, desk.home, "person-one", T0 + 99 * HOUR, "key-1")
    assert kept.exists()


@pytest.mark.parametrize("own", ["Vertriebschefin Süd", "vertriebschefin"])
def test_a_text_that_is_but_part_of_what_another_has_tells_the_person(desk: Desk, own: str) -> None:
    gone = desk.home / "score-jobs" / ("a" * 32)
    gone.mkdir(parents=True)
    (gone / "input.csv").write_text(f"title\n{own.upper()}\n", encoding="utf-8")
    desk.lead("person-one", T0 + 3 * HOUR, title=own)
    desk.lead("other 3", T0 + 3 * HOUR, title="Vertriebschefin SÜDEN")
    erase_lead(desk.store, desk.home, "person-one", T0 + 99 * HOUR, "key-1")
    assert not gone.exists()


HELD = {
    "an id": "row,lead_id,column,found,reason\n2,person-two,n,'x','x is none'\n",
    "an address": f"row,lead_id,column,found,reason\n2,other 1,n,'{EMAIL.upper()}',it is none\n",
    "an own text": f"row,lead_id,column,found,reason\n2,other 1,n,'{VALUE}',it is none\n",
    "a number": "row,lead_id,column,found,reason\n2,other 1,n,030 901820,it is none\n",
    "a cell of nobody": "row,lead_id,column,found,reason\n2,,n,'4th of June',it is none\n",
}


@pytest.mark.parametrize("content", HELD.values(), ids=HELD)
def test_rejects_that_hold_the_person_or_anybody_are_removed(desk: Desk, content: str) -> None:
    [number] = [row.number for row in desk.rows(LEADS) if row.lead_id == "person-one"]
    contact = CONTACTS.insert().values(lead=number, kind="phone", value="+4930901820")
    desk.store.write(lambda c: c.execute(contact))
    job = desk.home / "score-jobs" / ("a" * 32)
    job.mkdir(parents=True)
    for path in (job / "rejects.csv", desk.home / "import-rejects.csv"):
        path.write_text(content)
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert not job.exists()
    assert not (desk.home / "import-rejects.csv").exists()


def test_rejects_of_others_are_kept(desk: Desk) -> None:
    path = desk.home / "import-rejects.csv"
    path.write_text("file,row,lead_id,column,found,reason\nf,2,other 1,n,'x',none\nf,3,,,5 cells,too many\n")
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert path.exists()


def a_job(desk: Desk, job_id: str, source: JobSource) -> None:
    desk.store.write(lambda c: make_job(c, job_id, key_id="k", source=source, as_of=None, now=T0))


def test_jobs_under_way_with_the_person_in_their_input_are_cancelled(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "theirs.csv").write_text("lead_id,n\nperson-two,1\n")
    (folder / "others.csv").write_text("lead_id,n\nother 1,1\n")
    files = JobFiles(desk.home, folder)
    ids = [letter * 32 for letter in "abcd"]
    a_job(desk, ids[0], JobSource(uploaded=True, leads="input.csv"))
    with files.create(ids[0], "input", "csv") as file:
        file.write(b"lead_id,n\nperson-one,1\n")
    claimed = claim_job(desk.store, "worker", T0, HOUR)
    for job_id, name in zip(ids[1:], ("theirs.csv", "others.csv", "gone.csv"), strict=True):
        a_job(desk, job_id, JobSource(uploaded=False, leads=name))
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1", folder)
    with desk.store.reading() as connection:
        found = [find_job(connection, job_id) for job_id in ids]
    assert claimed is not None
    assert [(job.state, job.cancel_asked) for job in found if job] == [
        ("running", True), ("cancelled", True), ("waiting", False), ("waiting", False)
    ]  # fmt: skip
    assert not files.folder(ids[0]).exists()
    assert (folder / "theirs.csv").exists()


def test_what_a_failed_job_says_of_the_person_is_forgotten(desk: Desk) -> None:
    a_job(desk, "a" * 32, JobSource(uploaded=False, leads="x.csv"))
    job = claim_job(desk.store, "worker", T0, HOUR)
    assert job is not None
    fault = Fault("x.csv, row 2", "a number", repr(VALUE))
    said = partial(finish_job, job=job, who="worker", now=T0, problem=invalid([fault]))
    desk.store.write(said)
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert VALUE not in str(desk.rows(SCORE_JOBS))


def test_a_broken_off_upload_goes_and_one_that_arrives_stays(desk: Desk) -> None:
    left, arrives = (desk.home / "uploads" / name for name in ("left.csv", "arrives.csv"))
    new_held_file(left).close()
    with new_held_file(arrives):
        erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
        assert (left.exists(), arrives.exists()) == (False, True)


def test_no_file_of_the_home_holds_any_value_of_an_erased_person(desk: Desk) -> None:
    """All that a home may hold of a person: what a job, an import, a broken-off upload, a repeat left."""
    key = f"for {VALUE}"
    desk.store.write(lambda c: remember(c, "key-1", key, "a" * 64, Remembered(200, ["kept"]), T0))
    job = desk.home / "score-jobs" / ("c" * 32)
    job.mkdir(parents=True)
    (job / "result.csv").write_text("lead_id,score\nother 1,3\n")
    (job / "rejects.csv").write_text(f"row,lead_id,column,found,reason\n3,person-two,n,{EMAIL},no number\n")
    columns = "file,row,lead_id,column,found,reason"
    (desk.home / "import-rejects.csv").write_text(f"{columns}\nf,2,,n,{VALUE},x\n")
    with new_held_file(desk.home / "uploads" / "left") as file:
        file.write(f"person-one,{VALUE}".encode())
    erase_lead(desk.store, desk.home, "person-one", T0 + 99 * HOUR, "key-1")
    homes = {desk.home}
    if desk.store.is_sqlite:
        homes.add(Path(str(desk.store.engine.url.database)).parent)
    held = [path.read_bytes() for home in homes for path in home.rglob("*") if path.is_file()]
    rows = str([desk.rows(table) for table in METADATA.sorted_tables])
    for value in (VALUE, EMAIL, "person-one", "person-two", key):
        assert value not in rows
        assert all(value.encode() not in content for content in held), value


def at_statements(store: Store, *steps: tuple[str, Callable[[], object]]) -> None:
    """Do something before the first statement that begins so, then before the next that begins otherwise."""
    left = [*steps]

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if left and " ".join(statement.split()).startswith(left[0][0]):
            left.pop(0)[1]()

    sa.event.listen(store.engine, "before_cursor_execute", look)


def is_busy() -> None:
    raise StoreBusyError("the store is held by others")


@pytest.mark.parametrize("words", ["UPDATE score_jobs", "DELETE FROM leads"])
def test_an_erasure_that_breaks_off_is_done_again_under_the_same_id(desk: Desk, words: str) -> None:
    a_job(desk, "a" * 32, JobSource(uploaded=True, leads="input.csv"))
    with JobFiles(desk.home).create("a" * 32, "input", "csv") as file:
        file.write(b"lead_id,n\nperson-one,1\n")
    at_statements(desk.store, (words, is_busy))
    with pytest.raises(StoreBusyError, match="held by others"):
        erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert (done.leads, done.is_gone_from_home) == (2, True)
    assert not JobFiles(desk.home).folder("a" * 32).exists()
    with desk.store.reading() as connection:
        job = find_job(connection, "a" * 32)
    assert job is not None
    assert job.state == "cancelled"


def test_what_comes_into_the_home_while_the_rows_go_goes_too(desk: Desk) -> None:
    new, changed, kept = (JobFiles(desk.home).folder(letter * 32) for letter in "abc")
    for folder in (changed, kept):
        folder.mkdir(parents=True)
        (folder / "input.csv").write_text("lead_id,n\nx,y\n")

    def comes() -> None:
        new.mkdir(parents=True)
        for folder in (new, changed):
            (folder / "input.csv").write_text(f"lead_id,n\nx,{VALUE}\n")

    at_statements(desk.store, ("DELETE FROM leads", comes))
    assert erase_lead(desk.store, desk.home, "person-one", T0, "key-1").jobs == 2
    assert (new.exists(), changed.exists(), kept.exists()) == (False, False, True)


def test_that_the_home_was_not_looked_through_again_is_said_and_no_error(desk: Desk) -> None:
    """An error would say that nothing was written, and the same request would find nobody."""
    at_statements(desk.store, ("DELETE FROM leads", lambda: None), ("SELECT score_jobs", is_busy))
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert (done.leads, done.is_gone_from_home) == (2, False)


def of_one_name(*names: str) -> pa.Table:
    return pa.Table.from_arrays([pa.array(["other 1"]), pa.array(["person-two"])], names=[*names])


HOSTILE = {
    "two columns of one name": of_one_name("x", "x"),
    "two columns of almost one name": of_one_name("x", "x "),
    "a day after the year 9999": pa.table({"x": pa.array([4_000_000], pa.date32())}),
    "much in little": pa.table({"x": pa.DictionaryArray.from_arrays([0] * 1_000, ["x" * 10_000])}),
    "no Parquet inside": b"PAR1" + b"\0" * 100,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_read_may_hold_anybody_and_stops_no_erasure(
    desk: Desk, content: pa.Table | bytes
) -> None:
    path = desk.home / "score-jobs" / ("a" * 32) / "input.parquet"
    path.parent.mkdir(parents=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(content, path, store_schema=False)
    limit = 1_000_000
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1", decoded_limit_bytes=limit)
    assert (done.leads, done.jobs) == (2, 1)
    assert not path.exists()


def test_rejects_that_cannot_be_read_are_removed(desk: Desk) -> None:
    path = desk.home / "import-rejects.csv"
    path.write_text("row,lead_id,column,found\n2,other 1,n," + "x" * 200_000 + "\n")
    assert erase_lead(desk.store, desk.home, "person-one", T0, "key-1").leads == 2
    assert not path.exists()


def test_what_a_worker_is_writing_and_what_is_empty_stays(desk: Desk) -> None:
    folder = desk.home / "score-jobs" / ("a" * 32)
    (folder / "work-1").mkdir(parents=True)
    (folder / "work-1" / "result.parquet").write_bytes(b"PAR1" + b"\0" * 100)
    (folder / "input.csv").touch()
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert (folder / "work-1" / "result.parquet").exists()


def a_link(path: Path) -> None:
    path.symlink_to(path.name)  # which leads nowhere, in a circle


ODD_PATHS = [f"score-jobs/{'a' * 32}/{name}" for name in ("rejects.csv", "input.csv", "x", "work-1")]
ODD_PATHS += ["uploads/x", "import-rejects.csv", "score-jobs/x", f"score-jobs/{'a' * 32}"]


@pytest.mark.timeout(20)  # who opens a pipe waits for ever
@pytest.mark.parametrize("make", [os.mkfifo, a_link, Path.mkdir], ids=["pipe", "link", "folder"])
@pytest.mark.parametrize("odd", [*ODD_PATHS, "uploads", "score-jobs"])
def test_no_odd_entry_of_the_home_stops_an_erasure(
    desk: Desk, odd: str, make: Callable[[Path], object]
) -> None:
    path = desk.home / odd
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert (done.leads, done.is_gone_from_home) == (2, True)


@pytest.mark.parametrize("odd", ["uploads/x", f"score-jobs/{'a' * 32}", "score-jobs/d4"])
def test_links_go_and_what_they_lead_to_stays(desk: Desk, tmp_path: Path, odd: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "input.csv").write_text(f"lead_id,n\nx,{VALUE}\n")
    (desk.home / odd).parent.mkdir(parents=True)
    (desk.home / odd).symlink_to(elsewhere)
    assert erase_lead(desk.store, desk.home, "person-one", T0, "key-1").leads == 2
    assert not (desk.home / odd).is_symlink()
    assert (elsewhere / "input.csv").exists()


@pytest.mark.timeout(20)  # as above
def test_a_pipe_among_the_uploads_goes(desk: Desk) -> None:
    pipe = desk.home / "uploads" / "pipe"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert not pipe.exists()


@pytest.mark.parametrize(
    ("content", "stays"),
    [
        (f"lead_id,n\nx,{VALUE}\n".encode(), False),
        (b"PAR1" + b"\0" * 100, False),
        (b"lead_id,n\n" + b"x,y\n" * 1_000, False),
        (b"lead_id,n\nother 1,y\n", True),
    ],
    ids=["the person", "no table", "too much", "others"],
)
def test_a_file_beside_the_folders_of_jobs_goes_where_it_may_hold_the_person(
    desk: Desk, content: bytes, stays: bool
) -> None:
    path = desk.home / "score-jobs" / "copy.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1", decoded_limit_bytes=2_000)
    assert (path.exists(), done.jobs) == (stays, 0)
