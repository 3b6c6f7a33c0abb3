"""What a mapping means whose tables are in the store: canonical names wherever none is given."""

from __future__ import annotations

from typing import Any

STORE = "store"

EVENTS = {name: name for name in ("lead_id", "occurred_at", "type", "event_id", "value", "known_at")}
CHANGES = {name: name for name in ("lead_id", "column", "changed_at", "value")}
OUTCOMES = {name: name for name in ("lead_id", "occurred_at", "outcome", "value", "known_at")}
ACCOUNTS = {name: name for name in ("key", "known_from")}


def with_canonical_names(content: Any) -> Any:
    """Return the content of a mapping with what `leads.source = "store"` stands for; another as it is.

    All tables are then in the store. Dated leads always have a history of changes there, for whatever is
    sent is kept with its time; flat leads have none. A label takes the place of the outcomes; the
    wins of a rule join them.

    >>> with_canonical_names({"leads": {"source": "store"}})["leads"]["id"]
    'lead_id'
    """
    leads = content.get("leads") if isinstance(content, dict) else None
    if not isinstance(leads, dict) or leads.get("source") != STORE:
        return content
    is_flat = leads.get("flat") is True
    own = {"id": "lead_id"} if is_flat else {"id": "lead_id", "created_at": "created_at"}
    filled = {**content, "leads": own | leads}
    outcomes = content.get("outcomes")
    labelled = isinstance(outcomes, dict) and outcomes.get("label") is not None
    if not is_flat and not labelled:
        filled.setdefault("changes", {})
    for name, names in (("events", EVENTS), ("changes", CHANGES)):
        if filled.get(name) is not None:
            filled[name] = _in_store(filled[name], names)
    if isinstance(outcomes, dict) and not labelled and outcomes.get("won_when") is None:
        filled["outcomes"] = _in_store(outcomes, OUTCOMES)
    accounts = filled.get("accounts")
    if isinstance(accounts, list | tuple):
        filled["accounts"] = [_in_store(section, ACCOUNTS) for section in accounts]
    elif accounts is not None:
        filled["accounts"] = _in_store(accounts, ACCOUNTS)
    return filled


def _in_store(section: Any, names: dict[str, str]) -> Any:
    return {"source": STORE} | names | section if isinstance(section, dict) else section
