"""Files that are scored where nothing was promoted yet: points, and no column that pretends to be more."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from command_line import leadlens

from decisions.policy import Policy
from features.mapping import Mapping
from leadlens.job_scoring import score_file
from leadlens.score_columns import COLUMNS
from models.stand_in import load_serving
from serving.jobs.score_jobs import FileToScore
from serving.scoring.answers import Answerer
from serving.scoring.requests import RequestReader

CHANCES = ["probability", "probability_low", "probability_high"]
LEADS = """lead_id,created_at,job_title,employees,Colour
L-1,2026-11-02T08:00:00Z,VP Operations,420,red
L-2,2026-11-03T08:00:00Z,,,blue
"""
EVENTS = """lead_id,occurred_at,type,page
L-1,2026-11-20T17:02:11Z,page_view,/pricing
L-1,2026-11-20T17:03:11Z,demo_requested,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "events.csv").write_text(EVENTS)
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_is_scored_in_points_and_its_chances_are_empty(folder: Path, kind: str) -> None:
    out = folder / f"s.{kind}"
    run = leadlens(
        "score",
        "--leads",
        "leads.csv",
        "--events",
        "events.csv",
        "--out",
        out,
        "--home",
        "home",
        folder=folder,
    )
    assert run.code == 0, run.said
    assert "note: There is no model yet" in run.said
    rows = pd.read_csv(out) if kind == "csv" else pd.read_parquet(out)
    assert list(rows) == COLUMNS
    assert rows[CHANCES].isna().all(axis=None)
    assert rows[["lead_id", "rung", "model_version"]].values.tolist() == [
        ["L-1", "points", 0],
        ["L-2", "points", 0],
    ]
    assert rows["score"][0] > 50 > rows["score"][1]
    if kind == "parquet":
        table = pq.read_table(out)
        assert {str(table.schema.field(name).type) for name in CHANCES} == {"double"}
        assert [table[name].null_count for name in CHANCES] == [2, 2, 2]


def test_a_job_writes_what_the_command_writes_and_a_request_is_answered_so_too(folder: Path) -> None:
    words = ("--leads", "leads.csv", "--events", "events.csv", "--out", "s.csv", "--home", "home")
    assert leadlens("score", *words, folder=folder).code == 0
    scorer = load_serving(folder / "home")
    job = FileToScore(
        leads=folder / "leads.csv",
        events=folder / "events.csv",
        as_of=None,
        result=folder / "job.csv",
        rejects=folder / "rejects.csv",
        parts=folder / "parts",
        report=lambda _done, _total: None,
    )
    score_file(job, scorer, 10**9)
    assert (folder / "job.csv").read_bytes() == (folder / "s.csv").read_bytes()
    assert answered(scorer.mapping, folder) == pd.read_csv(folder / "s.csv")["score"].tolist()


def answered(mapping: Mapping, folder: Path) -> list[int]:
    """The scores that requests with the leads of the files are answered with."""
    events = [
        {"type": "page_view", "occurred_at": "2026-11-20T17:02:11Z", "properties": {"page": "/pricing"}},
        {"type": "demo_requested", "occurred_at": "2026-11-20T17:03:11Z"},
    ]
    first = {
        "lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "job_title": "VP Operations", "employees": 420
    }  # fmt: skip
    second = {"lead_id": "L-2", "created_at": "2026-11-03T08:00:00Z"}
    reader = RequestReader(mapping, event_limit=50, batch_limit=20)
    answerer = Answerer(load_serving(folder / "home"), Policy(), reader)
    asked = reader.read_batch(
        {
            "leads": [
                {"lead": first, "events": events, "as_of": "2026-11-20T17:03:11Z"},
                {"lead": second, "as_of": "2026-11-20T17:03:11Z"},
            ]
        },
        0,
    )
    return [one["score"] for one in answerer.answer_all(asked, shown=None) if isinstance(one, dict)]
