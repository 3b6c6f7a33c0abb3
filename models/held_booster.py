"""A booster as text, which becomes LightGBM's own only where somebody asks LightGBM."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lightgbm


class HeldBooster:
    """Holds the text of a booster for `features` features. Several threads may call it at once.

    Importing LightGBM takes up to seconds. Who scores from tables needs it for nothing.
    """

    def __init__(self, text: str, features: int) -> None:
        self._text = text
        self._features = features
        self._booster: lightgbm.Booster | None = None
        self._lock = threading.Lock()

    def __call__(self) -> lightgbm.Booster:
        """Return the booster. Raises ValueError where LightGBM cannot read it as one of `features`."""
        with self._lock:
            if self._booster is None:
                self._booster = self._read()
            return self._booster

    def _read(self) -> lightgbm.Booster:
        import lightgbm  # noqa: PLC0415  # see the class

        try:
            booster = lightgbm.Booster(model_str=self._text)
        except lightgbm.basic.LightGBMError as problem:
            raise ValueError(str(problem)) from problem
        if booster.num_feature() != self._features:
            raise ValueError(
                "the booster and the feature spec are not of one model: "
                f"expected {self._features} features, found {booster.num_feature()}"
            )
        return booster
