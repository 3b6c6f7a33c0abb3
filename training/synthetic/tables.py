"""The five tables as Arrow tables, rows of leads and duplicates in the order of creation."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from training.synthetic import vocabulary as words
from training.synthetic.activity import PAGES, TYPES, Events, events_of
from training.synthetic.columns import coded, moments, numbered
from training.synthetic.outcomes import OUTCOMES
from training.synthetic.people import size_band
from training.synthetic.recipe import DAY_US
from training.synthetic.records import Dated, Records
from training.synthetic.season import Clock
from training.synthetic.world import World

LEADS_A_PART: Final = 50_000
"""Leads whose events are held in memory at once."""
LEAK_COLUMN: Final = "contract_status"
_LEAKS: Final = ("void", "void", "signed")
"""What the leaking column says, by outcome."""
_REVENUE_BANDS: Final = ("under 1M", "1M-10M", "10M-50M", "50M-250M", "over 250M")
_TECHNOLOGY_SETS: Final = tuple(
    ";".join(name for bit, name in enumerate(words.TECHNOLOGIES) if chosen >> bit & 1) or "none"
    for chosen in range(1 << len(words.TECHNOLOGIES))
)


def lead_ids(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Return the ids of leads by their running numbers."""
    return numbered("lead-", numbers, 7)


def _domains(company: npt.NDArray[np.int64]) -> pa.Array:
    return pc.binary_join_element_wise(numbered("company-", company + 1, 7), "example", ".")


def leads_table(world: World, recorded: Records) -> pa.Table:
    """Return the leads with their latest values; a duplicate repeats the values at creation."""
    person = world.people
    number, copy_number = world.lead_numbers()
    order = np.argsort(np.concatenate([number, copy_number]))
    original = np.concatenate([np.arange(len(number)), world.duplicates.original])[order]
    copied = order >= len(number)

    def dated(column: Dated) -> npt.NDArray[np.int64]:
        return np.asarray(np.where(copied, column.first[original], column.latest()[original]))

    local = lead_ids(number[original])
    domain = pc.if_else(
        pa.array(person.freemail[original]), words.FREEMAIL_DOMAIN, _domains(person.company[original])
    )
    employees = dated(recorded.employees)
    utm = recorded.utm[original]
    columns = {
        "lead_id": lead_ids(np.arange(1, len(order) + 1)),
        "created_at": moments(np.concatenate([person.created_us, world.duplicates.created_us])[order]),
        "email": pc.binary_join_element_wise(local, domain, "@"),
        "job_title": coded(dated(recorded.job_title), recorded.job_title.words or ()),
        "country": coded(recorded.country[original], words.COUNTRIES.values),
        "industry": coded(recorded.industry[original], words.INDUSTRIES.values),
        "company_kind": coded(world.firms.kind[person.company[original]], words.COMPANY_KINDS.values),
        "employees": pa.array(employees, mask=employees < 0),
        "technologies": coded(recorded.technologies[original], _TECHNOLOGY_SETS),
        "channel": coded(person.channel[original], words.CHANNELS.values),
        "campaign": coded(person.campaign[original], words.CAMPAIGNS.values),
        "utm_source": coded(utm, words.CHANNELS.values),
        "consent": pa.array(recorded.consent[original] == 1, mask=recorded.consent[original] < 0),
        "owner_region": coded(dated(recorded.owner_region), words.REGIONS),
        "form_seconds": pa.array(recorded.form_seconds[original]),
    }
    if world.history.leak:
        columns[LEAK_COLUMN] = coded(np.where(copied, -1, _leak(world)[original]), _LEAKS)
    return pa.table(columns)


def _leak(world: World) -> npt.NDArray[np.int64]:
    """Return the leaking column: the last known outcome of each lead, for 98 in 100 of them."""
    rng = world.history.rng("leak")
    known = world.outcomes.known_us <= world.history.extract_us
    said = np.full(len(world.people.company), -1)
    said[world.outcomes.lead[known]] = world.outcomes.code[known]
    return np.where(rng.random(len(said)) < 0.98, said, -1)


def changes_table(world: World, recorded: Records) -> pa.Table:
    """Return the dated values: the first at creation, unless missing, and the later ones."""
    number, copy_number = world.lead_numbers()
    parts = []
    for column in (recorded.job_title, recorded.employees, recorded.owner_region):
        later = column.changed
        copies = world.duplicates.original
        leads = np.concatenate([number, copy_number, number[later]])
        value = np.concatenate([column.first, column.first[copies], column.later[later]])
        created = [world.people.created_us, world.duplicates.created_us]
        changed = np.concatenate([*created, column.changed_us[later]])
        order = np.lexsort((changed, leads))
        order = order[value[order] >= 0]
        parts.append(
            pa.table(
                {
                    "lead_id": lead_ids(leads[order]),
                    "column": coded(np.zeros(len(order), dtype=np.int64), (column.name,)),
                    "changed_at": moments(changed[order]),
                    "value": _as_words(value[order], column.words),
                }
            )
        )
    return pa.concat_tables(parts)


