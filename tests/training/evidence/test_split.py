"""What a twin may learn from: never a lead and moment of the tested rows, never an answer of their time."""

import numpy as np
import pytest
from small_company import Company, dated_company, day, flat_company

from features.durations import DAY_US
from features.errors import RefusedError
from features.snapshots import Moments
from training.evidence.split import (
    TEST_SHARE,
    Split,
    refuse_small_parts,
    split_for,
)
from training.fitting.enough import refuse_too_little
from training.fitting.folds import folds_of
from training.fitting.recipe import Recipe

RECIPE = Recipe()
HORIZON = 30 * DAY_US


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company(900)


@pytest.fixture(scope="module")
def flat() -> Company:
    return flat_company()


def split(
    company: Company,
    *,
    examples: Moments | None = None,
    census: Moments | None = None,
    is_searched: bool = False,
) -> Split:
    return split_for(
        company.history,
        company.examples if examples is None else examples,
        company.census if census is None else census,
        RECIPE,
        is_searched=is_searched,
    )


def owners(company: Company, rows: Moments) -> set[int]:
    return set(company.history.owner[rows.lead].tolist())


def test_no_label_window_of_the_twin_reaches_the_first_tested_moment(company: Company) -> None:
    found = split(company)
    [part] = found.parts
    assert (part.learned.as_of + HORIZON).max() <= part.tested.as_of.min()
    assert (part.census.as_of + HORIZON).max() <= part.tested.as_of.min()
    assert found.learned_until == found.first == part.tested.as_of.min()
    assert found.is_embargoed is True
    assert found.searched == (part.learned, part.census), "a search sees what the twin sees"
    assert found.notes == ()


def test_the_latest_part_of_the_census_is_tested_and_all_of_it(company: Company) -> None:
    found = split(company)
    tested = found.tested
    assert found.last == tested.as_of.max() == company.census.as_of.max()
    assert len(tested) == (company.census.as_of >= tested.as_of.min()).sum()
    assert TEST_SHARE <= len(tested) / len(company.census) < TEST_SHARE + 0.1
    assert "twin trained on what came before 20" in found.how


def test_an_embargo_that_would_leave_too_little_is_given_up_and_said(company: Company) -> None:
    cut = np.sort(company.census.as_of)[int((1 - TEST_SHARE) * len(company.census))]
    mostly_late = (company.examples.as_of + HORIZON > cut) | (company.examples.lead % 40 == 0)
    examples = company.examples.where(mostly_late)
    found = split(company, examples=examples)
    [part] = found.parts
    assert (part.learned.as_of < part.tested.as_of.min()).all()
    [note] = found.notes
    kept = (examples.as_of + HORIZON <= part.tested.as_of.min()).sum()
    assert note.startswith("No embargo: the horizon of 30 days is too long for this history")
    assert f"would leave {kept} of {len(part.learned)} examples" in note
    assert "which can flatter the figures" in note
    assert found.learned_until == part.tested.as_of.min() + HORIZON, "answers came up to there"
    assert found.is_embargoed is False


@pytest.mark.parametrize(("share", "is_kept"), [(0.4, True), (0.26, True), (0.24, False)])
def test_an_embargo_that_leaves_the_twin_a_quarter_and_enough_is_kept(
    company: Company, share: float, is_kept: bool
) -> None:
    examples, cut = (
        company.examples,
        np.sort(company.census.as_of)[int((1 - TEST_SHARE) * len(company.census))],
    )
    decided = np.flatnonzero(examples.as_of + HORIZON <= cut)
    others = np.flatnonzero((examples.as_of + HORIZON > cut) & (examples.as_of < cut))
    few = np.random.default_rng(0).permutation(decided)[: int(share / (1 - share) * len(others))]
    found = split(company, examples=examples.where(np.sort(np.r_[few, others])))
    assert found.is_embargoed is is_kept
    assert (found.notes == ()) is is_kept
    [part] = found.parts
    assert len(part.learned) == (len(few) if is_kept else len(few) + len(others))


def test_an_embargo_that_would_leave_too_few_conversions_is_given_up(company: Company) -> None:
    examples, cut = (
        company.examples,
        np.sort(company.census.as_of)[int((1 - TEST_SHARE) * len(company.census))],
    )
    decided = examples.as_of + HORIZON <= cut
    first = np.unique(examples.lead[decided & (examples.label == 1.0)])[:19]
    found = split(
        company,
        examples=examples.where(~decided | (examples.label == 0.0) | np.isin(examples.lead, first)),
    )
    assert found.is_embargoed is False
    assert "examples (Only 19 leads converted; at least 20" in found.notes[0]


def test_data_too_short_for_a_later_period_are_split_by_fold_and_it_is_said(company: Company) -> None:
    census = company.census.where((company.census.as_of >= day(60)) & (company.census.as_of < day(120)))
    examples = company.examples.where(company.examples.as_of >= day(130))
    found = split(company, examples=examples, census=census)
    assert len(found.parts) == 5
    assert not found.is_later
    [note] = found.notes
    assert note.startswith("A test on a later period was not possible (Only 0 leads converted")
    assert "Random splits flatter a model" in note


