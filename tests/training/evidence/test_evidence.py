"""The evidence: that twins and rivals know no tested row, and that what is said can be read back."""

import json
from typing import Any

import numpy as np
import pytest
from small_company import TINY, Company, dated_company, flat_company

from features.errors import RefusedError
from features.snapshots import Lives, Moments
from models.scorecard.points_card import PointsCard
from training import train
from training.evidence import foretold, gather
from training.evidence.evidence import (
    BASE_RATE,
    BAYES,
    COMPANY_CARD,
    REGRESSION,
    SCORECARD,
    Evidence,
    Rival,
    evidence_from,
)
from training.evidence.gather import gather_evidence, judge
from training.evidence.split import split_for
from training.examples import Examples
from training.fitting.fit import fit, fit_margins
from training.fitting.recipe import Recipe
from training.measures import Figure, auc, logloss
from training.train import Trained, train_on

RECIPE = Recipe(boosting=TINY)


def trained_on(company: Company, **asked: Any) -> Trained:
    examples = Examples(history=company.history, learned=company.examples, census=company.census)
    return train_on(examples, RECIPE, **asked)


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company(900)


@pytest.fixture(scope="module")
def flat() -> Company:
    return flat_company(2_000)


@pytest.fixture(scope="module")
def trained(company: Company) -> Trained:
    return trained_on(company, capacity=30)


@pytest.fixture(scope="module")
def of_flat(flat: Company) -> Trained:
    return trained_on(flat, capacity=30)


