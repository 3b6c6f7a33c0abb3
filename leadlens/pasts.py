"""The pasts that a company's own data have: which leads, from when on, and by which scorer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from decisions.policy import Policy
    from decisions.simulation import Past
    from decisions.simulation.from_history import Scored
    from features.history import History
    from features.snapshots import Moments
    from features.tables import Tables
    from models.artifact import AnyScorer
    from serving.selling.standing.recorded_pasts import Recorded

RECORDED_DAYS = 90
EVERY = 2**62
"""More moments than there are: a census of all of them."""

LEAST_MOMENTS = 200
"""A later period with fewer moments, or without a conversion, is none."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A scorer, from when on its scores are foretold (microseconds UTC), and what to say of that."""

    scorer: AnyScorer
    since: int
    caution: str


@dataclass(frozen=True, slots=True)
class Pasts:
    """What was scored once, for whatever policy."""

    tables: Tables
    scored: Scored
    since: int
    share: float
    cautions: tuple[str, ...]

    def under(self, policy: Policy) -> Past:
        """Return the past with the facts that a policy asks for."""
        from decisions.simulation.from_history import past_of

        return past_of(
            self.scored, policy, self.tables, since=self.since, share=self.share, cautions=self.cautions
        )


def read_pasts(
    most: int,
    report: Callable[[str], None],
    *,
    environment: Mapping[str, str],
    home: Path,
    **data: Any,
) -> Pasts:
    """Read and score the leads that a mapping names, on each Monday that they were open.

    At most so many moments, of whole leads. Of scores that were foretold: those after a version was trained,
    by that version; else those that its twin was not shown, by the twin; else all, and it is said. The
    horizon before them is decided about too, and tells who was with sales already.
    """
    from decisions.simulation.from_history import scored, some_leads, whole_leads
    from features.duplicates.merging import merge_duplicates
    from features.history import History
    from features.snapshots import Lives, census
    from leadlens.company import company_data
    from leadlens.terminal import say

    report("reading")
    mapping, read = company_data(home=home, say=say, **data)
    if not mapping.is_dated or mapping.training.horizon is None:
        remedy = "Say when leads were created, how they ended and when, and training.horizon."
        raise InputError(Fault("the mapping", "leads in time", "flat data", remedy))
    tables, _ = merge_duplicates(read, mapping)
    history = History(tables, mapping)
    moments = census(history, Lives(tables, history), mapping, size=EVERY)
    judge = _judge(home, environment, history, moments)
    begins = judge.since - mapping.training.horizon
    counted = whole_leads(moments, judge.since)
    chosen, share = some_leads(counted.where(counted.as_of >= begins), history.owner_hash, most)
    report(f"scoring {len(chosen):,} moments of leads")
    return Pasts(tables, scored(history, chosen, judge.scorer), judge.since, share, (judge.caution, _WEEKLY))


def recorded_here(home: Path, most: int) -> Recorded:
    """Return what the store of a home has recorded in the last RECORDED_DAYS, of at most so many moments."""
    from features.durations import DAY_US
    from leadlens.stored import open_home
    from models.stand_in import load_serving
    from serving.clock import utc_now
    from serving.selling.standing.recorded_pasts import Asked, recorded_past

    now, period = utc_now(), RECORDED_DAYS * DAY_US
    horizon = load_serving(home).mapping.training.horizon or period
    asked = Asked(since=now - period, until=now, now=now, horizon=horizon, most=most)
    with open_home(home) as store, store.snapshot() as connection:
        return recorded_past(connection, asked)


_WEEKLY = (
    "Leads are looked at on Mondays: what happens between two of them is seen on the second, and a lead that "
    "came and won between them is not seen at all."
)


def _judge(home: Path, environment: Mapping[str, str], history: History, moments: Moments) -> Judge:
    """Return by which scorer the leads are judged, and from when on.

    Raises IncomparableError where the champion foretells something else than the mapping asks for.
    """
    from features.told_times import day_of
    from models.stand_in import load_serving
    from training.promotion.versions import refuse_what_differs

    known = _registered(home, environment)
    first = int(moments.as_of.min(initial=history.extract_at))
    if known is None:
        scorer = load_serving(home)
        if scorer.rung == "points":
            return Judge(scorer, first, "The scores are points of a scorecard, which learned from no lead.")
        return Judge(scorer, first, _LEARNED)
    scorer, learned_until, twins = known
    refuse_what_differs(scorer.mapping, history.mapping, "The champion and the data")
    if learned_until is not None and _is_enough(moments, learned_until):
        said = f"The leads are those since {day_of(learned_until)}, after the champion was trained."
        return Judge(scorer, learned_until, said)
    in_time = [twin for twin in twins if twin.learned_until is not None]
    if in_time and _is_enough(moments, in_time[0].learned_until):
        until = in_time[0].learned_until
        said = (
            f"The leads are those since {day_of(until)}, and scores are those of the champion's twin, "
            "which was "
            "trained on what came before: the champion itself has learned from these leads."
        )
        return Judge(in_time[0].scorer, until, said)
    return Judge(scorer, first, _LEARNED)


_LEARNED = (
    "The champion has learned from these very leads, so that its scores know more than they would have: both "
    "policies look better than they are."
)


def _registered(home: Path, environment: Mapping[str, str]) -> Any:
    """Return the champion with when it was trained and its twins; None where no registry tells of a model."""
    from features.errors import RefusedError
    from leadlens.contest import champion_to_beat, known_version
    from models.errors import ArtifactError
    from models.registry import home_registry

    try:
        registry = home_registry(home, environment)
        champion = champion_to_beat(registry)
        if champion is None:
            return None
        version, _ = known_version(registry, champion)
    except (InputError, RefusedError, ArtifactError):
        return None
    return version.scorer, version.learned_until, version.twins


def _is_enough(moments: Moments, since: int) -> bool:
    later = moments.where(moments.as_of >= since)
    return len(later) >= LEAST_MOMENTS and bool(later.label.any())
