"""In an observable history nothing that drives a win is hidden."""

from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from training.synthetic.activity import SIGNALS
from training.synthetic.intent import COLD, DISQUALIFIED, LOST, WON, WORKED
from training.synthetic.world import World

if TYPE_CHECKING:
    from conftest import Read

_ENDS = {"lost": LOST, "disqualified": DISQUALIFIED, "won": WON}


def test_the_latent_path_can_be_rebuilt_from_the_tables(observable: "Read") -> None:
    world = World.of(observable.recipe)
    numbers, _ = world.lead_numbers()
    stints = world.stints
    latent = [
        (f"lead-{numbers[lead]:07d}", int(since), int(state))
        for lead, since, state in zip(stints.lead, stints.since_us, stints.state, strict=True)
    ]
    assert len(latent) > 3_000
    assert _rebuilt(observable) == latent


def _rebuilt(observable: "Read") -> list[tuple[str, int, int]]:
    """Return (lead, since, state) of every stint, by the signals, the handovers and the outcomes alone."""
    events = observable.events.drop_duplicates("event_id")
    said = events[events["type"].isin([*SIGNALS, "handed_to_sales", "handed_back"])]
    ends = observable.outcomes.rename(columns={"outcome": "type"})
    both = pd.concat([said, ends])[["lead_id", "occurred_at", "type"]].sort_values(["lead_id", "occurred_at"])
    path = []
    for lead, rows in groupby(both.itertuples(index=False), key=lambda row: row.lead_id):
        intent, shift = COLD, 0
        for at, together in groupby(rows, key=lambda row: row.occurred_at):
            kinds = {row.type for row in together}
            intent = next((SIGNALS.index(kind) for kind in kinds if kind in SIGNALS), intent)
            shift = WORKED if "handed_to_sales" in kinds else 0 if "handed_back" in kinds else shift
            end = next((_ENDS[kind] for kind in kinds if kind in _ENDS), None)
            path.append((lead, at.value // 1000, intent + shift if end is None else end))
    return path


def test_every_fit_value_is_recorded_and_every_outcome_known_at_once(observable: "Read") -> None:
    of_fit = [
        "email",
        "job_title",
        "country",
        "industry",
        "company_kind",
        "employees",
        "technologies",
        "channel",
    ]
    assert observable.leads[of_fit].notna().all(axis=None)
    assert (observable.outcomes["known_at"] == observable.outcomes["occurred_at"]).all()


def test_sales_calls_only_whom_it_holds(observable: "Read") -> None:
    events = observable.events.drop_duplicates("event_id").sort_values(
        ["lead_id", "occurred_at"], kind="stable"
    )
    handed = events["type"].map({"handed_to_sales": 1.0, "handed_back": 0.0})
    held = handed.groupby(events["lead_id"]).ffill().fillna(0.0)
    calls = events["type"] == "sales_call"
    assert calls.sum() > 100
    assert (held[calls] == 1.0).all()
    assert (held[~calls] == 0.0).any()
