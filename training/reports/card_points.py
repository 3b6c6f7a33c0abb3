"""The card of a points scorecard: its rules, its threshold, and the profile of the ideal customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.durations import spelled
from training.reports.card_data import USE, features_used
from training.reports.content import Facts, Report, Section, Sentences, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.scorecard.points import BoundCard
    from models.scorecard.points_card import Rule, SectionName
    from models.scorecard.points_scorer import PointsScorer

TITLES: dict[SectionName, str] = {
    "profile": "The ideal customer profile",
    "demographic": "Who the lead is",
    "behavioural": "What it did",
    "stage": "How far it came",
}


def points_report(scorer: PointsScorer, about: Mapping[str, Any]) -> Report:
    """Return the card of a scorecard, with what was kept about it (`scorecard`: origin, leads, command)."""
    card, kept = scorer.card, about.get("scorecard", {})
    items = [
        ("rung", scorer.rung),
        ("threshold", f"{card.card.threshold} points"),
        ("rules", f"{len(card.rules):,}"),
        ("rules that can never match", f"{len(card.unmatched):,}"),
    ]
    if kept.get("leads") is not None:
        items.append(("leads in its data", f"{kept['leads']:,}"))
    number = "" if scorer.version is None else f", version {scorer.version}"
    return Report(
        kicker="Model card",
        title=f"{scorer.name}{number}",
        said="A points scorecard: it gives each open lead the points of the rules that it matches.",
        verdict="foretells nothing",
        is_good=True,
        facts=Facts(tuple(items)),
        sections=(
            _purpose(card.card.threshold),
            *_rules(card),
            *_unmatched(card),
            features_used(scorer),
            _reproducing(scorer, kept),
        ),
    )


def _purpose(threshold: int) -> Section:
    return Section(
        title="What it is for, and its limits",
        said="It serves while there is too little history to learn from.",
        parts=(
            Sentences(
                (
                    "Its score is a sum of points, floored and clipped to 0-99: no rank, no probability.",
                    "There is no evidence of it, for it foretells nothing.",
                    f"Its threshold, by which leadlens points counts, is {threshold} points.",
                    "Which scores go to sales, the policy of the service says.",
                    "Each rule that a lead matches is a reason, with its points.",
                    USE,
                )
            ),
        ),
    )


def _rules(card: BoundCard) -> Iterator[Section]:
    """Yield each section of rules that can match, the ideal customer profile first."""
    for name, held in card.card.sections:
        rules = [bound.rule for bound in card.rules if bound.section == name]
        cap = "" if held.cap is None else f"What these rules give adds up to {held.cap} points at most."
        table = Table(
            caption="Rules",
            head=("Where", "Points", "Half after", "Said as"),
            rows=tuple((rule.said, f"{rule.points:+}", _half_life(rule), rule.text or "") for rule in rules),
            words=1,
        )
        if rules:
            yield Section(title=TITLES[name], said=cap, parts=(table,))
        elif name == "profile":
            yield Section(title=TITLES[name], said="No rule of it can match in these data.")


def _unmatched(card: BoundCard) -> Iterator[Section]:
    if card.unmatched:
        rows = tuple((f"{TITLES[one.section]}: {one.rule.said}", one.why) for one in card.unmatched)
        table = Table(caption="Rules without effect", head=("Where", "Why"), rows=rows, words=2)
        yield Section(title="Rules that can never match in these data", parts=(table,))


def _half_life(rule: Rule) -> str:
    return "" if rule.half_life is None else spelled(rule.half_life)


def _reproducing(scorer: PointsScorer, kept: Mapping[str, Any]) -> Section:
    told = (("command", "command"), ("data (SHA-256)", "sha256"))
    items = [
        ("where the rules come from", kept.get("origin") or scorer.card.card.origin or "not said"),
        *((name, str(kept[key])) for name, key in told if kept.get(key)),
        ("artifact (SHA-256)", str(scorer.artifact_sha256)),
    ]
    return Section(
        title="How to make it again",
        said="The rules stand in the artifact, and above: the same rules on the same features give the same "
        "points. The command names files without the folders that they were in: type it where they are.",
        parts=(Facts(tuple(items)),),
    )
