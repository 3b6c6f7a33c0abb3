"""`leadlens promote`: make a version the champion, the one that serves."""

import os
from typing import Annotated

import typer

from features.errors import InputError, RefusedError
from leadlens.options import HOME, Home


def promote(
    version: Annotated[
        int | None, typer.Argument(help="The version. Default: the challenger.", show_default=False)
    ] = None,
    home: Home = HOME,
) -> None:
    """Make a version the champion.

    Running servers follow with their next request.

    \b
    Examples:
      leadlens promote        # the newest version
      leadlens promote 3
    """
    from functools import partial

    from leadlens.stored import open_home
    from leadlens.terminal import say
    from models.artifact import read_about
    from models.champion import champion_folder, point_to, pointed_to
    from models.registry import CHALLENGER, home_registry
    from serving.access.audit_log import COMMAND_LINE, note_act
    from serving.clock import utc_now
    from serving.jobs.retention import retained_versions
    from serving.settings import settings_from
    from serving.store.reach import StoreBusyError
    from training.evidence.evidence import evidence_from

    registry = home_registry(home, os.environ)
    chosen = registry.aliased(CHALLENGER) if version is None else registry.version(version)
    if chosen is None:
        raise RefusedError("There is no challenger to promote. Train one with: leadlens train")
    folder = registry.fetch(chosen, champion_folder(home, chosen.version))
    about = read_about(folder)
    registry.promote(chosen)
    before = pointed_to(home)
    keep = retained_versions(settings_from(os.environ, home=home))
    point_to(home, name=chosen.name, version=chosen.version, keep=keep)
    if "evidence" in about:  # a points scorecard has none: it foretells nothing
        evidence = evidence_from(about["evidence"])
        base_rate = evidence.rivals[0].measures["log_loss"]
        say(f"AUC {evidence.auc}, log loss {evidence.log_loss} (the base rate's is {base_rate})")
        if not evidence.shows_signal:
            say("warning: the evidence shows no signal. Do not rely on these scores.")
    say(f"Version {chosen.version} is champion. Serve it with: leadlens serve")
    note = partial(
        note_act,
        now=utc_now(),
        actor=COMMAND_LINE,
        act="version promoted",
        name=chosen.name,
        version=chosen.version,
        before=before,
    )
    try:
        with open_home(home, may_be_new=True) as store:
            store.write(note)
    except (InputError, StoreBusyError) as problem:
        say(f"warning: the log of acts does not tell of this promotion, for the store is away. {problem}")
