"""Each kind of evidence by itself."""

import numpy as np
import pytest
from leak_zoo import judged, labels_of_zoo, pick

from features.cells import cell_rules
from features.durations import DAY_US
from features.leakage import Strength
from features.leakage.audit import NEVER
from features.leakage.cell_views import binned, views_of
from features.leakage.changed import ChangeLog, written_late
from features.leakage.discrimination import auc_of_codes, discrimination
from features.leakage.emptiness import emptiness
from features.leakage.names import name_evidence
from features.leakage.purity import purity

RNG = np.random.default_rng(1)
LABELS = labels_of_zoo(RNG, 4000, 0.2)
FOLD = RNG.integers(0, 5, 4000)


def test_values_that_stand_once_say_nothing_out_of_fold() -> None:
    assert auc_of_codes(np.arange(4000), LABELS, FOLD) == pytest.approx(0.5)
    many = RNG.integers(0, 1500, 4000)
    assert abs(auc_of_codes(many, LABELS, FOLD) - 0.5) < 0.03


def test_the_auc_of_a_column_that_is_half_right_is_between() -> None:
    half = np.where(RNG.random(4000) < 0.5, LABELS, RNG.integers(0, 2, 4000)).astype(np.int64)
    assert 0.72 < auc_of_codes(half, LABELS, FOLD) < 0.78


def test_small_data_prove_nothing_by_their_auc() -> None:
    small = np.repeat([0.0, 1.0], [60, 15])
    found = discrimination(0.94, small)
    assert found is not None
    assert found.strength is Strength.STRONG
    large = discrimination(0.94, np.repeat([0.0, 1.0], [6000, 1500]))
    assert large is not None
    assert large.strength is Strength.PROOF


@pytest.mark.parametrize(
    ("of_won", "of_lost", "strength"),
    [(0.6, 0.6, None), (0.7, 0.5, Strength.WEAK), (0.9, 0.3, Strength.STRONG), (0.97, 0.05, Strength.PROOF)],
)
def test_emptiness_is_weighed_by_its_gap(of_won: float, of_lost: float, strength: Strength | None) -> None:
    filled = RNG.random(4000) < np.where(LABELS == 1, of_won, of_lost)
    found = emptiness(filled, LABELS)
    assert (found and found.strength) == strength


def test_what_only_winners_have_is_proof_however_seldom() -> None:
    filled = (LABELS == 1) & (RNG.random(4000) < 0.06)
    found = emptiness(filled, LABELS)
    assert found is not None
    assert found.strength is Strength.PROOF
    assert "converted only" in found.sentence
    numbers = np.where(filled, 5.0, 0.0)
    zero = emptiness(np.ones(4000, bool), LABELS, numbers)
    assert zero is not None
    assert zero.sentence.startswith("other than 0 for leads that converted only")


def test_a_column_that_is_always_filled_in_shows_no_emptiness_where_few_convert() -> None:
    rare = labels_of_zoo(RNG, 4000, 0.009)
    assert emptiness(np.ones(4000, bool), rare) is None
    assert purity(RNG.integers(0, 3, 4000), rare, None) is None


def test_a_rare_value_that_nearly_always_converts_settles_too_little() -> None:
    codes = np.zeros(4000, np.int64)
    codes[np.flatnonzero(LABELS == 1)[:60]] = 1
    assert purity(codes, LABELS, ("", "told by a friend")) is None


