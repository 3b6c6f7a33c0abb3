"""The addresses under /v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.door.route import GET, Route

if TYPE_CHECKING:
    from serving.access.key import Scope
    from serving.door.route import Body

PUT, POST, DELETE = ("PUT",), ("POST",), ("DELETE",)
GET_ALONE = ("GET",)
"""For what leaves a trace, such as a recorded score: HEAD would leave it too, and hand nothing out."""


def _v1(
    methods: tuple[str, ...],
    path: str,
    operation: str,
    scope: Scope,
    *query: str,
    body: Body = "none",
    does_without_store: bool = False,
) -> Route:
    return Route(
        methods=methods,
        path=f"/v1{path}",
        access="key",
        scope=scope,
        body=body,
        operation=operation,
        query=query,
        does_without_store=does_without_store,
    )


PAGED = ("limit", "cursor")
FILTERS = (
    "order", "standing", "score_from", "score_to", "grade", "action", "created_from", "created_to",
    "updated_since",
)  # fmt: skip

V1 = (
    _v1(PUT, "/leads", "putLeads", "ingest", body="list"),
    _v1(GET, "/leads", "listLeads", "read", *PAGED, *FILTERS),
    _v1(PUT, "/leads/{id}", "putLead", "ingest", body="json"),
    _v1(GET, "/leads/{id}", "getLead", "read"),
    _v1(DELETE, "/leads/{id}", "deleteLead", "ingest"),
    _v1(GET_ALONE, "/leads/{id}/score", "scoreLead", "score", "as_of", "reasons", "explain"),
    _v1(GET, "/leads/{id}/explanation", "explainLead", "score", "as_of"),
    _v1(POST, "/leads/{id}/what-if", "whatIf", "score", "as_of", body="json"),
    _v1(GET, "/leads/{id}/scores", "leadScores", "read", *PAGED),
    _v1(GET, "/leads/{id}/history", "leadHistory", "read", *PAGED),
    _v1(GET, "/leads/{id}/timeline", "leadTimeline", "read", *PAGED),
    _v1(GET, "/leads/{id}/changes", "leadChanges", "read", "since", "until", "reasons"),
    _v1(POST, "/leads/{id}/merge", "mergeLeads", "ingest", body="json"),
    _v1(POST, "/leads/{id}/assign", "assignLead", "ingest", body="json"),
    _v1(POST, "/leads/{id}/claim", "claimLead", "ingest", body="json"),
    _v1(POST, "/leads/{id}/accept", "acceptLead", "ingest", body="json"),
    _v1(POST, "/leads/{id}/reject", "rejectLead", "ingest", body="json"),
    _v1(POST, "/leads/{id}/release", "releaseLead", "ingest", body="json"),
    _v1(GET, "/leads/{id}/assignments", "leadAssignments", "read"),
    _v1(POST, "/leads/{id}/acknowledged", "acknowledgeLead", "ingest", body="json"),
    _v1(POST, "/leads/{id}/contacted", "leadContacted", "ingest", body="json"),
    _v1(GET, "/leads/{id}/clocks", "leadClocks", "read"),
    _v1(POST, "/leads/{id}/decide", "decideLead", "score"),
    _v1(GET, "/leads/{id}/decisions", "leadDecisions", "read", *PAGED),
    _v1(GET, "/leads/{id}/state", "leadState", "read"),
    _v1(POST, "/leads/{id}/bant", "postBant", "ingest", body="json"),
    _v1(GET, "/leads/{id}/bant", "getBant", "read"),
    _v1(POST, "/leads/{id}/feedback", "postFeedback", "ingest", body="json"),
    _v1(GET, "/leads/{id}/feedback", "leadFeedback", "read", *PAGED),
    _v1(PUT, "/leads/{id}/stage", "putStage", "ingest", body="json"),
    _v1(GET_ALONE, "/leads/{id}/export", "exportLead", "admin"),
    _v1(POST, "/leads/{id}/erase", "eraseLead", "admin"),
    _v1(POST, "/events", "postEvents", "ingest", body="list"),
    _v1(POST, "/outcomes", "postOutcomes", "ingest", body="list"),
    _v1(GET, "/reps", "listReps", "read"),
    _v1(PUT, "/reps/{id}", "putRep", "admin", body="json"),
    _v1(GET, "/reps/{id}", "getRep", "read"),
    _v1(DELETE, "/reps/{id}", "removeRep", "admin"),
    _v1(POST, "/reps/{id}/status", "putRepStatus", "admin", body="json"),
    _v1(POST, "/reps/{id}/time-off", "addTimeOff", "admin", body="json"),
    _v1(DELETE, "/reps/{id}/time-off/{time_off}", "removeTimeOff", "admin"),
    _v1(GET, "/queues", "listQueues", "read"),
    _v1(GET, "/queues/{id}/leads", "queueLeads", "read", "limit"),
    _v1(GET, "/notices", "listNotices", "read", *PAGED, "rep", "kind", "since", "open"),
    _v1(POST, "/notices/{id}/done", "noticeDone", "ingest"),
    _v1(GET, "/feedback", "countFeedback", "read", "kind", "since"),
    _v1(GET, "/policies", "listPolicies", "read", *PAGED),
    _v1(POST, "/policies", "draftPolicy", "admin", body="json"),
    _v1(GET, "/policies/{version}", "getPolicy", "read"),
    _v1(PUT, "/policies/{version}", "changeDraft", "admin", body="json"),
    _v1(DELETE, "/policies/{version}", "withdrawDraft", "admin"),
    _v1(POST, "/policies/{version}/publish", "publishPolicy", "admin"),
    _v1(GET, "/policy", "getPolicyInForce", "read"),
    _v1(POST, "/score-jobs", "createScoreJob", "score", "as_of", body="upload"),
    _v1(GET, "/score-jobs", "listScoreJobs", "score", *PAGED),
    _v1(GET, "/score-jobs/{id}", "getScoreJob", "score"),
    _v1(GET, "/score-jobs/{id}/result", "getScoreJobResult", "score"),
    _v1(GET, "/score-jobs/{id}/rejects", "getScoreJobRejects", "score"),
    _v1(DELETE, "/score-jobs/{id}", "cancelScoreJob", "score"),
    _v1(POST, "/simulate", "simulatePolicy", "admin", body="json"),
    _v1(GET, "/policy/proposal", "policyProposal", "read", "wanted_percent", "since"),
    _v1(GET, "/policy/agreement", "policyAgreement", "read", does_without_store=True),
    _v1(GET, "/model", "getModel", "read", does_without_store=True),
    _v1(GET, "/health", "getHealth", "read", does_without_store=True),
    _v1(GET, "/audit-log", "listAuditLog", "admin", *PAGED),
    _v1(GET, "/openapi.json", "getOpenapi", "read", "profile"),
)
