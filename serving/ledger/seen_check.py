"""Whether the models and policies that the ledger names are there, and still say what they said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.policy import policy_digest
from serving.store.schema import LEDGER_HEADERS, MODELS_SEEN, POLICIES_SEEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def seen_faults(connection: Connection) -> Iterator[str]:
    """Say of which policies and models that headers name the row is gone, or of another content."""
    for policy in connection.execute(_POLICIES):
        who = f"The policy {policy.named}, by which record {policy.first} and others under it were decided,"
        if policy.held is None:
            yield f"{who} is gone from the policies of the store."
        elif _digest(policy.content) != policy.named:
            yield f"{who} was changed after it was written."
    for model in connection.execute(_MODELS):
        yield (
            f"The model '{model.model_name}', version {model.model_version} ({model.model_sha256}), which "
            f"scored record {model.first}, is gone from the models of the store."
        )


def _digest(content: Any) -> str | None:
    try:
        return policy_digest(json.loads(content))
    except (ValueError, TypeError, RecursionError):  # what was tampered with need not be JSON, or text
        return None


def _as_held(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column as the driver gives it: what was tampered with need not be of its type any more."""
    return sa.type_coerce(column, sa.types.NULLTYPE)


_HEADER = LEDGER_HEADERS.c
_NAMED_POLICIES = (
    sa.select(_as_held(_HEADER.policy_sha256).label("named"), sa.func.min(_HEADER.id).label("first"))
    .group_by(_HEADER.policy_sha256)
    .subquery()
)
_POLICIES = sa.select(
    _NAMED_POLICIES.c.named,
    _NAMED_POLICIES.c.first,
    _as_held(POLICIES_SEEN.c.sha256).label("held"),
    sa.type_coerce(sa.cast(POLICIES_SEEN.c.content, sa.Text), sa.types.NULLTYPE).label("content"),
).select_from(_NAMED_POLICIES.outerjoin(POLICIES_SEEN, POLICIES_SEEN.c.sha256 == _NAMED_POLICIES.c.named))

_NAMED = (_HEADER.model_name, _HEADER.model_version, _HEADER.model_sha256)
_MODELS = (
    sa.select(
        *(_as_held(column).label(column.name) for column in _NAMED), sa.func.min(_HEADER.id).label("first")
    )
    .where(_HEADER.model_version.is_not(None), _HEADER.model_sha256.is_not(None))
    .where(
        ~sa.exists().where(
            MODELS_SEEN.c.name == _HEADER.model_name,
            MODELS_SEEN.c.version == _HEADER.model_version,
            MODELS_SEEN.c.sha256 == _HEADER.model_sha256,
        )
    )
    .group_by(*_NAMED)
)
"""A model without a version, or without an artifact, is in no registry and is not noted."""
