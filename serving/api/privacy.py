"""Everything of one person: handed out, or erased for good. Both are noted, without the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.access.audit_log import note_act
from serving.api.call import answer, no_such_lead
from serving.privacy.erasure import erase_lead, export_lead

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def export_person(call: Call) -> Response:
    """Return all that the store holds of a person."""
    store = call.parts.store
    with store.snapshot() as connection:
        found = export_lead(connection, call.id())
    if found is None:
        raise no_such_lead()
    leads = len(found["leads"])
    store.write(lambda connection: note_act(connection, call.now, call.key.id, "lead exported", leads=leads))
    return answer(found)


def erase_person(call: Call) -> Response:
    """Erase all that the store holds of a person, and say how much went."""
    settings = call.parts.settings
    erased = erase_lead(
        call.parts.store,
        settings.home,
        call.id(),
        call.now,
        call.key.id,
        settings.jobs_folder,
        decoded_limit_bytes=settings.job_decoded_limit_bytes,
    )
    if not erased.leads:
        raise no_such_lead()
    return answer(
        {
            "leads": erased.leads,
            "payloads": erased.payloads,
            "jobs": erased.jobs,
            "is_gone_from_home": erased.is_gone_from_home,
            "is_gone_from_files": erased.is_gone_from_files,
        }
    )
