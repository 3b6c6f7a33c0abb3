"""What a job title tells: how senior, and in which function. The title itself is never a feature.

English, German, French, Spanish and Italian titles are read; their words stand in `title_words.py`.
"""

from __future__ import annotations

from functools import lru_cache

from features.columns.plain_words import plain
from features.columns.title_words import FUNCTION_RULES, NEUTRAL, SENIORITY_RULES, Rules

SENIORITY = ("owner", "c-level", "vice president", "director", "head", "manager", "senior", "junior", "other")
FUNCTION = (
    "marketing", "sales", "finance", "operations", "people", "engineering", "information technology",
    "product", "data", "legal", "purchasing", "support", "research", "general management", "other",
)  # fmt: skip


def seniority_of(title: str) -> str:
    """Return one of SENIORITY: that of the first rule that finds its words.

    >>> seniority_of("VP Operations"), seniority_of("Assistant to the CEO"), seniority_of("Product Owner")
    ('vice president', 'junior', 'other')
    """
    return told_by(title)[0]


def function_of(title: str) -> str:
    """Return one of FUNCTION: that of the first rule that finds its words.

    >>> function_of("VP Operations"), function_of("CEO"), function_of("Product Marketing Manager")
    ('operations', 'general management', 'marketing')
    """
    return told_by(title)[1]


@lru_cache(maxsize=8192)
def told_by(title: str) -> tuple[str, str]:
    """Return seniority and function of a title."""
    words = plain(title)
    return _first(SENIORITY_RULES, NEUTRAL.sub(" ", words)), _first(FUNCTION_RULES, words)


def _first(rules: Rules, words: str) -> str:
    return next((name for name, pattern in rules if pattern.search(words)), "other")
