"""Every record of a real model is made again from its numbers, and agrees to the bit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from real_home import make_real_home
from stored_company import put_tables

from decisions.policy import Policy
from features.errors import RefusedError
from features.history import History, microseconds_of
from features.mapping import read_mapping
from features.reading import read_tables
from models.champion import champion_folder, load_champion
from serving.ledger.chain import packed, seal, unpacked
from serving.ledger.check import verify
from serving.scoring.champion import Champion, load_local
from serving.scoring.recording import Recorder
from serving.scoring.replay import NoModelError, Replayer
from serving.settings import Settings
from serving.store.database import Store
from serving.store.schema import LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS, POLICIES_SEEN

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory, proof_size: Callable[[int, int], int]) -> Path:
    home = tmp_path_factory.mktemp("real") / "home"
    make_real_home(home, leads=proof_size(400, 6_000))
    return home


@pytest.fixture
def recorded(real_home: Path, tmp_path: Path, store: Store, proof_size: Callable[[int, int], int]) -> Any:
    """A store with the real home's history, in which all open leads were scored at several moments."""
    home = tmp_path / "home"
    shutil.copytree(real_home, home)
    return recorded_in(store, home, proof_size(3, 12))


def recorded_in(store: Store, home: Path, moments: int) -> tuple[Store, Path, list[int]]:
    mapping = read_mapping(home / "data" / "leadlens.toml")
    company = read_tables(mapping, home / "data")
    put_tables(store, company)
    newest = int(microseconds_of(company.leads["created_at"]).max())
    champion = Champion(Settings(home=home), Policy(), load_local)
    recorder = Recorder(store, champion)
    with store.reading() as connection:
        numbers = list(connection.execute(sa.select(LEADS.c.number)).scalars())
    times = [newest + n * 3 * 86_400_000_000 for n in range(1, moments + 1)]
    for moment in times:
        assert recorder.rescore(numbers, moment) > 50
        while store.write(lambda c, now=moment: seal(c, now)):
            pass
    return store, home, times


@pytest.mark.proof(part="replay")
def test_every_record_is_made_again_to_the_bit(
    recorded: tuple[Store, Path, list[int]], record_property: Callable[[str, object], None]
) -> None:
    store, home, _ = recorded
    replayer = Replayer(store, home)
    ids = replayer.sample(10**6)
    assert len(ids) == len(set(ids)) > 150
    differing = {record_id: found for record_id in ids if (found := replayer.replay(record_id).differences)}
    assert differing == {}
    found = verify(store)
    assert (found.headers, found.unsealed, found.wrong) == (len(ids), 0, 0)
    record_property("records replayed to the bit", len(ids))


