"""What is kept with a scorer in its artifact: data, recipe, evidence. The card is made of it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from training.evidence.evidence import Evidence  # noqa: TC001  # pydantic reads the annotations
from training.explaining.explanations import Explanations  # noqa: TC001  # pydantic reads the annotations
from training.fitting.fitted import CalibrationChoice  # noqa: TC001  # pydantic reads the annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUsed:
    """What was learned from. `first` and `last`: the dates of the census, ISO 8601, None without time.

    `extract_at`: ISO 8601 with zone, None for data without time. `horizon`: as the mapping spells it.
    `undated`: columns without a history. `sha256`: of the examples and their feature vectors.
    """

    leads: int
    examples: int
    census: int
    conversions: int
    base_rate: float
    features: int
    first: str | None
    last: str | None
    extract_at: str | None
    horizon: str | None
    undated: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Everything that a careful reader may ask of a version.

    `recipe`: the settings that make the fit again. `command`: how to make it again, as one would type it.
    `audit`: the leakage audit as JSON values, None where none was made; `kept`: leaks that were learned from
    because somebody asked for it. `trials`: how many settings were tried, 0 for the defaults. `versions`: of
    the libraries. `made_from`: the version of which this is a recalibration, else None. `comparison`: with
    the champion of the time, as promotion writes and reads it, None where there was none. `explanations`: of
    all its scores, out of fold; None for a version that was trained before versions kept them.
    """

    evidence: Evidence
    recipe: dict[str, Any]
    data: DataUsed
    calibration: CalibrationChoice
    trees: int
    command: str
    versions: dict[str, str]
    audit: dict[str, Any] | None = None
    kept: tuple[str, ...] = ()
    trials: int = 0
    made_from: int | None = None
    comparison: dict[str, Any] | None = None
    explanations: Explanations | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values that `about_from` reads back."""
        content: dict[str, Any] = _ABOUT.dump_python(self, mode="json")
        return content


_ABOUT = TypeAdapter(About)


def about_from(content: dict[str, Any]) -> About:
    """Read it back. Raises ValueError where it is of another version's form."""
    return _ABOUT.validate_python(content)
