import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from small_company import Company, a_batch, an_event, dated_company, day, flat_company

from features.mapping import Mapping
from features.spec import FeatureSpec
from features.words import ENGLISH, Phrasebook, read_words
from models.artifact import load_scorer, save_scorer
from models.reasons.explanation import explain
from models.score import Reason, Score
from models.scorecard.built_in import built_in_scorecard

GERMAN = Path(__file__).parents[2] / "features" / "words" / "german.toml"


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company()


def scores(company: Company, leads: int = 60) -> list[Score]:
    found = company.scorer.score(company.batch(leads), shown=None)
    return [score for score in found if isinstance(score, Score)]


def with_reasons(given: Score, *told: tuple[str, float, Any], **changed: Any) -> Score:
    reasons = tuple(
        Reason(text=f"{phrase[0].upper()}{phrase[1:]}", effect=effect, log_odds=effect / 10, family=family,
               features=(phrase,), phrase=phrase)
        for phrase, effect, family in told
    )  # fmt: skip
    return replace(given, reasons=(*reasons, given.reasons[-1]), **changed)


PRICING = ("visited the pricing page 3 times in the last 7 days", 21.0, "engagement")
SILENT = ("has not answered our last 2 touches", -9.0, "engagement")
SIZE = ("company size: 420", 12.0, "fit")
OF = "87 of 99. "


@pytest.mark.parametrize(
    ("fit", "told", "said"),
    [
        (95, [SIZE, PRICING, SILENT], f"{OF}For: fits very well and {PRICING[0]}. Against: {SILENT[0]}"),
        (75, [SIZE], "87 of 99. For: fits well"),
        (50, [SILENT, (SIZE[0], 3.0, "fit")], f"{OF}Against: {SILENT[0]}. For: {SIZE[0]}"),
        (50, [SILENT, ("company size: 420", 0.8, "fit")], f"87 of 99. Against: {SILENT[0]}"),
        (50, [PRICING, ("came by chance", -2.0, "context")], f"87 of 99. For: {PRICING[0]}"),
        (50, [SIZE, SILENT], f"87 of 99. For: company size: 420. Against: {SILENT[0]}"),
        (24, [PRICING], f"87 of 99. For: {PRICING[0]}. Against: fits poorly"),
        (10, [SILENT], f"87 of 99. Against: fits poorly and {SILENT[0]}"),
        (50, [("badge scanned: once", 0.4, "engagement")], "87 of 99. Nothing stands out"),
    ],
)  # fmt: skip
def test_a_summary_names_the_strongest_for_and_against(
    company: Company, fit: int, told: list[Any], said: str
) -> None:
    score = with_reasons(scores(company, 1)[0], *told, score=87, fit_score=fit)
    assert explain(score, company.scorer).summary == said


def test_the_parts_add_up_to_the_margin_to_the_bit(company: Company) -> None:
    of_family = {family: company.scorer.spec.only(family) for family in ("fit", "engagement", "context")}  # type: ignore[misc]  # the families
    for score in scores(company):
        parts = explain(score, company.scorer).parts
        told = (parts.expected, parts.fit, parts.engagement, parts.context)
        total = 0.0
        for part in told:
            assert part is not None
            total += part
        assert total == score.margin
        assert score.contributions is not None
        for part, family in zip(told[1:], of_family, strict=True):
            assert part == pytest.approx(score.contributions[of_family[family]].sum(), abs=1e-9)


def test_a_paragraph_says_score_chance_reasons_and_what_is_not_known(company: Company) -> None:
    seen = set()
    for score in scores(company):
        explained = explain(score, company.scorer)
        text = explained.handoff.replace("\N{NO-BREAK SPACE}", " ")
        assert text.startswith(f"Lead {score.lead_id} scores {score.score} of 99 as of 27 October 2024: ")
        assert "convert within 30 days: " in text
        assert "of all leads, 5.0 % do." in text
        assert "because" not in text
        assert "  " not in text
        assert text.endswith(".")
        told = re.findall(r"\(([+\N{MINUS SIGN}][\d.]+)\)", text)
        largest = [reason for reason in score.reasons[:-1] if reason.effect >= 0.5]
        rest = score.reasons[-1].effect
        is_rest = rest >= max([0.5, *(reason.effect for reason in largest)])
        largest = largest[: 3 - is_rest]
        assert len([one for one in told if one[0] == "+"]) == len(largest) + is_rest
        assert all(f"{reason.phrase} (+" in explained.handoff for reason in largest)
        assert ("Nothing speaks for it" in text) == (not largest and not is_rest)
        named = re.search(r"Not known: ([^.]*)\.", text)
        assert (named[1].split(", ") if named else []) == list(explained.not_known)
        seen |= set(explained.not_known)
    assert {"Country", "Interests"} <= seen


def handoff_of(given: Score, company: Company, **changed: Any) -> str:
    return explain(replace(given, **changed), company.scorer).handoff.replace("\N{NO-BREAK SPACE}", " ")


