"""What was tested may stand on another rung than what is registered."""

from types import SimpleNamespace
from typing import Any

from training.evidence.rungs import said_of_rungs


def a_scorer(weight: float | None) -> Any:
    return SimpleNamespace(blend=None if weight is None else SimpleNamespace(weight=weight))


def twins(*weights: float | None) -> Any:
    return [SimpleNamespace(scorer=a_scorer(weight)) for weight in weights]


def test_a_twin_on_another_rung_is_said() -> None:
    [note] = said_of_rungs(twins(0.7), a_scorer(None))
    assert note.startswith("What was tested weighs its model 70% beside a points scorecard, the version 100%")
    [of_folds] = said_of_rungs(twins(0.5, 0.55), a_scorer(0.6))
    assert "50% to 55%" in of_folds
    assert said_of_rungs(twins(None, None), a_scorer(None)) == ()
