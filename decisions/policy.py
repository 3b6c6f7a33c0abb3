"""The policy: who goes to sales and who is nurtured."""

from __future__ import annotations

import hashlib
import json
import tomllib
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path


class Policy(BaseModel):
    """A threshold on the score: at or above it a lead is routed, below it nurtured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    score_threshold: Annotated[int, Field(ge=0, le=99, strict=True)] = 70

    @property
    def sha256(self) -> str:
        """The digest of the policy's content, by which records name it. Comments do not count."""
        return policy_digest(self.model_dump(mode="json"))


def policy_digest(content: Any) -> str:
    """Return the digest by which records name a policy: SHA-256 of its content as JSON without spaces.

    It holds for content of any version, also where this one would not read it.
    """
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises InputError naming each setting that is wrong."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(
            Fault(str(path), "a policy file", "no such file", "Write one: score_threshold = 70")
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InputError(Fault(path.name, "TOML in UTF-8", str(problem))) from problem
    except ValidationError as problem:
        faults = (
            Fault(
                f"{path.name}, {'.'.join(map(str, error['loc']))}",
                error["msg"],
                repr(error["input"])[:80],
                "The one setting is score_threshold, a whole number from 0 to 99.",
            )
            for error in problem.errors()
        )
        raise InputError(*faults) from problem
