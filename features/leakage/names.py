"""(e) Names that speak of the outcome, or of work on a lead after it was qualified."""

from __future__ import annotations

import re
import unicodedata

from features.leakage.evidence import Evidence, Strength
from features.leakage.name_words import INNOCENT, LATER, OUTCOME

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")


def name_evidence(name: str) -> Evidence | None:
    """Say what the name of a column gives away, or None.

    A name alone convicts nobody: it lowers the bar for the figures (see `verdict.py`). STRONG: words of the
    outcome itself. WEAK: words of judgements and of work on leads.

    >>> name_evidence("lostReason").strength.name, name_evidence("Lead Quality").strength.name
    ('STRONG', 'WEAK')
    >>> name_evidence("annual_revenue") is None
    True
    """
    said = _INNOCENT.sub(" - ", words_of(name))
    for pattern, strength, what in (
        (_OUTCOME, Strength.STRONG, "the outcome, or of what is known only with it"),
        (_LATER, Strength.WEAK, "a judgement of a lead or of work on it"),
    ):
        found = pattern.search(said)
        if found:
            sentence = f"'{found[0]}' in its name speaks of {what}"
            return Evidence(kind="name", strength=strength, figure=float("nan"), sentence=sentence)
    return None


def words_of(name: str) -> str:
    """Return a name as words in small letters without accents.

    >>> words_of("daysToClose"), words_of("LAST_NOTABLE-Activity"), words_of("Gesprächs.Dauer")
    ('days to close', 'last notable activity', 'gesprachs dauer')
    """
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name)).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.split(r"[\W_]+", bare)).strip()


def _pattern(phrases: str) -> re.Pattern[str]:
    """Return what finds any of the phrases, the longest first."""
    listed = sorted((" ".join(phrase.split()) for phrase in phrases.split(",")), key=len, reverse=True)
    written = (re.escape(phrase) for phrase in listed if phrase)
    alternatives = (phrase.replace(r"\ \.\.\ ", r"\ (?:\w+\ )*").replace(r"\*", r"\w*") for phrase in written)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


_OUTCOME, _LATER, _INNOCENT = _pattern(OUTCOME), _pattern(LATER), _pattern(INNOCENT)
