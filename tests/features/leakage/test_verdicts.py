"""Verdicts on a zoo of leaks and honest columns, and the laws that they obey."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leak_zoo import BEASTS, is_right, judged, labels_of_zoo, number_with, pick, zoo

from features.leakage import Evidence, Strength, verdict_of
from features.leakage.evidence import Kind

WORLDS = [(1000, 0.1), (3000, 0.04), (5000, 0.4), (4000, 0.75)]
MAY_BE_SUSPECT = {"final_score"}
"""An AUC of .92 from a few dozen winners lies within two standard errors of what is honest."""


def piece(kind: Kind, strength: Strength, figure: float = 0.0) -> Evidence:
    return Evidence(kind=kind, strength=strength, figure=figure, sentence=kind)


@pytest.mark.parametrize(("leads", "base"), WORLDS)
def test_every_beast_of_the_zoo_gets_the_verdict_it_calls_for(leads: int, base: float) -> None:
    cells, labels = zoo(11, leads, base)
    found = judged(cells, labels)
    wrong = {
        beast.name: found[beast.name].verdict
        for beast in BEASTS
        if not is_right(beast.expected, found[beast.name].verdict)
    }
    assert set(wrong) <= MAY_BE_SUSPECT
    assert set(wrong.values()) <= {"suspect"}


def test_a_leak_says_why_in_words_with_figures() -> None:
    cells, labels = zoo(1, 2000, 0.2)
    for column in judged(cells, labels).values():
        if column.verdict != "clear":
            assert any(sign.isdigit() for sentence in column.evidence[:1] for sign in sentence.sentence)


@pytest.mark.slow
def test_noise_beside_the_rest_is_clear_over_many_seeds() -> None:
    verdicts: Counter[str] = Counter()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        labels = labels_of_zoo(rng, 600, 0.15)
        cells = {
            "number": rng.normal(size=600),
            "word": pick(rng, ["a", "b", "c"], 600),
            "place": rng.integers(0, 200, 600).astype(str),
            "gaps": np.where(rng.random(600) < 0.7, None, "x"),
            "status": pick(rng, ["a", "b", "c"], 600),
        }
        verdicts.update(column.verdict for column in judged(cells, labels).values())
    assert verdicts == {"clear": 200}


@given(st.integers(0, 10_000), st.permutations(["north", "south", "17", "ja", "2024-01-01"]))
def test_a_copy_of_the_label_is_a_leak_under_any_names(seed: int, words: list[str]) -> None:
    labels = labels_of_zoo(np.random.default_rng(seed), 400, 0.3)
    assert judged({"x": [words[int(label)] for label in labels]}, labels)["x"].verdict == "leak"


@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_verdict(seed: int) -> None:
    cells, labels = zoo(seed, 400, 0.3)
    ids = [f"L-{n}" for n in range(400)]
    order = np.random.default_rng(seed).permutation(400)
    before = judged(cells, labels, lead_ids=ids)
    after = judged(cells.iloc[order], labels[order], lead_ids=[ids[row] for row in order])
    assert {n: (c.verdict, c.auc_alone) for n, c in before.items()} == {
        n: (c.verdict, c.auc_alone) for n, c in after.items()
    }


@given(st.integers(0, 10_000), st.permutations([f"v{n}" for n in range(6)]))
def test_other_names_for_the_values_change_no_verdict(seed: int, words: list[str]) -> None:
    rng = np.random.default_rng(seed)
    labels = labels_of_zoo(rng, 500, 0.3)
    codes = np.where(rng.random(500) < 0.7, labels * 3, 0).astype(int) + rng.integers(0, 3, 500)
    plain, renamed = [f"v{code}" for code in codes], [words[code] for code in codes]
    found = judged({"x": plain, "z": renamed}, labels)
    assert found["x"].verdict == found["z"].verdict
    assert found["x"].auc_alone == pytest.approx(found["z"].auc_alone)


def test_a_name_alone_convicts_nobody() -> None:
    rng = np.random.default_rng(3)
    labels = labels_of_zoo(rng, 2000, 0.3)
    names = ("closed_won", "lost_reason", "Tags", "call duration", "Vertragswert", "stage")
    found = judged({name: pick(rng, ["a", "b"], 2000) for name in names}, labels)
    assert {column.verdict for column in found.values()} == {"clear"}


@pytest.mark.parametrize(
    ("name", "verdict"), [("x9", "suspect"), ("lead_rating", "leak"), ("duration", "leak")]
)
def test_the_name_lowers_the_bar_for_a_strong_column(name: str, verdict: str) -> None:
    rng = np.random.default_rng(4)
    labels = labels_of_zoo(rng, 5000, 0.3)
    assert judged({name: number_with(1.75)(rng, labels)}, labels)[name].verdict == verdict


@pytest.mark.parametrize(
    ("pieces", "verdict"),
    [
        ([], "clear"),
        ([piece("name", Strength.STRONG)], "clear"),
        ([piece("discrimination", Strength.WEAK, 0.7)], "clear"),
        ([piece("discrimination", Strength.STRONG, 0.84)], "suspect"),
        ([piece("joint", Strength.PROOF)], "leak"),
        ([piece("name", Strength.WEAK), piece("discrimination", Strength.NONE, 0.54)], "suspect"),
        ([piece("name", Strength.WEAK), piece("discrimination", Strength.STRONG, 0.84)], "suspect"),
        ([piece("name", Strength.STRONG), piece("discrimination", Strength.WEAK, 0.78)], "leak"),
        ([piece("fresh", Strength.STRONG, 0.6)], "suspect"),
        ([piece("fresh", Strength.STRONG, 0.6), piece("discrimination", Strength.WEAK, 0.62)], "leak"),
        ([piece("fresh", Strength.STRONG, -0.6), piece("discrimination", Strength.WEAK, 0.62)], "suspect"),
        ([piece("changed", Strength.STRONG, 0.6)], "suspect"),
        ([piece("changed", Strength.STRONG, 0.6), piece("purity", Strength.STRONG, 0.5)], "leak"),
        ([piece("gain", Strength.STRONG, 0.6)], "suspect"),
        ([piece("gain", Strength.WEAK, 0.3), piece("discrimination", Strength.STRONG, 0.8)], "suspect"),
        (
            [
                piece("gain", Strength.WEAK, 0.3),
                piece("discrimination", Strength.STRONG, 0.8),
                piece("name", Strength.WEAK),
            ],
            "leak",
        ),
    ],
)
def test_evidence_adds_up_as_the_rules_say(pieces: list[Evidence], verdict: str) -> None:
    assert verdict_of(pieces) == verdict


def test_two_columns_that_are_the_label_together_are_leaks() -> None:
    rng = np.random.default_rng(5)
    labels = labels_of_zoo(rng, 2000, 0.4)
    first = rng.integers(0, 2, 2000)
    opened = rng.integers(0, 400, 2000)
    cells = {
        "door": np.where(first == 1, "left", "right"),
        "hand": np.where((first + labels) % 2 == 1, "left", "right"),
        "opened": opened,
        "touched": opened + np.where(labels == 1, 40, 3),
        "noise": rng.normal(size=2000),
    }
    found = judged(cells, labels)
    assert {name: column.verdict for name, column in found.items()} == {
        "door": "leak",
        "hand": "leak",
        "opened": "leak",
        "touched": "leak",
        "noise": "clear",
    }
    assert "together with 'hand'" in found["door"].evidence[0].sentence


def test_too_few_of_an_outcome_judge_nothing_and_say_so() -> None:
    from features.leakage import Asked, audit_columns

    labels = np.array([1.0] * 10 + [0.0] * 200)
    cells = {"copy": labels.astype(int).tolist()}
    ids = [str(n) for n in range(210)]
    found, notes = audit_columns(Asked(cells=cells, labels=labels, lead_ids=ids))
    assert [column.verdict for column in found] == ["clear"]
    assert "Too small to judge" in notes[0].sentence


def test_sorted_rows_are_a_note_about_the_data() -> None:
    from features.leakage import Asked, audit_columns

    labels = np.sort(labels_of_zoo(np.random.default_rng(6), 1000, 0.3))
    ids = [str(n) for n in range(1000)]
    cells = {"shade": pick(np.random.default_rng(6), ["a", "b"], 1000), "number": np.arange(1000) + 17}
    found, notes = audit_columns(Asked(cells=cells, labels=labels, lead_ids=ids))
    assert "order of the rows tells who converted" in notes[0].sentence
    assert {column.name: column.verdict for column in found} == {"shade": "clear", "number": "leak"}
    assert any("different whole number" in piece.sentence for piece in found[1].evidence)
