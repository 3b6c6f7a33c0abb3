"""What an event is about in particular: its detail, and the group that a page belongs to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from features.cells import CellError, CellRules, boolean_of, text_of
from features.vocabulary import BUYING_SIGNAL

if TYPE_CHECKING:
    from collections.abc import Mapping

PROPERTIES = (
    "page_group", "page", "form", "content", BUYING_SIGNAL, "campaign", "landing_page", "variant",
)  # fmt: skip
"""The standard properties of an event. All are kept; those of DETAILS are counted."""

DETAILS = ("page_group", "page", "form", "content")
"""The properties that say what an event was about: the first that is given is its detail."""

_GROUPS = (
    ("pricing", r"pricing|prices?|plans?|preise?|tarife?|tarifs?|precios|prezzi"),
    ("demo", r"demo|book-?a-?demo|request-?demo|vorführung"),
    ("trial", r"trial|free-?trial|sign-?up|register|get-?started|testen"),
    ("checkout", r"checkout|cart|basket|buy|order|kasse|warenkorb"),
    ("contact", r"contact(-?us|-?sales)?|kontakt|contacto|contatti"),
    ("comparison", r"comparisons?|compare|vs|alternatives?|vergleich"),
    ("case_studies", r"case-?stud(y|ies)|success-?stor(y|ies)|referenzen"),
    ("customers", r"customers?|testimonials?|reviews?|kunden"),
    ("integrations", r"integrations?|marketplace|apps"),
    ("product", r"products?|features?|solutions?|platform|produkte?|funktionen|produits?|productos?"),
    ("docs", r"docs?|documentation|help|support|faq|knowledge-?base|hilfe"),
    ("blog", r"blog|news|articles?|magazine?|stories"),
    ("careers", r"careers?|jobs?|karriere|stellen"),
)
_PATTERNS = tuple((group, re.compile(pattern)) for group, pattern in _GROUPS)
_HOME = re.compile(r"(home|index|start)?(\.\w{1,5})?")
_ANY_RULES = CellRules()


@lru_cache(maxsize=65_536)
def page_group(page: str) -> str:
    """Return the group of a page that is named by its address; another name stands for itself.

    Of an address the first part of the path that belongs to a known group decides, else its first part.

    >>> page_group("https://acme.example/en/pricing?x=1"), page_group("/blog/2026/ten-ways")
    ('pricing', 'blog')
    >>> page_group("/"), page_group("/imprint/"), page_group("spring brochure")
    ('home', 'imprint', 'spring brochure')
    """
    if "/" not in page:
        return page
    try:
        path = unquote(urlsplit(page if "://" in page or page.startswith("/") else f"//{page}").path)
    except ValueError:
        return page
    parts = [part.casefold() for part in path.split("/") if part]
    for part in parts:
        name = part.partition(".")[0].replace("_", "-")
        for group, pattern in _PATTERNS:
            if pattern.fullmatch(name):
                return group
    if not parts or _HOME.fullmatch(parts[-1]):
        return "home"
    return parts[0]


def detail_of(properties: Mapping[str, Any]) -> str | None:
    """Return what an event with these properties was about, or None where they do not say.

    >>> detail_of({"page": "/pricing", "campaign": "spring"}), detail_of({"buying_signal": True})
    ('pricing', 'buying_signal')
    """
    if is_buying_signal(properties.get(BUYING_SIGNAL)):
        return BUYING_SIGNAL
    for name in DETAILS:
        detail = detail_from(name, properties.get(name))
        if detail is not None:
            return detail
    return None


def detail_from(name: str, cell: Any) -> str | None:
    """Return the detail that one property gives, or None where it is missing or holds no single value."""
    try:
        text = text_of(cell, _ANY_RULES)
    except CellError:
        return None
    if text is None:
        return None
    return page_group(text) if name == "page" else text


def is_buying_signal(cell: Any) -> bool:
    """Return whether a property says yes; what cannot be read says nothing."""
    try:
        return boolean_of(cell, _ANY_RULES) == 1.0
    except CellError:
        return False
