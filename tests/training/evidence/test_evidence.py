"""The evidence: what the twin may know, and what is said where it had to know too much."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from small_company import TINY, Company, dated_company, day, flat_company

from features.durations import DAY_US
from features.errors import RefusedError
from features.snapshots import Moments
from training.evidence import gather as evidences
from training.evidence.evidence import evidence_from
from training.evidence.gather import (
    SPLITS,
    TEST_SHARE,
    evidence_by_splits,
    evidence_in_time,
    gather_evidence,
    judge,
)
from training.fitting.fit import fit_margins, fit_scorer
from training.fitting.recipe import Recipe

RECIPE = Recipe(boosting=TINY)


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company(900)


@pytest.fixture(scope="module")
def flat() -> Company:
    return flat_company()


class Spy:
    """Stands where the twin is fitted, and writes down what it was shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.past: list[tuple[Moments, Moments, Recipe]] = []
        self.plain: list[tuple[Moments, Moments, Recipe]] = []
        self.tested: list[Moments] = []
        told = evidences.judge

        def fit(history: Any, examples: Moments, census: Moments, recipe: Recipe) -> Any:
            self.past.append((examples, census, recipe))
            return fit_scorer(history, examples, census, recipe)

        def judged(history: Any, scorer: Any, tested: Moments, **said: Any) -> Any:
            self.tested.append(tested)
            return told(history, scorer, tested, **said)

        def ranked(history: Any, examples: Moments, tested: Moments, recipe: Recipe) -> Any:
            self.plain.append((examples, tested, recipe))
            return fit_margins(history, examples, tested, recipe)

        monkeypatch.setattr(evidences, "fit_scorer", fit)
        monkeypatch.setattr(evidences, "fit_margins", ranked)
        monkeypatch.setattr(evidences, "judge", judged)


