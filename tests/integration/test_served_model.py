"""A model that was really trained, served by a real process, beside the files that it was trained on."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from ports import free_port
from real_home import make_real_home
from served import SUPPORT, Served, served
from waiting import until

from decisions.policy import Policy
from features.history import History
from features.mapping import read_mapping
from features.reading import read_tables
from models.champion import load_champion
from models.score import Score
from serving.scoring.answers import Answerer
from serving.scoring.asked_lead import AskedLead
from serving.scoring.requests import RequestReader

pytestmark = pytest.mark.slow

LEADS = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("real") / "home"
    make_real_home(home)
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, str(SUPPORT / "real_server.py"), str(home), str(port)]
    with served(command, home.parent, port) as server:
        yield server


@pytest.fixture(scope="module")
def answerer(home: Path) -> Answerer:
    scorer = load_champion(home)
    assert scorer is not None
    return Answerer(scorer, Policy(), RequestReader(scorer.mapping, event_limit=10_000, batch_limit=1_000))


@pytest.fixture(scope="module")
def told(home: Path) -> tuple[list[Score], list[dict[str, Any]]]:
    """The scores of leads in files, and the same leads told as requests."""
    path = home / "data" / "leadlens.toml"
    mapping = read_mapping(path)
    tables = read_tables(mapping, path.parent)
    history = History(tables, mapping)
    scorer = load_champion(home)
    assert scorer is not None
    assert tables.events is not None
    positions = np.linspace(0, len(history) - 1, LEADS).astype(np.int64)
    batch = history.at(positions, np.full(LEADS, history.extract_at))
    scores = scorer.score(batch)
    assert all(isinstance(score, Score) for score in scores)
    events = dict(list(tables.events.groupby("lead_id", observed=True)))
    cells = pd.DataFrame({name: list(column) for name, column in batch.cells.items()}, dtype=object)
    created = tables.leads["created_at"].iloc[positions].tolist()
    bodies = []
    for row, lead_id in enumerate(batch.lead_ids):
        sent = {name: _plain(value) for name, value in cells.iloc[row].items()}
        lead = {"lead_id": lead_id, "created_at": created[row].isoformat(), **sent}
        rows = events.get(lead_id)
        acts = [] if rows is None else [_event(act) for act in rows.to_dict("records")]
        bodies.append({"lead": lead, "events": acts, "as_of": tables.extract_at.isoformat()})
    return [score for score in scores if isinstance(score, Score)], bodies


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int) or value is None:
        return value
    return None if pd.isna(value) else value.item() if isinstance(value, np.generic) else value


def _event(row: dict[str, Any]) -> dict[str, Any]:
    event = {
        "type": row["type"],
        "occurred_at": row["occurred_at"].isoformat(),
        "known_at": row["known_at"].isoformat(),
    }
    if isinstance(row["event_id"], str):
        event["event_id"] = row["event_id"]
    if isinstance(row["detail"], str):
        event["properties"] = {"page_group": row["detail"]}
    if not pd.isna(row["value"]):
        event["value"] = row["value"]
    return event


def test_a_lead_of_a_file_and_the_same_lead_in_a_request_agree_to_the_bit(
    told: tuple[list[Score], list[dict[str, Any]]], answerer: Answerer
) -> None:
    scores, bodies = told
    for score, body in zip(scores, bodies, strict=True):
        asked = answerer.reader.read(json.loads(json.dumps(body)), 0)
        assert isinstance(asked, AskedLead)
        [again] = answerer.scorer.score(answerer.reader.batch_of([asked]))
        assert isinstance(again, Score)
        assert again.features_sha256 == score.features_sha256, score.lead_id
        assert (again.margin, again.probability, again.reasons) == (
            score.margin,
            score.probability,
            score.reasons,
        )


def test_a_batch_and_single_requests_give_the_same_answers(
    told: tuple[list[Score], list[dict[str, Any]]], server: Served, home: Path
) -> None:
    key = (home / "admin-key").read_text().strip()
    _, bodies = told
    batch = json.loads(server.post("/score_batch", {"leads": bodies}, key).body)["scores"]
    singles = [json.loads(server.post("/score", body, key).body) for body in bodies]
    assert batch == singles
    assert [single["lead_id"] for single in singles] == [body["lead"]["lead_id"] for body in bodies]
    assert all(single["model"] == {"name": "leadlens", "version": 1} for single in singles)


def test_both_sums_of_the_reasons_are_exact(
    told: tuple[list[Score], list[dict[str, Any]]], server: Served, home: Path
) -> None:
    key = (home / "admin-key").read_text().strip()
    for body in told[1][:10]:
        for path in ("/score", "/score?reasons=all"):
            said = json.loads(server.post(path, body, key).body)
            effects = sum(reason["effect"] for reason in said["reasons"])
            assert effects == pytest.approx(said["score"] - said["baseline_score"], abs=1e-9)


def test_a_page_shows_the_score_that_the_endpoint_gives(
    told: tuple[list[Score], list[dict[str, Any]]], server: Served, home: Path
) -> None:
    key = (home / "admin-key").read_text().strip()
    form = server.ask(
        "POST", "/sign-in", body=f"key={key}".encode(), Content_Type="application/x-www-form-urlencoded"
    )
    cookie = form.headers["set-cookie"].partition(";")[0]
    for score in told[0][:10]:
        page = server.ask("GET", f"/leads/{score.lead_id}", Cookie=cookie)
        assert page.status == 200
        found = re.search(r"data-score>(\d+)<", page.body.decode())
        assert found is not None
        assert int(found[1]) == score.score
    assert server.ask("GET", "/leads", Cookie=cookie).status == 200
    until(lambda: "GET /leads 200" in server.log, "the line of the last request")
    assert "Traceback" not in server.log


def test_what_the_parser_cannot_read_is_a_problem_that_names_the_column(
    told: tuple[list[Score], list[dict[str, Any]]], server: Served, home: Path
) -> None:
    key = (home / "admin-key").read_text().strip()
    body = json.loads(json.dumps(told[1][0]))
    body["lead"]["employees"] = "rather many"
    refused = server.log.count("POST /score 422")
    answer = server.post("/score", body, key)
    assert answer.status == 422, answer.body
    [error] = json.loads(answer.body)["errors"]
    assert (error["field"], error["found"]) == ("lead.employees", "'rather many'")
    until(lambda: server.log.count("POST /score 422") > refused, "the line of the refusal")
    assert "rather many" not in server.log


def test_what_is_not_sent_and_what_is_not_known_is_named(server: Served, home: Path) -> None:
    key = (home / "admin-key").read_text().strip()
    bare = {
        "lead": {"lead_id": "bare", "created_at": "2026-01-01", "shoe_size": 43},
        "events": [{"type": "moon_landing", "occurred_at": "2026-01-02"}],
        "as_of": "2026-02-01T00:00:00Z",
    }
    answer = server.post("/score", bare, key)
    assert answer.status == 200
    warnings = json.loads(answer.body)["warnings"]
    for named in ("shoe_size", "employees", "moon_landing"):
        assert [warning for warning in warnings if named in warning], named


def test_a_lead_of_whom_little_is_known_is_scored_with_all_its_reasons(answerer: Answerer) -> None:
    bare = {"lead_id": "bare", "created_at": "2026-01-01"}
    act = {"type": "page_view", "occurred_at": "2026-01-02"}
    for lead, events in ((bare, []), ({**bare, "country": "DE"}, []), (bare, [act]), (bare, [act] * 3)):
        asked = answerer.reader.read({"lead": lead, "events": events, "as_of": "2026-02-01"}, 0)
        answer = answerer.answer(asked, shown=None)
        assert isinstance(answer, dict)
        assert answer["reasons"]


_cells = (
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_cells |= st.sampled_from(["1", "0", "true", "1,000", "DE", "", "n/a"]) | st.lists(
    st.text(max_size=5), max_size=3
)
_cells |= st.text(max_size=12)


def test_whatever_the_cells_a_lead_is_answered_as_in_a_batch(
    answerer: Answerer, proof_size: Callable[[int, int], int]
) -> None:
    columns = [column.name for column in answerer.scorer.spec.columns]  # type: ignore[attr-defined]  # the real scorer has a spec
    leads = st.lists(st.dictionaries(st.sampled_from(columns), _cells, max_size=5), min_size=1, max_size=4)

    @examples(max_examples=proof_size(60, 5_000), deadline=None)
    @given(leads)
    def holds(sent: list[dict[str, Any]]) -> None:
        made = [{"lead": {"lead_id": "L", "created_at": "2026-01-01", **cells}} for cells in sent]
        read = answerer.reader.read_batch({"leads": made}, 1_780_000_000_000_000)
        together = answerer.answer_all(read, shown=None)
        alone = [answerer.answer_all([one], shown=None)[0] for one in read]
        assert together == alone

    holds()
