import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cards import SPEC, cards, vectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from small_company import Company, a_batch, a_mapping, an_event, day

from features.vectors import Vectors
from models.artifact import CHECKSUMS, FILES_OF_POINTS, load_model, load_scorer, read_about, save_scorer
from models.champion import built_in_scorecard, champion_folder, load_champion, point_to
from models.errors import ArtifactError
from models.loading import _load_pyfunc
from models.reasons.rest import shortened
from models.score import Score
from models.scorecard.default_card import default_card
from models.scorecard.points_card import PointsCard, card_from
from models.scorecard.points_scorer import PointsScorer
from models.sent import SentScorer

REST_OF_POINTS = "Other rules and rounding"
REST_CUT = "Other rules, and the limits of 0 and 99"
SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)


def a_scorer(card: PointsCard, spec: Any = SPEC) -> PointsScorer:
    return PointsScorer(name="leadlens", version=3, mapping=a_mapping(), spec=spec, card=card)


def scored(scorer: PointsScorer, values: np.ndarray[Any, Any], shown: int | None = None) -> list[Score]:
    batch = a_batch({"employees": [None] * len(values)})
    found = scorer.score_vectors(batch, Vectors(values, {}, ()), (), shown=shown)
    assert all(isinstance(one, Score) for one in found)
    return [one for one in found if isinstance(one, Score)]


@pytest.fixture(scope="module")
def of_company(company: Company) -> PointsScorer:
    spec = company.scorer.spec
    return PointsScorer(
        name="leadlens", version=None, mapping=company.mapping, spec=spec, card=default_card(spec)
    )


@given(cards(), vectors(), st.none() | st.integers(0, 4))
@SLOW
def test_effects_add_up_to_the_score_exactly_whatever_is_shown(
    card: PointsCard, values: np.ndarray[Any, Any], shown: int | None
) -> None:
    for score in scored(a_scorer(card), values, shown):
        total = float(score.baseline_score)
        for reason in score.reasons:
            total += reason.effect
        assert total == score.score
        assert score.reasons[-1].text in {REST_OF_POINTS, REST_CUT}
        texts = [reason.text for reason in score.reasons]
        assert len(set(texts)) == len(texts)
        assert (score.reasons[-1].family, score.reasons[-1].features) == (None, ())
        assert shown is None or len(score.reasons) <= shown + 1


@given(cards(), vectors())
@SLOW
def test_a_score_is_the_points_clipped_and_claims_nothing_else(
    card: PointsCard, values: np.ndarray[Any, Any]
) -> None:
    scorer = a_scorer(card)
    for score, points in zip(scored(scorer, values), scorer.card.points(values).tolist(), strict=True):
        assert score.score == min(max(math.floor(points), 0), 99)
        assert score.contributions is not None
        assert math.fsum(score.contributions) == points
        assert (score.rung, score.confidence, score.baseline_score) == ("points", "low", 0)
        nothing = (score.probability, score.probability_low, score.probability_high, score.margin)
        assert {*nothing, score.expected_margin, score.base_rate, score.baseline_probability} == {None}
        assert {reason.log_odds for reason in score.reasons} == {None}
        assert 0 <= score.fit_score <= 99
        assert score.engagement_score is not None
        assert 0 <= score.engagement_score <= 99


@given(cards(), vectors(), st.integers(0, 4))
@SLOW
def test_a_score_told_in_full_is_shortened_to_what_the_scorer_tells(
    card: PointsCard, values: np.ndarray[Any, Any], shown: int
) -> None:
    scorer = a_scorer(card)
    for whole, short in zip(scored(scorer, values), scored(scorer, values, shown), strict=True):
        assert shortened(whole, shown) == short


def test_one_lead_and_many_give_the_same_scores(company: Company, of_company: PointsScorer) -> None:
    batch = company.batch(40)
    together = of_company.score(batch, shown=None)
    for row in range(40):
        one = company.history.at(np.asarray([row]), np.asarray([day(300)]))
        assert of_company.score(one, shown=None) == [together[row]]
    assert len({score.score for score in together if isinstance(score, Score)}) > 5


def test_each_rule_is_a_reason_in_words(of_company: PointsScorer) -> None:
    card = card_from(
        {
            "demographic": {
                "rules": [
                    {"feature": "job_title.seniority", "equals": "c-level", "points": 15},
                    {"feature": "email.kind", "equals": "free", "points": -5, "text": "A private address"},
                ]
            },
            "behavioural": {
                "rules": [
                    {"feature": "page_view.count.ever", "at_least": 1, "points": 4},
                    {"feature": "page_view.count.ever", "at_least": 2, "points": 5},
                ]
            },
        }
    )
    scorer = PointsScorer(
        name="leadlens", version=None, mapping=of_company.mapping, spec=of_company.spec, card=card
    )
    batch = a_batch(
        {"job_title": ["CEO"], "email": ["a@gmail.com"]},
        events=[[an_event("page_view", day(99)), an_event("page_view", day(98))]],
    )
    [score] = scorer.score(batch)
    assert isinstance(score, Score)
    assert [(r.text, r.effect) for r in score.reasons] == [
        ("Job title: C-level, in general management", 15.0),
        ("Visited the website twice in the last 7 days", 9.0),
        ("A private address", -5.0),
        (REST_OF_POINTS, 0.0),
    ]
    assert score.score == 19
    assert "Column 'newsletter' was not sent and counts as not known." in score.warnings


