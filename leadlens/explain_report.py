"""Explanations on a terminal and as JSON: of all scores, and of one lead beside past leads like it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from msgspec import structs

from features.told_times import day_of, moment_of
from leadlens.terminal import say
from training.explaining.told import told_reasons, worth_telling
from training.explaining.words import bin_said, feature_said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.feature import Feature
    from models.score import Score
    from models.scorer import LeadScorer
    from training.explaining.explanations import Bin, Dependence, Explanations, Over
    from training.explaining.past_leads import Shared, SimilarLeads
    from training.explaining.told import ToldReason
    from training.measures import Figure

    Rows = list[tuple[str, ...]]

WIDTH = 120
"""How wide a table is where no terminal says how wide it is."""


def print_overall(scorer: LeadScorer, found: Explanations) -> None:
    """Print what moves all scores of a version, and whether that order holds."""
    reasons = told_reasons(found, scorer.spec, scorer.words)
    say(f"Version {scorer.version} of '{scorer.name}': what moves its scores")
    say(
        f"{found.rows:,} rows of {found.leads:,} leads, each taken apart by a model that never saw the lead; "
        "in brackets: 95 % intervals"
    )
    told, over = worth_telling(reasons), [one.over for one in found.stability]
    head = ("", "reason", "family", "mean |log-odds|", "share", "which way", *(f"in {name}" for name in over))
    _print_table(head, [_overall_row(one, over) for one in told])
    if len(reasons) > len(told):
        share = sum(one.share for one in reasons[len(told) :])
        say(f"{len(reasons) - len(told):,} more reasons move them by {share:.1%} of all, together")
    for one in found.stability:
        correlation = f"{one.agreement:.2f} on average, {one.least:.2f} at least"
        say(f"The order over {one.said}: rank correlation {correlation}")
    unsteady = [one.name for one in told if one.is_unsteady]
    if unsteady:
        say(f"Not sure is the place of: {', '.join(unsteady)}")
    say(f"How each value moves scores, with plots: leadlens card {scorer.version} --out card.html")


def _overall_row(reason: ToldReason, over: list[Over]) -> tuple[str, ...]:
    ranks = {"folds": reason.moved.in_folds, "quarters": reason.moved.in_quarters}
    return (
        str(reason.rank), reason.name, reason.moved.family, _figure(reason.moved.size, 3),
        f"{reason.share:.1%}", reason.direction, *(_range(ranks[name]) for name in over),
    )  # fmt: skip


def print_lead(scorer: LeadScorer, score: Score, found: SimilarLeads) -> None:
    """Print all reasons of a lead, and how those of the past ended that were moved alike."""
    for line in _of_lead(scorer, score):
        say(line)
    rows: Rows = [
        (reason.text, reason.family or "", f"{reason.effect:+.1f}", f"{reason.log_odds or 0.0:+.3f}")
        for reason in score.reasons
    ]
    _print_table(("reason", "family", "points", "log-odds"), rows)
    for line in _of_similar(scorer, found):
        say(line)
    if not found.leads:
        return
    neighbours: Rows = [
        (
            one.score.lead_id, day_of(one.score.as_of) if scorer.mapping.is_dated else "",
            str(one.score.score), f"{one.distance:.2f}", "won" if one.won else "not won",
        )
        for one in found.leads
    ]  # fmt: skip
    _print_table(("lead", "as of", "score", "distance (log-odds)", f"ended{_within(scorer)}"), neighbours)
    say("The version learned from such leads: how they ended shows what it rests on, and is no test of it.")


def _of_lead(scorer: LeadScorer, score: Score) -> Iterator[str]:
    when = f" as of {day_of(score.as_of)}" if scorer.mapping.is_dated else ""
    yield f"{score.lead_id}{when}, by version {scorer.version}: score {score.score}, grade {score.grade}"
    yield (
        f"converts{_within(scorer)} with {score.probability:.1%} "
        f"[{score.probability_low:.1%}, {score.probability_high:.1%}]; of all leads {score.base_rate:.1%} do"
    )


def _of_similar(scorer: LeadScorer, found: SimilarLeads) -> Iterator[str]:
    if found.won is None:
        yield "No moment of the past of another lead is old enough that its horizon has ended."
        return
    of = "" if found.searched == found.moments else f" of {found.moments:,}"
    won = sum(one.won for one in found.leads)
    yield f"Past leads that were moved most alike, from {found.searched:,} moments{of}:"
    yield f"{won} of {len(found.leads)} won{_within(scorer)}: {_percent(found.won)}"
    if found.shared:
        yield f"In common: {', '.join(_shared(scorer, one, len(found.leads)) for one in found.shared)}"


def _shared(scorer: LeadScorer, one: Shared, of: int) -> str:
    how = "raises" if one.raises else "lowers"
    return f"{scorer.words.name(one.group.features)} {how} the score ({one.leads} of {of})"


def overall_content(scorer: LeadScorer, found: Explanations) -> dict[str, Any]:
    """Return what moves all scores as JSON values, with the names of reasons, features and bins."""
    reasons = told_reasons(found, scorer.spec, scorer.words)
    features = {feature.name: feature for feature in scorer.spec.features}
    names = {one.moved.key: one.name for one in reasons}
    return {
        "version": scorer.version,
        "rows": found.rows,
        "leads": found.leads,
        "reasons": [_reason(one) for one in reasons],
        "dependence": [
            {"name": feature_said(names[feature.is_of_column, feature.about], feature)}
            | _dependence(one, feature)
            for one in found.dependence
            for feature in (features[one.feature],)
        ],
        "stability": [asdict(one) for one in found.stability],
    }


def _reason(told: ToldReason) -> dict[str, Any]:
    return {
        "name": told.name,
        "rank": told.rank,
        "share": told.share,
        "direction": told.direction,
        "is_unsteady": told.is_unsteady,
    } | asdict(told.moved)


def _dependence(found: Dependence, feature: Feature) -> dict[str, Any]:
    def said(one: Bin) -> dict[str, Any]:
        return {"said": bin_said(feature, one), **asdict(one)}

    missing = None if found.missing is None else asdict(found.missing)
    return {**asdict(found), "bins": [said(one) for one in found.bins], "missing": missing}


def lead_content(scorer: LeadScorer, score: Score, found: SimilarLeads) -> dict[str, Any]:
    """Return a lead's reasons and its neighbours as JSON values."""
    return {
        "version": scorer.version,
        "lead_id": score.lead_id,
        "as_of": moment_of(score.as_of) if scorer.mapping.is_dated else None,
        "score": score.score,
        "probability": score.probability,
        "margin": score.margin,
        "expected_margin": score.expected_margin,
        "reasons": [structs.asdict(reason) for reason in score.reasons],
        "similar": [
            {
                "lead_id": one.score.lead_id,
                "as_of": moment_of(one.score.as_of) if scorer.mapping.is_dated else None,
                "score": one.score.score,
                "distance": one.distance,
                "won": one.won,
            }
            for one in found.leads
        ],
        "won": None if found.won is None else asdict(found.won),
        "in_common": [
            {"name": scorer.words.name(one.group.features), "raises": one.raises, "leads": one.leads}
            for one in found.shared
        ],
        "moments_searched": found.searched,
        "moments": found.moments,
    }


def _print_table(head: tuple[str, ...], rows: Rows) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head)
    for row in rows:
        table.add_row(*map(Text, row))  # a name or a value may look like markup: shown as it is
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(table, markup=False)


def _within(scorer: LeadScorer) -> str:
    return "" if scorer.horizon_days is None else f" within {scorer.horizon_days:g} days"


def _figure(figure: Figure, digits: int) -> str:
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def _percent(figure: Figure) -> str:
    return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}]"


def _range(ranks: tuple[int, ...]) -> str:
    return "" if not ranks else str(min(ranks)) if min(ranks) == max(ranks) else f"{min(ranks)}-{max(ranks)}"
