"""The card: a pure function of the folder, whole, and safe whatever a company's columns are called."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_about import HOSTILE, around, made_about, made_evidence
from made_explanations import made_explanations
from small_company import dated_company, flat_company

from models.artifact import save_scorer
from models.errors import ArtifactError
from training.evidence.evidence import BASE_RATE, BaseRateChange, Evidence
from training.explaining.told import SHOWN, told_reasons
from training.measures import Figure
from training.reports.card import Card, card_of
from training.reports.card_words import figure_said, log_odds_said, nats_said, percent_said
from training.reports.content import shown
from training.reports.markdown import escaped, opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from features.spec import FeatureSpec
    from training.about import About
    from training.explaining.explanations import Explanations

    Make = Callable[..., Card]


def explained_about() -> About:
    """All that can be known of a version of the small company."""
    return replace(made_about(), explanations=made_explanations(dated_company().scorer.spec))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Card:
    """The card of a version with all that can be known of one, made once."""
    folder = tmp_path_factory.mktemp("whole") / "artifact"
    save_scorer(dated_company().scorer, folder, about=explained_about().to_dict())
    return card_of(folder, version=4)


@pytest.fixture
def card(tmp_path: Path) -> Make:
    """Make the card of a small company's scorer and of what is said about it."""

    def made(about: About | None = None, *, flat: bool = False, version: int | None = 4) -> Card:
        folder = tmp_path / "artifact"
        scorer = (flat_company() if flat else dated_company()).scorer
        save_scorer(scorer, folder, about=(about or explained_about()).to_dict())
        return card_of(folder, version=version)

    return made


