"""`leadlens recalibrate`: the champion with its level set by what has matured since it was trained."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadlens.options import GREATEST_SEED, HOME, Config, Data, Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.about import About
    from training.examples import Examples
    from training.promotion.recalibrating import Recalibrated
    from training.promotion.versions import Version


def recalibrate(
    config: Config = None,
    data: Data = None,
    seed: Annotated[
        int, typer.Option(help="The same data and seed give the same version.", min=0, max=GREATEST_SEED)
    ] = 7,
    home: Home = HOME,
) -> None:
    """Set the champion's level by the newest outcomes.

    One number is added to the champion's log-odds, so that the probabilities meet what happened since; the
    ranking stays. That is a new version, judged on the newest rows. It serves only after: leadlens promote

    \b
    Examples:
      leadlens recalibrate                             # leadlens.toml in this folder
      leadlens recalibrate --config store.toml
    """
    from features.errors import RefusedError
    from leadlens.acts import note
    from leadlens.company import company_data
    from leadlens.contest import champion_to_beat, known_version
    from leadlens.reports import evidence_lines
    from leadlens.terminal import say, working
    from leadlens.typed import typed
    from models.registry import home_registry
    from models.scorecard.points_card import card_from
    from training.examples import cut_examples
    from training.promotion.recalibrating import recalibrate as set_level
    from training.promotion.versions import refuse_what_differs
    from training.reports.runs import record_version

    registry = home_registry(home, os.environ)
    champion = champion_to_beat(registry)
    if champion is None:
        raise RefusedError("There is no champion with a model to recalibrate. Train one with: leadlens train")
    with working() as report:
        version, about = known_version(registry, champion)
        mapping, tables = company_data(config=config, data=data, home=home, say=say)
        refuse_what_differs(version.scorer.mapping, mapping, f"Version {champion.version} and the data")
        report("cutting the census")
        examples = cut_examples(tables, mapping)
        report("setting the level anew")
        held = about.recipe.get("card")
        card = None if held is None else card_from(held)
        found = set_level(version, examples.history, examples.census, seed=seed, card=card)
        command = typed("recalibrate", {"--config": config, "--data": data, "--seed": seed})
        report("registering")
        made = _about(about, found, examples, command, made_from=champion.version)
        registered = record_version(found.scorer, made, registry, twins=[found.twin])
    note(home, registered, act="version became challenger")
    for line in evidence_lines(made.evidence):
        say(line)
    say(f"Log loss less that of version {champion.version}: {found.comparison.difference} nats a row")
    for line in _level_lines(found, version, registered.version):
        say(line)
    say(f"Version {registered.version} is registered as challenger, made from version {champion.version}.")
    for line in _what_next(made):
        say(line)


def _level_lines(found: Recalibrated, champion: Version, made: int) -> Iterator[str]:
    """Say the base rate and the mean probability, before and after."""
    rows, now = len(found.rows), found.scorer.base_rate
    yield f"Base rate: {champion.scorer.base_rate:.2%} before; {now:.2%} of the {rows:,} rows that came since"
    yield (
        f"Mean probability over those rows: {found.said_before:.2%} by version {champion.number}, "
        f"{found.said_now:.2%} by version {made}"
    )


def _what_next(about: About) -> Iterator[str]:
    """Say how to promote it, or which gates of its evidence will refuse it, and why."""
    from training.reports.card_evidence import gates_of

    barred = [gate for gate in gates_of(about) if gate.stands_in_the_way]
    if not barred:
        yield "Make it the champion, the one that serves, with: leadlens promote"
        return
    yield "Its evidence is not enough: leadlens promote will refuse it, and what serves goes on serving."
    for gate in barred:
        yield f"  {gate.name}: {gate.figure}; {gate.said}"


def _about(
    champion: About, found: Recalibrated, examples: Examples[Any], command: str, *, made_from: int
) -> About:
    """Return what is kept with the new version: the champion's, but for what was made or measured anew."""
    from dataclasses import replace

    from features.told_times import day_of, moment_of
    from training.reports.about_trained import library_versions, rows_sha256

    past, rows = examples.history, found.rows
    return replace(
        champion,
        evidence=found.evidence,
        data=replace(
            champion.data,
            census=len(rows),
            base_rate=found.scorer.base_rate,
            first=day_of(int(rows.as_of.min())),
            last=day_of(int(rows.as_of.max())),
            extract_at=moment_of(past.extract_at),
            sha256=rows_sha256(past, found.scorer.spec, rows),
        ),
        command=command,
        versions=library_versions(),
        trials=0,
        made_from=made_from,
        comparison=found.comparison.to_dict(),
    )
