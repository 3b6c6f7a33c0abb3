"""The policy: drafts, what is published, and what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from features.errors import InputError
from serving.access.audit_log import note_act
from serving.api.call import answer
from serving.api.decision_types import DraftBody
from serving.api.lead_words import moment_or_none
from serving.api.query import Query
from serving.api.typed_members import body_of
from serving.policies.versions import (
    NoDraftError,
    NoSuchPolicyError,
    change_draft,
    draft_policy,
    policy_version,
    policy_versions,
    publish_policy,
    version_in_force,
    withdraw_draft,
)
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.policies.versions import PolicyVersion

Done = TypeVar("Done")


def list_policies(call: Call) -> Response:
    """Return versions, the newest first, without their texts."""
    query = Query(call.taken.query)
    limit = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT
    before = query.whole("cursor", 0, 2**62)
    query.checked()
    with call.parts.store.reading() as connection:
        found = policy_versions(connection, before, limit + 1)
        in_force = version_in_force(connection)
    told = [_listed(one, in_force) for one in found[:limit]]
    following = str(found[limit - 1].version) if len(found) > limit else None
    return answer({"policies": told, "next": following})


def get_policy(call: Call) -> Response:
    """Return one version with its text."""
    return answer(_told(call, lambda connection: policy_version(connection, _version(call))))


def post_policy(call: Call) -> Response:
    """Keep a draft."""
    body = body_of(call, DraftBody)
    said = _written(
        call, lambda connection: draft_policy(connection, body.text, call.key.id, body.note, call.now)
    )
    return answer(said, 201)


def put_policy(call: Call) -> Response:
    """Write a draft anew."""
    body, version = body_of(call, DraftBody), _version(call)
    return answer(
        _written(
            call,
            lambda connection: change_draft(connection, version, body.text, call.key.id, body.note, call.now),
        )
    )


def publish(call: Call) -> Response:
    """Put a version in force, and note who did it."""
    version = _version(call)

    def published(connection: Connection) -> PolicyVersion:
        found = publish_policy(connection, version, call.now)
        note_act(
            connection, call.now, call.key.id, "policy published", version=found.version, sha256=found.sha256
        )
        return found

    said = _written(call, published)
    call.parts.policies.look()
    return answer(said)


def withdraw(call: Call) -> Response:
    """Throw a draft away."""
    version = _version(call)
    _refusing(lambda: call.parts.store.write(lambda connection: withdraw_draft(connection, version)))
    return answer({"version": version, "state": "withdrawn"})


def get_policy_in_force(call: Call) -> Response:
    """Return the policy that this server decides by."""
    policy, version = call.parts.policies.current()
    return answer({"version": version, "sha256": policy.sha256, "content": policy.content})


def _written(call: Call, work: Callable[[Connection], PolicyVersion]) -> dict[str, Any]:
    def done(connection: Connection) -> dict[str, Any]:
        found = work(connection)
        return _listed(found, version_in_force(connection)) | {"text": found.text}

    return _refusing(lambda: call.parts.store.write(done))


def _told(call: Call, read: Callable[[Connection], PolicyVersion]) -> dict[str, Any]:
    def done() -> dict[str, Any]:
        with call.parts.store.reading() as connection:
            found = read(connection)
            return _listed(found, version_in_force(connection)) | {"text": found.text}

    return _refusing(done)


def _refusing(work: Callable[[], Done]) -> Done:
    """Do what is asked, and say why not where it cannot be done."""
    try:
        return work()
    except NoSuchPolicyError as problem:
        raise refuse(404, "No policy has this version.") from problem
    except NoDraftError as problem:
        detail = "This version was published, and stays as it is. Post a new draft."
        raise ProblemError(named_problem("not-draft", detail)) from problem
    except InputError as problem:
        raise ProblemError(invalid(problem.faults)) from problem


def _version(call: Call) -> int:
    text = call.params["version"]
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise refuse(404, "No policy has this version.")


def _listed(one: PolicyVersion, in_force: tuple[int, int] | None) -> dict[str, Any]:
    return {
        "version": one.version,
        "state": one.state,
        "is_in_force": in_force is not None and in_force[0] == one.version,
        "source": one.source,
        "author": one.author,
        "note": one.note,
        "sha256": one.sha256,
        "made_at": rfc_3339(one.made_at),
        "published_at": moment_or_none(one.published_at),
    }
