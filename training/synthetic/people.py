"""Who the leads are: companies, the people who ask, and the log-odds of fit that follow from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from training.synthetic import vocabulary as words
from training.synthetic.intent import WORKED
from training.synthetic.recipe import DAY_US, History
from training.synthetic.season import Clock

Codes: TypeAlias = npt.NDArray[np.int64]
"""Indices into the words of a column; -1 stands for a missing value."""

_UNRECORDED_FIT_SD = 0.35
_LEADS_PER_COMPANY = 3


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies that leads work for, columns of shape (companies,)."""

    industry: Codes
    country: Codes
    kind: Codes
    employees: Codes
    technologies: Codes
    """A bit for each of `vocabulary.TECHNOLOGIES`."""


@dataclass(frozen=True, slots=True)
class People:
    """The leads as they truly are, in the order of creation, columns of shape (leads,)."""

    created_us: Codes
    company: Codes
    level: Codes
    spelling: Codes
    function: Codes
    country: Codes
    channel: Codes
    campaign: Codes
    freemail: npt.NDArray[np.bool_]
    fit: npt.NDArray[np.float64]
    """Log-odds: the sum of the effects of what is recorded or could be, and of an unrecorded part."""
    first_intent: npt.NDArray[np.int8]


def companies(history: History) -> Companies:
    """Draw a company for every three leads; employees are log-normal (median 120), 1 to 200,000."""
    rng = history.rng("companies")
    count = max(1, history.leads // _LEADS_PER_COMPANY)
    size = np.rint(np.exp(rng.normal(np.log(120.0), 1.7, count)))
    used = rng.random((count, len(words.TECHNOLOGIES))) < words.CHANCE_OF_TECHNOLOGY
    return Companies(
        industry=words.INDUSTRIES.draw(rng, count),
        country=words.COUNTRIES.draw(rng, count),
        kind=words.COMPANY_KINDS.draw(rng, count),
        employees=np.clip(size, 1, words.MOST_EMPLOYEES).astype(np.int64),
        technologies=used @ (1 << np.arange(used.shape[1])),
    )


def size_band(employees: Codes) -> Codes:
    """Return the band, 0 to 4, of each number of employees."""
    return np.searchsorted(words.SIZE_BANDS, employees, side="right")


def people(firms: Companies, count: int, history: History) -> People:
    """Draw `count` leads; some companies send many. Arrivals follow office hours and grow by a third."""
    rng = history.rng("people")
    clock = Clock.of(history.start, history.days, growth=0.33)
    created = clock.times(np.sort(rng.random(count)) * clock.activity_days[-1])
    company = (len(firms.industry) * rng.random(count) ** 1.5).astype(np.int64)
    abroad = rng.random(count) < 0.1
    channel = words.CHANNELS.draw(rng, count)
    quarter = (created - history.start_us) // (91 * DAY_US)
    campaign = (2 * quarter + rng.integers(2, size=count)) % len(words.CAMPAIGNS.values)
    first = np.cumsum(words.FIRST_INTENT, axis=1)[channel, : WORKED - 1]
    person = People(
        created_us=created,
        company=company,
        level=words.LEVELS.draw(rng, count),
        spelling=rng.integers(2, size=count),
        function=words.FUNCTIONS.draw(rng, count),
        country=np.where(abroad, words.COUNTRIES.draw(rng, count), firms.country[company]),
        channel=channel,
        campaign=np.where(words.CHANNELS_WITH_CAMPAIGN[channel], campaign, -1),
        freemail=rng.random(count) < 0.15,
        fit=rng.normal(0.0, 0.0 if history.observable else _UNRECORDED_FIT_SD, count),
        first_intent=(rng.random(count)[:, np.newaxis] >= first).sum(axis=1).astype(np.int8),
    )
    person.fit[:] += _recorded_fit(person, firms)
    return person


def _recorded_fit(person: People, firms: Companies) -> npt.NDArray[np.float64]:
    """Return the sum of the effects of each lead's values, shape (leads,)."""
    total = np.full(len(person.company), 0.0)
    for _, effect in fit_effects(person, firms):
        total += effect
    return np.asarray(total - words.MEAN_FIT)


def fit_effects(person: People, firms: Companies) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
    """Yield what each value adds to the log-odds of fit, shape (leads,), with the column that records it.

    A title records two: the level and the function.
    """
    company = person.company
    technology = firms.technologies[company][:, np.newaxis] >> np.arange(len(words.TECHNOLOGIES)) & 1
    yield "job_title", words.LEVELS.effects[person.level]
    yield "job_title", words.FUNCTIONS.effects[person.function]
    yield "country", words.COUNTRIES.effects[person.country]
    yield "industry", words.INDUSTRIES.effects[firms.industry[company]]
    yield "company_kind", words.COMPANY_KINDS.effects[firms.kind[company]]
    yield "channel", words.CHANNELS.effects[person.channel]
    yield "employees", words.EFFECT_OF_SIZE_BAND[size_band(firms.employees[company])]
    yield "technologies", technology @ words.EFFECT_OF_TECHNOLOGY
    yield "email", np.where(person.freemail, words.EFFECT_OF_FREEMAIL, 0.0)
    yield "campaign", np.append(words.CAMPAIGNS.effects, 0.0)[person.campaign]
