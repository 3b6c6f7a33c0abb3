"""Numbers and times as the pages write them."""

from __future__ import annotations

from urllib.parse import quote

from serving.wire.encoding import rfc_3339, whole_where_it_is

__all__ = ["FOLDERS", "days", "link_to", "moment", "percent"]

FOLDERS = frozenset({".", ".."})
"""Ids that no path can end in: browsers take them for folders, percent-encoded too."""


def percent(share: float) -> str:
    r"""Return a probability or rate with as many digits as it deserves.

    >>> [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0.231, 0.0614, 0.0004)]
    ['23 %', '6.1 %', 'under 0.1 %']
    """
    hundredths = 100 * share
    if 0 < hundredths < 0.1:
        return "under 0.1\N{NO-BREAK SPACE}%"
    digits = 0 if hundredths >= 9.95 or hundredths == 0 else 1
    return f"{hundredths:.{digits}f}\N{NO-BREAK SPACE}%"


def moment(us: int) -> str:
    """Return microseconds UTC to the minute.

    >>> moment(1_795_253_400_000_000)
    '2026-11-21 09:30 UTC'
    """
    text = rfc_3339(us)
    return f"{text[:10]} {text[11:16]} UTC"


def days(number: float | None) -> str:
    """Return a horizon in words."""
    if number is None:
        return "no fixed time"
    return f"{whole_where_it_is(number)} day{'' if number == 1 else 's'}"


def link_to(lead_id: str) -> str:
    """Return the address of a lead's page, whatever characters its id has.

    >>> link_to("a/b"), link_to("..")
    ('/leads/a%2Fb', '/leads?id=..')
    """
    if lead_id in FOLDERS:
        return f"/leads?id={lead_id}"
    return "/leads/" + quote(lead_id, safe="", errors="replace")