@pytest.mark.proof(part="replay")
def test_every_record_in_points_is_made_again_to_the_bit(
    real_home: Path, tmp_path: Path, store: Store, proof_size: Callable[[int, int], int]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(real_home, home)
    (home / "champion" / "current").unlink()
    recorded_in(store, home, proof_size(2, 12))
    replayer = Replayer(store, home)
    ids = replayer.sample(10**6)
    assert len(ids) > 100
    differing = {record_id: found for record_id in ids if (found := replayer.replay(record_id).differences)}
    assert differing == {}
    assert verify(store).wrong == 0
    with store.reading() as connection:
        headers = connection.execute(sa.select(LEDGER_HEADERS.c.model_version).distinct()).scalars().all()
        margins = connection.execute(sa.select(LEDGER_PAYLOADS.c.margin).distinct()).scalars().all()
        scores = connection.execute(sa.select(LEADS.c.score).distinct()).scalars().all()
    assert (headers, margins) == ([0], [None])
    assert len(scores) > 10  # they tell the leads apart


@pytest.mark.proof(part="replay")
def test_a_record_holds_the_vector_that_the_tables_give(recorded: tuple[Store, Path, list[int]]) -> None:
    """The whole way: the store's leads, scored and recorded, against the history that training reads."""
    store, home, times = recorded
    mapping, scorer = read_mapping(home / "data" / "leadlens.toml"), load_champion(home)
    assert scorer is not None
    history = History(read_tables(mapping, home / "data"), mapping)
    place = {lead_id: at for at, lead_id in enumerate(history.lead_ids)}
    with store.reading() as connection:
        rows = connection.execute(
            sa.select(LEDGER_PAYLOADS.c.answer, LEDGER_PAYLOADS.c.vector, LEDGER_HEADERS.c.as_of).join(
                LEDGER_HEADERS, LEDGER_HEADERS.c.id == LEDGER_PAYLOADS.c.id
            )
        ).all()
    assert {row.as_of for row in rows} == set(times)
    leads = np.asarray([place[json.loads(row.answer)["lead_id"]] for row in rows], np.int64)
    vectors = scorer.vectors(history.at(leads, np.asarray([row.as_of for row in rows], np.int64)))
    assert [unpacked(row.vector).tobytes() for row in rows] == [row.tobytes() for row in vectors.values]


def changed(store: Store, record_id: str, **values: Any) -> None:
    update = sa.update(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.id == record_id).values(**values)
    store.write(lambda connection: connection.execute(update))


def test_a_changed_record_is_told_by_what_differs(recorded: tuple[Store, Path, list[int]]) -> None:
    store, home, _ = recorded
    replayer = Replayer(store, home)
    [record_id] = replayer.sample(1)
    with store.reading() as connection:
        row = connection.execute(LEDGER_PAYLOADS.select().where(LEDGER_PAYLOADS.c.id == record_id)).one()
    answer, contributions = json.loads(row.answer), unpacked(row.contributions)
    other = contributions.copy()
    other[3] = np.nextafter(other[3], np.inf)
    other_words = [reason | {"text": "Said otherwise"} for reason in answer["reasons"]]
    other_effect = [reason | {"effect": 0.125} for reason in answer["reasons"]]
    for values, differences in (
        ({"answer": json.dumps(answer | {"reasons": other_words})}, []),
        ({"answer": json.dumps(answer | {"reasons": other_effect})}, ["'reasons' of the answer"]),
        ({"contributions": packed(other)}, ["the contributions"]),
        ({"margin": float(np.nextafter(row.margin, 9))}, ["the margin: "]),
        ({"answer": json.dumps(answer | {"score": answer["score"] + 1})}, ["'score' of the answer"]),
        ({"answer": json.dumps(answer | {"reasons": answer["reasons"][1:]})}, ["'reasons' of the answer"]),
        ({"answer": json.dumps(answer | {"advice": {}})}, ["'advice' of the answer"]),
        ({"vector": packed(unpacked(row.vector)[1:])}, ["the vector has "]),
        ({"vector": b"no zlib"}, ["the payload cannot be read"]),
        ({"answer": b"no zlib"}, ["the payload cannot be read"]),
    ):
        changed(store, record_id, **values)
        found = replayer.replay(record_id).differences
        assert len(found) == len(differences)
        assert all(said.startswith(expected) for said, expected in zip(found, differences, strict=True))
        changed(store, record_id, **row._asdict())
    assert replayer.replay(record_id).differences == ()


def test_what_cannot_be_replayed_is_refused_with_its_reason(recorded: tuple[Store, Path, list[int]]) -> None:
    store, home, _ = recorded
    [record_id, gone] = Replayer(store, home).sample(2)
    with pytest.raises(RefusedError, match="There is no record 00"):
        Replayer(store, home).replay("00")
    erased = sa.delete(LEDGER_PAYLOADS).where(LEDGER_PAYLOADS.c.id == gone)
    store.write(lambda connection: connection.execute(erased))
    with pytest.raises(RefusedError, match="was erased"):
        Replayer(store, home).replay(gone)
    champion_folder(home, 1).rename(home / "away")
    with pytest.raises(NoModelError, match="leadlens replay --fetch"):
        Replayer(store, home).replay(record_id)
    shutil.copytree(home / "away", champion_folder(home, 1))
    (champion_folder(home, 1) / "scorer.json").write_text("{}")
    with pytest.raises(NoModelError, match=r"checksum.*leadlens replay --fetch"):
        Replayer(store, home).replay(record_id)
    shutil.rmtree(champion_folder(home, 1))
    make_real_home(home, leads=300)
    with pytest.raises(RefusedError, match="begun anew"):
        Replayer(store, home).replay(record_id)
    shutil.rmtree(champion_folder(home, 1))
    (home / "away").rename(champion_folder(home, 1))
    store.write(lambda connection: connection.execute(sa.delete(POLICIES_SEEN)))
    with pytest.raises(RefusedError, match="The policy"):
        Replayer(store, home).replay(record_id)
