"""A report as Markdown that GitHub shows. Plots are left to the page: their figures stand in the tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from training.reports.content import Facts, Sentences, Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.reports.content import Part, Report, Section

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$@])|(://|www\.)")
_LIST_OR_LINE = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
"""What would begin a list, or underline a title, at the start of a line or of an item."""


def markdown_of(report: Report) -> str:
    """Return the report as Markdown. No text of the company's can be markup, a link or a mention in it."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def escaped(text: str) -> str:
    r"""Return a text so that Markdown shows it as it is.

    >>> escaped("a|b <c> *d*")
    'a\\|b &lt;c&gt; \\*d\\*'
    """
    plain = shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(_without_power, plain)


def opening(text: str) -> str:
    r"""Return a text as `escaped` does so that it can open a line or an item and begins no list in it.

    >>> opening("+ y"), opening("1. x"), opening("y + x")
    ('\\+ y', '1\\. x', 'y + x')
    """
    return _LIST_OR_LINE.sub(_said_plainly, escaped(text))


def _without_power(found: re.Match[str]) -> str:
    """Return a special character behind a backslash, and the start of a link cut by an invisible space."""
    return f"\\{found[1]}" if found[1] else f"{found[2][0]}&#8203;{found[2][1:]}"


def _said_plainly(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\{found[4]}"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {escaped(report.title)}"
    yield ""
    if report.verdict:
        yield f"**{escaped(report.verdict)}**"
        yield ""
    yield opening(report.said)
    yield ""
    yield from _part(report.facts)
    for section in report.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield ""
    if section.said:
        yield opening(section.said)
        yield ""
    for part in section.parts:
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Sentences):
        yield from (f"- {opening(text)}" for text in part.texts)
    elif isinstance(part, Facts):
        yield from (f"- {opening(name)}: **{escaped(value)}**" for name, value in part.items)
    elif isinstance(part, Table):
        yield f"{opening(part.caption)}:"
        yield ""
        yield _row(part.head)
        yield "|" + "|".join("---" if at < part.words else "---:" for at in range(len(part.head))) + "|"
        yield from map(_row, part.rows)
    else:
        return
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"
