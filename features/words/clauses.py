"""That something has happened, as a clause of a sentence."""

from __future__ import annotations

from features.vocabulary import DONE, deed
from features.words.events import name_of


def has_happened(key: str, by_us: bool) -> str:
    """Return that an event has happened; `key` is a type, or a type with its detail.

    >>> has_happened("demo_requested", by_us=False), has_happened("sales_email", by_us=True)
    ('the lead has asked for a demo', 'we have written to the lead')
    >>> has_happened("badge_scanned", by_us=False)
    'this is recorded of the lead: Badge scanned'
    """
    done = deed(key)
    if done is None:
        return f"this is recorded of the lead: {name_of(key)}"
    verb, _, rest = done.partition(" ")
    participle = f"{DONE.get(verb, verb)} {rest}".rstrip()
    if not by_us:
        return f"the lead has {participle}"
    return f"we have {participle.replace('with us', 'with the lead').replace('to us', 'to the lead')}"
