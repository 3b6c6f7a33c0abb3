"""What another policy would have done with recorded leads; and the agreement, as the policy says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins
from starlette.responses import Response

from decisions.agreement import agreement_of, as_markdown
from decisions.policy import policy_of_text
from decisions.simulation import simulate
from decisions.simulation.proposal import proposed_threshold
from features.durations import DAY_US
from features.errors import InputError
from features.times import TimeRules
from serving.api.call import answer
from serving.api.query import Query
from serving.policies.versions import NoSuchPolicyError, policy_version
from serving.selling.said.known_of_sales import known_of_sales
from serving.selling.said.sales_answers import answers_of_sales
from serving.selling.standing.recorded_pasts import Asked, recorded_past
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults, moment_at

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from decisions.policy import Policy
    from decisions.simulation import Simulation
    from decisions.simulation.sides import Changed
    from serving.api.call import Call

MOST_MOMENTS = 5_000
"""So many decisions are made under each policy at most: a few seconds of work."""

NAMED_LEADS = 500
WANTED_PERCENT = 70
DEFAULT_DAYS = 90
LARGEST_VERSION = 2**31
LEAST_CAPACITY = 0.01


def simulate_policy(call: Call) -> Response:
    """Decide again about recorded leads, under another policy and the present one. Nothing is kept."""
    members = call.members("policy", "version", "against_version", "since", "until", "capacity")
    faults = Faults()
    horizon = _horizon(call)
    until = _moment(call, members, "until", faults) or call.now
    since = _moment(call, members, "since", faults) or until - DEFAULT_DAYS * DAY_US
    if since >= until:
        faults.say(
            "since", f"a moment before {rfc_3339(until)}", members.get("since"), "Choose an earlier one."
        )
    capacity = _capacity(members, faults)
    with call.parts.store.snapshot() as connection:
        other = _other(connection, members, faults)
        present = call.parts.champion.policy
        if members.get("against_version") is not None:
            present = _version(connection, "against_version", members, faults) or present
        if faults or other is None:
            raise ProblemError(invalid(faults))
        asked = Asked(since=since, until=until, now=call.now, horizon=horizon, most=MOST_MOMENTS)
        recorded = recorded_past(connection, asked)
        team = replace(known_of_sales(connection), capacity=capacity)
    found = simulate((recorded.under(present), present), (recorded.under(other), other), team)
    return answer(_told(found, since, until))


def policy_agreement(call: Call) -> Response:
    """Return the agreement of sales and marketing by the policy in force, as Markdown."""
    text = as_markdown(agreement_of(call.parts.champion.policy))
    return Response(text, media_type="text/markdown; charset=utf-8")


def policy_proposal(call: Call) -> Response:
    """Return the score threshold that the answers of sales propose, or why they propose none."""
    query = Query(call.taken.query)
    percent = query.whole("wanted_percent", 1, 99) or WANTED_PERCENT
    since = query.time("since", day_end=False)
    query.checked()
    with call.parts.store.reading() as connection:
        answers = answers_of_sales(connection, since)
    return answer(to_builtins(proposed_threshold(answers, percent / 100)))


def _horizon(call: Call) -> int:
    mapping = call.mapping
    horizon = None if mapping is None else mapping.training.horizon
    return DEFAULT_DAYS * DAY_US if horizon is None else horizon


def _moment(call: Call, members: dict[str, Any], name: str, faults: Faults) -> int | None:
    if members.get(name) is None:
        return None
    zone = "UTC" if call.mapping is None else call.mapping.training.time_zone
    return moment_at(name, members[name], TimeRules(zone=zone), call.now, faults, day_end=name == "until")


def _capacity(members: dict[str, Any], faults: Faults) -> float | None:
    found = members.get("capacity")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not LEAST_CAPACITY <= found < 1e9:
        faults.say(
            "capacity",
            f"a number of at least {LEAST_CAPACITY}",
            found,
            "Say how many leads a day sales has room for.",
        )
        return None
    return float(found)


def _other(connection: Connection, members: dict[str, Any], faults: Faults) -> Policy | None:
    """Return the policy that is tried: by its text or by its version; what is wrong goes to `faults`."""
    text = members.get("policy")
    if (text is None) is (members.get("version") is None):
        faults.say("policy", "a policy's text, or a version beside it", text, "Send one of the two.")
        return None
    if text is None:
        return _version(connection, "version", members, faults)
    if not isinstance(text, str):
        faults.say("policy", "a policy's text, in TOML", text, "See: leadlens policy show")
        return None
    try:
        return policy_of_text(text, "policy")
    except InputError as problem:
        faults += problem.faults
        return None


def _version(connection: Connection, name: str, members: dict[str, Any], faults: Faults) -> Policy | None:
    number = members[name]
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < LARGEST_VERSION:
        try:
            return policy_version(connection, number).policy
        except InputError as problem:
            faults += problem.faults
            return None
        except NoSuchPolicyError:
            pass
    faults.say(name, "a version of the store", number, "See: leadlens policy list")
    return None


def _told(found: Simulation, since: int, until: int) -> dict[str, Any]:
    content, sides = found.to_dict(), found.sides
    return {
        "present": content["present"],
        "other": content["other"],
        "since": rfc_3339(since),
        "until": rfc_3339(until),
        "days": found.days,
        "leads": found.leads,
        "moments": found.moments,
        "share": found.share,
        "horizon_days": found.horizon / DAY_US,
        "figures": content["figures"],
        "to_sales": len(sides.to_sales),
        "from_sales": len(sides.from_sales),
        "earlier": sides.earlier,
        "later": sides.later,
        "changed_to_sales": [_changed(one) for one in sides.to_sales[:NAMED_LEADS]],
        "changed_from_sales": [_changed(one) for one in sides.from_sales[:NAMED_LEADS]],
        "queues": content["of_queues"],
        "reps": content["of_reps"],
        "responses_present": content["responses_present"],
        "responses_other": content["responses_other"],
        "curves": content["curves"],
        "cautions": content["cautions"],
    }


def _changed(one: Changed) -> dict[str, Any]:
    return {
        "lead_id": one.lead_id,
        "at": rfc_3339(one.at),
        "why": one.why,
        "why_not": one.why_not,
        "won": one.won,
    }
