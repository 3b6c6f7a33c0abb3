"""Evidence as it is read in a terminal."""

from dataclasses import replace

import pytest
from small_company import TINY, dated_company

from leadlens.reports import WEAK_SLICES, evidence_lines
from training.evidence.evidence import Evidence
from training.examples import Examples
from training.fitting.recipe import Recipe
from training.train import train_on

WIDTH = 100


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    company = dated_company(900)
    examples = Examples(history=company.history, learned=company.examples, census=company.census)
    return train_on(examples, Recipe(boosting=TINY), capacity=30).evidence


def test_the_figures_fit_a_terminal_and_only_sentences_run_on(evidence: Evidence) -> None:
    lines = list(evidence_lines(evidence))
    sentences = ("  note: ", "  weak: ", "  not promotable: ", "Evidence: ")
    assert [line for line in lines if len(line) > WIDTH and not line.startswith(sentences)] == []
    assert len(lines) < 40


def test_the_model_stands_above_its_rivals_in_one_table(evidence: Evidence) -> None:
    lines = list(evidence_lines(evidence))
    start = next(at for at, line in enumerate(lines) if "the model's lead" in line)
    names = [line[2:22].strip() for line in lines[start + 1 : start + 6]]
    assert names == ["the model", "base rate", "points scorecard", "logistic regression", "naive Bayes"]
    for line, rival in zip(lines[start + 2 : start + 6], evidence.rivals, strict=True):
        assert line.endswith(f"{rival.lead.value:+.4f} [{rival.lead.low:.4f}, {rival.lead.high:.4f}]")
        assert str(rival.measures["log_loss"]) in line


def test_what_a_reader_must_know_is_said(evidence: Evidence) -> None:
    said = "\n".join(evidence_lines(evidence))
    assert all(f"note: {note}" in said for note in evidence.notes)
    assert all(f"not promotable: {reason}" in said for reason in evidence.reasons_against)
    assert "capacity, " in said
    assert "Brier" in said
    weak = [line for line in said.splitlines() if line.startswith("  weak: ")]
    assert len(weak) == WEAK_SLICES + 1
    assert weak[-1].endswith("named in the card")


def test_a_model_without_signal_is_not_to_be_relied_on(evidence: Evidence) -> None:
    assert evidence.signal is not None
    without = replace(evidence, signal=replace(evidence.signal, is_there=False))
    assert "Do not rely on it" in "\n".join(evidence_lines(without))
    assert "Do not rely on it" not in "\n".join(evidence_lines(evidence))
