"""How common types of events are said. A type that is not here is said by its own name."""

from __future__ import annotations

DID = {
    "ad_click": "clicked an ad",
    "call": "spoke with us by phone",
    "chat": "chatted with us",
    "content_download": "downloaded content",
    "demo_requested": "asked for a demo",
    "email_bounced": "had an e-mail bounce",
    "email_clicked": "clicked a link in an e-mail",
    "email_opened": "opened an e-mail",
    "email_replied": "replied to an e-mail",
    "email_sent": "sent an e-mail",
    "feature_used": "used a feature",
    "form_submitted": "submitted a form",
    "meeting_booked": "booked a meeting",
    "meeting_held": "met with us",
    "newsletter_signup": "signed up for the newsletter",
    "page_view": "visited the website",
    "product_use": "used the product",
    "proposal_requested": "asked for a proposal",
    "quote_requested": "asked for a quote",
    "sales_call": "called the lead",
    "sales_contacted": "contacted the lead",
    "sales_email": "wrote to the lead",
    "trial_started": "started a trial",
    "unsubscribe": "unsubscribed",
    "webinar_attended": "attended a webinar",
    "webinar_registered": "registered for a webinar",
}
"""What was done, in the past tense: by the lead or, for a touch, by us."""

DONE = {"spoke": "spoken", "wrote": "written"}
"""The participles of the verbs above, where they differ from the past tense."""


def deed(key: str) -> str | None:
    """Return what an event is, as said after 'has' or 'we have', or None for a type without words.

    >>> deed("page_view.pricing"), deed("email_opened"), deed("badge_scanned")
    ('visited the pricing page', 'opened an e-mail', None)
    """
    kind, _, page = key.partition(".")
    if kind == "page_view" and page:
        return f"visited the {page.replace('_', ' ')} page"
    said = DID.get(kind)
    return f"{said} ({page.replace('_', ' ')})" if said and page else said
