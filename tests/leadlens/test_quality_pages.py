from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from features.quality import Fill, Finding, Quality
from leadlens.quality_pages import VerdictRow, quality_html, quality_lines

NASTY = "<script>alert(1)</script>"
QUALITY = Quality(
    rows=(("leads", 1_200), ("events", 9)),
    extract_at="2026-01-31T00:00:00+00:00",
    fills=(Fill("email", 1_200, 1_200), Fill(NASTY, 12, 1_200)),
    findings=(
        Finding(
            topic="dates", name="x", severity="bad", text="3 leads are late", count=3, of=9, examples=("L-1",)
        ),
        Finding(topic="duplicates", name="y", severity="note", text=NASTY, count=1, of=9, examples=(NASTY,)),
    ),
    skipped=("Drift was not looked for.",),
)


class Page(HTMLParser):
    """The elements of a page; every one that is opened must be closed."""

    VOID = frozenset({"meta", "rect", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_lines_say_each_finding_under_its_topic() -> None:
    lines = quality_lines(QUALITY)
    assert lines[0] == "Data quality of 1,200 leads, 9 events"
    assert lines.index("Duplicates:") < lines.index("Dates:")
    assert "  bad      3 leads are late" in lines
    assert "           for example L-1" in lines
    assert f"Filled in for fewer than half of the leads: {NASTY} 1%" in lines
    assert lines[-1] == "Drift was not looked for."


def test_nothing_found_is_said() -> None:
    nothing = Quality(rows=(("leads", 1),), extract_at=None, fills=(), findings=())
    assert "  nothing found" in quality_lines(nothing)
    assert "Nothing was found." in quality_html(nothing)


def test_the_page_needs_nothing_else_and_lets_no_value_be_markup() -> None:
    html = quality_html(QUALITY, verdicts=[VerdictRow(NASTY, "leak", (NASTY,))], said_of=NASTY)
    page = Page(html)
    assert page.open == []
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "link", "img", "iframe", "form"}
    assert not [attrs for _, attrs in page.seen if {"src", "href", "onload", "style"} & set(attrs)]
    assert not re.search(r"url\(|@import|https?://", html)
    assert html.count("&lt;script&gt;") >= 5


def test_the_page_can_be_read_without_seeing_it() -> None:
    page = Page(quality_html(QUALITY, verdicts=[]))
    assert ("html", {"lang": "en"}) in page.seen
    assert all("scope" in attrs for tag, attrs in page.seen if tag == "th")
    tables = [tag for tag, _ in page.seen if tag == "table"]
    assert len(tables) == len([tag for tag, _ in page.seen if tag == "caption"]) == 2
    assert len([tag for tag, _ in page.seen if tag == "h1"]) == 1


def test_leaks_come_first_and_without_an_audit_there_is_no_table_of_columns() -> None:
    rows = [VerdictRow("fine", "clear"), VerdictRow("odd", "suspect", ("Why.",)), VerdictRow("bad", "leak")]
    html = quality_html(QUALITY, verdicts=rows)
    assert html.index(">bad<") < html.index(">odd<") < html.index(">fine<")
    assert "know the answer" in html
    assert "know the answer" not in quality_html(QUALITY)


@pytest.mark.parametrize("severity", ["bad", "note"])
def test_severities_are_said_in_words(severity: str) -> None:
    assert f'<span class="verdict {severity}">{severity}</span>' in quality_html(QUALITY)
