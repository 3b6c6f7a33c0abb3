"""What such leads did next, as an artifact keeps it."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_company import Company

from models.artifact import load_model, save_scorer
from models.next_acts import BANDS, LEADS, RECENCIES, NextActs, Share, bands_of, next_acts_from

KEYS = ("demo_requested", "page_view")


def acts() -> NextActs:
    leads = np.full((BANDS, len(RECENCIES)), 40, np.int64)
    leads[3, 3] = LEADS - 1
    shares = np.zeros((BANDS, len(RECENCIES), 3, 3))
    shares[3, 0] = [[0.04, 0.03, 0.05], [0.5, 0.4, 0.6], [0.3, 0.2, 0.4]]
    shares[3, 3] = np.nan
    return NextActs(keys=KEYS, leads=leads, shares=shares)


def test_a_lead_is_told_the_share_of_leads_that_are_like_it() -> None:
    told = acts()
    assert told.share("demo_requested", 75, 6.9) == Share(share=0.04, low=0.03, high=0.05)
    assert told.share(None, 99, 0.0) == Share(share=0.3, low=0.2, high=0.4)
    assert told.share("demo_requested", 74, 6.9) == Share(share=0.0, low=0.0, high=0.0)
    assert told.share("demo_requested", 75, 7.0) == Share(share=0.0, low=0.0, high=0.0)
    such = told.such_leads(99, 6.9)
    assert (such.score_from, such.score_to, such.leads) == (75, 99, 40)
    assert such.recency == "within_a_week"


def test_of_too_few_leads_and_of_unknown_events_nothing_is_told() -> None:
    assert acts().share("demo_requested", 80, np.nan) is None
    assert acts().such_leads(80, np.nan).recency == "never"
    assert acts().share("badge_scanned", 80, 1.0) is None


def test_bands_are_those_of_the_scores_that_ranks_give() -> None:
    ranks = np.linspace(0.0, 1.0, 10_001)
    scores = np.minimum(99, np.floor(100.0 * ranks)).astype(int)
    assert bands_of(ranks).tolist() == [score // 25 for score in scores.tolist()]


def test_it_is_kept_in_the_artifact_to_the_bit(company: Company, tmp_path: Path) -> None:
    learned = company.scorer.next_acts
    assert learned is not None
    save_scorer(company.scorer, tmp_path / "scorer")
    read = load_model(tmp_path / "scorer").next_acts
    assert read is not None
    assert read.keys == learned.keys
    assert read.leads.tolist() == learned.leads.tolist()
    assert read.shares.tobytes() == learned.shares.tobytes()


def test_an_artifact_of_before_has_none(company: Company) -> None:
    assert next_acts_from(None, company.scorer.spec) is None


def changed(content: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return {**copy.deepcopy(content), name: value}


def test_what_cannot_be_shares_is_refused(company: Company) -> None:
    spec, learned = company.scorer.spec, company.scorer.next_acts
    assert learned is not None
    content = json.loads(json.dumps(learned.to_dict()))
    next_acts_from(content, spec)
    several, few = content["shares"], content["leads"]
    over = copy.deepcopy(several)
    band, recency = np.argwhere(learned.leads >= LEADS)[0].tolist()
    over[band][recency][0] = [0.5, 0.6, 0.7]
    hidden = copy.deepcopy(several)
    hidden[band][recency][0] = [None, None, None]
    for wrong, why in (
        (changed(content, "window_days", 14), "groups leads differently"),
        (changed(content, "keys", content["keys"][1:]), "events that the model does not know"),
        (changed(content, "leads", few[1:]), "a count and shares for each group"),
        (changed(content, "leads", [[-1] * 4] * 4), "a count and shares for each group"),
        (changed(content, "shares", over), "within its interval"),
        (changed(content, "shares", hidden), "20 leads or more, and of no fewer"),
        (changed(content, "leads", [[19] * 4] * 4), "20 leads or more, and of no fewer"),
    ):
        with pytest.raises(ValueError, match=why):
            next_acts_from(wrong, spec)
