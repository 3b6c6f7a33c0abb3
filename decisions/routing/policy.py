"""What a policy says about routing: its section `[routing]`."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads annotations at run time
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

StepName = Literal[
    "owner",
    "account_owner",
    "named_accounts",
    "territory",
    "product",
    "language",
    "industry",
    "size",
    "seniority",
]
Choice = Literal["weighted_round_robin", "least_loaded", "fastest", "best_fit"]

Name = Annotated[str, Field(min_length=1, max_length=200)]
Capacity = Annotated[int, Field(ge=0, le=100_000, strict=True)]

CHOICES: tuple[Choice, ...] = get_args(Choice)
STEPS: tuple[StepName, ...] = get_args(StepName)
NAMING_STEPS: frozenset[StepName] = frozenset({"owner", "account_owner", "named_accounts"})

DEFAULT_ROUTING = """\
[routing]
# The steps in their order; leave one out and it is not taken.
steps = ["owner", "account_owner", "named_accounts", "territory", "product", "language", "industry", "size", "seniority"]
fallback_queue = "sales"          # for a lead whose queue is not known here, or where nobody can take it
owner_waits_hours = 24            # an owner who is not at work keeps what comes, if back within so long
# capacity_a_day = 40             # of reps who state none of their own; absent: no limit
# capacity_open = 100

[routing.queues.sales]
choose = "weighted_round_robin"   # or least_loaded, fastest, best_fit
claim = false                     # true: nobody is assigned, reps claim
nobody_at_work = []               # queues that are asked, in this order, where nobody here is at work
best_fit_by = "industry"          # the segment by which best_fit counts wins and losses

[routing.seniority]               # a lead's seniority, and which reps' seniority may talk to it
"c-level" = ["senior"]
"owner" = ["senior"]
"vice president" = ["senior"]

[routing.named_accounts]          # "acme.example" = "the id of a rep, or the name of a queue"
"""  # noqa: E501 - a line of a policy file is one setting
"""What holds where a policy says nothing, as the lines of its file."""


class QueueRules(BaseModel):
    """How a queue gives its leads to its members."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choose: Choice = "weighted_round_robin"
    claim: bool = False
    nobody_at_work: tuple[Name, ...] = ()
    best_fit_by: Name = "industry"


class Routing(BaseModel):
    """The section `[routing]`: steps in their order, queues, and accounts that go to somebody by name.

    Raises pydantic's ValidationError where a step is named twice, or a queue is named that is not described.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: tuple[StepName, ...] = STEPS
    fallback_queue: Name = "sales"
    owner_waits_hours: Annotated[int, Field(ge=0, le=24 * 366, strict=True)] = 24
    capacity_a_day: Capacity | None = None
    capacity_open: Capacity | None = None
    queues: Mapping[Name, QueueRules] = Field(default_factory=lambda: {"sales": QueueRules()})
    seniority: Mapping[Name, tuple[Name, ...]] = Field(
        default_factory=lambda: dict.fromkeys(("c-level", "owner", "vice president"), ("senior",))
    )
    named_accounts: Mapping[Name, Name] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_known(self) -> Routing:
        if len(set(self.steps)) < len(self.steps):
            raise ValueError("each step is named once at most")
        named: dict[str, tuple[str, ...]] = {"fallback_queue": (self.fallback_queue,)}
        named |= {
            f"queues.{name}.nobody_at_work": rules.nobody_at_work for name, rules in self.queues.items()
        }
        for setting, queues in named.items():
            if unknown := [queue for queue in queues if queue not in self.queues]:
                raise ValueError(
                    f"{setting} names {unknown[0]!r}, and there is no [routing.queues.{unknown[0]}]"
                )
        return self

    @property
    def naming_steps(self) -> tuple[StepName, ...]:
        """The steps that name somebody, in the policy's order: they come before all others."""
        return tuple(step for step in self.steps if step in NAMING_STEPS)

    @property
    def narrowing_steps(self) -> tuple[StepName, ...]:
        """The steps that ask what reps take, in the policy's order."""
        return tuple(step for step in self.steps if step not in NAMING_STEPS)

    def named_for(self, domain: str) -> str | None:
        """Return the rep or queue that a company's domain is promised to; of a subdomain, its company's."""
        known = {account.casefold(): to for account, to in self.named_accounts.items()}
        labels = domain.casefold().strip(".").split(".")
        return next((to for n in range(len(labels)) if (to := known.get(".".join(labels[n:])))), None)
