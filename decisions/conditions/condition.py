"""One condition, as it is written in a policy: what may stand in it, and which names it asks for."""

from __future__ import annotations

import re
from typing import Annotated

import cel
from pydantic import AfterValidator, Field

LONGEST = 1_000
"""Characters of a condition: more is a program."""

FAILURES = (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError)
"""What an evaluation raises where a condition cannot be answered."""

TEXT = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
"""A text in a condition, as a pattern."""

_TEXT = re.compile(TEXT)
_REFUSED = (
    (re.compile(r"//"), "a comment, which belongs on a line of its own, after #"),
    (re.compile(r"\.\s*matches\s*\("), "a pattern, which takes longer than all else: ask with 'in'"),
    (re.compile(r"\.\s*(map|filter|all|exists|exists_?[oO]ne)\s*\("), "a loop, which no condition needs"),
    (re.compile(r"[{}]"), "a map, which no condition needs"),
)
"""What is compiled, and has no place in a policy; looked for outside of texts."""

_TRIPLE = re.compile(r"'{3}|\"{3}")
_PREFIXED = re.compile(r"(?<!\w)[rRbB]{1,2}''")
_POSITION = re.compile(r"ERROR: <input>:1:(\d+): (?:Syntax error: )?([^\n]+)")

RESERVED = frozenset({
    "all", "b", "bool", "br", "bytes", "contains", "double", "duration", "dyn", "endswith", "exists",
    "exists_one", "existsone", "false", "filter", "has", "in", "int", "list", "map", "matches", "max", "min",
    "null", "null_type", "optional", "r", "rb", "size", "startswith", "string", "timestamp", "true", "type",
    "uint",
})  # fmt: skip
"""Names that mean something in CEL, without capitals: what a policy adds cannot be called so."""


def syntax_fault(text: str) -> str | None:
    """Return what is wrong with a condition, None where it can be compiled.

    >>> syntax_fault("score >= 70 && country == 'de'") is None
    True
    >>> syntax_fault("score >= ")
    'at character 10: unexpected end'
    """
    if len(text) > LONGEST:
        return f"{len(text):,} characters, where {LONGEST:,} is the most"
    bare = _TEXT.sub("''", text)
    if _TRIPLE.search(text) or _PREFIXED.search(bare):
        return "a text in other than simple quotes: 'so'"
    for pattern, said in _REFUSED:
        if pattern.search(bare):
            return said
    try:
        cel.compile(text)
        cel.compile(
            f"[({text})]"
        )  # as it is compiled with others: it may be nested too deeply for that alone
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
