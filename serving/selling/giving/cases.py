"""What routing asks about a lead, found in the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.case import Case
from features.columns.emails import kind_of_domain
from serving.store.schema import CONTACTS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

SHARING_LIMIT = 50
"""At most so many leads with the same address or number are asked who has them."""

GIVEN_UP = frozenset({"rejected", "reassigned", "returned", "released"})
"""How an assignment ended whose rep is not to get the lead again."""

_THIS = sa.bindparam("this_lead", type_=sa.BigInteger)
_STATE = LEAD_STATES.select().where(LEAD_STATES.c.lead == _THIS)
_PAST = (
    sa.select(ASSIGNMENTS.c.rep, ASSIGNMENTS.c.state)
    .where(ASSIGNMENTS.c.lead == _THIS, ASSIGNMENTS.c.rep.is_not(None), ASSIGNMENTS.c.ended_at.is_not(None))
    .order_by(ASSIGNMENTS.c.assigned_at.desc(), ASSIGNMENTS.c.ended_at.desc(), ASSIGNMENTS.c.id)
)


def _first_owner_of_duplicates() -> sa.Select[Any]:
    own, other = CONTACTS.alias(), CONTACTS.alias()
    same = (own.c.kind == other.c.kind) & (own.c.value == other.c.value) & (other.c.lead != _THIS)
    sharing = sa.select(other.c.lead).select_from(own.join(other, same)).where(own.c.lead == _THIS)
    few = sharing.limit(SHARING_LIMIT).subquery()
    theirs = sa.select(ASSIGNMENTS.c.rep).where(
        ASSIGNMENTS.c.ended_at.is_(None),
        ASSIGNMENTS.c.rep.is_not(None),
        ASSIGNMENTS.c.lead.in_(sa.select(few.c.lead)),
    )
    return theirs.order_by(ASSIGNMENTS.c.assigned_at, ASSIGNMENTS.c.id).limit(1)


def _newest_of_account(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    account = ASSIGNMENTS.c.account == sa.bindparam("this_account", type_=sa.Text)
    theirs = sa.select(ASSIGNMENTS.c.rep).where(
        account, ASSIGNMENTS.c.lead != _THIS, ASSIGNMENTS.c.rep.is_not(None), *which
    )
    return theirs.order_by(ASSIGNMENTS.c.assigned_at.desc(), ASSIGNMENTS.c.id).limit(1)


_OF_DUPLICATES = _first_owner_of_duplicates()
_HAS_ACCOUNT = _newest_of_account(ASSIGNMENTS.c.ended_at.is_(None))
_HAD_ACCOUNT = _newest_of_account(
    ASSIGNMENTS.c.accepted_at.is_not(None), ASSIGNMENTS.c.state.not_in(sorted(GIVEN_UP))
)


@dataclass(frozen=True, slots=True)
class StateNow:
    """What is decided of a lead, as far as assigning needs it. A lead without a decision has none of it."""

    action: str | None
    queue: str | None
    stage: str | None
    temperature: str | None
    segments: Mapping[str, str]
    attributes: Mapping[str, Any]
    decision_id: str | None

    @property
    def account(self) -> str | None:
        """The domain of the lead's company; None where the address is not a company's."""
        domain = self.attributes.get("email_domain")
        is_company = bool(domain) and kind_of_domain(f"x@{domain}") == "company"
        return str(domain).casefold() if is_company else None


NOTHING_DECIDED = StateNow(None, None, None, None, {}, {}, None)


def state_now(connection: Connection, lead: int) -> StateNow:
    """Return what is decided of a lead."""
    row = connection.execute(_STATE, {"this_lead": lead}).first()
    if row is None:
        return NOTHING_DECIDED
    return StateNow(
        action=row.action,
        queue=row.queue,
        stage=row.stage,
        temperature=row.temperature,
        segments={name: str(value) for name, value in row.segments.items()},
        attributes=row.attributes,
        decision_id=row.decision_id,
    )


def case_of(connection: Connection, lead: int, state: StateNow, queue: str | None = None) -> Case:
    """Return what routing asks of a lead. `queue` stands in the place of the decision's."""
    owner, barred = _past(connection, lead)
    known, segments = state.attributes, state.segments
    return Case(
        queue=queue or state.queue,
        owner=owner or known.get("crm_owner") or None,
        duplicates_owner=_owner_of_duplicates(connection, lead),
        account_owner=_owner_of_account(connection, lead, state.account),
        account_domain=state.account,
        country=known.get("country") or None,
        state=known.get("state") or None,
        postcode=known.get("postcode") or None,
        products=_split(known.get("product")),
        language=known.get("language") or None,
        industry=known.get("industry") or segments.get("industry") or None,
        size=segments.get("size") or None,
        seniority=known.get("seniority") or None,
        segments=segments,
        barred=barred,
    )


def _past(connection: Connection, lead: int) -> tuple[str | None, frozenset[str]]:
    """Return who had a lead last and was not relieved of it, and who was since its last end."""
    barred: set[str] = set()
    for row in connection.execute(_PAST, {"this_lead": lead}):
        if row.state not in GIVEN_UP:
            return row.rep, frozenset(barred)
        barred.add(row.rep)
    return None, frozenset(barred)


def _owner_of_duplicates(connection: Connection, lead: int) -> str | None:
    row = connection.execute(_OF_DUPLICATES, {"this_lead": lead}).first()
    return None if row is None else str(row.rep)


def _owner_of_account(connection: Connection, lead: int, account: str | None) -> str | None:
    """Return who has leads of a company, else who last won it or had accepted one of its leads."""
    if account is None:
        return None
    this = {"this_lead": lead, "this_account": account}
    found = connection.execute(_HAS_ACCOUNT, this).first() or connection.execute(_HAD_ACCOUNT, this).first()
    return None if found is None else str(found.rep)


def _split(text: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(text or "").split(";") if part.strip())
