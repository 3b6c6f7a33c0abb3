"""`leadlens.toml`: how a company's own files become the five tables.

The mapping is data: it is read once, checked here, and frozen into the model's artifact, so that the
server understands a lead exactly as the training did.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from features.durations import Duration
from features.errors import Fault, InputError
from features.kept_places import found_said, with_kept_paths, without_password
from features.stored_mapping import with_canonical_names
from features.toml_files import read_toml


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:  # the last for a part of a name: Europe
        raise ValueError("expected the name of a time zone such as 'Europe/Berlin'") from problem
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
Outcome = Literal["won", "lost", "disqualified", "open"]
"""What a spelling in a table of outcomes means; a row that says 'open' is none, and is left out."""


def _day_if_only_a_day(value: Any) -> Any:
    # Frozen as JSON, a day is text; read as a time it would lose that it stands for its end.
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    return value


Moment = Annotated[datetime | date, BeforeValidator(_day_if_only_a_day)]


class _Section(BaseModel):
    # A chained error would show a section with its password where a trace is written.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Constant(_Section):
    """A value that is the same in every row, where a table has no column for it."""

    constant: str


class Source(_Section):
    """Where a table comes from: a file (CSV or Parquet), a database URL with a query, or the store."""

    source: Literal["store"] | None = None
    path: str | None = None
    url: str | None = None
    query: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @field_serializer("url")
    def _without_password(self, url: str | None) -> str | None:
        """Keep the password out of whatever is written: a model's artifact, a log."""
        return None if url is None else without_password(url)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.path and (self.url or self.query):
            raise ValueError("give either path, or url and query, not both")
        if bool(self.url) != bool(self.query):
            raise ValueError("a database needs both url and query")
        if self.source and (self.path or self.url):
            raise ValueError(
                'all tables come from the store (leads.source = "store"): leave path and url out'
            )
        return self


class Timed(_Section):
    """How the times of a table are written. Without `time_format`: ISO 8601."""

    time_format: str | None = None


class Leads(Source, Timed):
    """Who the leads are: one row a lead, any columns."""

    id: str
    created_at: str | None = None
    flat: bool | None = None
    exclude: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    context: tuple[str, ...] = ()
    multi: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _flat_in_the_store(self) -> Self:
        if self.flat and (self.source is None or self.created_at is not None):
            raise ValueError('flat stands beside source = "store", and without created_at')
        return self


class Events(Source, Timed):
    """What the leads did, and, marked as touches, what we did."""

    lead_id: str
    occurred_at: str
    type: str | Constant
    event_id: str | None = None
    value: str | None = None
    known_at: str | None = None
    properties: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    types: dict[str, str] = Field(default_factory=dict)


class Changes(Source, Timed):
    """The history of fit values, one row a change."""

    lead_id: str
    column: str
    changed_at: str
    value: str


class WonWhen(_Section):
    """A win as a rule over events: the `count`-th `event` within a length of time.

    With `distinct_days` the events must lie on different days. The window is half open: the last
    event lies less than `within` after the first. The win happens at the last of them.
    """

    event: str
    count: Annotated[int, Field(ge=1)] = 1
    within: Duration | None = None
    distinct_days: bool = False


class Outcomes(Source, Timed):
    """How leads ended: a table, a label column of the leads, or a rule over events."""

    lead_id: str | None = None
    occurred_at: str | None = None
    outcome: str | Constant | None = None
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    value: str | None = None
    known_at: str | None = None
    label: str | None = None
    positive: str | int | bool | None = None
    won_when: WonWhen | None = None

    @property
    def kind(self) -> Literal["table", "label", "rule"]:
        """Which of the three forms this is."""
        if self.label is not None:
            return "label"
        return "rule" if self.won_when is not None else "table"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        is_table = bool(self.path or self.url or self.source)
        if sum((is_table, self.label is not None, self.won_when is not None)) != 1:
            raise ValueError("give exactly one of: a table (path, or url and query), label, won_when")
        if is_table and not (self.lead_id and self.occurred_at and self.outcome):
            raise ValueError("a table of outcomes needs lead_id, occurred_at and outcome")
        return self


class Accounts(Source, Timed):
    """What is known about companies, since when, and whose word it is."""

    key: str
    lead_key: str
    known_from: str | None = None
    origin: Literal["enriched", "third-party"] = "enriched"


def _one_or_several(value: Any) -> Any:
    # [accounts] is one table, [[accounts]] several; an old frozen mapping may hold null.
    return () if value is None else (value,) if isinstance(value, (dict, Accounts)) else value