class Spy:
    """Stands where twins and rivals are fitted, and writes down what they were shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.learned: list[tuple[Moments, Moments]] = []
        self.plain: list[tuple[Moments, Moments, Recipe]] = []
        self.of_rivals: list[tuple[Moments, int]] = []
        told = foretold.by_rivals

        def fitting(past: Any, examples: Moments, census: Moments, recipe: Recipe) -> Any:
            self.learned.append((examples, census))
            return fit(past, examples, census, recipe)

        def ranking(past: Any, examples: Moments, tested: Moments, recipe: Recipe) -> Any:
            self.plain.append((examples, tested, recipe))
            return fit_margins(past, examples, tested, recipe)

        def rivalling(past: Any, census: Moments, tested: Any, spec: Any, card: Any) -> Any:
            self.of_rivals.append((census, len(tested)))
            return told(past, census, tested, spec, card)

        monkeypatch.setattr(gather, "fit", fitting)
        monkeypatch.setattr(gather, "fit_margins", ranking)
        monkeypatch.setattr(foretold, "by_rivals", rivalling)


@pytest.mark.parametrize("which", ["dated", "flat"])
def test_twins_and_rivals_are_shown_the_past_of_their_part_alone(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = dated_company(900) if which == "dated" else flat_company(2_000)
    spy = Spy(monkeypatch)
    split = split_for(company.history, company.examples, company.census, RECIPE)
    gather_evidence(company.history, split, RECIPE)
    assert spy.learned == [(part.learned, part.census) for part in split.parts]
    assert spy.of_rivals == [(part.census, len(part.tested)) for part in split.parts]
    if which == "dated":
        [part] = split.parts
        [(examples, tested, plain)] = spy.plain
        assert (examples, tested) == (part.learned, part.tested)
        assert plain.families == ("fit", "context")


def test_a_later_period_is_judged_beside_four_rivals(trained: Trained, company: Company) -> None:
    found = trained.evidence
    assert [rival.name for rival in found.rivals] == [BASE_RATE, SCORECARD, REGRESSION, BAYES]
    assert found.shows_signal
    assert found.first is not None
    assert found.last is not None
    assert found.learned_until is not None
    assert found.learned_until.startswith(found.first)
    tested = company.census.where(company.census.as_of >= np.datetime64(found.first, "us").astype(np.int64))
    owner = company.history.owner[tested.lead]
    assert (found.rows, found.leads) == (len(tested), len(np.unique(owner)))
    assert found.conversions == len(np.unique(owner[tested.label == 1]))
    base = found.rivals[0]
    assert set(base.measures) == {"log_loss", "brier", "calibration_error"}
    for rival in found.rivals:
        behind = rival.measures["log_loss"].value - found.log_loss.value
        assert rival.lead.value == pytest.approx(behind, abs=1e-12)
    assert found.auc_without_events != found.auc
    [twin] = trained.twins
    assert twin.fold is None


def test_flat_data_have_a_twin_a_fold_and_every_row_is_judged(of_flat: Trained, flat: Company) -> None:
    found = of_flat.evidence
    assert [twin.fold for twin in of_flat.twins] == [0, 1, 2, 3, 4]
    assert found.rows == len(flat.census)
    assert (found.first, found.flattery, found.capacity) == (None, None, None)
    assert not found.base_rate.has_moved
    assert [note for note in found.notes if "no time" in note]
    assert [note for note in found.notes if "no weeks" in note]
    assert found.auc_without_events is None


def test_what_a_twin_says_is_what_is_judged(trained: Trained, company: Company) -> None:
    """The figures rest on the very probabilities that are served."""
    [twin] = trained.twins
    tested = company.census.where(company.census.as_of >= (twin.learned_until or 0))
    scores = twin.scorer.score(company.history.at(tested.lead, tested.as_of))
    served = np.asarray([getattr(score, "probability", np.nan) for score in scores])
    loss = logloss(tested.label, served, np.ones(len(served)))
    assert trained.evidence.log_loss.value == pytest.approx(loss, rel=1e-12)
    bands = np.bincount(np.asarray([getattr(score, "score", -1) for score in scores]) // 10, minlength=10)
    assert [band.rows for band in trained.evidence.bands] == bands[bands > 0].tolist()


def test_every_figure_holds_its_value_and_the_same_data_give_the_same(
    trained: Trained, company: Company
) -> None:
    found = trained.evidence
    told = [*found.measures.values(), found.base_rate.before, found.base_rate.after]
    told += [figure for rival in found.rivals for figure in (*rival.measures.values(), rival.lead)]
    told += [slice_.converted for slice_ in found.slices] + [band.converted for band in found.bands]
    assert all(figure.low <= figure.value <= figure.high for figure in told)
    assert trained_on(company, capacity=30).evidence == found


def test_the_teams_capacity_is_a_share_of_the_leads_that_are_open(trained: Trained, company: Company) -> None:
    found = trained.evidence
    [twin] = trained.twins
    lives, every = Lives(company.tables, company.history), np.arange(len(company.history))
    mondays = np.unique(company.census.as_of[company.census.as_of >= (twin.learned_until or 0)])
    open_then = [lives.is_open(every, np.full(len(every), monday)).sum() for monday in mondays]
    assert found.capacity == pytest.approx(30 / np.mean(open_then), rel=0.02)
    assert [note for note in found.notes if "the team works 30 a week" in note]
    low, high = (found.measures[f"recall_{top}"].value for top in ("05", "10"))
    assert low <= found.measures["recall_capacity"].value <= high


def test_a_random_split_is_compared_on_the_rows_of_the_later_period(
    trained: Trained, company: Company
) -> None:
    found, flattery = trained.evidence, trained.evidence.flattery
    assert flattery is not None
    [twin] = trained.twins
    later = company.census.as_of >= (twin.learned_until or 0)
    margins, labels = trained.fitted.out_of_fold.margin, company.census.label
    p, one = trained.scorer.calibration.at(margins)[0], np.ones(len(margins))
    loss, of_all = logloss(labels[later], p[later], one[later]), logloss(labels, p, one)
    assert abs(loss - of_all) > 0.02, "else the test could not tell the rows"
    assert flattery.random_log_loss.value == pytest.approx(loss, abs=0.005)
    of_later = auc(labels[later], margins[later], one[later])
    assert flattery.random_auc.value == pytest.approx(of_later, abs=0.005)
    assert flattery.auc == pytest.approx(flattery.random_auc.value - found.auc.value)
    assert flattery.log_loss == pytest.approx(found.log_loss.value - flattery.random_log_loss.value)
    assert flattery.auc_difference is not None
    assert flattery.auc_difference.low < flattery.auc < flattery.auc_difference.high


def test_too_few_for_a_twin_are_refused_before_the_signal_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flat = flat_company()
    lost, won = (np.flatnonzero(flat.census.label == label) for label in (0.0, 1.0))
    few = flat.census.where(np.sort(np.r_[lost, won[:22]]))
    monkeypatch.setattr(train, "find_signal", None)
    with pytest.raises(RefusedError, match="Without the leads of a fold, on which a twin is tested: Only"):
        train_on(Examples(history=flat.history, learned=few, census=few), RECIPE)


def test_a_base_rate_that_moves_is_said(trained: Trained) -> None:
    """Leads of the last months of the small company are old: few of them still convert."""
    change = trained.evidence.base_rate
    assert change.has_moved
    assert change.after.high < change.before.low
    assert [note for note in trained.evidence.notes if "leadlens recalibrate" in note]


def test_a_search_sees_only_what_no_tested_row_is_in(company: Company) -> None:
    seen: list[tuple[Moments, Moments]] = []

    class Found:
        recipe = Recipe(boosting=TINY, name="found")
        trials = ("one", "other")

    def search(_: Any, examples: Moments, census: Moments) -> Found:
        seen.append((examples, census))
        return Found()

    trained = trained_on(company, search=search)
    [twin] = trained.twins
    [(examples, census)] = seen
    horizon = company.mapping.training.horizon or 0
    assert twin.learned_until is not None
    assert max((rows.as_of + horizon).max() for rows in (examples, census)) <= twin.learned_until
    assert (trained.scorer.name, twin.scorer.name) == ("found", "found")
    assert trained.trials == ("one", "other")


def test_the_companys_own_card_is_one_more_rival_and_replaces_none(company: Company) -> None:
    split = split_for(company.history, company.examples, company.census, RECIPE)
    card = PointsCard(origin="ours")
    found = gather_evidence(company.history, split, RECIPE, card=card).evidence
    own, derived = found.rival(COMPANY_CARD), found.rival(SCORECARD)
    assert own is not None
    assert derived is not None
    assert own.said.startswith("the company's own card")
    assert derived.said.startswith("integer points derived")
    assert derived.measures["log_loss"].value < own.measures["log_loss"].value, "a card without rules is weak"
    assert found.is_embargoed is True


def test_evidence_comes_back_from_json_as_it_was(trained: Trained, of_flat: Trained) -> None:
    for found in (trained.evidence, of_flat.evidence):
        assert evidence_from(json.loads(json.dumps(found.to_dict()))) == found


def test_rows_of_one_label_cannot_judge(company: Company) -> None:
    lost = company.census.where(company.census.label == 0)
    with pytest.raises(RefusedError, match="all have the same label"):
        judge(company.history, company.scorer, lost, how="")


def test_a_scorer_is_judged_as_it_is_on_other_rows(company: Company) -> None:
    tested = company.census.where(np.arange(len(company.census)) % 7 == 0)
    found = judge(company.history, company.scorer, tested, how="here", notes=("so",))
    assert (found.how, found.notes, found.rows) == ("here", ("so",), len(tested))
    assert [rival.name for rival in found.rivals] == [BASE_RATE]
    assert found.base_rate.before.value == company.scorer.population.base_rate


def with_leads(found: Evidence, **leads: tuple[float, float]) -> Evidence:
    from dataclasses import replace

    rivals = tuple(
        Rival(name=name.replace("_", " "), said="", measures={}, lead=Figure((low + high) / 2, low, high))
        for name, (low, high) in leads.items()
    )
    return replace(found, rivals=rivals)


def test_what_is_not_promotable_says_why(trained: Trained) -> None:
    sound = {"base_rate": (0.01, 0.02), "points_scorecard": (0.01, 0.02), "naive_Bayes": (-0.01, 0.02)}
    assert with_leads(trained.evidence, **sound).reasons_against == ()
    level = with_leads(trained.evidence, **{**sound, "points_scorecard": (-0.01, 0.02)})
    assert "does not beat the points scorecard" in level.reasons_against[0]
    own = with_leads(trained.evidence, **sound, company_scorecard=(-0.01, 0.02))
    assert "does not beat the company scorecard" in own.reasons_against[0]
    assert with_leads(trained.evidence, **sound, company_scorecard=(0.01, 0.02)).reasons_against == ()
    beaten = with_leads(trained.evidence, **{**sound, "naive_Bayes": (-0.02, -0.01)})
    assert "The naive Bayes beats it" in beaten.reasons_against[0]
    alone = with_leads(trained.evidence, base_rate=(0.01, 0.02))
    assert alone.reasons_against == ("It was not tried against the points scorecard.",)
