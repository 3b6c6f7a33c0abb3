"""The mapping for training from the store what files were imported with: it means what theirs meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.stored_mapping import STORE
from serving.importing.lead_files import RESERVED

if TYPE_CHECKING:
    from serving.importing.work import Work

_OF_FILES = ("path", "url", "query", "encoding", "delimiter")


def stored_mapping(work: Work) -> tuple[dict[str, Any], list[str]]:
    """Return the content of the mapping, and notes on what it leaves out.

    The company's names of fields stay: requests may use them. Columns of which the files know changes but
    that no file of leads has are left out, as they are when the files themselves are learned from.
    """
    mapping = work.mapping
    given = mapping.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"enrichment"})
    leads = {"source": STORE} | _kept(given["leads"])
    if mapping.leads.created_at is None:
        leads["flat"] = True
    fields = {mapping.leads.id, mapping.leads.created_at}
    only_changed = [name for name in work.changed_columns if name not in work.columns and name not in fields]
    exclude = [name for name in mapping.leads.exclude if name not in RESERVED - fields]
    exclude += [name for name in only_changed if name not in exclude]
    if exclude:
        leads["exclude"] = exclude
    else:
        leads.pop("exclude", None)
    content: dict[str, Any] = {"leads": leads}
    if mapping.events:
        content["events"] = _kept(given["events"])
    if mapping.changes and not mapping.is_dated:
        content["changes"] = {}
    if mapping.outcomes:
        is_table = mapping.outcomes.kind == "table"
        content["outcomes"] = {} if is_table else _kept(given["outcomes"])
    if mapping.accounts:
        sections = given["accounts"] if isinstance(given["accounts"], list) else [given["accounts"]]
        content["accounts"] = [_kept(section) for section in sections]
    if given.get("training"):
        content["training"] = given["training"]
    said = "has changes, but no file of leads has it: it is left out (exclude)"
    return content, [f"{name!r} {said}" for name in only_changed]


def _kept(section: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in section.items() if key not in _OF_FILES and value is not None}
