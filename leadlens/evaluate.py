"""`leadlens evaluate`: the evidence of a version again, or its figures on other data."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from features.errors import RefusedError
from leadlens.options import HOME, Config, Data, Home, Version

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from training.evidence.evidence import Evidence


def evaluate(
    version: Version = None,
    config: Config = None,
    data: Data = None,
    home: Home = HOME,
) -> None:
    """Say the evidence of a version.

    With --config or --data it is measured on other leads: those that a mapping names.

    \b
    Examples:
      leadlens evaluate                              # the evidence it was registered with
      leadlens evaluate 3 --config later.toml        # how version 3 does on other leads
    """
    from leadlens.contest import known_version, scorecard_of
    from leadlens.reports import evidence_lines
    from leadlens.terminal import say
    from models.registry import home_registry

    registry = home_registry(home, os.environ)
    chosen = registry.chosen(version, to="evaluate")
    say(f"Version {chosen.version} of '{chosen.name}'")
    if scorecard_of(registry, chosen) is not None:
        raise RefusedError(
            f"Version {chosen.version} is a points scorecard: it claims no chances, so there is no evidence "
            f"of them. What it holds: leadlens card {chosen.version}"
        )
    if config is None and data is None:
        _, about = known_version(registry, chosen)
        evidence = about.evidence
    else:
        evidence = _on_data(registry, chosen, config=config, data=data, home=home)
    for line in evidence_lines(evidence):
        say(line)


def _on_data(registry: Registry, chosen: Registered, **data: Any) -> Evidence:
    """Judge a version as it is on the census of other data.

    Raises IncomparableError where what the mapping foretells is something else.
    """
    from leadlens.company import company_data
    from leadlens.terminal import say
    from models.artifact import load_model
    from training.evidence.gather import judge
    from training.examples import cut_examples
    from training.promotion.versions import absent_columns, refuse_what_differs

    with TemporaryDirectory() as folder:
        artifact = registry.fetch(chosen, Path(folder) / "artifact")
        scorer = load_model(artifact, version=chosen.version)
    mapping, tables = company_data(**data, say=say)
    refuse_what_differs(scorer.mapping, mapping, f"Version {chosen.version} and the data")
    examples = cut_examples(tables, mapping)
    notes = [
        "Leads that the version was trained on are not told apart here; they would flatter it.",
        "Rivals have no past to learn from here: none but the base rate was tried.",
    ]
    absent = absent_columns(scorer, examples.history, examples.census)
    if absent:
        notes.append(f"These data lack what the version learned from: {', '.join(absent)}.")
    how = f"version {chosen.version} as it is, on the census of {data['config'] or 'leadlens.toml'}"
    return judge(examples.history, scorer, examples.census, how=how, notes=tuple(notes))
