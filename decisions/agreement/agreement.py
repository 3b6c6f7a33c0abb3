"""From a policy to the agreement of sales and marketing: every rule and every number of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Agreement, Section
from decisions.agreement.handing_over import before_all, handing_over, qualification, required, temperature
from decisions.agreement.names import names
from decisions.agreement.stages import definition, stages
from decisions.agreement.times import times
from decisions.agreement.ways import feedback, ways

if TYPE_CHECKING:
    from decisions.policy import Policy


def agreement_of(policy: Policy) -> Agreement:
    """Return what sales and marketing agree on by a policy: all that it says, stated or by default.

    A policy that differs in any number gives another agreement.
    """
    return Agreement(
        title="The agreement of marketing and sales",
        said=(
            (
                f"By the policy '{policy.name}', {policy.sha256[:12]}. Whoever wants another agreement "
                "changes "
                "the policy: this page follows from it, and from nothing else."
            ),
        ),
        sections=(
            Section("Who owns a lead, stage by stage", stages(policy)),
            Section("MQL: a lead that marketing works on", definition(policy, "MQL")),
            Section("SQL: a lead for sales", definition(policy, "SQL")),
            Section("When a lead is over the threshold", handing_over(policy)),
            Section("Who is qualified", qualification(policy)),
            Section("What sales has to know", required(policy)),
            Section("How warm a lead is", temperature(policy)),
            Section("What comes before all else", before_all(policy)),
            Section("Where a lead goes", ways(policy)),
            Section("How soon sales answers", times(policy)),
            Section("What sales may answer", feedback(policy)),
            Section("What the names in conditions mean", names(policy)),
        ),
    )
