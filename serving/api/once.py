"""What is taken in once for each Idempotency-Key: lists, of which each item is kept or refused, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from features.errors import Fault
from serving.api.call import answer, no_such_lead
from serving.history.identity import find_lead, held
from serving.store.idempotency import MismatchError, Remembered, recall, remember
from serving.wire.problems import Problem, ProblemError, document, invalid
from serving.wire.values import Faults, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.history.identity import StoredLead

HEADER = "Idempotency-Key"
KEY_LIMIT = 200
_REFUSED_BEFORE = "It was refused when this Idempotency-Key was first sent: send it again with a new one."

Item_co = TypeVar("Item_co", covariant=True)
Said: TypeAlias = "dict[str, str]"
"""What became of an item: the members of its answer beside its id."""


class Fields(Protocol[Item_co]):
    """What reads the items of a list."""

    def read(self, item: Any, now: int, faults: Faults, /) -> Item_co | None:
        """Return one item, or None where faults were added."""
        ...

    def ignored(self, items: Iterable[Any], /) -> Iterable[str]:
        """Say what is ignored."""
        ...


def keep_list(
    call: Call,
    name: str,
    id_name: str,
    fields: Fields[Any],
    keep: Callable[[Connection, Sequence[Any]], Sequence[Said]],
) -> Response:
    """Take in the list under `name`, and answer with what became of each item, or a problem, in order.

    `keep` writes the items that could be read, and says what became of each. With an Idempotency-Key what it
    said is kept with what was written; of a request that comes again nothing but that is told. It has to
    hold nothing of a person: problems, which repeat what was sent, are made again from the request.
    """
    sent = call.items(name, call.parts.settings.event_batch_limit)
    read = [_read(fields, item, call.now, f"{name}[{place}].") for place, item in enumerate(sent)]

    def kept(connection: Connection) -> list[Said | None]:
        said = iter(keep(connection, [item for item in read if not isinstance(item, Problem)]))
        return [None if isinstance(item, Problem) else next(said) for item in read]

    said = call.parts.store.write(once(call, kept))
    answers = [
        _told(f"{name}[{place}].", item, what, id_name, _id_sent(one, id_name))
        for place, (one, item, what) in enumerate(zip(sent, read, said, strict=True))
    ]
    return answer({name: answers, "warnings": [*fields.ignored(sent)]})


def keep_once(
    call: Call,
    keep: Callable[[Connection, StoredLead], Said],
    tell: Callable[[Connection, StoredLead, Said], dict[str, Any]],
) -> dict[str, Any]:
    """Keep what a body says of a lead, which nobody may change meanwhile, and return what `tell` tells of it.

    With an Idempotency-Key what `keep` said is kept too; when the request comes again nothing but that is
    told, as it stands by then. It has to hold nothing of a person.
    """
    lead_id = call.id()

    def here(connection: Connection) -> StoredLead:
        held(connection, [lead_id])
        lead = find_lead(connection, lead_id)
        if lead is None:
            raise no_such_lead()
        return lead

    kept_once = once(call, lambda connection: [keep(connection, here(connection))])

    def done(connection: Connection) -> dict[str, Any]:
        [said] = kept_once(connection)
        return tell(connection, here(connection), said or {})

    return call.parts.store.write(done)


def once(
    call: Call, work: Callable[[Connection], list[Said | None]]
) -> Callable[[Connection], list[Said | None]]:
    """Return `work`, done once for each Idempotency-Key; again, what it said then is returned.

    Raises ProblemError (422) where the key is none, or the work does where it came with another request.
    """
    key = call.headers.get(HEADER)
    if key is None:
        return work
    if not 0 < len(key.strip()) <= KEY_LIMIT or not (key.isascii() and key.isprintable()):
        expected = f"1 to {KEY_LIMIT} printable characters of ASCII"
        raise ProblemError(
            invalid([Fault(HEADER, expected, shown(key), "Send a new UUID with each request.")])
        )

    def done(connection: Connection) -> list[Said | None]:
        try:
            before = recall(connection, call.key.family, key, call.digest)
        except MismatchError as problem:
            fault = Fault(
                HEADER, "a new one for another request", "one that was sent before", "Send a new UUID."
            )
            raise ProblemError(invalid([fault])) from problem
        if before is not None:
            return list(before.answer)  # type: ignore[arg-type]  # the list that is remembered below
        said = work(connection)
        remember(connection, call.key.family, key, call.digest, Remembered(200, said), call.now)
        return said

    return done


def _read(fields: Fields[Any], item: Any, now: int, within: str) -> Any | Problem:
    faults = Faults()
    found = fields.read(item, now, faults)
    return invalid(faults, within=within) if found is None else found


def _id_sent(item: Any, id_name: str) -> str | None:
    found = item.get(id_name) if isinstance(item, dict) else None
    return found if isinstance(found, str) else None


def _told(
    within: str, item: Any | Problem, said: Said | None, id_name: str, id_sent: str | None
) -> dict[str, Any]:
    """Return what became of an item.

    One that was kept when it came first is told as kept, also where another champion reads it otherwise now.
    """
    if isinstance(item, Problem):
        return document(item) if said is None else {id_name: id_sent, **said}
    if said is None:
        fault = Fault(
            within.removesuffix("."), "what was not refused before", "the same again", _REFUSED_BEFORE
        )
        return document(invalid([fault]))
    return {id_name: getattr(item, id_name), **said}
