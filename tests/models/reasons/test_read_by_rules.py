"""Reasons of generated companies, read by somebody who knows nothing of the model but looks the lead up."""

import re

import numpy as np
import pandas as pd
import pytest
from msgspec.structs import replace
from raw_record import Records
from read_reasons import grammar_faults
from reading_leads import read_scores, truth_faults
from small_company import Company, dated_company, flat_company

from models.score import Score


def told(company: Company, leads: int = 60) -> list[Score]:
    rows = np.random.default_rng(5).choice(len(company.census), leads, replace=False)
    batch = company.history.at(company.census.lead[rows], company.census.as_of[rows])
    return [score for score in company.scorer.score(batch, shown=None) if isinstance(score, Score)]


@pytest.mark.parametrize("company", [dated_company, flat_company])
def test_reasons_are_english_and_true_of_the_record_and_stand_once(company: "type[Company]") -> None:
    made = company()
    found = read_scores(told(made), made.tables, made.scorer)
    assert found.faults == []
    assert found.leads == 60
    assert found.sentences > 400


def test_a_number_that_is_not_the_records_is_found() -> None:
    made = dated_company()
    records = Records(made.tables, made.mapping, {"page_view", "email_opened", "badge_scanned", "sales_call"})
    altered = 0
    for score in told(made, 20):
        record = records.of(score.lead_id, pd.Timestamp(score.as_of, unit="us", tz="UTC"))
        for reason in score.reasons[:-1]:
            text = re.sub(r" \(.*\)$", "", reason.text)
            other = _FIGURE.sub(lambda found: _ANOTHER.get(found[0], found[0] + "1"), text, count=1)
            other = re.sub("^(Has not|We have not|Has shown no) .*", "Was active 5 days ago", other)
            if other != text:
                altered += 1
                assert truth_faults(replace(reason, text=other), record, made.scorer), (text, other)
    assert altered > 150


_FIGURE = re.compile(r"once|twice|(?<!the last )\b\d+\b|\b(yes|no)\b")
_ANOTHER = {"once": "3 times", "twice": "once", "yes": "no", "no": "yes"}
"""Every other number has one figure more. A window is left alone: a longer one may be as true."""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("visited the website once", "does not begin with a capital"),
        ("Employees: nan", "is not for people: nan"),
        ("Page_view count", "is not for people: _"),
        ("Opened an e-mail  once", "has blanks in odd places"),
        ("Opened an e-mail (once", "() do not match"),
        ("Active on 1 days in the last 7 days", "'1 days' is not in number"),
        ("Active on 2 day in the last 7 days", "'2 day' is not in number"),
        ("Opened an e-mail once.", "ends with a full stop"),
        ("A" * 300, "is too long"),
    ],
)
def test_what_is_no_english_is_found(text: str, fault: str) -> None:
    assert fault in grammar_faults(text)


def test_what_the_company_wrote_itself_is_its_own_affair() -> None:
    assert grammar_faults("Segment: a_b) nan", ["a_b) nan"]) == []
