"""What is done with an artifact before it serves: every check there is, and its tables written to disk."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.artifact import BOOSTER, digest_of, load_scorer, read_examples
from models.contributions.errors import KeptTablesError
from models.contributions.kept import read_tables, write_tables
from models.errors import ArtifactError
from models.examples import differences
from models.scorecard.points_scorer import PointsScorer

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from features.words import Phrasebook
    from models.artifact import AnyScorer

PREPARED = "prepared"
"""The folder, beside the copies of versions, that holds their tables."""

_SUFFIX = ".tables"
_SAID = 3
"""So many differences are told; the rest are counted."""

log = logging.getLogger("leadlens.artifact")


def tables_file(copies: Path, digest: str) -> Path:
    """Return where the tables of the artifact with a digest belong, in a folder of copies."""
    return copies / PREPARED / f"{digest}{_SUFFIX}"


def prepare(folder: Path, copies: Path) -> str:
    """Check an artifact in every way, write its tables among the `copies`, and return its digest.

    Checked are the sums of its files, its format, spec and mapping, curves and booster, the tables against
    LightGBM, and the scorer against its own examples. Raises ArtifactError with what is wrong, OSError where
    the tables cannot be written.
    """
    digest = digest_of(folder)
    scorer = load_scorer(folder)
    self_test(scorer, folder)
    if not isinstance(scorer, PointsScorer):
        write_tables(scorer.attributions.to_keep(), tables_file(copies, digest), artifact=digest)
    return digest


def prepare_once(folder: Path, copies: Path) -> str:
    """Do what `prepare` does, unless the tables of the very artifact are there already."""
    digest = digest_of(folder)
    return digest if _has_tables(digest, copies) else prepare(folder, copies)


def self_test(scorer: AnyScorer, folder: Path) -> None:
    """Score the examples of an artifact; where it has none, the log says so.

    Raises ArtifactError where a score differs.
    """
    examples = read_examples(folder)
    if examples is None:
        log.info("%s holds no examples, being of an older LeadLens: its scores are not tested.", folder.name)
        return
    try:
        found = differences(scorer, examples)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArtifactError(f"{folder}: its examples cannot be scored: {problem}") from problem
    if found:
        more = f"; and {len(found) - _SAID} more" if len(found) > _SAID else ""
        raise ArtifactError(
            f"{folder}: it does not pass its own test: {'; '.join(found[:_SAID])}{more}. "
            "Another LeadLens or machine made it. Learn anew: leadlens train"
        )


def is_prepared(folder: Path) -> bool:
    """Return whether the copy of a version is whole, and its tables are there to be mapped."""
    try:
        digest = digest_of(folder)
    except ArtifactError:
        return False
    # A scorecard has no tables.
    return not (folder / BOOSTER).exists() or _has_tables(digest, folder.parent)


def _has_tables(digest: str, copies: Path) -> bool:
    try:
        read_tables(tables_file(copies, digest), artifact=digest)
    except KeptTablesError:
        return False
    return True


def load_prepared(folder: Path, *, version: int | None = None, words: Phrasebook = ENGLISH) -> AnyScorer:
    """Load a version's copy: from its tables, or compiled anew where they are not there, which are then kept.

    Raises ArtifactError as `load_scorer` does.
    """
    tables = tables_file(folder.parent, digest_of(folder))
    scorer = load_scorer(folder, version=version, words=words, tables=tables)
    if not isinstance(scorer, PointsScorer) and not scorer.attributions.is_read:
        _test_anew(scorer, folder)
        with suppress(OSError):  # a full disk: then it is compiled at the next start too
            write_tables(scorer.attributions.to_keep(), tables, artifact=str(scorer.artifact_sha256))
    return scorer


def _test_anew(scorer: AnyScorer, folder: Path) -> None:
    """Say in the log where a copy that served before does not pass its test, as after an update it may."""
    try:
        self_test(scorer, folder)
    except ArtifactError as problem:
        log.error("It serves all the same, for it did so before: %s", problem)  # noqa: TRY400  # it says it all


def forget_others(copies: Path, kept: Collection[Path]) -> None:
    """Remove the tables of all artifacts but those in the folders that are `kept`."""
    wanted = set()
    for folder in kept:
        with suppress(ArtifactError):
            wanted.add(tables_file(copies, digest_of(folder)))
    for file in (copies / PREPARED).glob(f"*{_SUFFIX}"):
        if file not in wanted:
            with suppress(OSError):
                file.unlink()
