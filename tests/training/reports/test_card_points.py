"""The card of a scorecard tells every rule, and claims nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_about import HOSTILE
from small_company import dated_company

from models.artifact import save_scorer
from models.scorecard.points_card import card_from
from models.scorecard.points_scorer import PointsScorer
from training.reports.card import Card, card_of
from training.reports.content import shown
from training.reports.markdown import escaped

if TYPE_CHECKING:
    from pathlib import Path

CARD = {
    "threshold": 60,
    "origin": "our own sales team",
    "profile": {
        "cap": 30,
        "rules": [
            {"feature": "country", "equals": "DE", "points": 20, "text": HOSTILE},
            {"feature": "no_such_column", "at_least": 100, "points": 10},
        ],
    },
    "behavioural": {
        "rules": [{"feature": "page_view.count.7d", "at_least": 3, "points": 15, "half_life": "14 days"}]
    },
    "stage": {"rules": [{"feature": "lead.age_days", "at_least": 200, "points": -25}]},
}


@pytest.fixture
def card(tmp_path: Path) -> Card:
    company = dated_company().scorer
    scorer = PointsScorer(
        name="leadlens", version=None, mapping=company.mapping, spec=company.spec, card=card_from(CARD)
    )
    about = {
        "scorecard": {
            "origin": "our own sales team",
            "unmatched": [],
            "leads": 1_234,
            "command": "leadlens points --card card.toml",
            "sha256": "f" * 64,
        }
    }
    save_scorer(scorer, tmp_path / "points", about=about)
    return card_of(tmp_path / "points", version=2)


def test_every_rule_stands_in_it_with_points_decay_and_words(card: Card) -> None:
    told = ("60 points", "our own sales team", "1,234", "+15", "14 days", "-25", "at most", "version 2")
    for text in (*told, HOSTILE, "'page_view.count.7d' at least 3", "'no_such_column' at least 100"):
        assert escaped(shown(text)) in card.markdown, text
    assert "The ideal customer profile" in card.markdown
    assert "30 points at most" in card.markdown


def test_it_claims_no_evidence_and_draws_nothing(card: Card) -> None:
    assert "foretells nothing" in card.markdown
    assert card.plots == {}
    assert "<svg" not in card.html
    assert "<script" not in card.html
    assert "AUC" not in card.markdown


def test_what_can_never_match_is_told_apart(card: Card) -> None:
    _, _, after = card.markdown.partition("Rules that can never match in these data")
    row = next(line for line in after.splitlines() if escaped("no_such_column") in line)
    assert "there is no such feature here" in row


def test_it_promises_nothing_that_the_policy_decides(card: Card) -> None:
    assert "for sales" not in card.markdown
    assert "by which leadlens points counts, is 60 points" in card.markdown
    assert "policy of the service" in card.markdown


def test_it_says_how_to_make_it_again(card: Card) -> None:
    assert escaped("leadlens points --card card.toml") in card.markdown
    assert "f" * 64 in card.markdown
