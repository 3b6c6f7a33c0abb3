"""A prepared history answers as one that is held in memory, duplicates merged in both."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.bucketed import BucketedHistory
from features.durations import DAY_US
from features.following import Following
from features.history import History
from features.learning import spec_of
from features.mapping import Mapping, read_mapping
from features.past import Past
from features.prepared.write import prepare
from features.reading import read_tables
from features.spec import FeatureSpec
from features.vectors import Vectors, vectorise
from training.examples import Examples, cut_examples, cut_prepared
from training.synthetic import History as Synthetic
from training.synthetic import generate

BUCKETS = (1, 4, 31)
"""The last is more than its history has leads, so that many buckets hold nobody."""


class Both:
    """A generated company with many duplicates: in memory, and prepared in several ways."""

    def __init__(self, folder: Path, leads: int, buckets: Sequence[int]) -> None:
        made = generate(Synthetic(leads=leads, seed=11), folder / "data", format="csv")
        path = made.mapping.parent / "leads.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rng = np.random.default_rng(5)
        copied, held = rng.choice(leads, leads // 7, replace=False), rng.integers(0, leads, leads // 7)
        rows.loc[copied, "email"] = rows["email"].to_numpy()[held]
        rows.to_csv(path, index=False)
        self.mapping: Mapping = read_mapping(made.mapping)
        self.whole: Examples[History] = cut_examples(read_tables(self.mapping, path.parent), self.mapping)
        self.parted: dict[int, Examples[BucketedHistory]] = {
            count: cut_prepared(
                prepare(self.mapping, path.parent, folder / f"in-{count}", buckets=count), self.mapping
            )
            for count in buckets
        }
        learned = self.whole.learned
        self.spec: FeatureSpec = spec_of(self.whole.history.survey(learned.lead, learned.as_of), self.mapping)


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Both]:
    """A company for each number of buckets."""
    large = Both(tmp_path_factory.mktemp("large"), 300, BUCKETS[:2])
    small = Both(tmp_path_factory.mktemp("small"), 22, BUCKETS[2:])
    small.spec = large.spec
    return dict(zip(BUCKETS, (large, large, small), strict=True))


def names_of(past: BucketedHistory) -> list[str]:
    return [name for number in range(len(past.starts) - 1) for name in past.part(number).lead_ids]


def places_in(past: BucketedHistory, history: History, leads: np.ndarray) -> np.ndarray:
    """Return where the leads of a history in memory are in a prepared one."""
    names = pd.Index(names_of(past))
    return names.get_indexer(pd.Index([history.lead_ids[lead] for lead in leads]))


def assert_same_vectors(one: Vectors, other: Vectors) -> None:
    assert one.values.tobytes() == other.values.tobytes()
    assert dict(one.faults) == dict(other.faults)
    assert one.absent == other.absent


def known(cells: Any) -> list[Any]:
    return [None if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell for cell in cells]


def rows_of(examples: Examples[Any], names: list[str], spec: FeatureSpec) -> dict[Any, Any]:
    """Return label and vector of each learned lead and moment."""
    learned = examples.learned
    values = examples.history.vectors(spec, learned.lead, learned.as_of).values
    keys = zip((names[lead] for lead in learned.lead), learned.as_of.tolist(), strict=True)
    rows = dict(
        zip(keys, zip(learned.label.tolist(), (row.tobytes() for row in values), strict=True), strict=True)
    )
    assert len(rows) == len(learned)
    return rows


@pytest.mark.parametrize("count", BUCKETS)
def test_examples_their_vectors_and_the_census_are_those_of_files(
    companies: dict[int, Both], count: int
) -> None:
    both = companies[count]
    parted, whole = both.parted[count], both.whole
    names = names_of(parted.history)
    assert len(whole.merged.alias) > (0 if count > 4 else 20)
    assert parted.merged == whole.merged
    assert rows_of(parted, names, both.spec) == rows_of(whole, whole.history.lead_ids, both.spec)
    census = {
        (names[lead], as_of, label)
        for lead, as_of, label in zip(
            parted.census.lead, parted.census.as_of, parted.census.label, strict=True
        )
    }
    assert len(census) == len(parted.census) == len(whole.census)
    assert census == {
        (whole.history.lead_ids[lead], as_of, label)
        for lead, as_of, label in zip(whole.census.lead, whole.census.as_of, whole.census.label, strict=True)
    }


@pytest.mark.parametrize("count", BUCKETS)
def test_what_followed_is_the_same(companies: dict[int, Both], count: int) -> None:
    both = companies[count]
    whole, parted = both.whole, both.parted[count].history
    asked = Following(keys=both.spec.event_keys, window_us=7 * DAY_US, known_by_us=whole.history.extract_at)
    lead, as_of = whole.census.lead, whole.census.as_of
    vectors, one = whole.history.vectors_and_followed(both.spec, asked, lead, as_of)
    again, other = parted.vectors_and_followed(
        both.spec, asked, places_in(parted, whole.history, lead), as_of
    )
    assert_same_vectors(vectors, again)
    assert np.array_equal(one.came, other.came)
    assert np.array_equal(one.anything, other.anything)
    assert count > 4 or one.came.any(axis=0).sum() > 10


@pytest.mark.parametrize("count", BUCKETS)
def test_the_spec_that_is_learned_is_the_same(companies: dict[int, Both], count: int) -> None:
    both = companies[count]
    learned = both.parted[count].learned
    found = spec_of(both.parted[count].history.survey(learned.lead, learned.as_of), both.mapping)
    whole = both.whole
    assert found == spec_of(whole.history.survey(whole.learned.lead, whole.learned.as_of), both.mapping)
    assert len(found.features) > 20 or count > 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(
    count=st.sampled_from(BUCKETS),
    asked=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 700)), min_size=1, max_size=30),
    is_enriched=st.booleans(),
)
def test_any_leads_in_any_order_are_known_as_they_are_in_memory(
    companies: dict[int, Both], count: int, asked: list[tuple[int, int]], is_enriched: bool
) -> None:
    both = companies[count]
    history, past = both.whole.history, both.parted[count].history
    leads = np.asarray([lead % len(history) for lead, _ in asked], np.int64)
    own = places_in(past, history, leads)
    assert (own >= 0).all()
    as_of = history.extract_at - DAY_US * np.asarray([days for _, days in asked], np.int64)
    if not is_enriched:
        history, past = history.without_enrichment(), past.without_enrichment()
    one, other = past.at(own, as_of), history.at(leads, as_of)
    assert one.lead_ids == other.lead_ids
    assert one.created_at.tolist() == other.created_at.tolist() == past.created_at[own].tolist()
    assert one.as_of.tolist() == other.as_of.tolist()
    assert one.cells.keys() == other.cells.keys()
    for name, cells in one.cells.items():
        assert known(cells) == known(other.cells[name]), name
    found = past.vectors(both.spec, own, as_of)
    assert_same_vectors(found, history.vectors(both.spec, leads, as_of))
    assert found.values.tobytes() == _vectors_at(past, both.spec, own, as_of)
    assert spec_of(past.survey(own, as_of), both.mapping) == spec_of(
        history.survey(leads, as_of), both.mapping
    )


def _vectors_at(past: BucketedHistory, spec: FeatureSpec, leads: np.ndarray, as_of: np.ndarray) -> bytes:
    return vectorise(spec, past.at(leads, as_of)).values.tobytes()


@pytest.mark.parametrize("count", BUCKETS)
def test_what_is_known_of_the_whole_is_the_same(companies: dict[int, Both], count: int) -> None:
    both = companies[count]

    def said_of(past: Past) -> tuple[Any, ...]:
        return len(past), past.extract_at, past.undated(), past.is_enriched, len(set(past.owner.tolist()))

    history, past = both.whole.history, both.parted[count].history
    assert said_of(past) == said_of(history)
    assert said_of(past.without_enrichment()) == said_of(history.without_enrichment())
    assert past.is_enriched
    assert not past.without_enrichment().is_enriched
    assert 0 < len(history.undated()) < 60
    if count > len(history):
        assert (np.diff(past.starts) == 0).any()
