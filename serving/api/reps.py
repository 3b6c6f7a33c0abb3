"""Reps: put, looked at, away, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from decisions.clocks.hours import Hours
from decisions.routing.territory import territory
from features.errors import Fault, InputError
from features.times import TimeRules
from serving.api.call import answer
from serving.api.rep_types import RepBody, StatusBody, TimeOffBody
from serving.api.typed import body_as
from serving.selling.clocks.timers import settle_timers_of_reps
from serving.selling.giving.loads import loads_of, zone_of
from serving.selling.giving.reps import (
    RepKept,
    add_time_off,
    put_rep,
    remove_time_off,
    rep_of,
    reps_kept,
    set_status,
)
from serving.selling.standing.stage_log import BY_POLICY, BY_TIMER
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, refuse
from serving.wire.values import Faults, shown, time_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.responses import Response

    from decisions.routing.rep import Load
    from serving.api.call import Call
    from serving.selling.giving.reps import TimeOffKept

NO_SUCH_REP = "No rep has this id."
LONGEST_ID = 200
NOBODY = frozenset({BY_POLICY, BY_TIMER})
"""By these names the policy and timers put leads into stages."""


def get_reps(call: Call) -> Response:
    """Return all reps."""
    with call.parts.store.reading() as connection:
        kept = reps_kept(connection)
        loads = loads_of(connection, map(rep_of, kept), call.now)
    return answer({"reps": [_document(one, loads[one.rep_id], call.now) for one in kept]})


def get_rep(call: Call) -> Response:
    """Return one rep."""
    return answer(_told(call, call.id()))


def put(call: Call) -> Response:
    """Keep a rep in the place of what was known of the id. 201 where it is new."""
    rep_id = _id(call)
    body = body_as(call, RepBody)
    content = _checked(body)

    def kept(connection: Connection) -> bool:
        is_new = put_rep(connection, rep_id, body.name, body.status, content, call.now)
        _settle(call, connection, rep_id)
        return is_new

    is_new = call.parts.store.write(kept)
    return answer(_told(call, rep_id), 201 if is_new else 200)


def remove(call: Call) -> Response:
    """Note that a rep has left. Who had what stays known."""
    _changed(call, lambda connection, rep_id: set_status(connection, rep_id, "left", call.now))
    return answer(_told(call, call.id()))


def put_status(call: Call) -> Response:
    """Let a rep be active, away or left."""
    status = body_as(call, StatusBody).status
    _changed(call, lambda connection, rep_id: set_status(connection, rep_id, status, call.now))
    return answer(_told(call, call.id()))


def post_time_off(call: Call) -> Response:
    """Keep a time off, once."""
    body = body_as(call, TimeOffBody)

    def added(connection: Connection, rep_id: str) -> bool:
        known = reps_kept(connection, rep_id)
        if not known:
            return False
        rules, faults = TimeRules(zone=zone_of(rep_of(known[0]))), Faults()
        begins = time_at("from", body.from_, rules, faults, day_end=False)
        ends = time_at("to", body.to, rules, faults, day_end=True)
        if begins is not None and ends is not None and ends <= begins:
            faults.say("to", "a time after 'from'", body.to, "Send when the time off ends.")
        if faults or begins is None or ends is None:
            raise ProblemError(invalid(faults))
        return add_time_off(connection, rep_id, begins, ends, body.note) is not None

    _changed(call, added)
    return answer(_told(call, call.id()))


def delete_time_off(call: Call) -> Response:
    """Forget a time off."""
    which = call.params["time_off"]
    _changed(call, lambda connection, rep_id: remove_time_off(connection, rep_id, which))
    return answer(_told(call, call.id()))


def _changed(call: Call, work: Callable[[Connection, str], bool]) -> None:
    rep_id = call.id()

    def done(connection: Connection) -> bool:
        is_there = work(connection, rep_id)
        if is_there:
            _settle(call, connection, rep_id)
        return is_there

    if not call.parts.store.write(done):
        raise refuse(404, NO_SUCH_REP)


def _settle(call: Call, connection: Connection, rep_id: str) -> None:
    """Move what is due of the rep's leads: it is counted in the rep's hours."""
    settle_timers_of_reps(connection, [rep_id], call.parts.champion.policy.clocks, call.now)


def _told(call: Call, rep_id: str) -> dict[str, Any]:
    with call.parts.store.reading() as connection:
        kept = reps_kept(connection, rep_id)
        if not kept:
            raise refuse(404, NO_SUCH_REP)
        loads = loads_of(connection, [rep_of(kept[0])], call.now)
    return _document(kept[0], loads[rep_id], call.now)


def _id(call: Call) -> str:
    rep_id = call.id()
    if len(rep_id) > LONGEST_ID:
        expected = f"an id of at most {LONGEST_ID} characters"
        raise ProblemError(invalid([Fault("id", expected, f"{len(rep_id)}", "Choose a shorter one.")]))
    if rep_id in NOBODY:
        # A rep's word is kept by the id: this one's would be taken for the policy's, or a timer's.
        raise ProblemError(invalid([Fault("id", "the id of a person", shown(rep_id), "Choose another.")]))
    return rep_id


def _checked(body: RepBody) -> dict[str, Any]:
    """Return what is kept of a rep. Raises ProblemError (422) where hours or territories cannot be read."""
    content = body.model_dump(exclude={"name", "status", "queues", "hours"}, exclude_none=True)
    content["queues"] = {one.queue: one.weight for one in body.queues}
    if body.hours is not None:
        content["hours"] = {one.days: one.hours for one in body.hours}
    faults = []
    for place, pattern in enumerate(body.territories):
        try:
            territory(pattern)
        except InputError as problem:
            [found] = problem.faults
            faults.append(Fault(f"territories[{place}]", found.expected, found.found, found.remedy))
    try:
        Hours.model_validate({name: content[name] for name in Hours.model_fields if name in content})
    except ValidationError as problem:
        for error in problem.errors():
            said = error["msg"].removeprefix("Value error, ").removeprefix("expected ")
            where = str(error["loc"][0]) if error["loc"] else "hours"
            faults.append(Fault(where, said, shown(error["input"]), "Correct it: see docs/clocks.md."))
    if faults:
        raise ProblemError(invalid(faults))
    return content


def _document(kept: RepKept, load: Load, now: int) -> dict[str, Any]:
    content = kept.content
    hours = content.get("hours")
    lists = ("territories", "products", "languages", "industries", "company_sizes")
    single = ("zone", "holidays", "seniority", "capacity_a_day", "capacity_open", "manager")
    queues = content.get("queues") or {}
    return {
        "id": kept.rep_id,
        "name": kept.name,
        "status": kept.status,
        "queues": [{"queue": queue, "weight": weight} for queue, weight in sorted(queues.items())],
        "hours": None if hours is None else [{"days": days, "hours": spans} for days, spans in hours.items()],
        **{name: list(content.get(name) or ()) for name in lists},
        **{name: content.get(name) for name in single},
        "time_off": [_time_off(one) for one in kept.time_off if one.until_at > now],
        "updated_at": rfc_3339(kept.updated_at),
        "open_now": load.open_now,
        "given_today": load.given_today,
    }


def _time_off(one: TimeOffKept) -> dict[str, Any]:
    return {
        "id": one.id,
        "from": rfc_3339(one.from_at),
        "to": rfc_3339(one.until_at),
        "note": one.note,
    }
