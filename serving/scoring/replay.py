"""Replay: a recorded score made again from what was recorded, and compared with it to the bit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from pydantic import ValidationError

from decisions.advise import advise
from decisions.policy import Policy
from features.batch import LeadBatch
from features.errors import RefusedError
from features.events import no_events
from features.vectors import Vectors
from models.errors import ArtifactError
from models.score import BUILT_IN_VERSION, Score
from serving.ledger.chain import as_double, unpacked
from serving.scoring.answers import score_document
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
    *(LEDGER_PAYLOADS.c[name] for name in ("vector", "contributions", "margin", "expected_margin")),
    POLICIES_SEEN.c.content,
).select_from(
    LEDGER_HEADERS.outerjoin(LEDGER_PAYLOADS, LEDGER_PAYLOADS.c.id == LEDGER_HEADERS.c.id).outerjoin(
        POLICIES_SEEN, POLICIES_SEEN.c.sha256 == LEDGER_HEADERS.c.policy_sha256
    )
)
_NOT_FROM_NUMBERS = frozenset({"lead_id", "warnings"})
"""Members of an answer that do not follow from the vector, the model and the policy."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay. `differences` say in words what is not as it was recorded; none: all agreed."""

    record_id: str
    differences: tuple[str, ...]


class NoModelError(RefusedError):
    """The version that gave a score has no sound local copy; it may be in the registry still."""

    def __init__(self, version: int, said: str) -> None:
        self.version = version
        super().__init__(f"{said} Copy version {version} from the registry again: leadlens replay --fetch")


class Replayer:
    """Replays the records of a store with the local copies of the versions in a home."""

    def __init__(self, store: Store, home: Path) -> None:
        self._store = store
        self._home = home
        self._scorers: dict[int, Scorer] = {}

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
        return Replayed(record_id, tuple(_differences(row, self._scorer(row), _policy(row))))

    def sample(self, size: int) -> list[str]:
        """Return ids of records drawn at random among those whose payload is kept, at most `size`."""
        drawn = sa.select(LEDGER_PAYLOADS.c.id).order_by(sa.func.random()).limit(size)
        with self._store.reading() as connection:
            return list(connection.execute(drawn).scalars())

    def _scorer(self, row: Any) -> Scorer:
        from models.artifact import load_scorer  # noqa: PLC0415 - LightGBM: only where there is a model to load
        from models.champion import champion_folder  # noqa: PLC0415 - as above
        from models.stand_in import kept_stand_in  # noqa: PLC0415 - as above

        version = row.model_version
        if version is None:
            raise RefusedError(f"Record {row.id} was scored by a model without a version.")
        if version not in self._scorers:
            folder = champion_folder(self._home, version)
            if version == BUILT_IN_VERSION:
                folder = kept_stand_in(self._home)
            if not folder.exists():
                raise NoModelError(version, f"Version {version} has no copy in this home.")
            try:
                self._scorers[version] = load_scorer(folder, version=version)
            except ArtifactError as problem:
                raise NoModelError(version, str(problem)) from problem
        scorer = self._scorers[version]
        if (scorer.name, scorer.artifact_sha256) != (row.model_name, row.model_sha256):
            raise RefusedError(
                f"Record {row.id} was scored by '{row.model_name}', version {version}, with the artifact "
                f"{row.model_sha256}; the copy here is {scorer.artifact_sha256} of '{scorer.name}'. "
                "The registry was begun anew since: put the old artifact back from a backup."
            )
        return scorer


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
    again = score_document(score, advise(score, policy))
    for name in dict.fromkeys([*answer, *again]):
        now, then = _compared(name, again.get(name)), _compared(name, answer.get(name))
        if name not in _NOT_FROM_NUMBERS and to_json(now) != to_json(then):
            yield f"'{name}' of the answer"


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
