"""How a page is made of its template, and of a refusal."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from serving.web.rungs import confidence_words, rung_sentence, rung_words
from serving.web.waterfall import signed
from serving.web.words import days, link_to, moment, percent
from serving.wire.problems import title_of

if TYPE_CHECKING:
    from serving.wire.problems import Problem


def render(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return the page that a template makes of values. A value that it asks for must be there."""
    text = _templates().get_template(name).render(values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def render_refusal(problem: Problem) -> HTMLResponse:
    """Return the page that says what a problem document says."""
    page = render("refused.html", problem.status, title=title_of(problem), detail=problem.detail)
    page.headers.update(problem.headers)
    return page


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "percent": percent,
        "moment": moment,
        "days": days,
        "link_to": link_to,
        "signed": signed,
        "rung_sentence": rung_sentence,
        "rung_words": rung_words,
        "confidence_words": confidence_words,
    }
    return templates
