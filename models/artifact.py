"""The artifact: a scorer as files of data, each with its checksum. Nothing in it is code."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np

from features.mapping import mapping_from
from features.spec import spec_from_json
from features.words import ENGLISH
from models.blend import blend_from
from models.calibration import calibration_from
from models.contributions import Attributions
from models.contributions.errors import KeptTablesError
from models.contributions.kept import read_tables
from models.curve import curve_from
from models.errors import ArtifactError
from models.examples import examples_of
from models.held_booster import HeldBooster
from models.next_acts import next_acts_from
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
EXAMPLES, CHECKSUMS = "examples.json", "checksums.json"
FILES = (BOOSTER, SPEC, MAPPING, SCORER, EXAMPLES)
FILES_OF_POINTS = (SPEC, MAPPING, SCORER, EXAMPLES)
"""A scorecard has no booster; its rules stand in scorer.json."""

_ALWAYS = {SPEC, MAPPING, SCORER}
"""Artifacts of before examples were kept have none."""

log = logging.getLogger("leadlens.artifact")


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
        EXAMPLES: json.dumps(examples_of(scorer), ensure_ascii=False, allow_nan=False),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / CHECKSUMS).write_bytes(_checksums({name: (folder / name).read_bytes() for name in texts}))


def load_scorer(
    folder: Path,
    *,
    version: int | None = None,
    words: Phrasebook = ENGLISH,
    tables: Path | None = None,
) -> AnyScorer:
    """Read a scorer back after checking every file; it tells its reasons in `words`.

    `tables`: the file that may hold its booster compiled. Where it does not, as the log then says, and where
    none is named, the booster is compiled. Raises ArtifactError where anything is amiss.
    """
    texts = _checked(folder)
    try:
        content = msgspec.json.decode(texts[SCORER])
        if content["format"] != FORMAT:
            raise ArtifactError(f"{folder}: the artifact has format {content['format']}, this reads {FORMAT}")
        spec, mapping = spec_from_json(texts[SPEC]), mapping_from(msgspec.json.decode(texts[MAPPING]))
        if BOOSTER in texts:
            return _model(content, texts, version, mapping, spec, words, tables=tables)
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
    next_acts = {} if scorer.next_acts is None else {"next_acts": scorer.next_acts.to_dict()}
    return (
        blend
        | next_acts
        | {
            "calibration": scorer.calibration.to_dict(),
            "population": {
                "margin": population.margin.to_dict(),
                "fit": population.fit.to_dict(),
                "engagement": None if population.engagement is None else population.engagement.to_dict(),
                "base_rate": population.base_rate,
                "conversions": population.conversions,
                "usual": None
                if population.usual is None
                else [_or_none(v) for v in population.usual.tolist()],
            },
        }
    )


def _model(
    content: dict[str, Any],
    texts: dict[str, str],
    version: int | None,
    mapping: Mapping,
    spec: FeatureSpec,
    words: Phrasebook,
    *,
    tables: Path | None,
) -> LeadScorer:
    booster, digest = HeldBooster(texts[BOOSTER], len(spec.features)), _digest(texts)
    population, engagement = content["population"], content["population"]["engagement"]
    return LeadScorer(
        name=content["name"],
        version=version,
        mapping=mapping,
        spec=spec,
        booster=booster,
        attributions=_attributions(booster, digest, tables),
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
        next_acts=next_acts_from(content.get("next_acts"), spec),
        words=words,
        artifact_sha256=digest,
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


def _attributions(booster: HeldBooster, digest: str, tables: Path | None) -> Attributions:
    if tables is not None and tables.exists():
        try:
            return Attributions.kept(read_tables(tables, artifact=digest), booster)
        except KeptTablesError as problem:
            log.warning("The booster is compiled anew, for its tables cannot be used: %s", problem)
    return Attributions(booster())


def digest_of(folder: Path) -> str:
    """Return the digest by which the artifact in a folder is known, after checking every file's checksum.

    Nothing is made of the files. Raises ArtifactError where one is missing or altered.
    """
    return _digest(_checked(folder))


def read_examples(folder: Path) -> Any:
    """Return the examples of an artifact as `models.examples` made them, None where it has none.

    Raises ArtifactError where the artifact is not whole.
    """
    text = _checked(folder).get(EXAMPLES)
    return None if text is None else json.loads(text)


def read_about(folder: Path) -> dict[str, Any]:
    """Return what was kept with a scorer when it was saved."""
    about: dict[str, Any] = json.loads(_checked(folder)[SCORER])["about"]
    return about


def _checked(folder: Path) -> dict[str, str]:
    try:
        told = (folder / CHECKSUMS).read_bytes()
        files = (name for name in FILES if name in _ALWAYS or name.encode() in told)
        contents = {name: (folder / name).read_bytes() for name in files}
    except OSError as problem:
        raise ArtifactError(f"{folder}: the artifact is incomplete: {problem}") from problem
    if told != _checksums(contents):
        altered = [n for n, raw in contents.items() if hashlib.sha256(raw).hexdigest().encode() not in told]
        raise ArtifactError(f"{folder}: the checksum of {', '.join(altered) or CHECKSUMS} does not match")
    try:
        return {name: raw.decode("utf-8") for name, raw in contents.items()}
    except UnicodeDecodeError as problem:
        raise ArtifactError(f"{folder}: the artifact cannot be read: {problem}") from problem


def _digest(texts: dict[str, str]) -> str:
    """Return the digest of the artifact's list of checksums, by which the artifact is known."""
    return hashlib.sha256(_checksums({name: text.encode() for name, text in texts.items()})).hexdigest()


def _checksums(contents: dict[str, bytes]) -> bytes:
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in contents.items()}
    return json.dumps(sums, indent=1).encode()
