import math

import numpy as np

from features.columns import Column
from features.spec import FeatureSpec
from features.words import ENGLISH, Phrasebook, is_known
from features.words.book import MOST_KEPT_BY_ONE, Sayings

SPEC = FeatureSpec(
    columns=(
        Column(name="opted_in", kind="boolean", family="fit"),
        Column(name="employees", kind="number", family="fit"),
        Column(name="land", kind="country", family="fit", vocabulary=("DE", "FR")),
        Column(name="job_title", kind="title", family="fit"),
        Column(name="full", kind="completeness", family="fit", reads=(("fit", "land"), ("fit", "email"))),
    ),
    unused=(),
    event_keys=("page_view", "page_view.pricing", "badge_scanned", "sales_call"),
    touch_keys=("sales_call",),
    has_age=True,
    has_events=True,
    missing=(),
    decimal=".",
    detail_keys=("page_view.pricing",),
    value_keys=("page_view",),
)


def test_what_was_said_of_other_leads_before_changes_no_sentence() -> None:
    about: dict[tuple[bool, str], list[int]] = {}
    for at, feature in enumerate(SPEC.features):
        about.setdefault((feature.is_of_column, feature.about), []).append(at)
    rng = np.random.default_rng(3)
    may_lack = np.asarray([f.is_of_column or f.measure == "days_since" for f in SPEC.features])
    worn = Phrasebook(ENGLISH.catalogue)
    for _ in range(100):
        row = np.floor(rng.exponential(2.0, len(SPEC.features)))
        row += np.where(rng.random(len(row)) < 0.3, 0.25, 0.0)
        row[may_lack & (rng.random(len(row)) < 0.2)] = math.nan
        fresh = Phrasebook(ENGLISH.catalogue)
        for positions in about.values():
            features = [SPEC.features[at] for at in positions]
            values = row[positions].tolist()
            usual = rng.choice([0.0, 1.0, math.nan], len(values)).tolist()
            if is_known(values):
                assert worn.say(features, values, usual) == fresh.say(features, values, usual)


def test_so_many_sentences_are_kept_and_all_are_said() -> None:
    asked: list[int] = []

    def say(count: int) -> str:
        asked.append(count)
        return str(count)

    sayings = Sayings(say)
    several = 2 * MOST_KEPT_BY_ONE
    for _ in range(2):
        assert [sayings[count,] for count in range(several)] == [str(count) for count in range(several)]
    assert len(sayings) == MOST_KEPT_BY_ONE
    assert asked == [*range(several), *range(MOST_KEPT_BY_ONE, several)]
