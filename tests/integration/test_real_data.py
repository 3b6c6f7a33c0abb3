"""The public data sets, through the mappings of the examples and the training that the command line runs."""

from pathlib import Path

import pytest

from features.mapping import read_mapping
from features.reading import read_tables
from training.evidence.evidence import Evidence
from training.fitting.recipe import Recipe
from training.train import Trained, train

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def trained_on(name: str, root: Path, data_folder: Path) -> Trained:
    mapping = read_mapping(root / "examples" / name / "leadlens.toml")
    return train(read_tables(mapping, data_folder), mapping, Recipe())


def check_figures(evidence: Evidence) -> None:
    """Every interval holds its value, and the probabilities beat the base rate and mean what they say."""
    figures = (
        evidence.auc,
        evidence.log_loss,
        evidence.calibration_error,
        evidence.rivals[0].measures["log_loss"],
    )
    for figure in figures:
        assert figure.low <= figure.value <= figure.high
        assert figure.low < figure.high
    assert evidence.log_loss.high < evidence.rivals[0].measures["log_loss"].high
    assert evidence.log_loss.value < evidence.rivals[0].measures["log_loss"].value
    assert evidence.calibration_error.value < 0.05
    assert evidence.shows_signal


def test_x_education_is_learned_without_its_leaks(root: Path, data_folder: Path) -> None:
    trained = trained_on("xeducation", root, data_folder)
    evidence = trained.evidence
    assert evidence.how == "5 twins, each tested on the fold of leads that it did not see"
    used = {column.name for column in trained.scorer.spec.columns}
    assert "Last Activity" in used
    leaks = {"Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"}
    leaks |= {
        f"Asymmetrique {kind} {what}" for kind in ("Activity", "Profile") for what in ("Index", "Score")
    }
    assert len(leaks) == 8
    assert not used & leaks
    assert 0.893 <= evidence.auc.value < 0.95, "above, something leaks"
    check_figures(evidence)
    assert [note for note in evidence.notes if "no time" in note]


def test_olist_is_judged_on_its_last_leads_and_an_embargo_does_not_fit(root: Path, data_folder: Path) -> None:
    trained = trained_on("olist", root, data_folder)
    evidence = trained.evidence
    assert evidence.how.startswith("twin trained on what came before 2018-04-")
    assert "tested on the last 30%" in evidence.how
    assert evidence.is_embargoed is False
    assert evidence.auc.value >= 0.65
    assert evidence.auc.value < 0.8
    assert [
        note for note in evidence.notes if note.startswith("No embargo: the horizon of 90 days is too long")
    ]
    check_figures(evidence)


def test_relax_is_told_by_its_visits(root: Path, data_folder: Path) -> None:
    trained = trained_on("relax", root, data_folder)
    evidence = trained.evidence
    assert len(trained.examples.history) == 12_000
    assert 9_500 <= len(trained.examples.learned) <= 9_650
    assert evidence.how.endswith("tested on the last 30% (2013-10-11 to 2014-03-22)")
    assert evidence.auc_without_events is not None
    assert 0.80 <= evidence.auc.value < 0.9
    assert evidence.auc.value - evidence.auc_without_events.value >= 0.15
    assert evidence.is_embargoed is True
    assert not [note for note in evidence.notes if "embargo" in note]
    check_figures(evidence)
    names = set(trained.scorer.spec.names)
    assert not {name for name in names if name.startswith(("name", "email", "last_session"))}
