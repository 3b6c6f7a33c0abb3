"""`leadlens explain`: what moves the scores of a version, and the past leads that are like a lead."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Config, Data, Home, Version

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from models.score import Score
    from models.scorer import LeadScorer
    from training.examples import Examples

NEIGHBOURS = 20
"""So many similar leads are looked for where nobody says how many."""


def explain(
    version: Version = None,
    config: Config = None,
    data: Data = None,
    lead: Annotated[
        str | None,
        typer.Option(
            help="The id of a lead: its reasons, and the past leads that are like it.", show_default=False
        ),
    ] = None,
    similar: Annotated[
        int | None,
        typer.Option(
            help=f"With --lead: how many similar leads to look for. Default: {NEIGHBOURS}.",
            min=1,
            max=1_000,
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Also write all of it, with every figure, into a file (.json).", show_default=False
        ),
    ] = None,
    home: Home = HOME,
) -> None:
    """Say what moves the scores of a version.

    How far each reason moves scores and which way, and whether that order holds across folds and time. With
    --lead: all reasons of that lead as it is known at the end of the data, and how those of the past ended
    whose scores were moved alike. These are made from the company's tables, and kept nowhere.

    \b
    Examples:
      leadlens explain                               # of the newest version
      leadlens explain 3 --out explanations.json     # with what every value does, to plot it elsewhere
      leadlens explain --lead L-1042 --similar 50    # leadlens.toml names the tables
    """
    from leadlens.explain_report import lead_content, overall_content, print_lead, print_overall
    from leadlens.terminal import say
    from models.registry import home_registry

    _refuse(lead, out, {"--config": config, "--data": data, "--similar": similar})
    registry = home_registry(home, os.environ)
    chosen = registry.chosen(version, to="explain")
    scorer, kept = _model(registry, chosen)
    if lead is None:
        explanations = _explanations(chosen, kept)
        print_overall(scorer, explanations)
        content = overall_content(scorer, explanations)
    else:
        score, found = _alike(scorer, lead, similar or NEIGHBOURS, config=config, data=data, home=home)
        print_lead(scorer, score, found)
        content = lead_content(scorer, score, found)
    if out is not None:
        out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        say(f"{out}: all of it, with every figure")


def _refuse(lead: str | None, out: Path | None, of_leads: dict[str, Any]) -> None:
    if out is not None and out.suffix.lower() != ".json":
        raise InputError(Fault("--out", "a file that ends in .json", str(out)))
    alone = [name for name, given in of_leads.items() if given is not None]
    if lead is None and alone:
        remedy = "Name one, or leave the option out: all scores are explained from what the version keeps."
        raise InputError(Fault(alone[0], "a lead beside it (--lead ID)", "none", remedy))


def _model(registry: Registry, chosen: Registered) -> tuple[LeadScorer, dict[str, Any]]:
    """Return a version and what is kept with it. Raises RefusedError for a scorecard."""
    from models.artifact import load_scorer, read_about
    from models.scorecard.points_scorer import PointsScorer

    with TemporaryDirectory() as folder:
        artifact = registry.fetch(chosen, Path(folder) / "artifact")
        scorer, kept = load_scorer(artifact, version=chosen.version), read_about(artifact)
    if isinstance(scorer, PointsScorer):
        raise RefusedError(
            f"Version {chosen.version} is a points scorecard: its rules are its explanation. Read them with: "
            f"leadlens card {chosen.version}"
        )
    return scorer, kept


def _explanations(chosen: Registered, kept: dict[str, Any]) -> Any:
    """Return what is kept of all scores. Raises RefusedError where a version keeps none."""
    from training.about import about_from

    try:
        found = about_from(kept).explanations
    except ValueError as problem:
        raise RefusedError(_keeps_none(chosen)) from problem
    if found is None:
        raise RefusedError(_keeps_none(chosen))
    return found


def _keeps_none(chosen: Registered) -> str:
    return (
        f"Version {chosen.version} keeps no explanations of all its scores: another LeadLens trained it. "
        "Train again: leadlens train. Of one lead it can say more: leadlens explain --lead ID"
    )


def _alike(scorer: LeadScorer, lead: str, leads: int, **data: Any) -> tuple[Score, Any]:
    """Score a lead as it is known at the end of the data, and find the past leads that are like it."""
    from leadlens.company import company_data
    from leadlens.terminal import say, working
    from training.examples import cut_examples
    from training.explaining.past_leads import similar_leads
    from training.promotion.versions import refuse_what_differs

    with working() as report:
        report("reading")
        mapping, tables = company_data(**data, say=say)
        refuse_what_differs(scorer.mapping, mapping, f"Version {scorer.version} and the data")
        report("cutting the census")
        examples = cut_examples(tables, mapping)
        position = _position(examples, lead)
        score = _score(scorer, examples, position)
        report("looking for similar leads")
        owner = int(examples.history.owner[position])
        return score, similar_leads(scorer, examples, score, owner, leads=leads)


def _position(examples: Examples[Any], lead: str) -> int:
    """Return where a lead stands, or the one that it was merged into. Raises InputError where it does not."""
    from leadlens.terminal import say

    kept = examples.merged.alias.get(lead, lead)
    if kept != lead:
        say(f"note: {lead} is a duplicate of {kept}, and was merged into it")
    ids: list[str] = examples.history.lead_ids
    if kept not in ids:
        remedy = "Take an id as it stands in the leads, or name other data with --config."
        raise InputError(Fault("--lead", f"the id of one of {len(ids):,} leads", repr(lead), remedy))
    return len(ids) - 1 - ids[::-1].index(kept)


def _score(scorer: LeadScorer, examples: Examples[Any], position: int) -> Score:
    import numpy as np

    from models.score import Unscorable

    past = examples.history
    [score] = scorer.score(past.at(np.asarray([position]), np.asarray([past.extract_at])), shown=None)
    if isinstance(score, Unscorable):
        raise InputError(*score.faults)
    return score
