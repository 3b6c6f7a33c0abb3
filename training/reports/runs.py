"""A version, recorded: its artifact with all that is known about it, and the run that shows the same."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.artifact import save_scorer
from models.registry import TWINS
from models.tracked import TrackedRun
from training.promotion.twin_files import save_twins
from training.reports.about_trained import about_of
from training.reports.card import card_of
from training.reports.run_figures import data_of, figures_of, parameters_of, tags_of
from training.reports.run_trials import tracked_trials, trials_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from models.registry import Registered, Registry
    from models.scorer import LeadScorer
    from training.about import About
    from training.auditing.audit import Audit
    from training.evidence.twin import Twin
    from training.promotion.comparison import Comparison
    from training.train import Trained


def record(
    trained: Trained,
    registry: Registry,
    *,
    command: str = "",
    audit: Audit | None = None,
    kept: tuple[str, ...] = (),
    comparison: Comparison | None = None,
) -> Registered:
    """Register what was trained as challenger, with its evidence inside and beside it.

    `command`: as one would type it. `audit` of the columns goes along with the leaks that were `kept` all the
    same, and so does the `comparison` with the champion of now.
    """
    about = about_of(trained, command=command, audit=audit, kept=kept, comparison=comparison)
    return record_version(trained.scorer, about, registry, twins=trained.twins, trials=trained.trials)


def record_version(
    scorer: LeadScorer,
    about: About,
    registry: Registry,
    *,
    twins: Sequence[Twin] = (),
    trials: Sequence[Any] = (),
) -> Registered:
    """Register a scorer as challenger: `about` inside its artifact, everything else as files of its run."""
    with TemporaryDirectory() as folder:
        artifact, files = Path(folder) / "artifact", Path(folder) / "files"
        files.mkdir()
        save_scorer(scorer, artifact, about=about.to_dict())
        save_twins(twins, files / TWINS)
        tracked = TrackedRun(
            parameters=parameters_of(about),
            figures=figures_of(about),
            texts={**_texts(scorer, about), **trials_text(trials), **card_of(artifact).files},
            files=files if twins else None,
            inputs=data_of(about),
            trials=tracked_trials(trials),
            tags={**tags_of(about), "rung": scorer.rung},
        )
        return registry.register(artifact, tracked, scorer.spec.names)


def _texts(scorer: LeadScorer, about: About) -> dict[str, str]:
    """Return what is worth reading beside the model: each is in the artifact too."""
    content = about.to_dict()
    found = {
        "features.json": scorer.spec.to_json(),
        "mapping.json": scorer.mapping.frozen(),
        "evidence.json": json.dumps(content["evidence"], indent=1),
        "about.json": json.dumps(content, indent=1),
    }
    if about.audit is not None:
        found["audit.json"] = json.dumps(about.audit, indent=1, ensure_ascii=False)
    return found