def test_what_raised_a_score_is_said_where_it_is_what_is_not_known(company: Company) -> None:
    score = with_reasons(scores(company, 1)[0], SILENT, ("badge scanned: once", 0.4, "engagement"))
    rest = score.reasons[-1]
    moved = handoff_of(score, company, reasons=(*score.reasons[:-1], replace(rest, effect=26.0)))
    quoted = "\N{LEFT SINGLE QUOTATION MARK}Not known or small\N{RIGHT SINGLE QUOTATION MARK}"
    assert f"For: {quoted} (+26.0). Against: has not" in moved
    still = handoff_of(score, company, reasons=(*score.reasons[:-1], replace(rest, effect=0.1)))
    assert "Nothing speaks for it in particular. Against: has not answered our last 2 touches" in still


def test_a_band_that_is_one_number_is_one_and_no_share_is_less_than_none(company: Company) -> None:
    shares = {"probability_low": 2e-5, "probability": 3e-5, "probability_high": 4e-5}
    text = handoff_of(scores(company, 1)[0], company, score=0, **shares)
    assert "less likely to convert than nearly all of the leads that are scored." in text
    assert "Of leads with this score, under 0.1 % convert within 30 days; of all leads, 5.0 % do." in text


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.07, "7 %"), (0.14, "14 %"), (0.28, "28 %"), (0.29, "29 %"), (0.012, "1.2 %"), (0.0004, "under 0.1 %"),
     (0.0, "0 %"), (1.0, "100 %"), (0.99999999999999, "99 %"), (1e-13, "under 0.1 %")],
)  # fmt: skip
def test_a_share_is_a_percentage_without_what_doubles_add(share: float, said: str) -> None:
    assert ENGLISH.numerals.percent(share).replace("\N{NO-BREAK SPACE}", " ") == said


def test_what_is_not_known_is_a_column_that_holds_nothing(company: Company) -> None:
    [score] = company.scorer.score(a_batch({"country": [""]}, as_of=[day(100)]), shown=None)
    assert isinstance(score, Score)
    unknown = explain(score, company.scorer).not_known
    assert {"Country", "Job title", "Email"} <= set(unknown)
    assert not any("channel" in name or "Fields" in name for name in unknown)


def test_points_are_no_chance_and_no_rank() -> None:
    scorer = built_in_scorecard()
    batch = a_batch(
        {"job_title": ["CEO"], "email": ["a@gmail.com"]},
        events=[[an_event("demo_requested", day(99)), an_event("page_view", day(98), page="pricing")]],
    )
    [score] = scorer.score(batch, shown=None)
    assert isinstance(score, Score)
    explained = explain(score, scorer)
    assert explained.summary.startswith(f"{score.score} of 99 points. ")
    assert "they are no chance and no rank." in explained.handoff
    assert "convert" not in explained.handoff
    assert explained.not_known == ("Employees",)
    assert explained.parts.expected is explained.parts.fit is explained.parts.context is None


def test_without_events_and_without_a_horizon_nothing_is_said_of_them() -> None:
    company = flat_company()
    explained = explain(scores(company, 1)[0], company.scorer)
    assert explained.engagement_score is None
    assert "engagement" not in explained.handoff
    assert "within" not in explained.handoff
    assert re.match(r"Lead \S+ scores \d+ of 99: (more|less) likely", explained.handoff)
    assert "1970" not in explained.handoff


@dataclass(frozen=True)
class _Explained:
    spec: FeatureSpec
    mapping: Mapping
    words: Phrasebook


def test_where_no_column_tells_who_a_lead_is_nothing_is_said_of_its_fit(company: Company) -> None:
    scorer = company.scorer
    columns = tuple(column for column in scorer.spec.columns if column.family != "fit")
    without = _Explained(dataclasses.replace(scorer.spec, columns=columns), scorer.mapping, scorer.words)
    score = replace(scores(company, 1)[0], vector=None, contributions=None)
    told = explain(with_reasons(score, PRICING, fit_score=95, score=87), without)
    assert told.summary == f"87 of 99. For: {PRICING[0]}"
    assert " fit " not in told.handoff
    assert "Of 99, its engagement is" in told.handoff


def test_an_explanation_is_said_in_the_words_of_the_scorer(company: Company, tmp_path: Path) -> None:
    save_scorer(company.scorer, tmp_path / "german")
    scorer = load_scorer(tmp_path / "german", words=read_words(GERMAN))
    for ours, score in zip(scores(company, 20), scorer.score(company.batch(20), shown=None), strict=True):
        assert isinstance(score, Score)
        explained = explain(score, scorer)
        assert "von 99. " in explained.summary
        assert "wahrscheinlicher zu gewinnen als" in explained.handoff
        assert [(one.effect, one.features) for one in score.reasons] == [
            (one.effect, one.features) for one in ours.reasons
        ]
        assert score.reasons[-1].text == "Nicht bekannt oder klein"
        assert np.array_equal(score.contributions, ours.contributions)  # type: ignore[arg-type]  # they are there
