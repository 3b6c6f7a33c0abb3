"""The models and policies that have scored stored leads, each noted when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.store.dialects import insert_into
from serving.store.schema import MODELS_SEEN, POLICIES_SEEN

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from decisions.policy import Policy
    from models.scoring import Scorer


def note_seen(connection: Connection, scorer: Scorer, policy: Policy, now: int) -> None:
    """Note a model and a policy, where they are not noted yet. `now` in microseconds UTC."""
    seen = insert_into(connection, POLICIES_SEEN).on_conflict_do_nothing()
    connection.execute(seen.values(sha256=policy.sha256, content=policy.content, first_seen_at=now))
    if scorer.version is None or scorer.artifact_sha256 is None:
        return
    seen = insert_into(connection, MODELS_SEEN).on_conflict_do_nothing()
    connection.execute(
        seen.values(
            name=scorer.name, version=scorer.version, sha256=scorer.artifact_sha256, first_seen_at=now
        )
    )
