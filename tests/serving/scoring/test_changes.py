"""What changed about a stored lead is what the tables say, by the models that served at each moment."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from small_company import HOSTILE_NAME, a_mapping, dated_company, day, generated_tables, tables
from stored_company import put_tables

from decisions.policy import Policy
from features.errors import Fault, RefusedError
from features.history import History
from features.mapping import Mapping
from features.snapshots import Lives
from features.tables import Tables
from models.artifact import save_scorer
from models.blend import Blend, Line
from models.champion import champion_folder, point_to
from models.changes.step import Changes
from models.changes.telling import changes_between
from models.score import Score
from models.scorecard.default_card import default_card
from models.scorecard.points import BoundCard
from models.scorer import LeadScorer
from serving.ledger.newest import newest_record
from serving.scoring.champion import Champion, load_local
from serving.scoring.changes import NO_RECORD, LeadChanges, NotOpenAt, Told
from serving.scoring.recording import Recorder
from serving.scoring.versions import LocalVersions
from serving.settings import Settings
from serving.store.database import Store
from serving.store.schema import LEDGER_HEADERS

SINCE, NOW = day(260), day(399)
LEADS = 60


def a_company() -> tuple[Tables, Mapping]:
    """A company with late events, cells that change, and accounts that become known."""
    rng = np.random.default_rng(5)
    rows, acts, ends = generated_tables(LEADS, seed=5)
    for act in acts:
        if rng.random() < 0.3:
            act["known_at"] = act["occurred_at"] + int(rng.integers(0, 60)) * 86_400_000_000
    changes = [
        {"lead_id": row["lead_id"], "column": column, "changed_at": day(float(rng.integers(0, 390))), **value}
        for row in rows
        for column, value in (
            ("country", {"value": str(rng.choice(["DE", "FR"]))}),
            (HOSTILE_NAME, {"value": float(rng.integers(1, 900))}),
        )
        if rng.random() < 0.5
    ]
    accounts = [{"key": "acme.example", "known_from": day(300), "newsletter": "yes", "job_title": "CEO"}]
    bought = {"path": "a.csv", "key": "domain", "lead_key": "email", "known_from": "known_from"}
    return tables(rows, events=acts, changes=changes, outcomes=ends, accounts=accounts), a_mapping(
        accounts=[bought]
    )


def scorer_of(mapping: Mapping, version: int, **more: Any) -> LeadScorer:
    own = dated_company().scorer
    return LeadScorer(
        name="leadlens",
        version=version,
        mapping=mapping,
        spec=own.spec,
        booster=own.booster,
        calibration=own.calibration,
        population=own.population,
        **more,
    )


@dataclass
class Desk:
    """A store with a company, whose leads were scored by version 1 before version 2 came."""

    store: Store
    home: Path
    tables: Tables
    mapping: Mapping
    scorers: tuple[LeadScorer, LeadScorer]

    @cached_property
    def changes(self) -> LeadChanges:
        settings = Settings(home=self.home)
        champion = Champion(settings, Policy(), load_local)
        return LeadChanges(self.store, champion, LocalVersions(self.home, 2), settings)

    def find(self, lead_id: str, since: int = SINCE, until: int | None = None) -> Any:
        return self.changes.find(lead_id, since, until, NOW)

    def open_at(self, *moments: int) -> list[int]:
        history = History(self.tables, self.mapping)
        lives, leads = Lives(self.tables, history), np.arange(LEADS)
        is_open = [lives.is_open(leads, np.full(LEADS, at)) & (history.created_at <= at) for at in moments]
        return np.flatnonzero(np.all(is_open, axis=0)).tolist()

    def expected(self, lead: int, since: int, until: int, *, is_anew: bool) -> Changes:
        history, (old, new) = History(self.tables, self.mapping), self.scorers
        then, now = (history.at(np.asarray([lead]), np.asarray([at])) for at in (since, until))
        return changes_between(old, then, now, (new, now) if is_anew else None)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    company, mapping = a_company()
    numbers = put_tables(store, company)
    spec = dated_company().scorer.spec
    blend = Blend(
        card=BoundCard(default_card(spec), spec),
        weight=0.4,
        line=Line(intercept=-2.0, slope=0.07),
        means=np.zeros(len(spec.features)),
    )
    scorers = scorer_of(mapping, 1), scorer_of(mapping, 2, blend=blend)
    home = tmp_path / "home"
    for version, scorer in enumerate(scorers, 1):
        save_scorer(scorer, champion_folder(home, version))
    point_to(home, name="leadlens", version=1, keep=None)
    champion = Champion(Settings(home=home), Policy(), load_local)
    assert Recorder(store, champion).rescore(list(numbers.values()), SINCE) > 5
    point_to(home, name="leadlens", version=2, keep=None)
    return Desk(store, home, company, mapping, scorers)


def bare(changes: Changes) -> tuple[Any, ...]:
    """What was told, but for what a sender is warned of."""
    without = [msgspec.structs.replace(score, warnings=()) for score in (changes.since, changes.until)]
    return *without, changes.steps


def test_the_store_tells_what_the_tables_tell(desk: Desk) -> None:
    leads = desk.open_at(SINCE, NOW)
    assert len(leads) > 8
    kinds, as_recorded = set(), 0
    for lead in leads:
        found = desk.find(f"L-{lead:05d}")
        assert isinstance(found, Told)
        assert bare(found.changes) == bare(desk.expected(lead, SINCE, NOW, is_anew=True))
        assert (found.warnings, found.is_now) == ((), True)
        assert found.recorded is not None
        versions = found.changes.since.model_version, found.recorded.model_version
        assert (*versions, found.changes.until.model_version) == (1, 1, 2)
        if found.recorded.as_of == SINCE:  # else it was scored as of its last change, which was dated later
            assert found.recorded.score == found.changes.since.score
            as_recorded += 1
        kinds.update(step.kind for step in found.changes.steps)
    assert kinds == {"time", "events", "fields", "model"}
    assert as_recorded > 3


def test_a_past_moment_has_the_model_of_then_and_the_parts_make_the_whole(desk: Desk) -> None:
    middle = day(330)
    for lead in desk.open_at(SINCE, middle, NOW)[:6]:
        lead_id = f"L-{lead:05d}"
        first = desk.find(lead_id, until=middle)
        assert bare(first.changes) == bare(desk.expected(lead, SINCE, middle, is_anew=False))
        second, whole = desk.find(lead_id, middle), desk.find(lead_id)
        assert first.changes.until.score == second.changes.since.score
        assert whole.changes.effect == first.changes.effect + second.changes.effect


def test_without_a_record_the_present_model_scores_both_moments_and_it_is_said(desk: Desk) -> None:
    [lead, *_] = desk.open_at(SINCE - 1, NOW)
    found = desk.find(f"L-{lead:05d}", SINCE - 1)
    assert (found.warnings, found.recorded) == ((NO_RECORD,), None)
    assert (found.changes.since.model_version, found.changes.until.model_version) == (2, 2)
    assert "model" not in [step.kind for step in found.changes.steps]


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (lambda home: shutil.rmtree(champion_folder(home, 1)), "Version 1 has no copy in this home"),
        (lambda home: (champion_folder(home, 1) / "booster.txt").write_text(""), "leadlens replay --fetch"),
        (
            lambda home: shutil.copytree(
                champion_folder(home, 2), champion_folder(home, 1), dirs_exist_ok=True
            ),
            "was begun anew",
        ),
    ],
)
def test_without_its_copy_the_present_model_scores_both_moments_and_it_is_said(
    desk: Desk, lose: Callable[[Path], object], said: str
) -> None:
    lose(desk.home)
    [lead, *_] = desk.open_at(SINCE, NOW)
    found = desk.find(f"L-{lead:05d}")
    assert said in found.warnings[0]
    assert found.warnings[0].startswith("The present model scores both moments")
    assert found.recorded is not None
    assert found.changes.since.model_version == 2


def test_moments_at_which_there_is_no_score_are_refused(desk: Desk) -> None:
    history = History(desk.tables, desk.mapping)
    everyone, closed = set(desk.open_at(SINCE)), set(desk.open_at(SINCE)) - set(desk.open_at(NOW))
    for lead in closed:
        found = desk.find(f"L-{lead:05d}")
        assert isinstance(found, NotOpenAt)
        assert found.end == "until"
    created = int(history.created_at[0])
    early = desk.find("L-00000", created - 1)
    assert isinstance(early, Fault)
    assert early.where == "?since"
    gone = [at for at in range(LEADS) if history.created_at[at] < SINCE and at not in everyone]
    assert desk.find(f"L-{gone[0]:05d}") == NotOpenAt(desk.find(f"L-{gone[0]:05d}").stage, "since")
    assert desk.find("L-none") is None


def test_nothing_is_written(desk: Desk) -> None:
    with desk.store.reading() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(LEDGER_HEADERS)).scalar_one()
    for lead in desk.open_at(SINCE, NOW)[:3]:
        desk.find(f"L-{lead:05d}")
    with desk.store.reading() as connection:
        after = connection.execute(sa.select(sa.func.count()).select_from(LEDGER_HEADERS)).scalar_one()
    assert after == before > 0


def test_only_the_versions_used_last_stay_loaded(desk: Desk) -> None:
    [lead, *_] = desk.open_at(SINCE, NOW)
    with desk.store.reading() as connection:
        record = newest_record(connection, lead + 1, SINCE)
    assert record is not None
    sha256 = load_local(desk.home).artifact_sha256
    other = replace(record, model_version=2, model_sha256=sha256)
    one, two = LocalVersions(desk.home, 1), LocalVersions(desk.home, 2)
    for versions, is_held in ((one, False), (two, True)):
        first = versions.scorer_of(record)
        assert versions.scorer_of(record) is first
        versions.scorer_of(other)
        assert (versions.scorer_of(record) is first) == is_held
    with pytest.raises(RefusedError, match="without a version"):
        one.scorer_of(replace(record, model_version=None))
    [scored] = first.score(dated_company().batch(1), shown=0)
    assert isinstance(scored, Score)
