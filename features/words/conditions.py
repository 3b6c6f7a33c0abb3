"""Something that has not happened yet, as the condition that a sentence begins with."""

from __future__ import annotations

from features.vocabulary import DONE, deed
from features.words.events import name_of


def once(key: str, by_us: bool) -> str:
    """Return the condition that an event happens; `key` is a type, or a type with its detail.

    >>> once("demo_requested", by_us=False), once("sales_email", by_us=True)
    ('once the lead has asked for a demo', 'once we have written to the lead')
    >>> once("badge_scanned", by_us=False)
    'once this is recorded of the lead: Badge scanned'
    """
    done = deed(key)
    if done is None:
        return f"once this is recorded of the lead: {name_of(key)}"
    verb, _, rest = done.partition(" ")
    participle = f"{DONE.get(verb, verb)} {rest}".rstrip()
    if not by_us:
        return f"once the lead has {participle}"
    return f"once we have {participle.replace('with us', 'with the lead').replace('to us', 'to the lead')}"
