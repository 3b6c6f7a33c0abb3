"""A report as one page of HTML that needs nothing else: no script, no file beside it, no network."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from training.reports.content import Drawing, Facts, Sentences, Table, shown
from training.reports.plot_style import INK_OF_PAGE

if TYPE_CHECKING:
    from jinja2 import Template

    from training.reports.content import Part, Report

_FIGURE = re.compile(r"([-+]?\d[\d.,]*(?: %)?) (\[[-+\d., ]+\])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS = {Sentences: "sentences", Facts: "facts", Table: "table", Drawing: "drawing"}


def page_of(report: Report) -> str:
    """Return the report as HTML. Every text is escaped; nothing but the plots is taken as markup."""
    return _template().render(report=report)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # only pages need it

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(shown=shown, figured=_figured, inline=inline_svg, kind=_kind)
    return templates.get_template("report.html")


def _kind(part: Part) -> str:
    return _KINDS[type(part)]


def _figured(text: str) -> str:
    """Return a text whose interval, if it is a figure with one, is set apart; dates stay in one line."""
    from markupsafe import Markup  # noqa: PLC0415  # comes with jinja2

    if _DATE.fullmatch(text):
        return Markup('<span class="date">{}</span>').format(text)
    found = _FIGURE.fullmatch(text)
    if found is None:
        return shown(text)
    return Markup('<span>{} <span class="interval">{}</span></span>').format(found[1], found[2])


def inline_svg(drawing: Drawing) -> str:
    """Return a plot to stand inside a page: as wide as its place, in the page's colours, told in words.

    Ids that nothing refers to are taken off, since several plots share a page; the others begin with the
    plot's name.
    """
    from markupsafe import escape  # noqa: PLC0415  # comes with jinja2

    svg = drawing.svg[drawing.svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    view = re.search(r'viewBox="([^"]+)"', svg)
    if view is None:
        raise ValueError(f"the plot {drawing.name} has no viewBox")
    inner = svg[svg.index(">") + 1 :]
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', inner))
    inner = re.sub(
        r' id="([^"]+)"', lambda found: f' id="{drawing.name}-{found[1]}"' if found[1] in used else "", inner
    )
    inner = re.sub(r'(url\(#|href="#)', rf"\g<1>{drawing.name}-", inner).replace("xlink:href", "href")
    for colour, name in INK_OF_PAGE.items():
        inner = inner.replace(colour, f"var(--{name})")
    label = escape(shown(drawing.said))
    return f'<svg class="plot" viewBox="{view[1]}" role="img" aria-label="{label}">{inner}'
