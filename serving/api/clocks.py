"""Acknowledgements and contacts taken in; the clocks of a lead, and notices, told."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

from features.times import TimeRules
from serving.api.call import answer, no_such_lead
from serving.api.lead_words import moment_or_none
from serving.api.once import keep_once
from serving.api.query import Query, in_query
from serving.history.identity import find_lead, held
from serving.selling.clocks.answering import (
    Channel,
    ContactMade,
    NotTheirsError,
    Outcome,
    acknowledge,
    contact_by_id,
    keep_contact,
)
from serving.selling.clocks.kept_clocks import clocks_of_lead
from serving.selling.clocks.notices import NOTICE_KINDS, NoticeQuery, list_notices, mark_done
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem, refuse
from serving.wire.values import NAME_LIMIT, Faults, moment_at, text_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection
    from starlette.responses import Response

    from decisions.clocks.policy import ClockRules
    from decisions.clocks.responses import Elapsed
    from serving.api.call import Call
    from serving.api.once import Said
    from serving.history.identity import StoredLead
    from serving.selling.clocks.kept_clocks import ClocksKept, TimerKept
    from serving.selling.clocks.notices import Notice

CHANNELS: tuple[Channel, ...] = get_args(Channel)
NO_SUCH_CONTACT = "This contact is kept no longer: it was noted with another lead that was merged."
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def acknowledged(call: Call) -> Response:
    """Note that a rep has taken a lead on; what was said first stands."""
    members, faults = call.members("rep", "at"), Faults()
    rep, at = _rep(members, faults), _at(call, members, faults)
    if faults:
        raise ProblemError(invalid(faults))
    rules = _rules(call)

    def noted(connection: Connection, lead: StoredLead) -> dict[str, Any]:
        said = acknowledge(connection, lead.number, rep, at, rules, call.now)
        return {
            "lead_id": lead.lead_id,
            "assignment": said.assignment_id,
            "rep": said.rep,
            "at": rfc_3339(said.at),
            "state": "acknowledged" if said.is_new else "unchanged",
        }

    return answer(_written(call, noted))


def contacted(call: Call) -> Response:
    """Keep a contact, once for each rep, moment and channel."""
    made = _contact(call)
    rules = _rules(call)

    def kept(connection: Connection, lead: StoredLead) -> Said:
        said = keep_contact(connection, lead.number, made, rules, call.now)
        return {"id": said.contact_id, "state": "kept" if said.is_new else "unchanged"}

    def told(connection: Connection, lead: StoredLead, said: Said) -> dict[str, Any]:
        row = contact_by_id(connection, said["id"])
        if row is None:  # of merged leads it was noted with both
            raise refuse(404, NO_SUCH_CONTACT)
        return {
            "lead_id": lead.lead_id,
            "assignment": row.assignment,
            "rep": row.rep,
            "at": rfc_3339(row.at),
            "channel": row.channel,
            "outcome": made.outcome,
            "state": said["state"],
        }

    with _theirs():
        return answer(keep_once(call, kept, told))


def lead_clocks(call: Call) -> Response:
    """Return what was due when, what was kept and what was missed."""
    with call.parts.store.reading() as connection:
        lead = find_lead(connection, call.id())
        if lead is None:
            raise no_such_lead()
        found = clocks_of_lead(connection, lead.number, call.now)
    return answer({"lead_id": lead.lead_id, "assignments": [_clocks(one) for one in found]})


def get_notices(call: Call) -> Response:
    """Return a page of notices, the newest first."""
    query = Query(call.taken.query)
    asked = NoticeQuery(
        to=query.text("rep"),
        kind=query.choice("kind", NOTICE_KINDS),
        since=query.time("since", day_end=False),
        is_open=None if (text := query.text("open", "true", "false")) is None else text == "true",
    )
    limit, cursor = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT, query.text("cursor")
    query.checked()
    with call.parts.store.reading() as connection, in_query():
        page = list_notices(connection, asked, limit, cursor)
    return answer({"notices": [_notice(one) for one in page.notices], "next": page.next})


def notice_done(call: Call) -> Response:
    """Note that what a notice asks for is done."""
    text = call.id()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    notice = call.parts.store.write(lambda connection: mark_done(connection, number, call.now))
    if notice is None:
        raise refuse(404, "No notice has this id.")
    return answer(_notice(notice))


def _written(call: Call, work: Callable[[Connection, StoredLead], dict[str, Any]]) -> dict[str, Any]:
    lead_id = call.id()

    def done(connection: Connection) -> dict[str, Any]:
        held(connection, [lead_id])
        lead = find_lead(connection, lead_id)
        if lead is None:
            raise no_such_lead()
        return work(connection, lead)

    with _theirs():
        return call.parts.store.write(done)


@contextmanager
def _theirs() -> Iterator[None]:
    """Refuse what somebody says of a lead that is not with them."""
    try:
        yield
    except NotTheirsError as problem:
        detail = "Nobody has this lead now, or another rep than the one that is named."
        raise ProblemError(named_problem("not-theirs", detail)) from problem


def _rules(call: Call) -> ClockRules:
    return call.parts.champion.policy.clocks


def _contact(call: Call) -> ContactMade:
    members, faults = call.members("rep", "at", "channel", "outcome"), Faults()
    rep, at = _rep(members, faults), _at(call, members, faults)
    channel = next((one for one in CHANNELS if one == members.get("channel")), None)
    outcome = next((one for one in OUTCOMES if one == members.get("outcome")), None)
    if channel is None:
        faults.say("channel", f"one of {', '.join(CHANNELS)}", members.get("channel"), "Choose from these.")
    if outcome is None:
        faults.say("outcome", f"one of {', '.join(OUTCOMES)}", members.get("outcome"), "Choose from these.")
    if channel is None or outcome is None or faults:
        raise ProblemError(invalid(faults))
    return ContactMade(rep=rep, at=at, channel=channel, outcome=outcome)


def _rep(members: dict[str, Any], faults: Faults) -> str | None:
    rep = members.get("rep")
    return None if rep is None else text_at("rep", rep, faults, limit=NAME_LIMIT)


def _at(call: Call, members: dict[str, Any], faults: Faults) -> int:
    """Return when it happened: as it says, but not later than now."""
    if members.get("at") is None:
        return call.now
    zone = "UTC" if call.mapping is None else call.mapping.training.time_zone
    at = moment_at("at", members["at"], TimeRules(zone=zone), call.now, faults, day_end=True)
    return call.now if at is None else min(at, call.now)


def _clocks(one: ClocksKept) -> dict[str, Any]:
    assignment, response = one.held, one.response
    return {
        "assignment": assignment.assignment_id,
        "rep": assignment.rep,
        "queue": assignment.queue,
        "state": assignment.state,
        "hops": assignment.assigned.hops,
        "assigned_at": rfc_3339(assignment.assigned.assigned_at),
        "ended_at": moment_or_none(assignment.assigned.ended_at),
        "acknowledged": _elapsed(response["acknowledge"]),
        "contacted": _elapsed(response["first_contact"]),
        "accepted": _elapsed(response["accept"]),
        "timers": [_timer(timer) for timer in one.timers],
    }


def _elapsed(one: Elapsed | None) -> dict[str, float] | None:
    if one is None:
        return None
    return {
        "by_wall_seconds": one.by_wall_us / 1_000_000,
        "by_working_seconds": one.by_working_us / 1_000_000,
    }


def _timer(one: TimerKept) -> dict[str, Any]:
    due = one.deadline
    return {
        "kind": due.kind,
        "stage": due.stage,
        "step": due.step,
        "counted_in": due.counted_in,
        "due_at": rfc_3339(due.due_at),
        "due_by_wall": rfc_3339(due.by_wall),
        "due_by_working": moment_or_none(due.by_working),
        "met_at": moment_or_none(due.met_at),
        "fired_at": moment_or_none(one.fired_at),
        "status": one.status,
    }


def _notice(one: Notice) -> dict[str, Any]:
    return {
        "id": one.number,
        "lead_id": one.lead_id,
        "assignment": one.assignment_id,
        "kind": one.kind,
        "to": one.to,
        "text": one.text,
        "at": rfc_3339(one.at),
        "done_at": moment_or_none(one.done_at),
    }
