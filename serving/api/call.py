"""A request under /v1 as its handler sees it, and how handlers answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from features.errors import Fault
from serving.wire.encoding import to_json
from serving.wire.problems import ProblemError, invalid, refuse
from serving.wire.values import Faults, object_at, only, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import Headers

    from features.mapping import Mapping as CompanyMapping
    from serving.access.key import Key
    from serving.door.exchange import Taken
    from serving.parts import Parts

NO_SUCH_LEAD = "No lead has this id."
ANNOUNCED_LEAD = "Events or outcomes are kept for this id, but the lead itself was not sent yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler is given. `now` is when the request had arrived whole, in microseconds UTC."""

    parts: Parts
    operation: str
    key: Key
    params: Mapping[str, str]
    taken: Taken
    headers: Headers

    @property
    def now(self) -> int:
        """The moment of arrival, microseconds UTC."""
        return self.taken.arrived_at

    @property
    def mapping(self) -> CompanyMapping | None:
        """The champion's mapping, or None where there is no champion."""
        answerer = self.parts.champion.answerer()
        return None if answerer is None else answerer.scorer.mapping

    @property
    def digest(self) -> str:
        """The SHA-256 of what is asked, and of what, by which a request is known when it comes again."""
        asked = [self.operation, *(self.params[name] for name in sorted(self.params)), self.taken.body_sha256]
        return hashlib.sha256("\n".join(asked).encode()).hexdigest()

    def id(self) -> str:
        """Return the id in the path. Raises ProblemError (422) where none can be like it."""
        faults = Faults()
        found = text_at("id", self.params["id"], faults)
        if found is None:
            raise ProblemError(invalid(faults))
        return found

    def members(self, *known: str) -> dict[str, Any]:
        """Return the members of the body, which is an object of these alone. Raises ProblemError (422)."""
        faults = Faults()
        members = object_at("body", self.taken.value, faults)
        if members is not None:
            only("", members, known, faults)
        if members is None or faults:
            raise ProblemError(invalid(faults))
        return members

    def items(self, name: str, limit: int) -> list[Any]:
        """Return the items of a body that is one list under `name`. Raises ProblemError (422)."""
        items = self.members(name).get(name)
        faults = Faults()
        if not isinstance(items, list):
            faults.say(name, "a list", items, f'Send {{"{name}": [...]}}.')
        elif len(items) > limit:
            faults.append(Fault(name, f"at most {limit} of them", f"{len(items)}", "Send several requests."))
        if faults or not isinstance(items, list):
            raise ProblemError(invalid(faults))
        return items


def answer(document: Any, status: int = 200) -> Response:
    """Return the HTTP answer that carries a document."""
    return Response(to_json(document), status, media_type="application/json")


def no_such_lead() -> ProblemError:
    """Return the refusal of an id that no lead has, or no longer."""
    return refuse(404, NO_SUCH_LEAD)


def announced_lead() -> ProblemError:
    """Return the refusal of an id that came with events or outcomes, before the lead itself."""
    return refuse(404, ANNOUNCED_LEAD)
