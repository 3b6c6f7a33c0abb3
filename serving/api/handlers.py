"""Which handler answers which operation of the route table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serving.api import (
    audit,
    changes,
    clocks,
    documents,
    events,
    leads,
    lists,
    metrics,
    model,
    privacy,
    recorded_scores,
    score_jobs,
    scores,
    simulations,
    timelines,
    what_ifs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from serving.api.call import Call

HANDLERS: Final[Mapping[str, Callable[[Call], Response]]] = {
    "score": recorded_scores.record_score,
    "putLead": leads.put_lead,
    "putLeads": leads.put_leads,
    "listLeads": lists.get_leads,
    "getLead": leads.get_lead,
    "deleteLead": leads.remove_lead,
    "scoreLead": scores.score_lead,
    "whatIf": what_ifs.what_if,
    "explainLead": scores.explain_lead,
    "leadHistory": timelines.lead_history,
    "leadTimeline": timelines.lead_timeline,
    "leadScores": timelines.lead_scores,
    "leadChanges": changes.lead_changes,
    "acknowledgeLead": clocks.acknowledged,
    "leadContacted": clocks.contacted,
    "leadClocks": clocks.lead_clocks,
    "listNotices": clocks.get_notices,
    "noticeDone": clocks.notice_done,
    "mergeLeads": leads.merge,
    "exportLead": privacy.export_person,
    "eraseLead": privacy.erase_person,
    "postEvents": events.post_events,
    "postOutcomes": events.post_outcomes,
    "createScoreJob": score_jobs.create_job,
    "listScoreJobs": score_jobs.list_score_jobs,
    "getScoreJob": score_jobs.get_job,
    "getScoreJobResult": score_jobs.get_result,
    "getScoreJobRejects": score_jobs.get_rejects,
    "cancelScoreJob": score_jobs.cancel_job,
    "simulatePolicy": simulations.simulate_policy,
    "policyAgreement": simulations.policy_agreement,
    "getModel": model.get_model,
    "getHealth": model.get_health,
    "getMetrics": metrics.get_metrics,
    "listAuditLog": audit.list_audit_log,
    "getOpenapi": documents.get_openapi,
    "apiDocument": documents.get_openapi,
}