class Enrichment(_Section):
    """Whoever can be asked about the leads' companies: a file, a database, or a service on the web.

    A `path` is a file; a `url` with a `query` a database, whose query holds `:keys`; a `url` alone a service,
    whose address holds `{key}`. `secret` names an environment variable; the mapping holds no secret itself.
    """

    lead_key: str
    key: str | None = None
    path: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    url: str | None = None
    query: str | None = None
    secret: str | None = None
    header: str = "Authorization"
    timeout: Duration = 10_000_000
    most_bytes: Annotated[int, Field(ge=1)] = 1_000_000

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.path) == bool(self.url):
            raise ValueError("give either path, or url")
        if self.query is not None and (self.path or ":keys" not in self.query):
            raise ValueError("a query stands beside a url and holds :keys, as in WHERE domain IN :keys")
        return self


class Training(_Section):
    """What is learned: the horizon, the moments, the census."""

    horizon: Duration | None = None
    snapshot_at: tuple[Duration, ...] = ()
    snapshot_every: Duration | None = None
    census: Literal["weekly", "snapshots"] = "weekly"
    from_: date | None = Field(default=None, alias="from")
    extract_at: Moment | None = None
    time_zone: Zone = "UTC"

    @model_validator(mode="after")
    def _moments(self) -> Self:
        if self.snapshot_at and self.snapshot_every:
            raise ValueError("give snapshot_at or snapshot_every, not both")
        if self.census == "snapshots" and not self.snapshot_at:
            raise ValueError("census = 'snapshots' needs snapshot_at: the ages at which leads are scored")
        return self


class Mapping(_Section):
    """The whole of `leadlens.toml`."""

    leads: Leads
    events: Events | None = None
    changes: Changes | None = None
    outcomes: Outcomes | None = None
    accounts: Annotated[tuple[Accounts, ...], BeforeValidator(_one_or_several)] = ()
    enrichment: dict[str, Enrichment] = Field(default_factory=dict)
    training: Training = Field(default_factory=Training)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, content: Any) -> Any:
        return with_canonical_names(content)

    @model_validator(mode="after")
    def _sections_agree(self) -> Self:
        sections = (self.events, self.changes, self.outcomes, *self.accounts)
        if self.leads.source is None and any(section and section.source for section in sections):
            raise ValueError('one table cannot come from the store alone: set leads.source = "store"')
        if self.outcomes and self.outcomes.won_when and self.events is None:
            raise ValueError("outcomes.won_when is a rule over events: add an [events] section")
        if self.leads.created_at is None and (self.events or self.changes or self.accounts):
            raise ValueError(
                "events, changes and accounts need dated leads: set leads.created_at to the column "
                "that says when a lead was created"
            )
        if self.is_dated and self.outcomes and self.training.horizon is None:
            raise ValueError('dated leads need a horizon: add horizon = "90 days" under [training]')
        if self.outcomes and self.outcomes.kind == "label" and self.events is not None:
            raise ValueError(
                "a label without dates cannot be learned from together with events, because nobody "
                "could tell what came after the outcome: give outcomes as a table with occurred_at"
            )
        return self

    @property
    def is_stored(self) -> bool:
        """Whether all tables are in the store."""
        return self.leads.source is not None

    @property
    def is_dated(self) -> bool:
        """Whether leads have a life in time (else: flat, one row an example)."""
        labelled = self.outcomes is not None and self.outcomes.kind == "label"
        return self.leads.created_at is not None and not labelled

    def frozen(self) -> str:
        """Return the mapping as canonical JSON, for the model's artifact.

        Providers of enrichment are left out: nobody asks them when scoring, and their addresses are secret.
        So are passwords, and the folders of paths from the machine's root; paths that differ still do.
        """
        sections = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"enrichment"})
        return json.dumps(with_kept_paths(sections), ensure_ascii=False, separators=(",", ":"))


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises InputError with every fault found."""
    try:
        content = read_toml(path)
    except FileNotFoundError:
        raise InputError(
            Fault(str(path), "a mapping file", "no such file", "Make one with: leadlens init FILE...")
        ) from None
    return mapping_from(content, said_of=path.name)


def mapping_from(content: dict[str, Any], *, said_of: str = "mapping") -> Mapping:
    """Return the mapping that `content` describes. Raises InputError with every fault found."""
    try:
        return Mapping.model_validate(content)
    except ValidationError as problem:
        raise InputError(*(_fault(said_of, error) for error in problem.errors())) from problem


def _fault(said_of: str, error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"]) or "the mapping"
    if error["type"] == "missing":
        return Fault(f"{said_of}, {place}", "a value", "nothing", "Add it.")
    if error["type"] == "extra_forbidden":
        return Fault(
            f"{said_of}, {place}", "a known setting", "one that does not exist", "Remove or correct it."
        )
    return Fault(
        f"{said_of}, {place}", error["msg"].removeprefix("Value error, "), found_said(error["input"])
    )