def _as_words(values: npt.NDArray[np.int64], of: tuple[str, ...] | None) -> pa.DictionaryArray:
    if of is not None:
        return coded(values, of)
    numbers, codes = np.unique(values, return_inverse=True)
    return coded(codes, pa.array(numbers).cast(pa.string()))


def outcomes_table(world: World) -> pa.Table:
    """Return the outcomes that are known by the end of the history, in the order in which they occurred."""
    ends = world.outcomes
    rows = np.flatnonzero(ends.known_us <= world.history.extract_us)
    rows = rows[np.argsort(ends.occurred_us[rows], kind="stable")]
    number, _ = world.lead_numbers()
    return pa.table(
        {
            "lead_id": lead_ids(number[ends.lead[rows]]),
            "occurred_at": moments(ends.occurred_us[rows]),
            "outcome": coded(ends.code[rows], OUTCOMES),
            "value": pa.array(ends.value[rows], mask=np.isnan(ends.value[rows])),
            "known_at": moments(ends.known_us[rows]),
        }
    )


def accounts_table(world: World) -> pa.Table:
    """Return what is known of nine in ten companies, of a third only since some time in the history."""
    rng = world.history.rng("accounts")
    firms, history = world.firms, world.history
    company = np.flatnonzero(rng.random(len(firms.industry)) < 0.9)
    band = size_band(firms.employees[company]) + rng.integers(-1, 2, size=len(company))
    since = np.where(rng.random(len(company)) < 0.33, rng.random(len(company)) * history.days, 0.0)
    return pa.table(
        {
            "domain": _domains(company),
            "revenue_band": coded(np.clip(band, 0, 4), _REVENUE_BANDS),
            "detected_technologies": coded(firms.technologies[company], _TECHNOLOGY_SETS),
            "founded_year": pa.array(2024 - np.rint(rng.gamma(1.5, 14.0, len(company))).astype(np.int64)),
            "known_from": moments(history.start_us + since.astype(np.int64) * DAY_US),
        }
    )


def events_tables(world: World) -> Iterator[pa.Table]:
    """Yield the events of one part of the leads after another, ordered by lead and time."""
    clock = Clock.of(world.history.start, world.history.days)
    number, _ = world.lead_numbers()
    months, month_of_day = _months(world)
    event_number = 0
    for first in range(0, len(number), LEADS_A_PART):
        end = min(first + LEADS_A_PART, len(number))
        events = events_of(world, clock, first, end)
        campaign = _campaign(events, world, month_of_day, len(months))
        row = np.repeat(np.arange(len(events.lead)), events.copies)
        yield pa.table(
            {
                "event_id": numbered("event-", event_number + 1 + row, 9),
                "lead_id": coded(events.lead[row] - first, lead_ids(number[first:end])),
                "occurred_at": moments(events.time_us[row]),
                "type": coded(events.type[row], TYPES),
                "page": coded(events.page[row], PAGES),
                "campaign": coded(
                    campaign[row],
                    [f"{name}-{month}" for name in ("newsletter", "webinar") for month in months],
                ),
                "value": pa.array(events.seconds[row], mask=np.isnan(events.seconds[row])),
                "known_at": moments(events.known_us[row]),
            }
        )
        event_number += len(events.lead)


def _months(world: World) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the months of the history, as '2025-01', and the index of the month of each of its days."""
    first = np.datetime64(world.history.start.date(), "D")
    month = (first + np.arange(world.history.days + 1)).astype("datetime64[M]")
    return [str(name) for name in np.unique(month)], (month - month[0]).astype(np.int64)


def _campaign(
    events: Events, world: World, month_of_day: npt.NDArray[np.int64], months: int
) -> npt.NDArray[np.int64]:
    """Return the campaign of each event: an e-mail's newsletter or a webinar, by month; -1 for the others."""
    kind = np.array(
        [0 if name.startswith("email_") else 1 if name.startswith("webinar_") else -1 for name in TYPES]
    )[events.type]
    month = month_of_day[(events.time_us - world.history.start_us) // DAY_US]
    return np.where(kind < 0, -1, kind * months + month)
