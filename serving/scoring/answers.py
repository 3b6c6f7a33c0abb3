"""From a score and its advice to the JSON that a caller receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from decisions.advise import Advisor
from features.errors import Fault
from models.reasons.rest import shortened
from models.score import Unscorable
from serving.scoring.explaining import explanation_document
from serving.scoring.told import told_document, told_json, told_of
from serving.wire.problems import Problem, document, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.advise import Advice
    from decisions.policy import Policy
    from models.score import Score
    from models.scoring import Scorer
    from serving.scoring.asked_lead import AskedLead
    from serving.scoring.requests import RequestReader

REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers requests with one champion and one policy. Pure: the same leads give the same answers."""

    scorer: Scorer
    policy: Policy
    reader: RequestReader
    _advice: Advisor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make room for the advice of the policy."""
        object.__setattr__(self, "_advice", Advisor(self.policy))

    @property
    def scored_by(self) -> str:
        """The model and the policy, as the rows of stored leads name who scored them."""
        return f"{self.scorer.name}/{self.scorer.version}/{self.policy.sha256}"

    def answer(self, asked: AskedLead, *, shown: int | None) -> dict[str, Any] | Problem:
        """Return the answer for one lead."""
        return self.answer_all([asked], shown=shown)[0]

    def answer_all(
        self, asked: Sequence[AskedLead | Problem], *, shown: int | None, explains: bool = False
    ) -> list[dict[str, Any] | Problem]:
        """Return the answers in order, with their explanations where it `explains`."""
        leads = [item for item in asked if not isinstance(item, Problem)]
        scored = iter(self.scores(leads, shown=None if explains else shown))
        said = (
            problem_of(score)
            if isinstance(score, Unscorable)
            else self.told(score, shown, lead.warnings, explains=explains)
            for lead, score in zip(leads, scored, strict=True)
        )
        return [item if isinstance(item, Problem) else next(said) for item in asked]

    def told(
        self, score: Score, shown: int | None, warnings: Sequence[str] = (), *, explains: bool = False
    ) -> dict[str, Any]:
        """Return the answer that tells a score with `shown` of its reasons, and its explanation if wanted.

        A score that is to be explained was told with all its reasons.
        """
        if not explains:
            return self.document(shortened(score, shown), warnings)
        explanation = explanation_document(score, self.scorer)
        return {**self.document(shortened(score, shown), warnings), "explanation": explanation}

    def scores(self, asked: Sequence[AskedLead], *, shown: int | None) -> list[Score | Unscorable]:
        """Return the scores in order.

        Leads that name the same columns are scored together: what a lead does not name is missing in its
        own answer, whatever its neighbours in the batch name.
        """
        alike: dict[tuple[str, ...], list[int]] = {}
        for place, lead in enumerate(asked):
            alike.setdefault(tuple(sorted(lead.cells)), []).append(place)
        scored: dict[int, Score | Unscorable] = {}
        for places in alike.values():
            batch = self.reader.batch_of([asked[place] for place in places])
            scored |= zip(places, self.scorer.score(batch, shown=shown), strict=True)
        return [scored[place] for place in range(len(asked))]

    def document(self, score: Score, warnings: Sequence[str] = ()) -> dict[str, Any]:
        """Return the answer that tells a score, with the policy's advice."""
        return score_document(score, self._advice[score.rung, score.score], warnings)

    def json(self, score: Score) -> bytes:
        """Return the JSON of `document`, without making that first."""
        return told_json(told_of(score, self._advice[score.rung, score.score]))


def problem_of(lead: Unscorable) -> Problem:
    """Return the problem that tells what could not be read of a lead."""
    return invalid(_placed(fault) for fault in lead.faults)


def score_document(score: Score, advice: Advice, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return a score with its advice as the members of the answer, in the order of the design."""
    return told_document(told_of(score, advice, warnings))


def batch_document(answers: Sequence[dict[str, Any] | Problem]) -> dict[str, Any]:
    """Return the answer to a batch: in order, each a score or the members of a problem document."""
    return {
        "scores": [
            document(_within(place, answer)) if isinstance(answer, Problem) else answer
            for place, answer in enumerate(answers)
        ]
    }


def _placed(fault: Fault) -> Fault:
    where = fault.where if fault.where.startswith(("lead.", "events")) else f"lead.{fault.where}"
    return Fault(where, fault.expected, fault.found, fault.remedy)


def _within(place: int, problem: Problem) -> Problem:
    prefix = f"leads[{place}]."
    if not problem.faults or problem.faults[0].where.startswith(prefix):
        return problem
    return invalid(problem.faults, within=prefix)
