"""What may come next of stored leads, and what the model would say then. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.next_acts import WINDOW_DAYS
from models.score import Unscorable
from models.what_if import Outlook, foretell
from serving.scoring.answers import problem_of
from serving.scoring.hypothetical import hypotheses_of, ignored_fields
from serving.scoring.known import known_leads
from serving.scoring.recording import not_ready, numbers_of, refusal_of
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.next_acts import SuchLeads
    from models.what_if import Foretold
    from serving.scoring.champion import Champion
    from serving.scoring.recording import Scored
    from serving.store.database import Store


def outlook_of(
    store: Store, champion: Champion, lead_id: str, moment: tuple[int, bool], asked: dict[str, Any]
) -> Scored | None:
    """Return what may come next of a lead, as of a moment (microseconds UTC, and whether that is now).

    `asked` are the members of the body. None where the lead is not known. Raises ProblemError (422) where
    the caller's own events cannot be read.
    """
    answerer = champion.answerer()
    if answerer is None:
        return not_ready()
    at, is_now = moment
    scorer = answerer.scorer
    leads = known_leads(answerer)
    with store.snapshot() as connection:
        numbers = numbers_of(connection, lead_id)
        known = (
            leads.read_now(connection, numbers, at)
            if is_now
            else leads.read(connection, numbers, at, ahead_us=0)
        )
    if not known:
        return None
    [lead] = known
    refused = refusal_of(lead, is_now=is_now)
    if refused is not None:
        return refused
    sent = hypotheses_of(asked, scorer.mapping, scorer.spec, lead.asked.as_of)
    found = foretell(scorer, answerer.reader.batch_of([lead.asked]), sent)
    if isinstance(found, Unscorable):
        return problem_of(found)
    return outlook_document(found, ignored_fields(asked.get("events"), scorer.mapping))


def outlook_document(found: Outlook, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return an outlook as the members of the answer."""
    now = found.now
    return {
        "lead_id": now.lead_id,
        "as_of": rfc_3339(now.as_of),
        "score": now.score,
        "probability": now.probability,
        "rung": now.rung,
        "model": {"name": now.model_name, "version": now.model_version},
        "window_days": WINDOW_DAYS,
        "such_leads": None if found.such_leads is None else _such_leads(found.such_leads, found.activity),
        "note": found.note,
        "next": [_foretold(one, now.warnings) for one in found.next],
        "sent": [_foretold(one, now.warnings) for one in found.sent],
        "warnings": [*now.warnings, *warnings],
    }


def _such_leads(such: SuchLeads, activity: str) -> dict[str, Any]:
    return {
        "score_from": such.score_from,
        "score_to": such.score_to,
        "activity": activity,
        "leads": such.leads,
    }


def _foretold(one: Foretold, of_now: Sequence[str]) -> dict[str, Any]:
    share = one.share
    return {
        "kind": one.hypothesis.kind,
        "key": one.hypothesis.key,
        "events": list(one.hypothesis.sent),
        "score": one.score.score,
        "change": one.change,
        "log_odds": one.log_odds,
        "probability": one.score.probability,
        "share": None if share is None else share.share,
        "share_low": None if share is None else share.low,
        "share_high": None if share is None else share.high,
        "clause": one.clause,
        "sentence": one.sentence,
        "warnings": [warning for warning in one.score.warnings if warning not in of_now],
    }