@pytest.fixture
def two_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two random splits instead of ten: what is said of them does not depend on their number."""
    monkeypatch.setattr(evidences, "evidence_by_splits", partial(evidence_by_splits, splits=2))


def gathered(company: Company, **parts: Any) -> Any:
    chosen = {"examples": company.examples, "census": company.census, "recipe": RECIPE} | parts
    return gather_evidence(company.history, **chosen)


def test_no_label_window_of_the_twin_reaches_the_first_evaluated_moment(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    found = gathered(company)
    horizon = company.mapping.training.horizon
    assert horizon is not None
    [tested] = spy.tested
    [(examples, census, _)] = spy.past
    assert (examples.as_of + horizon).max() <= tested.as_of.min()
    assert (census.as_of + horizon).max() <= tested.as_of.min()
    [(same_examples, same_tested, plain)] = spy.plain
    assert (same_examples, same_tested) == (examples, tested), "a twin without events learns from the same"
    assert plain.families == ("fit", "context")
    assert not [note for note in found.notes if "embargo" in note]


def test_the_latest_part_of_the_census_is_tested_and_all_of_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    found = gathered(company)
    [tested] = spy.tested
    assert tested.as_of.max() == company.census.as_of.max()
    assert len(tested) == (company.census.as_of >= tested.as_of.min()).sum() == found.rows
    assert TEST_SHARE <= len(tested) / len(company.census) < TEST_SHARE + 0.1
    owner = company.history.owner[tested.lead]
    assert found.leads == len(np.unique(owner))
    assert found.conversions == len(np.unique(owner[tested.label == 1]))


def test_an_embargo_that_would_leave_too_little_is_given_up_and_said(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    horizon = 30 * DAY_US
    cut = np.sort(company.census.as_of)[int((1 - TEST_SHARE) * len(company.census))]
    mostly_late = (company.examples.as_of + horizon > cut) | (company.examples.lead % 40 == 0)
    examples = company.examples.where(mostly_late)
    found = gathered(company, examples=examples)
    [tested] = spy.tested
    first = tested.as_of.min()
    assert all((examples.as_of < first).all() for examples, _, _ in spy.past)
    [note] = found.notes
    kept = (examples.as_of + horizon <= first).sum()
    assert note.startswith("No embargo: the horizon of 30 days is too long for this history")
    assert f"would leave {kept} of {len(spy.past[0][0])} examples" in note
    assert "which can flatter the figures" in note


@pytest.mark.usefixtures("two_splits")
def test_data_too_short_for_a_later_period_are_split_by_lead_and_it_is_said(company: Company) -> None:
    census = company.census.where((company.census.as_of >= day(60)) & (company.census.as_of < day(120)))
    found = gathered(
        company, examples=company.examples.where(company.examples.as_of >= day(130)), census=census
    )
    assert found.how.startswith("mean of 2 seeded random splits by lead")
    assert found.notes[0].startswith("A test on a later period was not possible (Only 0 leads converted")
    assert "Random splits flatter a model" in found.notes[0]


def test_no_lead_of_a_test_split_is_shown_to_its_twin(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    evidence_by_splits(company.history, company.examples, company.census, RECIPE, splits=2)
    owner = company.history.owner
    assert len(spy.tested) == 2
    assert len(spy.past) == len(spy.plain) == 2
    for at, (examples, census, _) in enumerate(spy.past):
        assert spy.plain[at][0] is examples
        held_out = set(owner[spy.tested[at].lead].tolist())
        assert not held_out & set(owner[examples.lead].tolist())
        assert not held_out & set(owner[census.lead].tolist())
        assert held_out | set(owner[census.lead].tolist()) == set(owner[company.census.lead].tolist())
    assert len({tuple(tested.lead.tolist()) for tested in spy.tested}) == 2


def test_flat_data_are_split_and_the_splits_are_seeded(flat: Company) -> None:
    twice = [evidence_by_splits(flat.history, flat.examples, flat.census, RECIPE, splits=2) for _ in "ab"]
    assert twice[0] == twice[1]
    first = gathered(flat)
    assert first.how == f"mean of {SPLITS} seeded random splits by lead, 30% held out in each"
    assert first.rows == round(TEST_SHARE * len(flat.census))
    assert first.notes == (
        "The data have no time, so the test is not on a later period; expect a little less in use.",
    )
    assert first.auc_without_events is None


def test_flat_data_with_a_creation_are_tested_on_the_newest(
    flat: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    newest = np.arange(len(flat.history), dtype=np.int64) * DAY_US
    monkeypatch.setattr(flat.history, "created_at", newest)
    found = gathered(flat)
    [tested] = spy.tested
    assert tested.lead.min() == round((1 - TEST_SHARE) * len(flat.history))
    assert all(examples.lead.max() < tested.lead.min() for examples, _, _ in spy.past)
    assert found.notes == ("The labels carry no dates, so no embargo between training and test can be kept.",)


def test_intervals_hold_their_values_and_signal_is_found(company: Company) -> None:
    found = gathered(company)
    for figure in (found.auc, found.log_loss, found.rivals[0].measures["log_loss"], found.auc_without_events):
        assert figure.low <= figure.value <= figure.high
    assert found.shows_signal
    assert found.log_loss.value < found.rivals[0].measures["log_loss"].value
    assert found.auc_without_events != found.auc


def shuffled(moments: Moments, owner: np.ndarray, seed: int) -> Moments:
    """Return the same rows with nothing to be learned: whether a lead converts is drawn anew each month."""
    month = (moments.as_of // (30 * DAY_US)) % 97
    drawn = np.random.default_rng(seed).random((int(owner.max()) + 1, 97)) < 0.3
    return Moments(moments.lead, moments.as_of, drawn[owner[moments.lead], month].astype(np.float64))


def without_signal(company: Company, seed: int) -> Any:
    owner = company.history.owner
    return gathered(
        company,
        examples=shuffled(company.examples, owner, seed),
        census=shuffled(company.census, owner, seed),
    )


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_labels_show_no_signal(company: Company, seed: int) -> None:
    found = without_signal(company, seed)
    assert abs(found.auc.value - 0.5) < 0.06
    assert found.log_loss.value > found.rivals[0].measures["log_loss"].value - 0.01


@pytest.mark.usefixtures("two_splits")
def test_shuffled_labels_of_flat_data_show_no_signal(flat: Company) -> None:
    found = without_signal(flat, 0)
    assert not found.shows_signal
    assert abs(found.auc.value - 0.5) < 0.06
    assert found.log_loss.value > found.rivals[0].measures["log_loss"].value - 0.01


def test_evidence_comes_back_from_json_as_it_was(company: Company) -> None:
    import json

    found = gathered(company)
    assert evidence_from(json.loads(json.dumps(found.to_dict()))) == found


def test_rows_of_one_label_cannot_judge(company: Company) -> None:
    lost = company.census.where(company.census.label == 0)
    with pytest.raises(RefusedError, match="all have the same label"):
        judge(company.history, company.scorer, lost, how="", notes=())


def test_judging_says_what_the_scorer_says(company: Company) -> None:
    """The figures rest on the very probabilities that are served."""
    from training.measures import logloss

    tested = company.census.where(np.arange(len(company.census)) % 7 == 0)
    found = judge(company.history, company.scorer, tested, how="here", notes=("so",))
    scores = company.scorer.score(company.history.at(tested.lead, tested.as_of))
    served = np.asarray([getattr(score, "probability", np.nan) for score in scores])
    assert found.log_loss.value == pytest.approx(
        logloss(tested.label, served, np.ones(len(served))), rel=1e-12
    )
    assert (found.how, found.notes, found.rows) == ("here", ("so",), len(tested))


def test_the_first_test_moment_is_one_of_the_census(company: Company) -> None:
    found = evidence_in_time(company.history, company.examples, company.census, RECIPE, company.census.as_of)
    assert found.rows < len(company.census)
    assert "twin trained on what came before" in found.how
