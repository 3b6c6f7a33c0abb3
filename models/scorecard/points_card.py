"""The points scorecard as a file: rules that give or take points, for a marketer to read and to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from features.durations import microseconds, spelled
from features.errors import Fault, InputError
from features.toml_files import read_toml

if TYPE_CHECKING:
    from pathlib import Path


MOST_EXACT = 2**53
"""Whole numbers beyond it are no numbers of a feature, which are float64."""

Value = (
    StrictBool
    | Annotated[StrictInt, Field(ge=-MOST_EXACT, le=MOST_EXACT)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | StrictStr
)
"""What a feature is compared with: yes or no, a number, or the name of a category."""

MOST_POINTS, MOST_RULES = 100, 500
"""Of one rule, and of one section: sums of so many stay exact (see `models.scorecard.points`)."""

SectionName = Literal["profile", "demographic", "behavioural", "stage"]
SECTIONS: tuple[SectionName, ...] = ("profile", "demographic", "behavioural", "stage")


NO_HALF_LIFE = "a length of time with its unit such as '14 days'"


def _with_unit(value: Any) -> Any:
    # A bare number is microseconds elsewhere: nobody who writes 14 means these.
    if not isinstance(value, str) or not any(letter.isalpha() for letter in value):
        raise ValueError(NO_HALF_LIFE)
    try:
        return microseconds(value)
    except (ValueError, OverflowError):
        raise ValueError(NO_HALF_LIFE) from None


HalfLife = Annotated[int, BeforeValidator(_with_unit), PlainSerializer(spelled, return_type=str), Field(gt=0)]
"""Text with a unit outside, microseconds inside."""


class Rule(BaseModel):
    """Points where a feature passes a test: exactly one of `equals`, `in` and `at_least`.

    `half_life`: after so long since the matching event the points count half. `text`: the reason in words;
    where there is none, what the feature says is the reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    feature: Annotated[str, Field(min_length=1)]
    equals: Value | None = None
    one_of: Annotated[tuple[Value, ...] | None, Field(alias="in", min_length=1)] = None
    at_least: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    points: Annotated[int, Field(strict=True, ge=-MOST_POINTS, le=MOST_POINTS)]
    half_life: HalfLife | None = None
    text: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.equals, self.one_of, self.at_least)) != 1:
            raise ValueError("exactly one of equals, in and at_least")
        return self

    @property
    def values(self) -> tuple[Value, ...]:
        """What `equals` or `in` compare with; nothing for `at_least`."""
        return (self.equals,) if self.equals is not None else self.one_of or ()

    @property
    def said(self) -> str:
        """The test as it is said of the rule.

        >>> Rule(feature="page_view.count.7d", at_least=3, points=5).said
        "'page_view.count.7d' at least 3"
        """
        if self.at_least is not None:
            return f"'{self.feature}' at least {self.at_least:.10g}"
        return f"'{self.feature}' is {' or '.join(map(str, self.values))}"


class Section(BaseModel):
    """Rules of one kind. `cap`: the most that the points they give can add up to; what they take has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cap: Annotated[int, Field(strict=True, ge=0, le=MOST_POINTS * MOST_RULES)] | None = None
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()


class PointsCard(BaseModel):
    """A scorecard: points of four kinds of rules, added up.

    `profile` is the ideal customer profile, on fit features alone; `demographic` is about who the lead is,
    `behavioural` about what it did, `stage` about how far it came. Leads are counted
    that reach `threshold`; which go to sales, the policy says. `origin`: where the card comes from, in words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: Annotated[int, Field(strict=True, ge=0, le=99)] = 70
    origin: str | None = None
    profile: Section = Section()
    demographic: Section = Section()
    behavioural: Section = Section()
    stage: Section = Section()

    @property
    def sections(self) -> tuple[tuple[SectionName, Section], ...]:
        """The sections by name, in their order."""
        return tuple((name, getattr(self, name)) for name in SECTIONS)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON values (or TOML's) that `card_from` reads back."""
        content: dict[str, Any] = self.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
        return {"threshold": self.threshold, **content}


def card_from(content: Any, *, said_of: str = "the scorecard") -> PointsCard:
    """Return the card that `content` describes. Raises InputError with every fault found."""
    try:
        return PointsCard.model_validate(content)
    except ValidationError as problem:
        raise InputError(*(_fault(said_of, error) for error in problem.errors())) from problem


def read_card(path: Path) -> PointsCard:
    """Read a scorecard from a TOML file. Raises InputError with every fault found."""
    try:
        content = read_toml(path)
    except FileNotFoundError:
        remedy = "Write one: leadlens points --write card.toml"
        raise InputError(Fault(str(path), "a scorecard", "no such file", remedy)) from None
    return card_from(content, said_of=path.name)


def _fault(said_of: str, error: Any) -> Fault:
    where = f"{said_of}, {_place(error['loc'])}"
    if error["type"] == "missing":
        return Fault(where, "a value", "nothing", "Add it.")
    if error["type"] == "extra_forbidden":
        return Fault(where, "a known setting", "one that does not exist", "Remove or correct it.")
    found = "none or several of them" if isinstance(error["input"], dict) else repr(error["input"])[:80]
    return Fault(where, error["msg"].removeprefix("Value error, "), found)


def _place(steps: tuple[str | int, ...]) -> str:
    """Return where in the file a fault is; rules are counted from 1, as a reader does.

    >>> _place(("stage", "rules", 0, "points"))
    'stage.rules 1.points'
    """
    said = ""
    for step in steps:
        said += f" {step + 1}" if isinstance(step, int) else f".{step}"
    return said.removeprefix(".") or "the card"