def test_every_row_of_flat_data_is_tested_by_a_twin_that_saw_no_row_of_its_lead(flat: Company) -> None:
    found = split(flat)
    assert found.how == "5 twins, each tested on the fold of leads that it did not see"
    assert sorted(found.tested.lead.tolist()) == sorted(flat.census.lead.tolist())
    fold_of = folds_of(flat.history, RECIPE)
    for part in found.parts:
        assert set(fold_of[part.tested.lead].tolist()) == {part.fold}
        held_out = owners(flat, part.tested)
        assert not held_out & owners(flat, part.learned)
        assert not held_out & owners(flat, part.census)
        assert held_out | owners(flat, part.census) == owners(flat, flat.census)
    [note] = found.notes
    assert "The data have no time" in note
    assert found.is_embargoed is None


def test_a_search_of_flat_data_sees_no_tested_lead(flat: Company) -> None:
    found = split(flat, is_searched=True)
    assert [part.fold for part in found.parts] == [3, 4]
    seen = owners(flat, found.searched[0]) | owners(flat, found.searched[1])
    assert seen
    assert not seen & owners(flat, found.tested)
    assert seen | owners(flat, found.tested) == owners(flat, flat.census)
    assert [note for note in found.notes if "only 2 of 5 folds could be tested" in note]


def test_flat_data_with_a_creation_are_tested_on_the_newest(
    flat: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flat.history, "created_at", np.arange(len(flat.history), dtype=np.int64) * DAY_US)
    found = split(flat)
    [part] = found.parts
    assert part.tested.lead.min() == round((1 - TEST_SHARE) * len(flat.history))
    assert part.learned.lead.max() < part.tested.lead.min()
    assert found.notes == ("The labels carry no dates, so no embargo between training and test can be kept.",)
    assert found.is_embargoed is False


def test_a_tested_period_of_one_label_is_no_test(company: Company) -> None:
    late = company.census.as_of >= day(250)
    census = Moments(company.census.lead, company.census.as_of, np.where(late, 0.0, company.census.label))
    found = split(company, census=census.where(late | (company.census.as_of < day(170))))
    assert "all have the same label" in found.notes[0]


def test_too_few_conversions_are_refused(company: Company) -> None:
    converted = np.flatnonzero(company.examples.label == 1.0)
    few = np.ones(len(company.examples), np.bool_)
    few[np.isin(company.examples.lead, np.unique(company.examples.lead[converted])[19:])] = False
    with pytest.raises(
        RefusedError, match=r"Only 19 leads converted; at least 20 are needed.*longer history"
    ):
        refuse_too_little(company.history, company.census, company.examples.where(few))
    refuse_too_little(company.history, company.census, company.examples)


def test_a_person_of_many_rows_is_one_conversion(flat: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    one = np.where(flat.examples.label == 1.0, 0, flat.history.owner)
    monkeypatch.setattr(flat.history, "owner", one)
    with pytest.raises(RefusedError, match="Only 1 leads converted"):
        refuse_too_little(flat.history, flat.examples)


def test_what_is_enough_for_all_may_be_too_little_for_a_twin(flat: Company) -> None:
    converted = np.flatnonzero(flat.census.label == 1.0)
    few = flat.census.where(np.sort(np.r_[np.flatnonzero(flat.census.label == 0.0), converted[:22]]))
    refuse_too_little(flat.history, few)
    found = split(flat, examples=few, census=few)
    least = min(int(part.learned.label.sum()) for part in found.parts)
    counts = [int(part.learned.label.sum()) for part in found.parts]
    assert least < 20
    first = next(count for count in counts if count < 20)
    with pytest.raises(RefusedError, match=f"Without the leads of a fold.*Only {first} leads converted"):
        refuse_small_parts(flat.history, found)
    refuse_small_parts(flat.history, split(flat))


def test_no_person_of_flat_data_is_on_both_sides_of_a_date(
    flat: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fourth of the newest rows is of the person of an old one."""
    size = len(flat.history)
    owner = np.where(np.arange(size) % 4 == 0, np.arange(size) % 100, np.arange(size))
    monkeypatch.setattr(flat.history, "created_at", np.arange(size, dtype=np.int64) * DAY_US)
    monkeypatch.setattr(flat.history, "owner", owner)
    found = split(flat)
    [part] = found.parts
    assert not owners(flat, part.tested) & (owners(flat, part.learned) | owners(flat, part.census))
    newest = np.arange(size) >= round((1 - TEST_SHARE) * size)
    assert len(part.tested) == (newest & (np.arange(size) % 4 != 0)).sum()
    assert flat.census.where(found.is_tested).lead.tolist() == part.tested.lead.tolist()
    left_out = newest.sum() - len(part.tested)
    assert [note for note in found.notes if note.startswith(f"{left_out} of the newest rows are of people")]
