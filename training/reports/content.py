"""What a report says, before it is Markdown or a page: sections of sentences, facts, tables and drawings."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Sentences:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are, side by side."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under a head of equal length. The first `words` columns are words, the rest figures.

    `marked`: numbers of the rows that ask for a second look. `is_folded`: its rows stand in a plot beside it,
    so that a page shows them when they are asked for.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    marked: frozenset[int] = frozenset()
    is_folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A plot: `name` for its file, `said` in words for who does not see it, `svg` to stand alone.

    `is_small`: one of several that stand side by side, told by its title and by the text above.
    """

    name: str
    said: str
    svg: str
    is_small: bool = False


Part: TypeAlias = Sentences | Facts | Table | Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report under a heading: an opening text (may be empty), then what it holds."""

    title: str
    said: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report. `kicker` stands above the title; `verdict` is a few words, good or bad by `is_good`."""

    kicker: str
    title: str
    said: str
    facts: Facts
    sections: tuple[Section, ...]
    verdict: str = ""
    is_good: bool = True

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """All plots, in order."""
        return tuple(part for section in self.sections for part in section.parts if isinstance(part, Drawing))


_MARK = "\N{REPLACEMENT CHARACTER}"


def shown(text: object) -> str:
    r"""Return a company's text in one line, what cannot be seen (controls, marks of direction) made visible.

    >>> shown("Lead\nSource\x00")
    'Lead Source�'
    """
    spaced = " ".join(str(text).split())
    return "".join(_MARK if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} else sign for sign in spaced)
