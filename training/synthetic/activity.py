"""What leads do, and what we do to them: the events.

Acts are Poisson in the clock's activity, at a rate set by the state, times a factor of the lead's own
(gamma, mean 1) that has no bearing on winning. Part of the page views and opened e-mails is noise that no
intent moves.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from training.synthetic.intent import COLD, LOST, STATES, WON, WORKED
from training.synthetic.paths import Stints
from training.synthetic.recipe import DAY_US
from training.synthetic.season import Clock
from training.synthetic.touches import TOUCHES, TOUCHES_PER_DAY
from training.synthetic.vocabulary import CHANNELS
from training.synthetic.world import World

ACTS_PER_DAY: Final = {
    # type: cold, considering, evaluating, deciding, won
    "page_view": (0.0100, 0.1400, 0.3200, 0.4200, 0.0150),
    "email_opened": (0.0050, 0.0280, 0.0400, 0.0400, 0.0060),
    "email_clicked": (0.0008, 0.0100, 0.0180, 0.0200, 0.0008),
    "form_submitted": (0.0002, 0.0050, 0.0080, 0.0080, 0.0001),
    "content_download": (0.0003, 0.0150, 0.0240, 0.0120, 0.0003),
    "webinar_registered": (0.0003, 0.0080, 0.0090, 0.0030, 0.0005),
    "webinar_attended": (0.0002, 0.0050, 0.0070, 0.0020, 0.0004),
    "demo_requested": (0.0000, 0.0010, 0.0160, 0.0160, 0.0000),
    "trial_started": (0.0000, 0.0008, 0.0130, 0.0100, 0.0000),
    "feature_used": (0.0000, 0.0020, 0.0700, 0.1200, 0.0300),
    "meeting_booked": (0.0000, 0.0005, 0.0100, 0.0650, 0.0020),
    "call": (0.0001, 0.0010, 0.0060, 0.0350, 0.0020),
    "chat": (0.0003, 0.0040, 0.0140, 0.0350, 0.0030),
    "unsubscribe": (0.0005, 0.0003, 0.0002, 0.0001, 0.0002),
}
SIGNALS: Final = ("turned_cold", "considering_started", "evaluating_started", "deciding_started")
"""The event that a change to each intent leaves in an observable history."""
TYPES: Final = (*ACTS_PER_DAY, *SIGNALS, *TOUCHES)
PAGES: Final = ("home", "blog", "product", "pricing", "docs", "careers")
_PAGE_SHARES: Final = np.array([
    [0.36, 0.34, 0.14, 0.03, 0.03, 0.10],
    [0.22, 0.28, 0.34, 0.07, 0.07, 0.02],
    [0.12, 0.10, 0.34, 0.22, 0.21, 0.01],
    [0.10, 0.04, 0.20, 0.40, 0.25, 0.01],
    [0.15, 0.15, 0.10, 0.03, 0.55, 0.02],
])  # fmt: skip
"""Shares of the pages by cold, considering, evaluating, deciding, won; rows sum to 1."""

DUPLICATE_EVENTS_SHARE: Final = 0.01
"""Chance of an event to be delivered twice, with the same event_id."""
LATE_EVENTS_SHARE: Final = 0.03
_MEAN_LATENESS_DAYS: Final = 1.0
_VISITS_BEFORE_CREATION: Final = 1.2
_DAYS_BEFORE_CREATION: Final = 14
_KIND_OF_STATE: Final = np.array([0, 1, 2, 3, 0, 1, 2, 3, -1, -1, 4])
"""Column of `ACTS_PER_DAY` by state; the lost and the disqualified do nothing."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events of some leads, ordered by lead and time, columns of shape (events,)."""

    lead: npt.NDArray[np.int64]
    time_us: npt.NDArray[np.int64]
    type: npt.NDArray[np.int64]
    """Index into `TYPES`."""
    page: npt.NDArray[np.int64]
    """Index into `PAGES`; -1 for all but page views."""
    seconds: npt.NDArray[np.float64]
    """How long a page was looked at; else not a number."""
    known_us: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    """How often the row is delivered: 1 or 2."""


