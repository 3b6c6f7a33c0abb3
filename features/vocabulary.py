"""The vocabulary of events: whose act each common type is, over which channel, how near to buying, in words.

A type that is not here works too: it is counted, and said by its own name; but it has no channel and takes
the buyer no step further.
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
CHANNEL_NAMES = {
    "web": "the website", "email": "e-mail", "call": "phone calls", "sms": "SMS", "chat": "chat",
    "social": "social media", "ad": "ads", "event": "events", "product": "the product",
    "support": "support tickets",
}  # fmt: skip
"""How a channel is said after 'on' or 'through'."""

STEPS: tuple[Step, ...] = ("awareness", "consideration", "decision")
"""The buyer's steps in their order; a lead stands on the furthest that its own acts have reached."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What is known of a type of event.

    `did` says it in the past tense, after the lead's name or, for a touch, after 'we'. `step` is None where
    the act says nothing of buying.
    """

    did: str
    by: Side
    channel: Channel
    step: Step | None = None


VOCABULARY = {
    "ad_click": EventType("clicked an ad", "lead", "ad", "awareness"),
    "asset_shared": EventType("shared content", "lead", "web", "consideration"),
    "call": EventType("spoke with us by phone", "lead", "call", "consideration"),
    "chat": EventType("chatted with us", "lead", "chat", "consideration"),
    "content_download": EventType("downloaded content", "lead", "web", "consideration"),
    "demo_requested": EventType("asked for a demo", "lead", "web", "decision"),
    "email_bounced": EventType("had an e-mail bounce", "us", "email"),
    "email_clicked": EventType("clicked a link in an e-mail", "lead", "email", "awareness"),
    "email_opened": EventType("opened an e-mail", "lead", "email", "awareness"),
    "email_replied": EventType("replied to an e-mail", "lead", "email", "consideration"),
    "email_sent": EventType("sent an e-mail", "us", "email"),
    "event_attended": EventType("attended an event", "lead", "event", "consideration"),
    "event_registered": EventType("registered for an event", "lead", "event", "awareness"),
    "feature_used": EventType("used a feature", "lead", "product", "consideration"),
    "form_submitted": EventType("submitted a form", "lead", "web", "consideration"),
    "meeting_booked": EventType("booked a meeting", "lead", "call", "decision"),
    "meeting_held": EventType("met with us", "lead", "call", "decision"),
    "meeting_no_show": EventType("waited in vain at a meeting", "us", "call"),
    "newsletter_signup": EventType("signed up for the newsletter", "lead", "web", "awareness"),
    "page_view": EventType("visited the website", "lead", "web", "awareness"),
    "product_use": EventType("used the product", "lead", "product", "consideration"),
    "proposal_requested": EventType("asked for a proposal", "lead", "web", "decision"),
    "question_asked": EventType("asked a question", "lead", "chat", "consideration"),
    "quote_requested": EventType("asked for a quote", "lead", "web", "decision"),
    "referral_made": EventType("referred somebody to us", "lead", "social", "consideration"),
    "sales_call": EventType("called the lead", "us", "call"),
    "sales_contacted": EventType("contacted the lead", "us", "call"),
    "sales_email": EventType("wrote to the lead", "us", "email"),
    "sms": EventType("wrote to us by SMS", "lead", "sms", "consideration"),
    "sms_sent": EventType("sent an SMS", "us", "sms"),
    "social_follow": EventType("followed us on social media", "lead", "social", "awareness"),
    "support_ticket": EventType("opened a support ticket", "lead", "support"),
    "team_invited": EventType("invited a team", "lead", "product", "decision"),
    "third_party_intent": EventType("researched the subject elsewhere", "lead", "web", "awareness"),
    "trial_started": EventType("started a trial", "lead", "product", "decision"),
    "unsubscribe": EventType("unsubscribed", "lead", "email"),
    "upgrade_prompt_engaged": EventType("followed a prompt to upgrade", "lead", "product", "decision"),
    "usage_limit_hit": EventType("hit a usage limit", "lead", "product", "decision"),
    "webinar_attended": EventType("attended a webinar", "lead", "event", "consideration"),
    "webinar_registered": EventType("registered for a webinar", "lead", "event", "awareness"),
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

DONE = {"spoke": "spoken", "wrote": "written"}
"""The participles of the verbs above, where they differ from the past tense."""


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


def deed(key: str) -> str | None:
    """Return what an event is, as said after 'has' or 'we have', or None for a type without words.

    >>> deed("page_view.pricing"), deed("email_opened"), deed("badge_scanned")
    ('visited the pricing page', 'opened an e-mail', None)
    """
    name, _, detail = key.partition(".")
    if name == "page_view" and detail:
        return f"visited the {detail.replace('_', ' ')} page"
    kind = VOCABULARY.get(name)
    if kind is None or not detail:
        return kind.did if kind else None
    if detail == BUYING_SIGNAL:
        return f"{kind.did} with a buying signal"
    return f"{kind.did} ({detail.replace('_', ' ')})"
