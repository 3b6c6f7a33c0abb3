import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_facts import facts

from decisions.deciding import Decider
from decisions.policy import Policy, Thresholds, policy_digest, policy_of_text, read_policy
from features.errors import InputError
from models.score import Rung

RUNGS: tuple[Rung, ...] = ("points", "blend", "model")


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


RULED = Decider(Policy())


@pytest.mark.parametrize(("score", "action"), [(70, "route"), (69, "nurture"), (99, "route"), (0, "nurture")])
def test_a_threshold_is_inclusive(score: int, action: str) -> None:
    assert RULED.decide(facts(score=score)).action == action


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_lead_is_routed_from_the_threshold_on_and_the_decision_says_why(score: int, threshold: int) -> None:
    decision = Decider(Policy(score_threshold=threshold)).decide(facts(score=score))
    assert (decision.action == "route") is decision.over_threshold is (score >= threshold)
    assert str(score) in decision.why
    assert f"threshold of {threshold}" in decision.why
    assert decision == Decider(Policy(score_threshold=threshold)).decide(facts(score=score))


@given(st.integers(0, 98))
def test_a_higher_score_is_never_treated_worse(score: int) -> None:
    lower, higher = RULED.decide(facts(score=score)), RULED.decide(facts(score=score + 1))
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
def test_the_decision_names_the_rung(rung: Rung, named: str) -> None:
    policy = Policy(score_threshold_by_rung=Thresholds(points=67, blend=66, model=65))
    decision = Decider(policy).decide(facts(score=66, rung=rung))
    assert decision.action == ("nurture" if rung == "points" else "route")
    assert f"for a score by {named}." in decision.why


@pytest.mark.parametrize(
    "value", ["100", "-1", '"70"', "70.5", "70.0", "true", "[70]", "{a = 1}", "inf", "nan"]
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, value: str) -> None:
    with pytest.raises(InputError, match=r"policy\.toml, line 1, score_threshold") as caught:
        read_policy(written(tmp_path, f"score_threshold = {value}"))
    assert len(caught.value.faults) == 1


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"policy\.toml, line 1, threshold: ") as caught:
        read_policy(
            written(
                tmp_path,
                "threshold = 70\nscore_threshold = 200\n[score_threshold_by_rung]\nmodal = 7\nblend = -1",
            )
        )
    assert sorted(fault.where for fault in caught.value.faults) == [
        "policy.toml, line 1, threshold",
        "policy.toml, line 2, score_threshold",
        "policy.toml, line 4, score_threshold_by_rung.modal",
        "policy.toml, line 5, score_threshold_by_rung.blend",
    ]


WRONG = {
    "[stages.SQL]\nenter = 'scor > 3'": ("line 2, stages.SQL.enter", "do you mean 'score'"),
    "[routes.x]\nqueue = 'q'\nwhen = 'score >'": ("line 3, routes.x.when", "unexpected end"),
    "[signals.x]\nwords = 'x'\nwhen = 'score + 1'": ("line 3, signals.x.when", "yes or no"),
    "[signals.x]\nwords = 'x'\nwhen = 'country > 1'": ("line 3, signals.x.when", "what can be answered"),
    "[signals.x]\nwords = 'x'\nwhen = '[1].exists(one, one == 1)'": ("line 3, signals.x.when", "a loop"),
    "[signals.x]\nwords = 'x'\nwhen = 'country.matches(\"d.\")'": ("line 3, signals.x.when", "a pattern"),
    "[handoff]\nby = 'capacity'": ("line 2, handoff.by", "a_day"),
    "[segments.x]\nby = 'contry'": ("line 2, segments.x.by", "do you mean 'country'"),
    "[segments.size]\nby = 'region'\ncases = { a = 'true' }": ("line 1, segments.size", "one of the two"),
    "[required]\nfields = ['fone']": ("line 2, required.fields", "do you mean 'phone'"),
    "[[handoff.segments]]\ndimension = 'sise'\nvalue = 'x'": ("handoff.segments", "do you mean 'size'"),
    "[history.score]": ("line 1, history.score", "means nothing else"),
    "[history.x]\nwithin = '90'": ("line 2, history.x.within", "length of time"),
    "[tracks.x]\nwhen = 'true'": ("line 1, tracks.x.words", "words"),
    "[tracks.x": ("policy.toml", "TOML"),
    "[routes.x]\nqueue = 'q'\nwhen = \"country == 'DE'\"": (
        "line 3, routes.x.when",
        "without capitals, as 'de'",
    ),
    "[routes.x]\nqueue = 'q'\nwhen = \"segment_size == 'Enterprise'\"": (
        "line 3, routes.x.when",
        "'enterprise'",
    ),
    "[routes.x]\nqueue = 'q'\nwhen = \"country in ['de', 'Austria']\"": (
        "line 3, routes.x.when",
        "'austria'",
    ),
    "[numbers]\nmql_score = inf": ("line 2, numbers.mql_score", "finite"),
    "[numbers]\nsize = 3": ("line 2, numbers.size", "means nothing else"),
    "[lists]\ntrue = ['a']": ("line 2, lists.true", "means nothing else"),
    "[attributes.in]\ncolumns = ['a']": ("line 1, attributes.in", "means nothing else"),
    "[attributes.deal_value]\nkind = 'text'": ("line 2, attributes.deal_value.kind", "the kind number"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_policy_is_said_with_its_line(text: str) -> None:
    where, said = WRONG[text]
    with pytest.raises(InputError, match=re.escape(where)) as caught:
        policy_of_text(text)
    assert said in str(caught.value)


def test_a_policy_lays_its_own_over_the_default() -> None:
    own = policy_of_text(
        """
        [numbers]
        mql_score = 40
        mine = 7
        [disqualifiers.student]
        off = true
        [segments.size]
        by = "region"
        [routes.enterprise]
        when = "employees > mine"
        queue = "large"
        """
    )
    assert own.numbers == {"mine": 7, "mql_score": 40, "mid_size": 50, "enterprise_size": 1000}
    assert own.disqualifiers["student"].off
    assert own.segments["size"].cases == {}
    assert [*own.routes] == ["enterprise", "sales"]
    assert own.stages == Policy().stages
    assert own.sha256 != Policy().sha256
    assert policy_of_text("# nothing").sha256 == Policy().sha256


@given(st.text(max_size=200))
def test_whatever_text_is_a_policy_or_is_refused_in_words(text: str) -> None:
    with suppress(InputError):
        assert policy_of_text(text).content


def test_what_a_list_holds_is_compared_without_capitals() -> None:
    assert policy_of_text("[lists]\ncompetitors = ['Rival.Example']").lists["competitors"] == (
        "rival.example",
    )


def test_a_very_long_policy_is_refused() -> None:
    with pytest.raises(InputError, match="at most"):
        policy_of_text("#" * 300_000)
