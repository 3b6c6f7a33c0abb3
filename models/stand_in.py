"""What scores where no version was promoted yet: the scorecard that comes with LeadLens, kept in the home."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from features.words import ENGLISH
from models.artifact import load_scorer, save_scorer
from models.champion import built_in_scorecard, champion_folder, load_champion
from models.score import BUILT_IN_VERSION

if TYPE_CHECKING:
    from features.words import Phrasebook
    from models.artifact import AnyScorer


def load_serving(home: Path, words: Phrasebook = ENGLISH) -> AnyScorer:
    """Return the champion of a home, or where none was promoted yet the scorecard that comes with LeadLens.

    Raises ArtifactError where the copy of either is broken: a champion that cannot be loaded is an error, and
    no reason to serve points.
    """
    champion = load_champion(home, words)
    if champion is not None:
        return champion
    stand_in = load_scorer(kept_stand_in(home), version=BUILT_IN_VERSION, words=words)
    stand_in.warm_up()
    return stand_in


def kept_stand_in(home: Path) -> Path:
    """Return the folder of the scorecard's copy in a home, which is written, whole or not at all, if missing.

    Recorded scores are replayed with it. The copy that is there goes on serving where a newer LeadLens comes
    with another card: no lead is moved by an update.
    """
    folder = champion_folder(home, BUILT_IN_VERSION)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".scorecard.", dir=home))
    try:
        save_scorer(built_in_scorecard(), aside / folder.name)
        (aside / folder.name).rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster, with the same content
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder
