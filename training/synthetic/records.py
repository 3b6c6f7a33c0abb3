"""What the customer system records of the leads: with gaps, and with later corrections.

Only what was true at creation drives a win. The corrections keep their meaning: employees stay in their
band, a title keeps level and function, the owner's region has no effect. But a missing number of employees
is often filled in by sales or after a win, so that its latest value betrays the outcome, while its value at
a moment does not.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.synthetic import vocabulary as words
from training.synthetic.intent import LOST, WORKED
from training.synthetic.people import Codes, size_band
from training.synthetic.recipe import DAY_US
from training.synthetic.world import World

TITLES = tuple(
    spelling.format(function)
    for level in words.SPELLINGS
    for spelling in level
    for function in words.FUNCTIONS.values
)
"""Every job title: level by spelling by function."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Dated:
    """A column with history: a value at creation and at most one later; shape (leads,), -1 for missing."""

    name: str
    words: tuple[str, ...] | None
    """What the values index; None where they are numbers themselves."""
    first: Codes
    later: Codes
    changed_us: Codes
    """When `later` came, after creation and not after the end; the largest integer where it never did."""

    @property
    def changed(self) -> npt.NDArray[np.int64]:
        """Return the leads whose value changed."""
        return np.flatnonzero(self.changed_us < _NEVER)

    def latest(self) -> Codes:
        """Return the value at the end of the history."""
        return np.where(self.changed_us < _NEVER, self.later, self.first)


@dataclass(frozen=True, slots=True)
class Records:
    """The recorded fit of the leads, columns of shape (leads,), -1 for missing."""

    job_title: Dated
    employees: Dated
    owner_region: Dated
    country: Codes
    industry: Codes
    technologies: Codes
    utm: Codes
    """The channel, where the link that brought the lead said so."""
    consent: Codes
    form_seconds: npt.NDArray[np.float64]
    """Time spent on the form: pure noise."""


def records(world: World) -> Records:
    """Draw the gaps and the corrections.

    In an observable history no value that bears on fit is missing. Else the gaps are partly not at random:
    interns conceal their title, people with a free-mail address and small companies their number of
    employees.
    """
    rng = world.history.rng("records")
    person, firms = world.people, world.firms
    count = len(person.company)

    def gappy(values: Codes, chance: npt.NDArray[np.float64] | float, *, bears_on_fit: bool = True) -> Codes:
        missing = rng.random(count) < chance
        return np.where(missing & (not (bears_on_fit and world.history.observable)), -1, values)

    employees = firms.employees[person.company]
    level_hidden = np.where(person.level == words.LEVELS.values.index("Intern"), 0.35, 0.10)
    size_hidden = 0.15 + 0.20 * person.freemail + 0.15 * (employees < words.SIZE_BANDS[0])
    title = (person.level * 2 + person.spelling) * len(words.FUNCTIONS.values) + person.function
    by_link = np.isin(person.channel, [words.CHANNELS.values.index(name) for name in _CHANNELS_BY_LINK])
    return Records(
        job_title=_respelt(gappy(title, level_hidden), world, rng),
        employees=_recounted(gappy(employees, size_hidden), employees, world, rng),
        owner_region=_assigned(world),
        country=gappy(person.country, 0.02),
        industry=gappy(firms.industry[person.company], 0.12),
        technologies=gappy(firms.technologies[person.company], 0.40),
        utm=gappy(person.channel, np.where(by_link, 0.15, 1.0), bears_on_fit=False),
        consent=gappy((rng.random(count) < 0.7).astype(np.int64), 0.05, bears_on_fit=False),
        form_seconds=np.rint(rng.lognormal(3.6, 0.6, count)),
    )


_CHANNELS_BY_LINK = ("paid search", "paid social", "webinar", "partner")


def _some_time_later(world: World, rng: np.random.Generator, chosen: npt.NDArray[np.bool_]) -> Codes:
    """Return a time between creation and the end for those chosen, `_NEVER` for the others."""
    created = world.people.created_us
    after = (rng.random(len(created)) * (world.history.extract_us - created)).astype(np.int64)
    return np.where(chosen, created + np.maximum(after // 1000 * 1000, 1000), _NEVER)


def _respelt(title: Codes, world: World, rng: np.random.Generator) -> Dated:
    """Return the titles; a twentieth is later written the other way."""
    functions = len(words.FUNCTIONS.values)
    other = title + np.where(title // functions % 2 == 0, functions, -functions)
    chosen = (title >= 0) & (rng.random(len(title)) < 0.05)
    return Dated("job_title", TITLES, title, other, _some_time_later(world, rng, chosen))


def _recounted(recorded: Codes, true: Codes, world: World, rng: np.random.Generator) -> Dated:
    """Return the employees: known ones drift in their band, missing ones come from sales or after a win."""
    count = len(true)
    edges = np.concatenate([[1], words.SIZE_BANDS, [words.MOST_EMPLOYEES + 1]])
    band = size_band(true)
    drifted = np.clip(np.rint(true * rng.lognormal(0.03, 0.06, count)), edges[band], edges[band + 1] - 1)
    drifts = (recorded >= 0) & (rng.random(count) < 0.15) & (drifted != true)
    won = np.full(count, _NEVER)
    won[world.outcomes.lead[world.outcomes.won]] = world.outcomes.occurred_us[world.outcomes.won]
    filled = np.full(count, _NEVER)
    for since, chance in ((_first_worked(world), 0.4), (won, 0.8)):
        then = np.where(since < _NEVER, since, 0) + rng.integers(1, 7 * DAY_US // 1000, size=count) * 1000
        held = (since < _NEVER) & (rng.random(count) < chance) & (then <= world.history.extract_us)
        filled = np.where(held, np.minimum(filled, then), filled)
    changed = np.where(recorded < 0, filled, _some_time_later(world, rng, drifts))
    return Dated("employees", None, recorded, np.where(recorded < 0, true, drifted.astype(np.int64)), changed)


def _assigned(world: World) -> Dated:
    """Return the owners' regions; a lead is nobody's until sales first works it."""
    nobody = np.full(len(world.people.country), words.REGIONS.index("unassigned"))
    region = words.REGION_OF_COUNTRY[world.people.country]
    return Dated("owner_region", words.REGIONS, nobody, region, _first_worked(world))


def _first_worked(world: World) -> Codes:
    """Return when each lead was first in the hands of sales, `_NEVER` if it never was."""
    stints = world.stints
    worked = np.flatnonzero((stints.state >= WORKED) & (stints.state < LOST))[::-1]
    since = np.full(len(world.people.created_us), _NEVER)
    since[stints.lead[worked]] = stints.since_us[worked]
    return since
