"""`leadlens replay`: recorded scores made again, and compared to the bit."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadlens.options import HOME, Home

if TYPE_CHECKING:
    from serving.scoring.replay import Replayed, Replayer


def replay(
    record_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The id of a record.", show_default=False)
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Instead of an id: so many records at random.", show_default=False),
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Copy versions that are not here from the registry.")
    ] = False,
    home: Home = HOME,
) -> None:
    """Make recorded scores again from the recorded numbers, and compare them to the bit.

    Exit codes: 0 all agree, 1 something differs, 3 a record, its payload or its model is gone.

    \b
    Examples:
      leadlens replay 0198c2b1f0a47d3e9b6c5a4f3e2d1c0b
      leadlens replay --sample 100
    """
    from features.errors import RefusedError
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.scoring.replay import Replayer

    if (record_id is None) == (sample is None):
        raise typer.BadParameter("expected the id of a record, or --sample N, and not both")
    with open_home(home) as store:
        replayer = Replayer(store, home)
        chosen = replayer.sample(sample or 0) if record_id is None else [record_id]
        if not chosen:
            raise RefusedError(
                "There is no record to replay: none was made yet, or all payloads were erased."
            )
        agreed = differing = 0
        refused: list[str] = []
        for one in chosen:
            try:
                found = _replayed(replayer, one, home if fetch else None)
            except RefusedError as problem:
                refused.append(str(problem))
                continue
            agreed, differing = agreed + (not found.differences), differing + bool(found.differences)
            if found.differences:
                say(f"Record {one} differs: {'; '.join(found.differences)}.")
    if agreed:
        say(f"{agreed:,} of {len(chosen):,} agreed to the bit.")
    if differing:
        for reason in refused:
            say(reason)
        raise typer.Exit(1)
    if refused:
        raise RefusedError("\n".join(dict.fromkeys(refused)))


def _replayed(replayer: "Replayer", record_id: str, registry_home: Path | None) -> "Replayed":
    """Replay a record; with a home whose registry may be asked, after copying the version if need be."""
    from serving.scoring.versions import NoModelError

    try:
        return replayer.replay(record_id)
    except NoModelError as missing:
        if registry_home is None:
            raise
        from models.champion import champion_folder
        from models.registry import home_registry

        registry = home_registry(registry_home, os.environ)
        version = registry.version(missing.version)
        registry.fetch(version, champion_folder(registry_home, version.version))
        return replayer.replay(record_id)
