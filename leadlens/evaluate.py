"""`leadlens evaluate`: the evidence of a version again, or its figures on other data."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from features.errors import RefusedError
from leadlens.options import HOME, Config, Data, Home


def evaluate(
    version: Annotated[
        int | None,
        typer.Argument(help="The version. Default: the challenger, else the champion.", show_default=False),
    ] = None,
    config: Config = None,
    data: Data = None,
    home: Home = HOME,
) -> None:
    """Say the evidence of a version.

    With --config it is measured on the leads of another mapping.

    \b
    Examples:
      leadlens evaluate                              # the evidence it was registered with
      leadlens evaluate 3 --config later.toml        # how version 3 does on other leads
    """
    from leadlens.reports import evidence_lines
    from leadlens.terminal import say
    from models.artifact import load_model, read_about
    from models.registry import CHALLENGER, CHAMPION, home_registry
    from training.evidence.evidence import evidence_from

    registry = home_registry(home, os.environ)
    if version is None:
        chosen = registry.aliased(CHALLENGER) or registry.aliased(CHAMPION)
    else:
        chosen = registry.version(version)
    if chosen is None:
        raise RefusedError("There is no version to evaluate. Train one with: leadlens train")
    say(f"Version {chosen.version} of '{chosen.name}'")
    with TemporaryDirectory() as folder:
        artifact = registry.fetch(chosen, Path(folder) / "artifact")
        if config is None:
            evidence = evidence_from(read_about(artifact)["evidence"])
        else:
            from leadlens.company import company_data
            from training.evidence.gather import judge
            from training.examples import cut_examples

            scorer = load_model(artifact, version=chosen.version)
            mapping, tables = company_data(config=config, data=data, home=home, say=say)
            examples = cut_examples(tables, mapping)
            notes = (
                "Leads that the version was trained on are not told apart here; they would flatter it.",
                "Rivals have no past to learn from here: none but the base rate was tried.",
            )
            how = f"version {chosen.version} as it is, on the census of {config}"
            evidence = judge(examples.history, scorer, examples.census, how=how, notes=notes)
    for line in evidence_lines(evidence):
        say(line)
