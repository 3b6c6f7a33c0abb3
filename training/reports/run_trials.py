"""The trials of a search, as nested runs and as one file that `--trials-from` reads again."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from models.tracked import TrackedTrial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.tracked import TrialState


class Trial(Protocol):
    """What a search tried: settings, the log loss that they gave (nats, None where cut short), how long."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings, under LightGBM's names."""
        ...

    @property
    def log_loss(self) -> float | None:
        """The log loss."""
        ...

    @property
    def state(self) -> TrialState:
        """How it ended."""
        ...

    @property
    def seconds(self) -> float:
        """How long it took."""
        ...


def tracked_trials(trials: Sequence[Trial]) -> tuple[TrackedTrial, ...]:
    """Return trials as nested runs show them, in their order."""
    return tuple(
        TrackedTrial(
            number=number,
            parameters=dict(trial.settings),
            figures={"seconds": trial.seconds, **_loss(trial)},
            state=trial.state,
        )
        for number, trial in enumerate(trials)
    )


def trials_text(trials: Sequence[Any]) -> dict[str, str]:
    """Return the file that holds all trials, by its name; nothing where there were none."""
    if not trials:
        return {}
    return {"trials.json": json.dumps([asdict(trial) for trial in trials], indent=1)}


def _loss(trial: Trial) -> dict[str, float]:
    loss = trial.log_loss
    return {} if loss is None or not math.isfinite(loss) else {"log_loss": loss}
