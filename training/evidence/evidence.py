"""The evidence of a version: what was found on rows that nobody who foretold them had seen.

Everything here is data: it is kept in the artifact, and cards, gates and commands are made from it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from training.evidence.reliability import ReliabilityBin  # noqa: TC001  # pydantic reads the annotations
from training.measures import Figure  # noqa: TC001  # pydantic reads the annotations

if TYPE_CHECKING:
    from typing import Any

BASE_RATE, SCORECARD, COMPANY_CARD = "base rate", "points scorecard", "company scorecard"
REGRESSION, BAYES = "logistic regression", "naive Bayes"

MUST_MEET = (BASE_RATE, SCORECARD)
"""The rivals without which nothing is shown of a model."""

MUST_BEAT = (*MUST_MEET, COMPANY_CARD)
"""The rivals that a model has to beat with confidence to be promotable. Not every company has a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A simpler way to foretell the same rows, fitted on the same past.

    `said`: how it was made, in words. `measures`: as of the evidence; a measure that says nothing of it is
    absent. `lead`: the rival's log loss less the model's (nats a row), paired, over the same leads: above 0
    the model is better.
    """

    name: str
    said: str
    measures: dict[str, Figure]
    lead: Figure

    @property
    def is_beaten(self) -> bool:
        """Whether the model is better with confidence."""
        return self.lead.low > 0.0

    @property
    def is_better(self) -> bool:
        """Whether the rival is better with confidence."""
        return self.lead.high < 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Whether the features tell leads apart at all, by out-of-fold ranks.

    `auc`: how often, of two leads of one part and one census date (of one week or month where a census is of
    snapshots, of one month of creation where the data are flat), the one that converts has the higher
    margin. `z`: its distance from one half in standard errors, clustered by lead. `p_value`: one-sided.
    """

    auc: Figure
    z: float
    p_value: float
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattery:
    """What a random split by lead would have shown of the rows of a later period, beside what was foretold.

    `auc`: `random_auc` less the AUC of what was foretold; `log_loss`: the log loss of what was foretold less
    `random_log_loss`. Above 0 the random split flatters. `auc_difference` and `log_loss_difference` are the
    same with their intervals, paired over leads; None in evidence of before they were told.
    """

    random_auc: Figure
    random_log_loss: Figure
    auc: float
    log_loss: float
    auc_difference: Figure | None = None
    log_loss_difference: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRateChange:
    """The share of label 1 learned from, and that of the tested rows. `has_moved`: with confidence."""

    before: Figure
    after: Figure
    has_moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Rows of like score, from `low` to `high` (0-99): the mean probability, and the share that converted."""

    low: int
    high: int
    rows: int
    probability: float
    converted: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some of the tested rows. `of`: the column of a segment, else 'age of the lead' or 'period'.

    `auc` is None where the rows cannot tell it. `is_weak`: the model says next to nothing here (the interval
    of the AUC reaches down to one half), or its probabilities do not hold (the interval of what converted
    does not hold the mean probability); `why` says which.
    """

    kind: Literal["segment", "age", "period"]
    of: str
    value: str
    rows: int
    leads: int
    conversions: int
    probability: float
    converted: Figure
    auc: Figure | None
    log_loss: Figure
    calibration_error: Figure
    is_weak: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was found on rows that the twin never saw.

    `how` says in words what was tested on what. `first` and `last`: the dates of the tested rows, ISO 8601,
    None for data without time; `learned_until`: the moment before which all that the twin knew was decided.
    `is_embargoed`: whether that is not after the first tested moment; None where the test is not on a later
    period, and in evidence of before it was told.
    `measures` of the model by name: roc_auc, average_precision, log_loss, brier, brier_reliability,
    brier_resolution, brier_uncertainty, calibration_error, calibration_slope, calibration_intercept,
    lift_05, lift_10, lift_20, lift_30, recall_05 … recall_30, and lift_capacity, recall_capacity where the
    team's `capacity` (the share of the rows that it can work, 0-1) is known. All have 95 % intervals from
    bootstraps over leads. `notes` are what a careful reader must know. `gains`: pairs (share of the rows
    from the best score down, share of the conversions among them), both 0-1, from (0, 0) to (1, 1).
    `calibration_error_perfect`: what the calibration error of probabilities that hold stays below in 95 of
    100 cases, of so many rows and leads; None in evidence of before it was told.
    """

    how: str
    rows: int
    leads: int
    conversions: int
    measures: dict[str, Figure]
    rivals: tuple[Rival, ...]
    base_rate: BaseRateChange
    signal: Signal | None = None
    flattery: Flattery | None = None
    first: str | None = None
    last: str | None = None
    learned_until: str | None = None
    is_embargoed: bool | None = None
    capacity: float | None = None
    calibration_error_perfect: float | None = None
    auc_without_events: Figure | None = None
    auc_without_enrichment: Figure | None = None
    reliability: tuple[ReliabilityBin, ...] = ()
    bands: tuple[Band, ...] = ()
    slices: tuple[Slice, ...] = ()
    gains: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def auc(self) -> Figure:
        """The area under the ROC curve."""
        return self.measures["roc_auc"]

    @property
    def log_loss(self) -> Figure:
        """The mean negative log likelihood, in nats."""
        return self.measures["log_loss"]

    @property
    def calibration_error(self) -> Figure:
        """The expected calibration error over ten bins of equal mass."""
        return self.measures["calibration_error"]

    @property
    def shows_signal(self) -> bool:
        """Whether the data tell leads apart at all."""
        return self.auc.low > 0.5 if self.signal is None else self.signal.is_there

    def rival(self, name: str) -> Rival | None:
        """Return a rival by its name, None where it was not tried."""
        return next((rival for rival in self.rivals if rival.name == name), None)

    @property
    def reasons_against(self) -> tuple[str, ...]:
        """Why the model is not promotable, in sentences; none where the rivals leave it standing.

        A rival that it must meet and that was not tried is a reason as well.
        """
        found = [f"It was not tried against the {name}." for name in MUST_MEET if self.rival(name) is None]
        for rival in self.rivals:
            if rival.name in MUST_BEAT and not rival.is_beaten:
                found.append(f"It does not beat the {rival.name} with confidence (log loss {rival.lead}).")
            elif rival.is_better:
                found.append(f"The {rival.name} beats it with confidence (log loss {rival.lead}).")
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence as JSON values that `evidence_from` reads back."""
        content: dict[str, Any] = _EVIDENCE.dump_python(self, mode="json")
        return content


_EVIDENCE = TypeAdapter(Evidence)


def evidence_from(content: dict[str, Any]) -> Evidence:
    """Read evidence back. Raises ValueError where it is of another version's form."""
    return _EVIDENCE.validate_python(content)
