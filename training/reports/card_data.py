"""The parts of a card that say what a model is, what it learned from, and how to make it again."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from training.reports.card_words import share_said
from training.reports.content import Facts, Section, Sentences, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.artifact import AnyScorer
    from models.scorer import LeadScorer
    from training.about import About
    from training.reports.content import Part

USE = "It is made to order the work of a sales team. It is no ground to refuse anybody anything."

MANY_CONVERSIONS = 200
"""With fewer conversions to learn from, scores are of medium confidence."""


def purpose(scorer: LeadScorer, about: About) -> Section:
    """Say what the scores are for, and what they are not."""
    return Section(
        title="What it is for, and its limits",
        said=f"It says of each open lead {chance_of(scorer)}, ranks the leads, and gives its reasons.",
        parts=(Sentences(tuple(_limits(about))),),
    )


def chance_of(scorer: LeadScorer) -> str:
    """Return what a probability of this model is the chance of."""
    if scorer.mapping.is_dated and horizon_said(scorer) is not None:
        return f"how likely it is to convert within {horizon_said(scorer)}"
    return "how likely it is to convert (the data have no dates: no horizon is promised)"


def horizon_said(scorer: LeadScorer) -> str | None:
    """Return the horizon in words, None for flat data."""
    days = scorer.horizon_days
    return None if days is None else f"{days:g} days"


def _limits(about: About) -> Iterator[str]:
    yield "It speaks of leads like those it learned from: of this company, found and worked in these ways."
    yield (
        "A probability holds while as large a share converts as then "
        f"({share_said(about.data.base_rate)}). Where that moves, recalibrate or train again."
    )
    yield (
        "A reason says what goes with converting, not what causes it: doing more of it to a lead need not "
        "help."
    )
    yield USE
    yield (
        "A score is a rank among the leads that are scored: 70 means more likely than 70 % of them, not 70 %."
    )
    if about.data.conversions < MANY_CONVERSIONS:
        yield f"It learned from {about.data.conversions:,} conversions; {MANY_CONVERSIONS} would carry more."
    if about.data.undated:
        names = ", ".join(about.data.undated)
        yield f"Columns without a history may hold values of later than they were known: {names}."
    if about.kept:
        names = ", ".join(about.kept)
        yield f"It learned from columns that the audit calls leaks, because somebody asked for it: {names}."
    weak = sum(1 for one in about.evidence.slices if one.is_weak)
    if weak:
        yield f"It is weak in {weak} of {len(about.evidence.slices)} groups that were looked at; see below."


def data_used(scorer: LeadScorer, about: About) -> Section:
    """Say what was learned from."""
    data = about.data
    items = [
        ("leads", f"{data.leads:,}"),
        ("of which convert", f"{data.conversions:,}"),
        ("examples", f"{data.examples:,}"),
        ("census (rows calibrated on)", f"{data.census:,}"),
        ("of which convert in time", share_said(data.base_rate)),
        ("features", f"{data.features:,}"),
    ]
    if data.first and data.last:
        items.append(("census from, to", f"{data.first[:10]} to {data.last[:10]}"))
    if data.extract_at:
        items.append(("data up to", data.extract_at[:16].replace("T", " ")))
    if data.horizon:
        items.append(("horizon", data.horizon))
    said = (
        "Examples are leads as they were known at moments; the census is all leads that were open at "
        "regular dates, the population that is scored."
        if scorer.mapping.is_dated
        else "Flat data: one row an example, without dates."
    )
    return Section(title="What it learned from", said=said, parts=(Facts(tuple(items)),))


def features_used(scorer: AnyScorer) -> Section:
    """Say which features there are, what they are read from, and what is left out and why."""
    spec, excluded = scorer.spec, scorer.mapping.leads.exclude
    families = Counter(feature.family for feature in spec.features)
    of_column = Counter(feature.about for feature in spec.features)
    sentences = []
    if spec.event_keys:
        sentences.append("Events counted: " + ", ".join(spec.event_keys) + ".")
    if spec.touch_keys:
        sentences.append("Of these, touches by us: " + ", ".join(spec.touch_keys) + ".")
    sentences.append("Excluded by the mapping or the audit: " + (", ".join(excluded) or "none") + ".")
    parts: list[Part] = [
        Table(
            caption="Features by family",
            head=("Family", "Features"),
            rows=tuple((family, f"{count:,}") for family, count in sorted(families.items())),
        ),
        Table(
            caption="Columns that it reads",
            head=("Column", "Read as", "Family", "Features"),
            rows=tuple(
                (column.name, column.kind, column.family, f"{of_column[column.name]:,}")
                for column in spec.columns
            ),
            words=3,
        ),
        Sentences(tuple(sentences)),
    ]
    if spec.unused:
        rows = tuple((unused.name, unused.why) for unused in spec.unused)
        parts.append(
            Table(caption="Columns that it does not use", head=("Column", "Why"), rows=rows, words=2)
        )
    return Section(title="Features", parts=tuple(parts))


def leakage(about: About) -> Section:
    """Say which columns may know the answer."""
    title = "Columns that may know the answer"
    if about.audit is None:
        return Section(title=title, said="No leakage audit was made.")
    found = [one for one in about.audit.get("columns", ()) if one["verdict"] != "clear"]
    clear = len(about.audit.get("columns", ())) - len(found)
    said = f"Of {clear + len(found)} columns audited, nothing speaks against {clear}."
    parts: list[Part] = []
    if found:
        parts.append(
            Table(
                caption="Leaks and suspects",
                head=("Column", "Verdict", "Evidence"),
                rows=tuple((one["name"], _verdict(one, about.kept), _evidence(one)) for one in found),
                words=3,
                marked=frozenset(at for at, one in enumerate(found) if one["name"] in about.kept),
            )
        )
    if about.audit.get("notes"):
        parts.append(Sentences(tuple(about.audit["notes"])))
    return Section(title=title, said=said, parts=tuple(parts))


def _verdict(column: Mapping[str, Any], kept: tuple[str, ...]) -> str:
    if column["verdict"] != "leak":
        return "suspect, kept"
    return "leak, kept because somebody asked for it" if column["name"] in kept else "leak, left out"


def _evidence(column: Mapping[str, Any]) -> str:
    lost = column.get("auc_lost_without")
    weight = "" if lost is None else f" (AUC that a model has by it: {lost:+.3f})"
    return "; ".join(column["evidence"]) + weight


def reproducing(scorer: LeadScorer, about: About) -> Section:
    """Say how to make the version again, and how to tell that it is the same."""
    tried = f"{about.trials:,} settings were tried" if about.trials else "none were searched: the defaults"
    items = [
        ("command", about.command),
        ("seed", str(about.recipe.get("seed", "not known"))),
        ("settings", tried),
        ("trees", f"{about.trees:,}"),
        ("data (SHA-256)", about.data.sha256),
        ("artifact (SHA-256)", str(scorer.artifact_sha256)),
    ]
    if about.made_from is not None:
        items.append(("recalibrated from", f"version {about.made_from}"))
    tables = (
        Table(caption="Recipe", head=("Setting", "Value"), rows=tuple(_flat(about.recipe))),
        Table(caption="Libraries", head=("Library", "Version"), rows=tuple(sorted(about.versions.items()))),
    )
    return Section(
        title="How to make it again",
        said="The same data, recipe, seed and versions of the libraries give the same model. The command "
        "names files without the folders that they were in: type it where they are.",
        parts=(Facts(tuple(items)), *(table for table in tables if table.rows)),
    )


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield (
                f"{before}{name}",
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            )