def test_what_clipping_takes_is_in_the_last_reason() -> None:
    card = card_from(
        {"stage": {"rules": [{"feature": "employees", "at_least": n, "points": 80} for n in (1, 2)]}}
    )
    values = np.full((2, len(SPEC.features)), np.nan)
    values[:, 0] = [5.0, 0.0]
    high, low = scored(a_scorer(card), values)
    assert (high.score, [reason.effect for reason in high.reasons]) == (99, [160.0, -61.0])
    assert [high.reasons[-1].text, low.reasons[-1].text] == [REST_CUT, REST_OF_POINTS]
    assert (low.score, [reason.effect for reason in low.reasons]) == (0, [0.0])


def test_a_scorecard_is_read_back_from_its_artifact_to_the_bit(
    company: Company, of_company: PointsScorer, tmp_path: Path
) -> None:
    save_scorer(of_company, tmp_path / "card", about={"who": "größe"})
    assert sorted(file.name for file in (tmp_path / "card").iterdir()) == sorted(
        (*FILES_OF_POINTS, CHECKSUMS)
    )
    again = load_scorer(tmp_path / "card")
    assert isinstance(again, PointsScorer)
    batch = company.batch(60)
    assert again.score(batch, shown=None) == of_company.score(batch, shown=None)
    assert (again.card.card, again.spec, again.mapping) == (
        of_company.card.card,
        of_company.spec,
        of_company.mapping,
    )
    assert read_about(tmp_path / "card") == {"who": "größe"}
    save_scorer(again, tmp_path / "again", about={"who": "größe"})
    for name in (*FILES_OF_POINTS, CHECKSUMS):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "card" / name).read_bytes()
    sent = SentScorer.of(again).scorer()
    assert sent.score(batch, shown=None) == of_company.score(batch, shown=None)
    text = "".join(file.read_text("utf-8") for file in (tmp_path / "card").iterdir())
    assert not [lead for lead in company.tables.leads["lead_id"] if f'"{lead}"' in text]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("name", [*FILES_OF_POINTS, CHECKSUMS])
def test_any_altered_byte_of_a_scorecard_is_refused(
    of_company: PointsScorer, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    save_scorer(of_company, tmp_path / "card")
    content = bytearray((tmp_path / "card" / name).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "card" / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=r"checksum|incomplete"):
        load_scorer(tmp_path / "card")


def test_a_scorecard_is_no_model(of_company: PointsScorer, tmp_path: Path) -> None:
    save_scorer(of_company, tmp_path / "card")
    with pytest.raises(ArtifactError, match="expected a model, found a points scorecard"):
        load_model(tmp_path / "card")


def test_mlflow_loads_a_scorecard_and_gets_its_scores(
    company: Company, of_company: PointsScorer, tmp_path: Path
) -> None:
    save_scorer(of_company, tmp_path / "card")
    batch = company.batch(30)
    frame = pd.DataFrame(of_company.vectors(batch).values, columns=of_company.spec.names)
    said = _load_pyfunc(str(tmp_path)).predict(frame)
    assert said.tolist() == [
        float(score.score) for score in of_company.score(batch) if isinstance(score, Score)
    ]


def test_a_scorecard_can_be_champion(company: Company, of_company: PointsScorer, tmp_path: Path) -> None:
    assert load_champion(tmp_path) is None
    save_scorer(of_company, champion_folder(tmp_path, 4))
    point_to(tmp_path, name="leadlens", version=4)
    champion = load_champion(tmp_path)
    assert champion is not None
    [score] = champion.score(company.batch(1), shown=None)
    [mine] = of_company.score(company.batch(1), shown=None)
    assert isinstance(mine, Score)
    assert score == replace(mine, model_version=4)


def test_the_scorecard_that_comes_with_leadlens_needs_no_columns() -> None:
    scorer = built_in_scorecard()
    assert (scorer.version, scorer.card.unmatched) == (0, ())
    events = [
        an_event("demo_requested", day(99)),
        an_event("page_view", day(99), page="pricing"),
        an_event("trial_started", day(98)),
        an_event("email_clicked", day(97)),
        an_event("webinar_attended", day(95)),
    ]
    batch = a_batch({}, events=[events, []])
    keen, idle = scorer.score(batch)
    assert isinstance(keen, Score)
    assert isinstance(idle, Score)
    assert keen.score >= scorer.card.card.threshold > idle.score == 0
    assert keen.grade == "D1"
    assert keen.reasons[0].text.startswith(("Asked for a demo", "Started a trial"))


def test_the_default_card_uses_columns_of_the_kinds_that_it_knows() -> None:
    scorer = built_in_scorecard()
    batch = a_batch(
        {
            "email": ["a@acme.example", "b@mailinator.com", None],
            "job_title": ["VP Sales", "Trainee", None],
            "employees": ["900", "3", None],
        }
    )
    scores = [score for score in scorer.score(batch, shown=None) if isinstance(score, Score)]
    assert [score.score for score in scores] == [30, 0, 0]
    assert {reason.effect for reason in scores[1].reasons[:-1]} == {-30.0, -5.0}


def test_a_scorecard_of_flat_data_has_no_engagement(flat: Company) -> None:
    spec = flat.scorer.spec
    scorer = PointsScorer(
        name="leadlens", version=None, mapping=flat.mapping, spec=spec, card=default_card(spec)
    )
    assert scorer.card.unmatched == ()
    for score in scorer.score(flat.batch(20)):
        assert isinstance(score, Score)
        assert score.engagement_score is None
        assert score.grade in set("ABCD")
