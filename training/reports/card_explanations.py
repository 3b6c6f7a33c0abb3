"""The parts of a card that say what moves its scores, by which values, and how surely in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.explaining.told import worth_telling
from training.explaining.words import NOT_KNOWN, bin_said, feature_said
from training.reports.card_words import log_odds_said, share_said
from training.reports.content import Facts, Section, Sentences, Table
from training.reports.plots_explanations import dependence_plots, importance_plot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.explaining.explanations import Explanations, Over
    from training.explaining.told import ToldReason


def moving(found: Explanations, reasons: Sequence[ToldReason]) -> Section:
    """Say how far each reason moves scores, and which way."""
    told = worth_telling(reasons)
    others = reasons[len(told) :]
    table = Table(
        caption="How far each reason moves the margin, up or down",
        head=("Reason", "Family", "Which way", "Mean absolute log-odds", "Share of all"),
        rows=tuple(
            (one.name, one.moved.family, one.direction, log_odds_said(one.moved.size), share_said(one.share))
            for one in told
        ),
        words=3,
    )
    sentences = ["A lead's own reasons add up to its score; here is their mean size over all leads."]
    if others:
        share = share_said(sum(one.share for one in others))
        sentences.append(f"{len(others):,} more reasons move it by {share} of all, together.")
    said = (
        f"{found.rows:,} rows of {found.leads:,} leads of the census, each taken apart by a model that never "
        "saw the lead. 0.7 log-odds double the odds. In brackets: 95 % intervals, from resampling leads."
    )
    return Section(
        title="What moves its scores",
        said=said,
        parts=(importance_plot(reasons), Sentences(tuple(sentences)), table),
    )


def by_value(reasons: Sequence[ToldReason]) -> Section | None:
    """Say what the strongest features do, by their values; None where nothing is known of it."""
    rows = tuple(row for one in reasons for row in _bins(one))
    if not rows:
        return None
    table = Table(
        caption="The figures of these plots",
        head=("Feature", "Value", "Leads", "Mean log-odds"),
        rows=rows,
        words=2,
        is_folded=True,
    )
    said = (
        "Of each of the strongest reasons the feature that moves scores most: what it does to the margin, by "
        "its value, with 95 % intervals. Bins hold about as many rows each, and no fewer than 20 leads; grey "
        "is not known. Each plot has a scale of its own. It shows what goes with converting, not what causes "
        "it."
    )
    return Section(title="By which values", said=said, parts=(*dependence_plots(reasons), table))


def _bins(reason: ToldReason) -> Iterator[tuple[str, ...]]:
    found = reason.dependence
    if found is None or not found.bins:
        return
    name = feature_said(reason.name, reason.feature)
    for one in found.bins:
        yield name, bin_said(reason.feature, one), f"{one.leads:,}", log_odds_said(one.mean)
    if found.missing is not None:
        yield name, NOT_KNOWN, f"{found.missing.leads:,}", log_odds_said(found.missing.mean)


def steadiness(found: Explanations, reasons: Sequence[ToldReason]) -> Section | None:
    """Say whether the reasons keep their order across folds and time; None where it was not looked at."""
    if not found.stability:
        return None
    told = worth_telling(reasons)
    table = Table(
        caption="The place of each reason",
        head=("Reason", "In words", "Place", *(f"In {one.over}" for one in found.stability)),
        rows=tuple(
            (
                one.name,
                "its place is not sure" if one.is_unsteady else "keeps its place",
                str(one.rank),
                *(_range(one, stability.over) for stability in found.stability),
            )
            for one in told
        ),
        words=2,
        marked=frozenset(at for at, one in enumerate(told) if one.is_unsteady),
    )
    return Section(
        title="Whether that order holds",
        said=_in_short(told, " and ".join(one.over for one in found.stability)),
        parts=(Facts(tuple(_agreements(found))), table),
    )


def _in_short(told: Sequence[ToldReason], over: str) -> str:
    unsteady = [one.name for one in told if one.is_unsteady]
    if not unsteady:
        return f"The {len(told)} strongest reasons keep their places across {over}."
    return f"Not sure is the place of: {', '.join(unsteady)}. Other leads might put these elsewhere."


def _agreements(found: Explanations) -> Iterator[tuple[str, str]]:
    for one in found.stability:
        yield (
            f"rank correlation over pairs of {one.over} ({one.said})",
            f"{one.agreement:.2f} on average, {one.least:.2f} at least",
        )


def _range(reason: ToldReason, over: Over) -> str:
    ranks = reason.moved.in_folds if over == "folds" else reason.moved.in_quarters
    return f"{min(ranks)} to {max(ranks)}" if min(ranks) < max(ranks) else str(min(ranks))
