import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from small_company import dated_company
from some_facts import advised

from models.score import Score
from serving.scoring.told import told_document, told_json, told_of
from serving.wire.encoding import to_json

WORDS = st.one_of(st.text(max_size=9), st.sampled_from(['"', "\\", "\u2028", "null", "\x00", "\ud800"]))


def a_score(**changed: Any) -> Score:
    found = dated_company().scorer.score(dated_company().batch(1))[0]
    assert isinstance(found, Score)
    return replace(found, **changed)


@given(WORDS, st.none() | st.floats(0, 1), st.sampled_from([90.0, 0.5, None]), st.lists(WORDS, max_size=2))
def test_the_json_of_an_answer_is_that_of_its_document(
    lead_id: str, probability: float | None, days: float | None, warnings: list[str]
) -> None:
    score = a_score(lead_id=lead_id, probability=probability, horizon_days=days, base_rate=probability)
    told = told_of(score, advised(score), warnings)
    assert told_json(told) == to_json(told_document(told))
    assert list(json.loads(told_json(told))) == list(told_document(told))


@pytest.mark.parametrize("name", ["probability", "probability_low", "base_rate", "baseline_probability"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_cannot_write_is_refused(name: str, value: float) -> None:
    score = a_score(**{name: value})
    with pytest.raises(ValueError, match="no number that JSON can write"):
        told_json(told_of(score, advised(score)))


def test_so_is_one_in_a_reason() -> None:
    score = a_score()
    worse = replace(score, reasons=(replace(score.reasons[0], effect=math.nan), *score.reasons[1:]))
    with pytest.raises(ValueError, match="no number that JSON can write"):
        told_json(told_of(worse, advised(score)))
