"""What each operation takes and answers, in types and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serving.api import answer_types as answers
from serving.api import (
    assignment_types,
    bodies,
    clock_types,
    decision_types,
    outlook_types,
    rep_types,
    said_types,
    simulation_types,
)
from serving.api.change_types import ChangesAnswer
from serving.scoring.bodies import BatchAnswer, BatchBody, ExplainedScoreAnswer, ScoreBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

CSV, PARQUET, JSON, TEXT = "text/csv", "application/vnd.apache.parquet", "application/json", "text/plain"
MARKDOWN = "text/markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `answers` by status: the type of the JSON, or the media types of something else.

    `problems` are kinds of problem whose statuses do not follow from the route.
    """

    summary: str
    answers: Mapping[int, type[BaseModel] | tuple[str, ...] | None]
    body: type[BaseModel] | None = None
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = field(default=())


OPERATIONS: dict[str, Operation] = {
    "score": Operation(
        summary="Score one lead as of a moment, with reasons and advice. Without ?record nothing is kept.",
        body=ScoreBody,
        answers={200: ExplainedScoreAnswer},
        problems=("not-open", "kept-not-scored"),
        headers=("Idempotency-Key",),
    ),
    "scoreBatch": Operation(
        summary="Score up to 1,000 leads; the answers, each a score or a problem, stand in the same order.",
        body=BatchBody,
        answers={200: BatchAnswer},
    ),
    "apiDocument": Operation(summary="This document.", answers={200: (JSON,)}),
    "getOpenapi": Operation(
        summary="This document; with ?profile=crm under the company's own columns, for importers of CRMs.",
        answers={200: (JSON,)},
    ),
    "getMetrics": Operation(
        summary="The figures of all processes, for Prometheus; OpenMetrics where Accept asks for it.",
        answers={200: (TEXT,)},
    ),
    "isLive": Operation(summary="One word: live.", answers={200: (TEXT,)}),
    "isReady": Operation(
        summary="One word: ready, or with 503 unready where the champion cannot be loaded.",
        answers={200: (TEXT,), 503: (TEXT,)},
    ),
    "putLead": Operation(
        summary="Keep a lead. Columns that are not sent stay; null clears one.",
        body=bodies.PutLeadBody,
        answers={200: answers.KeptLeadAnswer, 201: answers.KeptLeadAnswer},
    ),
    "putLeads": Operation(
        summary="Keep many leads; the answers, each what became of it or a problem, stand in the same order.",
        body=bodies.PutLeadsBody,
        answers={200: answers.KeptLeadsAnswer},
    ),
    "listLeads": Operation(
        summary="Leads, filtered and sorted, page by page.", answers={200: answers.LeadsAnswer}
    ),
    "getLead": Operation(summary="One lead as it stands now.", answers={200: answers.StoredLeadAnswer}),
    "deleteLead": Operation(
        summary="Delete a lead until it is put again.", answers={200: answers.DeletedLeadAnswer}
    ),
    "scoreLead": Operation(
        summary="Score a stored lead, now (which is recorded) or as of a past moment (which is not).",
        answers={200: ExplainedScoreAnswer},
        problems=("not-open",),
    ),
    "explainLead": Operation(
        summary="Why a stored lead has its score, now or as of a past moment. Nothing is recorded.",
        answers={200: answers.LeadExplanationAnswer},
        problems=("not-open",),
    ),
    "whatIf": Operation(
        summary="What may come next of a stored lead, and what the model would say then. Nothing is kept.",
        body=outlook_types.WhatIfBody,
        answers={200: outlook_types.OutlookAnswer},
        problems=("not-open",),
    ),
    "leadScores": Operation(
        summary="The recorded scores of a lead, as they were given, the newest first.",
        answers={200: answers.RecordsAnswer},
    ),
    "leadHistory": Operation(
        summary="The values that a lead's columns took, the newest first.",
        answers={200: answers.HistoryAnswer},
    ),
    "leadTimeline": Operation(
        summary="What happened to a lead: changes, events, outcomes, scores, the newest first.",
        answers={200: answers.TimelineAnswer},
    ),
    "leadChanges": Operation(
        summary="Why a lead's score is another than it was: time, new events, changed columns, the model.",
        answers={200: ChangesAnswer},
        problems=("not-open",),
    ),
    "assignLead": Operation(
        summary="Give a lead to a rep: as the policy routes it, or by hand with a reason.",
        body=assignment_types.AssignBody,
        answers={200: assignment_types.AssignedAnswer},
        problems=("lead-closed", "not-for-sales", "no-room"),
    ),
    "claimLead": Operation(
        summary="Give a lead that waits in a queue to the member who claims it first.",
        body=assignment_types.ClaimBody,
        answers={200: assignment_types.AssignedAnswer},
        problems=("lead-closed", "taken", "no-room"),
    ),
    "acceptLead": Operation(
        summary="Note that a rep accepts the lead. What was said first stands.",
        body=assignment_types.AcceptBody,
        answers={200: assignment_types.AssignedAnswer},
        problems=("lead-closed", "not-theirs"),
    ),
    "rejectLead": Operation(
        summary="Note that a rep rejects the lead; what becomes of it the policy says by the reason.",
        body=assignment_types.RejectBody,
        answers={200: assignment_types.AssignedAnswer},
        problems=("lead-closed", "not-theirs"),
    ),
    "releaseLead": Operation(
        summary="Put a lead back into its queue, for others.",
        body=assignment_types.ReleaseBody,
        answers={200: assignment_types.AssignedAnswer},
        problems=("lead-closed", "not-theirs"),
    ),
    "leadAssignments": Operation(
        summary="Who has and had a lead, and why, the newest first.",
        answers={200: assignment_types.AssignmentsAnswer},
    ),
    "listReps": Operation(
        summary="All reps, by id.",
        answers={200: rep_types.RepsAnswer},
    ),
    "putRep": Operation(
        summary="Keep a rep, in the place of what was known of the id.",
        body=rep_types.RepBody,
        answers={200: rep_types.RepAnswer, 201: rep_types.RepAnswer},
    ),
    "getRep": Operation(
        summary="One rep, with time off and load.",
        answers={200: rep_types.RepAnswer},
    ),
    "removeRep": Operation(
        summary="Note that a rep has left. Who had what stays known.",
        answers={200: rep_types.RepAnswer},
    ),
    "putRepStatus": Operation(
        summary="Let a rep be active, away or left.",
        body=rep_types.StatusBody,
        answers={200: rep_types.RepAnswer},
    ),
    "addTimeOff": Operation(
        summary="Keep a time in which a rep is not there, once.",
        body=rep_types.TimeOffBody,
        answers={200: rep_types.RepAnswer},
    ),
    "removeTimeOff": Operation(
        summary="Forget a time off.",
        answers={200: rep_types.RepAnswer},
    ),
    "listQueues": Operation(
        summary="The queues: who waits, the members, the shares given by turns and what is carried.",
        answers={200: assignment_types.QueuesAnswer},
    ),
    "queueLeads": Operation(
        summary="The leads that wait in a queue, those that are served first before others.",
        answers={200: assignment_types.WaitingLeadsAnswer},
    ),
    "acknowledgeLead": Operation(
        summary="Note that a rep has taken a lead on. What was said first stands.",
        body=clock_types.AcknowledgedBody,
        answers={200: clock_types.AcknowledgedAnswer},
        problems=("not-theirs",),
    ),
    "leadContacted": Operation(
        summary="Keep a contact of a lead by a rep; the first is what the clock of first contact waits for.",
        body=clock_types.ContactedBody,
        answers={200: clock_types.ContactedAnswer},
        problems=("not-theirs",),
        headers=("Idempotency-Key",),
    ),
    "leadClocks": Operation(
        summary="What was and is due for a lead, by the wall and by working hours; what was kept and missed.",
        answers={200: clock_types.ClocksAnswer},
    ),
    "listNotices": Operation(
        summary="What is asked of reps, managers and the marketing tool, the newest first.",
        answers={200: clock_types.NoticesAnswer},
    ),
    "noticeDone": Operation(
        summary="Note that what a notice asks for is done.",
        answers={200: clock_types.NoticeAnswer},
    ),
    "decideLead": Operation(
        summary="Decide about a lead now, and keep the decision: what is done, and which rules say so.",
        answers={200: decision_types.DecidedAnswer},
    ),
    "leadDecisions": Operation(
        summary="Decisions about a lead, each that differed from the one before, the newest first.",
        answers={200: decision_types.DecisionsAnswer},
    ),
    "leadState": Operation(
        summary="How a lead stands by what is decided and said of it: stages, answers, owner, why.",
        answers={200: decision_types.LeadStateAnswer},
    ),
    "postBant": Operation(
        summary="Keep answers to the four questions that qualify a prospect; the newest stands.",
        body=said_types.BantBody,
        answers={200: said_types.BantGivenAnswer},
        headers=("Idempotency-Key",),
    ),
    "getBant": Operation(
        summary="How the four questions stand, and what was answered.",
        answers={200: said_types.BantGivenAnswer},
    ),
    "postFeedback": Operation(
        summary="Keep what a rep says of a lead. It changes no outcome, and no label.",
        body=said_types.FeedbackBody,
        answers={200: said_types.FeedbackAnswer},
        problems=("not-open",),
        headers=("Idempotency-Key",),
    ),
    "leadFeedback": Operation(
        summary="What was said of a lead, the newest first.",
        answers={200: said_types.FeedbackPageAnswer},
    ),
    "countFeedback": Operation(
        summary="How often what was said of leads.", answers={200: said_types.FeedbackCountsAnswer}
    ),
    "putStage": Operation(
        summary="Put a lead where sales says that it is.",
        body=said_types.StageBody,
        answers={200: said_types.StageAnswer},
        problems=("not-open",),
    ),
    "listPolicies": Operation(
        summary="Versions of the policy, the newest first.", answers={200: decision_types.PoliciesAnswer}
    ),
    "draftPolicy": Operation(
        summary="Keep a draft of a policy; what is wrong with it is said line by line.",
        body=decision_types.DraftBody,
        answers={201: decision_types.PolicyVersionAnswer},
    ),
    "getPolicy": Operation(
        summary="One version of the policy, with its text.",
        answers={200: decision_types.PolicyVersionAnswer},
    ),
    "changeDraft": Operation(
        summary="Write a draft anew.",
        body=decision_types.DraftBody,
        answers={200: decision_types.PolicyVersionAnswer},
        problems=("not-draft",),
    ),
    "withdrawDraft": Operation(
        summary="Throw a draft away.",
        answers={200: decision_types.WithdrawnPolicyAnswer},
        problems=("not-draft",),
    ),
    "publishPolicy": Operation(
        summary="Put a version of the policy in force, a draft or one that was in force before.",
        answers={200: decision_types.PolicyVersionAnswer},
    ),
    "getPolicyInForce": Operation(
        summary="The policy that this server decides by, the default's parts included.",
        answers={200: decision_types.PolicyInForceAnswer},
    ),
    "mergeLeads": Operation(
        summary="Merge other leads into this one: they are the same person.",
        body=bodies.MergeBody,
        answers={200: answers.MergedLeadsAnswer},
    ),
    "exportLead": Operation(
        summary="All that is kept of a person.",
        answers={200: (JSON,)},
    ),
    "eraseLead": Operation(
        summary="Erase a person for good, from the ledger's payloads too.",
        answers={200: answers.ErasedAnswer},
    ),
    "postEvents": Operation(
        summary="Keep events; what became of each stands in the same order.",
        body=bodies.EventsBody,
        answers={200: answers.KeptEventsAnswer},
        headers=("Idempotency-Key",),
    ),
    "postOutcomes": Operation(
        summary="Keep outcomes; what became of each stands in the same order.",
        body=bodies.OutcomesBody,
        answers={200: answers.KeptOutcomesAnswer},
        headers=("Idempotency-Key",),
    ),
    "createScoreJob": Operation(
        summary="Have a file scored: one on the server, or the body itself.",
        body=bodies.ScoreJobBody,
        files=(CSV, PARQUET),
        answers={201: answers.ScoreJobAnswer},
    ),
    "listScoreJobs": Operation(summary="Jobs, the newest first.", answers={200: answers.ScoreJobsAnswer}),
    "getScoreJob": Operation(summary="How far a job is.", answers={200: answers.ScoreJobAnswer}),
    "getScoreJobResult": Operation(
        summary="The scores of a job that is done, as a file.",
        answers={200: (CSV, PARQUET)},
        problems=("not-finished", "no-result"),
    ),
    "getScoreJobRejects": Operation(
        summary="The rows that could not be read, of a job that is done: row, column, found, reason.",
        answers={200: (CSV,)},
        problems=("not-finished", "no-result"),
    ),
    "cancelScoreJob": Operation(summary="Cancel a job.", answers={200: answers.ScoreJobAnswer}),
    "simulatePolicy": Operation(
        summary="What another policy would have done with recorded leads. Nothing is kept.",
        body=simulation_types.SimulationBody,
        answers={200: simulation_types.SimulationAnswer},
    ),
    "policyProposal": Operation(
        summary="The score threshold that the answers of sales propose; it is never applied by itself.",
        answers={200: simulation_types.ProposalAnswer},
    ),
    "policyAgreement": Operation(
        summary="The agreement of marketing and sales by the policy in force, as Markdown.",
        answers={200: (MARKDOWN,)},
    ),
    "getModel": Operation(
        summary="The model that serves: what it is, and what it understands.",
        answers={200: answers.ServedModelAnswer},
    ),
    "getHealth": Operation(summary="How the service is, for operators.", answers={200: answers.HealthAnswer}),
    "listAuditLog": Operation(
        summary="Administrative acts, the newest first.", answers={200: answers.ActsAnswer}
    ),
}
