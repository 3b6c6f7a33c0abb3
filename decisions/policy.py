"""The policy: who goes to sales and who is nurtured."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import Fault, InputError
from features.toml_files import read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from models.score import Rung

Threshold = Annotated[int, Field(ge=0, le=99, strict=True)]


class Thresholds(BaseModel):
    """A threshold for each rung; None where none is stated for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: Threshold | None = None
    blend: Threshold | None = None
    model: Threshold | None = None


DEFAULT = Thresholds(points=60, blend=65, model=70)
"""What holds where nothing is stated: the less a rung has learned, the earlier a lead is handed over. A lead
that sales looks at in vain costs a call; one that a rough score keeps from sales is lost, and with it what
the first model could have learned from it."""


class Policy(BaseModel):
    """Thresholds on the score: at or above that of its rung a lead is routed, below it nurtured.

    `score_threshold` holds on every rung for which `score_threshold_by_rung` states none; where neither says
    one, DEFAULT does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    score_threshold: Threshold | None = None
    score_threshold_by_rung: Thresholds = Thresholds()

    def threshold(self, rung: Rung) -> int:
        """Return the threshold of a rung, 0 to 99."""
        stated = (getattr(self.score_threshold_by_rung, rung), self.score_threshold, getattr(DEFAULT, rung))
        return next(number for number in stated if number is not None)

    @property
    def content(self) -> dict[str, Any]:
        """What the policy says, by which it can be read again: the threshold of every rung, stated or not.

        So a record keeps its advice, whatever a later version takes for the default.
        """
        return {
            "score_threshold_by_rung": {rung: self.threshold(rung) for rung in ("points", "blend", "model")}
        }

    @property
    def sha256(self) -> str:
        """The digest of the policy's content, by which records name it. Comments do not count."""
        return policy_digest(self.content)


def policy_digest(content: Any) -> str:
    """Return the digest by which records name a policy: SHA-256 of its content as JSON without spaces.

    It holds for content of any version, also where this one would not read it.
    """
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises InputError naming each setting that is wrong."""
    try:
        return Policy.model_validate(read_toml(path))
    except FileNotFoundError:
        raise InputError(
            Fault(str(path), "a policy file", "no such file", "Write one: score_threshold = 70")
        ) from None
    except ValidationError as problem:
        faults = (
            Fault(
                f"{path.name}, {'.'.join(map(str, error['loc']))}",
                error["msg"],
                repr(error["input"])[:80],
                "The settings are score_threshold, a whole number from 0 to 99, and the table "
                "score_threshold_by_rung, with such a number for points, blend or model.",
            )
            for error in problem.errors()
        )
        raise InputError(*faults) from problem
