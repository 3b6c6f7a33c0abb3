"""Texts that others wrote, made fit to stand in a sentence: one line, nothing invisible, not too long."""

from __future__ import annotations

import re
import unicodedata

_ODD = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories of characters that are not seen, or turn what is seen around (bidirectional controls)."""

_SIGNS = "=+-@"
"""A spreadsheet takes a cell that begins so for a formula."""

_ENDS = ".:;, "


def plain(text: str, longest: int) -> str:
    r"""Return a text in one line, cut with … where it is longer than `longest` characters.

    >>> plain("a\u202eb\tc  d", 10), plain("abcdef", 4)
    ('ab c d', 'abc…')
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_shown, text))
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category not in _ODD:
        return character
    return "" if category == "Cf" else " "


def is_odd(text: str) -> bool:
    """Return whether a text is not in one line, or holds what is not seen, or blanks that do nothing."""
    blanks = text != text.strip() or "  " in text
    return blanks or any(unicodedata.category(character) in _ODD for character in text)


def bare(text: str, longest: int) -> str:
    """Return a text as `plain` does, without what would end a sentence or begin a formula; it may be empty.

    >>> bare("=Acme Inc.", 40), bare("...", 40)
    ('Acme Inc', '')
    """
    kept = plain(text, longest).lstrip(_SIGNS + _ENDS).rstrip(_ENDS)
    return kept if any(character.isalnum() for character in kept) else ""


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends without a full stop.

    >>> sentence("has opened an e-mail."), sentence("e-mail: Acme Inc.")
    ('Has opened an e-mail', 'E-mail: Acme Inc')
    """
    text = text.rstrip(". ")
    return text[:1].upper() + text[1:]


def spaced(name: str) -> str:
    """Return a name that was joined by underscores, dots or capitals as separate words.

    >>> spaced("company_size"), spaced("TotalVisits"), spaced("Total Time"), spaced("utm.source")
    ('company size', 'total visits', 'Total Time', 'utm source')
    """
    if " " in name:
        return name
    if name.islower():
        return " ".join(re.split(r"[_.]+", name)).strip() or name
    if re.fullmatch(r"[A-Za-z]?[a-z]+([A-Z][a-z]+)+", name):
        return " ".join(part.lower() for part in re.findall(r"[A-Za-z][a-z]*", name))
    return " ".join(name.split("_")).strip() or name
