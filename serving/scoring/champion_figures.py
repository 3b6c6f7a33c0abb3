"""What the metrics say of the model that a process scores with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from serving.telemetry.counting import version_label
from serving.telemetry.definitions import MODEL, MODEL_SINCE, READY, SWAPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serving.scoring.champion import Champion
    from serving.telemetry.telemetry import Telemetry, Told

Gauges: TypeAlias = "Callable[[], Iterator[Told]]"


def champion_figures(champion: Champion, telemetry: Telemetry) -> Gauges:
    """Return what tells of a champion, for `Telemetry.ask`; it counts each time that another one serves."""
    seen: list[tuple[str, int | None]] = []

    def told() -> Iterator[Told]:
        answerer = champion.at_hand()
        yield READY, (), float(answerer is not None)
        if answerer is None:
            return
        scorer = answerer.scorer
        serving = (scorer.name, scorer.version)
        if seen and seen[-1] != serving:
            telemetry.count(SWAPS)
        seen[:] = [serving]
        yield MODEL, (scorer.name, version_label(scorer.version), scorer.rung), 1.0
        since = champion.since()
        if since is not None:
            yield MODEL_SINCE, (), since / 1_000_000

    return told
