"""Replay: a recorded score made again from what was recorded, and compared with it to the bit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from pydantic import ValidationError

from decisions.advise import Advice, advice_of
from decisions.deciding import Decider
from decisions.deciding.facts import facts_of
from decisions.policy import Policy
from features.batch import LeadBatch
from features.errors import RefusedError
from features.events import no_events
from features.vectors import Vectors
from models.score import Score
from serving.ledger.chain import as_double, unpacked
from serving.scoring.told import told_document, told_of
from serving.scoring.versions import LocalVersions
from serving.store.schema import LEDGER_HEADERS, LEDGER_PAYLOADS, POLICIES_SEEN, expanded
from serving.wire.encoding import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.scoring import Scorer
    from serving.store.database import Store

_RECORD = sa.select(
    LEDGER_HEADERS,
    sa.type_coerce(LEDGER_PAYLOADS.c.answer, sa.LargeBinary).label("answer"),  # as it is, and be it damaged
    sa.type_coerce(LEDGER_PAYLOADS.c.facts, sa.LargeBinary).label("facts"),
    *(LEDGER_PAYLOADS.c[name] for name in ("vector", "contributions", "margin", "expected_margin")),
    POLICIES_SEEN.c.content,
).select_from(
    LEDGER_HEADERS.outerjoin(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id).outerjoin(
        POLICIES_SEEN, POLICIES_SEEN.c.sha256 == LEDGER_HEADERS.c.policy_sha256
    )
)
_NO_ADVICE = Advice(action="none", stage=None, temperature="cold", queue=None, track=None, rule="", why="")
"""Stands in the answer of a record whose advice cannot be made again."""

_NOT_FROM_NUMBERS = frozenset({"lead_id", "warnings"})
"""Members of an answer that do not follow from the vector, the model and the policy."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay. `differences` say in words what is not as it was recorded; none: all agreed."""

    record_id: str
    differences: tuple[str, ...]


class Replayer:
    """Replays the records of a store with the local copies of the versions in a home."""

    def __init__(self, store: Store, home: Path) -> None:
        self._store = store
        self._versions = LocalVersions(home)

    def replay(self, record_id: str) -> Replayed:
        """Make a score again from its record, and say what differs from it.

        Raises RefusedError where that cannot be done: there is no such record, its payload was erased, or
        the model or the policy is not here any more.
        """
        with self._store.reading() as connection:
            row = connection.execute(_RECORD.where(LEDGER_HEADERS.c.id == record_id)).first()
        if row is None:
            raise RefusedError(f"There is no record {record_id}.")
        if row.answer is None:
            raise RefusedError(f"The payload of record {record_id} was erased; only its header is kept.")
        return Replayed(record_id, tuple(_differences(row, self._versions.scorer_of(row), _policy(row))))

    def sample(self, size: int) -> list[str]:
        """Return ids of records drawn at random among those whose payload is kept, at most `size`."""
        drawn = sa.select(LEDGER_PAYLOADS.c.id).order_by(sa.func.random()).limit(size)
        with self._store.reading() as connection:
            return list(connection.execute(drawn).scalars())


def _policy(row: Any) -> Policy:
    try:
        return Policy.model_validate(row.content)
    except ValidationError as problem:
        raise RefusedError(
            f"The policy {row.policy_sha256} of record {row.id} is not among the policies of the store, "
            "or is written in a way that this version does not read."
        ) from problem


def _differences(row: Any, scorer: Scorer, policy: Policy) -> Iterator[str]:
    try:
        vector, contributions = unpacked(row.vector), unpacked(row.contributions)
        answer: dict[str, Any] = json.loads(expanded(row.answer))
        lead_id = str(answer["lead_id"])
    except (ValueError, KeyError, TypeError) as problem:
        yield f"the payload cannot be read: {problem}"
        return
    if len(vector) != len(scorer.spec.features):
        yield f"the vector has {len(vector)} numbers, the model {len(scorer.spec.features)} features"
        return
    score = _score(scorer, vector, lead_id, row.as_of)
    if score.contributions is None or score.contributions.tobytes() != contributions.tobytes():
        yield "the contributions"
    for name, now, then in (
        ("the margin", score.margin, row.margin),
        ("the expected margin", score.expected_margin, row.expected_margin),
    ):
        if as_double(now) != as_double(then):
            yield f"{name}: {now!r} now, {then!r} recorded"
    try:
        advice = _advice(row, policy)
    except ValueError as problem:
        yield f"the facts cannot be read: {problem}"
        return
    again = told_document(told_of(score, advice or _NO_ADVICE))
    compared = [name for name in dict.fromkeys([*answer, *again]) if advice is not None or name != "advice"]
    for name in compared:
        now, then = _compared(name, again.get(name)), _compared(name, answer.get(name))
        if name not in _NOT_FROM_NUMBERS and to_json(now) != to_json(then):
            yield f"'{name}' of the answer"


def _advice(row: Any, policy: Policy) -> Advice | None:
    """Return the advice that the recorded facts give; None of a record of before, which holds none.

    Raises ValueError where the facts cannot be read.
    """
    if row.facts is None:
        return None
    return advice_of(Decider(policy).decide(facts_of(expanded(row.facts))))


def _compared(name: str, member: Any) -> Any:
    """Return what of a member of an answer follows from numbers: of reasons all but their words."""
    if name != "reasons" or not isinstance(member, list):
        return member
    return [
        {key: value for key, value in reason.items() if key != "text"} if isinstance(reason, dict) else reason
        for reason in member
    ]


def _score(scorer: Scorer, vector: Any, lead_id: str, as_of: int) -> Score:
    """Return the score that a vector gives; what the lead brought beside it is not known any more."""
    moment = np.full(1, as_of, np.int64)
    owner = np.zeros(1, np.int64)
    lead = LeadBatch(
        lead_ids=[lead_id], created_at=moment, as_of=moment, cells={}, events=no_events(1), owner=owner
    )
    [score] = scorer.score_vectors(lead, Vectors(vector.reshape(1, -1), {}, ()), (), shown=None)
    if not isinstance(score, Score):
        raise TypeError("a vector that was read has no faults")
    return score
