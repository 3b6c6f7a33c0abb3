"""A home where nothing was promoted yet: the scorecard that comes with LeadLens serves, and says so."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fake_scorer import FakeScorer
from openapi_schema_validator import OAS30Validator
from service_here import NOW, TestClient
from small_company import dated_company

from decisions.policy import Policy
from models.artifact import save_scorer
from models.champion import champion_folder, point_to
from serving.access.key import SCOPES
from serving.api.crm_profile import crm_document
from serving.api.openapi import openapi_document
from serving.app.asgi import leadlens_app
from serving.backup.make import make_backup
from serving.backup.restore import restore_backup
from serving.jobs.retention import retained_versions
from serving.ledger.chain import seal
from serving.ledger.check import verify
from serving.parts import Parts, open_parts
from serving.scoring.champion import Champion, load_local
from serving.scoring.replay import Replayer
from serving.settings import Settings
from serving.store.database import open_store
from serving.store.schema import LEADS, LEDGER_PAYLOADS

MINUTE = 60_000_000
NO_CHANCES = ("probability", "probability_low", "probability_high", "baseline_probability", "base_rate")
LEAD = {"created_at": "2026-11-02T08:00:00Z", "job_title": "VP Operations", "employees": "420"}
EVENT = {"type": "demo_requested", "occurred_at": "2026-11-20T17:02:11Z", "event_id": "e"}


@dataclass(frozen=True)
class Here:
    """A service on a home without a champion, whose store holds the lead L-1 and knows what it did."""

    client: TestClient
    parts: Parts
    home: Path

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def replayed(self, home: Path | None = None) -> dict[str, tuple[str, ...]]:
        """What differs, by record."""
        replayer = Replayer(self.parts.store, home or self.home)
        return {one: replayer.replay(one).differences for one in replayer.sample(100)}


@pytest.fixture
def here(tmp_path: Path, store_url: str | None) -> Iterator[Here]:
    settings = Settings(home=tmp_path / "home", store_url=store_url, key_limit_per_minute=0)
    parts = cache(lambda: open_parts(settings, load=load_local, clock=lambda: NOW))
    _, text = parts().keys.create("test", SCOPES)
    headers = {"Authorization": f"Bearer {text}"}
    with TestClient(leadlens_app(parts), base_url="http://127.0.0.1:3000", headers=headers) as client:
        assert client.put("/v1/leads/L-1", json={"lead": LEAD}).status_code == 201
        client.post("/v1/events", json={"events": [{**EVENT, "lead_id": "L-1"}]})
        client.post("/sign-in", data={"key": text, "next": "/leads"})
        yield Here(client, parts(), tmp_path / "home")
    parts().keys.settle()
    parts().store.close()


def promote(here: Here, version: int = 1) -> None:
    """Put a real model in the place of the scorecard, as `leadlens promote` does."""
    save_scorer(dated_company().scorer, champion_folder(here.home, version))
    keep = retained_versions(here.parts.settings)
    point_to(here.home, name="leadlens", version=version, keep=keep)


def test_it_is_ready_and_says_what_serves(here: Here) -> None:
    assert here.client.get("/readyz").text == "ready"
    model = here.get("/v1/model")
    assert (model["name"], model["version"], model["rung"]) == ("leadlens", 0, "points")
    assert (model["since"], model["base_rate"]) == (None, None)
    assert here.get("/v1/health")["champion"] == {"name": "leadlens", "version": 0}


def test_a_score_is_in_points_and_says_that_there_is_no_model_yet(here: Here) -> None:
    body = {"lead": {"lead_id": "L-2", **LEAD}, "events": [EVENT], "as_of": "2026-11-21T09:30:00Z"}
    said = here.post("/score", body)
    assert (said["rung"], said["confidence"], said["baseline_score"]) == ("points", "low", 0)
    assert [said[name] for name in NO_CHANCES] == [None] * 5
    assert 0 < said["score"] == sum(reason["effect"] for reason in said["reasons"])
    assert {reason["log_odds"] for reason in said["reasons"]} == {None}
    assert said["warnings"][0].startswith("There is no model yet")
    assert (said["advice"]["action"], said["advice"]["rule"]) == ("route", "signals.hand_raised")
    assert here.post("/score_batch", {"leads": [body]})["scores"] == [said]
    stored = here.get("/v1/leads/L-1/score")
    assert (stored["score"], stored["warnings"][0]) == (said["score"], said["warnings"][0])


def test_a_lead_is_kept_without_a_word_on_columns_that_the_scorecard_cannot_know(here: Here) -> None:
    kept = here.client.put("/v1/leads/L-3", json={"lead": {**LEAD, "Lead source": "Referral"}}).json()
    assert kept["warnings"] == []


DOCUMENTS = {"whole": openapi_document(), "crm": crm_document(openapi_document(), FakeScorer.spec)}


@pytest.mark.parametrize("profile", DOCUMENTS)
def test_every_answer_that_tells_of_points_fits_the_document(here: Here, profile: str) -> None:
    one = {"lead": {"lead_id": "L-2", **LEAD}, "events": [EVENT]}
    for schema, said in (
        ("ScoreAnswer", here.post("/score?reasons=all", one)),
        ("BatchAnswer", here.post("/score_batch", {"leads": [one, {"lead": {}}]})),
        ("ScoreAnswer", here.post("/score?record=true", one)),
        ("ScoreAnswer", here.get("/v1/leads/L-1/score")),
        ("StoredLeadAnswer", here.get("/v1/leads/L-1")),
        ("LeadsAnswer", here.get("/v1/leads?order=score")),
        ("RecordsAnswer", here.get("/v1/leads/L-1/scores")),
        ("TimelineAnswer", here.get("/v1/leads/L-1/timeline")),
        ("ServedModelAnswer", here.get("/v1/model")),
        ("HealthAnswer", here.get("/v1/health")),
    ):
        of_kind = {"allOf": [{"$ref": f"#/components/schemas/{schema}"}]}
        validator = OAS30Validator({**of_kind, "components": DOCUMENTS[profile]["components"]})
        validator.validate(said)
        assert not validator.is_valid({**said, next(iter(said)): object()}), schema


def test_the_worker_scores_and_lists_are_in_order_of_points(here: Here) -> None:
    here.client.put("/v1/leads/L-0", json={"lead": {"created_at": LEAD["created_at"]}})
    with here.parts.store.reading() as connection:
        numbers = list(connection.execute(sa.select(LEADS.c.number)).scalars())
    assert here.parts.recorder.rescore(numbers, NOW) == 2
    listed = here.get("/v1/leads?order=score")["leads"]
    assert [(one["lead_id"], one["rung"], one["probability"]) for one in listed] == [
        ("L-1", "points", None),
        ("L-0", "points", None),
    ]
    assert listed[0]["score"] > listed[1]["score"]


def test_what_it_said_is_made_again_to_the_bit_also_after_a_promotion(here: Here) -> None:
    here.get("/v1/leads/L-1/score")
    assert list(here.replayed().values()) == [()]
    promote(here)
    assert here.get("/v1/leads/L-1/score")["rung"] == "model"
    here.parts.store.write(lambda connection: seal(connection, NOW))
    assert list(here.replayed().values()) == [(), ()]
    assert (verify(here.parts.store).wrong, verify(here.parts.store).unsealed) == (0, 0)
    told = [one["score"] for one in here.get("/v1/leads/L-1/timeline")["happenings"] if "score" in one]
    assert sorted((one["model"]["version"], one["rung"]) for one in told) == [(0, "points"), (1, "model")]
    shutil.rmtree(champion_folder(here.home, 0))
    assert list(here.replayed().values()) == [(), ()]


def test_a_record_in_points_that_was_changed_is_told(here: Here) -> None:
    here.get("/v1/leads/L-1/score")
    changed = sa.update(LEDGER_PAYLOADS).values(margin=0.0)
    here.parts.store.write(lambda connection: connection.execute(changed))
    assert list(here.replayed().values()) == [("the margin: None now, 0.0 recorded",)]
    assert verify(here.parts.store).wrong == 1


def test_another_card_under_version_0_is_not_taken_for_what_scored(here: Here) -> None:
    here.get("/v1/leads/L-1/score")
    folder = champion_folder(here.home, 0)
    before = Champion(here.parts.settings, Policy(), load_local).answerer()
    shutil.rmtree(folder)
    save_scorer(dated_company().scorer, folder)
    replayer = Replayer(here.parts.store, here.home)
    with pytest.raises(RuntimeError, match="put the old artifact back"):
        replayer.replay(replayer.sample(1)[0])
    after = Champion(here.parts.settings, Policy(), load_local).answerer()
    assert before is not None
    assert after is not None
    assert (
        before.scorer.artifact_sha256 != after.scorer.artifact_sha256
    )  # the copy of the home is what serves


def test_a_backup_keeps_it(here: Here, tmp_path: Path) -> None:
    here.get("/v1/leads/L-1/score")
    make_backup(here.parts.store, here.home, tmp_path / "backup", NOW)
    restore_backup(tmp_path / "backup", tmp_path / "again", None, NOW + MINUTE)
    store = open_store(tmp_path / "again")
    replayer = Replayer(store, tmp_path / "again")
    assert [replayer.replay(one).differences for one in replayer.sample(9)] == [()]
    store.close()


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_pages_say_points_and_never_an_empty_percentage(here: Here) -> None:
    lead, leads = (words_of(here.client.get(path).text) for path in ("/leads/L-1", "/leads"))
    score = here.get("/v1/leads/L-1/score")["score"]
    for said in (
        f"L-1 {score} points",
        "Scored by the points scorecard: there is no model yet.",
        "What each rule gave, and how it adds up to this lead's points.",
        "The dashed line is the threshold of 60.",
        "Confidence low: a scorecard is no model",
        "Rung points scorecard",
        "leadlens, version 0, which comes with LeadLens",
        "There is no model yet: the score is of the points scorecard",
    ):
        assert said in lead, said
    for said in ("Scored by the points scorecard: there is no model yet.", "Largest reason Points"):
        assert said in leads, said
    for never in ("%", "None", "chance of converting", "average lead", "no fixed time"):
        assert never not in lead + leads, never


def test_a_champion_that_cannot_be_loaded_is_no_reason_for_points(tmp_path: Path) -> None:
    folder = tmp_path / "champion"
    folder.mkdir()
    (folder / "current").write_text('{"name": "leadlens", "version": 1, "folder": "v1"}')
    assert Champion(Settings(home=tmp_path), Policy(), load_local).answerer() is None
    assert [path.name for path in folder.iterdir()] == ["current"]
