"""The artifact: a scorer as files of data, each with its checksum. Nothing in it is code."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from features.mapping import mapping_from
from features.spec import spec_from_json
from features.words import ENGLISH
from models.blend import blend_from
from models.calibration import calibration_from
from models.curve import curve_from
from models.errors import ArtifactError
from models.scorecard.points_card import card_from
from models.scorecard.points_scorer import PointsScorer
from models.scorer import LeadScorer, Population

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.words import Phrasebook

AnyScorer: TypeAlias = LeadScorer | PointsScorer
"""Each kind of scorer that an artifact can hold."""

FORMAT = 1
"""The version of the layout. A reader refuses what it does not know."""

BOOSTER, SPEC, MAPPING, SCORER = "booster.txt", "features.json", "mapping.json", "scorer.json"
CHECKSUMS = "checksums.json"
FILES = (BOOSTER, SPEC, MAPPING, SCORER)
FILES_OF_POINTS = (SPEC, MAPPING, SCORER)
"""A scorecard has no booster; its rules stand in scorer.json."""


def save_scorer(scorer: AnyScorer, folder: Path, *, about: dict[str, Any] | None = None) -> None:
    """Write a scorer into an empty folder. `about` is kept with it (evidence, versions), as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(scorer, PointsScorer):
        own, texts = {"card": scorer.card.card.to_dict()}, {}
    else:
        own, texts = _of_model(scorer), {BOOSTER: scorer.booster.model_to_string()}
    content = {"format": FORMAT, "name": scorer.name, **own, "about": about or {}}
    texts |= {
        SPEC: scorer.spec.to_json(),
        MAPPING: scorer.mapping.frozen(),
        SCORER: json.dumps(content, indent=1, allow_nan=False),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / CHECKSUMS).write_bytes(_checksums({name: (folder / name).read_bytes() for name in texts}))


def load_scorer(folder: Path, *, version: int | None = None, words: Phrasebook = ENGLISH) -> AnyScorer:
    """Read a scorer back after checking every file; it tells its reasons in `words`.

    Raises ArtifactError where anything is amiss.
    """
    texts = _checked(folder)
    try:
        content = json.loads(texts[SCORER])
        if content["format"] != FORMAT:
            raise ArtifactError(f"{folder}: the artifact has format {content['format']}, this reads {FORMAT}")
        spec, mapping = spec_from_json(texts[SPEC]), mapping_from(json.loads(texts[MAPPING]))
        if BOOSTER in texts:
            return _model(content, texts, version, mapping, spec, words)
        return PointsScorer(
            name=content["name"],
            version=version,
            mapping=mapping,
            spec=spec,
            card=card_from(content["card"]),
            words=words,
            artifact_sha256=_digest(texts),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ArtifactError(f"{folder}: the artifact cannot be read: {problem}") from problem


def load_model(folder: Path, *, version: int | None = None) -> LeadScorer:
    """Read the scorer of a model (or a blend) back. Raises ArtifactError for a scorecard too."""
    scorer = load_scorer(folder, version=version)
    if isinstance(scorer, PointsScorer):
        raise ArtifactError(f"{folder}: expected a model, found a points scorecard, which foretells nothing")
    return scorer


def _of_model(scorer: LeadScorer) -> dict[str, Any]:
    population = scorer.population
    blend = {} if scorer.blend is None else {"blend": scorer.blend.to_dict()}
    return blend | {
        "calibration": scorer.calibration.to_dict(),
        "population": {
            "margin": population.margin.to_dict(),
            "fit": population.fit.to_dict(),
            "engagement": None if population.engagement is None else population.engagement.to_dict(),
            "base_rate": population.base_rate,
            "conversions": population.conversions,
            "usual": None if population.usual is None else [_or_none(v) for v in population.usual.tolist()],
        },
    }


def _model(
    content: dict[str, Any],
    texts: dict[str, str],
    version: int | None,
    mapping: Mapping,
    spec: FeatureSpec,
    words: Phrasebook,
) -> LeadScorer:
    population, engagement = content["population"], content["population"]["engagement"]
    return LeadScorer(
        name=content["name"],
        version=version,
        mapping=mapping,
        spec=spec,
        booster=_booster(texts[BOOSTER], spec),
        calibration=calibration_from(content["calibration"]),
        population=Population(
            margin=curve_from(population["margin"]),
            fit=curve_from(population["fit"]),
            engagement=None if engagement is None else curve_from(engagement),
            base_rate=population["base_rate"],
            conversions=population["conversions"],
            usual=_usual(population.get("usual"), spec),
        ),
        blend=blend_from(content["blend"], spec) if "blend" in content else None,
        words=words,
        artifact_sha256=_digest(texts),
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _usual(held: list[float | None] | None, spec: FeatureSpec) -> NDArray[np.float64] | None:
    if held is None:  # of a version that was trained before versions told it
        return None
    usual = np.asarray([math.nan if value is None else value for value in held], np.float64)
    if usual.shape != (len(spec.features),) or np.isinf(usual).any():
        raise ValueError("the usual values need a finite number, or null, for each feature")
    return usual


def _booster(text: str, spec: FeatureSpec) -> Any:
    import lightgbm  # noqa: PLC0415  # takes seconds, and a scorecard needs none

    try:
        booster = lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as problem:
        raise ValueError(str(problem)) from problem
    if booster.num_feature() != len(spec.features):
        raise ValueError("the booster and the feature spec are not of one model")
    return booster


def read_about(folder: Path) -> dict[str, Any]:
    """Return what was kept with a scorer when it was saved."""
    about: dict[str, Any] = json.loads(_checked(folder)[SCORER])["about"]
    return about


def _checked(folder: Path) -> dict[str, str]:
    try:
        told = (folder / CHECKSUMS).read_bytes()
        files = FILES if BOOSTER.encode() in told else FILES_OF_POINTS
        contents = {name: (folder / name).read_bytes() for name in files}
    except OSError as problem:
        raise ArtifactError(f"{folder}: the artifact is incomplete: {problem}") from problem
    if told != _checksums(contents):
        altered = [n for n, raw in contents.items() if hashlib.sha256(raw).hexdigest().encode() not in told]
        raise ArtifactError(f"{folder}: the checksum of {', '.join(altered) or CHECKSUMS} does not match")
    return {name: raw.decode("utf-8") for name, raw in contents.items()}


def _digest(texts: dict[str, str]) -> str:
    """Return the digest of the artifact's list of checksums, by which the artifact is known."""
    return hashlib.sha256(_checksums({name: text.encode() for name, text in texts.items()})).hexdigest()


def _checksums(contents: dict[str, bytes]) -> bytes:
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in contents.items()}
    return json.dumps(sums, indent=1).encode()
