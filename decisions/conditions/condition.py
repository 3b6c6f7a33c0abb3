"""One condition, as it is written in a policy: what may stand in it, and which names it asks for."""

from __future__ import annotations

import re
from typing import Annotated

import cel
from pydantic import AfterValidator, Field

LONGEST = 1_000
"""Characters of a condition: more is a program."""

_PATTERN = re.compile(r"\.\s*matches\s*\(")
_LOOPS = re.compile(r"\.\s*(map|filter|all|exists|exists_one|existsOne)\s*\(")
_POSITION = re.compile(r"ERROR: <input>:1:(\d+): (?:Syntax error: )?([^\n]+)")


def syntax_fault(text: str) -> str | None:
    """Return what is wrong with a condition, None where it can be compiled.

    >>> syntax_fault("score >= 70 && country == 'de'") is None
    True
    >>> syntax_fault("score >= ")
    'at character 10: unexpected end'
    """
    if len(text) > LONGEST:
        return f"{len(text):,} characters, where {LONGEST:,} is the most"
    if _LOOPS.search(text):
        return "a loop over a list, which no condition needs: ask with 'in'"
    if _PATTERN.search(text):
        return "a pattern, which takes longer than all else: ask with 'in' or contains, or of a list of words"
    try:
        cel.compile(text)
    except ValueError as problem:
        found = _POSITION.search(str(problem))
        if found is None:
            return "no expression"
        said = re.sub(r", expecting \{.*|expecting \{.*", "", found[2].strip()).strip()
        said = "unexpected end" if "<EOF>" in said else said
        return f"at character {found[1]}: {said}"
    return None


def names_in(text: str) -> frozenset[str]:
    """Return the names that a condition asks for.

    >>> sorted(names_in("score >= 70 && country in ['de', 'at']"))
    ['country', 'score']
    """
    return frozenset(cel.compile(text).variables())


def _checked(text: str) -> str:
    fault = syntax_fault(text)
    if fault is not None:
        raise ValueError(f"a condition; {fault}")
    return text


Condition = Annotated[str, Field(min_length=1), AfterValidator(_checked)]
"""A field of a policy that holds a condition."""
