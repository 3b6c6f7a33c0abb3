"""`leadlens points`: a points scorecard, written, learned or registered."""

import os
from pathlib import Path
from typing import Annotated

import typer

from features.errors import Fault, InputError
from leadlens.options import HOME, Config, Data, Home, Label, LeadId, Leads

CardFile = Annotated[
    Path | None,
    typer.Option(help="A scorecard, as --write writes it. Default: the one of LeadLens.", show_default=False),
]


def points(
    config: Config = None,
    data: Data = None,
    leads: Leads = None,
    lead_id: LeadId = None,
    label: Label = None,
    card: CardFile = None,
    learn: Annotated[
        bool,
        typer.Option("--learn", help="Take integer points, and the ideal customer profile, from the wins."),
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option(help="Write the card with comments, to be edited, and stop there.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option(help="With --write: overwrite a file that is there.")] = False,
    home: Home = HOME,
) -> None:
    """Register a points scorecard as a version that can serve until there is enough to learn from.

    No outcomes are needed, but for --learn. A rule that names what these data do not hold is said.

    \b
    Examples:
      leadlens points                                  # the scorecard that comes with LeadLens
      leadlens points --write card.toml                # … as a file, to be edited
      leadlens points --card card.toml                 # the company's own
      leadlens points --learn --write card.toml        # from the wins, to be edited
      leadlens points --leads leads.csv                # of one file, without a mapping
    """
    from leadlens.acts import note
    from leadlens.points_card import card_of_data, share_lines, trait_lines, unmatched_lines
    from leadlens.terminal import say, working
    from leadlens.typed import typed
    from models.registry import home_registry
    from models.scorecard.card_text import card_text
    from training.reports.points_run import record_points

    if card is not None and learn:
        raise InputError(Fault("--card and --learn", "one of the two", "both", "Leave one out."))
    if write is not None and write.exists() and not force:
        remedy = "Choose another, or add --force."
        raise InputError(Fault(str(write), "no such file yet", "one", remedy))
    with working() as report:
        found = card_of_data(
            card,
            config=config,
            data=data,
            leads=leads,
            lead_id=lead_id,
            label=label,
            home=home,
            learn=learn,
            report=report,
            say=say,
        )
    command = typed("points", {
        "--config": config, "--data": data, "--leads": leads, "--id": lead_id, "--label": label,
        "--card": card, "--learn": learn or None,
    })  # fmt: skip
    held = found.scorer.card
    for line in (
        *unmatched_lines(held.card, held.spec),
        *(trait_lines(found.traits) if learn else ()),
        *share_lines(found),
    ):
        say(line)
    if write is not None:
        write.write_text(card_text(held.card, held.spec), encoding="utf-8")
        say(f"{write}: written. Edit it, then: leadlens points --card {write}")
        return
    with working() as report:
        report("registering")
        registered = record_points(
            found.scorer,
            home_registry(home, os.environ),
            leads=found.leads,
            sha256=found.sha256,
            command=command,
        )
    note(home, registered, act="version became challenger")
    say(f"Version {registered.version} is registered as challenger. A scorecard claims no chances.")
    say("Make it the champion, the one that serves, with: leadlens promote")
