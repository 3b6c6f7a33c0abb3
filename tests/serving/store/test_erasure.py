"""One person is handed out whole, and erased without a trace; the ledger stays provable."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from recorded import HOUR, T0, Desk

from serving.access.audit_log import acts_page
from serving.store.erasure import erase_lead, export_lead
from serving.store.leads import LeadSent, keep_leads
from serving.store.ledger import packed, seal
from serving.store.ledger_check import verify
from serving.store.merging import merge_leads
from serving.store.schema import CONTACTS, LEDGER_PAYLOADS, METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from serving.store.database import Store

VALUE = "Wilhelmine-Unique-Value"
EMAIL = "wilhelmine@unique.example"


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
    return desk


def rows_by_table(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        count = sa.func.count()
        tables = METADATA.sorted_tables
        return {t.name: connection.execute(sa.select(count).select_from(t)).scalar_one() for t in tables}


def test_an_export_holds_everything_of_a_person_by_any_of_the_ids(desk: Desk) -> None:
    with desk.store.reading() as connection:
        told = export_lead(connection, "person-two")
        again = export_lead(connection, "person-one")
        assert export_lead(connection, "nobody") is None
    assert told is not None
    assert told["leads"] == (again or {})["leads"]
    text = json.dumps(told, allow_nan=False)
    for value in (VALUE, f"{VALUE}, married", f"{VALUE} the second", EMAIL, "person-one", "person-two"):
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
    assert done is not None
    assert (done.leads, done.payloads >= 2) == (2, True)
    with desk.store.reading() as connection:
        assert export_lead(connection, "person-one") is None
        everything = json.dumps(
            [[list(map(str, row)) for row in connection.execute(t.select())] for t in METADATA.sorted_tables]
        )
        acts = acts_page(connection)
    for value in (VALUE, EMAIL, "person-one", "person-two"):
        assert value not in everything
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
        for value in (VALUE, EMAIL, "person-one", "person-two"):
            assert all(value.encode() not in content for content in held), value


def test_erasing_somebody_unknown_changes_nothing(desk: Desk) -> None:
    before = rows_by_table(desk.store)
    assert erase_lead(desk.store, desk.home, "nobody", T0, "key-1") is None
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
    for folder, lead_id in ((theirs, "person-two"), (others, "person-three")):
        folder.mkdir(parents=True)
        table = pd.DataFrame({"id": ["other 1", lead_id], "x": [1, 2]})
        if kind == "parquet":
            table.to_parquet(folder / "input.parquet")
        elif kind == "csv":
            table.to_csv(folder / "result.csv", index=False)
        else:
            (folder / "input.csv").write_bytes(b"\0\xff" + lead_id.encode("utf-16-le") + b'"\n"')
    done = erase_lead(desk.store, desk.home, "person-one", T0, "key-1")
    assert done is not None
    assert done.jobs == 1
    assert not theirs.exists()
    assert others.exists()