def events_of(world: World, clock: Clock, first: int, end: int) -> Events:
    """Draw the events of the leads from `first` up to, not including, `end`, known by the end of the history.

    Only page views come before a lead's creation, at most 14 days. A late event is known up to a week after
    it occurred; creation, return and the signals of an observable history are never late.
    """
    rng = world.history.rng("events", first)
    stints = world.stints.of_leads(first, end)
    drawn = [
        _acts(rng, clock, stints, rng.gamma(4.0, 1 / 4.0, end - first)[stints.lead - first]),
        _touches(rng, clock, stints),
        _visits_before(rng, clock, world, first, end),
    ]
    certain = [_returns(stints), _creations(world, first, end)]
    certain += [_signals(stints), _handovers(stints)] if world.history.observable else []
    lead, time, kind, page_group = (np.concatenate(column) for column in zip(*drawn, *certain, strict=True))
    late = rng.random(len(lead)) < LATE_EVENTS_SHARE
    late[sum(len(part[0]) for part in drawn) :] = False
    delay = np.minimum(rng.exponential(_MEAN_LATENESS_DAYS, len(lead)), 7.0) * DAY_US
    known = time + np.where(late, delay, 0.0).astype(np.int64) // 1000 * 1000
    order = np.argsort((lead - first) << 46 | (time - world.history.start_us), kind="stable")
    order = order[known[order] <= world.history.extract_us]
    kind, page_group = kind[order], page_group[order]
    page = _pages(rng, kind, page_group)
    seconds = np.where(page >= 0, np.rint(rng.lognormal(3.4, 0.8, len(page))), np.nan)
    copies = 1 + (rng.random(len(page)) < DUPLICATE_EVENTS_SHARE)
    return Events(lead[order], time[order], kind, page, seconds, known[order], copies)


Drawn: TypeAlias = tuple[
    npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]
]


def _acts(
    rng: np.random.Generator, clock: Clock, stints: Stints, own_factor: npt.NDArray[np.float64]
) -> Drawn:
    rates = np.array(list(ACTS_PER_DAY.values())).T
    by_state = np.where(_KIND_OF_STATE[:, np.newaxis] < 0, 0.0, rates[_KIND_OF_STATE])
    return _poisson(rng, clock, stints, by_state, own_factor, TYPES.index(next(iter(ACTS_PER_DAY))))


def _touches(rng: np.random.Generator, clock: Clock, stints: Stints) -> Drawn:
    by_attention = np.array(list(TOUCHES_PER_DAY.values())).T
    state = np.arange(STATES)
    by_state = by_attention[((state >= WORKED) & (state < LOST)).astype(np.int64)]
    by_state = np.where(((state > LOST) & (state < WON))[:, np.newaxis], 0.0, by_state)
    return _poisson(rng, clock, stints, by_state, np.ones(len(stints.lead)), TYPES.index(TOUCHES[0]))


def _poisson(
    rng: np.random.Generator,
    clock: Clock,
    stints: Stints,
    rate_by_state: npt.NDArray[np.float64],
    factor: npt.NDArray[np.float64],
    first_type: int,
) -> Drawn:
    """Draw events at `rate_by_state`, shape (states, types), times `factor`, shape (stints,)."""
    since, until = clock.activity(stints.since_us), clock.activity(stints.until_us)
    total = rate_by_state.sum(axis=1)
    stint = np.repeat(
        np.arange(len(since)), rng.poisson(np.maximum(until - since, 0.0) * total[stints.state] * factor)
    )
    time = clock.times(since[stint] + rng.random(len(stint)) * (until - since)[stint])
    time = np.clip(time, stints.since_us[stint], stints.until_us[stint] - 1000)
    shares = np.divide(rate_by_state.T, total, out=np.zeros_like(rate_by_state.T), where=total > 0).T
    state = stints.state[stint].astype(np.int64)
    kind = _choose(rng, shares, state)
    return stints.lead[stint], time, kind + first_type, np.maximum(_KIND_OF_STATE[state], COLD)


