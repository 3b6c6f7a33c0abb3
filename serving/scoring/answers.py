"""From a score and its advice to the JSON that a caller receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from decisions.advise import Advisor, advice_of
from features.cells import cell_rules
from features.errors import Fault
from models.reasons.rest import shortened
from models.score import Score, Unscorable
from serving.scoring.explaining import explanation_document
from serving.scoring.told import told_document, told_json, told_of
from serving.wire.problems import Problem, document, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from decisions.advise import Advice
    from decisions.deciding import Decision, Facts, Held
    from decisions.policy import Policy
    from features.batch import LeadBatch
    from features.one_lead import OneLead
    from models.scoring import Scorer
    from serving.scoring.asked_lead import AskedLead
    from serving.scoring.requests import RequestReader

REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A lead with its score, or why there is none, and what was decided, from which facts."""

    score: Score | Unscorable | None
    facts: Facts
    decision: Decision


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers requests with one champion and one policy. Pure: the same leads give the same answers."""

    scorer: Scorer
    policy: Policy
    reader: RequestReader
    policy_version: int | None = None
    advisor: Advisor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the policy."""
        leads = self.scorer.mapping.leads
        advisor = Advisor(self.policy, cell_rules(leads.missing, leads.decimal))
        object.__setattr__(self, "advisor", advisor)

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
        judged = iter(self.judged(leads, shown=None if explains else shown))
        said = (
            problem_of(one.score)
            if isinstance(one.score, Unscorable)
            else self.told(one, shown, lead.warnings, explains=explains)
            for lead, one in zip(leads, judged, strict=True)
        )
        return [item if isinstance(item, Problem) else next(said) for item in asked]

    def told(
        self, judged: Judged, shown: int | None, warnings: Sequence[str] = (), *, explains: bool = False
    ) -> dict[str, Any]:
        """Return the answer that tells a score with `shown` of its reasons, and its explanation if wanted.

        A score that is to be explained was told with all its reasons.
        """
        if not isinstance(judged.score, Score):
            raise TypeError("a lead without a score is told otherwise")
        advice = advice_of(judged.decision)
        said = score_document(shortened(judged.score, shown), advice, warnings)
        return said | {"explanation": explanation_document(judged.score, self.scorer)} if explains else said

    def scores(self, asked: Sequence[AskedLead], *, shown: int | None) -> list[Score | Unscorable]:
        """Return the scores in order.

        Leads that name the same columns are scored together: what a lead does not name is missing in its
        own answer, whatever its neighbours in the batch name.
        """
        scored: dict[int, Score | Unscorable] = {}
        for places, batch in self._batches(asked):
            scored |= zip(places, self.scorer.score(batch, shown=shown), strict=True)
        return [scored[place] for place in range(len(asked))]

    def judged(
        self, asked: Sequence[AskedLead], *, shown: int | None, held: Sequence[Held] | None = None
    ) -> list[Judged]:
        """Return the scores of leads and what is decided about them, in order; `held`: how they stand."""
        found: dict[int, Judged] = {}
        for places, batch in self._batches(asked):
            scores = self.scorer.score(batch, shown=shown)
            stands = None if held is None else [held[place] for place in places]
            found |= zip(places, self._decided(batch, scores, stands), strict=True)
        return [found[place] for place in range(len(asked))]

    def unscored(self, asked: Sequence[AskedLead], held: Sequence[Held]) -> list[Judged]:
        """Return what is decided about leads that are not scored, as those that are won."""
        found: dict[int, Judged] = {}
        for places, batch in self._batches(asked):
            stands = [held[place] for place in places]
            found |= zip(places, self._decided(batch, [None] * len(places), stands), strict=True)
        return [found[place] for place in range(len(asked))]

    def decided_on(self, asked: AskedLead, score: Score | Unscorable | None, held: Held) -> Judged:
        """Return what is decided about a lead whose score is known, by other cells than it was scored by."""
        return self._decided(self.reader.batch_of([asked]), [score], [held])[0]

    def judged_of(self, batch: LeadBatch, scores: Sequence[Score | Unscorable]) -> list[Judged]:
        """Return what is decided about leads that are not stored, and were scored already."""
        return self._decided(batch, scores, None)

    def jsons(self, leads: Sequence[OneLead], scores: Sequence[Score]) -> list[bytes]:
        """Return the JSON of the answers for leads that are not stored, without making documents first."""
        advice = self.advisor.of_each(leads, scores)
        return [told_json(told_of(*one)) for one in zip(scores, advice, strict=True)]

    def _decided(
        self, batch: LeadBatch, scores: Sequence[Score | Unscorable | None], held: Sequence[Held] | None
    ) -> list[Judged]:
        known = [score if isinstance(score, Score) else None for score in scores]
        decided = self.advisor.decisions(batch, known, held)
        return [Judged(score, *made) for score, made in zip(scores, decided, strict=True)]

    def _batches(self, asked: Sequence[AskedLead]) -> Iterator[tuple[list[int], LeadBatch]]:
        """Yield the places of leads that name the same columns, and these leads as a batch."""
        alike: dict[tuple[str, ...], list[int]] = {}
        for place, lead in enumerate(asked):
            alike.setdefault(tuple(sorted(lead.cells)), []).append(place)
        for places in alike.values():
            yield places, self.reader.batch_of([asked[place] for place in places])


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