@pytest.mark.parametrize(("leads", "is_quoted"), [(19, False), (20, True)])
def test_a_value_that_few_leads_hold_may_be_a_name_and_is_not_quoted(leads: int, is_quoted: bool) -> None:
    labels, codes = np.zeros(4000), np.zeros(4000, np.int64)
    labels[:40] = 1.0
    codes[:leads] = 1
    found = purity(codes, labels, ("elsewhere", "Anna Huber"))
    assert found is not None
    assert ("'Anna Huber' alone" in found.sentence) is is_quoted
    assert "all but settle" in found.sentence


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("Lost Reason", Strength.STRONG),
        ("is_won", Strength.STRONG),
        ("dealAmount", Strength.STRONG),
        ("Close date", Strength.STRONG),
        ("duration", Strength.STRONG),
        ("Gesprächsdauer", Strength.STRONG),
        ("Vertragsnummer", Strength.STRONG),
        ("motif de perte", Strength.STRONG),
        ("motivo_de_perdida", Strength.STRONG),
        ("Cliente desde", Strength.STRONG),
        ("converted_at", Strength.STRONG),
        ("Tags", Strength.WEAK),
        ("Lead Quality", Strength.WEAK),
        ("Asymmetrique Profile Index", Strength.WEAK),
        ("Last Notable Activity", Strength.WEAK),
        ("letzte_aktivitaet", Strength.WEAK),
        ("statut", Strength.WEAK),
        ("owner_assigned", Strength.WEAK),
        ("Page Views Per Visit", None),
        ("Total Time Spent on Website", None),
        ("annual_revenue", None),
        ("Jahresumsatz", None),
        ("marital status", None),
        ("session_duration", None),
        ("signed_up_at", None),
        ("Lead Source", None),
        ("utm_campaign", None),
        ("employees", None),
        ("poutcome", None),
        ("window", None),
        ("winery", None),
    ],
)
def test_names_give_away_what_they_speak_of(name: str, strength: Strength | None) -> None:
    found = name_evidence(name)
    assert (found and found.strength) == strength


def test_bins_do_not_depend_on_the_order_and_zero_is_apart() -> None:
    numbers = np.where(RNG.random(1000) < 0.4, 0.0, RNG.lognormal(3, 1, 1000))
    numbers[:50] = np.nan
    order = RNG.permutation(1000)
    assert (binned(numbers)[order] == binned(numbers[order])).all()
    codes = binned(numbers)
    assert set(codes[numbers == 0.0]) & set(codes[numbers != 0.0]) == set()
    assert (codes[:50] == 0).all()


def test_times_are_read_as_times_and_missing_spellings_as_missing() -> None:
    views = views_of(["2024-01-05", "2024-03-01 10:00", "Select", None], cell_rules(["Select"]))
    assert views.is_time
    assert views.filled.tolist() == [True, True, False, False]


def written(took_days: np.ndarray) -> tuple[ChangeLog, np.ndarray]:
    ends = np.full(200, 1_000 * DAY_US)
    return ChangeLog(np.arange(200), ends + (took_days * DAY_US).astype(np.int64)), ends


def test_a_column_written_when_leads_end_is_found() -> None:
    found = written_late(*written(RNG.uniform(0, 0.5, 200)), NEVER)
    assert found is not None
    assert found.strength is Strength.STRONG


def test_a_column_written_long_before_is_not() -> None:
    assert written_late(*written(-RNG.uniform(1, 200, 200)), NEVER) is None


def test_a_column_written_evenly_through_time_is_weak_evidence_at_most() -> None:
    found = written_late(*written(RNG.uniform(-100, 100, 200)), NEVER)
    assert found is not None
    assert found.strength is Strength.WEAK


def test_open_leads_without_a_value_convict_a_column_that_tells_something() -> None:
    rng = np.random.default_rng(7)
    verdict = np.where(rng.random(4000) < 0.5, np.where(LABELS == 1, "good", "poor"), "fair")
    shade = pick(rng, ["a", "b"], 4000)
    cells = {"view": verdict, "late": shade, "shade": shade}
    alone = judged(cells, LABELS)
    assert {name: column.verdict for name, column in alone.items()}["late"] == "clear"
    fresh = {"view": [None] * 500, "late": [None] * 500, "shade": shade[:500]}
    found = judged(cells, LABELS, fresh=fresh)
    assert {name: column.verdict for name, column in found.items()} == {
        "view": "leak",
        "late": "suspect",
        "shade": "clear",
    }
    assert any("0% of the fresh ones" in piece.sentence for piece in found["view"].evidence)


def test_fresh_leads_of_another_season_are_no_leak() -> None:
    rng = np.random.default_rng(8)
    cells = {"campaign": pick(rng, ["spring", "summer"], 4000), "new_field": [None] * 4000}
    fresh = {"campaign": pick(rng, ["summer", "autumn"], 500), "new_field": ["x"] * 500}
    found = judged(cells, LABELS, fresh=fresh)
    assert found["campaign"].verdict != "leak"
    assert found["new_field"].verdict == "clear"
