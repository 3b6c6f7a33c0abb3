"""A template: a text with named places, as a catalogue or a company states it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from features.words.plain import is_odd

LONGEST = 300
"""No template has more characters."""

_PLACE = re.compile(r"\{([a-z][a-z_]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose places are names in braces, and nothing else is in braces."""

    text: str
    places: frozenset[str]

    def fill(self, **said: str) -> str:
        """Return the text with its places filled. What is filled in is never read as a template again.

        >>> template("{past} {times}").fill(past="called {x}", times="twice")
        'called {x} twice'
        """
        return self.text.format_map(said)  # of plain names alone, see `template`: no attribute, no format


def template(text: object) -> Template:
    """Return the template that a text states. Raises ValueError that says what was expected.

    >>> template("{name.__class__}")
    Traceback (most recent call last):
    ...
    ValueError: braces around the name of a place only, such as {name}
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a text")
    if len(text) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST} characters")
    if is_odd(text):
        raise ValueError("a text in one line, without invisible characters and needless blanks")
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("braces around the name of a place only, such as {name}")
    return Template(text, frozenset(_PLACE.findall(text)))