class Page(HTMLParser):
    """The elements of a page; every one that is opened must be closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
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

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def figures_in(value: Any, name: str = "") -> Iterator[tuple[str, Figure]]:
    """Every figure that a value holds, with the name of its measure or field."""
    if isinstance(value, Figure):
        yield name, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from figures_in(getattr(value, field.name), field.name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from figures_in(inner, key)
    elif isinstance(value, tuple):
        for inner in value:
            yield from figures_in(inner, name)


def said_of(name: str, figure: Figure) -> str:
    if name in {"converted", "before", "after"}:
        return percent_said(figure)
    return nats_said(figure) if name == "lead" else figure_said(name, figure)


def test_the_same_folder_gives_the_same_bytes(card: Make, whole: Card) -> None:
    assert card() == whole


def test_every_figure_of_the_evidence_stands_in_page_and_markdown(whole: Card) -> None:
    made = whole
    page, markdown = Page(made.html).text, re.sub(r"\\(?=[\[\]])", "", made.markdown)
    found = list(figures_in(made_evidence()))
    assert len(found) > 80
    for name, figure in found:
        assert said_of(name, figure) in page, name
        assert said_of(name, figure) in markdown, name


def test_all_that_is_kept_about_a_version_is_told(whole: Card) -> None:
    made, about = whole, made_about()
    page = Page(made.html).text
    spec = dated_company().scorer.spec
    told = [
        about.data.sha256, "143", "version 3", "version 4", "40 settings", "lightgbm", "4.7.0", "90 days",
        "20,000", "61,234", "120,345", "1,912", "2025-01-06 to 2026-03-30", "2026-06-30 00:00", "0.19872",
        "boosting.num_trees", "beta", "contract_status", "leak, left out", "its name speaks of later work",
        "31.2 standard errors", "+0.0186", "+0.0057", *(rival.said for rival in about.evidence.rivals),
        *(column.name for column in spec.columns), *(unused.why for unused in spec.unused),
    ]  # fmt: skip
    for text in told:
        assert shown(text) in page, text
        assert escaped(text) in made.markdown, text


def test_the_page_needs_nothing_else_and_lets_no_text_be_markup(whole: Card) -> None:
    page = Page(whole.html)
    assert page.open == []
    assert not {tag for tag, _ in page.seen} & {"script", "link", "img", "iframe", "form", "image"}
    for _, attributes in page.seen:
        assert not {"src", "onload", "onclick", "xlink:href"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import", whole.html)
    assert shown(HOSTILE) in page.text
    assert "\x00" not in whole.html
    assert "\u202e" not in whole.html


@given(st.text(max_size=30))
def test_no_text_becomes_markup_a_row_or_a_link_in_markdown(text: str) -> None:
    """What GitHub would read as markup is behind a backslash or an entity, and a cell is one line."""
    safe = escaped(text)
    assert "\n" not in safe
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*_\[\]]", safe)
    assert "<" not in safe
    assert "://" not in safe
    bare = unescape(safe.replace("&#8203;", "")).replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert bare == shown(text)


@given(st.from_regex(r"\s{0,3}(?:[-+=]{1,4}|[0-9]{1,3}[.)])[ \t]?\w*", fullmatch=True))
def test_no_name_of_a_column_begins_a_list_or_underlines_a_line(name: str) -> None:
    said = opening(name)
    assert not re.match(r"\s*(?:[-+=]|\d+[.)])", said)
    assert said.replace("\\", "", 1).replace("\\_", "_") == escaped(name).replace("\\_", "_")


def test_the_page_can_be_read_without_seeing_it(whole: Card) -> None:
    page = Page(whole.html)
    assert ("html", {"lang": "en"}) in page.seen
    assert all("scope" in attributes for tag, attributes in page.seen if tag == "th")
    tables = [tag for tag, _ in page.seen if tag == "table"]
    assert len(tables) == len([tag for tag, _ in page.seen if tag == "caption"]) > 8
    assert len([tag for tag, _ in page.seen if tag == "h1"]) == 1
    drawn = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(drawn) == 6 + 1 + 9
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawn)
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_table_of_markdown_has_a_head_and_rows_of_one_width(whole: Card) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", whole.markdown, flags=re.MULTILINE)
    assert len(blocks) > 8
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1
        assert re.fullmatch(r"\|(?:---:?\|)+", block.splitlines()[1])


def test_evidence_with_nothing_but_its_core_has_a_card(card: Make) -> None:
    """Flat data, no plots to draw, no audit: what is absent is left out or said."""
    core = ("roc_auc", "log_loss", "calibration_error")
    full = made_evidence()
    bare = Evidence(
        how="mean of 5 twins", rows=100, leads=100, conversions=20,
        measures={name: full.measures[name] for name in core},
        rivals=(replace(full.rivals[0], measures={"log_loss": full.rivals[0].measures["log_loss"]}),),
        base_rate=BaseRateChange(before=Figure(0.1, 0.1, 0.1), after=around(0.1, 0.02), has_moved=False),
    )  # fmt: skip
    about = replace(
        made_about(), evidence=bare, audit=None, kept=(), made_from=None, comparison=None, trials=0
    )
    page = Page(card(about, flat=True, version=None).html).text
    assert "No leakage audit was made." in page
    assert "no horizon is promised" in page
    assert "the defaults" in page
    assert "How much a random split flatters was not measured." in page
    assert "recalibrated from" not in page


def test_every_figure_of_the_explanations_stands_in_page_and_markdown(whole: Card) -> None:
    found = made_explanations(dated_company().scorer.spec)
    page, markdown = Page(whole.html).text, re.sub(r"\\(?=[\[\]])", "", whole.markdown)
    bins = [one for told in found.dependence for one in (*told.bins, told.missing)]
    sizes = [moved.size for moved in found.moved[:SHOWN]]
    figures = [*sizes, *(one.mean for one in bins if one is not None)]
    assert len(figures) > 40
    for figure in figures:
        assert log_odds_said(figure) in page
        assert log_odds_said(figure) in markdown
    for text in ("0.83 on average, 0.71 at least", "0.97 on average, 0.85 at least", "2026 Q1 to 2026 Q2"):
        assert text in page
        assert text in markdown


def test_a_reason_whose_place_is_not_sure_is_named_in_words(whole: Card) -> None:
    _, _, after = whole.markdown.partition("## Whether that order holds")
    name = told_reasons(*explained_spec())[1].name
    assert f"Not sure is the place of: {escaped(name)}." in after
    rows = [line for line in after.partition("\n## ")[0].splitlines() if "its place is not sure" in line]
    assert len(rows) == 1
    assert "| 2 | 2 to 7 |" in rows[0]


def explained_spec() -> tuple[Explanations, FeatureSpec]:
    spec = dated_company().scorer.spec
    return made_explanations(spec), spec


def test_a_version_that_was_trained_before_there_were_explanations_has_a_card_without(card: Make) -> None:
    made = card(made_about())
    assert "What moves its scores" not in made.markdown
    assert not any(name.startswith(("importance", "dependence")) for name in made.plots)


def test_explanations_of_another_model_are_refused(card: Make) -> None:
    with pytest.raises(ArtifactError, match="of other features than the model's"):
        card(explained_about(), flat=True)


def test_whether_it_is_promotable_is_said_with_the_reasons(card: Make, whole: Card) -> None:
    good = replace(made_about(), kept=())
    assert "**passes the gates of its evidence**" in card(good).markdown
    assert "Every gate that can be asked" in card(good).markdown
    assert "A warning" not in card(good).markdown
    risky = card(replace(good, evidence=replace(good.evidence, is_embargoed=False))).markdown
    assert "**passes the gates of its evidence**" in risky
    assert "A warning: embargo." in risky
    assert "no: a warning" in risky
    level = Figure(0.0001, -0.001, 0.002)
    rivals = tuple(
        replace(rival, lead=level) if rival.name == BASE_RATE else rival for rival in good.evidence.rivals
    )
    bad = card(replace(good, evidence=replace(good.evidence, rivals=rivals)))
    assert "**not promotable**" in bad.markdown
    assert "does not beat the base rate with confidence" in bad.markdown
    assert "not told apart" in bad.markdown
    assert "No: a gate stands in the way." in whole.markdown
    assert "beside version 3 it is better" in whole.markdown


def test_an_artifact_that_keeps_less_than_a_card_needs_is_refused_in_words(tmp_path: Path) -> None:
    save_scorer(dated_company().scorer, tmp_path / "artifact", about={"evidence": {}})
    with pytest.raises(ArtifactError, match="keeps no such evidence as a card is made of"):
        card_of(tmp_path / "artifact")
