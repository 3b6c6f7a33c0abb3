"""What a job title tells: how senior, and in which function. The title itself is never a feature."""

from __future__ import annotations

import re

SENIORITY = ("owner", "c-level", "vice president", "director", "head", "manager", "senior", "junior", "other")
FUNCTION = (
    "marketing", "sales", "finance", "operations", "people", "engineering", "information technology",
    "product", "data", "legal", "purchasing", "support", "research", "general management", "other",
)  # fmt: skip

_SENIORITY = (
    ("owner", r"owner|founder|co-?founder|proprietor|inhaber\w*|partner"),
    ("c-level", r"c[efimot]o|c[hrs]ro|cmo|cpo|chief|president(?<!vice president)|geschäftsführer\w*"),
    ("vice president", r"vp|[se]vp|vice[- ]president"),
    ("director", r"director|direktor\w*|directeur"),
    ("head", r"head|leiter\w*|lead"),
    ("manager", r"manager\w*|supervisor|coordinator"),
    ("senior", r"senior|sr|principal|staff|expert"),
    ("junior", r"junior|jr|intern|trainee|student|assistant|apprentice|praktikant\w*"),
)
_FUNCTION = (
    ("marketing", r"marketing|brand|growth|demand|communications?|cmo|content|seo"),
    ("sales", r"sales|account executive|business development|revenue|cro|vertrieb\w*"),
    ("finance", r"financ\w*|cfo|controller|accounting|accountant|treasury"),
    ("operations", r"operations?|coo|logistics|supply chain|ops"),
    ("people", r"people|hr|human resources|talent|recruit\w*|chro|personal\w*"),
    ("data", r"data|analytics|analyst|machine learning|bi"),
    ("engineering", r"engineer\w*|developer|software|cto|devops|architect|entwickler\w*"),
    ("information technology", r"it|information technology|cio|systems?|infrastructure|security|network"),
    ("product", r"product|cpo|ux|design\w*"),
    ("legal", r"legal|counsel|lawyer|compliance"),
    ("purchasing", r"purchas\w*|procurement|buyer|einkauf\w*"),
    ("support", r"support|customer success|service"),
    ("research", r"research\w*|scientist|r&d|professor"),
    ("general management", r"ceo|owner|founder|president|managing|general manager|geschäftsführer\w*"),
)


def _first(rules: tuple[tuple[str, str], ...], title: str) -> str:
    for name, pattern in rules:
        if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", title):
            return name
    return "other"


def seniority_of(title: str) -> str:
    """Return one of SENIORITY.

    >>> seniority_of("VP Operations"), seniority_of("Senior Data Engineer")
    ('vice president', 'senior')
    """
    return _first(_SENIORITY, title.casefold())


def function_of(title: str) -> str:
    """Return one of FUNCTION.

    >>> function_of("VP Operations"), function_of("CEO")
    ('operations', 'general management')
    """
    return _first(_FUNCTION, title.casefold())
