"""Changes add up, whatever happened, and nothing that did not happen changes anything."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, a_batch, an_event, dated_company, day

from features.batch import LeadBatch
from features.columns import Column
from features.events import event_log_of_rows
from features.words import read_words
from models.blend import Blend, Line
from models.changes.apart import APART
from models.changes.news import news
from models.changes.sentence import sentence
from models.changes.stations import TellingScorer, UnreadableError
from models.changes.step import Changes, shortened
from models.changes.telling import changes_between
from models.changes.words import ChangeWords
from models.reasons.groups import groups_of
from models.reasons.rest import in_order
from models.score import Score
from models.scorecard.built_in import built_in_scorecard
from models.scorecard.default_card import default_card
from models.scorecard.points import BoundCard
from models.scorer import LeadScorer

SINCE = day(50)


@cache
def fitted(version: int = 6, *, is_blend: bool = False) -> LeadScorer:
    """The fitted scorer of the small company as a version, alone or with a scorecard beside it."""
    own = dated_company().scorer
    blend = Blend(
        card=BoundCard(default_card(own.spec), own.spec),
        weight=0.4,
        line=Line(intercept=-2.0, slope=0.07),
        means=np.full(len(own.spec.features), 0.25),
    )
    return LeadScorer(
        name=own.name,
        version=version,
        mapping=own.mapping,
        spec=own.spec,
        booster=own.booster,
        calibration=own.calibration,
        population=own.population,
        blend=blend if is_blend else None,
    )


def scorer_of(rung: str, version: int = 6) -> TellingScorer:
    if rung == "points":
        points = built_in_scorecard()
        points.version = version
        return points
    return fitted(version, is_blend=rung == "blend")


RUNGS = ("blend", "model", "points")

CELLS: dict[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from([None, "DE", "FR", "BR", "AQ"]),
    HOSTILE_NAME: st.sampled_from([None, "12.5", "55", "800"]),
    "job_title": st.sampled_from([None, "CEO", "Junior Analyst"]),
    "email": st.sampled_from([None, "p1@freemail.example", "p1@acme.example"]),
    "newsletter": st.sampled_from([None, "yes", "no"]),
    "interests": st.sampled_from([None, "crm", "crm; ads"]),
    "employees": st.sampled_from([None, "30", "4000"]),
}
LEADS = st.fixed_dictionaries(CELLS)
EVENTS = st.lists(
    st.builds(
        lambda kind, at, page, late: an_event(kind, day(at), page=page, known_at=day(at + late)),
        st.sampled_from(["page_view", "email_opened", "badge_scanned", "demo_requested", "sales_call"]),
        st.floats(0, 80),
        st.sampled_from([None, "pricing", "blog"]),
        st.sampled_from([0.0, 0.0, 20.0]),
    ),
    max_size=7,
)
GAPS = st.sampled_from([0.0, 0.01, 0.7, 1.0, 7.0, 30.0])


def lead(cells: dict[str, Any], events: list[dict[str, Any]], as_of: int) -> LeadBatch:
    return a_batch({name: [cell] for name, cell in cells.items()}, events=[events], as_of=[as_of])


def same(parts: list[float], total: float) -> bool:
    """Whether a sum in order is `total` to the bit or, where no last part gives that, next to it."""
    largest = max(abs(part) for part in [*parts, total])
    return in_order(parts) == total or abs(in_order(parts) - total) <= 2 * math.ulp(largest)


def assert_adds_up(changes: Changes) -> None:
    assert in_order([step.effect for step in changes.steps]) == changes.effect
    score = changes.since.score
    for step in changes.steps:
        assert in_order([part.effect for part in step.parts]) == step.effect == step.score - score
        score = step.score
        log_odds = [part.log_odds for part in step.parts if part.log_odds is not None]
        assert bool(log_odds) == (step.log_odds is not None)
        assert step.log_odds is None or same(log_odds, step.log_odds)
        assert in_order([one.effect for one in step.happened]) == step.effect
        amounts = [one.log_odds for one in step.happened if one.log_odds is not None]
        assert step.log_odds is None or same(amounts, step.log_odds)
        texts = [(part.text, part.family) for part in step.parts]
        assert len(set(texts)) == len(texts)
    assert score == changes.until.score
    if changes.log_odds is not None and changes.steps:
        assert same([step.log_odds or 0.0 for step in changes.steps], changes.log_odds)


@pytest.mark.parametrize("rung", RUNGS)
@settings(max_examples=40)
@given(LEADS, LEADS, EVENTS, GAPS, st.sampled_from([None, 0, 1, 5]))
def test_effects_and_log_odds_add_up_to_what_changed(
    rung: str, before: Any, after: Any, events: Any, gap: float, shown: int | None
) -> None:
    until = SINCE + day(gap) - day(0)
    scorer = scorer_of(rung)
    then, now = lead(before, events, SINCE), lead(after, events, until)
    changes = changes_between(scorer, then, now)
    assert_adds_up(shortened(changes, shown))
    kinds = [step.kind for step in changes.steps]
    assert kinds == [kind for kind in ("time", "events", "fields") if kind in kinds]
    assert [changes.since, changes.until] == [*scorer.score(then, shown=0), *scorer.score(now, shown=0)]
    assert (changes.log_odds is None) == (rung == "points")
    known = [one for one in events if max(one["occurred_at"], one["known_at"]) <= SINCE]
    expected = {"time": lead(before, known, until), "events": lead(before, events, until), "fields": now}
    for step in changes.steps:
        assert step.score == scorer.score(expected[step.kind], shown=0)[0].score  # type: ignore[union-attr]  # it can be read


@settings(max_examples=25)
@given(LEADS, EVENTS, st.sampled_from(RUNGS), st.sampled_from(RUNGS), GAPS)
def test_another_model_is_a_step_of_its_own_in_points_alone(
    cells: Any, events: Any, old: str, new: str, gap: float
) -> None:
    until = SINCE + day(gap) - day(0)
    then, now = lead(cells, events, SINCE), lead(cells, events, until)
    other = scorer_of(new, 7)
    changes = changes_between(scorer_of(old), then, now, (other, now))
    assert_adds_up(changes)
    *_, last = changes.steps
    assert (last.kind, last.log_odds, changes.log_odds) == ("model", None, None)
    assert changes.until == other.score(now, shown=0)[0]
    assert all(part.log_odds is None for part in last.parts)


@settings(max_examples=20)
@given(LEADS, EVENTS, st.sampled_from(RUNGS))
def test_from_now_to_now_nothing_changed(cells: Any, events: Any, rung: str) -> None:
    now = lead(cells, events, SINCE)
    scorer = scorer_of(rung)
    changes = changes_between(scorer, now, now, (scorer, now))
    assert (changes.steps, changes.effect, changes.log_odds or 0.0) == ((), 0.0, 0.0)


@settings(max_examples=20)
@given(LEADS, EVENTS, EVENTS, GAPS)
def test_what_is_not_visible_until_then_changes_nothing(
    cells: Any, events: Any, more: Any, gap: float
) -> None:
    until = SINCE + day(gap) - day(0)
    later = [one | {"known_at": max(until + 1, one["known_at"])} for one in more]
    alone, beside = (
        changes_between(
            fitted(),
            lead(cells, told, SINCE),
            lead(cells, told, until),
        )
        for told in (events, events + later)
    )
    assert alone.steps == beside.steps
    for first, second in ((alone.since, beside.since), (alone.until, beside.until)):
        assert first == msgspec.structs.replace(
            second, warnings=first.warnings
        )  # a type that nobody knows is said at once


@settings(max_examples=20)
@given(LEADS, EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_events_is_irrelevant(cells: Any, events: Any, random: Any) -> None:
    mixed = [*events]
    random.shuffle(mixed)
    first, second = (
        changes_between(fitted(), lead(cells, told, SINCE), lead(cells, told, day(70)))
        for told in (events, mixed)
    )
    assert first == second


@settings(max_examples=20)
@given(LEADS, EVENTS)
def test_a_lead_to_which_nothing_happened_has_only_aged(cells: Any, events: Any) -> None:
    before = [one for one in events if max(one["occurred_at"], one["known_at"]) <= SINCE]
    changes = changes_between(fitted(), lead(cells, before, SINCE), lead(cells, before, day(57)))
    assert [(step.kind, step.text) for step in changes.steps] == [("time", "a quiet week")]


@settings(max_examples=20)
@given(st.lists(LEADS, min_size=3, max_size=3), EVENTS)
def test_the_changes_up_to_a_moment_and_from_there_are_all_of_them(cells: Any, events: Any) -> None:
    scorer = fitted()
    whole = [lead(held, events, at) for held, at in zip(cells, (SINCE, day(60), day(75)), strict=True)]
    all_at_once = changes_between(scorer, whole[0], whole[2])
    first, second = changes_between(scorer, *whole[:2]), changes_between(scorer, *whole[1:])
    assert all_at_once.effect == first.effect + second.effect
    log_odds = [one.log_odds or 0.0 for one in (first, second, all_at_once)]
    assert log_odds[0] + log_odds[1] == pytest.approx(log_odds[2], abs=1e-12)


def test_events_that_became_known_later_are_new_whenever_they_occurred() -> None:
    events = [an_event("page_view", day(10), page="pricing", known_at=day(55))]
    cells = dict.fromkeys(CELLS)
    changes = changes_between(fitted(), lead(cells, events, SINCE), lead(cells, events, day(57)))
    assert [step.text for step in changes.steps] == ["a week passed", "visited the pricing page"]


def test_each_step_says_what_it_is_about() -> None:
    events = [
        an_event("email_opened", day(3)),
        *(an_event("page_view", day(at), page="pricing") for at in (51, 52)),
        an_event("demo_requested", day(53)),
        an_event("sales_call", day(54)),
    ]
    cells = dict.fromkeys(CELLS) | {HOSTILE_NAME: "35", "country": "DE"}
    after = cells | {HOSTILE_NAME: "420", "country": None, "newsletter": "yes"}
    new = fitted(7)
    now = lead(after, events, day(59))
    changes = changes_between(fitted(), lead(cells, events, SINCE), now, (new, now))
    assert [(step.kind, [one.text for one in step.happened]) for step in changes.steps] == [
        ("time", ["9 days passed"]),
        ("events", ["visited the pricing page twice", "asked for a demo", "we called the lead"]),
        (
            "fields",
            [
                "Country is no longer known",
                f"{HOSTILE_NAME.replace(chr(9), ' ')}: 35 → 420",
                "Newsletter is now known: yes",
            ],
        ),
        ("model", ["new model"]),
    ]
    assert changes.steps[-1].text == "version 6 → 7"
    for step in changes.steps[:-1]:
        assert all(one.text in step.text for one in step.happened)


GERMAN = read_words(Path(__file__).parents[2] / "features" / "words" / "german.toml")


def test_a_translation_tells_all_of_it() -> None:
    events = [an_event("page_view", day(51)), an_event("sales_call", day(54))]
    cells = dict.fromkeys(CELLS)
    now = lead(cells | {"country": "DE"}, events, day(59))
    changes = changes_between(fitted(), lead(cells, [], SINCE), now, (fitted(7), now), words=GERMAN)
    assert [one.text for step in changes.steps for one in step.happened] == [
        "9 Tage vergingen",
        "hat die Website besucht",
        "wir haben den Lead angerufen",
        "Country ist jetzt bekannt: DE (Westeuropa)",
        "neues Modell",
    ]
    assert changes.steps[-1].text == "Version 6 → 7"
    assert [step.parts[-1].text for step in changes.steps[:3]] == ["Kleines und Rundung auf ganze Punkte"] * 3
    told = sentence(changes, is_now=True, words=GERMAN)
    assert "seit 20. Februar" in told
    assert told.startswith(("Von ", "Weiterhin "))


def test_a_question_is_not_asked_twice() -> None:
    column = Column(name="Opted in?", kind="boolean", family="fit")
    spec = replace(
        fitted().spec, columns=(column,), event_keys=(), touch_keys=(), has_age=False, has_events=False
    )
    [group] = [group for group in groups_of(spec) if group.about == "Opted in?"]
    assert ChangeWords().of_field(group, [0.0], [1.0]) == "Opted in?: no → yes"


def test_a_touch_that_can_be_eithers_is_told_as_ours() -> None:
    touches = frozenset({"call"})
    cells = dict.fromkeys(CELLS)

    def at(moment: int) -> LeadBatch:
        events = [an_event("call", day(51))]
        return a_batch(
            {name: [cell] for name, cell in cells.items()}, as_of=[moment], events=[events], touches=touches
        )

    changes = changes_between(fitted(), at(SINCE), at(day(57)))
    assert [step.text for step in changes.steps] == ["a week passed", "we spoke with the lead by phone"]


def test_a_type_is_not_taken_for_the_detail_of_another() -> None:
    """A type may have a full stop in it, and begin as another one does."""
    log = event_log_of_rows(
        [[an_event("a", day(51)), an_event("a.b", day(52), page="c")]], frozenset({"a.b"})
    )
    found = news(log, 0, SINCE, day(57))
    assert [found.deed(kind) for kind in found.types] == ["a", "a.b.c"]
    assert found.touches == {"a.b", "a.b.c"}


def test_what_each_thing_did_is_the_difference_of_two_scores() -> None:
    """The first deed as if the second had not been; the first column as if the second had not changed."""
    events = [
        an_event("page_view", day(51), page="pricing"),
        an_event("demo_requested", day(52)),
        an_event("page_view", day(53), page="pricing"),
    ]
    cells = dict.fromkeys(CELLS)
    after = cells | {"country": "DE", HOSTILE_NAME: "420"}
    scorer, until = fitted(), day(57)
    changes = changes_between(scorer, lead(cells, events, SINCE), lead(after, events, until))
    halfway = [
        lead(cells, [], until),
        lead(cells, [events[0], events[2]], until),
        lead(cells, events, until),
        lead(cells | {"country": "DE"}, events, until),
        lead(after, events, until),
    ]
    scores = [scorer.score(one, shown=0)[0] for one in halfway]
    margins = [score.margin for score in scores if isinstance(score, Score)]
    _, acted, changed = changes.steps
    told = [one.log_odds for step in (acted, changed) for one in step.happened]
    assert told == pytest.approx(np.diff(np.asarray(margins, np.float64)), abs=1e-12)


def test_many_things_are_told_together_after_the_first() -> None:
    events = [an_event(f"type_{at:02d}", day(51 + at / 10)) for at in range(APART + 3)]
    cells = dict.fromkeys(CELLS)
    changes = changes_between(fitted(), lead(cells, events, SINCE), lead(cells, events, day(57)))
    told = [one.text for one in changes.steps[1].happened]
    assert told[:2] == ["Type 00", "Type 01"]
    assert (len(told), told[-1]) == (APART, "4 more kinds of events")


def test_what_weighs_differently_beside_a_change_is_not_said_to_have_changed() -> None:
    events = [an_event("page_view", day(at), page="pricing") for at in (51, 52, 53)]
    cells = dict.fromkeys(CELLS) | {HOSTILE_NAME: "350", "country": "DE"}
    changes = changes_between(fitted(), lead(cells, events, SINCE), lead(cells, events, day(57)))
    _, acted = changes.steps
    assert {part.is_own for part in acted.parts} == {True, False}
    for part in acted.parts[:-1]:
        assert part.is_own != part.text.endswith(", weighed differently")


def test_a_lead_that_cannot_be_read_is_refused_with_what_is_wrong() -> None:
    cells = dict.fromkeys(CELLS)
    good, bad = lead(cells, [], SINCE), lead(cells | {HOSTILE_NAME: "many"}, [], day(57))
    with pytest.raises(UnreadableError, match="L-0 cannot be read"):
        changes_between(fitted(), good, bad)


def test_a_batch_may_hold_the_events_of_others() -> None:
    company = dated_company()
    leads = np.asarray([3, 8, 5], np.int64)
    then, now = (company.history.at(leads, np.full(3, day(at))) for at in (280, 310))
    for row in range(3):
        alone = [_row(batch, row) for batch in (then, now)]
        assert_adds_up(changes_between(company.scorer, *alone))
        bare = changes_between(company.scorer, *(batch.alone() for batch in alone))
        assert changes_between(company.scorer, *alone) == bare


def _row(batch: LeadBatch, row: int) -> LeadBatch:
    return replace(
        batch,
        lead_ids=[batch.lead_ids[row]],
        created_at=batch.created_at[[row]],
        as_of=batch.as_of[[row]],
        cells={name: [list(column)[row]] for name, column in batch.cells.items()},
        owner=batch.owner[[row]],
    )
