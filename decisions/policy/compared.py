"""Texts that a condition compares with what they can never be: with capitals, or a segment that is none."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from decisions.conditions.condition import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.policy.policy import Policy

_COMPARED = re.compile(rf"(?<![\w.])([A-Za-z_]\w*)\s*(?:==|!=|in)\s*(\[[^\]]*\]|{TEXT})")
_ONE = re.compile(TEXT)
_NO_TEXTS = frozenset({"number", "yes_no", "given", "words", "has_word"})


def never_so(text: str, policy: Policy) -> str | None:
    """Return what is wrong with a text that a condition compares, None where nothing is."""
    for name, said in _pairs(text):
        attribute = policy.attributes.get(name)
        if attribute is not None and attribute.kind not in _NO_TEXTS and said != said.casefold():
            return f"expected texts without capitals, as {said.casefold()!r}, found {said!r}"
        segment = policy.segments.get(name.removeprefix("segment_"))
        if name.startswith("segment_") and segment is not None and said not in {*segment.cases, ""}:
            if segment.by is not None:
                if said != said.casefold():
                    return f"expected texts without capitals, as {said.casefold()!r}, found {said!r}"
                continue
            near = get_close_matches(said, list(segment.cases), n=1, cutoff=0.4)
            hint = f", such as {near[0]!r}" if near else ""
            return f"expected a case of [segments.{name.removeprefix('segment_')}]{hint}, found {said!r}"
    return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield each name with each text that it is compared with."""
    for found in _COMPARED.finditer(text):
        for one in _ONE.finditer(found[2]):
            yield found[1], one[0][1:-1]
