"""How a lead came: one of six sources, told by stated rules from UTM values, referrer, channel and campaign.

The rules in words: `docs/sources.md`. The words they look for: `features/columns/source_words.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

from features.columns.plain_words import plain
from features.columns.source_words import (
    CAMPAIGNS,
    CHANNELS,
    GENERAL,
    MAIL_HOSTS,
    MEDIA,
    OUTREACH,
    SEARCH_HOSTS,
    SOCIAL_HOSTS,
    UTM_SOURCES,
    Rules,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCES: tuple[Source, ...] = get_args(Source)

Role = Literal["utm_source", "utm_medium", "referrer", "channel", "campaign"]
"""What a text says about how a lead came. `channel`: the company's own word, such as 'Trade show'."""

ROLES: tuple[Role, ...] = get_args(Role)


def is_inbound(source: Source | None) -> bool:
    """Return whether a lead came by itself, organic search included.

    >>> is_inbound("organic"), is_inbound("paid"), is_inbound(None)
    (True, False, False)
    """
    return source in {"organic", "inbound"}


def source_of(
    *,
    utm_source: str | None = None,
    utm_medium: str | None = None,
    referrer: str | None = None,
    channel: str | None = None,
    campaign: str | None = None,
) -> Source | None:
    """Return the source that the texts tell, or None where none of them tells.

    The first rule that tells decides: a tool of cold outreach as UTM source; the UTM medium; the UTM source;
    the company's word for the channel; the campaign's name; the referrer's host; and last a channel that is
    so general ('Web', 'Form') that it only says that the lead came by itself.

    >>> source_of(utm_source="google", utm_medium="cpc", referrer="https://www.google.com/")
    'paid'
    >>> source_of(referrer="https://www.google.com/"), source_of(channel="Messe"), source_of(channel="?")
    ('organic', 'event', None)
    """
    return source_of_texts(
        [
            ("utm_source", utm_source), ("utm_medium", utm_medium), ("referrer", referrer),
            ("channel", channel), ("campaign", campaign),
        ]
    )  # fmt: skip


def source_of_texts(texts: Iterable[tuple[Role, str | None]]) -> Source | None:
    """Return the source that texts tell by the rules of `source_of`; of one role the first that tells."""
    best, rank = None, len(_STEPS)
    for role, text in texts:
        if text is None:
            continue
        found = _told(role, text)
        if found is not None and found[0] < rank:
            rank, best = found
    return best


@lru_cache(maxsize=8192)
def _told(role: Role, text: str) -> tuple[int, Source] | None:
    """Return the first step at which a text alone tells a source, and the source."""
    words = plain(text) if role != "referrer" else host_of(text)
    for step, (of_role, rules) in enumerate(_STEPS):
        if of_role == role:
            for source, pattern in rules:
                if pattern.search(words):
                    return step, source
    return None


def host_of(referrer: str) -> str:
    """Return the host of an address in lower case, without 'www.'.

    >>> host_of("https://www.Google.com/search?q=x"), host_of("t.co/abc"), host_of("(direct)")
    ('google.com', 't.co', '(direct)')
    """
    address = referrer.strip().casefold()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


_STEPS: tuple[tuple[Role, Rules], ...] = (
    ("utm_source", OUTREACH),
    ("utm_medium", MEDIA),
    ("utm_source", UTM_SOURCES),
    ("channel", CHANNELS),
    ("campaign", CAMPAIGNS),
    ("referrer", (*SEARCH_HOSTS, *SOCIAL_HOSTS, *MAIL_HOSTS)),
    ("channel", GENERAL),
)
