"""A version beside the champion: fetched from the registry, and compared on what neither has seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from models.scorecard.points_scorer import PointsScorer
    from training.about import About
    from training.promotion.comparison import Comparison
    from training.promotion.versions import Version
    from training.train import Trained


def known_version(registry: Registry, registered: Registered) -> tuple[Version, About]:
    """Fetch a version with its twins and all that is kept about it.

    Raises RefusedError where what is kept is of another LeadLens.
    """
    from features.errors import RefusedError
    from features.told_times import moment_from
    from models.artifact import load_model, read_about
    from training.about import about_from
    from training.promotion.twin_files import load_twins
    from training.promotion.versions import Version

    with TemporaryDirectory() as folder:
        artifact = registry.fetch(registered, Path(folder) / "artifact")
        try:
            about = about_from(read_about(artifact))
        except ValueError as problem:
            raise RefusedError(
                f"Version {registered.version} was registered by another LeadLens, and what it holds of its "
                "evidence cannot be read. Train again: leadlens train"
            ) from problem
        version = Version(
            number=registered.version,
            scorer=load_model(artifact, version=registered.version),
            learned_until=moment_from(about.data.extract_at),
            twins=load_twins(registry.fetch_twins(registered, Path(folder) / "run")),
        )
    return version, about


def scorecard_of(registry: Registry, registered: Registered) -> PointsScorer | None:
    """Fetch a version that is a points scorecard; None where it is a model."""
    from models.artifact import load_scorer
    from models.scorecard.points_scorer import PointsScorer

    with TemporaryDirectory() as folder:
        artifact = registry.fetch(registered, Path(folder) / "artifact")
        scorer = load_scorer(artifact, version=registered.version)
    return scorer if isinstance(scorer, PointsScorer) else None


def champion_to_beat(registry: Registry) -> Registered | None:
    """Return the champion, where it is a model: points claim no probability that could be compared."""
    from models.registry import CHAMPION

    champion = registry.aliased(CHAMPION)
    return None if champion is None or registry.tags(champion).get("rung") == "points" else champion


def compared_in_training(registry: Registry, trained: Trained) -> Comparison | str | None:
    """Compare the twins of what was trained with those of the champion of now, on the rows at hand.

    Returns why in words where they cannot be compared, None where no model is champion.
    """
    from features.errors import InputError, RefusedError
    from models.errors import ArtifactError
    from training.promotion.versions import Version, compared_by_twins

    past = trained.examples.history
    new = Version(number=None, scorer=trained.scorer, learned_until=None, twins=trained.twins)
    try:
        champion = champion_to_beat(registry)
        if champion is None:
            return None
        before, _ = known_version(registry, champion)
        return compared_by_twins(before, new, past, trained.examples.census, trained.recipe)
    except (RefusedError, ArtifactError, InputError) as reason:
        return str(reason)


def compared_now(
    registry: Registry, champion: Registered, version: Version, about: About, **data: Any
) -> Comparison:
    """Compare a version with the champion: on later data where `data` are given, else as training did.

    Raises IncomparableError, saying what to type where data would help, and where the champion cannot be
    read; InputError where the data cannot be used.
    """
    from features.errors import InputError, RefusedError
    from models.errors import ArtifactError
    from training.promotion.comparison import IncomparableError
    from training.promotion.versions import refuse_what_differs

    try:
        before, _ = known_version(registry, champion)
    except (RefusedError, ArtifactError, InputError) as problem:
        raise IncomparableError(
            f"version {champion.version}, the champion, cannot be asked. {problem}"
        ) from problem
    said = f"Version {champion.version}, the champion, and version {version.number}"
    refuse_what_differs(before.scorer.mapping, version.scorer.mapping, said)
    if any(data[name] is not None for name in ("config", "data")):
        return _on_data(before, version, about, **data)
    kept = _kept(about, champion.version)
    if kept is None:
        raise IncomparableError(
            f"it was not compared with version {champion.version}, the champion of now. Say on which data: "
            f"leadlens promote {version.number} --config leadlens.toml"
        )
    return kept


def _kept(about: About, champion: int | None) -> Comparison | None:
    """Return the comparison that was made with the version, None where it was with another champion."""
    from training.promotion.comparison import comparison_from

    found = None if about.comparison is None else comparison_from(about.comparison)
    return found if found is not None and found.champion == champion else None


def _on_data(before: Version, version: Version, about: About, **data: Any) -> Comparison:
    """Compare on a period after both versions, else by twins on rows that neither twin saw.

    The twin of a recalibration is the whole champion with another level, that of the champion knew less:
    without a later period those are not compared, and what was found beside the champion itself stands.
    """
    from leadlens.company import company_data
    from leadlens.terminal import say
    from training.examples import cut_examples
    from training.fitting.recipe import Recipe
    from training.promotion.comparison import IncomparableError
    from training.promotion.versions import compared_by_twins, compared_later, refuse_what_differs

    mapping, tables = company_data(**data, say=say)
    refuse_what_differs(version.scorer.mapping, mapping, f"Version {version.number} and the data")
    examples = cut_examples(tables, mapping)
    try:
        return compared_later(before, version, examples.history, examples.census)
    except IncomparableError as none_later:
        if about.made_from == before.number:
            kept = _kept(about, before.number)
            if kept is None:
                raise
            say(f"note: {none_later} What was found when the level was set stands.")
            return kept
        say(f"note: {none_later} The twins are compared instead.")
    recipe = replace(Recipe(), folds=int(about.recipe.get("folds", Recipe().folds)))
    return compared_by_twins(before, version, examples.history, examples.census, recipe)


def said_of_comparison(compared: Comparison | str) -> str:
    """Return in a sentence what training found out about the champion of now."""
    if isinstance(compared, str):
        return f"Not compared with the champion: {compared}"
    return (
        f"Beside version {compared.champion}, the champion: its log loss is higher by "
        f"{compared.difference} nats a row (below 0: lower); {compared.said}"
    )
