"""The store gives a lead at a moment as the tables give it: to the bit, or training and serving disagree."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, Company, a_mapping, dated_company, day, generated_tables, tables
from stored_company import put_tables

from features.history import History
from features.mapping import Mapping
from features.snapshots import Lives
from features.tables import Tables
from models.score import Score
from serving.scoring.known import KnownLeads
from serving.store.database import Store
from serving.store.schema import LEADS

ACCOUNTS = [
    {"path": "own.csv", "key": "domain", "lead_key": "email", "known_from": "known_from"},
    {"path": "bought.csv", "key": "domain", "lead_key": "email", "known_from": "known_from"},
]
MOMENTS = (-5, 0, 3, 40.5, 77, 120, 180.25, 260, 399)


def a_company(leads: int = 60, seed: int = 5) -> tuple[Tables, Mapping]:
    """A company with all that a store can hold: changes, late events, accounts, wins and losses."""
    rng = np.random.default_rng(seed)
    rows, acts, ends = generated_tables(leads, seed=seed)
    for act in acts:
        if rng.random() < 0.3:
            act["known_at"] = act["occurred_at"] + int(rng.integers(0, 30)) * 86_400_000_000
        act["value"] = float(rng.normal()) if rng.random() < 0.3 else None
    changes = [
        {
            "lead_id": row["lead_id"],
            "column": str(column),
            "changed_at": day(float(rng.integers(0, 300))),
            "value": value,
        }
        for row in rows
        for column, value in (
            ("country", str(rng.choice(["DE", "FR", "Select"]))),
            ("email", f"x@{rng.choice(['acme.example', 'freemail.example'])}"),
            (HOSTILE_NAME, None if rng.random() < 0.4 else float(rng.integers(1, 900))),
            ("newsletter", bool(rng.random() < 0.5)),
            ("interests", ["crm", "ads"] if rng.random() < 0.5 else "mail"),
        )
        for _ in range(int(rng.integers(0, 3)))
    ]
    accounts = [
        {"key": "acme.example", "known_from": day(60), "country": "BR", "utm_source": "fair"},
        {"key": "acme.example", "known_from": None, "country": "US"},
        {"key": "freemail.example", "known_from": day(150), "country": None, "size": 12},
    ]
    more = [{"key": "acme.example", "known_from": day(20), "job_title": "CEO", "size": 7}]
    mapping = a_mapping(
        leads={
            "path": "l.csv",
            "id": "lead_id",
            "created_at": "created_at",
            "missing": ["Select"],
            "exclude": ["utm_source"],
            "multi": {"interests": ";"},
        },
        accounts=ACCOUNTS,
    )
    whole = tables(rows, events=acts, changes=changes, outcomes=ends, accounts=accounts, more_accounts=[more])
    return whole, mapping


def numbers_of_all(company: Tables, at: dict[str, int]) -> list[int]:
    return [at[lead_id] for lead_id in company.leads["lead_id"]]


def said(company: Company, batch: Any) -> list[tuple[str, float, int]]:
    scores = [score for score in company.scorer.score(batch) if isinstance(score, Score)]
    assert len(scores) == len(batch)
    return [(score.features_sha256, score.margin, score.score) for score in scores]


def test_a_lead_at_any_moment_is_to_the_bit_what_training_sees(store: Store) -> None:
    company, mapping = a_company()
    history, leads = History(company, mapping), KnownLeads(mapping)
    numbers = numbers_of_all(company, put_tables(store, company))
    every = np.arange(len(numbers), dtype=np.int64)
    differing = set()
    for number in MOMENTS:
        expected = said(dated_company(), history.at(every, np.full(len(every), day(number))))
        with store.reading() as connection:
            assert said(dated_company(), leads.batch(connection, numbers, day(number))) == expected
            [alone] = said(dated_company(), leads.batch(connection, [numbers[3]], day(number)))
        assert alone == expected[3]
        differing.add(tuple(expected))
    assert len(differing) == len(MOMENTS)


def test_leads_stand_as_training_says(store: Store) -> None:
    company, mapping = a_company(leads=120)
    history = History(company, mapping)
    lives, leads = Lives(company, history), KnownLeads(mapping)
    numbers = numbers_of_all(company, put_tables(store, company))
    every = np.arange(len(numbers), dtype=np.int64)
    seen = set()
    for number in MOMENTS:
        with store.reading() as connection:
            standing = leads.standing(connection, numbers, day(number))
        here = history.created_at <= day(number)
        is_open = lives.is_open(every, np.full(len(every), day(number)))
        assert [stood == "open" for stood in np.asarray(standing)[here]] == is_open[here].tolist()
        seen |= set(standing)
    assert seen == {"open", "won", "lost"}


def test_each_lead_may_be_asked_for_at_its_own_moment(store: Store) -> None:
    company, mapping = a_company()
    leads, history = KnownLeads(mapping), History(company, mapping)
    at = put_tables(store, company)
    positions = np.asarray([4, 9, 4, 1], np.int64)
    moments = np.asarray([day(30), day(200), day(280), day(100)], np.int64)
    numbers = [at[history.lead_ids[lead]] for lead in positions.tolist()]
    with store.reading() as connection:
        batch = leads.batch(connection, numbers, moments.tolist())
    assert said(dated_company(), batch) == said(dated_company(), history.at(positions, moments))


def test_what_stands_now_is_what_all_changes_give(store: Store) -> None:
    """`leads.cells` is read where nothing has changed since; without it the changes give the same cells."""
    company, mapping = a_company()
    leads = KnownLeads(mapping)
    numbers = numbers_of_all(company, put_tables(store, company))
    with store.reading() as connection:
        quick = [known.asked.cells for known in leads.read(connection, numbers, day(390))]
    store.write(lambda connection: connection.execute(sa.update(LEADS).values(cells={})))
    future = [
        {"lead": number, "column": "country", "changed_at": day(395), "value": "later"} for number in numbers
    ]
    from serving.store.schema import CHANGES

    store.write(lambda connection: connection.execute(CHANGES.insert(), future))
    with store.reading() as connection:
        assert [known.asked.cells for known in leads.read(connection, numbers, day(390))] == quick


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(["L-1", "L-2"]),
            st.sampled_from(["country", "newsletter", HOSTILE_NAME]),
            st.integers(0, 20),
            st.sampled_from([None, "DE", "420", 420, 420.0, 0.1, True, "1e300", 1e300, "", "Select"]),
        ),
        max_size=8,
    ),
    events=st.lists(
        st.tuples(
            st.sampled_from(["L-1", "L-2"]),
            st.integers(0, 20),
            st.integers(0, 4),
            st.sampled_from(["page_view", "email_opened", "sales_call"]),
            st.sampled_from([None, 0.0, -1.5, 3.25]),
        ),
        max_size=8,
    ),
    moment=st.integers(-1, 25),
)
def test_any_history_is_read_as_training_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, str, int, Any]],
    events: list[tuple[str, int, int, str, float | None]],
    moment: int,
) -> None:
    from serving.store.database import open_store

    rows = [
        {"lead_id": "L-1", "created_at": day(0), "country": "FR", HOSTILE_NAME: "5", "newsletter": None},
        {"lead_id": "L-2", "created_at": day(1), "country": None, HOSTILE_NAME: 7.5, "newsletter": "yes"},
    ]
    said_changes = [
        {"lead_id": lead, "column": column, "changed_at": day(at), "value": value}
        for lead, column, at, value in changes
        if not (column != "country" and value in {"DE", "1e300"}) and not (column == "newsletter" and value)
    ]
    said_events = [
        {
            "lead_id": lead,
            "occurred_at": day(at),
            "known_at": day(at + late),
            "type": kind,
            "value": value,
            "is_touch": kind == "sales_call",
        }
        for lead, at, late, kind, value in events
    ]
    company = tables(rows, changes=said_changes or None, events=said_events or None)
    mapping = a_mapping()
    store = open_store(tmp_path_factory.mktemp("store"))
    numbers = numbers_of_all(company, put_tables(store, company))
    as_of = np.full(2, day(moment))
    with store.reading() as connection:
        batch = KnownLeads(mapping).batch(connection, numbers, day(moment))
    expected = History(company, mapping).at(np.arange(2, dtype=np.int64), as_of)
    assert said(dated_company(), batch) == said(dated_company(), expected)
    store.close()


def test_a_rule_over_events_makes_a_win(store: Store) -> None:
    rule = {"event": "signed_up", "count": 2, "within": "3 days"}
    mapping = a_mapping(
        outcomes={"won_when": rule},
        events={
            "path": "e.csv",
            "lead_id": "l",
            "occurred_at": "o",
            "type": "t",
            "types": {"Sign-up": "signed_up"},
        },
    )
    acts = [{"lead_id": "L-1", "occurred_at": day(at), "type": "Sign-up"} for at in (1, 5, 7)]
    at = put_tables(store, tables([{"lead_id": "L-1", "created_at": day(0)}], events=acts))
    with store.reading() as connection:
        stood = [KnownLeads(mapping).standing(connection, [at["L-1"]], day(n)) for n in (6, 7)]
    assert stood == [["open"], ["won"]]


def test_leads_that_are_gone_are_left_out_and_batches_of_them_refused(store: Store) -> None:
    company, mapping = a_company(leads=4)
    at = put_tables(store, company)
    gone = {"deleted_at": 1}, {"merged_into": 1}, {"arrived_at": None}
    for number, values in zip((2, 3, 4), gone, strict=True):
        update = sa.update(LEADS).where(LEADS.c.number == number).values(**values)
        store.write(lambda connection, update=update: connection.execute(update))
    with store.reading() as connection:
        known = KnownLeads(mapping).read(connection, sorted(at.values()), day(100))
        assert [lead.number for lead in known] == [1]
        with pytest.raises(LookupError, match=r"\[2, 9\]"):
            KnownLeads(mapping).batch(connection, [1, 2, 9], day(100))


def test_a_flat_company_has_no_time(store: Store) -> None:
    from small_company import flat_company

    company = flat_company()
    at = put_tables(store, replace(company.tables, label=None))
    numbers = [at[lead_id] for lead_id in company.history.lead_ids[:50]]
    with store.reading() as connection:
        batch = KnownLeads(company.mapping).batch(connection, numbers, day(300))
    assert said(company, batch) == said(company, company.batch(50))
