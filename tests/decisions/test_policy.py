import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from small_company import dated_company

from decisions.advise import advise
from decisions.policy import Policy, Thresholds, policy_digest, read_policy
from features.errors import InputError
from models.score import Rung, Score

RUNGS: tuple[Rung, ...] = ("points", "blend", "model")


def a_score(score: int) -> Score:
    found = dated_company().scorer.score(dated_company().batch(1))[0]
    assert isinstance(found, Score)
    return replace(found, score=score)


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("score", "action"), [(70, "route"), (69, "nurture"), (99, "route"), (0, "nurture")])
def test_a_threshold_is_inclusive(score: int, action: str) -> None:
    assert advise(a_score(score), Policy()).action == action


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_lead_is_routed_from_the_threshold_on_and_the_advice_says_why(score: int, threshold: int) -> None:
    advice = advise(a_score(score), Policy(score_threshold=threshold))
    assert (advice.action == "route") is (score >= threshold)
    assert str(score) in advice.why
    assert str(threshold) in advice.why
    assert str(threshold) in advice.rule
    assert advice == advise(a_score(score), Policy(score_threshold=threshold))
    assert (advice.stage, advice.temperature, advice.queue) == (None, None, None)


@given(st.integers(0, 98), st.integers(0, 99))
def test_a_higher_score_is_never_treated_worse(score: int, threshold: int) -> None:
    policy = Policy(score_threshold=threshold)
    lower, higher = advise(a_score(score), policy), advise(a_score(score + 1), policy)
    assert (lower.action, higher.action) != ("route", "nurture")


def test_a_policy_is_read_from_its_file(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, "score_threshold = 55")) == Policy(score_threshold=55)
    assert read_policy(written(tmp_path, "")) == Policy()
    by_rung = read_policy(written(tmp_path, "[score_threshold_by_rung]\npoints = 50\nmodel = 80"))
    assert thresholds(by_rung) == (50, 65, 80)


def thresholds(policy: Policy) -> tuple[int, ...]:
    return tuple(policy.threshold(rung) for rung in RUNGS)


def test_by_default_a_lower_rung_hands_over_earlier() -> None:
    points, blend, model = thresholds(Policy())
    assert points < blend < model == 70


def test_a_threshold_alone_holds_on_every_rung_and_that_of_a_rung_wins_over_it() -> None:
    assert thresholds(Policy(score_threshold=75)) == (75, 75, 75)
    of_blend = Policy(score_threshold=75, score_threshold_by_rung=Thresholds(blend=0))
    assert thresholds(of_blend) == (75, 0, 75)


threshold = st.none() | st.integers(0, 99)


@given(
    st.builds(
        Policy,
        score_threshold=threshold,
        score_threshold_by_rung=st.builds(Thresholds, points=threshold, blend=threshold, model=threshold),
    )
)
def test_what_records_keep_of_a_policy_says_the_same_whatever_the_default_becomes(policy: Policy) -> None:
    again = Policy.model_validate(json.loads(json.dumps(policy.content)))
    assert (thresholds(again), again.sha256) == (thresholds(policy), policy.sha256)
    assert again.score_threshold is None
    assert None not in again.score_threshold_by_rung.model_dump().values()
    assert policy.sha256 == policy_digest(policy.content)


@pytest.mark.parametrize(
    ("rung", "named"),
    [("points", "the points scorecard"), ("blend", "a blend of scorecard and model"), ("model", "a model")],
)
def test_the_advice_names_the_rung(rung: Rung, named: str) -> None:
    score = replace(a_score(66), rung=rung)
    advice = advise(score, Policy(score_threshold_by_rung=Thresholds(points=67, blend=66, model=65)))
    assert advice.action == ("nurture" if rung == "points" else "route")
    assert advice.rule.endswith(f" on the {rung} rung")
    assert advice.why.endswith(f"for a score by {named}.")


@pytest.mark.parametrize(
    "value", ["100", "-1", '"70"', "70.5", "70.0", "true", "[70]", "{a = 1}", "inf", "nan"]
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, value: str) -> None:
    with pytest.raises(
        InputError, match=r"policy\.toml, score_threshold: .*a whole number from 0 to 99"
    ) as caught:
        read_policy(written(tmp_path, f"score_threshold = {value}"))
    assert len(caught.value.faults) == 1


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"policy\.toml, threshold: ") as caught:
        read_policy(
            written(
                tmp_path,
                "threshold = 70\nscore_threshold = 200\n[score_threshold_by_rung]\nmodal = 7\nblend = -1",
            )
        )
    assert [fault.where for fault in caught.value.faults] == [
        "policy.toml, score_threshold",
        "policy.toml, score_threshold_by_rung.blend",
        "policy.toml, score_threshold_by_rung.modal",
        "policy.toml, threshold",
    ]


def test_what_is_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"policy\.toml: expected TOML in UTF-8"):
        read_policy(written(tmp_path, "score_threshold ="))
    path = tmp_path / "policy.toml"
    path.write_bytes(b"# \xff")
    with pytest.raises(InputError, match=r"policy\.toml: expected TOML in UTF-8"):
        read_policy(path)


def test_a_policy_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml: expected a policy file, found no such file"):
        read_policy(tmp_path / "nowhere.toml")
