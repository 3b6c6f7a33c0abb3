"""The agreement as Markdown, or as plain text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from decisions.agreement.content import Points, Table, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.agreement.content import Agreement, Part

WIDTH = 100
"""Characters of a line of plain text, where it can be broken."""


def as_markdown(agreement: Agreement) -> str:
    """Return it as Markdown."""
    lines = [f"# {agreement.title}", ""]
    for said in agreement.said:
        lines += [said, ""]
    for section in agreement.sections:
        lines += [f"## {section.title}", ""]
        for part in section.parts:
            lines += [*_markdown(part), ""]
    return "\n".join(lines).rstrip() + "\n"


def as_text(agreement: Agreement) -> str:
    """Return it as plain text."""
    lines = [agreement.title, "=" * len(agreement.title), ""]
    for said in agreement.said:
        lines += [*textwrap.wrap(said, WIDTH), ""]
    for section in agreement.sections:
        lines += [section.title, "-" * len(section.title), ""]
        for part in section.parts:
            lines += [*_text(part), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Written):
        yield f"{part.label}: `{part.condition}`"
    elif isinstance(part, Points):
        yield from (f"- {said}" for said in part.said)
    else:
        yield f"| {' | '.join(part.columns)} |"
        yield f"|{'---|' * len(part.columns)}"
        for row in part.rows:
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _text(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield from textwrap.wrap(part, WIDTH)
    elif isinstance(part, Written):
        yield from textwrap.wrap(f"{part.label}: {part.condition}", WIDTH, subsequent_indent="    ")
    elif isinstance(part, Points):
        for said in part.said:
            yield from textwrap.wrap(said, WIDTH, initial_indent="- ", subsequent_indent="  ")
    else:
        yield from _columns(part)


def _columns(table: Table) -> Iterator[str]:
    """Yield a table with its columns one below the other where a line has no room for them side by side."""
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    if sum(widths) + 2 * len(widths) <= WIDTH:
        for row in (table.columns, *table.rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        return
    for row in table.rows:
        yield f"{table.columns[0]} {row[0]}".rstrip()
        for name, cell in zip(table.columns[1:], row[1:], strict=True):
            if cell:
                yield from textwrap.wrap(
                    f"{name}: {cell}", WIDTH, initial_indent="  ", subsequent_indent="    "
                )
