"""The vocabulary of events: whose act each common type is, over which channel, how near to buying.

A type that is not here works too: it is counted, and said by its own name; but it has no channel and takes
the buyer no step further. The words of each stand in the catalogue, `features/words/english.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["lead", "us"]
"""Whose act an event is: the lead's, or a touch by us (and what became of a touch: a bounce, a no-show)."""

Channel = Literal["web", "email", "call", "sms", "chat", "social", "ad", "event", "product", "support"]
Step = Literal["awareness", "consideration", "decision"]

CHANNELS: tuple[Channel, ...] = (
    "web", "email", "call", "sms", "chat", "social", "ad", "event", "product", "support",
)  # fmt: skip
STEPS: tuple[Step, ...] = ("awareness", "consideration", "decision")
"""The buyer's steps in their order; a lead stands on the furthest that its own acts have reached."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What is known of a type of event. `step` is None where the act says nothing of buying."""

    by: Side
    channel: Channel
    step: Step | None = None


VOCABULARY = {
    "ad_click": EventType("lead", "ad", "awareness"),
    "asset_shared": EventType("lead", "web", "consideration"),
    "call": EventType("lead", "call", "consideration"),
    "chat": EventType("lead", "chat", "consideration"),
    "content_download": EventType("lead", "web", "consideration"),
    "demo_requested": EventType("lead", "web", "decision"),
    "email_bounced": EventType("us", "email"),
    "email_clicked": EventType("lead", "email", "awareness"),
    "email_opened": EventType("lead", "email", "awareness"),
    "email_replied": EventType("lead", "email", "consideration"),
    "email_sent": EventType("us", "email"),
    "event_attended": EventType("lead", "event", "consideration"),
    "event_registered": EventType("lead", "event", "awareness"),
    "feature_used": EventType("lead", "product", "consideration"),
    "form_submitted": EventType("lead", "web", "consideration"),
    "meeting_booked": EventType("lead", "call", "decision"),
    "meeting_held": EventType("lead", "call", "decision"),
    "meeting_no_show": EventType("us", "call"),
    "newsletter_signup": EventType("lead", "web", "awareness"),
    "page_view": EventType("lead", "web", "awareness"),
    "product_use": EventType("lead", "product", "consideration"),
    "proposal_requested": EventType("lead", "web", "decision"),
    "question_asked": EventType("lead", "chat", "consideration"),
    "quote_requested": EventType("lead", "web", "decision"),
    "referral_made": EventType("lead", "social", "consideration"),
    "sales_call": EventType("us", "call"),
    "sales_contacted": EventType("us", "call"),
    "sales_email": EventType("us", "email"),
    "sms": EventType("lead", "sms", "consideration"),
    "sms_sent": EventType("us", "sms"),
    "social_follow": EventType("lead", "social", "awareness"),
    "support_ticket": EventType("lead", "support"),
    "team_invited": EventType("lead", "product", "decision"),
    "third_party_intent": EventType("lead", "web", "awareness"),
    "trial_started": EventType("lead", "product", "decision"),
    "unsubscribe": EventType("lead", "email"),
    "upgrade_prompt_engaged": EventType("lead", "product", "decision"),
    "usage_limit_hit": EventType("lead", "product", "decision"),
    "webinar_attended": EventType("lead", "event", "consideration"),
    "webinar_registered": EventType("lead", "event", "awareness"),
}
"""The types by name. A company's own names are mapped to these in `[events.types]`."""

TOUCH_TYPES = frozenset(name for name, kind in VOCABULARY.items() if kind.by == "us")
"""The types that are touches whether the mapping lists them or not."""

BUYING_SIGNAL = "buying_signal"
"""The detail of an event whose property of this name is yes, as of a ticket that asks for more seats."""

STEP_OF_PAGE: dict[str, Step] = {
    "blog": "awareness", "home": "awareness",
    "comparison": "consideration", "customers": "consideration", "docs": "consideration",
    "integrations": "consideration", "product": "consideration", "case_studies": "consideration",
    "pricing": "decision", "demo": "decision", "trial": "decision", "checkout": "decision",
}  # fmt: skip
"""The groups of pages (see `features.pages`) that say more than that a page was visited."""


def channel_of(key: str) -> Channel | None:
    """Return the channel of a type, or of a type with its detail.

    >>> channel_of("page_view.pricing"), channel_of("badge_scanned")
    ('web', None)
    """
    kind = VOCABULARY.get(key.partition(".")[0])
    return kind.channel if kind else None


def step_of(key: str) -> int:
    """Return how far a type, or a type with its detail, takes the buyer: 1 to 3 as in STEPS, 0 for nowhere.

    Only what the lead does itself counts.

    >>> step_of("page_view"), step_of("page_view.pricing"), step_of("email_sent"), step_of("badge_scanned")
    (1, 3, 0, 0)
    """
    name, _, detail = key.partition(".")
    kind = VOCABULARY.get(name)
    if kind is None or kind.by == "us":
        return 0
    page_step = STEP_OF_PAGE.get(detail.casefold()) if name == "page_view" else None
    step = "decision" if detail == BUYING_SIGNAL else page_step or kind.step
    return 0 if step is None else STEPS.index(step) + 1