def _choose(
    rng: np.random.Generator, shares: npt.NDArray[np.float64], row: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Draw a column for each of `row` by the shares, which sum to 1 along a row of `shares`."""
    steps = (np.cumsum(shares, axis=1)[:, :-1] + np.arange(len(shares))[:, np.newaxis]).ravel()
    place = np.searchsorted(steps, row + rng.random(len(row)), side="right")
    return np.asarray(place - row * (shares.shape[1] - 1))


def _pages(
    rng: np.random.Generator, kind: npt.NDArray[np.int64], page_group: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    page = np.full(len(kind), -1)
    viewed = np.flatnonzero(kind == TYPES.index("page_view"))
    page[viewed] = _choose(rng, _PAGE_SHARES, page_group[viewed])
    return page


def _visits_before(rng: np.random.Generator, clock: Clock, world: World, first: int, end: int) -> Drawn:
    """Draw page views of visitors who later became leads, more of those who came with some intent."""
    created = world.people.created_us[first:end]
    intent = world.people.first_intent[first:end].astype(np.int64)
    earliest = np.maximum(created - _DAYS_BEFORE_CREATION * DAY_US, world.history.start_us)
    since, until = clock.activity(earliest), clock.activity(created)
    mean = (
        _VISITS_BEFORE_CREATION / _DAYS_BEFORE_CREATION * (until - since) * np.where(intent > COLD, 1.5, 0.5)
    )
    lead = np.repeat(np.arange(end - first), rng.poisson(mean))
    time = clock.times(since[lead] + rng.random(len(lead)) * (until - since)[lead])
    time = np.clip(time, earliest[lead], created[lead] - 1000)
    return lead + first, time, np.full(len(lead), TYPES.index("page_view")), intent[lead]


def _creations(world: World, first: int, end: int) -> Drawn:
    """Return the form by which every lead comes, but for those of a purchased list."""
    came = first + np.flatnonzero(world.people.channel[first:end] != CHANNELS.values.index("purchased list"))
    return _at(came, world.people.created_us[came], "form_submitted")


def _returns(stints: Stints) -> Drawn:
    """Return the form by which a lost lead comes back: an act, so that it counts as open from then on."""
    back = 1 + np.flatnonzero(stints.state[:-1] == LOST)
    back = back[stints.lead[back] == stints.lead[back - 1]]
    return _at(stints.lead[back], stints.since_us[back], "form_submitted")


def _at(lead: npt.NDArray[np.int64], time_us: npt.NDArray[np.int64], kind: str) -> Drawn:
    return lead, time_us, np.full(len(lead), TYPES.index(kind)), np.zeros(len(lead), dtype=np.int64)


def _previous(stints: Stints, value: npt.NDArray[np.int64], before_first: int) -> npt.NDArray[np.int64]:
    """Return the value of each lead's stint before this one, `before_first` for its first."""
    before = np.concatenate([[before_first], value[:-1]])
    return np.where(np.concatenate([[True], stints.lead[1:] != stints.lead[:-1]]), before_first, before)


def _signals(stints: Stints) -> Drawn:
    """Return an event for each intent come to: from another, from nothing or from having been lost."""
    intent = np.where(stints.state < LOST, stints.state % WORKED, -1).astype(np.int64)
    came = np.flatnonzero((intent >= 0) & (intent != _previous(stints, intent, -1)))
    lead, time, kind, page_group = _at(stints.lead[came], stints.since_us[came], SIGNALS[0])
    return lead, time, kind + intent[came], page_group


def _handovers(stints: Stints) -> Drawn:
    """Return a touch for each change of sales' attention, the end of it with a loss included."""
    worked = ((stints.state >= WORKED) & (stints.state < LOST)).astype(np.int64)
    came = np.flatnonzero((stints.state != WON) & (worked != _previous(stints, worked, 0)))
    lead, time, kind, page_group = _at(stints.lead[came], stints.since_us[came], "handed_back")
    return lead, time, kind - worked[came], page_group
